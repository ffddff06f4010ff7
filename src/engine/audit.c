/*
 * audit.c - the compliance audit log: append-only, each row chained to the one before it of the same tenant, under a
 * key.
 *
 * A row's text, which its hash covers (crypto/chain.h), is its fields as netstrings, "LEN:TEXT,", or "-," for NULL, in
 * the order of sql_audit_chain: tenant_id, at, event, severity, reason_code, forced, user_id, actor, station_id,
 * customer_id, number, call_id, detail; numbers in decimal.  So whoever has the table and the key can check it with a
 * few lines in any language.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_audit.h"
#include "../db/sql_history.h"
#include "../rule/gate.h"
#include "audit.h"
#include "nouns.h"

/* ---- the chain -------------------------------------------------------------------------------------------------- */

enum { ACTOR_SIZE = ACCOUNT_SIZE + 24 };

void audit_add_text(struct str *out, const char *text)
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
	audit_add_text(out, arg->kind == ARG_INT ? number : arg->p);
}

static struct arg id_or_null(int64_t id)
{
	return id > 0 ? a_int(id) : a_null();
}

/* "root (uid 0)", or "uid 4711" where no account has that number; NULL for nobody. */
static const char *actor_text(const struct identity *who, char out[ACTOR_SIZE])
{
	if (!who)
		return NULL;
	if (*who->account)
		snprintf(out, ACTOR_SIZE, "%s (uid %u)", who->account, (unsigned)who->uid);
	else
		snprintf(out, ACTOR_SIZE, "uid %u", (unsigned)who->uid);
	return out;
}

int64_t audit_add(struct engine *engine, const struct audit_entry *e, struct err *err)
{
	char hash[CHAIN_HASH_SIZE], actor[ACTOR_SIZE];
	struct audit_head head;
	struct arg args[] = {
		a_int(e->tenant_id),
		a_int(clock_now_ms()),
		a_text(e->event),
		a_text(e->severity),
		a_text(e->reason_code),
		a_int(e->forced),
		id_or_null(e->user_id),
		a_text(actor_text(e->by ? e->by : engine->asking, actor)),
		id_or_null(e->station_id),
		id_or_null(e->customer_id),
		a_text(e->number),
		id_or_null(e->call_id),
		a_text(e->detail),
		a_null(),
	};
	const size_t count = sizeof(args) / sizeof(*args);
	struct str text = {0};
	int64_t id = audit_head_load(engine, e->tenant_id, &head, err);

	for (size_t i = 0; i < count - 1; i++)
		add_arg(&text, &args[i]);
	if (id >= 0)
		id = chain_next(head.key, head.last_hash, text.s, text.len, hash, err);
	str_free(&text);
	args[count - 1] = a_text(hash);
	if (id >= 0)
		id = db_insert(engine->db, &sql_audit_add, args, count, err);
	if (id >= 0 && audit_head_move(engine, &head, id, hash, err) < 0)
		id = err->code;
	audit_head_clear(&head);
	return id;
}

/* ---- audit.list ------------------------------------------------------------------------------------------------- */

int audit_list(struct request *request)
{
	static const struct stmt *const lists[2][3] = {
		{&sql_audit_all, &sql_audit_customer, &sql_audit_call},
		{&sql_audit_all_newest, &sql_audit_customer_newest, &sql_audit_call_newest},
	};
	const char *login = param_text(request, "user"), *reason = param_text(request, "reason");
	const struct arg customer = arg_param_int(request, "customer_id"), call = arg_param_int(request, "call");
	const int by = call.kind != ARG_NULL ? 2 : customer.kind != ARG_NULL ? 1 : 0;
	const bool newest = param_bool(request, "newest", false);
	struct arg since, until, number;
	char number_text[NUMBER_SIZE];
	struct search search;
	struct tenant tenant;
	enum gate_code code;

	/* A code that is written wrong must not look like one that never came. */
	if (reason && !gate_code_by_name(reason, &code) && !method_param(method_find("customer.set"), reason))
		return err_set(&request->err, ERR_INVALID,
			"reason: \"%s\" is no reason of the gate, and nothing of a customer that is audited", reason);
	if (!arg_param_time(request, "since", &since) || !arg_param_time(request, "until", &until) ||
		(login && login_check(request, login) < 0) ||
		!arg_param_number(request, "number", &sql_history_has_number, number_text, &number) ||
		tenant_load(request->engine, request->tenant_id, &tenant, &request->err) < 0)
		return request->err.code;
	search_take(&search, param_text(request, "search"), tenant.country);
	int rc = list_long(request,
		&(struct long_list){.stmt = lists[newest][by], .last_id = &sql_audit_last_id, .newest = newest,
			.indexed = by},
		ARGS(a_int(request->tenant_id), arg_param_text(request, "severity"), arg_param_text(request, "reason"),
			arg_param_bool(request, "forced"), a_text(login), arg_param_text(request, "event"), customer,
			call, number, since, until, a_text(search.text), a_text(search.code), a_text(search.digits)));
	search_clear(&search);
	return rc;
}
