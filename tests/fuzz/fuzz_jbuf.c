/* RTP packets of any type, size and order, through libre's jitter buffer and what conceals those that are missing: each three
 * bytes are one packet, its type, the step of its sequence, its size.  Then the voice alone, of both rates. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "../../src/module/voice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER = 12, ROOM = 1920 /* bytes that baresip decodes at once */, SIZE_ENOUGH = 150 };

/* What came out, for baresip: its header is kept, its sound has room, and nothing is missing in a stream of sound. */
static void check(const struct rtp_header *hdr, const struct mbuf *mb, size_t put, bool steady, uint16_t *next)
{
	const size_t left = mbuf_get_left(mb);

	if (mb->pos != HEADER || mb->end > mb->size || left < put || (left > put && left > ROOM))
		abort();
	if (steady && hdr->seq != *next)
		abort();
	*next = (uint16_t)(hdr->seq + 1);
}

static struct mbuf *packet(const uint8_t *data, size_t size, size_t n)
{
	struct mbuf *mb = mbuf_alloc(HEADER + n);

	for (size_t i = 0; i < HEADER + n; i++)
		mbuf_write_u8(mb, data[i % size]);
	mb->pos = HEADER;
	return mb;
}

static void packets(const uint8_t *data, size_t size)
{
	static const uint8_t types[] = {0, 8, 9, 101};
	struct rtp_header hdr = {.ver = RTP_VERSION, .seq = 65000};
	struct jbuf *jb = NULL;
	uint16_t next = 0, newest = hdr.seq;
	bool steady = false;            /* the packet before this one came out, was sound, and newer than all before it */

	if (jbuf_alloc(&jb, 0, 10))
		abort();
	for (size_t at = 0; at + 3 <= size; at += 3) {
		const uint8_t type = types[data[at] % 4];
		const int step = data[at + 1] < 240 ? data[at + 1] % 8 + 1 : (int)data[at + 1] - 250;
		const size_t n = (size_t)data[at + 2] * 8 + 1;
		struct mbuf *mb = packet(data, size, n);
		struct rtp_header out;
		void *got = NULL;

		steady = steady && type == hdr.pt && step > 0;
		hdr.pt = type;
		hdr.seq = (uint16_t)(hdr.seq + step);
		hdr.ts += 160;
		if (!jbuf_put(jb, &hdr, mb) && !jbuf_get(jb, &out, &got)) {
			check(&out, got, n, steady, &next);
			steady = type != 101 && (int16_t)(hdr.seq - newest) > 0;
			newest = hdr.seq;
		}
		else
			steady = false;
		mem_deref(got);
		mem_deref(mb);
		if (data[at + 1] == 239) {
			jbuf_flush(jb);
			steady = false;
		}
	}
	mem_deref(jb);
}

static void voices(const uint8_t *data, size_t size, size_t wide)
{
	enum { MOST = VOICE_PAST * VOICE_WIDE + 7, MADE = ROOM * VOICE_WIDE };
	struct voice *v = calloc(1, sizeof(*v));
	int16_t *x = calloc(MOST, sizeof(*x)), *made = calloc(MADE, sizeof(*made));

	for (size_t at = 0; at < size && v && x && made; at += 64) {
		const size_t n = (size_t)data[at] * 4 % MOST, gone = (size_t)data[size - 1 - at] * 15 % MADE;

		for (size_t i = 0; i < n; i++)
			x[i] = (int16_t)(data[(at + i) % size] << 8 | data[(at + 2 * i) % size]);
		voice_learn(v, wide, x, n);
		if (v->n > VOICE_PAST * wide)
			abort();
		if (!voice_known(v, wide))
			continue;
		voice_go_on(v, wide, made, gone);
		voice_join(made, wide, x, n < gone ? n : gone);
	}
	free(made);
	free(x);
	free(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3)
		return 0;
	if (size > SIZE_ENOUGH)
		size = SIZE_ENOUGH;
	packets(data, size);
	voices(data, size, 1);
	voices(data, size, VOICE_WIDE);
	return 0;
}
