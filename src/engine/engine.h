/*
 * engine.h - what the files of spctld share: the one context, a request, and who is asking.
 *
 * main.c starts and ends, control.c speaks with clients, identity.c says who they are, methods.c is the table of
 * handlers, one file per noun answers its methods; session.c, dial.c, live.c (calls in progress), phone.c and sound.c
 * run the phone.
 */
#pragma once
#include <event2/event.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "../base/err.h"
#include "../base/home.h"
#include "../crypto/keyring.h"
#include "../db/db.h"
#include "../proto/method.h"

struct control;             /* control.c: the socket and its clients */
struct client_link;         /* control.c: one client */
struct work;                /* work.c: what runs beside the loop */
struct sessions;            /* session.c: who is logged in, with their calls and children */

enum { ENGINE_PROTOCOL = 1 };       /* hello's version */

struct engine {
	struct event_base *loop;
	struct db *db;
	struct keyring *keys;
	struct home home;
	struct control *control;
	struct sessions *sessions;
	struct work *work;
	struct conf *conf;
	/* whose request is being run; NULL: nobody's, such as when a phone or timer speaks */
	const struct identity *asking;
	struct event *retention;    /* retention.c: the next day's run */
	bool service;               /* else a private engine, whose owner is its admin */
	bool stopping;
	int exit_status;
	int64_t started_ms;         /* clock_mono_ms() */
	int64_t preset_tenant;  /* of who names none: identity.c's; 0, which a change of the tenants sets: look again */
};

/* Ends the engine gracefully: calls are hung up, phones end, then the loop is left (main.c).  Safe to call twice. */
void engine_stop_begin(struct engine *);

enum role { ROLE_NONE, ROLE_AGENT, ROLE_SUPERVISOR, ROLE_ADMIN };

/* Who a request comes from.  The kernel names the uid; `user` is set once that uid is known as an os_user, or logged
 * in. */
enum { ACCOUNT_SIZE = 64 };

struct identity {
	uid_t uid;
	char account[ACCOUNT_SIZE]; /* the system's name of that; "": it has none */
	enum role role;
	int64_t tenant_id;          /* of the user; 0 for the owner of a private engine and root, who name theirs */
	int64_t user_id;            /* 0: an owner or root without a user of his own */
	char login[128];
};

enum { REQUEST_PENDING = 1 };       /* a handler's "I shall answer later" */

struct request {
	struct engine *engine;
	struct client_link *from;   /* NULL once that client is gone */
	const struct method *method;
	json_int_t id;
	json_t *params;             /* checked against the method's table */
	struct identity who;
	int64_t tenant_id;          /* from "tenant", the user, or the only one there is */
	int64_t as_user;   /* METHOD_AS: for whom: "as", else the asking user, else the only session there is; else 0 */
	bool dry_run;
	json_t *result;             /* the handler's answer: stolen */
	json_t *error_data;         /* beside an error, or NULL: stolen */
	struct err err;
	void *kept;                 /* the handler's own, between its halves */
	void (*finish)(struct request *, int status);       /* control.c's: request_answer() */
};

/* 0 with ->result (NULL answers {}), a negative enum err_code with ->err set, or REQUEST_PENDING with the request kept
 * by the handler, which must give it to request_answer() exactly once. */
typedef int (handler)(struct request *);
void request_answer(struct request *, int status);          /* sends, then frees; status as a handler's return value */
/* The second half of a handler that said REQUEST_PENDING: run as the first was, then answered unless it is pending
 * again. */
void request_go_on(struct request *, handler *);

struct engine_method {
	const char *name;
	handler *run;
	enum role needs;            /* the least role */
	bool audited;               /* success leaves an audit row "NOUN.VERB" with the parameters, secrets left out */
};
extern const struct engine_method engine_methods[];         /* methods.c: sorted, ends at a NULL name */

/* From now on this connection, and every later one of its uid, is that user (a password login); until control_forget(),
 * which also looks anew at who the clients of that user's own account are. */
void control_identify(struct request *, const struct identity *);
void control_forget(struct engine *, int64_t user_id);

/* ---- reading parameters (params.c); the table has checked their types already ---- */
const char *param_text(const struct request *, const char *name);                  /* NULL when not given */
int64_t     param_int(const struct request *, const char *name, int64_t preset);
bool        param_bool(const struct request *, const char *name, bool preset);
bool        param_given(const struct request *, const char *name);
/* As arguments of a statement: SQL NULL when not given, or given as null. */
struct arg  arg_param_text(const struct request *, const char *name);
struct arg  arg_param_int(const struct request *, const char *name);
struct arg  arg_param_bool(const struct request *, const char *name);
/* RFC 3339 to UTC ms; SQL NULL when not given.  False with an error. */
bool        arg_param_time(struct request *, const char *name, struct arg *);

/* ---- rows to JSON (params.c) ---- */
/* an object by the statement's columns: times as RFC 3339, NULL as null, COL_HIDDEN left out */
json_t *row_json(const struct row *);
/* Answers a METHOD_LIST with key paging: the statement's last two arguments are after (id, 0 for the start) and limit.
 * When more may follow, "next" is the last id.  With edit (or NULL) each row can be added to. */
typedef int (list_edit_h)(struct request *, const struct row *, json_t *item);
int list_answer(struct request *, const struct stmt *, const struct arg *, size_t, list_edit_h *);
/* Answers with the one row of a statement, or ERR_NOT_FOUND with this sentence. */
int one_answer(struct request *, const struct stmt *, const struct arg *, size_t, list_edit_h *, const char *missing,
	...) __attribute__((format(printf, 6, 7)));

/* ---- events (control.c) ---- */
/* To every subscribed client of the tenant that may see it: supervisors and admins all, agents those of user_id (0:
 * everyone).  Steals data. */
void tell(struct engine *, int64_t tenant_id, int64_t user_id, const char *event, json_t *data);

/* ---- the audit log (audit.c) ---- */
struct audit_entry {
	int64_t tenant_id;
	const char *event;          /* blocked, forced, allowed, ungated_leg, flag_changed, kicked, login, ... */
	const char *severity;       /* "hard", "soft" or NULL */
	const char *reason_code;
	bool forced;
	int64_t user_id, station_id, customer_id, call_id;      /* 0: none */
	const struct identity *by;  /* whose system account asked; NULL: that of the request being run, if one is */
	const char *number;
	const char *detail;         /* more in words: old and new value of a flag, the reason given */
};
/* Writes one row, chained to the last, inside of the caller's transaction.  Its id, or negative. */
int64_t audit_add(struct engine *, const struct audit_entry *, struct err *);

/* ---- names to ids ---- */
/* Each: the id, or ERR_NOT_FOUND with a sentence. */
int64_t tenant_by_name(struct engine *, const char *name, struct err *);
int64_t user_by_login(struct engine *, int64_t tenant_id, const char *login, struct err *);
int64_t station_by_name(struct engine *, int64_t tenant_id, const char *name, struct err *);
