/*
 * drift.h - keeps a queue between two clocks from running dry or full, by saying how far to bend the resampler that
 * feeds or empties it.  Pure.
 *
 * A sound card's 48 kHz is not the machine's: 50 to 200 ppm apart are common, a packet of 20 ms every few minutes.
 * What counts is the least fill of each second, so that a card that hands over its sound in lumps needs no other
 * setting.  A proportional-integral rule, critically damped, settles within a minute and then stays.
 */
#pragma once
#include <stdbool.h>

struct drift {                  /* starts as {0} */
	int notes;                  /* in this second */
	double least;               /* samples at 48 kHz */
	double learned;             /* ppm: the integral part */
	double ppm;                 /* the answer: how much faster the queue is to be emptied */
};

enum {
	DRIFT_MAX_PPM = 3000,       /* 5 cents: no voice shows it */
	DRIFT_MARGIN = 720,         /* samples to aim at for the least fill: 15 ms.  A card's lump of 10 ms may come now
				     * just before, now just after the mixer takes its own, and must not run the queue
				     * dry */
};

/* Notes one look at the queue, of which there are per_second; true when ppm has a new value. */
bool drift_note(struct drift *, int per_second, double fill, double target);
