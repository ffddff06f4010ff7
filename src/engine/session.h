/*
 * session.h - who sits where, with their calls: what the files of the phone side share.
 *
 * session.c logs in and out, session_state.c keeps an agent's state and tells it, dial.c makes outgoing calls, live.c moves calls on,
 * live_orders.c takes an agent's orders for them, record.c records them, wrap_up.c closes them, restart.c finds them again.
 */
#pragma once
#include "../rule/agent.h"
#include "../rule/call.h"
#include "child.h"
#include "engine.h"
#include "phone.h"
#include "sound.h"

enum { SESSION_NAME_SIZE = 128 };

/* A call in progress.  Its row in softphone_call_logs is there before anything is sent, and is brought up to date at each step. */
struct live {
	struct live *next;
	struct session *session;
	int64_t id;                         /* of the row */
	int64_t order;                      /* the module's number for it; 0 until the phone has taken the order */
	int slot;                           /* of sound; -1: none yet */
	bool inbound;
	enum call_state state;
	int64_t answered_ms;                /* UTC; 0: not answered */
	bool muted, tried, rang, encrypted;
	bool ended;                         /* over, but its row is not closed yet: the database refused, and is asked again */

	/* what the dial order asked for */
	bool record;
	char *play;
	int64_t ring_seconds, hangup_after;

	/* why it ends, once somebody decided; else the phone's report says */
	enum call_cause cause;
	int sip_code;
	char *sip_reason;

	struct request *dialing;            /* call.dial, which is answered when the phone has taken the order */
	int64_t recording_id;               /* of the file that is being written, or 0 */
	int recordings;                     /* files so far */
	struct event *no_response, *ring_limit, *talk_limit, *hangup_timer, *again;
};

enum session_phase {
	SESSION_STARTING,                   /* the login waits for the registration; nobody sees it yet */
	SESSION_ON,
	SESSION_LEAVING,                    /* over: only its children are still ending */
};

/* One agent at one station. */
struct session {
	struct session *next;
	struct engine *engine;
	enum session_phase phase;
	int64_t id;                         /* of the row in softphone_assignments */
	int64_t tenant_id, user_id, station_id;
	char login[SESSION_NAME_SIZE], station[SESSION_NAME_SIZE], did[SESSION_NAME_SIZE];
	enum agent_state state;
	int64_t since_ms;                   /* UTC, of the state */
	char *paused_reason;

	bool registers;                     /* a station that registers; else it is always reachable */
	bool registered;
	int register_code;                  /* of the last refusal, or 0 */
	char *register_reason;              /* NULL while registered or not asked yet */

	struct phone *phone;
	struct sound *sound;
	struct live *calls;
	struct event *overdue;              /* when the wrap-up's allowance is used up */

	/* only while starting */
	struct request *login_request;
	struct event *login_limit;
	int64_t replaces;                   /* the user id whose other session this one takes over, or 0 */
};

struct ack;

struct sessions {
	struct session *first;
	struct ack *acks;                   /* ack.c */
	size_t children;                    /* processes that are still ending */
	void (*closed)(struct engine *);    /* sessions_close()'s, once they are gone */
	struct event *heartbeat;            /* restart.c */
};

/* ---- session.c ---- */
struct session *session_of_user(const struct engine *, int64_t user_id);               /* phase ON only; NULL */
/* The session of the agent that the request is for, or NULL with ERR_CONFLICT. */
struct session *session_of_request(struct request *);
struct session *session_new(struct engine *, int64_t tenant_id, int64_t user_id, int64_t station_id, struct err *);
/* Starts its phone and sound. */
int  session_start(struct session *, struct err *);
/* Ends its calls with the cause, its children and its assignment (reason: its release_reason, or NULL to leave it open for a restart). */
void session_end(struct session *, enum call_cause, const char *reason);

/* ---- session_state.c ---- */
/* Steps the agent's state and tells it.  An event that the state refuses changes nothing. */
void    session_step(struct session *, enum agent_event);
json_t *session_json(const struct session *);
void    session_tell(const struct session *);

/* ---- live.c ---- */
extern const struct phone_hooks session_phone_hooks;
struct live *live_new(struct session *, int64_t call_id, bool inbound);
struct live *live_of_order(const struct session *, int64_t order);
struct live *live_by_id(const struct engine *, int64_t tenant_id, int64_t call_id);
/* The phone has taken the dial order, or not. */
void    live_ordered(void *session, int64_t call_id, const json_t *answer, const struct err *);
/* Asks the phone to end it; cause says why. */
void    live_hang_up(struct live *, enum call_cause, int code);
/* It is over: closes its row, and steps its agent. */
void    live_end(struct live *);
void    live_tell(const struct live *);
void    live_step(struct live *, enum call_event);
/* The call as call.show tells it; NULL with an error.  live may be NULL. */
json_t *live_json(struct engine *, int64_t tenant_id, int64_t call_id, const struct live *, struct err *);
void    live_free(struct live *);

/* ---- record.c ---- */
void record_begin(struct live *);
void record_end(struct live *);
/* The media process is back after a crash: it goes on in a new file. */
void record_again(struct live *);
