/*
 * session.h - who sits where, with their calls: what the files of the phone side share.
 *
 * session.c logs in and out, session_state.c keeps an agent's state and tells it; dial.c makes outgoing calls, behind
 * gate_leg.c; live.c moves calls on, live_phone.c hears of them, live_end.c ends them, lines.c keeps several of one
 * agent apart, live_orders.c takes an agent's orders, refer.c and transfer.c send far ends elsewhere, conference.c
 * joins them; record.c records, wrap_up.c closes, restart.c finds them again.
 */
#pragma once
#include "../base/e164.h"
#include "../rule/agent.h"
#include "../rule/call.h"
#include "child.h"
#include "engine.h"
#include "phone.h"
#include "sound.h"

enum { SESSION_NAME_SIZE = 128, LINES_MAX = 6 };        /* calls of one agent at a time */

struct live;

/* Whoever had a call made may want to know of it.  Either may be NULL. */
struct live_watch {
	void (*up)(struct live *, void *arg);   /* the far end has answered; it is the agent's active call now */
	void (*over)(struct live *, void *arg); /* it is over, for ->cause; freed right after */
};

struct quality;
struct refer;
struct joining;

/* A call in progress.  Its row in softphone_call_logs is there before anything is sent, and is brought up to date at
 * each step. */
struct live {
	struct live *next;
	struct session *session;
	int64_t id;                         /* of the row */
	int64_t order;                      /* the module's number for it; 0 until the phone has taken the order */
	int slot;                           /* of sound; -1: none yet */
	bool inbound;
	char caller[64];                    /* who came in, as its row has it; "" where it was dialled */
	bool internal;                      /* between two agents of the tenant: no gate, no cap */
	int64_t called_station;             /* of an internal call that is placed here; else 0 */
	char token[33];                     /* of such a call: stands in its INVITE, and only its other half has it */
	bool met;                           /* its other half rings at that station */
	char *sip_call_id;                  /* of a call placed here, once the phone has taken the order */
	enum call_state state;
	int64_t answered_ms, ended_ms;      /* UTC; 0: not yet */
	bool muted;
	bool held_here;                     /* held: by the mixer alone, while it is up at SIP level */
	bool rang;                          /* 180 or 183 came: somebody, or something, is there */
	bool far_tone;                      /* before its answer the far end is heard: no ringback of ours */
	int64_t consults;                   /* the call that it was dialled for, or 0 */
	int64_t conference;                 /* its first call, for calls that hear each other; 0: none */
	bool in_room;                       /* the agent's own call into a conference room of the PBX */
	char *room;                         /* and that room's address, to which others may be moved */
	bool ended; /* over, but its row is not closed yet: the database refused, and is asked again */

	/* record.c */
	bool record;                        /* it is to be recorded */
	bool record_required;               /* and may not go on when it cannot be */
	bool record_paused, record_failed;
	bool announced;                     /* the far end has heard that it is recorded, or need not */
	bool unannounced;                   /* it need not */
	int64_t recording_id;               /* of the file that is being written, or 0 */
	int recordings;                     /* files so far */
	struct event *record_timer, *pause_timer;

	/* what the dial order asked for */
	char *play;
	int64_t ring_seconds, hangup_after, talk_seconds;       /* 0: no limit */
	int64_t limit_left;                 /* at the talk limit's next warning; 0: at the limit itself */

	/* why it ends, once somebody decided; else the phone's report says */
	enum call_cause cause;
	int sip_code;
	char *sip_reason;

	struct request *dialing;            /* call.dial, which is answered when the phone has taken the order */
	struct request *answering;          /* call.answer, which is answered when the call is up */
	const struct live_watch *watch;     /* NULL: nobody's */
	void *watch_arg;
	struct quality *quality;            /* quality.c: once it is up */
	struct refer *refer;                /* refer.c: its far end is told to go on with somebody else */
	struct event *no_response, *ring_limit, *talk_limit, *hangup_timer, *again;
};

