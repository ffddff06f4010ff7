/* voice.c - a voice goes on where nothing came. */
#include "voice.h"
#include <math.h>
#include <string.h>

enum {                              /* samples at 8 kHz */
	LAG_MIN = 40, LAG_MAX = 120,        /* a voice's period: 66 to 200 Hz, or several of a higher one */
	WINDOW = 160,               /* in which two periods are compared */
	FULL = 80, FADE = 400,      /* as loud as it was for 10 ms, silent 50 ms later */
	LEAST = WINDOW + LAG_MAX,   /* must be known; more than two periods */
};

void voice_learn(struct voice *v, size_t wide, const int16_t *x, size_t n)
{
	const size_t most = VOICE_PAST * wide, fresh = n < most ? n : most;
	const size_t kept = v->n < most - fresh ? v->n : most - fresh;

	memmove(v->past, v->past + v->n - kept, kept * sizeof(*x));
	memcpy(v->past + kept, x + n - fresh, fresh * sizeof(*x));
	v->n = kept + fresh;
}

bool voice_known(const struct voice *v, size_t wide)
{
	return v->n >= LEAST * wide;
}

/* The lag at which the last samples are most like those before them. */
static size_t period(const int16_t *end, size_t wide)
{
	const int window = WINDOW * (int)wide;
	size_t best = LAG_MIN * wide;
	double most = -1;

	for (size_t lag = LAG_MIN * wide; lag <= LAG_MAX * wide; lag++) {
		double both = 0, power = 1;

		for (int i = -window; i < 0; i++) {
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

/* How loud it still is after i samples. */
static double loudness(size_t i, size_t wide)
{
	const double faded = i < FULL * wide ? 0 : (double)(i - FULL * wide) / (double)(FADE * wide);

	return faded < 1 ? 1 - faded : 0;
}

void voice_go_on(const struct voice *v, size_t wide, int16_t *out, size_t n)
{
	const int16_t *end = v->past + v->n;
	const size_t lag = period(end, wide), quarter = lag / 4, join = VOICE_JOIN * wide;
	const double step = end[-1] - end[-1 - (int)lag];

	for (size_t i = 0; i < n; i++) {
		const size_t at = i % lag, left = lag - at;
		double x = end[(int)at - (int)lag];

		if (left <= quarter) {      /* passes over into the period before, after which this one begins again */
			const double part = (double)left / (double)(quarter + 1);

			x = part * x + (1 - part) * end[(int)at - 2 * (int)lag];
		}
		if (i < join)
			x += step * (1 - (double)(i + 1) / (double)join);
		out[i] = (int16_t)lrint(fmax(-32768, fmin(32767, x * loudness(i, wide))));
	}
}

void voice_join(const int16_t *gone_on, size_t wide, int16_t *x, size_t n)
{
	const size_t join = VOICE_JOIN * wide;

	for (size_t i = 0; i < n && i < join; i++) {
		const double part = (double)(i + 1) / (double)join;

		x[i] = (int16_t)lrint(part * x[i] + (1 - part) * gone_on[i]);
	}
}
