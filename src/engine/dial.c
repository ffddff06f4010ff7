/*
 * dial.c - the only way to a call.
 *
 * Whatever wants to ring somebody comes through here: the number is normalised, its customers are resolved, the gate
 * decides, and the decision stands in the audit log, with the call's row, in one transaction that is committed before
 * the phone is told.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_call.h"
#include "ack.h"
#include "audit_now.h"
#include "gate_ask.h"
#include "nouns.h"
#include "phone_side.h"
#include "session.h"
#include "wrap_up.h"

/* For whom a token is: the agent, or the owner himself where nobody is logged in. */
static int64_t asker(const struct request *request)
{
	return request->as_user ? request->as_user : request->who.user_id;
}

/* ---- call.check ------------------------------------------------------------------------------------------------- */

static int decision_json(struct request *request, const struct gate_answer *answer, json_t **json)
{
	char token[ACK_TOKEN_SIZE];

	*json = gate_json(answer);
	if (answer->decision.verdict != GATE_NEEDS_ACK)
		return 0;
	if (ack_make(request->engine, asker(request), answer, token, &request->err) < 0) {
		json_decref(*json);
		*json = NULL;
		return request->err.code;
	}
	json_object_set_new(*json, "ack_token", json_string(token));
	return 0;
}

int call_check(struct request *request)
{
	struct gate_answer answer;
	int status = gate_ask(request->engine, request->tenant_id, param_text(request, "number"),
		param_int(request, "customer_id", 0), &answer, &request->err);

	if (!status)
		status = decision_json(request, &answer, &request->result);
	gate_answer_clear(&answer);
	return status;
}

/* ---- what the order asks for ------------------------------------------------------------------------------------ */

