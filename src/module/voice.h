/*
 * voice.h - a voice goes on where nothing came: its last period is said again and again, and fades (ITU-T G.711
 * Appendix I, without its delay).  Pure.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VOICE_WIDE = 2,             /* a rate is so many times 8 kHz: 1, or 2 for wideband */
	VOICE_PAST = 400,           /* samples at 8 kHz that are known of what was heard: 50 ms */
	VOICE_JOIN = 32,            /* likewise: in so many, one sound passes over into another */
};

struct voice {                      /* what was heard; starts as {0} */
	size_t n;                   /* samples of past, the newest last */
	int16_t past[VOICE_PAST * VOICE_WIDE];
};

/* Each stream has one rate throughout: `wide` is 1 or VOICE_WIDE in all of these. */
void voice_learn(struct voice *, size_t wide, const int16_t *x, size_t n);
/* Enough was heard to go on from. */
bool voice_known(const struct voice *, size_t wide);
/* n samples that may follow what was heard; their beginning has no step.  It must be known. */
void voice_go_on(const struct voice *, size_t wide, int16_t *out, size_t n);
/* The first samples of x, n at the most, pass over from what would have gone on there. */
void voice_join(const int16_t *gone_on, size_t wide, int16_t *x, size_t n);
