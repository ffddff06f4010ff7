/*
 * live.c - calls in progress: the phone's reports move them on, and what follows from each step is done here: the row
 * is brought up to date, clients are told, the agent's state steps, the sound is told what to play.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_call.h"
#include "audit_now.h"
#include "nouns.h"
#include "quality.h"
#include "session.h"

enum { AGAIN_SECONDS = 2 };         /* until a row that the database refused is tried again */

static const char *text_of(const json_t *message, const char *name)
{
	const char *text = json_string_value(json_object_get(message, name));

	return text ? text : "";
}

static int64_t number_of(const json_t *message, const char *name)
{
	return json_integer_value(json_object_get(message, name));
}

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

void live_free(struct live *live)
{
	struct live **at = &live->session->calls;

	while (*at != live)
		at = &(*at)->next;
	*at = live->next;
	live_unwatch(live);
	quality_free(live);
	if (live->again)
		event_free(live->again);
	free(live->play);
	free(live->sip_reason);
	free(live);
}

/* ---- telling ---------------------------------------------------------------------------------------------------- */

json_t *live_json(struct engine *engine, int64_t tenant_id, int64_t call_id, const struct live *live, struct err *err)
{
	json_t *json = call_row_json(engine, tenant_id, call_id, err), *quality = quality_now(live);

	if (json && live)
		json_object_set_new(json, "muted", json_boolean(live->muted));
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

static void sound_say(const struct session *session, json_t *command)
{
	sound_do(session->sound, command, on_sound_answer, 0);
}

static void ring(const struct session *session, const char *kind)
{
	sound_say(session, json_pack("{s:s, s:s}", "do", "ring", "kind", kind));
}

static void sound_call_start(const struct live *live)
{
	sound_say(live->session, json_pack("{s:s, s:i}", "do", "call_start", "slot", live->slot));
	sound_say(live->session, json_pack("{s:s, s:i}", "do", "focus", "slot", live->slot));
}

void live_sound_side(const struct live *live)
{
	if (live->slot >= 0)
		sound_say(live->session, json_pack("{s:s, s:i, s:b}", "do", "mute", "slot", live->slot,
			"on", live->muted || live->state == CALL_HELD));
}

void live_begin_sound(const struct live *live, const char *kind)
{
	sound_call_start(live);
	ring(live->session, kind);
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

/* A failure is told, not fatal: the call goes on, and its end is written until it is there. */
static void write_progress(struct live *live, const char *codec, const char *sip_call_id, bool encrypted)
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

static void live_up(struct live *live)
{
	struct session *session = live->session;

	ring(session, "off");
	if (live->cause == CAUSE_CANCELLED)             /* the answer crossed our CANCEL, and a BYE follows */
		live->cause = CAUSE_AGENT_HANGUP;
	live_watch_talk(live);
	if (live->play)
		sound_say(session, json_pack("{s:s, s:i, s:s}", "do", "play", "slot", live->slot, "path", live->play));
	if (live->record)
		record_begin(live);
	session_step(session, AGENT_EV_ANSWERED);
}

static void step_with(struct live *live, enum call_event event, const json_t *message)
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
	write_progress(live, text_of(message, "codec"), NULL, false);
	if (effects & CALL_EFFECT_RECORD_ANSWER)
		live_up(live);
	if (effects & CALL_EFFECT_TELL)
		live_tell(live);
}

void live_step(struct live *live, enum call_event event)
{
	step_with(live, event, NULL);
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
	live->order = number_of(answer, "call");
	live->slot = (int)number_of(answer, "slot");
	live_watch_dialing(live);
	sound_call_start(live);
	write_progress(live, NULL, text_of(answer, "sip"), false);
	answer_dial(live);
	live_tell(live);
	if (live->cause)                            /* somebody hung up meanwhile */
		live_hang_up(live, live->cause, 0);
}

void live_order_dial(struct live *live, const char *target, const struct caller_id *shown_as)
{
	struct err err;

	log_info("call", "call %lld is ordered", (long long)live->id);
	if (phone_do(live->session->phone, json_pack("{s:s, s:s, s:s, s:s, s:s}", "do", "dial", "line", "line",
			"to", target, "from", shown_as->uri, "identity", shown_as->header),
		    on_dialled, live->id, &err) < 0) {
		err.code = ERR_FAILED;              /* there was nobody to take it */
		not_dialled(live, &err);
	}
}

/* ---- the end ---------------------------------------------------------------------------------------------------- */

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

static bool owes(const struct live *live)
{
	return live->inbound ? live->answered_ms != 0 : live->cause != CAUSE_NOT_SENT;
}

static int write_end(const struct live *live, int64_t now, struct err *err)
{
	const struct session *session = live->session;
	const bool counts = !live->inbound && call_cause_counts(live->cause);
	struct tenant tenant;

	if (tenant_load(session->engine, session->tenant_id, &tenant, err) < 0 || quality_write(live, err) < 0)
		return err->code;
	return db_run(session->engine->db, &sql_call_end,
		ARGS(a_int(live->id), a_int(session->tenant_id), a_int(now), a_text(call_cause_name(live->cause)),
			live->sip_code ? a_int(live->sip_code) : a_null(), a_text(live->sip_reason), a_int(counts),
			a_int(owes(live)), owes(live) ? a_int(now) : a_null(),
			owes(live) ? a_int(tenant.acw_seconds) : a_null()),
		err);
}

/* What an end means for everybody but the database; only once. */
static void stop_everything(struct live *live)
{
	unsigned effects;

	live->ended = true;
	live->state = call_step(live->state, CALL_EV_CLOSED, &effects);
	live_unwatch(live);
	quality_stop(live);
	ring(live->session, "off");
	record_end(live);
	if (live->slot >= 0)
		sound_say(live->session, json_pack("{s:s, s:i}", "do", "call_stop", "slot", live->slot));
	if (live->dialing) {
		err_set(&live->dialing->err, ERR_UNAVAILABLE, "call %lld ended before it was placed: %s",
			(long long)live->id, call_cause_name(live->cause));
		request_answer(live->dialing, ERR_UNAVAILABLE);
		live->dialing = NULL;
	}
}

void live_end(struct live *live)
{
	struct session *session = live->session;
	const struct timeval later = {.tv_sec = AGAIN_SECONDS};
	const int64_t id = live->id;
	const bool debt = owes(live);
	struct err err;

	if (!live->ended) {
		stop_everything(live);
		live->ended_ms = clock_now_ms();
	}
	if (write_end(live, live->ended_ms, &err) < 0) {
		session_notice(session, "error", "the end of call %lld is not written and is tried again: %s",
			(long long)id, err.text);
		if (!live->again)
			live->again = evtimer_new(session->engine->loop, on_again, live);
		evtimer_add(live->again, &later);
		return;
	}
	if (live->again)                                /* the database takes writes again */
		recordings_settle(session->engine);
	log_info("call", "call %lld is over: %s", (long long)id, call_cause_name(live->cause));
	live_free(live);
	session_tell_call(session, id, NULL);
	if (!session->calls)
		session_step(session, debt ? AGENT_EV_CALL_ENDED : AGENT_EV_CALL_GONE);
}

/* Why it ended, from the phone's report, where nobody of ours decided it. */
static enum call_cause cause_of(const struct live *live, int code, const char *by, const char *reason)
{
	if (!strcmp(by, "engine"))
		return CAUSE_PHONE_LOST;            /* the phone is ending, and nobody ordered that */
	if (live->answered_ms)
		return CAUSE_REMOTE_HANGUP;
	if (live->inbound)
		return !strcmp(by, "peer") ? CAUSE_CANCELLED : CAUSE_FAILED;
	if (!code && strstr(reason, "timed out"))
		return CAUSE_NO_RESPONSE;
	return call_cause_from_sip(code);
}

static void on_closed(struct live *live, const json_t *message)
{
	const int code = (int)number_of(message, "code");
	const char *reason = text_of(message, "reason");

	if (live->ended)
		return;
	if (!live->cause) {
		live->cause = cause_of(live, code, text_of(message, "by"), reason);
		live->sip_code = code;
		live->sip_reason = *reason ? xstrdup(reason) : NULL;
	}
	live_end(live);
}

/* ---- what the phone says ---------------------------------------------------------------------------------------- */

/* A leg that the engine did not order was asked for, or made inside of baresip: it was not sent, and this says so for
 * ever. */
static void ungated(const struct session *session, const struct live *live, const char *what, const char *who)
{
	char *detail = xasprintf("%s: %s", what, who);
	const struct audit_entry entry = {.tenant_id = session->tenant_id, .event = "ungated_leg", .severity = "hard",
					  .user_id = session->user_id, .station_id = session->station_id,
					  .call_id = live ? live->id : 0, .detail = detail};

	log_warn("call", "%s", detail);
	audit_now(session->engine, &entry);
	free(detail);
}

static void on_redirected(const struct session *session, const struct live *live, const json_t *message)
{
	char what[64];

	snprintf(what, sizeof(what), "redirected with %d, not followed", (int)number_of(message, "code"));
	ungated(session, live, what, text_of(message, "to"));
}

/* A refused re-INVITE: the module has resumed a call that it could not hold. */
static void on_change_refused(struct live *live, const json_t *message)
{
	session_notice(live->session, "warning", "call %lld: the far end refused to be %s (%d)", (long long)live->id,
		live->state == CALL_HELD ? "put on hold" : "taken back from hold", (int)number_of(message, "code"));
	live_step(live, CALL_EV_RESUMED);
	live_sound_side(live);
}

static void on_ringing(struct live *live)
{
	live_heard_of(live);
	live->rang = true;
	if (!live->inbound)
		ring(live->session, "ringback");        /* after early media as well: a 180 switches that off */
	live_step(live, CALL_EV_RINGING);
}

static void on_early(struct live *live)
{
	live_heard_of(live);
	ring(live->session, "off");
	live_step(live, CALL_EV_EARLY);
}

static void on_call_event(struct session *session, struct live *live, const char *event, const json_t *message)
{
	if (!strcmp(event, "trying"))
		live_heard_of(live);
	else if (!strcmp(event, "ringing"))
		on_ringing(live);
	else if (!strcmp(event, "early"))
		on_early(live);
	else if (!strcmp(event, "up")) {
		step_with(live, CALL_EV_UP, message);
		quality_start(live, text_of(message, "codec"));
	}
	else if (!strcmp(event, "media"))
		quality_media(live, message);
	else if (!strcmp(event, "closed"))
		on_closed(live, message);
	else if (!strcmp(event, "encrypted")) {
		write_progress(live, NULL, NULL, true);
		live_tell(live);
	}
	else if (!strcmp(event, "redirected"))
		on_redirected(session, live, message);
	else if (!strcmp(event, "change_refused"))
		on_change_refused(live, message);
	else if (!strcmp(event, "sound_error"))
		session_notice(
			session, "warning", "call %lld: sound: %s", (long long)live->id, text_of(message, "reason"));
	else
		log_debug("call", "call %lld: %s", (long long)live->id, event);
}

static void on_phone_event(void *arg, const char *event, const json_t *message)
{
	struct session *session = arg;
	struct live *live = live_of_order(session, number_of(message, "call"));

	if (!strcmp(event, "incoming"))
		incoming_call(session, message);
	else if (!strcmp(event, "busy"))
		incoming_busy(session, message);
	else if (!strcmp(event, "unordered"))
		ungated(session, NULL,
			json_is_true(json_object_get(message, "sent")) ?
				"an INVITE that nobody ordered LEFT the phone" :
				"an INVITE that nobody ordered was stopped in the phone",
			text_of(message, "to"));
	else if (!strcmp(event, "refer_refused"))
		ungated(session, live, "a REFER was refused, from", text_of(message, "from"));
	else if (live)
		on_call_event(session, live, event, message);
	else
		log_debug("call", "%s: %s of a call that is over", session->login, event);
}

static void on_phone_lost(void *arg, const char *why)
{
	struct session *session = arg;

	if (session->phase == SESSION_STARTING) {
		session_refused(session, 0, why);
		return;
	}
	session_notice(session, "error", "the phone was lost and is being started again: %s", why);
	for (struct live *live = session->calls, *next; live; live = next) {
		next = live->next;
		if (live->ended)
			continue;
		if (!live->cause)
			live->cause = CAUSE_PHONE_LOST;
		live_end(live);
	}
	session->registered = false;
	session_tell(session);
}

static bool has_calls(void *arg)
{
	return ((struct session *)arg)->calls != NULL;
}

const struct phone_hooks session_phone_hooks = {
	session_usable, session_refused, on_phone_event, on_phone_lost, has_calls};

/* ---- what the sound says ---------------------------------------------------------------------------------------- */

static void on_sound_event(void *arg, const char *event, const json_t *message)
{
	struct session *session = arg;

	if (!strcmp(event, "device") && strcmp(text_of(message, "state"), "ok"))
		session_notice(
			session, "warning", "sound device %s: %s", text_of(message, "name"), text_of(message, "text"));
	else if (!strcmp(event, "record_error"))
		session_notice(session, "error", "the recording stopped: %s", text_of(message, "text"));
	else
		log_debug("sound", "%s: %s", session->login, event);
}

static void on_sound_back(void *arg)
{
	struct session *session = arg;

	for (struct live *live = session->calls; live; live = live->next)
		if (!live->ended && live->slot >= 0) {
			sound_call_start(live);
			live_sound_side(live);
			record_again(live);
		}
}

const struct sound_hooks session_sound_hooks = {on_sound_event, on_sound_back};
