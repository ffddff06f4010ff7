/* Who hears whom, the limiter, the ringing tones, the clock of a card. */
#include "../lib/unit.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/media/drift.h"
#include "../../src/media/mix.h"
#include "../../src/media/ring.h"

/* Each source is a constant of its own power of two: sums show who is in them. */
static void fill(float *x, float value)
{
	for (size_t i = 0; i < MIX_TICK; i++)
		x[i] = value;
}

static struct mix *sources(void)
{
	struct mix *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	fill(m->mic, 1);
	for (int slot = 0; slot < AUDIO_SLOTS; slot++)
		fill(m->far[slot], (float)(2 << slot));
	m->focus = -1;
	return m;
}

static float far_hears(const struct mix *m, int slot)
{
	float out[MIX_TICK];

	mix_to_far(m, slot, out);
	assert_true(out[0] == out[MIX_TICK - 1]);
	return out[0];
}

static float agent_hears(const struct mix *m)
{
	float out[MIX_TICK];

	mix_to_card(m, out);
	return out[0];
}

static void test_focus(void **state)
{
	struct mix *m = sources();

	(void)state;
	assert_true(agent_hears(m) == 0);
	assert_true(far_hears(m, 0) == 0);
	m->focus = 2;
	assert_true(agent_hears(m) == 8);
	assert_true(far_hears(m, 2) == 1);
	assert_true(far_hears(m, 0) == 0);
	free(m);
}

static void test_bridge(void **state)
{
	struct mix *m = sources();

	(void)state;
	m->bridge = 1 << 0 | 1 << 1 | 1 << 3;
	m->focus = 1;
	assert_true(agent_hears(m) == 2 + 4 + 16);
	assert_true(far_hears(m, 0) == 1 + 4 + 16);
	assert_true(far_hears(m, 1) == 1 + 2 + 16);
	assert_true(far_hears(m, 3) == 1 + 2 + 4);
	assert_true(far_hears(m, 2) == 0);
	m->focus = 2;               /* the agent steps out: the others go on among themselves */
	assert_true(agent_hears(m) == 8);
	assert_true(far_hears(m, 0) == 4 + 16);
	assert_true(far_hears(m, 2) == 1);
	free(m);
}

static void test_own_sound(void **state)
{
	struct mix *m = sources();

	(void)state;
	m->focus = 0;
	fill(m->own[0], 1024);
	fill(m->own[1], 2048);
	assert_true(far_hears(m, 0) == 1025);
	m->mic_off[0] = true;
	assert_true(far_hears(m, 0) == 1024);
	assert_true(far_hears(m, 1) == 2048);   /* a file is heard without the focus, too */
	assert_true(agent_hears(m) == 2);       /* and not by the agent */
	free(m);
}

static void test_limiter(void **state)
{
	struct limiter l = {1};
	float quiet[MIX_TICK], loud[MIX_TICK];
	double before = 0, after = 0;

	(void)state;
	for (int i = 0; i < MIX_TICK; i++)
		quiet[i] = loud[i] = LIMITER_CEILING * (float)sin(2 * M_PI * 440 * i / MIX_RATE);
	limiter_run(&l, quiet, MIX_TICK);
	assert_memory_equal(quiet, loud, sizeof(loud));
	for (int tick = 0; tick < 20; tick++) {
		for (int i = 0; i < MIX_TICK; i++)
			loud[i] = 5 * (float)sin(2 * M_PI * 440 * (tick * MIX_TICK + i) / MIX_RATE);
		limiter_run(&l, loud, MIX_TICK);
		for (int i = 0; i < MIX_TICK; i++) {
			assert_true(fabsf(loud[i]) <= LIMITER_CEILING * 1.0001f);
			before += 5 * 5 / 2.0;
			after += loud[i] * loud[i];
		}
	}
	/* it turns down and does not clip into a square, whose power would be ceiling squared */
	assert_true(after / (20 * MIX_TICK) < LIMITER_CEILING * LIMITER_CEILING * 0.65);
	assert_true(after / (20 * MIX_TICK) > LIMITER_CEILING * LIMITER_CEILING * 0.35);
	assert_true(before > after);
	for (int tick = 0; tick < 40; tick++) {
		memset(loud, 0, sizeof(loud));
		limiter_run(&l, loud, MIX_TICK);
	}
	assert_true(l.gain == 1.0f);
}

