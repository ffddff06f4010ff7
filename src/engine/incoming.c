/* incoming.c - calls that come in: whose they are, who may take them, and those that nobody could. */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/e164.h"
#include "../base/log.h"
#include "../base/str.h"
#include "../db/sql_call.h"
#include "internal.h"
#include "nouns.h"
#include "record.h"
#include "route.h"
#include "session.h"

enum { BUSY_CODE = 486, STRANGER_CODE = 403, UNACCEPTABLE_CODE = 488, CALLER_SIZE = 64 };

static void take_first(const struct gate_customer *customer, void *arg)
{
	int64_t *id = arg;

	if (!*id)
		*id = customer->id;
}

/* The caller's number in E.164 where it is one, else as the PBX shows it ("200", "anonymous"). */
static void caller_of(const struct tenant *tenant, const json_t *message, char out[CALLER_SIZE])
{
	const char *from = json_string_value(json_object_get(message, "from"));
	char number[E164_SIZE];
	struct sip_uri uri;

	out[0] = '\0';
	if (!from || !sip_uri_split(from, &uri))
		return;
	uri.user[strcspn(uri.user, ";:")] = '\0';
	str_copy(out, CALLER_SIZE, e164_parse(uri.user, tenant->country, number, NULL) < 0 ? uri.user : number);
}

/* "192.0.2.7:5060" or "[2001:db8::7]:5060" */
static bool is_trusted(const struct session *session, const json_t *message)
{
	const char *source = json_string_value(json_object_get(message, "source"));
	const char *transport = json_string_value(json_object_get(message, "transport"));
	char address[ADDRESS_SIZE + 16];
	char *colon;

	if (!source || !str_copy(address, sizeof(address), *source == '[' ? source + 1 : source))
		return false;
	colon = strrchr(address, ':');
	if (colon)
		*colon = '\0';
	address[strcspn(address, "]")] = '\0';
	return phone_trusts(session->phone, address, transport);
}

/* Who calls: a colleague, whose half of the call is `other`, or somebody whom the PBX lets through. */
struct caller {
	const struct live *other;
	char number[CALLER_SIZE];
	int64_t customer_id;
};

static int find_caller(struct session *session, const struct tenant *tenant, const json_t *message,
	struct caller *caller, struct err *err)
{
	*caller = (struct caller){.other = internal_match(session, message)};
	if (caller->other) {
		str_copy(caller->number, sizeof(caller->number), caller->other->session->login);
		return 0;
	}
	caller_of(tenant, message, caller->number);
	if (!e164_valid(caller->number))
		return 0;
	return customers_for_number(session->engine, tenant, caller->number, 0, clock_now_ms(), take_first,
		&caller->customer_id, err) < 0 ? (int)err->code : 0;
}

/* The call's row; its id or negative. */
static int64_t write_incoming(const struct session *session, const struct caller *caller, struct err *err)
{
	return db_insert(session->engine->db, &sql_call_insert,
		ARGS(a_int(session->tenant_id), a_text(caller->other ? "internal" : "inbound"),
			a_text(caller->number[0] ? caller->number : NULL),
			caller->customer_id ? a_int(caller->customer_id) : a_null(), a_int(session->user_id),
			a_int(session->station_id), a_text(session->did), a_text(call_state_name(CALL_RINGING)),
			a_int(0), a_int(0), a_int(clock_now_ms()), a_int(0), a_null(), a_null()),
		err);
}

static void refuse(const struct session *session, const json_t *message, int code)
{
	const json_int_t order = json_integer_value(json_object_get(message, "call"));
	struct err err;

	if (order)
		phone_do(session->phone, json_pack("{s:s, s:I, s:i}", "do", "hangup", "call", order, "code", code),
			NULL, 0, &err);
}

/* A row without a call in progress: nobody could take it. */
static void write_missed(struct session *session, const struct caller *caller, enum call_cause cause, int code)
{
	struct db *db = session->engine->db;
	struct err err;
	int64_t id = db_begin(db, &err), status = id;

	if (id >= 0)
		status = id = write_incoming(session, caller, &err);
	if (status >= 0)
		status = db_run(db, &sql_call_end,
			ARGS(a_int(id), a_int(session->tenant_id), a_int(clock_now_ms()),
				a_text(call_cause_name(cause)), a_int(code), a_null(), a_int(0), a_int(0),
				a_null(), a_null()),
			&err);
	if (status >= 0)
		status = db_commit(db, &err);
	if (status < 0) {
		db_rollback(db);
		session_notice(session, "error", "a missed call is not written: %s", err.text);
		return;
	}
	session_tell_call(session, id, NULL);
}

