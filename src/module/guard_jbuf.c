/*
 * guard_jbuf.c - packets of G.711 and G.722 that did not come are concealed.  Part of guard.so, as guard.c.
 *
 * baresip plays the packet after a gap twice, however long the gap was.  Here the voice goes on instead (voice.h), and
 * passes over into what came, with a sequence in which nothing is missing.  Of G.711 baresip is given one longer packet
 * for those that are missing and the one after them.  G.722 cannot be made so: its decoder, to which baresip gives
 * the packet at once and in the same thread, tells more samples.  That decoder goes on from before the gap, which is
 * heard for some milliseconds; G.722 Appendices III and IV, which mend that, are as large as the codec.
 *
 * baresip 1.0 gets packets in its main thread, 1.1 in a thread of each call.
 */
#include <dlfcn.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <re.h>
#include "guard_next.h"
#include "voice.h"

enum {
	PCMU = 0, PCMA = 8, G722 = 9,       /* payload types (RFC 3551) */
	G722_SAMPLES = 2,           /* of a byte: 16 kHz */
	PACKETS_MAX = 5,            /* a longer gap is heard as one */
	BYTES_MAX = 1920,           /* that baresip decodes at once; it has room for 5760 samples */
	STREAMS = 32,
};

struct heard {
	const struct jbuf *jb;
	uint64_t used;              /* the count of packets when it had its last one */
	bool any;
	uint8_t type;
	uint16_t seq;               /* of the last packet */
	uint16_t left_out;          /* how much less baresip's sequence is */
	struct voice voice;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;       /* of these two */
static struct heard streams[STREAMS];
static uint64_t packets;

/* The packet of G.722 that this thread got last, and how many bytes are missing before it. */
static _Thread_local struct { const struct jbuf *jb; const uint8_t *bytes; size_t missing; } got;

/* ---- G.711 ------------------------------------------------------------------------------------------------------- */

static int16_t decoded(uint8_t type, uint8_t byte)
{
	const uint8_t code = type == PCMU ? (uint8_t)~byte : byte ^ 0x55;
	const int segment = code >> 4 & 7, step = code & 15;
	int size;

	if (type == PCMU) {
		size = (((step << 3) + 132) << segment) - 132;
		return (int16_t)(code & 128 ? -size : size);
	}
	size = segment ? ((step << 4) + 264) << (segment - 1) : (step << 4) + 8;
	return (int16_t)(code & 128 ? size : -size);
}

static uint8_t encoded(uint8_t type, int16_t x)
{
	const int limit = type == PCMU ? 32635 : 32767, positive = x < 0 ? ~x : x;
	int size = (positive < limit ? positive : limit) + (type == PCMU ? 132 : 0), segment = 0;

	while (size >> segment > 255)
		segment++;
	if (type == PCMU)
		return (uint8_t)~((x < 0 ? 128 : 0) | segment << 4 | (size >> (segment + 3) & 15));
	return (uint8_t)((segment ? segment << 4 | (size >> (segment + 3) & 15) : size >> 4) ^ (x < 0 ? 0x55 : 0xd5));
}

/* ---- packets ----------------------------------------------------------------------------------------------------- */

/* That of the stream, or the place of the one that was used last the longest time ago. */
static struct heard *heard_of(const struct jbuf *jb)
{
	struct heard *oldest = streams;

	for (struct heard *h = streams; h < streams + STREAMS; h++) {
		if (h->jb == jb)
			return h;
		if (h->used < oldest->used)
			oldest = h;
	}
	*oldest = (struct heard){.jb = jb};
	return oldest;
}

static void forget(const struct jbuf *jb)
{
	struct heard *h;

	pthread_mutex_lock(&lock);
	h = heard_of(jb);
	*h = (struct heard){.jb = jb, .used = ++packets};
	pthread_mutex_unlock(&lock);
}

static size_t wide(uint8_t type)
{
	return type == G722 ? VOICE_WIDE : 1;
}

/* What is missing and what came, in one; NULL: no memory.  What stands before its sound, as a header, is kept. */
static struct mbuf *in_one(const struct heard *h, const struct mbuf *came, size_t missing)
{
	const size_t n = mbuf_get_left(came), join = VOICE_JOIN < n ? VOICE_JOIN : n;
	struct mbuf *all = mbuf_alloc(came->pos + missing + n);
	int16_t made[BYTES_MAX + VOICE_JOIN], first[VOICE_JOIN];
	uint8_t *bytes;