/* Power of a frequency in a stretch, of 1 for a full-scale sine. */
static double power_at(const float *x, size_t n, double hz)
{
	double re = 0, im = 0;

	for (size_t i = 0; i < n; i++) {
		re += x[i] * cos(2 * M_PI * hz * (double)i / MIX_RATE);
		im += x[i] * sin(2 * M_PI * hz * (double)i / MIX_RATE);
	}
	return 4 * (re * re + im * im) / (double)n / (double)n;
}

static void test_tones(void **state)
{
	enum { SECONDS = 12 };
	struct ring r = {0};
	float *x = calloc((size_t)SECONDS * MIX_RATE, sizeof(*x));

	(void)state;
	assert_non_null(x);
	ring_add(&r, x, MIX_RATE);
	assert_true(power_at(x, MIX_RATE, 440) == 0);
	assert_true(ring_set(&r, "ringback"));
	for (size_t at = 0; at < (size_t)SECONDS * MIX_RATE; at += MIX_TICK)
		ring_add(&r, x + at, MIX_TICK);
	for (int second = 0; second < SECONDS; second++) {
		const float *part = x + (size_t)second * MIX_RATE;
		const bool on = second % 6 < 2;

		UNIT_CASE((power_at(part, MIX_RATE, 440) > 0.004) == on, "440 Hz in second %d", second);
		UNIT_CASE((power_at(part, MIX_RATE, 480) > 0.004) == on, "480 Hz in second %d", second);
		UNIT_CASE(power_at(part, MIX_RATE, 660) < 1e-5, "660 Hz in second %d", second);
	}
	assert_false(ring_set(&r, "loud"));
	assert_true(ring_set(&r, "incoming"));
	memset(x, 0, MIX_RATE * sizeof(*x));
	ring_add(&r, x, MIX_RATE);
	assert_true(power_at(x, MIX_RATE, 660) > 0.002);
	assert_true(power_at(x, MIX_RATE, 440) < 1e-5);
	assert_true(ring_set(&r, "waiting"));           /* a hint beside a call: short, quieter, every 10 s */
	memset(x, 0, (size_t)SECONDS * MIX_RATE * sizeof(*x));
	ring_add(&r, x, (size_t)SECONDS * MIX_RATE);
	for (int tenth = 0; tenth < 10 * SECONDS; tenth++) {
		const float *part = x + (size_t)tenth * MIX_RATE / 10;
		const bool on = tenth < 3 || (tenth >= 103 && tenth < 106);

		UNIT_CASE((power_at(part, MIX_RATE / 10, 440) > 0.004) == on, "440 Hz in tenth %d", tenth);
	}
	free(x);
}

/* A queue that a card fills in lumps, at a clock of its own, and that the mixer empties: it must never run dry and must
 * follow the card. */
static void settle(double card_ppm, double lump)
{
	enum { PER_SECOND = 100, SECONDS = 600, SETTLED = 300 };
	struct drift d = {0};
	double fill = MIX_TICK + DRIFT_MARGIN + lump, card = 0, bent = 0;

	for (int step = 0; step < SECONDS * PER_SECOND; step++) {
		card += (double)MIX_RATE / PER_SECOND * (1 + card_ppm / 1e6);
		if (drift_note(&d, PER_SECOND, fill, DRIFT_MARGIN) && step > SETTLED * PER_SECOND)
			bent += d.ppm / (SECONDS - SETTLED);
		for (; card >= lump; card -= lump)
			fill += lump / (1 + d.ppm / 1e6);
		fill -= MIX_TICK;
		UNIT_CASE(fill >= 0, "%.0f ppm, lumps of %.0f: dry at step %d", card_ppm, lump, step);
		UNIT_CASE(fill < 2 * MIX_TICK + DRIFT_MARGIN + 2 * lump, "%.0f ppm, lumps of %.0f: %.0f wait at step %d", card_ppm, lump, fill, step);
	}
	UNIT_CASE(fabs(bent - card_ppm) < 20, "%.0f ppm, lumps of %.0f: bent by %.1f", card_ppm, lump, bent);
}

static void test_drift(void **state)
{
	static const double cards[] = {0, 50, -50, 200, -200, 1000, -1000};

	(void)state;
	for (size_t i = 0; i < sizeof(cards) / sizeof(*cards); i++) {
		settle(cards[i], 1);
		settle(cards[i], 480);
		settle(cards[i], 1024);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_focus), cmocka_unit_test(test_bridge), cmocka_unit_test(test_own_sound), cmocka_unit_test(test_limiter),
		cmocka_unit_test(test_tones), cmocka_unit_test(test_drift),
	};

	return UNIT_RUN(tests);
}
