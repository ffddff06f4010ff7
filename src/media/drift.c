/* drift.c - keeps a queue between two clocks from running dry or full. */
#include "drift.h"
#include "mix.h"

static double within(double v, double most)
{
	return v > most ? most : v < -most ? -most : v;
}

bool drift_note(struct drift *d, int per_second, double fill, double target)
{
	const double settle_s = 10, learn_s = 40;
	double surplus_ppm;

	if (!d->notes++ || fill < d->least)
		d->least = fill;
	if (d->notes < per_second)
		return false;
	d->notes = 0;
	surplus_ppm = (d->least - target) / (settle_s * MIX_RATE) * 1e6;
	d->learned = within(d->learned + surplus_ppm / learn_s, DRIFT_MAX_PPM);
	d->ppm = within(d->learned + surplus_ppm, DRIFT_MAX_PPM);
	return true;
}