/* A file that is played is opened under the engine's account: only its owner and admins may name one. */
static int check_play(struct request *request)
{
	const char *path = param_text(request, "play");
	char head[12];
	ssize_t n;
	int fd;

	if (!path)
		return 0;
	if (request->who.role < ROLE_ADMIN)
		return err_set(
			&request->err, ERR_NOT_PERMITTED, "play: only the engine's owner and admins may play a file");
	if (*path != '/')
		return err_set(&request->err, ERR_INVALID, "play: %s is not an absolute path", path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_set(&request->err, ERR_INVALID, "play: %s: %s", path, strerror(errno));
	n = read(fd, head, sizeof(head));
	close(fd);
	if (n != sizeof(head) || memcmp(head, "RIFF", 4) || memcmp(head + 8, "WAVE", 4))
		return err_set(&request->err, ERR_INVALID, "play: %s is not a WAV file", path);
	return 0;
}

static int check_codes(struct request *request)
{
	const json_t *codes = json_object_get(request->params, "acknowledge");
	enum gate_code code;
	size_t i;
	const json_t *item;

	json_array_foreach(codes, i, item)
		if (!gate_code_by_name(json_string_value(item), &code))
			return err_set(&request->err, ERR_INVALID, "acknowledge: %s is not a reason's code",
				json_string_value(item));
	return 0;
}

/* Is the agent free to dial?  The sentence names what is owed, and how to save it. */
static int check_agent(struct request *request, const struct session *session)
{
	struct wrap_up wrap_up = {0};
	const int64_t owed = wrap_up_load(request->engine, session->user_id, &wrap_up, &request->err);

	if (owed < 0)
		return (int)owed;
	if (owed)
		return err_set(&request->err, ERR_CONFLICT,
			"call %lld to %s owes its disposition: spctl dispo save CODE --call %lld",
			(long long)wrap_up.call_id, wrap_up.number[0] ? wrap_up.number : "an unknown number",
			(long long)wrap_up.call_id);
	if (!agent_may_dial(session->state))
		return err_set(&request->err, ERR_CONFLICT, "%s cannot dial: %s", session->login,
			       agent_refusal(session->state, AGENT_EV_DIAL));
	return 0;
}

/* ---- the gate's rows -------------------------------------------------------------------------------------------- */

static int64_t audit_reason(const struct session *session, const struct gate_answer *answer,
	const struct gate_reason *reason, const char *event, int64_t call_id, struct err *err)
{
	const struct audit_entry entry = {
		.tenant_id = session->tenant_id,
		.event = event,
		.forced = !strcmp(event, "forced"),
		.severity = !reason ? NULL : gate_code_hard(reason->code) ? "hard" : "soft",
		.reason_code = reason ? gate_code_name(reason->code) : NULL,
		.detail = reason ? reason->message : NULL,
		.user_id = session->user_id,
		.station_id = session->station_id,
		.number = answer->number,
		.call_id = call_id,
		.customer_id = reason && reason->customer_id ? reason->customer_id : answer->customer_id,
	};

	return audit_add(session->engine, &entry, err);
}

/* One row a reason; one row when there is none. */
static int audit_decision(const struct session *session, const struct gate_answer *answer, const char *event,
	int64_t call_id, struct err *err)
{
	const struct gate_decision *decision = &answer->decision;
	int64_t status = decision->count ? 0 : audit_reason(session, answer, NULL, event, call_id, err);

	for (size_t i = 0; i < decision->count && status >= 0; i++)
		status = audit_reason(session, answer, &decision->reasons[i], event, call_id, err);
	return status < 0 ? (int)status : 0;
}

/* ---- call.dial -------------------------------------------------------------------------------------------------- */

/* The order's answer is an error with the decision as its data; its rows are committed. */
static int refuse(
	struct request *request, const struct session *session, const struct gate_answer *answer, const char *hint)
{
	const struct gate_decision *decision = &answer->decision;
	const bool blocked = decision->verdict == GATE_BLOCKED;
	struct str text = {0};
	json_t *data;
	int status = audit_decision(session, answer, blocked ? "blocked" : "warned", 0, &request->err);

	if (status >= 0)
		status = db_commit(request->engine->db, &request->err);
	if (status >= 0)
		status = decision_json(request, answer, &data);
	if (status < 0)
		return status;
	audit_tell(request->engine);
	for (size_t i = 0; i < decision->count; i++)
		if (gate_code_hard(decision->reasons[i].code) == blocked)
			str_addf(&text, "%s%s (%s)", text.len ? "; " : "", decision->reasons[i].message,
				 gate_code_name(decision->reasons[i].code));
	request->error_data = data;
	status = err_set(&request->err, blocked ? ERR_BLOCKED : ERR_NEEDS_ACK, "%s %s: %s%s", answer->number,
			 blocked ? "is blocked" : "needs acknowledgement", text.s, hint);
	str_free(&text);
	return status;
}

/* True when nothing stands in the way: allowed, or every warning is acknowledged. */
static bool may_pass(struct request *request, const struct gate_answer *answer, const char **hint)
{
	const char *token = param_text(request, "ack"), *missing = NULL;
	const json_t *codes = json_object_get(request->params, "acknowledge");

	*hint = "";
	if (answer->decision.verdict != GATE_NEEDS_ACK)
		return answer->decision.verdict == GATE_ALLOWED;
	if (token && ack_use(request->engine, token, asker(request), answer))
		return true;
	if (ack_covers(codes, answer, &missing))
		return true;
	if (token)
		*hint = "; the token is not good for this: it was used, has expired, or is for something else";
	return false;
}

static int64_t write_call(const struct session *session, const struct gate_answer *answer, const struct caller_id *shown_as,
	bool forced, struct err *err)
{
	const int64_t id = db_insert(session->engine->db, &sql_call_insert,
		ARGS(a_int(session->tenant_id), a_text("outbound"), a_text(answer->number),
			answer->customer_id ? a_int(answer->customer_id) : a_null(), a_int(session->user_id),
			a_int(session->station_id), a_text(shown_as->did), a_text(call_state_name(CALL_DIALING)),
			a_int(forced), a_int(1), a_int(clock_now_ms())),
		err);

	if (id < 0)
		return id;
	if (audit_decision(session, answer, forced ? "forced" : "allowed", id, err) < 0)
		return err->code;
	return db_commit(session->engine->db, err) < 0 ? (int64_t)err->code : id;
}

/* The row is there: now, and only now, the phone is told. */
static void order(struct request *request, struct session *session, const struct gate_answer *answer, int64_t call_id,
	const char *target, const struct caller_id *shown_as)
{
	struct live *live = live_new(session, call_id, false);

	live->record = answer->tenant.record && param_bool(request, "record", true);
	live->play = xstrdup(param_text(request, "play"));
	live->ring_seconds = param_int(request, "timeout", answer->tenant.ring_seconds);
	live->hangup_after = param_int(request, "hangup_after", 0);
	live->talk_seconds = answer->tenant.max_call_hours * 3600;
	live->dialing = request;
	session_step(session, AGENT_EV_DIAL);
	live_order_dial(live, target, shown_as);
}

static int dial_inside(struct request *request, struct session *session, struct gate_answer *answer)
{
	struct err *err = &request->err;
	struct caller_id shown_as;
	char target[512];
	const char *hint;
	int64_t call_id;

	if (!may_pass(request, answer, &hint))
		return refuse(request, session, answer, hint);
	if (caller_id_of(request->engine, session->tenant_id, session->station_id, &shown_as, err) < 0 ||
		phone_usable(session->phone, err) < 0 ||
		phone_target(session->phone, answer->number, target, sizeof(target), err) < 0)
		return err->code;
	call_id = write_call(session, answer, &shown_as, answer->decision.verdict == GATE_NEEDS_ACK, err);
	if (call_id < 0)
		return (int)call_id;
	order(request, session, answer, call_id, target, &shown_as);
	audit_tell(request->engine);                    /* not before: the phone is waiting */
	return REQUEST_PENDING;
}

int call_dial(struct request *request)
{
	struct session *session = session_of_request(request);
	struct gate_answer answer = {0};
	int status;

	if (!session)
		return request->err.code;
	if (check_play(request) < 0 || check_codes(request) < 0 || check_agent(request, session) < 0)
		return request->err.code;
	/* The lock comes first: nobody changes a flag or places a call between the decision and its row. */
	status = db_begin(request->engine->db, &request->err);
	if (status >= 0)
		status = gate_ask(request->engine, request->tenant_id, param_text(request, "number"),
			param_int(request, "customer_id", 0), &answer, &request->err);
	if (status >= 0)
		status = dial_inside(request, session, &answer);
	if (status < 0)
		db_rollback(request->engine->db);
	gate_answer_clear(&answer);
	return status;
}
