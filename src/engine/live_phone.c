/* live_phone.c - what phone and sound say of calls, which moves them on. */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "audit_now.h"
#include "conference.h"
#include "quality.h"
#include "record.h"
#include "refer.h"
#include "session.h"

enum { REFER_TOLD_MS = 10000 };      /* from one row of the audit log to the next */

static const char *text_of(const json_t *message, const char *name)
{
	const char *text = json_string_value(json_object_get(message, name));

	return text ? text : "";
}

static int64_t number_of(const json_t *message, const char *name)
{
	return json_integer_value(json_object_get(message, name));
}

/* ---- the end ---------------------------------------------------------------------------------------------------- */

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

	if (live->ended || refer_closed(live, text_of(message, "by")))
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

/* Anybody on the network can send REFERs, and the audit log keeps its rows for ever: one stands for many. */
static void on_refer_refused(struct session *session, const json_t *message)
{
	const int64_t now = clock_mono_ms();
	char what[80] = "a REFER was refused, from";

	if (session->refer_told_ms && now - session->refer_told_ms < REFER_TOLD_MS) {
		session->refers_untold++;
		return;
	}
	if (session->refers_untold)
		snprintf(what, sizeof(what), "a REFER was refused, as were %u before it, from", session->refers_untold);
	session->refer_told_ms = now;
	session->refers_untold = 0;
	ungated(session, NULL, what, text_of(message, "from"));
}

static void on_redirected(const struct session *session, const struct live *live, const json_t *message)
{
	char what[64];

	snprintf(what, sizeof(what), "redirected with %d, not followed", (int)number_of(message, "code"));
	ungated(session, live, what, text_of(message, "to"));
}

/* A refused re-INVITE: the module has resumed a call that it could not hold, so the mixer holds it. */
static void on_change_refused(struct live *live, const json_t *message)
{
	char why[64];

	snprintf(why, sizeof(why), "the far end refused (%d)", (int)number_of(message, "code"));
	if (live->state == CALL_HELD)
		lines_hold_refused(live, why);
	else
		session_notice(live->session, "warning", "call %lld is not taken back from hold: %s",
			(long long)live->id, why);
}

/* Of a key that was sent by SIP INFO. */
static void on_digit_answer(const struct live *live, const json_t *message)
{
	const int code = (int)number_of(message, "code");

	if (code < 200 || code > 299)
		session_notice(live->session, "warning",
			"call %lld: the digit %s was not taken (%d %s), and the rest are not sent", (long long)live->id,
			text_of(message, "key"), code, text_of(message, "reason"));
}

static void on_ringing(struct live *live)
{
	live_heard_of(live);
	live->rang = true;
	live->far_tone = false;                 /* after early media as well: a 180 switches that off */
	lines_sound(live->session);
	live_step(live, CALL_EV_RINGING);
}

static void on_early(struct live *live)
{
	live_heard_of(live);
	live->far_tone = true;
	lines_sound(live->session);
	live_step(live, CALL_EV_EARLY);
}

/* Refused for its media (RFC 3261 section 21.4.26), and a phone that must encrypt offers nothing else. */
static void tell_if_in_the_clear(const struct live *live, int code)
{
	const char *kind = phone_encryption(live->session->phone);

	if (kind && (code == 488 || code == 606) && !live->inbound)
		session_notice(live->session, "warning",
			"call %lld: the far end takes no encrypted sound (%d), and this station sends no other"
			" (media_enc %s)",
			(long long)live->id, code, kind);
}

/* A re-INVITE of either side may change the codec: the row names the one in use. */
static void on_media(struct live *live, const json_t *message)
{
	const char *codec = text_of(message, "codec");

	quality_media(live, message);
	if (!quality_codec(live, codec))
		return;
	live_write(live, codec, NULL, false);
	live_tell(live);
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
		quality_start(live, text_of(message, "codec"));
		live_step_with(live, CALL_EV_UP, text_of(message, "codec"));
	}
	else if (!strcmp(event, "media"))
		on_media(live, message);
	else if (!strcmp(event, "closed")) {
		tell_if_in_the_clear(live, (int)number_of(message, "code"));
		on_closed(live, message);
	}
	else if (!strcmp(event, "encrypted")) {
		live_write(live, NULL, NULL, true);
		live_tell(live);
	}
	else if (!strcmp(event, "redirected"))
		on_redirected(session, live, message);
	else if (!strcmp(event, "transfer_progress"))
		refer_progressed(live, (int)number_of(message, "code"));
	else if (!strcmp(event, "transfer_failed"))
		refer_failed(live, text_of(message, "reason"));
	else if (!strcmp(event, "change_refused"))
		on_change_refused(live, message);
	else if (!strcmp(event, "digit_answer"))
		on_digit_answer(live, message);
	else if (!strcmp(event, "foreign"))
		log_warn("call", "call %lld: sound from %s is left out: it is not where the far end's comes from",
			(long long)live->id, text_of(message, "source"));
	else if (!strcmp(event, "media_refused"))
		session_notice(session, "warning", "call %lld: %s", (long long)live->id, text_of(message, "reason"));
	else if (!strcmp(event, "sound_error"))
		session_notice(
			session, "warning", "call %lld: sound: %s", (long long)live->id, text_of(message, "reason"));
	else
		log_debug("call", "call %lld: %s", (long long)live->id, event);
}

/* Whether the server that finds the way through NAT answers; calls go on without it. */
static void on_nat(struct session *session, const json_t *message)
{
	const bool ok = json_is_true(json_object_get(message, "ok"));

	if (!ok)
		session_notice(session, "warning",
			"%s does not answer (%s): calls go on without it, and one side may hear nothing",
			text_of(message, "server"), text_of(message, "reason"));
	else if (session->nat_silent)
		session_notice(session, "info", "%s answers again", text_of(message, "server"));
	session->nat_silent = !ok;
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
	else if (!strcmp(event, "unacceptable"))
		incoming_unacceptable(session, message);
	else if (!strcmp(event, "nat"))
		on_nat(session, message);
	else if (!strcmp(event, "second_answer"))
		log_info("call", "%s: %s answered a call beside the one who has it, or too late, and was hung up on",
			session->login, text_of(message, "who"));
	else if (!strcmp(event, "refer_refused"))
		on_refer_refused(session, message);
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
	for (struct live *live = session->calls; live; ) {
		if (live->ended) {
			live = live->next;
			continue;
		}
		if (!live->cause)
			live->cause = CAUSE_PHONE_LOST;
		live_end(live);
		live = session->calls;          /* from the start: one call's end may be another's */
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
	else if (!strcmp(event, "level"))
		session_tell_level(session, message);
	else if (!strcmp(event, "music_error"))
		session_notice(session, "warning", "music on hold: %s", text_of(message, "text"));
	else if (!strcmp(event, "record_error") || !strcmp(event, "announce_end"))
		record_event(session, event, message);
	else if (!strcmp(event, "preview_end"))
		tell(session->engine, session->tenant_id, session->user_id, "recording.played",
			json_pack("{s:s}", "user", session->login));
	else
		log_debug("sound", "%s: %s", session->login, event);
}

static void on_sound_back(void *arg)
{
	struct session *session = arg;

	session->tone = NULL;
	for (struct live *live = session->calls; live; live = live->next)
		if (!live->ended && live->slot >= 0) {
			live_begin_sound(live);
			record_again(live);
		}
	conference_sound(session);
	lines_sound(session);
}

static void on_sound_lost(void *arg)
{
	record_lost(arg);
}

const struct sound_hooks session_sound_hooks = {on_sound_event, on_sound_back, on_sound_lost};