enum session_phase {
	SESSION_STARTING,                   /* the login waits for the registration; nobody sees it yet */
	SESSION_ON,
};

/* One agent at one station. */
struct session {
	struct session *next;
	struct engine *engine;
	enum session_phase phase;
	int64_t id;                         /* of the row in softphone_assignments; 0 while starting */
	int64_t tenant_id, user_id, station_id;
	char login[SESSION_NAME_SIZE], station[SESSION_NAME_SIZE], did[SESSION_NAME_SIZE];
	enum agent_state state;
	int64_t since_ms;                   /* UTC, of the state */
	char *paused_reason;                /* kept while he is in calls that he dialled meanwhile */
	bool dnd;                           /* no call rings */

	bool registers;                     /* a station that registers; else it is always reachable */
	bool nat_silent;                    /* the server that finds the way through NAT does not answer */
	bool registered;
	int register_code;                  /* of the last refusal, or 0 */
	char *register_reason;              /* NULL while registered or not asked yet */
	/* {by, reason, now_at}, told with its end when somebody else ended it; or NULL */
	json_t *ended;

	struct phone *phone;
	struct sound *sound;
	struct live *calls;
	int64_t conference;                 /* the one that its calls are in, or were last; 0: none */
	struct joining *joining;            /* conference.c: somebody is being added; or NULL */
	bool leaving;                       /* its children are being told to end */
	int64_t refer_told_ms;              /* monotonic: when a REFER that was refused was audited last; 0: never */
	unsigned refers_untold;             /* since then */
	const char *tone;                   /* what the card plays, as of spctl-media's "ring"; NULL: not known */
	struct event *overdue;              /* when the wrap-up's allowance is used up */

	/* only while starting */
	struct request *login_request;
	struct event *login_limit;
	bool take_over;
};

/* The number that a call shows, the address that carries it, and where that stands: "from", "pai" or "ppi"
 * (RFC 3325). */
struct caller_id {
	char did[E164_SIZE];
	char uri[320];                      /* sip:+14155550100@HOST[:PORT], the host being the station's */
	char header[8];
};
/* team.c: of a station's calls.  The number is its team's, where it names a team that there is, else its own. */
int caller_id_of(struct engine *, int64_t tenant_id, int64_t station_id, struct caller_id *, struct err *);

struct ack;
struct unclosed;
struct writing;
struct closing;
struct tz;

struct sessions {
	struct session *first;
	struct ack *acks;                   /* ack.c */
	/* live_end.c: calls that are over, with their sessions, and whose rows say nothing of it */
	struct unclosed *unclosed;
	struct writing *writing;            /* record.c: the files that are being written */
	struct closing *closing;            /* record.c: those whose digest is being computed */
	struct tz *zone;                    /* gate_ask.c: the last tenant's */
	char zone_name[64];
	int64_t audit_told;                 /* audit_now.c: the last row that was told */
	size_t children;                    /* processes that are still ending */
	void (*closed)(struct engine *);    /* sessions_close()'s, once they are gone */
	struct event *heartbeat;            /* restart.c */
};

/* ---- session.c ---- */
struct session *session_of_user(const struct engine *, int64_t user_id);               /* phase ON only; NULL */
/* The session of the agent that the request is for, or NULL with ERR_CONFLICT. */
struct session *session_of_request(struct request *);
/* In memory only: the row in softphone_assignments is written once the phone is registered. */
struct session *session_new(struct engine *, int64_t tenant_id, int64_t user_id, int64_t station_id, struct err *);
/* Starts its sound and phone. */
void session_start(struct session *);
/* Ends its calls with the cause, its children and its assignment (reason: its release_reason, or NULL to leave it open
 * for a restart), and frees it. */
void session_end(struct session *, enum call_cause, const char *reason);

/* The session is there: ready, or in wrap-up when a disposition is owed. */
void session_enter(struct session *);
/* As session_end() for somebody who did not ask for it, with an audit row.  by_user: who did, 0 for an admin who is
 * no user; now_at: the station where the agent sits instead, or NULL. */
