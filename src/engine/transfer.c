/*
 * transfer.c - call.transfer: a call goes on without the agent, blind or with somebody whom he has called before.
 *
 * At a blind transfer to a number it is the far end that calls, at our order: so the number passes the gate as if the
 * agent had dialled it, and the attempt has a row of its own, which counts toward the cap.  It owes no disposition:
 * that of the call that was transferred says how it went.
 */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_call.h"
#include "../db/sql_participants.h"
#include "audit_now.h"
#include "gate_leg.h"
#include "internal.h"
#include "join.h"
#include "nouns.h"
#include "phone_side.h"
#include "refer.h"
#include "session.h"

enum { ATTENDED_SECONDS = 30 };     /* both are there; but where a phone knows no Replaces it rings */

/* A transfer that somebody waits for. */
struct transfer {
	struct request *request;
	int64_t call_id;
	int64_t attempt;            /* the row of the far end's call to a number; 0: none */
	bool attended;
	char to[128];
};

/* ---- the outcome ------------------------------------------------------------------------------------------------ */

/* The far end's call to the number: what is known of it. */
static void close_attempt(const struct session *session, const struct transfer *t, enum call_cause cause, int code,
	const char *why)
{
	struct db *db = session->engine->db;
	const struct arg id = a_int(t->attempt), tenant = a_int(session->tenant_id), now = a_int(clock_now_ms());
	struct err err;
	int status = 0;

	if (!t->attempt)
		return;
	if (cause == CAUSE_TRANSFERRED)
		status = db_run(db, &sql_call_progress,
			ARGS(id, tenant, a_null(), now, a_null(), a_null(), a_null()), &err);
	if (status >= 0)
		status = db_run(db, &sql_call_end,
			ARGS(id, tenant, now, a_text(call_cause_name(cause)), code >= 300 ? a_int(code) : a_null(),
				a_text(why && *why ? why : NULL), a_int(call_cause_counts(cause)), a_int(0),
				a_null(), a_null()),
			&err);
	if (status < 0)
		session_notice(session, "error", "the end of call %lld is not written: %s", (long long)t->attempt,
			err.text);
	else
		session_tell_call(session, t->attempt, NULL);
}

static enum call_cause attempt_cause(enum refer_outcome outcome, int code)
{
	if (outcome == REFER_GONE)
		return CAUSE_TRANSFERRED;
	if (code == REFER_NOT_TAKEN)
		return CAUSE_NOT_SENT;              /* the far end did not even try */
	if (outcome == REFER_CALL_ENDED)
		return CAUSE_NO_RESPONSE;
	return code >= 300 ? call_cause_from_sip(code) : CAUSE_NO_ANSWER;
}

/* The agent has the call: it is taken back from hold, unless he talks with somebody else, out of its conference. */
static void take_back(struct live *live)
{
	const struct live *current = lines_current(live->session);
	const bool together = live->conference && current && current->conference == live->conference;

	if (live->state == CALL_HELD && (together || !lines_talking(live->session)))
		lines_resume(live);
}

static void answer_gone(struct transfer *t, const struct session *session)
{
	struct request *request = t->request;

	request->result = live_json(session->engine, session->tenant_id, t->call_id, NULL, &request->err);
	request_answer(request, request->result ? 0 : (int)request->err.code);
	free(t);
}

/* The phone answers in turn: the second call has been hung up as well. */
static void on_both_over(void *session, int64_t tag, const json_t *answer, const struct err *err)
{
	(void)answer;
	(void)err;
	answer_gone((struct transfer *)(intptr_t)tag, session);
}

static void answer(struct transfer *t, const struct live *live, enum refer_outcome outcome, const char *why)
{
	struct request *request = t->request;
	const long long id = t->call_id;
	struct err err;
	int status;

	if (outcome == REFER_FAILED)
		status = err_set(&request->err, ERR_NOT_ANSWERED, "call %lld is not transferred to %s: %s", id, t->to,
			why);
	else if (outcome == REFER_CALL_ENDED)
		status = err_set(&request->err, ERR_CONFLICT, "call %lld ended before it was transferred to %s", id,
			t->to);
	else {
		if (!t->attended || phone_do(live->session->phone, json_pack("{s:s}", "do", "list"), on_both_over,
				(intptr_t)t, &err) < 0)
			answer_gone(t, live->session);
		return;
	}
	request_answer(request, status);
	free(t);
}

static void on_outcome(struct live *live, enum refer_outcome outcome, int code, const char *why, void *arg)
{
	struct transfer *t = arg;

	close_attempt(live->session, t, attempt_cause(outcome, code), code, why);
	if (outcome == REFER_FAILED) {
		session_notice(live->session, "warning", "call %lld is not transferred to %s, and is yours again: %s",
			(long long)t->call_id, t->to, why);
		take_back(live);
		live_tell(live);
	}
	answer(t, live, outcome, why);
}

