/* session_state.c - an agent's state: steps, what others are told of it, and when a wrap-up is overdue. */
#include <stdlib.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../db/sql_session.h"
#include "../rule/acw.h"
#include "phone_side.h"
#include "session.h"
#include "wrap_up.h"

/* ---- as others see it ------------------------------------------------------------------------------------------- */

static json_t *time_json(int64_t utc_ms)
{
	char text[RFC3339_SIZE];

	return json_string(time_format(utc_ms, text));
}

static json_t *wrap_up_json(const struct wrap_up *wrap_up)
{
	const struct acw acw = acw_at(wrap_up->started_ms, clock_now_ms(), wrap_up->allowance);

	return json_pack("{s:I, s:I, s:I, s:b}", "call_id", (json_int_t)wrap_up->call_id, "seconds",
		(json_int_t)acw.seconds, "remaining", (json_int_t)acw.remaining, "overdue", acw.overdue);
}

static json_t *registration_json(const struct session *session)
{
	if (!session->register_reason)
		return json_null();
	return json_pack("{s:o, s:s}", "code",
		session->register_code ? json_integer(session->register_code) : json_null(), "reason",
		session->register_reason);
}

json_t *session_json(const struct session *session)
{
	struct wrap_up wrap_up = {0};
	const int64_t owed = wrap_up_load(session->engine, session->user_id, &wrap_up, NULL);
	const struct live *current = lines_current(session);
	json_t *json = json_pack("{s:I, s:s, s:s, s:s, s:s, s:o, s:b}",
		"id", (json_int_t)session->id, "user", session->login, "station", session->station, "did", session->did,
		"state", agent_state_name(session->state), "since", time_json(session->since_ms),
		"registered", session->registered);

	json_object_set_new(json, "call_id", current ? json_integer(current->id) : json_null());
	json_object_set_new(json, "calls", json_integer((json_int_t)lines_count(session)));
	json_object_set_new(
		json, "wrap_up", session->state == AGENT_WRAP_UP && owed > 0 ? wrap_up_json(&wrap_up) : json_null());
	json_object_set_new(json, "paused_reason",
		session->state == AGENT_PAUSED ? json_string(session->paused_reason) : json_null());
	json_object_set_new(json, "dnd", json_boolean(session->dnd));
	json_object_set_new(json, "registration", registration_json(session));
	json_object_set_new(json, "owed", json_integer(owed > 0 ? owed : 0));
	if (session->ended)
		json_object_set(json, "ended", session->ended);
	return json;
}

void session_tell(const struct session *session)
{
	tell(session->engine, session->tenant_id, session->user_id, "session.changed", session_json(session));
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

/* Milliseconds until the allowance is used up; negative: it is, or there is no wrap-up. */
static int64_t time_left(const struct session *session)
{
	struct wrap_up wrap_up = {0};

	if (session->state != AGENT_WRAP_UP || wrap_up_load(session->engine, session->user_id, &wrap_up, NULL) <= 0)
		return -1;
	return wrap_up.started_ms + wrap_up.allowance * 1000 - clock_now_ms();
}

/* The loop's clock is coarse: a timer may come a little early. */
static void on_overdue(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	if (time_left(arg) >= 0)
		session_watch_wrap_up(arg);
	else
		session_tell(arg);
}

void session_watch_wrap_up(struct session *session)
{
	struct timeval wait = {0};
	int64_t left;

	if (session->overdue)
		evtimer_del(session->overdue);
	else
		session->overdue = evtimer_new(session->engine->loop, on_overdue, session);
	left = time_left(session);
	if (left < 0)
		return;
	wait.tv_sec = left / 1000;
	wait.tv_usec = left % 1000 * 1000 + 1000;
	evtimer_add(session->overdue, &wait);
}

static void forget_pause(struct session *session)
{
	struct err err;

	if (!session->paused_reason)
		return;
	free(session->paused_reason);
	session->paused_reason = NULL;
	if (db_run(session->engine->db, &sql_session_pause,
		    ARGS(a_int(session->id), a_int(session->tenant_id), a_null()), &err) < 0)
		log_error("session", "the end of %s's pause is not written: %s", session->login, err.text);
}

void session_step(struct session *session, enum agent_event event)
{
	const enum agent_state old = session->state;

	if (!agent_step(&session->state, event)) {
		log_debug("session", "%s is %s: %s", session->login, agent_state_name(old), agent_refusal(old, event));
		return;
	}
	if (event == AGENT_EV_READY)
		forget_pause(session);
	else if (session->state == AGENT_READY && session->paused_reason)       /* free again, and back in the pause */
		agent_step(&session->state, AGENT_EV_PAUSE);
	if (session->state != old) {
		session->since_ms = clock_now_ms();
		log_info("session", "%s at %s: %s", session->login, session->station, agent_state_name(session->state));
	}
	session_watch_wrap_up(session);
	if (session->phase == SESSION_ON)
		session_tell(session);
}

/* Do not disturb: kept for a restart. */
int session_dnd(struct request *request)
{
	struct session *session = session_of_request(request);
	const bool on = param_bool(request, "on", true);

	if (!session)
		return request->err.code;
	if (db_run(request->engine->db, &sql_session_dnd,
		    ARGS(a_int(session->id), a_int(session->tenant_id), a_int(on)), &request->err) < 0)
		return request->err.code;
	session->dnd = on;
	session_tell(session);
	request->result = session_json(session);
	return 0;
}