void session_kick_out(struct session *, int64_t by_user, const char *now_at, const char *reason);
/* Hooks of its phone. */
void session_usable(void *session);
void session_refused(void *session, int code, const char *reason);

/* ---- session_state.c ---- */
/* Steps the agent's state and tells it.  An event that the state refuses changes nothing. */
void    session_step(struct session *, enum agent_event);
json_t *session_json(const struct session *);
void    session_tell(const struct session *);
/* Sees to it that the end of the wrap-up's allowance is told. */
void    session_watch_wrap_up(struct session *);

/* ---- dial.c: the only way to a call ---- */
/* A leg for another call is what an agent in that call may dial although a disposition is owed. */
enum dial_purpose { DIAL_NORMAL, DIAL_REDIAL, DIAL_CONSULT, DIAL_CONFERENCE };

struct dial {
	const char *to;                     /* a number as typed, or an agent's login or station: an internal call */
	int64_t customer_id;                /* who is meant; 0: nobody named */
	enum dial_purpose purpose;
	int64_t of_call;                    /* the call that is dialled again, or that this one is for; else 0 */
	const struct live_watch *watch;     /* or NULL */
	void *watch_arg;
	bool keep_request;                  /* the request stays the caller's, who hears of the call by the watch */
};
/* Gate, audit rows and the call's row in one transaction; then the agent's active calls are held and the phone is told.
 * The request's ack, acknowledge, play, timeout, hangup_after and record count where its method takes them.
 * REQUEST_PENDING with *live, which is NULL when it was over at once; the request is answered with the call when the
 * phone has taken the order, unless it is kept.  Else a negative error: nothing was sent, and blocks and warnings are
 * audited. */
int dial_start(struct request *, struct session *, const struct dial *, struct live **);
/* The agent's own call into the conference room of the PBX that his station names: to is its SIP address, which
 * passes no gate, so that it may not be what a PBX takes for a telephone number. */
int dial_room(struct request *, struct session *, const struct dial *);
/* ERR_CONFIG for an address that may be a telephone number's: there is no gate before a room. */
int dial_check_room(const char *uri, struct err *);

/* ---- lines.c: several calls of one agent ---- */
/* The call that the agent talks on; else the one being dialled, else one on hold, else one that rings; NULL: none. */
struct live *lines_current(const struct session *);
bool   lines_talking(const struct session *);           /* is one active? */
size_t lines_count(const struct session *);             /* calls that are not over */
/* The one that is being dialled, or NULL. */
struct live *lines_dialled(const struct session *);
/* The card's sound follows the calls: which one the agent hears and speaks to, and the tone. */
void lines_sound(struct session *);
/* On hold: from here on the party does not hear the agent, whatever becomes of the order.  Where the station says so,
 * or the far end refuses, the mixer holds it.  Only for one that is active. */
void lines_hold(struct live *);
/* Every active call but this one, and those in a conference with it. */
void lines_hold_others(struct session *, const struct live *but);
/* 0, or ERR_CONFLICT with a sentence: no other call is being dialled or answered, so this one may become the active
 * one. */
int  lines_check_turn(const struct session *, const struct live *, struct err *);
/* Holds the others, and answers a call that rings here.  waits is answered when it is up, or not; NULL: nobody
 * waits. */
int  lines_answer(struct live *, struct request *waits, struct err *);
/* Takes it back from hold; every other active call, but those in a conference with it, is held. */
void lines_resume(struct live *);
void lines_resumed(struct live *);                      /* the phone has: the rest of it */
/* The mixer's part of a hold, or of its end. */
void lines_sound_hold(const struct live *);
/* The far end refused to be held, or the phone did: the mixer alone holds it. */
void lines_hold_refused(struct live *, const char *why);

