/* wrap_up.c - after-call work: what is owed, and dispo.save, which is all that ends it. */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/sha256.h"
#include "../base/str.h"
#include "../db/sql_call.h"
#include "audit_now.h"
#include "nouns.h"
#include "phone_side.h"
#include "session.h"
#include "wrap_up.h"

/* ---- what is owed ----------------------------------------------------------------------------------------------- */

static int take_owed(const struct row *row, void *arg)
{
	struct wrap_up *wrap_up = arg;

	wrap_up->call_id = row_int(row, 0);
	wrap_up->started_ms = row_int(row, 1);
	wrap_up->allowance = row_int(row, 2);
	str_copy(wrap_up->number, sizeof(wrap_up->number), row_null(row, 3) ? "" : row_text(row, 3));
	return 0;
}

static int take_count(const struct row *row, void *arg)
{
	*(int64_t *)arg = row_int(row, 0);
	return 0;
}

int64_t wrap_up_load(struct engine *engine, int64_t user_id, struct wrap_up *wrap_up, struct err *err)
{
	int64_t count = 0;
	int n = db_each(engine->db, &sql_call_owed_count, ARGS(a_int(user_id)), take_count, &count, err);

	if (n >= 0 && count)
		n = db_each(engine->db, &sql_call_owed, ARGS(a_int(user_id)), take_owed, wrap_up, err);
	return n < 0 ? n : count;
}

/* ---- dispo.save ------------------------------------------------------------------------------------------------- */

struct owner {
	bool found, ended, owes;
	int64_t user_id, station_id, customer_id;
	char disposition[128], number[128];
};

static int take_owner(const struct row *row, void *arg)
{
	struct owner *owner = arg;

	owner->found = true;
	owner->user_id = row_int(row, 0);
	owner->ended = !row_null(row, 1);
	owner->owes = row_int(row, 2);
	str_copy(owner->disposition, sizeof(owner->disposition), row_null(row, 3) ? "" : row_text(row, 3));
	owner->station_id = row_int(row, 4);
	owner->customer_id = row_int(row, 5);
	str_copy(owner->number, sizeof(owner->number), row_null(row, 6) ? "" : row_text(row, 6));
	return 0;
}

/* Which call it is for: the one named, or the oldest that the agent owes.  Negative with a sentence. */
static int64_t find_call(struct request *request)
{
	struct wrap_up wrap_up = {0};
	int64_t owed;

	if (param_given(request, "call"))
		return param_int(request, "call", 0);
	if (!request->as_user)
		return err_set(&request->err, ERR_CONFLICT, "nobody is logged in: name the call");
	owed = wrap_up_load(request->engine, request->as_user, &wrap_up, &request->err);
	if (owed == 0)
		return err_set(&request->err, ERR_CONFLICT, "no call owes a disposition");
	return owed < 0 ? owed : wrap_up.call_id;
}

static int check_call(struct request *request, int64_t call_id, struct owner *owner)
{
	struct err *err = &request->err;
	const int n = db_each(request->engine->db, &sql_call_owner, ARGS(a_int(call_id), a_int(request->tenant_id)),
		take_owner, owner, err);

	if (n < 0)
		return n;
	/* An admin may for whomever it is, but not in the name of another whom he names. */
	if (!owner->found || (owner->user_id != request->as_user &&
		(request->who.role < ROLE_ADMIN || param_given(request, "as"))))
		return err_set(err, ERR_NOT_FOUND, "call: there is no call %lld of yours", (long long)call_id);
	if (!owner->ended)
		return err_set(err, ERR_CONFLICT, "call %lld is still in progress: hang up first", (long long)call_id);
	if (owner->disposition[0])
		return err_set(err, ERR_CONFLICT, "call %lld has the disposition %s; a saved one is never changed",
			(long long)call_id, owner->disposition);
	if (!owner->owes)
		return err_set(
			err, ERR_CONFLICT, "call %lld owes no disposition: nobody answered it", (long long)call_id);
	return 0;
}

/* What was saved, and the digest of the notes: neither can be changed without the log's telling. */
static int64_t audit_disposition(
	struct request *request, const struct owner *owner, int64_t call_id, const char *code)
{
	const char *notes = param_text(request, "notes");
	char digest[SHA256_TEXT], *detail;
	struct sha256 hash;
	int64_t id;

	sha256_start(&hash);
	sha256_add(&hash, notes ? notes : "", notes ? strlen(notes) : 0);
	sha256_end(&hash, digest);
	detail = notes && *notes ? xasprintf("%s; notes of %zu bytes, SHA-256 %s", code, strlen(notes), digest) :
		xstrdup(code);
	id = audit_add(request->engine,
		&(struct audit_entry){.tenant_id = request->tenant_id, .event = "disposition",
			.user_id = owner->user_id,
			.station_id = owner->station_id, .customer_id = owner->customer_id, .call_id = call_id,
			.number = owner->number[0] ? owner->number : NULL, .detail = detail, .by = &request->who},
		&request->err);
	free(detail);
	return id;
}

/* Of whoever has no user, the account that asks. */
static char *saver(const struct request *request)
{
	const struct identity *who = &request->who;

	return who->login[0] ? xstrdup(who->login) :
		who->account[0] ? xasprintf("%s (uid %u)", who->account, (unsigned)who->uid) :
		xasprintf("uid %u", (unsigned)who->uid);
}

static int save(struct request *request, const struct owner *owner, int64_t call_id, const char *code)
{
	struct engine *engine = request->engine;
	char *by = saver(request);
	int n = db_begin(engine->db, &request->err);

	if (n < 0) {
		free(by);
		return n;
	}
	n = db_run(engine->db, &sql_call_dispose, ARGS(a_int(call_id), a_int(request->tenant_id), a_text(code),
		a_text(param_text(request, "notes")), a_int(clock_now_ms()), a_text(by)), &request->err);
	free(by);
	if (n == 0)
		n = err_set(&request->err, ERR_CONFLICT, "call %lld has its disposition; a saved one is never changed",
			(long long)call_id);
	if (n > 0 && audit_disposition(request, owner, call_id, code) < 0)
		n = (int)request->err.code;
	if (n > 0)
		n = db_commit(engine->db, &request->err);
	if (n < 0)
		db_rollback(engine->db);
	return n;
}

int dispo_save(struct request *request)
{
	struct engine *engine = request->engine;
	const char *code = param_text(request, "code");
	struct wrap_up wrap_up = {0};
	struct owner owner = {0};
	struct session *session;
	const int64_t call_id = find_call(request);
	int status = call_id < 0 ? (int)call_id : check_call(request, call_id, &owner);

	if (!status)
		status = dispo_check(engine, request->tenant_id, code, &request->err);
	if (!status)
		status = save(request, &owner, call_id, code);
	if (status < 0)
		return status;
	request->result = call_row_json(engine, request->tenant_id, call_id, &request->err);
	audit_tell(engine);
	if (request->result)
		tell(engine, request->tenant_id, owner.user_id, "call.changed", json_incref(request->result));
	session = session_of_user(engine, owner.user_id);
	if (session && wrap_up_load(engine, owner.user_id, &wrap_up, NULL) == 0)
		session_step(session, AGENT_EV_DISPOSED);
	else if (session) {
		session_watch_wrap_up(session);         /* now that of the next one owed */
		session_tell(session);
	}
	return request->result ? 0 : request->err.code;
}
