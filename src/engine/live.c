/*
 * live.c - calls in progress: their making, their steps, and what others are told of them.  What follows from each
 * step is done here: the row is brought up to date, clients are told, the agent's state steps.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../crypto/chain.h"
#include "../db/sql_call.h"
#include "conference.h"
#include "nouns.h"
#include "quality.h"
#include "record.h"
#include "refer.h"
#include "session.h"

/* ---- finding and making ----------------------------------------------------------------------------------------- */

struct live *live_of_order(const struct session *session, int64_t order)
{
	for (struct live *live = session->calls; live && order; live = live->next)
		if (live->order == order)
			return live;
	return NULL;
}

struct live *live_of_id(const struct session *session, int64_t call_id)
{
	for (struct live *live = session->calls; live; live = live->next)
		if (live->id == call_id)
			return live;
	return NULL;
}

struct live *live_new(struct session *session, int64_t call_id, bool inbound)
{
	struct live *live = xcalloc(1, sizeof(*live));

	live->session = session;
	live->id = call_id;
	live->slot = -1;
	live->inbound = inbound;
	live->state = inbound ? CALL_NEW : CALL_DIALING;
	live->next = session->calls;
	session->calls = live;
	return live;
}

bool live_is_up(const struct live *live)
{
	return !live->ended && (live->state == CALL_ACTIVE || live->state == CALL_HELD);
}

void live_free(struct live *live)
{
	struct live **at = &live->session->calls;

	if (live->watch && live->watch->over)
		live->watch->over(live, live->watch_arg);
	refer_call_ended(live);
	while (*at != live)
		at = &(*at)->next;
	*at = live->next;
	live_unwatch(live);
	quality_free(live);
	record_clear(live);
	if (live->again)
		event_free(live->again);
	free(live->play);
	free(live->sip_reason);
	free(live->sip_call_id);
	free(live->room);
	free(live);
}

/* ---- telling ---------------------------------------------------------------------------------------------------- */

json_t *live_json(struct engine *engine, int64_t tenant_id, int64_t call_id, const struct live *live, struct err *err)
{
	json_t *json = call_row_json(engine, tenant_id, call_id, err), *quality = quality_now(live);

	if (json && live) {
		const int64_t ends_at = live->ended ? 0 : live_ends_at(live);
		char text[RFC3339_SIZE];

		json_object_set_new(json, "muted", json_boolean(live->muted));
		json_object_set_new(json, "ends_at", ends_at ? json_string(time_format(ends_at, text)) : json_null());
		if (record_state_name(live))
			json_object_set_new(json, "recording", json_string(record_state_name(live)));
		json_object_set_new(json, "transfer", refer_json(live));
		/* of one that is over the row has it */
		json_object_set_new(json, "conference", conference_live_json(live));
	}
	if (json && quality)
		json_object_set(json, "quality", quality);
	json_decref(quality);
	return json;
}

void session_tell_call(const struct session *session, int64_t call_id, const struct live *live)
{
	struct err err;
	json_t *json = live_json(session->engine, session->tenant_id, call_id, live, &err);

	if (json)
		tell(session->engine, session->tenant_id, session->user_id, "call.changed", json);
	else
		log_error("call", "call %lld cannot be told: %s", (long long)call_id, err.text);
}

void live_tell(const struct live *live)
{
	session_tell_call(live->session, live->id, live);
}

void session_notice(const struct session *session, const char *level, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_warn("session", "%s at %s: %s", session->login, session->station, text);
	tell(session->engine, session->tenant_id, session->user_id, "notice",
		json_pack("{s:s, s:s}", "level", level, "text", text));
}

/* ---- the sound -------------------------------------------------------------------------------------------------- */

static void on_sound_answer(void *arg, int64_t tag, const json_t *answer, const struct err *err)
{
	(void)tag;
	if (!answer && err->code == ERR_FAILED)
		session_notice(arg, "warning", "sound: %s", err->text);
}

void sound_say(const struct session *session, json_t *command)
{
	sound_do(session->sound, command, on_sound_answer, 0);
}

void live_sound_side(const struct live *live)
{
	if (live->slot < 0)
		return;
	sound_say(live->session,
		json_pack("{s:s, s:i, s:b}", "do", "mute", "slot", live->slot, "on", live->muted));
	lines_sound_hold(live);
}

