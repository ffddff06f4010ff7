/* dsp.c - what is done to the agent's microphone. */
#include <speex/speex_echo.h>
#include <speex/speex_preprocess.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "dsp.h"
#include "sample.h"

enum {
	NOISE_DB = -20,             /* so far noise is turned down: lower, and what is left of it sounds like bells */
	GAIN_MAX_DB = 18,           /* a voice is raised by so much at most */
	GAIN_LEVEL = 9000,          /* to about this, of 32768 */
	ECHO_TAIL = MIX_RATE / 1000 * DSP_ECHO_MS,
};

struct dsp {
	SpeexEchoState *echo;       /* NULL: left in */
	SpeexPreprocessState *voice;
};

static void set(SpeexPreprocessState *voice, int what, spx_int32_t value)
{
	speex_preprocess_ctl(voice, what, &value);
}

struct dsp *dsp_open(const struct dsp_settings *want)
{
	spx_int32_t rate = MIX_RATE;
	struct dsp *d;

	if (!want->noise && !want->gain && !want->echo)
		return NULL;
	d = xcalloc(1, sizeof(*d));
	d->voice = speex_preprocess_state_init(MIX_TICK, MIX_RATE);
	/* what is left of an echo is turned down where noise is: there the switch is "denoise", at 0 dB for noise itself */
	set(d->voice, SPEEX_PREPROCESS_SET_DENOISE, want->noise || want->echo);
	set(d->voice, SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, want->noise ? NOISE_DB : 0);
	set(d->voice, SPEEX_PREPROCESS_SET_AGC, want->gain);
	set(d->voice, SPEEX_PREPROCESS_SET_AGC_TARGET, GAIN_LEVEL);
	set(d->voice, SPEEX_PREPROCESS_SET_AGC_MAX_GAIN, GAIN_MAX_DB);
	if (want->echo) {
		d->echo = speex_echo_state_init(MIX_TICK, ECHO_TAIL);
		speex_echo_ctl(d->echo, SPEEX_ECHO_SET_SAMPLING_RATE, &rate);
		speex_preprocess_ctl(d->voice, SPEEX_PREPROCESS_SET_ECHO_STATE, d->echo);
	}
	return d;
}

void dsp_close(struct dsp *d)
{
	if (!d)
		return;
	if (d->echo)
		speex_echo_state_destroy(d->echo);
	speex_preprocess_state_destroy(d->voice);
	free(d);
}

void dsp_run(struct dsp *d, float mic[MIX_TICK], const float speaker[MIX_TICK])
{
	spx_int16_t in[MIX_TICK], played[MIX_TICK], out[MIX_TICK];

	if (!d)
		return;
	for (size_t i = 0; i < MIX_TICK; i++) {
		in[i] = sample_s16(mic[i]);
		played[i] = sample_s16(speaker[i]);
	}
	if (d->echo)
		speex_echo_cancellation(d->echo, in, played, out);
	else
		memcpy(out, in, sizeof(out));
	speex_preprocess_run(d->voice, out);
	for (size_t i = 0; i < MIX_TICK; i++)
		mic[i] = sample_float(out[i]);
}
