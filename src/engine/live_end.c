/* live_end.c - the end of a call: ordered, or reported; its row is closed, and its agent goes on. */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../db/sql_call.h"
#include "conference.h"
#include "nouns.h"
#include "quality.h"
#include "record.h"
#include "session.h"
#include "wrap_up.h"

enum { AGAIN_SECONDS = 2 };         /* until a row that the database refused is tried again */

static void on_hung_up(void *arg, int64_t call_id, const json_t *answer, const struct err *err)
{
	struct live *live = live_of_id(arg, call_id);

	if (answer || !live || live->ended)
		return;
	log_warn("call", "call %lld: the phone did not hang up: %s", (long long)call_id, err->text);
	live_end(live);
}

void live_hang_up(struct live *live, enum call_cause cause, int code)
{
	json_t *command;
	struct err err;

	if (live->ended)
		return;
	if (!live->cause)
		live->cause = cause;
	if (code)
		live->sip_code = code;
	if (!live->order)                           /* the order is on its way: on_dialled() comes back to this */
		return;
	command = json_pack("{s:s, s:I}", "do", "hangup", "call", (json_int_t)live->order);
	if (code)
		json_object_set_new(command, "code", json_integer(code));
	if (phone_do(live->session->phone, command, on_hung_up, live->id, &err) < 0)
		live_end(live);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	live_end(arg);
}

static bool owes(const struct live *live, const struct tenant *tenant)
{
	if (live->internal && (!tenant->internal_disposition || live->in_room))
		return false;
	return live->inbound ? live->answered_ms != 0 : live->cause != CAUSE_NOT_SENT;
}

/* ---- the row ---------------------------------------------------------------------------------------------------- */

/* What closes a call's row. */
struct unclosed {
	struct unclosed *next;
	int64_t tenant_id, id, ended_ms, acw_seconds;
	enum call_cause cause;
	int sip_code;
	bool counts, owes;
};

/* Where the tenant cannot be read, it owes. */
static int end_of(const struct live *live, struct unclosed *end, struct err *err)
{
	const struct session *session = live->session;
	struct tenant tenant;
	int status;

	tenant_presets(&tenant);
	status = tenant_load(session->engine, session->tenant_id, &tenant, err);
	*end = (struct unclosed){.tenant_id = session->tenant_id, .id = live->id, .ended_ms = live->ended_ms,
		.acw_seconds = tenant.acw_seconds, .cause = live->cause, .sip_code = live->sip_code,
		.counts = !live->inbound && !live->internal && call_cause_counts(live->cause),
		.owes = status < 0 || owes(live, &tenant)};
	return status;
}

static int close_row(struct engine *engine, const struct unclosed *end, const char *sip_reason, struct err *err)
{
	return db_run(engine->db, &sql_call_end,
		ARGS(a_int(end->id), a_int(end->tenant_id), a_int(end->ended_ms), a_text(call_cause_name(end->cause)),
			end->sip_code ? a_int(end->sip_code) : a_null(), a_text(sip_reason), a_int(end->counts),
			a_int(end->owes), end->owes ? a_int(end->ended_ms) : a_null(),
			end->owes ? a_int(end->acw_seconds) : a_null()),
		err);
}

static int write_end(const struct live *live, struct err *err)
{
	struct unclosed end;

	if (end_of(live, &end, err) < 0 || quality_write(live, err) < 0)
		return err->code;
	return close_row(live->session->engine, &end, live->sip_reason, err);
}

void live_leave(struct live *live)
{
	struct sessions *sessions = live->session->engine->sessions;
	struct unclosed *end = xcalloc(1, sizeof(*end));

	end_of(live, end, NULL);
	end->next = sessions->unclosed;
	sessions->unclosed = end;
	live_free(live);
}

int calls_close(struct engine *engine, struct err *err)
{
	struct unclosed *end;

	while ((end = engine->sessions->unclosed)) {
		if (close_row(engine, end, NULL, err) < 0)
			return err->code;
		log_info("call", "the end of call %lld is written", (long long)end->id);
		engine->sessions->unclosed = end->next;
		free(end);
	}
	return 0;
}

