/* The call's machine, every state with every event; names; causes. */
#include <stdio.h>
#include <string.h>
#include "../lib/unit.h"
#include "../../src/rule/call.h"

/* What follows, one row a state, one column an event, in the order of the enums.  "-": nothing happens. */
static const char *const next[CALL_STATES][CALL_EVENTS] = {
	/*              ordered    incoming   ringing    early    up        held    resumed   closed */
	/* new     */ {"dialing", "ringing", "ringing", "early", "active", "-",    "-",      "ended"},
	/* dialing */ {"-",       "-",       "ringing", "early", "active", "-",    "-",      "ended"},
	/* ringing */ {"-",       "-",       "-",       "early", "active", "-",    "-",      "ended"},
	/* early   */ {"-",       "-",       "-",       "-",     "active", "-",    "-",      "ended"},
	/* active  */ {"-",       "-",       "-",       "-",     "-",      "held", "-",      "ended"},
	/* held    */ {"-",       "-",       "-",       "-",     "-",      "-",    "active", "ended"},
	/* ended   */ {"-",       "-",       "-",       "-",     "-",      "-",    "-",      "-"},
};

/* The effects follow from what a step means, not from the table. */
static unsigned expected_effects(enum call_state from, enum call_state to)
{
	unsigned effects = CALL_EFFECT_TELL;
	if (from < CALL_RINGING && (to == CALL_RINGING || to == CALL_EARLY))
		effects |= CALL_EFFECT_RECORD_RINGING;
	if (from < CALL_ACTIVE && to == CALL_ACTIVE)
		effects |= CALL_EFFECT_RECORD_ANSWER;
	if (to == CALL_ENDED)
		effects |= CALL_EFFECT_RECORD_END;
	return effects;
}

static void every_cell(void **state)
{
	(void)state;
	for (int s = 0; s < CALL_STATES; s++)
		for (int e = 0; e < CALL_EVENTS; e++) {
			unsigned effects = 0xdead;
			enum call_state got = call_step((enum call_state)s, (enum call_event)e, &effects);
			bool stays = !strcmp(next[s][e], "-");
			const char *want = stays ? call_state_name((enum call_state)s) : next[s][e];
			UNIT_CASE(!strcmp(call_state_name(got), want), "%s with event %d gives %s, not %s",
				call_state_name((enum call_state)s), e, call_state_name(got), want);
			unsigned want_effects = stays ? CALL_EFFECT_NONE : expected_effects((enum call_state)s, got);
			UNIT_CASE(effects == want_effects, "%s with event %d has the effects %#x, not %#x",
				call_state_name((enum call_state)s), e, effects, want_effects);
		}
}

static void outside_of_the_table(void **state)
{
	(void)state;
	unsigned effects = 1;
	assert_int_equal(call_step(CALL_STATES, CALL_EV_CLOSED, &effects), CALL_STATES);
	assert_int_equal(effects, 0);
	effects = 1;
	assert_int_equal(call_step(CALL_ACTIVE, CALL_EVENTS, &effects), CALL_ACTIVE);
	assert_int_equal(effects, 0);
	assert_int_equal(call_step((enum call_state)-1, CALL_EV_CLOSED, &effects), (enum call_state)-1);
}

/* However events come, the answer and the end are recorded once at most, and the end is final. */
static void any_sequence_of_events(void **state)
{
	(void)state;
	for (unsigned long path = 0; path < 8ul * 8 * 8 * 8 * 8 * 8; path++) {
		enum call_state s = CALL_NEW;
		unsigned seen = 0;
		unsigned long rest = path;
		for (int i = 0; i < 6; i++, rest /= 8) {
			unsigned effects;
			enum call_state before = s;
			s = call_step(s, (enum call_event)(rest % 8), &effects);
			unsigned once = effects & ~(unsigned)CALL_EFFECT_TELL;
			UNIT_CASE(!(seen & once), "path %lo records %#x twice", path, seen & once);
			UNIT_CASE((s != before) == (effects != 0), "path %lo: effects %#x without a step", path, effects);
			UNIT_CASE(before != CALL_ENDED || s == CALL_ENDED, "path %lo leaves ended", path);
			seen |= once;
		}
	}
}