void live_begin_sound(const struct live *live)
{
	sound_say(live->session, json_pack("{s:s, s:i}", "do", "call_start", "slot", live->slot));
	live_sound_side(live);
	lines_sound(live->session);
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

void live_write(struct live *live, const char *codec, const char *sip_call_id, bool encrypted)
{
	const struct session *session = live->session;
	struct err err;

	if (db_run(session->engine->db, &sql_call_progress,
		    ARGS(a_int(live->id), a_int(session->tenant_id), a_text(call_state_name(live->state)),
			    live->answered_ms ? a_int(live->answered_ms) : a_null(),
			    a_text(codec && *codec ? codec : NULL), encrypted ? a_int(1) : a_null(),
			    a_text(sip_call_id)),
		    &err) < 0)
		session_notice(session, "error", "call %lld is not written: %s", (long long)live->id, err.text);
}

static void answer_the_answer(struct live *live)
{
	struct request *request = live->answering;

	live->answering = NULL;
	if (!request)
		return;
	request->result = live_json(request->engine, request->tenant_id, live->id, live, &request->err);
	request_answer(request, request->result ? 0 : request->err.code);
}

static void live_up(struct live *live)
{
	struct session *session = live->session;

	if (live->cause == CAUSE_CANCELLED)             /* the answer crossed our CANCEL, and a BYE follows */
		live->cause = CAUSE_AGENT_HANGUP;
	lines_hold_others(session, live);               /* there are none, but where two answers crossed */
	live_watch_talk(live);
	if (live->play)
		sound_say(session, json_pack("{s:s, s:i, s:s}", "do", "play", "slot", live->slot, "path", live->play));
	if (live->record)
		record_begin(live);
	session_step(session, AGENT_EV_ANSWERED);
}

void live_step_with(struct live *live, enum call_event event, const char *codec)
{
	const enum call_state old = live->state;
	unsigned effects;

	live->state = call_step(old, event, &effects);
	if (!effects)
		return;
	if (effects & CALL_EFFECT_RECORD_RINGING)
		live->rang = true;
	if (effects & CALL_EFFECT_RECORD_ANSWER)
		live->answered_ms = clock_now_ms();
	log_debug(
		"call", "call %lld: %s -> %s", (long long)live->id, call_state_name(old), call_state_name(live->state));
	live_write(live, codec, NULL, false);
	if (effects & CALL_EFFECT_RECORD_ANSWER)
		live_up(live);
	lines_sound(live->session);
	if (effects & CALL_EFFECT_TELL)
		live_tell(live);
	if (effects & CALL_EFFECT_RECORD_ANSWER) {
		answer_the_answer(live);
		if (live->watch && live->watch->up)
			live->watch->up(live, live->watch_arg);
	}
}

void live_step(struct live *live, enum call_event event)
{
	live_step_with(live, event, NULL);
}

/* ---- the order to dial ------------------------------------------------------------------------------------------ */

static void answer_dial(struct live *live)
{
	struct request *request = live->dialing;

	live->dialing = NULL;
	if (!request)
		return;
	request->result = live_json(request->engine, request->tenant_id, live->id, live, &request->err);
	request_answer(request, request->result ? 0 : request->err.code);
}

/* The phone refused the order: no INVITE left.  Or it died over it: then nobody knows. */
static void not_dialled(struct live *live, const struct err *err)
{
	struct request *request = live->dialing;

	live->dialing = NULL;
	live->cause = err->code == ERR_FAILED ? CAUSE_NOT_SENT : CAUSE_PHONE_LOST;
	live->sip_reason = xstrdup(err->text);
	if (request)
		err_set(&request->err, ERR_UNAVAILABLE, "call %lld is not placed: %s", (long long)live->id, err->text);
	live_end(live);
	if (request)
		request_answer(request, ERR_UNAVAILABLE);
}

static void on_dialled(void *arg, int64_t call_id, const json_t *answer, const struct err *err)
{
	struct session *session = arg;
	struct live *live = live_of_id(session, call_id);

	if (!live || live->ended)
		return;
	if (!answer) {
		not_dialled(live, err);
		return;
	}
	live->order = json_integer_value(json_object_get(answer, "call"));
	live->slot = (int)json_integer_value(json_object_get(answer, "slot"));
	live_watch_dialing(live);
	live_begin_sound(live);
	live->sip_call_id = xstrdup(json_string_value(json_object_get(answer, "sip")));
	live_write(live, NULL, live->sip_call_id, false);
	answer_dial(live);
	live_tell(live);
	if (live->cause)                            /* somebody hung up meanwhile */
		live_hang_up(live, live->cause, 0);
}

void live_order_dial(struct live *live, const char *target, const struct caller_id *shown_as)
{
	json_t *command = json_pack("{s:s, s:s, s:s}", "do", "dial", "line", "line", "to", target);
	struct err err;

	log_info("call", "call %lld is ordered", (long long)live->id);
	if (live->called_station && !random_hex(live->token, (sizeof(live->token) - 1) / 2, &err))
		json_object_set_new(command, "token", json_string(live->token));
	if (shown_as) {
		json_object_set_new(command, "from", json_string(shown_as->uri));
		json_object_set_new(command, "identity", json_string(shown_as->header));
	}
	if (phone_do(live->session->phone, command, on_dialled, live->id, &err) < 0) {
		err.code = ERR_FAILED;              /* there was nobody to take it */
		not_dialled(live, &err);
	}
}