/* ---- live.c ---- */
struct live *live_new(struct session *, int64_t call_id, bool inbound);
struct live *live_of_order(const struct session *, int64_t order);
struct live *live_of_id(const struct session *, int64_t call_id);
struct live *live_by_id(const struct engine *, int64_t tenant_id, int64_t call_id); /* of any session (live_orders.c) */
/* Answered and not over. */
bool live_is_up(const struct live *);
/* Tells the phone to dial; the request in live->dialing is answered when it has taken the order, or not. */
void    live_order_dial(struct live *, const char *target, const struct caller_id *);
/* Asks the phone to end it; cause says why.  code: the SIP status that refuses a call that rings here, or 0. */
void    live_hang_up(struct live *, enum call_cause cause, int code);
/* The mixer learns whether the call is muted, and whether it is on hold: nothing of the agent goes to it then, nor
 * into its recording. */
void    live_sound_side(const struct live *);
/* Its slot carries its sound from now on. */
void    live_begin_sound(const struct live *);
void    sound_say(const struct session *, json_t *command);     /* stolen; a refusal becomes a notice */
/* Steps it, writes what follows and tells it. */
void    live_step(struct live *, enum call_event);
void    live_step_with(struct live *, enum call_event, const char *codec);
void    live_tell(const struct live *);
/* A failure is told, not fatal: the call goes on, and its end is written until it is there.  NULL: as it was. */
void    live_write(struct live *, const char *codec, const char *sip_call_id, bool encrypted);
void session_tell_call(const struct session *, int64_t call_id, const struct live *); /* live: NULL when it is over */
/* The call as call.show tells it; NULL with an error.  live: NULL when it is over. */
json_t *live_json(struct engine *, int64_t tenant_id, int64_t call_id, const struct live *, struct err *);
void    live_free(struct live *);
/* A notice at the agent's screen, and a line in the log. */
void session_notice(const struct session *, const char *level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- live_orders.c ---- */
/* The call that a request is about: the one named, else the agent's only one that fits, or of several that on which he
 * talks.  NULL with an error: what is how it would be changed ("transferred"). */
typedef bool (fits_h)(const struct live *);
struct live *orders_call(struct request *, fits_h *, const char *what);
/* Hangs this call up; the request is answered when it is over.  As a handler answers. */
int orders_hang_up(struct request *, struct live *);

/* ---- live_end.c ---- */
/* It is over, for live->cause: its row is closed, its agent goes on, it is freed; or, when the database refuses, it is
 * asked again later. */
void    live_end(struct live *);
/* Frees one that is over, with its session, while the database refuses: its row is closed, and what it owes is known,
 * when calls_close() is called next. */
void    live_leave(struct live *);
/* Closes the rows of those; negative when the database still refuses. */
int     calls_close(struct engine *, struct err *);
void    calls_forget(struct engine *);

/* ---- live_phone.c ---- */
extern const struct phone_hooks session_phone_hooks;
extern const struct sound_hooks session_sound_hooks;

/* ---- live_timer.c ---- */
void live_watch_dialing(struct live *);     /* no response, no answer */
void live_watch_ringing(struct live *);     /* an inbound call that nobody takes */
void live_watch_talk(struct live *);        /* hangup_after, max_call_hours */
int64_t live_ends_at(const struct live *);  /* UTC: when a call that is up is ended whatever happens; 0: never */
void live_heard_of(struct live *);          /* the far end has answered something: it is there */
void live_unwatch(struct live *);

/* ---- sound_orders.c ---- */
void session_tell_level(const struct session *, const json_t *message);

/* ---- incoming.c ---- */
void incoming_call(struct session *, const json_t *message);
void incoming_busy(struct session *, const json_t *message);
void incoming_unacceptable(struct session *, const json_t *message);

/* ---- record.c; the rest is in record.h ---- */
/* Nobody writes the files of this session any more. */
void recordings_forget(struct engine *, int64_t session_id);
/* Closes the rows of files that nobody writes any more. */
void recordings_settle(struct engine *);