	if (!all)
		return NULL;
	voice_go_on(&h->voice, 1, made, missing + join);
	mbuf_write_mem(all, came->buf, came->pos);
	for (size_t i = 0; i < missing; i++)
		mbuf_write_u8(all, encoded(h->type, made[i]));
	mbuf_write_mem(all, mbuf_buf(came), n);
	bytes = all->buf + came->pos + missing;
	for (size_t i = 0; i < join; i++)
		first[i] = decoded(h->type, bytes[i]);
	voice_join(made + missing, 1, first, join);
	for (size_t i = 0; i < join; i++)
		bytes[i] = encoded(h->type, first[i]);
	all->pos = came->pos;
	return all;
}

static void learn(struct heard *h, const struct mbuf *mb)
{
	const uint8_t *bytes = mbuf_buf(mb);
	const size_t n = mbuf_get_left(mb), from = n > VOICE_PAST ? n - VOICE_PAST : 0;
	int16_t x[VOICE_PAST];

	for (size_t i = from; i < n; i++)
		x[i - from] = decoded(h->type, bytes[i]);
	voice_learn(&h->voice, 1, x, n - from);
}

/* Bytes before this packet that are to be concealed; baresip sees none missing. */
static size_t gap_before(struct heard *h, uint16_t missing, size_t n)
{
	h->left_out = (uint16_t)(h->left_out + missing);
	return missing <= PACKETS_MAX && (missing + 1u) * n <= BYTES_MAX && voice_known(&h->voice, wide(h->type))
		? missing * n : 0;
}

static void take(struct heard *h, struct rtp_header *hdr, void **mem)
{
	const uint16_t seq = hdr->seq, missing = (uint16_t)(seq - h->seq - 1);
	const bool voice = hdr->pt == PCMU || hdr->pt == PCMA || hdr->pt == G722, same = hdr->pt == h->type;
	size_t gap = 0;

	h->used = ++packets;
	if (h->any && missing >= 0x8000) {          /* it is older than the last */
		hdr->seq = (uint16_t)(seq - h->left_out);
		return;
	}
	if (h->any && voice && same && missing)
		gap = gap_before(h, missing, mbuf_get_left((struct mbuf *)*mem));
	if (!voice || !same)
		h->voice.n = 0;
	h->any = true;
	h->type = hdr->pt;
	h->seq = seq;
	hdr->seq = (uint16_t)(seq - h->left_out);
	if (h->type == G722) {
		got.jb = h->jb;
		got.bytes = mbuf_buf((struct mbuf *)*mem);
		got.missing = gap;
	}
	else if (voice) {
		struct mbuf *all = gap ? in_one(h, *mem, gap) : NULL;

		if (all)
			mem_deref(*mem);
		*mem = all ? all : *mem;
		learn(h, *mem);
	}
}

/* ---- G.722 ------------------------------------------------------------------------------------------------------- */

/* libspandsp's, in our own words: baresip's module alone is linked with it, so that it is no next one to the guard. */
int g722_decode(void *state, int16_t *samples, const uint8_t *bytes, int len);

static __typeof__(&g722_decode) of_module(const void *place)
{
	static __typeof__(&g722_decode) decode;
	Dl_info info;
	void *module = decode || !dladdr(place, &info) ? NULL : dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD);

	if (module)
		*(void **)&decode = dlsym(module, "g722_decode");
	return decode;
}

/* ---- in front of libre's functions ------------------------------------------------------------------------------- */

SEEN int jbuf_alloc(struct jbuf **jb, uint32_t min, uint32_t max)
{
	NEXT(jbuf_alloc);
	const int status = next(jb, min, max);

	if (!status)
		forget(*jb);                        /* one that is gone may have been at its place */
	return status;
}

SEEN void jbuf_flush(struct jbuf *jb)
{
	NEXT(jbuf_flush);

	if (jb)
		forget(jb);
	next(jb);
}

/* EAGAIN: there is more; so say newer versions of libre. */
SEEN int jbuf_get(struct jbuf *jb, struct rtp_header *hdr, void **mem)
{
	NEXT(jbuf_get);
	const int status = next(jb, hdr, mem);

	got.bytes = NULL;
	if ((!status || status == EAGAIN) && *mem) {
		pthread_mutex_lock(&lock);
		take(heard_of(jb), hdr, mem);
		pthread_mutex_unlock(&lock);
	}
	return status;
}

/* Samples that may stand for what is missing before the packet that this thread got last, and what would follow. */
static size_t conceal(int16_t *made)
{
	const size_t missing = got.missing * G722_SAMPLES;
	const struct heard *h;
	bool known;

	if (!missing)
		return 0;
	pthread_mutex_lock(&lock);
	h = heard_of(got.jb);
	known = voice_known(&h->voice, VOICE_WIDE);     /* not when it was flushed meanwhile */
	if (known)
		voice_go_on(&h->voice, VOICE_WIDE, made, missing + VOICE_JOIN * VOICE_WIDE);
	pthread_mutex_unlock(&lock);
	return known ? missing : 0;
}

/* In front of libspandsp's: its samples, behind those of what is missing; so many in all, or negative. */
SEEN int g722_decode(void *state, int16_t *samples, const uint8_t *bytes, int len)
{
	const __typeof__(&g722_decode) next = of_module(__builtin_return_address(0));
	const bool here = got.bytes && got.bytes == bytes;
	int16_t made[(BYTES_MAX + VOICE_JOIN) * G722_SAMPLES];
	size_t missing;
	int n;

	if (!next || len < 0 || len > BYTES_MAX)
		return -1;
	missing = here ? conceal(made) : 0;
	n = next(state, samples + missing, bytes, len);
	if (!here || n < 0)
		return n;
	if (missing) {
		memcpy(samples, made, missing * sizeof(*made));
		voice_join(made + missing, VOICE_WIDE, samples + missing, (size_t)n);
	}
	pthread_mutex_lock(&lock);
	voice_learn(&heard_of(got.jb)->voice, VOICE_WIDE, samples, missing + (size_t)n);
	pthread_mutex_unlock(&lock);
	return (int)missing + n;
}
