/*
 * dsp.h - what is done to the agent's microphone before anybody hears it, through speexdsp: the echo of his own
 * loudspeaker is taken out, then noise, and a quiet voice is raised, a loud one lowered.  Samples in, samples out.
 *
 * It works at the card, by the card's clock, since speaker and microphone share that one: between the mixer's clock and
 * the card's, resamplers bend the sound, and an echo that moves cannot be taken out.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct dsp;

struct dsp_settings { bool noise, gain, echo; };

enum {
	DSP_ECHO_MS = 150,          /* an echo may come so late after its sound was played */
	DSP_STEP_MAX = 960,         /* samples that may wait inside: 10 ms, worked on at once, of 96 kHz */
};

/* At a card's rate.  NULL when nothing is asked for; the functions take that, and leave the sound as it is. */
struct dsp *dsp_open(int rate, const struct dsp_settings *);
void dsp_close(struct dsp *);
/* These samples were given to the card to play. */
void dsp_played(struct dsp *, const float *x, size_t n);
/* How both stand to each other: of what was given so many samples are not heard yet, of what was heard so many are not
 * read yet, and lead more are always given ahead of need.  Said anew whenever one of the two has begun anew. */
void dsp_align(struct dsp *, long not_heard, long not_read, long lead);
/* Works on n samples of the microphone; out has room for n + DSP_STEP_MAX.  How many came out. */
size_t dsp_heard(struct dsp *, const float *in, size_t n, float *out);
