/* ring.c - ringing tones. */
#include <math.h>
#include <string.h>
#include "mix.h"
#include "ring.h"

struct cadence {
	const char *name;
	double hz[2];
	double on[2], off[2];       /* seconds: on, off, on again, off */
	double level;               /* of each of the two tones, 1 is full scale */
};

static const struct cadence cadences[] = {
	[RING_OFF] = {.name = "off"},
	/* ITU-T E.180 supplement 2, North America: 440 + 480 Hz, 2 s on, 4 s off; -19 dBm0 each */
	[RING_BACK] = {"ringback", {440, 480}, {2, 0}, {4, 0}, 0.08},
	/* likewise, call waiting: 440 Hz, 0.3 s on, 10 s off */
	[RING_WAITING] = {"waiting", {440, 440}, {0.3, 0}, {10, 0}, 0.04},
	/* our own: two short and higher ones, so that nobody takes it for the far side's ringing */
	[RING_INCOMING] = {"incoming", {660, 880}, {0.4, 0.4}, {0.2, 2}, 0.12},
};

bool ring_set(struct ring *r, const char *kind)
{
	for (size_t i = 0; i < sizeof(cadences) / sizeof(*cadences); i++) {
		if (strcmp(kind, cadences[i].name))
			continue;
		if (r->kind != (enum ring_kind)i)
			r->at = 0;
		r->kind = (enum ring_kind)i;
		return true;
	}
	return false;
}

/* Loudness at t seconds into the period: 1 within a tone, 0 without, 5 ms of slope at its ends against clicks. */
static double envelope(const struct cadence *c, double t)
{
	for (int i = 0; i < 2; i++) {
		const double slope = 0.005, left = c->on[i] - t;

		if (t < c->on[i])
			return fmin(1, fmin(t, left) / slope);
		t -= c->on[i] + c->off[i];
	}
	return 0;
}

void ring_add(struct ring *r, float *out, size_t n)
{
	const struct cadence *c = &cadences[r->kind];
	const size_t period = (size_t)((c->on[0] + c->off[0] + c->on[1] + c->off[1]) * MIX_RATE);

	if (r->kind == RING_OFF)
		return;
	for (size_t i = 0; i < n; i++) {
		const double t = (double)r->at / MIX_RATE, turn = 2 * M_PI * t, loud = envelope(c, t);

		if (loud > 0)
			out[i] += (float)(loud * c->level * (sin(c->hz[0] * turn) + sin(c->hz[1] * turn)));
		r->at = (r->at + 1) % period;
	}
}
