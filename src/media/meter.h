/*
 * meter.h - how loud something was, for level meters.  Pure.
 */
#pragma once
#include <stddef.h>

struct meter {                  /* starts as {0} */
	double squares;
	size_t samples;
	float peak;
};

enum { METER_SILENCE = -90 };       /* dB: the least that is told */

void meter_add(struct meter *, const float *x, size_t n);
/* Its level since the last call, in dB; 0 is a full-scale sine.  Begins anew. */
int meter_level(struct meter *);
/* dB of a peak, 0 is full scale. */
int meter_peak(float peak);
