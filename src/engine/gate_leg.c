/* gate_leg.c - the gate before something leaves: asks, refuses with a sentence, writes its rows. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "ack.h"
#include "audit_now.h"
#include "gate_leg.h"

/* For whom a token is: the agent, or the owner himself where nobody is logged in. */
static int64_t asker(const struct request *request)
{
	return request->as_user ? request->as_user : request->who.user_id;
}

json_t *gate_leg_json(struct request *request, const struct gate_answer *answer)
{
	json_t *json = gate_json(answer);
	char token[ACK_TOKEN_SIZE];

	if (answer->decision.verdict != GATE_NEEDS_ACK)
		return json;
	if (ack_make(request->engine, asker(request), answer, token, &request->err) < 0) {
		json_decref(json);
		return NULL;
	}
	json_object_set_new(json, "ack_token", json_string(token));
	return json;
}

int gate_leg_check_codes(struct request *request)
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

/* ---- rows ------------------------------------------------------------------------------------------------------- */

/* What it was for, where that is not a call that the agent dials for himself. */
static char *detail_of(const struct request *request, const struct gate_reason *reason)
{
	const char *message = reason ? reason->message : "", *method = request->method ? request->method->name : "";
	const char *what = !strcmp(method, "call.transfer") ? "transfer" :
			   !strcmp(method, "call.conference_add") ? "conference" : "";

	return *what || *message ? xasprintf("%s%s%s", what, *what && *message ? ": " : "", message) : NULL;
}

static int64_t audit_reason(struct request *request, const struct session *session, const struct gate_answer *answer,
	const struct gate_reason *reason, const char *event, int64_t call_id)
{
	char *detail = detail_of(request, reason);
	const struct audit_entry entry = {
		.tenant_id = session->tenant_id,
		.event = event,
		.forced = !strcmp(event, "forced"),
		.severity = !reason ? NULL : gate_code_hard(reason->code) ? "hard" : "soft",
		.reason_code = reason ? gate_code_name(reason->code) : NULL,
		.detail = detail,
		.user_id = session->user_id,
		.station_id = session->station_id,
		.number = answer->number,
		.call_id = call_id,
		.customer_id = reason && reason->customer_id ? reason->customer_id : answer->customer_id,
	};

	const int64_t id = audit_add(session->engine, &entry, &request->err);

	free(detail);
	return id;
}

/* One row a reason; one row when there is none. */
static int audit_decision(struct request *request, const struct session *session, const struct gate_answer *answer,
	const char *event, int64_t call_id)
{
	const struct gate_decision *decision = &answer->decision;
	int64_t status = decision->count ? 0 : audit_reason(request, session, answer, NULL, event, call_id);

	for (size_t i = 0; i < decision->count && status >= 0; i++)
		status = audit_reason(request, session, answer, &decision->reasons[i], event, call_id);
	return status < 0 ? (int)status : 0;
}

int gate_leg_write(
	struct request *request, const struct session *session, const struct gate_answer *answer, int64_t call_id)
{
	const bool forced = answer->decision.verdict == GATE_NEEDS_ACK;

	return audit_decision(request, session, answer, forced ? "forced" : "allowed", call_id);
}

/* ---- asking ----------------------------------------------------------------------------------------------------- */

/* An error with the decision as its data; its rows are committed. */
static int refuse(
	struct request *request, const struct session *session, const struct gate_answer *answer, const char *hint)
{
	const struct gate_decision *decision = &answer->decision;
	const bool blocked = decision->verdict == GATE_BLOCKED;
	struct str text = {0};
	int status = audit_decision(request, session, answer, blocked ? "blocked" : "warned", 0);

	if (status >= 0)
		status = db_commit(request->engine->db, &request->err);
	if (status < 0)
		return status;
	audit_tell(request->engine);
	request->error_data = gate_leg_json(request, answer);
	if (!request->error_data)
		return request->err.code;
	for (size_t i = 0; i < decision->count; i++)
		if (gate_code_hard(decision->reasons[i].code) == blocked)
			str_addf(&text, "%s%s (%s)", text.len ? "; " : "", decision->reasons[i].message,
				 gate_code_name(decision->reasons[i].code));
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

int gate_leg_ask(struct request *request, const struct session *session, const char *number, int64_t customer_id,
	struct gate_answer *answer)
{
	struct db *db = request->engine->db;
	const char *hint;
	int status;

	memset(answer, 0, sizeof(*answer));
	/* The lock comes first: nobody changes a flag or places a call between the decision and its row. */
	status = db_begin(db, &request->err);
	if (status < 0)
		return status;
	status = gate_ask(request->engine, request->tenant_id, number, customer_id, answer, &request->err);
	if (status >= 0 && may_pass(request, answer, &hint))
		return 0;
	if (status >= 0)
		status = refuse(request, session, answer, hint);
	else if (status == ERR_INVALID && strspn(number, "abcdefghijklmnopqrstuvwxyz") > 0 && !strchr(number, ':'))
		err_prefix(&request->err, "no agent or station has this name");
	db_rollback(db);
	return status;
}
