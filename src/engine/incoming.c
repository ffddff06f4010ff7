/* incoming.c - calls that come in: whose they are, who may take them, and those that nobody could. */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/e164.h"
#include "../base/log.h"
#include "../base/str.h"
#include "../db/sql_call.h"
#include "nouns.h"
#include "route.h"
#include "session.h"

enum { BUSY_CODE = 486, STRANGER_CODE = 403, CALLER_SIZE = 64 };

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
	char address[ADDRESS_SIZE + 16];
	char *colon;

	if (!source || !str_copy(address, sizeof(address), *source == '[' ? source + 1 : source))
		return false;
	colon = strrchr(address, ':');
	if (colon)
		*colon = '\0';
	address[strcspn(address, "]")] = '\0';
	return phone_trusts(session->phone, address);
}

/* The call's row; its id or negative. */
static int64_t write_incoming(
	const struct session *session, const struct tenant *tenant, const json_t *message, struct err *err)
{
	char caller[CALLER_SIZE];
	int64_t customer_id = 0;

	caller_of(tenant, message, caller);
	if (e164_valid(caller) &&
		customers_for_number(
			session->engine, tenant, caller, 0, clock_now_ms(), take_first, &customer_id, err) < 0)
		return err->code;
	return db_insert(session->engine->db, &sql_call_insert,
		ARGS(a_int(session->tenant_id), a_text("inbound"), a_text(caller[0] ? caller : NULL),
			customer_id ? a_int(customer_id) : a_null(), a_int(session->user_id),
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
static void write_missed(struct session *session, const struct tenant *tenant, const json_t *message)
{
	struct db *db = session->engine->db;
	struct err err;
	int64_t id = db_begin(db, &err), status = id;

	if (id >= 0)
		status = id = write_incoming(session, tenant, message, &err);
	if (status >= 0)
		status = db_run(db, &sql_call_end,
			ARGS(a_int(id), a_int(session->tenant_id), a_int(clock_now_ms()),
				a_text(call_cause_name(CAUSE_BUSY)), a_int(BUSY_CODE), a_null(), a_int(0), a_int(0),
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
	struct err err;

	if (tenant_load(session->engine, session->tenant_id, &tenant, &err) < 0)
		log_error("call", "%s", err.text);
	else if (session->phase == SESSION_ON && is_trusted(session, message))
		write_missed(session, &tenant, message);
}

static void ring_at(struct session *session, const struct tenant *tenant, const json_t *message, int64_t id)
{
	struct live *live = live_new(session, id, true);

	live->order = json_integer_value(json_object_get(message, "call"));
	live->slot = (int)json_integer_value(json_object_get(message, "slot"));
	live->record = tenant->record;
	live->ring_seconds = tenant->ring_seconds;
	live->talk_seconds = tenant->max_call_hours * 3600;
	log_info("call", "call %lld comes in for %s", (long long)id, session->login);
	live_watch_ringing(live);
	live_begin_sound(live);
	live_step(live, CALL_EV_INCOMING);
	session_step(session, AGENT_EV_INCOMING);
	lines_sound(session);
}

/* Who is paused stays so through the calls that he dials. */
static bool may_ring(const struct session *session)
{
	enum agent_state state = session->state;

	return agent_step(&state, AGENT_EV_INCOMING) && !session->paused_reason && lines_count(session) < LINES_MAX;
}

void incoming_call(struct session *session, const json_t *message)
{
	struct tenant tenant;
	struct err err;
	int64_t id;

	if (!is_trusted(session, message)) {
		log_warn("call", "%s: a call from %s, which is not the PBX of station %s, is refused", session->login,
			 json_string_value(json_object_get(message, "source")), session->station);
		refuse(session, message, STRANGER_CODE);
		return;
	}
	if (tenant_load(session->engine, session->tenant_id, &tenant, &err) < 0) {
		session_notice(session, "error", "a call is refused: %s", err.text);
		refuse(session, message, BUSY_CODE);
		return;
	}
	if (session->phase != SESSION_ON || session->engine->stopping || !may_ring(session)) {
		refuse(session, message, BUSY_CODE);
		if (session->phase == SESSION_ON)
			write_missed(session, &tenant, message);
		return;
	}
	id = write_incoming(session, &tenant, message, &err);
	if (id < 0) {
		session_notice(session, "error", "a call is refused, for it cannot be written: %s", err.text);
		refuse(session, message, BUSY_CODE);
		return;
	}
	ring_at(session, &tenant, message, id);
}
