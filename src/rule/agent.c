/* agent.c - the agent's state machine. */
#include "agent.h"

struct cell {
	enum agent_state next;
	const char *refusal;        /* NULL: the event is allowed and leads to next */
};

#define TO(state)  {state, 0}
#define NO(why)    {0, why}

static const char offline[] = "the agent is not logged in";
static const char online[] = "the agent is logged in already";
static const char calling[] = "a call is in progress";
static const char dialling[] = "a call is being dialled";
static const char ringing[] = "a call is ringing";
static const char owing[] = "a disposition is owed for the last call";
static const char paused[] = "the agent is paused";
static const char no_call[] = "no call is in progress";
static const char not_ringing[] = "no call is ringing or being dialled";
static const char not_owing[] = "no disposition is owed";

/*
 * wrap_up is left by a saved disposition; by a redial, which comes back to it; or by a kick, which takes the debt
 * along: the next login is LOGIN_OWING.  Pausing again (with another reason) and being ready again are allowed and
 * change nothing.  One call is dialled at a time, but any number may ring here.
 */
static const struct cell table[AGENT_STATES][AGENT_EVENTS] = {
	[AGENT_OFFLINE] = {
		[AGENT_EV_LOGIN]       = TO(AGENT_READY),
		[AGENT_EV_LOGIN_OWING] = TO(AGENT_WRAP_UP),
		[AGENT_EV_LOGOUT]      = NO(offline),
		[AGENT_EV_PAUSE]       = NO(offline),
		[AGENT_EV_READY]       = NO(offline),
		[AGENT_EV_DIAL]        = NO(offline),
		[AGENT_EV_REDIAL]      = NO(offline),
		[AGENT_EV_INCOMING]    = NO(offline),
		[AGENT_EV_ANSWERED]    = NO(offline),
		[AGENT_EV_REST_DIALS]  = NO(offline),
		[AGENT_EV_REST_RINGS]  = NO(offline),
		[AGENT_EV_CALL_ENDED]  = NO(offline),
		[AGENT_EV_CALL_GONE]   = NO(offline),
		[AGENT_EV_DISPOSED]    = NO(offline),
		[AGENT_EV_KICK]        = TO(AGENT_OFFLINE),
	},
	[AGENT_READY] = {
		[AGENT_EV_LOGIN]       = NO(online),
		[AGENT_EV_LOGIN_OWING] = NO(online),
		[AGENT_EV_LOGOUT]      = TO(AGENT_OFFLINE),
		[AGENT_EV_PAUSE]       = TO(AGENT_PAUSED),
		[AGENT_EV_READY]       = TO(AGENT_READY),
		[AGENT_EV_DIAL]        = TO(AGENT_DIALING),
		[AGENT_EV_REDIAL]      = TO(AGENT_DIALING),
		[AGENT_EV_INCOMING]    = TO(AGENT_RINGING),
		[AGENT_EV_ANSWERED]    = NO(not_ringing),
		[AGENT_EV_REST_DIALS]  = NO(no_call),
		[AGENT_EV_REST_RINGS]  = NO(no_call),
		[AGENT_EV_CALL_ENDED]  = NO(no_call),
		[AGENT_EV_CALL_GONE]   = NO(no_call),
		[AGENT_EV_DISPOSED]    = NO(not_owing),
		[AGENT_EV_KICK]        = TO(AGENT_OFFLINE),
	},
	[AGENT_PAUSED] = {
		[AGENT_EV_LOGIN]       = NO(online),
		[AGENT_EV_LOGIN_OWING] = NO(online),
		[AGENT_EV_LOGOUT]      = TO(AGENT_OFFLINE),
		[AGENT_EV_PAUSE]       = TO(AGENT_PAUSED),
		[AGENT_EV_READY]       = TO(AGENT_READY),
		[AGENT_EV_DIAL]        = TO(AGENT_DIALING),
		[AGENT_EV_REDIAL]      = TO(AGENT_DIALING),
		[AGENT_EV_INCOMING]    = NO(paused),
		[AGENT_EV_ANSWERED]    = NO(not_ringing),
		[AGENT_EV_REST_DIALS]  = NO(no_call),
		[AGENT_EV_REST_RINGS]  = NO(no_call),
		[AGENT_EV_CALL_ENDED]  = NO(no_call),
		[AGENT_EV_CALL_GONE]   = NO(no_call),
		[AGENT_EV_DISPOSED]    = NO(not_owing),
		[AGENT_EV_KICK]        = TO(AGENT_OFFLINE),
	},
	[AGENT_DIALING] = {
		[AGENT_EV_LOGIN]       = NO(online),
		[AGENT_EV_LOGIN_OWING] = NO(online),
		[AGENT_EV_LOGOUT]      = NO(calling),
		[AGENT_EV_PAUSE]       = NO(calling),
		[AGENT_EV_READY]       = NO(calling),
		[AGENT_EV_DIAL]        = NO(dialling),
		[AGENT_EV_REDIAL]      = NO(dialling),
		[AGENT_EV_INCOMING]    = TO(AGENT_DIALING),
		[AGENT_EV_ANSWERED]    = TO(AGENT_IN_CALL),
		[AGENT_EV_REST_DIALS]  = TO(AGENT_DIALING),
		[AGENT_EV_REST_RINGS]  = TO(AGENT_RINGING),
		[AGENT_EV_CALL_ENDED]  = TO(AGENT_WRAP_UP),
		[AGENT_EV_CALL_GONE]   = TO(AGENT_READY),
		[AGENT_EV_DISPOSED]    = NO(calling),
		[AGENT_EV_KICK]        = TO(AGENT_OFFLINE),
	},
	[AGENT_RINGING] = {
		[AGENT_EV_LOGIN]       = NO(online),
		[AGENT_EV_LOGIN_OWING] = NO(online),
		[AGENT_EV_LOGOUT]      = NO(calling),
		[AGENT_EV_PAUSE]       = NO(calling),
		[AGENT_EV_READY]       = NO(calling),
		[AGENT_EV_DIAL]        = NO(ringing),
		[AGENT_EV_REDIAL]      = NO(ringing),
		[AGENT_EV_INCOMING]    = TO(AGENT_RINGING),
		[AGENT_EV_ANSWERED]    = TO(AGENT_IN_CALL),
		[AGENT_EV_REST_DIALS]  = TO(AGENT_DIALING),
		[AGENT_EV_REST_RINGS]  = TO(AGENT_RINGING),
		[AGENT_EV_CALL_ENDED]  = TO(AGENT_WRAP_UP),
		[AGENT_EV_CALL_GONE]   = TO(AGENT_READY),
		[AGENT_EV_DISPOSED]    = NO(calling),
		[AGENT_EV_KICK]        = TO(AGENT_OFFLINE),
	},
	[AGENT_IN_CALL] = {
		[AGENT_EV_LOGIN]       = NO(online),
		[AGENT_EV_LOGIN_OWING] = NO(online),
		[AGENT_EV_LOGOUT]      = NO(calling),
		[AGENT_EV_PAUSE]       = NO(calling),
		[AGENT_EV_READY]       = NO(calling),
		[AGENT_EV_DIAL]        = TO(AGENT_IN_CALL),
		[AGENT_EV_REDIAL]      = TO(AGENT_IN_CALL),
		[AGENT_EV_INCOMING]    = TO(AGENT_IN_CALL),
		[AGENT_EV_ANSWERED]    = TO(AGENT_IN_CALL),
		[AGENT_EV_REST_DIALS]  = TO(AGENT_DIALING),
		[AGENT_EV_REST_RINGS]  = TO(AGENT_RINGING),
		[AGENT_EV_CALL_ENDED]  = TO(AGENT_WRAP_UP),
		[AGENT_EV_CALL_GONE]   = TO(AGENT_READY),
		[AGENT_EV_DISPOSED]    = NO(calling),
		[AGENT_EV_KICK]        = TO(AGENT_OFFLINE),
	},
	[AGENT_WRAP_UP] = {
		[AGENT_EV_LOGIN]       = NO(online),
		[AGENT_EV_LOGIN_OWING] = NO(online),
		[AGENT_EV_LOGOUT]      = NO(owing),
		[AGENT_EV_PAUSE]       = NO(owing),
		[AGENT_EV_READY]       = NO(owing),
		[AGENT_EV_DIAL]        = NO(owing),
		[AGENT_EV_REDIAL]      = TO(AGENT_DIALING),
		[AGENT_EV_INCOMING]    = NO(owing),
		[AGENT_EV_ANSWERED]    = NO(owing),
		[AGENT_EV_REST_DIALS]  = NO(owing),
		[AGENT_EV_REST_RINGS]  = NO(owing),
		[AGENT_EV_CALL_ENDED]  = TO(AGENT_WRAP_UP),
		[AGENT_EV_CALL_GONE]   = NO(owing),
		[AGENT_EV_DISPOSED]    = TO(AGENT_READY),
		[AGENT_EV_KICK]        = TO(AGENT_OFFLINE),
	},
};

static bool known(enum agent_state state, enum agent_event event)
{
	return (unsigned)state < AGENT_STATES && (unsigned)event < AGENT_EVENTS;
}

bool agent_step(enum agent_state *state, enum agent_event event)
{
	if (!known(*state, event) || table[*state][event].refusal)
		return false;
	*state = table[*state][event].next;
	return true;
}

const char *agent_state_name(enum agent_state state)
{
	static const char *const names[AGENT_STATES] = {
		[AGENT_OFFLINE] = "offline", [AGENT_READY] = "ready", [AGENT_PAUSED] = "paused",
		[AGENT_DIALING] = "dialing",
		[AGENT_RINGING] = "ringing", [AGENT_IN_CALL] = "in_call", [AGENT_WRAP_UP] = "wrap_up",
	};
	return (unsigned)state < AGENT_STATES ? names[state] : "unknown";
}

const char *agent_refusal(enum agent_state state, enum agent_event event)
{
	if (!known(state, event))
		return "the agent's state is unknown";
	return table[state][event].refusal ? table[state][event].refusal : "";
}
