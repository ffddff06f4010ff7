/* call.c - the call's state machine, and the causes of its end. */
#include "call.h"

struct cell {
	bool expected;
	enum call_state next;
	unsigned effects;
};

/*
 * Reports of the phone are facts: an answer is followed even when the reports before it were lost or never sent.  Only
 * the two beginnings are bound to `new`.  Early media is not left for a later 180: the agent already hears the far end.
 * A second 2xx (re-INVITE) changes nothing.  `ended` is left by nothing.
 */
#define STAY       {0}
#define TO(state, effects) {true, state, CALL_EFFECT_TELL | (effects)}
#define RINGS      CALL_EFFECT_RECORD_RINGING
#define ANSWERED   CALL_EFFECT_RECORD_ANSWER
#define ENDS       TO(CALL_ENDED, CALL_EFFECT_RECORD_END)

static const struct cell table[CALL_STATES][CALL_EVENTS] = {
	[CALL_NEW] = {
		[CALL_EV_ORDERED]  = TO(CALL_DIALING, 0),
		[CALL_EV_INCOMING] = TO(CALL_RINGING, RINGS),
		[CALL_EV_RINGING]  = TO(CALL_RINGING, RINGS),
		[CALL_EV_EARLY]    = TO(CALL_EARLY, RINGS),
		[CALL_EV_UP]       = TO(CALL_ACTIVE, ANSWERED),
		[CALL_EV_HELD]     = STAY,
		[CALL_EV_RESUMED]  = STAY,
		[CALL_EV_CLOSED]   = ENDS,
	},
	[CALL_DIALING] = {
		[CALL_EV_ORDERED]  = STAY,
		[CALL_EV_INCOMING] = STAY,
		[CALL_EV_RINGING]  = TO(CALL_RINGING, RINGS),
		[CALL_EV_EARLY]    = TO(CALL_EARLY, RINGS),
		[CALL_EV_UP]       = TO(CALL_ACTIVE, ANSWERED),
		[CALL_EV_HELD]     = STAY,
		[CALL_EV_RESUMED]  = STAY,
		[CALL_EV_CLOSED]   = ENDS,
	},
	[CALL_RINGING] = {
		[CALL_EV_ORDERED]  = STAY,
		[CALL_EV_INCOMING] = STAY,
		[CALL_EV_RINGING]  = STAY,
		[CALL_EV_EARLY]    = TO(CALL_EARLY, 0),
		[CALL_EV_UP]       = TO(CALL_ACTIVE, ANSWERED),
		[CALL_EV_HELD]     = STAY,
		[CALL_EV_RESUMED]  = STAY,
		[CALL_EV_CLOSED]   = ENDS,
	},
	[CALL_EARLY] = {
		[CALL_EV_ORDERED]  = STAY,
		[CALL_EV_INCOMING] = STAY,
		[CALL_EV_RINGING]  = STAY,
		[CALL_EV_EARLY]    = STAY,
		[CALL_EV_UP]       = TO(CALL_ACTIVE, ANSWERED),
		[CALL_EV_HELD]     = STAY,
		[CALL_EV_RESUMED]  = STAY,
		[CALL_EV_CLOSED]   = ENDS,
	},
	[CALL_ACTIVE] = {
		[CALL_EV_ORDERED]  = STAY,
		[CALL_EV_INCOMING] = STAY,
		[CALL_EV_RINGING]  = STAY,
		[CALL_EV_EARLY]    = STAY,
		[CALL_EV_UP]       = STAY,
		[CALL_EV_HELD]     = TO(CALL_HELD, 0),
		[CALL_EV_RESUMED]  = STAY,
		[CALL_EV_CLOSED]   = ENDS,
	},
	[CALL_HELD] = {
		[CALL_EV_ORDERED]  = STAY,
		[CALL_EV_INCOMING] = STAY,
		[CALL_EV_RINGING]  = STAY,
		[CALL_EV_EARLY]    = STAY,
		[CALL_EV_UP]       = STAY,
		[CALL_EV_HELD]     = STAY,
		[CALL_EV_RESUMED]  = TO(CALL_ACTIVE, 0),
		[CALL_EV_CLOSED]   = ENDS,
	},
	[CALL_ENDED] = {
		[CALL_EV_ORDERED]  = STAY,
		[CALL_EV_INCOMING] = STAY,
		[CALL_EV_RINGING]  = STAY,
		[CALL_EV_EARLY]    = STAY,
		[CALL_EV_UP]       = STAY,
		[CALL_EV_HELD]     = STAY,
		[CALL_EV_RESUMED]  = STAY,
		[CALL_EV_CLOSED]   = STAY,
	},
};

