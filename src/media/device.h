/*
 * device.h - the agent's sound card, through ALSA, in a thread of its own: whatever a card or a sound server does to
 * the thread that talks to it, the calls do not notice.
 *
 * The calls' clock is the machine's; the card's own is met by two resamplers whose ratios follow the drift (drift.h).
 * So a card that is missing, unplugged, plugged in again or at another rate changes nothing for the calls but what
 * the agent says and hears.  The card is held only while it is wanted, and looked for every two seconds while it is
 * not there.
 */
#pragma once
#include <stdbool.h>
#include "dsp.h"
#include "mix.h"

struct device;

enum { DEVICE_NAME_SIZE = 128 };

/* A name that agents may choose: a PCM that is set up on this machine, or a card's, as "plughw:CARD=USB,DEV=0".  Other
 * names with arguments are refused: through them ALSA reads and writes files. */
bool device_name_valid(const char *name);
/* alsa-lib writes to standard error otherwise. */
void device_quiet(void);

enum device_state { DEVICE_UNKNOWN, DEVICE_OK, DEVICE_NONE /* not there from the start */, DEVICE_LOST };

struct device_news {
	enum device_state state;
	char text[256];             /* a sentence */
};

/* name: of an ALSA PCM.  wake_fd is raised when there is news; the first comes as soon as the card was looked for. */
struct device *device_open(const char *name, int wake_fd);
/* Lets it go; its thread closes the card and ends by itself. */
void device_close(struct device *);
/* Whether the card is needed now. */
void device_want(struct device *, bool wanted);
/* What is done to the microphone from now on. */
void device_dsp(struct device *, const struct dsp_settings *);
/* The state changed: true, once for each change. */
bool device_news(struct device *, struct device_news *);
/* How it is now, of no device as well. */
struct device_news device_state(struct device *);
/* The next step of microphone, or silence; the next step for the speaker, or nobody hears it. */
void device_mic(struct device *, float out[MIX_TICK]);
void device_speaker(struct device *, const float in[MIX_TICK]);
