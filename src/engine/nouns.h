/*
 * nouns.h - the nouns of the database: their handlers (one file each), and what they load for the rest of the engine.
 *
 * check.c says what a value must look like, change.c is the frame of every change (transaction, audit row, dry run),
 * params.c reads parameters and turns rows into JSON.
 */
#pragma once
#include "../crypto/keyring.h"
#include "../rule/gate.h"
#include "../rule/retention.h"
#include "engine.h"

/* seed.c: opens the key file, makes the first tenant of a fresh database, and refuses a key file that is not this
 * database's. */
int seed(struct engine *, struct err *);

/* ---- params.c and list.c, beside what engine.h has ---- */
/* The first column of the first row, 0 when there is none, or a negative error. */
int64_t id_of(struct engine *, const struct stmt *, const struct arg *, size_t, struct err *);
/*
 * As list_answer(), for a statement that may have to look at many rows: its last three arguments are two ids that its
 * rows lie between, and limit.  What takes long is done bit by bit: then it returns REQUEST_PENDING, and keeps copies
 * of the arguments' texts (there are no blobs).
 */
struct long_list {
	const struct stmt *stmt;
	const struct stmt *last_id;         /* the greatest id of its table */
	list_edit_h *edit;                  /* or NULL */
	bool newest;                        /* it descends */
	bool indexed;                       /* an index finds its few rows */
};
int list_long(struct request *, const struct long_list *, const struct arg *, size_t);
/* search.c: patterns of LIKE (ESCAPE '\\') for a text that is searched for; each NULL where there is none. */
struct search {
	char *text;                 /* holds it */
	char *code;                 /* the same where codes are compared: "no answer" is no_answer */
	char *digits;               /* it is (a part of) a telephone number: its digits, however they were typed */
};
void search_take(struct search *, const char *text, const char *country);
void search_clear(struct search *);
/* A parameter that holds a telephone number, in E.164; SQL NULL when not given.  has_number: a statement (tenant,
 * number) that finds a row with a number that is no telephone number, such as a colleague's login; then it is taken as
 * typed.  out is the argument's text.  False with an error. */
enum { NUMBER_SIZE = 128 };
bool arg_param_number(struct request *, const char *name, const struct stmt *has_number, char out[NUMBER_SIZE],
	struct arg *);
/* The login of a user (user.c), the name of a station (station.c) whom the tenant has or had; else ERR_NOT_FOUND. */
int login_check(struct request *, const char *login);
int station_check(struct request *, const char *name);

/* ---- tenant.c ---- */
handler tenant_add, tenant_set, tenant_show, tenant_list;

struct tenant {
	int64_t id;
	char name[256], timezone[64], country[8];       /* country: a calling code, "1" */
	int64_t acw_seconds, ring_seconds, max_call_hours;
	int64_t max_calls_per_week;
	int hours_start_minute, hours_end_minute;
	bool block_unknown;         /* a number of nobody is blocked, not warned of */
	bool record;
	bool announce;              /* that a call is recorded is said to who is recorded */
	char announcement[4096];    /* path of the WAV that says it; "": the one that comes with spctl */
	bool record_required;       /* a call that cannot be recorded may not go on */
	int64_t record_pause_seconds;           /* after which a paused recording goes on by itself */
	int64_t retention_days;     /* recordings are kept so long, at least RETENTION_LEAST_DAYS */
	bool internal_disposition;  /* calls between agents owe one too */
	int64_t busy_code;          /* the SIP status that says that an agent takes no call */
	int64_t one_way_seconds;    /* so long without a packet, and the agent is told */
	char agent_states[256];     /* where agents work, "TX,NM"; "": not known */
};
int tenant_load(struct engine *, int64_t id, struct tenant *, struct err *);
/* A tenant with the presets and the 12 dispositions, inside of the caller's transaction.  Its id, or negative. */
int64_t tenant_make(struct engine *, const struct tenant *, struct err *);
void tenant_presets(struct tenant *);

/* ---- user.c ---- */
handler user_add, user_set, user_rm, user_show, user_list;
/* Whose login and password these are is told later: his id, or the same ERR_NOT_PERMITTED for a wrong login, a wrong
 * password, and none set.  Negative, and nothing is told, when it cannot be asked. */
