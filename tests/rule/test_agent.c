/* The agent's machine, every state with every event; nothing but a saved disposition leaves wrap_up. */
#include <stdio.h>
#include <string.h>
#include "../lib/unit.h"
#include "../../src/rule/agent.h"

/* What follows, one row an event, one column a state, in the order of the enums; in capitals why not. */
static const char *const next[][AGENT_STATES] = {
	/*              offline    ready      paused     dialing    ringing    in_call    wrap_up */
	/* login    */ {"ready",   "ON",      "ON",      "ON",      "ON",      "ON",      "ON"},
	/* owing    */ {"wrap_up", "ON",      "ON",      "ON",      "ON",      "ON",      "ON"},
	/* logout   */ {"OFF",     "offline", "offline", "CALL",    "CALL",    "CALL",    "OWED"},
	/* pause    */ {"OFF",     "paused",  "paused",  "CALL",    "CALL",    "CALL",    "OWED"},
	/* ready    */ {"OFF",     "ready",   "ready",   "CALL",    "CALL",    "CALL",    "OWED"},
	/* dial     */ {"OFF",     "dialing", "dialing", "DIALS",   "RINGS",   "in_call", "OWED"},
	/* redial   */ {"OFF",     "dialing", "dialing", "DIALS",   "RINGS",   "in_call", "dialing"},
	/* incoming */ {"OFF",     "ringing", "PAUSED",  "dialing", "ringing", "in_call", "OWED"},
	/* answered */ {"OFF",     "NORING",  "NORING",  "in_call", "in_call", "in_call", "OWED"},
	/* one dials*/ {"OFF",     "NOCALL",  "NOCALL",  "dialing", "dialing", "dialing", "OWED"},
	/* all ring */ {"OFF",     "NOCALL",  "NOCALL",  "ringing", "ringing", "ringing", "OWED"},
	/* ended    */ {"OFF",     "NOCALL",  "NOCALL",  "wrap_up", "wrap_up", "wrap_up", "wrap_up"},
	/* gone     */ {"OFF",     "NOCALL",  "NOCALL",  "ready",   "ready",   "ready",   "OWED"},
	/* disposed */ {"OFF",     "PAID",    "PAID",    "CALL",    "CALL",    "CALL",    "ready"},
	/* kick     */ {"offline", "offline", "offline", "offline", "offline", "offline", "offline"},
};

static const char *refusal_text(const char *word)
{
	static const struct { const char *word, *text; } all[] = {
		{"OFF", "the agent is not logged in"}, {"ON", "the agent is logged in already"},
		{"CALL", "a call is in progress"}, {"DIALS", "a call is being dialled"}, {"RINGS", "a call is ringing"}, {"OWED", "a disposition is owed for the last call"},
		{"PAUSED", "the agent is paused"}, {"NOCALL", "no call is in progress"},
		{"NORING", "no call is ringing or being dialled"}, {"PAID", "no disposition is owed"},
	};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (!strcmp(all[i].word, word))
			return all[i].text;
	return NULL;
}

static void every_cell(void **state)
{
	(void)state;
	assert_int_equal(sizeof next / sizeof *next, AGENT_EVENTS);
	for (int s = 0; s < AGENT_STATES; s++)
		for (int e = 0; e < AGENT_EVENTS; e++) {
			enum agent_state at = (enum agent_state)s;
			const char *was = agent_state_name(at), *refusal = refusal_text(next[e][s]);
			bool done = agent_step(&at, (enum agent_event)e);
			const char *said = agent_refusal((enum agent_state)s, (enum agent_event)e);
			UNIT_CASE(done == !refusal, "%s with event %d is %s", was, e, done ? "allowed" : "refused");
			const char *want = refusal ? was : next[e][s];
			UNIT_CASE(!strcmp(agent_state_name(at), want), "%s with event %d gives %s, not %s", was, e,
				agent_state_name(at), want);
			UNIT_CASE(!strcmp(said, refusal ? refusal : ""), "%s with event %d says \"%s\"", was, e, said);
		}
}

static void outside_of_the_table(void **state)
{
	(void)state;
	enum agent_state at = AGENT_STATES;
	assert_false(agent_step(&at, AGENT_EV_KICK));
	assert_int_equal(at, AGENT_STATES);
	at = AGENT_READY;
	assert_false(agent_step(&at, AGENT_EVENTS));
	assert_int_equal(at, AGENT_READY);
	at = (enum agent_state)-1;
	assert_false(agent_step(&at, AGENT_EV_LOGIN));
	assert_non_null(agent_refusal(AGENT_STATES, AGENT_EV_DIAL));
	assert_non_null(agent_refusal(AGENT_READY, AGENT_EVENTS));
	assert_string_equal(agent_state_name(AGENT_STATES), "unknown");
}

static void who_may_dial(void **state)
{
	(void)state;
	for (int s = 0; s < AGENT_STATES; s++)
		assert_int_equal(!*agent_refusal((enum agent_state)s, AGENT_EV_DIAL), s == AGENT_READY || s == AGENT_PAUSED || s == AGENT_IN_CALL);
}

/* Four events in every order, the engine's part played as it plays it: a debt is left only with a saved disposition, or
 * by a kick that keeps it; a redial comes back to it. */
static void wrap_up_is_left_by_a_disposition(void **state)
{
	(void)state;
	const int n = AGENT_EVENTS;
	for (int path = 0; path < n * n * n * n; path++) {
		enum agent_state at = AGENT_WRAP_UP;
		bool owed = true;
		for (int i = 0, rest = path; i < 4; i++, rest /= n) {
			enum agent_event event = (enum agent_event)(rest % n);
			/* The engine asks the database which login it is. */
			if (event == AGENT_EV_LOGIN && owed)
				event = AGENT_EV_LOGIN_OWING;
			/* And which end of a call: with a debt none is simply gone. */
			if (event == AGENT_EV_CALL_GONE)
				event = AGENT_EV_CALL_ENDED;
			if (agent_step(&at, event) && event == AGENT_EV_DISPOSED)
				owed = false;
			if (!owed)
				break;
			UNIT_CASE(at != AGENT_READY && at != AGENT_PAUSED, "path %d leaves wrap_up to %s", path,
				agent_state_name(at));
		}
	}
}

static void names(void **state)
{
	(void)state;
	static const char *const want[AGENT_STATES] = {
		"offline", "ready", "paused", "dialing", "ringing", "in_call", "wrap_up",
	};
	for (int s = 0; s < AGENT_STATES; s++)
		assert_string_equal(agent_state_name((enum agent_state)s), want[s]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell),
		cmocka_unit_test(outside_of_the_table),
		cmocka_unit_test(who_may_dial),
		cmocka_unit_test(wrap_up_is_left_by_a_disposition),
		cmocka_unit_test(names),
	};
	return UNIT_RUN(tests);
}
