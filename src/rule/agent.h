/*
 * agent.h - what an agent is doing.  Nothing but a saved disposition leaves wrap_up for good: a redial only adds to the
 * debt, and a kick takes it along.
 *
 * An agent has several calls at a time.  He is in_call while any of them is up, else dialing while one is being
 * dialled, else ringing while one rings here; when the last one ends he is in wrap_up, or free again.
 */
#pragma once
#include <stdbool.h>

enum agent_state {
	AGENT_OFFLINE, AGENT_READY, AGENT_PAUSED, AGENT_DIALING, AGENT_RINGING, AGENT_IN_CALL, AGENT_WRAP_UP,
	AGENT_STATES
};

enum agent_event {
	AGENT_EV_LOGIN,             /* owing nothing */
	AGENT_EV_LOGIN_OWING,       /* a disposition is owed from before */
	AGENT_EV_LOGOUT,
	AGENT_EV_PAUSE, AGENT_EV_READY,
	AGENT_EV_DIAL,              /* an order to dial was given to the phone */
	AGENT_EV_REDIAL,            /* the same, for a number called before: wrap_up allows it */
	AGENT_EV_INCOMING,          /* an inbound call rings, perhaps while others are up: call waiting */
	AGENT_EV_ANSWERED,          /* either way */
	AGENT_EV_REST_DIALS,        /* a call ended; of those left none is up, and one is being dialled */
	AGENT_EV_REST_RINGS,        /* a call ended; all those left ring here */
	AGENT_EV_CALL_ENDED,        /* the last call ended and a disposition is owed */
	AGENT_EV_CALL_GONE,         /* the last call ended and none is owed (an inbound call that nobody answered) */
	AGENT_EV_DISPOSED,          /* the last owed disposition was saved */
	AGENT_EV_KICK,              /* taken over or ended by an admin: always goes offline */
	AGENT_EVENTS
};

/* True when the event is allowed; *state is then the new one.  False leaves it. */
bool agent_step(enum agent_state *state, enum agent_event);
const char *agent_state_name(enum agent_state);
/* Why the event is refused, as a sentence without its end: "a disposition is owed for the last call".  "" when it is
 * allowed; never NULL. */
const char *agent_refusal(enum agent_state, enum agent_event);