typedef void (user_verified_h)(void *arg, int64_t id, const struct err *);
int user_verify(struct engine *, int64_t tenant_id, const char *login, const char *password, user_verified_h *,
	void *arg, struct err *);

/* ---- station.c ---- */
handler station_add, station_set, station_rm, station_show, station_list;

struct station {
	int64_t id, tenant_id;
	char *name, *did, *sip_uri, *auth_user;
	char *transport, *tls_ca, *media_enc, *codecs;
	char *outbound_proxy, *dial_prefix, *conference_uri, *location, *team;
	char *record;               /* tenant, on, off */
	char *hold, *hold_music;    /* sip, local; a WAV file's path, NULL: silence */
	char *dtmf;                 /* rtp, info */
	char *caller_id;            /* from, pai, ppi */
	char *nat, *nat_server, *nat_user;      /* none, stun, turn, ice; stun:HOST[:PORT] or turn:HOST[:PORT] */
	char *tls_cert;             /* a PEM file with certificate and key */
	char *registrars;           /* "sip:a,sip:b": in this order */
	char *sound_device;
	bool registers, tls_verify, intercom;
	bool noise_suppression, gain_control, echo_cancellation;
	int64_t voicemail_code;     /* the status that the PBX sends to voicemail; 0: none */
	bool has_password, has_nat_password;
	char *password, *nat_password;          /* in the clear, only where they were asked for */
};
/* with_password: unsealed into ->password and ->nat_password (NULL when it has none).  station_wipe() follows in any
 * case. */
int  station_load(struct engine *, int64_t tenant_id, int64_t id, bool with_password, struct station *, struct err *);
void station_wipe(struct station *);
/* Where a station's password belongs, by what it is for. */
#define SEALED_SIP "softphone_stations"
#define SEALED_NAT "softphone_stations.nat"
struct seal_place station_seal_place(const char *what, int64_t tenant_id, int64_t station_id);

/* ---- team.c ---- */
handler team_add, team_set, team_rm, team_show, team_list;

/* ---- customer.c ---- */
handler customer_add, customer_set, customer_rm, customer_show, customer_list;
/* ERR_NOT_FOUND unless the tenant has it. */
int customer_check(struct engine *, int64_t tenant_id, int64_t id, struct err *);
/* gate_customers.c: every customer of the tenant who has this number, and the one named (0: none), by ascending id,
 * with the attempts that count since window_start (UTC ms).  One statement.  Their number, or a negative error. */
typedef void (gate_customer_h)(const struct gate_customer *, void *arg);
int customers_for_number(struct engine *, const struct tenant *, const char *number, int64_t customer_id,
	int64_t window_start, gate_customer_h *found, void *arg, struct err *);

/* ---- dispo.c ---- */
handler dispo_list, dispo_add, dispo_set, dispo_rm;
/* ERR_INVALID, with the codes there are, unless a disposition can be saved with it. */
int dispo_check(struct engine *, int64_t tenant_id, const char *code, struct err *);
/* ERR_INVALID unless it is one, be it retired. */
int dispo_known(struct engine *, int64_t tenant_id, const char *code, struct err *);

/* ---- audit.c (audit_add is in engine.h) ---- */
handler audit_list, audit_verify, audit_export;
/* audit_head.c: the head of a new tenant's log, inside of the caller's transaction. */
int audit_begin(struct engine *, int64_t tenant_id, struct err *);
/* Logs from before they had a key get one.  At the engine's start. */
int audit_settle(struct engine *, struct err *);
/* Seals the logs' keys with the newest key, inside of the caller's transaction. */
int audit_reseal(struct engine *, struct err *);

/* ---- history.c ---- */
handler history_list, history_show, history_recording;
handler history_quality;            /* history_quality.c */
/* The call that the request's "call" names, when the asking user may see it; NULL with an error. */
json_t *history_call(struct request *);
/* history_recording.c: the file of the part that the request names, the caller's to free; as history_recording()'s
 * errors. */
int recording_path(struct request *, char **path);
/* recordings.c, retention.c */
handler recording_list, recording_verify, recording_prune;
/* A call as the database has it, in the contract's fields.  NULL with an error. */
json_t *call_row_json(struct engine *, int64_t tenant_id, int64_t call_id, struct err *);

/* ---- store.c: db.*; key.c: key.* ---- */
handler store_init, store_migrate, store_status, store_backup;
handler key_init, key_rotate, key_status;