void calls_forget(struct engine *engine)
{
	struct unclosed *end;

	while ((end = engine->sessions->unclosed)) {
		engine->sessions->unclosed = end->next;
		free(end);
	}
}

/* ---- the end ---------------------------------------------------------------------------------------------------- */

/* Whoever waits for the call waits in vain. */
static void fail(const struct live *live, struct request **waiting, enum err_code code, const char *what)
{
	struct request *request = *waiting;

	*waiting = NULL;
	if (!request)
		return;
	err_set(&request->err, code, "call %lld ended before it was %s: %s", (long long)live->id, what,
		call_cause_name(live->cause));
	request_answer(request, code);
}

/* What an end means for everybody but the database; only once. */
static void stop_everything(struct live *live)
{
	unsigned effects;

	live->ended = true;
	live->state = call_step(live->state, CALL_EV_CLOSED, &effects);
	live_unwatch(live);
	quality_stop(live);
	record_end(live);
	if (live->slot >= 0)
		sound_say(live->session, json_pack("{s:s, s:i}", "do", "call_stop", "slot", live->slot));
	conference_left(live);
	lines_sound(live->session);
	fail(live, &live->dialing, ERR_UNAVAILABLE, "placed");
	fail(live, &live->answering, ERR_CONFLICT, "answered");
}

/* A call ended: what is the agent in now?  Nothing changes while a call is up, or the end of one is not written. */
static void step_on(struct session *session)
{
	struct wrap_up wrap_up;
	bool rings = false;

	for (const struct live *live = session->calls; live; live = live->next) {
		if (live_is_up(live)) {
			session_tell(session);          /* of another call */
			return;
		}
		rings |= !live->ended;
	}
	if (lines_dialled(session))
		session_step(session, AGENT_EV_REST_DIALS);
	else if (rings)
		session_step(session, AGENT_EV_REST_RINGS);
	else if (!session->calls)
		session_step(session, wrap_up_load(session->engine, session->user_id, &wrap_up, NULL) ?
			AGENT_EV_CALL_ENDED : AGENT_EV_CALL_GONE);
}

/* A held call stays held when another ends: who talks with nobody should not forget that somebody waits. */
static void tell_who_waits(const struct session *session, enum call_cause cause)
{
	const struct live *current = lines_current(session);

	if (session->phase != SESSION_ON || (current && current->state != CALL_HELD) || cause == CAUSE_KICKED ||
		cause == CAUSE_PHONE_LOST || cause == CAUSE_ENGINE_RESTART)     /* the others end as well */
		return;
	for (const struct live *live = session->calls; live; live = live->next)
		if (!live->ended && live->state == CALL_HELD)
			session_notice(session, "info", "call %lld is still on hold", (long long)live->id);
}

void live_end(struct live *live)
{
	struct session *session = live->session;
	const struct timeval later = {.tv_sec = AGAIN_SECONDS};
	const int64_t id = live->id;
	const enum call_cause cause = live->cause;
	struct err err;

	if (!live->ended) {
		stop_everything(live);
		live->ended_ms = clock_now_ms();
		if (live->ended_ms < live->answered_ms)         /* the system's clock was set back */
			live->ended_ms = live->answered_ms;
	}
	if (write_end(live, &err) < 0) {
		session_notice(session, "error", "the end of call %lld is not written and is tried again: %s",
			(long long)id, err.text);
		if (!live->again)
			live->again = evtimer_new(session->engine->loop, on_again, live);
		evtimer_add(live->again, &later);
		return;
	}
	if (live->again)                                /* the database takes writes again */
		recordings_settle(session->engine);
	log_info("call", "call %lld is over: %s", (long long)id, call_cause_name(cause));
	live_free(live);
	session_tell_call(session, id, NULL);
	step_on(session);
	tell_who_waits(session, cause);
}
