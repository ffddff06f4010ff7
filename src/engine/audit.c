/*
 * audit.c - the compliance audit log: append-only, each row chained to the one before it of the same tenant.
 *
 * A row's text, which its hash covers (crypto/chain.h), is its fields as netstrings, "LEN:TEXT,", or "-," for NULL, in
 * the order of sql_audit_chain: tenant_id, at, event, severity, reason_code, forced, user_id, actor, station_id,
 * customer_id, number, call_id, detail; numbers in decimal.  So whoever has the table can check it with a few lines in any language.
 */
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../crypto/chain.h"
#include "../db/sql_audit.h"
#include "../rule/gate.h"
#include "nouns.h"

/* ---- the chain -------------------------------------------------------------------------------------------------- */

enum { ACCOUNT_SIZE = 128 };

static void add_text(struct str *out, const char *text)
{
	if (text)
		str_addf(out, "%zu:%s,", strlen(text), text);
	else
		str_add(out, "-,");
}

static void add_arg(struct str *out, const struct arg *arg)
{
	char number[24];

	if (arg->kind == ARG_INT)
		snprintf(number, sizeof(number), "%" PRId64, arg->i);
	add_text(out, arg->kind == ARG_INT ? number : arg->p);
}

static int take_hash(const struct row *row, void *arg)
{
	str_copy(arg, CHAIN_HASH_SIZE, row_text(row, 0));
	return 1;
}

static struct arg id_or_null(int64_t id)
{
	return id > 0 ? a_int(id) : a_null();
}

/* "root (uid 0)", or "uid 4711" where no account has that number; NULL for nobody. */
static const char *account_text(const struct identity *who, char out[ACCOUNT_SIZE])
{
	const struct passwd *account = who ? getpwuid(who->uid) : NULL;

	if (!who)
		return NULL;
	if (account)
		snprintf(out, ACCOUNT_SIZE, "%.80s (uid %u)", account->pw_name, (unsigned)who->uid);
	else
		snprintf(out, ACCOUNT_SIZE, "uid %u", (unsigned)who->uid);
	return out;
}

int64_t audit_add(struct engine *engine, const struct audit_entry *e, struct err *err)
{
	char previous[CHAIN_HASH_SIZE] = "", hash[CHAIN_HASH_SIZE], account[ACCOUNT_SIZE];
	struct arg args[] = {
		a_int(e->tenant_id),
		a_int(clock_now_ms()),
		a_text(e->event),
		a_text(e->severity),
		a_text(e->reason_code),
		a_int(e->forced),
		id_or_null(e->user_id),
		a_text(account_text(e->by ? e->by : engine->asking, account)),
		id_or_null(e->station_id),
		id_or_null(e->customer_id),
		a_text(e->number),
		id_or_null(e->call_id),
		a_text(e->detail),
		a_null(),
	};
	const size_t count = sizeof(args) / sizeof(*args);
	struct str text = {0};
	int rc = db_each(engine->db, &sql_audit_last_hash, ARGS(a_int(e->tenant_id)), take_hash, previous, err);

	for (size_t i = 0; i < count - 1; i++)
		add_arg(&text, &args[i]);
	if (rc >= 0)
		rc = chain_next(previous, text.s, text.len, hash, err);
	str_free(&text);
	if (rc < 0)
		return rc;
	args[count - 1] = a_text(hash);
	return db_insert(engine->db, &sql_audit_add, args, count, err);
}

/* ---- audit.list ------------------------------------------------------------------------------------------------- */

int audit_list(struct request *request)
{
	const char *login = param_text(request, "user"), *reason = param_text(request, "reason");
	bool newest = param_bool(request, "newest", false);
	struct arg since, until, user = a_null();
	enum gate_code code;

	/* A code that is written wrong must not look like one that never came. */
	if (reason && !gate_code_by_name(reason, &code) && !method_param(method_find("customer.set"), reason))
		return err_set(&request->err, ERR_INVALID,
			"reason: \"%s\" is no reason of the gate, and nothing of a customer that is audited", reason);
	if (!arg_param_time(request, "since", &since) || !arg_param_time(request, "until", &until))
		return ERR_INVALID;
	if (login) {
		int64_t id = user_by_login(request->engine, request->tenant_id, login, &request->err);
		if (id < 0)
			return (int)id;
		user = a_int(id);
	}
	return list_page(request, newest ? &sql_audit_list_newest : &sql_audit_list,
		ARGS(a_int(request->tenant_id), arg_param_text(request, "severity"), arg_param_text(request, "reason"),
			arg_param_bool(request, "forced"), user, arg_param_int(request, "customer_id"), since, until,
			arg_param_text(request, "event")), newest ? INT64_MAX : 0, NULL);
}

/* ---- audit.verify ----------------------------------------------------------------------------------------------- */

enum { VERIFY_SLICE = 2000 };       /* rows between two turns of the loop: a few milliseconds */

struct verify {
	struct request *request;
	int64_t tenant_id, last_id, rows, first_bad;
	char previous[CHAIN_HASH_SIZE];
};

static int verify_row(const struct row *row, void *arg)
{
	struct verify *verify = arg;
	const char *hash = row_text(row, AUDIT_HASH);
	char right[CHAIN_HASH_SIZE] = "";
	struct str text = {0};

	/* An integer reads as its decimal text. */
	for (int i = AUDIT_TENANT; i < AUDIT_COLUMNS; i++)
		add_text(&text, row_text(row, i));
	int rc = chain_next(verify->previous, text.s, text.len, right, &verify->request->err);
	str_free(&text);
	verify->last_id = row_int(row, AUDIT_ID);
	verify->rows++;
	if (rc < 0)
		return rc;
	if (!verify->first_bad && strcmp(hash, right))
		verify->first_bad = verify->last_id;
	str_copy(verify->previous, sizeof(verify->previous), right);
	return 0;
}

/* 1: more to do, 0: all rows were seen, or negative. */
static int verify_slice(struct verify *verify)
{
	int rows = db_each(verify->request->engine->db, &sql_audit_chain,
		ARGS(a_int(verify->tenant_id), a_int(verify->last_id), a_int(VERIFY_SLICE)), verify_row, verify,
		&verify->request->err);

	return rows < 0 ? rows : rows == VERIFY_SLICE && !verify->first_bad;
}

static void verify_next(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval now = {0};
	struct verify *verify = arg;
	struct request *request = verify->request;
	int rc = verify_slice(verify);

	(void)fd;
	(void)what;
	if (rc > 0 && event_base_once(request->engine->loop, -1, EV_TIMEOUT, verify_next, verify, &now) == 0)
		return;
	if (rc > 0)
		rc = err_set(&request->err, ERR_FAILED, "the check cannot go on: no timer");
	if (rc == 0)
		request->result = json_pack("{s:I, s:b, s:o}", "rows", (json_int_t)verify->rows, "intact",
			!verify->first_bad, "first_bad",
			verify->first_bad ? json_integer(verify->first_bad) : json_null());
	free(verify);
	request_answer(request, rc);
}

/* A long log is checked in slices, so that calls go on meanwhile; rows that come in meanwhile are checked as well. */
int audit_verify(struct request *request)
{
	static const struct timeval now = {0};
	struct verify *verify = xcalloc(1, sizeof(*verify));

	verify->request = request;
	verify->tenant_id = request->tenant_id;
	if (event_base_once(request->engine->loop, -1, EV_TIMEOUT, verify_next, verify, &now) == 0)
		return REQUEST_PENDING;
	free(verify);
	return err_set(&request->err, ERR_FAILED, "the check cannot begin: no timer");
}