static struct transfer *transfer_new(struct request *request, const struct live *live, const char *to)
{
	struct transfer *t = xcalloc(1, sizeof(*t));

	t->request = request;
	t->call_id = live->id;
	str_copy(t->to, sizeof(t->to), to);
	return t;
}

/* ---- blind ------------------------------------------------------------------------------------------------------ */

/* The far end's call to the number, for which the gate has let it pass; its id, or negative. */
static int64_t write_attempt(struct request *request, const struct live *live, const struct gate_answer *gate)
{
	struct err *err = &request->err;
	const struct session *session = live->session;
	const int64_t id = db_insert(session->engine->db, &sql_call_insert,
		ARGS(a_int(session->tenant_id), a_text("outbound"), a_text(gate->number),
			gate->customer_id ? a_int(gate->customer_id) : a_null(), a_int(session->user_id),
			a_int(session->station_id), a_text(session->did), a_text(call_state_name(CALL_DIALING)),
			a_int(gate->decision.verdict == GATE_NEEDS_ACK), a_int(1), a_int(clock_now_ms()), a_int(0),
			a_int(live->id), a_null()),
		err);

	if (id < 0)
		return id;
	if (gate_leg_write(request, session, gate, id) < 0)
		return err->code;
	return db_commit(session->engine->db, err) < 0 ? (int64_t)err->code : id;
}

static int refer_to_number(struct request *request, struct live *live, const struct gate_answer *gate)
{
	char uri[512];
	struct transfer *t;
	int64_t attempt = phone_target(live->session->phone, gate->number, uri, sizeof(uri), &request->err);

	if (attempt >= 0)
		attempt = write_attempt(request, live, gate);
	if (attempt < 0) {
		db_rollback(request->engine->db);
		return (int)attempt;
	}
	audit_tell(request->engine);
	t = transfer_new(request, live, gate->number);
	t->attempt = attempt;
	refer_start(live, &(struct refer_order){.to = t->to, .uri = uri, .done = on_outcome, .arg = t,
		.seconds = param_int(request, "timeout", gate->tenant.ring_seconds)});
	return REQUEST_PENDING;
}

/* There is no gate before a colleague, and that stands in the log as well. */
static int refer_to_colleague(struct request *request, struct live *live, const struct colleague *to)
{
	const struct session *session = live->session;
	struct transfer *t = transfer_new(request, live, to->login);
	char *detail = xasprintf("transfer to %s at %s", to->login, to->uri);
	const struct audit_entry entry = {.tenant_id = session->tenant_id, .event = "internal",
		.user_id = session->user_id, .station_id = session->station_id, .call_id = live->id, .detail = detail};
	struct tenant tenant;

	tenant_presets(&tenant);
	tenant_load(request->engine, session->tenant_id, &tenant, NULL);
	audit_now(request->engine, &entry);
	free(detail);
	refer_start(live, &(struct refer_order){.to = t->to, .uri = to->uri, .done = on_outcome, .arg = t,
		.seconds = param_int(request, "timeout", tenant.ring_seconds)});
	return REQUEST_PENDING;
}

static int blind(struct request *request, struct live *live)
{
	struct gate_answer gate = {0};
	struct colleague colleague;
	int status;

	if (gate_leg_check_codes(request) < 0)
		return request->err.code;
	status = internal_find(request, live->session, param_text(request, "to"), &colleague);
	if (status)
		return status < 0 ? status : refer_to_colleague(request, live, &colleague);
	status = gate_leg_ask(request, live->session, param_text(request, "to"),
		param_int(request, "customer_id", 0), &gate);
	if (status >= 0)
		status = refer_to_number(request, live, &gate);
	gate_answer_clear(&gate);
	return status;
}

/* ---- attended --------------------------------------------------------------------------------------------------- */

/* live: t's call; or else t's is `with`, whose place it takes (join.h). */
static void refer_to_call(struct live *live, const struct live *with, struct transfer *t)
{
	t->attended = true;
	char other[32];

	snprintf(other, sizeof(other), "call %lld", (long long)with->id);
	refer_start(live, &(struct refer_order){
		.to = live->id == t->call_id ? t->to : other, .with = with, .done = on_outcome, .arg = t,
		.seconds = ATTENDED_SECONDS});
}

/* The call that it was all for may have ended meanwhile: the agent talks with whom he has called. */
static void on_consult_up(struct live *consult, void *arg)
{
	struct transfer *t = arg;
	struct live *live = live_of_id(consult->session, t->call_id);

	consult->watch = NULL;
	if (live && live_is_up(live) && !refer_pending(live))
		refer_to_call(live, consult, t);
	else
		answer(t, consult, REFER_CALL_ENDED, "");
}

