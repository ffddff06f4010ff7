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
};

struct dsp {
	SpeexEchoState *echo;       /* NULL: left in */
	SpeexPreprocessState *voice;
	size_t step;                /* samples of 10 ms */
	spx_int16_t mic[DSP_STEP_MAX], speaker[DSP_STEP_MAX];       /* the step that is being filled */
	size_t filled;
	int16_t *given;             /* the last second of what was given to the card, a ring */
	long second;
	long long given_count, heard_count;
	long long shift;            /* what was given under this number more is paired with what is heard */
};

static void set(SpeexPreprocessState *voice, int what, spx_int32_t value)
{
	speex_preprocess_ctl(voice, what, &value);
}

struct dsp *dsp_open(int rate, const struct dsp_settings *want)
{
	spx_int32_t hz = rate;
	struct dsp *d;

	if (!want->noise && !want->gain && !want->echo)
		return NULL;
	d = xcalloc(1, sizeof(*d));
	d->step = (size_t)rate / 100;
	d->second = rate;
	d->given = xcalloc((size_t)rate, sizeof(*d->given));
	d->voice = speex_preprocess_state_init((int)d->step, rate);
	/* what is left of an echo is turned down where noise is: there the switch is "denoise", at 0 dB for noise */
	set(d->voice, SPEEX_PREPROCESS_SET_DENOISE, want->noise || want->echo);
	set(d->voice, SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, want->noise ? NOISE_DB : 0);
	set(d->voice, SPEEX_PREPROCESS_SET_AGC, want->gain);
	set(d->voice, SPEEX_PREPROCESS_SET_AGC_TARGET, GAIN_LEVEL);
	set(d->voice, SPEEX_PREPROCESS_SET_AGC_MAX_GAIN, GAIN_MAX_DB);
	if (want->echo) {
		d->echo = speex_echo_state_init((int)d->step, rate / 1000 * DSP_ECHO_MS);
		speex_echo_ctl(d->echo, SPEEX_ECHO_SET_SAMPLING_RATE, &hz);
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
	free(d->given);
	free(d);
}

void dsp_played(struct dsp *d, const float *x, size_t n)
{
	for (size_t i = 0; d && i < n; i++)
		d->given[d->given_count++ % d->second] = sample_s16(x[i]);
}

void dsp_align(struct dsp *d, long not_heard, long not_read, long lead)
{
	if (d)
		d->shift = d->given_count - not_heard - (d->heard_count + not_read) + lead;
}

static int16_t given_at(const struct dsp *d, long long at)
{
	return at >= 0 && at < d->given_count && at >= d->given_count - d->second ? d->given[at % d->second] : 0;
}

/* Works on the step, which is full. */
static void run(struct dsp *d, float *out)
{
	spx_int16_t left[DSP_STEP_MAX];

	if (d->echo)
		speex_echo_cancellation(d->echo, d->mic, d->speaker, left);
	else
		memcpy(left, d->mic, d->step * sizeof(*left));
	speex_preprocess_run(d->voice, left);
	for (size_t i = 0; i < d->step; i++)
		out[i] = sample_float(left[i]);
	d->filled = 0;
}

size_t dsp_heard(struct dsp *d, const float *in, size_t n, float *out)
{
	size_t made = 0;

	if (!d) {
		memcpy(out, in, n * sizeof(*in));
		return n;
	}
	for (size_t i = 0; i < n; i++) {
		d->mic[d->filled] = sample_s16(in[i]);
		d->speaker[d->filled++] = given_at(d, d->heard_count++ + d->shift);
		if (d->filled == d->step) {
			run(d, out + made);
			made += d->step;
		}
	}
	return made;
}