void incoming_busy(struct session *session, const json_t *message)
{
	struct tenant tenant;
	struct caller caller;
	struct err err;

	if (session->phase != SESSION_ON || !is_trusted(session, message))
		return;
	if (tenant_load(session->engine, session->tenant_id, &tenant, &err) < 0 ||
		find_caller(session, &tenant, message, &caller, &err) < 0)
		log_error("call", "%s", err.text);
	else
		write_missed(session, &caller, CAUSE_BUSY, BUSY_CODE);
}

/* The phone has refused it with 488. */
void incoming_unacceptable(struct session *session, const json_t *message)
{
	const char *kind = phone_encryption(session->phone);
	const char *why = json_string_value(json_object_get(message, "reason"));
	struct tenant tenant;
	struct caller caller;
	struct err err;

	if (session->phase != SESSION_ON || !is_trusted(session, message))
		return;
	if (tenant_load(session->engine, session->tenant_id, &tenant, &err) < 0 ||
		find_caller(session, &tenant, message, &caller, &err) < 0) {
		log_error("call", "%s", err.text);
		return;
	}
	write_missed(session, &caller, CAUSE_FAILED, UNACCEPTABLE_CODE);
	if (why)
		session_notice(session, "warning", "a call from %s was refused (488): %s",
			*caller.number ? caller.number : "nobody known", why);
	else if (kind)
		session_notice(session, "warning",
			"a call from %s was refused (488): it offered no encrypted sound, and this station takes no"
			" other (media_enc %s)",
			*caller.number ? caller.number : "nobody known", kind);
	else
		session_notice(session, "warning",
			"a call from %s was refused (488): it offered no codec of this station",
			*caller.number ? caller.number : "nobody known");
}

/* A colleague may speak to an agent who is free without his doing anything, where the station is an intercom. */
static bool is_intercom(const struct session *session, const struct caller *caller, const json_t *message)
{
	struct station station = {0};
	bool on;

	if (!caller->other || session->state != AGENT_READY || !json_is_true(json_object_get(message, "auto_answer")))
		return false;
	on = station_load(session->engine, session->tenant_id, session->station_id, false, &station, NULL) >= 0 &&
		station.intercom;
	station_wipe(&station);
	return on;
}

static void ring_at(struct session *session, const struct tenant *tenant, const struct caller *caller,
	const json_t *message, int64_t id)
{
	const bool intercom = is_intercom(session, caller, message);
	struct live *live = live_new(session, id, true);
	struct err err;

	live->order = json_integer_value(json_object_get(message, "call"));
	live->slot = (int)json_integer_value(json_object_get(message, "slot"));
	live->internal = caller->other;
	str_copy(live->caller, sizeof(live->caller), caller->number);
	record_take(live, NULL, tenant);
	live->ring_seconds = tenant->ring_seconds;
	live->talk_seconds = tenant->max_call_hours * 3600;
	log_info("call", "call %lld comes in for %s", (long long)id, session->login);
	live_watch_ringing(live);
	live_begin_sound(live);
	live_step(live, CALL_EV_INCOMING);
	session_step(session, AGENT_EV_INCOMING);
	lines_sound(session);
	if (intercom && lines_answer(live, NULL, &err) < 0)     /* then it rings */
		log_warn("call", "call %lld is not answered by itself: %s", (long long)id, err.text);
}

/* Who is paused stays so through the calls that he dials. */
static bool may_ring(const struct session *session)
{
	enum agent_state state = session->state;

	return session->phase == SESSION_ON && !session->engine->stopping && agent_step(&state, AGENT_EV_INCOMING) &&
	       !session->paused_reason && !session->dnd && lines_count(session) < LINES_MAX;
}

static void take(struct session *session, const struct tenant *tenant, const json_t *message,
	const struct caller *caller)
{
	const int code = (int)tenant->busy_code;
	struct err err;
	int64_t id;

	if (!may_ring(session)) {
		refuse(session, message, code);
		if (session->phase == SESSION_ON)
			write_missed(session, caller, CAUSE_BUSY, code);
		return;
	}
	id = write_incoming(session, caller, &err);
	if (id < 0) {
		session_notice(session, "error", "a call is refused, for it cannot be written: %s", err.text);
		refuse(session, message, code);
		return;
	}
	ring_at(session, tenant, caller, message, id);
}

void incoming_call(struct session *session, const json_t *message)
{
	struct tenant tenant;
	struct caller caller;
	struct err err;

	if (!is_trusted(session, message)) {
		log_warn("call", "%s: a call from %s (%s), which is not the PBX of station %s, is refused",
			 session->login, json_string_value(json_object_get(message, "source")),
			 json_string_value(json_object_get(message, "transport")), session->station);
		refuse(session, message, STRANGER_CODE);
		return;
	}
	if (tenant_load(session->engine, session->tenant_id, &tenant, &err) < 0 ||
		find_caller(session, &tenant, message, &caller, &err) < 0) {
		session_notice(session, "error", "a call is refused: %s", err.text);
		refuse(session, message, BUSY_CODE);
		return;
	}
	take(session, &tenant, message, &caller);
}
