/* resample.c - from one rate to another, through speexdsp. */
#include <math.h>
#include <speex/speex_resampler.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "resample.h"

enum {
	QUALITY = 4,                /* flat to 94 % of the band; 4 ms of delay at 8 kHz */
	BENT_QUALITY = 2,           /* flat to 88 %: enough at a card's rate, for half the work */
	STEPS = 65521,              /* a bent ratio's denominator: prime, so that the fraction never shortens and its
				     * phase carries over exactly; the largest that speexdsp's 32-bit phase can take */
};

struct resampler {
	SpeexResamplerState *state;
	int from, to;
	spx_uint32_t bent;          /* the numerator over STEPS; 0: a plain ratio */
};

static struct resampler *resampler_new(int from, int to)
{
	struct resampler *r = xcalloc(1, sizeof(*r));

	r->from = from;
	r->to = to;
	return r;
}

struct resampler *resampler_open(int from, int to)
{
	struct resampler *r;

	if (from == to)
		return NULL;
	r = resampler_new(from, to);
	r->state = speex_resampler_init(1, (spx_uint32_t)from, (spx_uint32_t)to, QUALITY, NULL);
	return r;
}

/* How many STEPS of input an output sample takes: never STEPS itself, which would shorten to 1:1. */
static spx_uint32_t numerator(const struct resampler *r, double ppm)
{
	const long n = lrint(STEPS * (double)r->from / r->to * (1 + ppm / 1e6));

	return (spx_uint32_t)(n % STEPS ? n : n + 1);
}

struct resampler *resampler_open_bent(int from, int to)
{
	struct resampler *r = resampler_new(from, to);

	r->bent = numerator(r, 0);
	r->state = speex_resampler_init_frac(1, r->bent, STEPS, (spx_uint32_t)from, (spx_uint32_t)to, BENT_QUALITY,
		NULL);
	return r;
}

void resampler_bend(struct resampler *r, double ppm)
{
	const spx_uint32_t n = numerator(r, ppm);

	if (n == r->bent)
		return;
	if (!speex_resampler_set_rate_frac(r->state, n, STEPS, (spx_uint32_t)r->from, (spx_uint32_t)r->to))
		r->bent = n;
}

void resampler_close(struct resampler *r)
{
	if (!r)
		return;
	speex_resampler_destroy(r->state);
	free(r);
}

size_t resample(struct resampler *r, const float *in, size_t n, float *out, size_t room)
{
	size_t got = 0;

	if (!r) {
		n = n < room ? n : room;
		memcpy(out, in, n * sizeof(*in));
		return n;
	}
	while (n && got < room) {
		spx_uint32_t used = (spx_uint32_t)n, made = (spx_uint32_t)(room - got);

		speex_resampler_process_float(r->state, 0, in, &used, out + got, &made);
		if (!used && !made)
			break;
		in += used;
		n -= used;
		got += made;
	}
	return got;
}
