/* What is done to the microphone: noise falls and speech is kept, a quiet voice is raised, an echo goes. */
#include "../lib/unit.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/media/dsp.h"
#include "../../src/media/meter.h"
#include "../../src/media/mix.h"

enum { SECOND = MIX_RATE / MIX_TICK };      /* steps */

static double rnd(void)
{
	static unsigned long long state = 88172645463325252ull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (double)(state >> 11) / (double)(1ull << 53) - 0.5;
}

/* Something like a voice at step n: the harmonics of a gliding pitch below 3 kHz, three syllables a second, with a pause
 * after each two seconds; its loudest is 1. */
static bool speech(size_t n, float *x)
{
	static double phase;
	bool sounding = false;

	for (size_t i = 0; i < MIX_TICK; i++) {
		const double t = (double)(n * MIX_TICK + i) / MIX_RATE;
		const double loud = fmod(t, 3) < 2 ? fmax(0, sin(2 * M_PI * 3 * t)) : 0;
		const double pitch = 140 + 30 * sin(2 * M_PI * 0.7 * t);
		double sum = 0;

		phase = fmod(phase + 2 * M_PI * pitch / MIX_RATE, 2 * M_PI);
		for (int k = 1; k * pitch < 3000; k++)
			sum += sin(k * phase) / k;
		x[i] = (float)(loud * sum / 2);
		sounding |= loud > 0.3;
	}
	return sounding;
}

/* Levels of what comes out, in speech and in pauses, after the first seconds. */
struct result { int in_speech, in_pause; };

static struct result run(const struct dsp_settings *want, size_t seconds, double voice, double noise)
{
	struct dsp *d = dsp_open(MIX_RATE, want);
	struct meter in_speech = {0}, in_pause = {0};

	for (size_t n = 0; n < seconds * SECOND; n++) {
		float x[MIX_TICK], in[MIX_TICK];
		const bool sounding = speech(n, in), pause = n % (3 * SECOND) > 2 * SECOND + SECOND / 4;

		for (size_t i = 0; i < MIX_TICK; i++)
			in[i] = (float)(voice * (double)in[i] + noise * rnd());
		assert_int_equal(dsp_heard(d, in, MIX_TICK, x), MIX_TICK);
		if (n < seconds * SECOND / 2)
			continue;
		if (sounding)
			meter_add(&in_speech, x, MIX_TICK);
		else if (pause)
			meter_add(&in_pause, x, MIX_TICK);
	}
	dsp_close(d);
	return (struct result){meter_level(&in_speech), meter_level(&in_pause)};
}

static void test_off(void **state)
{
	float x[MIX_TICK], y[MIX_TICK];

	(void)state;
	assert_null(dsp_open(MIX_RATE, &(struct dsp_settings){0}));
	speech(7, x);
	assert_int_equal(dsp_heard(NULL, x, MIX_TICK, y), MIX_TICK);
	assert_memory_equal(x, y, sizeof(x));
}

/* Samples come in lumps of any size, at any rate of a card, and none is lost. */
static void test_lumps(void **state)
{
	static const int rates[] = {8000, 16000, 44100, 48000, 96000};

	(void)state;
	for (size_t k = 0; k < sizeof(rates) / sizeof(*rates); k++) {
		struct dsp *d = dsp_open(rates[k], &(struct dsp_settings){true, true, true});
		float in[1024] = {0}, out[1024 + DSP_STEP_MAX];
		size_t given = 0, got = 0;

		for (size_t n = 1; n <= 1024; n = n * 2 + 1) {
			got += dsp_heard(d, in, n, out);
			given += n;
			dsp_align(d, 100, 7, 300);
			dsp_played(d, in, n);
		}
		assert_true(got <= given && given - got < (size_t)rates[k] / 100);
		dsp_close(d);
	}
}

static void test_noise(void **state)
{
	const struct result off = run(&(struct dsp_settings){0}, 15, 0.2, 0.02);
	const struct result on = run(&(struct dsp_settings){.noise = true}, 15, 0.2, 0.02);

	(void)state;
	print_message("noise: speech %d -> %d dB, pauses %d -> %d dB\n", off.in_speech, on.in_speech, off.in_pause, on.in_pause);
	assert_true(on.in_pause <= off.in_pause - 10);
	assert_true(abs(on.in_speech - off.in_speech) <= 3);
}

static void test_gain(void **state)
{
	const struct result off = run(&(struct dsp_settings){0}, 18, 0.02, 0);
	const struct result on = run(&(struct dsp_settings){.gain = true}, 18, 0.02, 0);
	const struct result loud = run(&(struct dsp_settings){.gain = true}, 18, 0.5, 0);

	(void)state;
	print_message("gain: quiet speech %d -> %d dB, loud speech -> %d dB\n", off.in_speech, on.in_speech, loud.in_speech);
	assert_true(on.in_speech >= off.in_speech + 10);
	assert_true(on.in_speech <= off.in_speech + 19);
	assert_true(loud.in_speech < 0);
}

/* The speaker says something, and the microphone hears it late and twice: a loudspeaker in a room. */
struct room { float air[MIX_RATE]; size_t at; };

static void room_step(struct room *r, const float *played, float *heard, size_t delay)
{
	for (size_t i = 0; i < MIX_TICK; i++, r->at++) {
		r->air[r->at % MIX_RATE] = played[i];
		heard[i] = 0.3f * r->air[(r->at + MIX_RATE - delay) % MIX_RATE] + 0.15f * r->air[(r->at + MIX_RATE - delay - 1500) % MIX_RATE];
	}
}

static int echo_left(const struct dsp_settings *want, size_t delay_ms, double near, int *near_level)
{
	struct dsp *d = dsp_open(MIX_RATE, want);
	struct room *r = calloc(1, sizeof(*r));
	struct meter left = {0}, both = {0};

	dsp_align(d, 0, 0, 0);
	for (size_t n = 0; n < 20 * SECOND; n++) {
		float mic[MIX_TICK], own[MIX_TICK], played[MIX_TICK], out[MIX_TICK];
		const bool talks = speech(n + SECOND * 2, own) && n > 15 * SECOND;

		speech(n, played);
		dsp_played(d, played, MIX_TICK);
		room_step(r, played, mic, delay_ms * MIX_RATE / 1000);
		for (size_t i = 0; talks && near > 0 && i < MIX_TICK; i++)
			mic[i] += (float)near * own[i];
		for (size_t i = 0; i < MIX_TICK; i++)
			mic[i] += (float)(0.0005 * rnd());
		dsp_heard(d, mic, MIX_TICK, out);
		if (n > 8 * SECOND && n <= 15 * SECOND)
			meter_add(&left, out, MIX_TICK);
		else if (talks)
			meter_add(&both, out, MIX_TICK);
	}
	dsp_close(d);
	free(r);
	*near_level = meter_level(&both);
	return meter_level(&left);
}

static void test_echo(void **state)
{
	(void)state;
	for (size_t delay = 10; delay <= 110; delay += 100) {
		int near_off, near_on;
		const int off = echo_left(&(struct dsp_settings){0}, delay, 0.3, &near_off);
		const int on = echo_left(&(struct dsp_settings){.echo = true}, delay, 0.3, &near_on);

		print_message("echo after %zu ms: %d -> %d dB; the agent's own voice over it: %d -> %d dB\n", delay, off, on, near_off, near_on);
		assert_true(on <= off - 15);
		assert_true(near_on >= near_off - 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off), cmocka_unit_test(test_lumps), cmocka_unit_test(test_noise), cmocka_unit_test(test_gain), cmocka_unit_test(test_echo),
	};
	return UNIT_RUN(tests);
}
