/*
 * card_test.h - lets the agent hear and see whether his card works: a tone, or what he says for three seconds, which is
 * then played back to him.
 */
#pragma once
#include <stdbool.h>
#include "mix.h"

enum card_test_kind { CARD_TEST_OFF, CARD_TEST_TONE, CARD_TEST_ECHO };

struct card_test {              /* starts as {0} */
	enum card_test_kind kind;
	size_t at;                  /* samples since its beginning */
	float *said;                /* CARD_TEST_ECHO: what the microphone heard */
	float peak;                 /* of the microphone */
};

/* "tone" or "echo"; false for another word. */
bool card_test_start(struct card_test *, const char *kind);
/* One step: mic is what the microphone gave; what is played is added to out.  True: that was the last one. */
bool card_test_step(struct card_test *, const float mic[MIX_TICK], float out[MIX_TICK]);
void card_test_stop(struct card_test *);
const char *card_test_name(const struct card_test *);
