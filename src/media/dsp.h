/*
 * dsp.h - what is done to the agent's microphone before anybody hears it, through speexdsp: the echo of his own
 * loudspeaker is taken out, then noise, and a quiet voice is raised.  Samples in, samples out, no device.
 */
#pragma once
#include <stdbool.h>
#include "mix.h"

struct dsp;

struct dsp_settings { bool noise, gain, echo; };

/* NULL when nothing is asked for. */
struct dsp *dsp_open(const struct dsp_settings *);
void dsp_close(struct dsp *);
/* Works on one step of the microphone.  speaker: the last step that was given to the loudspeaker; its echo may come
 * DSP_ECHO_MS later at the most.  dsp may be NULL. */
void dsp_run(struct dsp *, float mic[MIX_TICK], const float speaker[MIX_TICK]);

enum { DSP_ECHO_MS = 250 };     /* queues and card both ways, 60 to 100 ms, and the room */