static void on_consult_over(struct live *consult, void *arg)
{
	struct transfer *t = arg;
	struct live *live = live_of_id(consult->session, t->call_id);
	char why[64];

	snprintf(why, sizeof(why), "call %lld ended: %s", (long long)consult->id, call_cause_name(consult->cause));
	if (live && live_is_up(live)) {
		take_back(live);
		answer(t, live, REFER_FAILED, why);
	}
	else
		answer(t, consult, REFER_CALL_ENDED, why);
}

static const struct live_watch consult_watch = {on_consult_up, on_consult_over};

static int take_id(const struct row *row, void *arg)
{
	*(int64_t *)arg = row_int(row, 0);
	return 0;
}

/* The agent's call with this number, login or station, which is up; NULL: there is none. */
static struct live *call_with(struct request *request, const struct session *session, const char *to)
{
	struct tenant tenant;
	struct colleague colleague;
	char number[E164_SIZE] = "";
	int64_t id = 0;
	struct live *live;

	if (tenant_load(request->engine, session->tenant_id, &tenant, NULL) >= 0)
		e164_parse(to, tenant.country, number, NULL);
	if (internal_find(request, session, to, &colleague) > 0)
		to = colleague.login;
	db_each(request->engine->db, &sql_call_with,
		ARGS(a_int(session->tenant_id), a_int(session->user_id), a_text(to), a_text(number)), take_id, &id,
		NULL);
	live = id ? live_of_id(session, id) : NULL;
	return live && live_is_up(live) ? live : NULL;
}

/* Whose far end goes: the call named, that which the second one was dialled for, or the only other one. */
static struct live *first_call(struct request *request, const struct session *session, const struct live *with)
{
	struct live *first = NULL;

	if (param_given(request, "call"))
		return orders_call(request, live_is_up, "transferred");
	for (struct live *live = session->calls; live; live = live->next) {
		if (live == with || !live_is_up(live))
			continue;
		if (live->id == with->consults)
			return live;
		if (first) {
			err_set(&request->err, ERR_CONFLICT,
				"call: several could be transferred (%lld, %lld): name one",
				(long long)first->id, (long long)live->id);
			return NULL;
		}
		first = live;
	}
	if (!first)
		err_set(&request->err, ERR_CONFLICT, "there is no call beside %lld that could be transferred to %s",
			(long long)with->id, param_text(request, "to"));
	return first;
}

static int check(struct request *request, const struct live *live)
{
	if (live->in_room)
		return err_set(&request->err, ERR_CONFLICT,
			       "call %lld is your own to the room of the PBX: it is not transferred",
			       (long long)live->id);
	if (!refer_pending(live))
		return 0;
	return err_set(&request->err, ERR_CONFLICT, "call %lld is being transferred already", (long long)live->id);
}

/* The two are there: the second takes the first over. */
static int join(struct request *request, const struct session *session, struct live *with)
{
	struct live *live = first_call(request, session, with);
	struct transfer *t;

	if (!live || check(request, live) < 0)
		return request->err.code;
	if (live == with)
		return err_set(&request->err, ERR_CONFLICT, "to: %s is whom call %lld is with",
			       param_text(request, "to"), (long long)live->id);
	t = transfer_new(request, live, param_text(request, "to"));
	if (check(request, with) < 0 || join_turn(request, &live, &with) < 0) {
		free(t);
		return request->err.code;
	}
	refer_to_call(live, with, t);
	return REQUEST_PENDING;
}

/* Whom it is to go on with is called first.  consult: and no more than that. */
static int consult_first(struct request *request, bool consult)
{
	struct live *live = orders_call(request, live_is_up, "transferred");
	struct transfer *t;
	int status;

	if (!live || check(request, live) < 0)
		return request->err.code;
	t = consult ? NULL : transfer_new(request, live, param_text(request, "to"));
	status = dial_start(request, live->session,
		&(struct dial){.to = param_text(request, "to"),
			.customer_id = param_int(request, "customer_id", 0),
			.purpose = DIAL_CONSULT,
			.of_call = live->id,
			.watch = consult ? NULL : &consult_watch,
			.watch_arg = t,
			.keep_request = !consult},
		NULL);
	if (status < 0)
		free(t);
	return status;
}

int call_transfer(struct request *request)
{
	const bool consult = param_bool(request, "consult", false);
	const struct session *session;
	struct live *live, *with;

	if (!consult && !param_bool(request, "attended", false)) {
		live = orders_call(request, live_is_up, "transferred");
		return live && check(request, live) == 0 ? blind(request, live) : (int)request->err.code;
	}
	session = session_of_request(request);
	if (!session)
		return request->err.code;
	with = consult ? NULL : call_with(request, session, param_text(request, "to"));
	return with ? join(request, session, with) : consult_first(request, consult);
}