static void state_names(void **state)
{
	(void)state;
	static const char *const names[CALL_STATES] = {"new", "dialing", "ringing", "early", "active", "held", "ended"};
	for (int i = 0; i < CALL_STATES; i++)
		assert_string_equal(call_state_name((enum call_state)i), names[i]);
	assert_string_equal(call_state_name(CALL_STATES), "unknown");
}

static void cause_names(void **state)
{
	(void)state;
	static const char *const names[CAUSES] = {
		"none", "agent_hangup", "remote_hangup", "cancelled", "busy", "no_answer", "rejected", "not_found", "unavailable",
		"redirected", "no_response", "failed", "time_limit", "phone_lost", "engine_restart", "kicked", "not_sent",
		"not_recorded", "voicemail", "transferred",
	};
	for (int i = 0; i < CAUSES; i++)
		assert_string_equal(call_cause_name((enum call_cause)i), names[i]);
	assert_string_equal(call_cause_name(CAUSES), "unknown");
}

static void causes_from_sip(void **state)
{
	(void)state;
	static const struct { int status; enum call_cause cause; } cases[] = {
		{0, CAUSE_FAILED}, {-1, CAUSE_FAILED}, {100, CAUSE_FAILED}, {180, CAUSE_FAILED}, {200, CAUSE_FAILED},
		{299, CAUSE_FAILED}, {300, CAUSE_REDIRECTED}, {301, CAUSE_REDIRECTED}, {302, CAUSE_REDIRECTED},
		{305, CAUSE_REDIRECTED}, {380, CAUSE_REDIRECTED}, {399, CAUSE_REDIRECTED}, {400, CAUSE_FAILED},
		{401, CAUSE_FAILED}, {403, CAUSE_REJECTED}, {404, CAUSE_NOT_FOUND}, {407, CAUSE_FAILED}, {408, CAUSE_NO_ANSWER},
		{410, CAUSE_NOT_FOUND}, {415, CAUSE_FAILED}, {433, CAUSE_REJECTED}, {480, CAUSE_UNAVAILABLE}, {481, CAUSE_FAILED},
		{484, CAUSE_NOT_FOUND}, {485, CAUSE_NOT_FOUND}, {486, CAUSE_BUSY}, {487, CAUSE_CANCELLED}, {488, CAUSE_FAILED},
		{500, CAUSE_FAILED}, {501, CAUSE_FAILED}, {502, CAUSE_UNAVAILABLE}, {503, CAUSE_UNAVAILABLE},
		{504, CAUSE_UNAVAILABLE}, {513, CAUSE_FAILED}, {600, CAUSE_BUSY}, {603, CAUSE_REJECTED}, {604, CAUSE_NOT_FOUND},
		{606, CAUSE_FAILED}, {607, CAUSE_REJECTED}, {608, CAUSE_REJECTED}, {699, CAUSE_FAILED}, {700, CAUSE_FAILED},
		{99999, CAUSE_FAILED},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum call_cause got = call_cause_from_sip(cases[i].status);
		UNIT_CASE(got == cases[i].cause, "%d is %s", cases[i].status, call_cause_name(got));
	}
	/* No answer that anybody can send leaves a call without a cause, or claims that it was up. */
	for (int status = -1; status < 1000; status++) {
		enum call_cause got = call_cause_from_sip(status);
		assert_true(got >= CAUSE_CANCELLED && got <= CAUSE_FAILED);
	}
}

static void what_counts_toward_the_cap(void **state)
{
	(void)state;
	for (int i = 0; i < CAUSES; i++) {
		const char *name = call_cause_name((enum call_cause)i);
		bool free_of_charge = !strcmp(name, "busy") || !strcmp(name, "not_found") || !strcmp(name, "not_sent");
		UNIT_CASE(call_cause_counts((enum call_cause)i) == !free_of_charge, "%s counts wrongly", name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell),
		cmocka_unit_test(outside_of_the_table),
		cmocka_unit_test(any_sequence_of_events),
		cmocka_unit_test(state_names),
		cmocka_unit_test(cause_names),
		cmocka_unit_test(causes_from_sip),
		cmocka_unit_test(what_counts_toward_the_cap),
	};
	return UNIT_RUN(tests);
}
