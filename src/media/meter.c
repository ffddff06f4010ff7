/* meter.c - how loud something was. */
#include <math.h>
#include "meter.h"

static int decibels(double ratio)
{
	const double db = 20 * log10(fmax(ratio, 1e-9));

	return db > METER_SILENCE ? (int)lrint(db) : METER_SILENCE;
}

void meter_add(struct meter *m, const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		m->squares += (double)x[i] * (double)x[i];
		m->peak = fmaxf(m->peak, fabsf(x[i]));
	}
	m->samples += n;
}

int meter_level(struct meter *m)
{
	const double mean = m->samples ? m->squares / (double)m->samples : 0;

	*m = (struct meter){0};
	return decibels(sqrt(2 * mean));
}

int meter_peak(float peak)
{
	return decibels((double)peak);
}
