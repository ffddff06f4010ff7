/* card_test.c - lets the agent hear and see whether his card works. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "card_test.h"

enum { TONE_HZ = 1000, TONE = MIX_RATE, SAY = 3 * MIX_RATE /* samples */ };

static const char *const names[] = {[CARD_TEST_OFF] = "off", [CARD_TEST_TONE] = "tone", [CARD_TEST_ECHO] = "echo"};

const char *card_test_name(const struct card_test *t)
{
	return names[t->kind];
}

bool card_test_start(struct card_test *t, const char *kind)
{
	const bool tone = !strcmp(kind, names[CARD_TEST_TONE]);

	if (!tone && strcmp(kind, names[CARD_TEST_ECHO]) != 0)
		return false;
	card_test_stop(t);
	t->kind = tone ? CARD_TEST_TONE : CARD_TEST_ECHO;
	if (!tone)
		t->said = xcalloc(SAY, sizeof(*t->said));
	return true;
}

void card_test_stop(struct card_test *t)
{
	free(t->said);
	*t = (struct card_test){0};
}

bool card_test_step(struct card_test *t, const float mic[MIX_TICK], float out[MIX_TICK])
{
	for (size_t i = 0; i < MIX_TICK; i++, t->at++) {
		if (t->kind == CARD_TEST_TONE)
			out[i] += 0.1f * (float)sin(2 * M_PI * TONE_HZ * (double)t->at / MIX_RATE);
		else if (t->at < SAY)
			t->said[t->at] = mic[i];
		else
			out[i] += t->said[t->at - SAY];
		if (t->kind == CARD_TEST_TONE || t->at < SAY)
			t->peak = fmaxf(t->peak, fabsf(mic[i]));
	}
	return t->at >= (t->kind == CARD_TEST_TONE ? (size_t)TONE : (size_t)(2 * SAY));
}
