/* call.h - one call: its states, and why it ended. */
#pragma once
#include <stdbool.h>

enum call_state { CALL_NEW, CALL_DIALING, CALL_RINGING, CALL_EARLY, CALL_ACTIVE, CALL_HELD, CALL_ENDED, CALL_STATES };

/* What happens to a call: orders of the engine that were carried out, and reports of the phone. */
enum call_event {
	CALL_EV_ORDERED,            /* the phone took the dial order */
	CALL_EV_INCOMING,           /* the phone reports an INVITE */
	CALL_EV_RINGING,            /* 180 */
	CALL_EV_EARLY,              /* 183 with media */
	CALL_EV_UP,                 /* 2xx */
	CALL_EV_HELD, CALL_EV_RESUMED,
	CALL_EV_CLOSED,             /* for whatever cause */
	CALL_EVENTS
};

/* What the engine does with a step: RECORD_* writes it, with its time, into the call's row; TELL sends call.changed. */
enum call_effect {
	CALL_EFFECT_NONE = 0,
	CALL_EFFECT_RECORD_RINGING = 1, CALL_EFFECT_RECORD_ANSWER = 2, CALL_EFFECT_RECORD_END = 4,
	CALL_EFFECT_TELL = 8
};

/* The next state, with a set of effects; an event that the state does not expect leaves it as it is, with no effect. */
enum call_state call_step(enum call_state, enum call_event, unsigned *effects);
const char *call_state_name(enum call_state);       /* new dialing ringing early active held ended */

/* Why it ended (call_logs.cause). */
enum call_cause {
	CAUSE_NONE,
	CAUSE_AGENT_HANGUP, CAUSE_REMOTE_HANGUP,            /* after an answer */
	CAUSE_CANCELLED,                                /* the caller gave up before an answer (inbound: the far end) */
	CAUSE_BUSY, CAUSE_NO_ANSWER, CAUSE_REJECTED, CAUSE_NOT_FOUND, CAUSE_UNAVAILABLE,
	CAUSE_REDIRECTED,                                   /* 3xx, not followed */
	CAUSE_NO_RESPONSE,                                  /* nothing final came, or nothing at all */
	CAUSE_FAILED,                                       /* any other refusal */
	CAUSE_TIME_LIMIT,
	CAUSE_PHONE_LOST,                                   /* baresip died */
	CAUSE_ENGINE_RESTART,
	CAUSE_KICKED,                                       /* the session was taken over or ended by an admin */
	CAUSE_NOT_SENT,                                     /* the phone refused the order: no INVITE left */
	CAUSE_NOT_RECORDED,                                 /* it could not be recorded, and had to be */
	CAUSE_VOICEMAIL,                                    /* the agent sent it to voicemail */
	CAUSE_TRANSFERRED,                                  /* the far end goes on with whom it was transferred to */
	CAUSES
};
const char *call_cause_name(enum call_cause);
/* Of the final answer to an INVITE that was refused (RFC 3261 section 21, RFC 3398 section 7.2.4.1).  0 and whatever
 * else says nothing is CAUSE_FAILED. */
enum call_cause call_cause_from_sip(int status);
/* Does an outbound attempt with this end count toward the weekly cap?  12 CFR 1006.14(b)(2)(i): busy and numbers not in
 * service do not; unanswered, voicemail and dropped calls do.  What never left does not.  Doubtful ones count, and so
 * does a call that has not ended (CAUSE_NONE). */
bool call_cause_counts(enum call_cause);
