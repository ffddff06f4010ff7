/*
 * ring.h - the tones that the agent's card plays: nobody else hears them.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum ring_kind { RING_OFF, RING_BACK, RING_WAITING, RING_INCOMING };

struct ring {
	enum ring_kind kind;
	size_t at;                  /* samples into its period */
};

/* "off", "ringback", "waiting", "incoming"; false for another word. */
bool ring_set(struct ring *, const char *kind);
/* Adds the next n samples (48 kHz) to out. */
void ring_add(struct ring *, float *out, size_t n);
