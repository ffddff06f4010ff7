/*
 * guard_jbuf.c - G.711 packets that did not come are concealed.  Part of guard.so, as guard.c.
 *
 * baresip plays the packet after a gap twice, however long the gap was.  Here the last period of the voice goes on
 * instead, fades, and passes over into what came (ITU-T G.711 Appendix I, without its delay): baresip is given one
 * longer packet for those that are missing and the one after them, with a sequence in which nothing is missing.
 */
#include <dlfcn.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <re.h>
#include "guard_next.h"

enum {
	PCMU = 0, PCMA = 8,         /* payload types (RFC 3551) */
	PAST = 400,                 /* samples at 8 kHz that are known of what was heard: 50 ms */
	LAG_MIN = 40, LAG_MAX = 120,        /* a voice's period: 66 to 200 Hz, or several of a higher one */
	WINDOW = 160,               /* samples in which two periods are compared */
	FULL = 80, FADE = 400,      /* as loud as it was for 10 ms, silent 50 ms later */
	LEAST = WINDOW + LAG_MAX,   /* samples that must be known; more than two periods */
	JOIN = 32,                  /* samples in which one passes over into the other */
	PACKETS_MAX = 5,            /* a longer gap is heard as one */
	SAMPLES_MAX = 1920,         /* that baresip decodes at once */
	STREAMS = 32,
};

struct heard {
	const struct jbuf *jb;
	uint64_t used;              /* the count of packets when it had its last one */
	bool any;
	uint8_t type;
	uint16_t seq;               /* of the last packet */
	uint16_t left_out;          /* how much less baresip's sequence is */
	size_t n;                   /* of past, the newest last */
	int16_t past[PAST];
};

static struct heard streams[STREAMS];
static uint64_t packets;

/* ---- the voice goes on ------------------------------------------------------------------------------------------- */

static void remember(struct heard *h, const int16_t *x, size_t n)
{
	const size_t fresh = n < PAST ? n : PAST, kept = h->n < PAST - fresh ? h->n : PAST - fresh;

	memmove(h->past, h->past + h->n - kept, kept * sizeof(*x));
	memcpy(h->past + kept, x + n - fresh, fresh * sizeof(*x));
	h->n = kept + fresh;
}

/* The lag at which the last samples are most like those before them. */
static size_t period(const int16_t *end)
{
	size_t best = LAG_MIN;
	double most = -1;

	for (size_t lag = LAG_MIN; lag <= LAG_MAX; lag++) {
		double both = 0, power = 1;

		for (int i = -WINDOW; i < 0; i++) {
			const double then = end[i - (int)lag];

			both += then * end[i];
			power += then * then;
		}
		both /= sqrt(power);
		if (both > most) {
			most = both;
			best = lag;
		}
	}
	return best;
}

/* n samples that may follow what was heard; their beginning has no step. */
static void go_on(const struct heard *h, int16_t *out, size_t n)
{
	const int16_t *end = h->past + h->n;
	const size_t lag = period(end), quarter = lag / 4;
	const double step = end[-1] - end[-1 - (int)lag];

	for (size_t i = 0; i < n; i++) {
		const size_t at = i % lag, left = lag - at;
		const double loud = i < FULL ? 1 : i < FULL + FADE ? 1 - (double)(i - FULL) / FADE : 0;
		double x = end[(int)at - (int)lag];

		if (left <= quarter) {      /* passes over into the period before, after which this one begins again */
			const double part = (double)left / (double)(quarter + 1);

			x = part * x + (1 - part) * end[(int)at - 2 * (int)lag];
		}
		if (i < JOIN)
			x += step * (1 - (double)(i + 1) / JOIN);
		out[i] = (int16_t)lrint(fmax(-32768, fmin(32767, x * loud)));
	}
}

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
	struct heard *h = heard_of(jb);

	*h = (struct heard){.jb = jb, .used = ++packets};
}

/* What is missing and what came, in one; NULL: no memory.  What stands before its sound, as a header, is kept. */
static struct mbuf *in_one(const struct heard *h, const struct mbuf *came, size_t missing)
{
	const size_t n = mbuf_get_left(came), made = missing + (JOIN < n ? JOIN : n);
	struct mbuf *all = mbuf_alloc(came->pos + missing + n);
	int16_t x[SAMPLES_MAX + JOIN];
	uint8_t *bytes;

	if (!all)
		return NULL;
	go_on(h, x, made);
	mbuf_write_mem(all, came->buf, came->pos);
	for (size_t i = 0; i < missing; i++)
		mbuf_write_u8(all, encoded(h->type, x[i]));
	mbuf_write_mem(all, mbuf_buf(came), n);
	bytes = all->buf + came->pos + missing;
	for (size_t i = 0; i < made - missing; i++) {
		const double part = (double)(i + 1) / JOIN;
		const double mixed = part * decoded(h->type, bytes[i]) + (1 - part) * x[missing + i];

		bytes[i] = encoded(h->type, (int16_t)lrint(mixed));
	}
	all->pos = came->pos;
	return all;
}

static void learn(struct heard *h, const struct mbuf *mb)
{
	const uint8_t *bytes = mbuf_buf(mb);
	const size_t n = mbuf_get_left(mb), from = n > PAST ? n - PAST : 0;
	int16_t x[PAST];

	for (size_t i = from; i < n; i++)
		x[i - from] = decoded(h->type, bytes[i]);
	remember(h, x, n - from);
}

static void take(struct heard *h, struct rtp_header *hdr, void **mem)
{
	const uint16_t seq = hdr->seq, missing = (uint16_t)(seq - h->seq - 1);
	const size_t n = mbuf_get_left(*mem);
	const bool voice = hdr->pt == PCMU || hdr->pt == PCMA;

	h->used = ++packets;
	if (h->any && missing >= 0x8000) {          /* it is older than the last */
		hdr->seq = (uint16_t)(seq - h->left_out);
		return;
	}
	if (h->any && voice && hdr->pt == h->type && missing) {
		h->left_out = (uint16_t)(h->left_out + missing);
		if (missing <= PACKETS_MAX && (missing + 1u) * n <= SAMPLES_MAX && h->n >= LEAST) {
			struct mbuf *all = in_one(h, *mem, missing * n);

			if (all)
				mem_deref(*mem);
			*mem = all ? all : *mem;
		}
	}
	if (!voice || hdr->pt != h->type)
		h->n = 0;
	h->any = true;
	h->type = hdr->pt;
	h->seq = seq;
	hdr->seq = (uint16_t)(seq - h->left_out);
	if (voice)
		learn(h, *mem);
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

	if ((!status || status == EAGAIN) && *mem)
		take(heard_of(jb), hdr, mem);
	return status;
}
