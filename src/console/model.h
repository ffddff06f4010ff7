/*
 * model.h - what the console knows: fed by answers and events of the engine and by nothing else.  Knows no terminal and
 * asks nothing; who feeds it passes the time.  Times are UTC milliseconds.
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "keys.h"

enum { MODEL_CALLS = 16, MODEL_LINES = 6, MODEL_CARDS = 16, NAME_SIZE = 260, NUMBER_SIZE = 80, LEVEL_NONE = -200 };

enum agent { AGENT_OFFLINE, AGENT_READY, AGENT_PAUSED, AGENT_DIALING, AGENT_RINGING, AGENT_IN_CALL, AGENT_WRAP_UP };

/* A call in progress of this agent. */
struct call {
	int64_t id, customer_id;            /* customer_id 0: nobody is known */
	char number[NUMBER_SIZE], state[16], codec[32];
	bool inbound, internal, muted, held, encrypted, recording, record_paused, record_failed, forced, one_way;
	int64_t started_ms, answered_ms;    /* answered_ms 0: not yet */
	int64_t record_resumes_ms;          /* when a paused recording goes on by itself; 0: not known */
	int64_t ends_ms;                    /* when the longest time that a call may have is over; 0: not known */
	char transfer_to[NUMBER_SIZE];      /* whom it is being transferred to, or "" */
	int transfer_code;                  /* SIP status of that so far */
	/* the call that it was dialled for; the first call of its conference; 0: none */
	int64_t consults, conference;
	int sent, heard;                    /* dBFS of the agent and of the party; LEVEL_NONE: not told */
	int mos_x100;                       /* 0: not known */
};

struct session {
	char user[NAME_SIZE], station[NAME_SIZE], did[NUMBER_SIZE], paused_reason[NAME_SIZE * 2],
		registration[NAME_SIZE];
	enum agent state;
	bool registered, dnd;
	int64_t since_ms;
	int64_t owed;                       /* calls that owe a disposition */
	int64_t wrap_call, wrap_due_ms, wrap_seconds;   /* wrap_call 0: none; due: when the allowance is used up */
};

/* What is known of a customer. */
struct card {
	int64_t id;
	json_t *customer;                   /* as customer.show; NULL: not answered yet */
	json_t *history;                    /* an array of calls, newest first; NULL: not answered yet */
	bool wanted;                        /* was asked for */
};

struct model {
	bool connected, ever_connected;
	bool private_engine;
	char engine[32], self[NAME_SIZE], role[16];     /* hello: self is "" for the owner of a private engine */
	char user[NAME_SIZE];               /* the agent of this console; "": nobody yet */
	bool has_session;
	struct session session;
	bool ended;                         /* the session was ended by somebody else */
	char ended_station[NAME_SIZE];      /* where it was */
	char ended_by[NAME_SIZE];           /* who ended it, or "": an admin who is no user, or it is not told */
	char ended_reason[NAME_SIZE * 2];
	char now_at[NAME_SIZE];             /* where the agent is signed in instead, or "" */
	json_t *tenant;                     /* as tenant.show, or NULL */
	json_t *station;                    /* the session's, as station.show, or NULL */
	json_t *dispos;                     /* dispositions that can be chosen, in order; never NULL */
	json_t *team;                       /* object: user -> session, as events and session.list told; never NULL */
	struct call calls[MODEL_CALLS];
	int call_count;
	int64_t chosen;                     /* the call that the agent has marked, or 0 */
	struct card cards[MODEL_CARDS];
	size_t next_card;
	json_t *last_call;                  /* the call that ended last, or NULL */
};

void model_init(struct model *);
void model_free(struct model *);

/* ---- feeding ---- */
void model_hello(struct model *, const json_t *hello);
void model_disconnected(struct model *);
void model_tenant(struct model *, const json_t *tenant);
void model_station(struct model *, const json_t *station);
void model_dispos(struct model *, const json_t *items);
/* The answer to session.login or session.show; NULL: nobody is logged in. */
void model_session(struct model *, const json_t *session, int64_t now_ms);
void model_sessions(struct model *, const json_t *items);
void model_calls(struct model *, const json_t *items);
void model_event(struct model *, const char *event, const json_t *data, int64_t now_ms);
void model_customer(struct model *, int64_t id, const json_t *customer);
void model_customer_history(struct model *, int64_t id, const json_t *items);

/* ---- asking ---- */
bool model_is_supervisor(const struct model *);         /* or an admin */
struct call *model_call(struct model *, int64_t id);    /* NULL: it is over */
/* the n-th that rings here, from 0; NULL: there are not so many */
struct call *model_incoming(struct model *, int n);
/* The call that keys are for: the one that is marked, else the active one, else the first. */
struct call *model_focus(struct model *);
/* The one that swap would go to: the next held call but the focus'; NULL: there is none. */
struct call *model_other(struct model *);
/* The call with this call's party that it was dialled for, or the one dialled for it; NULL: none. */
struct call *model_partner(struct model *, const struct call *);
bool call_is_up(const struct call *);                   /* answered, and not over; NULL: false */
/* The card of a customer, made empty when it is not there; NULL for id 0. */
struct card *model_card(struct model *, int64_t id);
const char *model_customer_name(struct model *, int64_t id);    /* "" when not known */
/* Why a request with this need cannot be made now, or NULL. */
const char *model_refuses(struct model *, enum need);
const char *agent_name(enum agent);                     /* "in_call" */
/* Does anything shown count seconds? */
bool model_ticks(const struct model *);

/* ---- fields of answers ---- */
const char *j_text(const json_t *object, const char *field);    /* "" when it is none */
int64_t j_int(const json_t *object, const char *field);         /* 0 */
bool    j_bool(const json_t *object, const char *field);
int64_t j_time(const json_t *object, const char *field);        /* 0 when there is none */