enum call_state call_step(enum call_state state, enum call_event event, unsigned *effects)
{
	*effects = CALL_EFFECT_NONE;
	if ((unsigned)state >= CALL_STATES || (unsigned)event >= CALL_EVENTS || !table[state][event].expected)
		return state;
	*effects = table[state][event].effects;
	return table[state][event].next;
}

static const char *const state_names[CALL_STATES] = {
	[CALL_NEW] = "new", [CALL_DIALING] = "dialing", [CALL_RINGING] = "ringing", [CALL_EARLY] = "early",
	[CALL_ACTIVE] = "active", [CALL_HELD] = "held", [CALL_ENDED] = "ended",
};

static const char *const cause_names[CAUSES] = {
	[CAUSE_NONE] = "none", [CAUSE_AGENT_HANGUP] = "agent_hangup", [CAUSE_REMOTE_HANGUP] = "remote_hangup",
	[CAUSE_CANCELLED] = "cancelled", [CAUSE_BUSY] = "busy", [CAUSE_NO_ANSWER] = "no_answer",
	[CAUSE_REJECTED] = "rejected", [CAUSE_NOT_FOUND] = "not_found", [CAUSE_UNAVAILABLE] = "unavailable",
	[CAUSE_REDIRECTED] = "redirected", [CAUSE_NO_RESPONSE] = "no_response", [CAUSE_FAILED] = "failed",
	[CAUSE_TIME_LIMIT] = "time_limit", [CAUSE_PHONE_LOST] = "phone_lost", [CAUSE_ENGINE_RESTART] = "engine_restart",
	[CAUSE_KICKED] = "kicked", [CAUSE_NOT_SENT] = "not_sent", [CAUSE_NOT_RECORDED] = "not_recorded",
	[CAUSE_VOICEMAIL] = "voicemail", [CAUSE_TRANSFERRED] = "transferred",
};

const char *call_state_name(enum call_state state)
{
	return (unsigned)state < CALL_STATES ? state_names[state] : "unknown";
}

const char *call_cause_name(enum call_cause cause)
{
	return (unsigned)cause < CAUSES ? cause_names[cause] : "unknown";
}

enum call_cause call_cause_from_sip(int status)
{
	if (status >= 300 && status <= 399)
		return CAUSE_REDIRECTED;
	switch (status) {
	case 486: case 600:                             /* Busy Here, Busy Everywhere */
		return CAUSE_BUSY;
	case 408:                                  /* Request Timeout: what proxies answer when nobody takes the call */
		return CAUSE_NO_ANSWER;
	case 403: case 433:                             /* Forbidden, Anonymity Disallowed */
	case 603: case 607: case 608:                   /* Decline, Unwanted, Rejected */
		return CAUSE_REJECTED;
	case 404: case 410: case 484: case 485: case 604:   /* Not Found, Gone, Address Incomplete, Ambiguous */
		return CAUSE_NOT_FOUND;
	case 430: case 480:                             /* Flow Failed, Temporarily Unavailable */
	case 502: case 503: case 504:                   /* Bad Gateway, Service Unavailable, Server Time-out */
		return CAUSE_UNAVAILABLE;
	case 487:                                       /* Request Terminated: our CANCEL */
		return CAUSE_CANCELLED;
	default:
		return CAUSE_FAILED;
	}
}

bool call_cause_counts(enum call_cause cause)
{
	return cause != CAUSE_BUSY && cause != CAUSE_NOT_FOUND && cause != CAUSE_NOT_SENT;
}
