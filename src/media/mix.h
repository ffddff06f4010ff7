/*
 * mix.h - who hears whom, and a limiter for sums.  Pure: samples in, samples out.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "../proto/audio.h"

enum { MIX_RATE = 48000, MIX_TICK = MIX_RATE / 100 };      /* the step of everything: 10 ms, mono, 1.0 is full scale */

/* One step's input.  A call is joined to the card when it has the focus, or is bridged with the one that has it.  A
 * call that is held is joined to nobody; one that is apart is not, or not yet, joined to the others of its bridge. */
struct mix {
	unsigned bridge;            /* a bit for each slot whose call hears the others in it */
	int focus;                  /* the slot that the agent talks to, or -1 */
	float mic[MIX_TICK];        /* the agent, from the card */
	float far[AUDIO_SLOTS][MIX_TICK];   /* what came from each call */
	float own[AUDIO_SLOTS][MIX_TICK];   /* what it is told besides: a file as its microphone, an announcement */
	bool mic_off[AUDIO_SLOTS];  /* the card's microphone is not for this call: muted, or a file stands for it */
	bool held[AUDIO_SLOTS], apart[AUDIO_SLOTS];
};

bool mix_joined(const struct mix *, int slot);
/* What we say to a slot: the agent and its own extras. */
void mix_ours(const struct mix *, int slot, float out[MIX_TICK]);
/* What the far side of a slot hears: what we say, and the others of its bridge; never itself (N-1). */
void mix_to_far(const struct mix *, int slot, float out[MIX_TICK]);
/* All that is said to the agent's side in a slot's conversation: its far side and the others of its bridge. */
void mix_theirs(const struct mix *, int slot, float out[MIX_TICK]);
/* What the agent hears: every joined call. */
void mix_to_card(const struct mix *, float out[MIX_TICK]);

/* Keeps a sum below full scale by turning it down at once and up again within a tenth of a second.
 * What never passes the ceiling comes out unchanged, bit for bit. */
struct limiter { float gain; };     /* starts as {1} */
#define LIMITER_CEILING 0.9f    /* a resampler after it may overshoot */
void limiter_run(struct limiter *, float *x, size_t n);
