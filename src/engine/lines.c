/*
 * lines.c - several calls of one agent: which one he talks on, and what he hears meanwhile.
 *
 * At most one call is active, but for a conference, and no two parties are connected by accident: whoever is put on
 * hold is cut off in the mixer at once, before the phone is told, and stays so until it is resumed; the focus of the
 * mixer lies on the active call.  So nothing depends on when, or whether, a far end accepts the hold.
 */
#include <string.h>
#include "../base/log.h"
#include "conference.h"
#include "nouns.h"
#include "session.h"

/* ---- which ------------------------------------------------------------------------------------------------------ */

/* Being dialled, or ringing at the far end. */
static bool is_dialled(const struct live *live)
{
	return !live->ended && !live->inbound && !live_is_up(live);
}

/* The lower, the nearer to the agent's ear. */
static int rank(const struct live *live)
{
	if (live->ended)
		return 4;
	if (live->state == CALL_ACTIVE)
		return 0;
	if (is_dialled(live))
		return 1;
	return live->state == CALL_HELD ? 2 : 3;
}

struct live *lines_current(const struct session *session)
{
	struct live *best = NULL;

	for (struct live *live = session->calls; live; live = live->next)
		if (!best || rank(live) < rank(best))
			best = live;
	return best && !best->ended ? best : NULL;
}

bool lines_talking(const struct session *session)
{
	const struct live *current = lines_current(session);

	return current && current->state == CALL_ACTIVE;
}

size_t lines_count(const struct session *session)
{
	size_t n = 0;

	for (const struct live *live = session->calls; live; live = live->next)
		n += !live->ended;
	return n;
}

struct live *lines_dialled(const struct session *session)
{
	for (struct live *live = session->calls; live; live = live->next)
		if (is_dialled(live))
			return live;
	return NULL;
}

int lines_check_turn(const struct session *session, const struct live *mine, struct err *err)
{
	for (const struct live *live = session->calls; live; live = live->next) {
		if (live == mine)
			continue;
		if (is_dialled(live))
			return err_set(err, ERR_CONFLICT,
				"call %lld is being dialled: hang it up first, or wait for its answer",
				(long long)live->id);
		if (live->answering)
			return err_set(err, ERR_CONFLICT, "call %lld is being answered", (long long)live->id);
	}
	return 0;
}

/* ---- what the agent hears --------------------------------------------------------------------------------------- */

/* The tones of the card.  Somebody who rings while the agent talks, or waits for an answer, is only hinted at. */
static const char *tone_of(const struct session *session)
{
	bool rings = false, busy = false, ringback = false;

	for (const struct live *live = session->calls; live; live = live->next) {
		if (live->ended)
			continue;
		if (live->inbound && live->state == CALL_RINGING && !live->answering)
			rings = true;
		else
			busy = true;
		ringback |= is_dialled(live) && live->rang && !live->far_tone;
	}
	if (rings)
		return busy ? "waiting" : "incoming";
	return ringback ? "ringback" : "off";
}

void lines_sound(struct session *session)
{
	const struct live *current = lines_current(session);
	const char *tone = tone_of(session);

	if (current && current->slot >= 0 && current->state != CALL_HELD)
		sound_say(session, json_pack("{s:s, s:i}", "do", "focus", "slot", current->slot));
	if (session->tone && !strcmp(session->tone, tone))
		return;
	session->tone = tone;
	sound_say(session, json_pack("{s:s, s:s}", "do", "ring", "kind", tone));
}

/* ---- answering -------------------------------------------------------------------------------------------------- */

static void on_answered(void *arg, int64_t call_id, const json_t *answer, const struct err *err)
{
	struct live *live = live_of_id(arg, call_id);
	struct request *request = live ? live->answering : NULL;

	if (answer || !request)                     /* "up", or the call's end, answers it */
		return;
	live->answering = NULL;
	err_set(&request->err, err->code == ERR_FAILED ? ERR_CONFLICT : ERR_UNAVAILABLE, "call %lld: %s",
		(long long)call_id, err->text);
	lines_sound(live->session);
	request_answer(request, request->err.code);
}

int lines_answer(struct live *live, struct request *waits, struct err *err)
{
	struct session *session = live->session;

	if (lines_check_turn(session, live, err) < 0)
		return err->code;
	if (live->answering)
		return err_set(err, ERR_CONFLICT, "call %lld is being answered", (long long)live->id);
	lines_hold_others(session, live);
	if (phone_do(session->phone, json_pack("{s:s, s:I}", "do", "answer", "call", (json_int_t)live->order),
		on_answered,
		    live->id, err) < 0)
		return err->code;
	live->answering = waits;
	lines_sound(session);
	return 0;
}

/* ---- hold ------------------------------------------------------------------------------------------------------- */

/* The station's settings as they are now; false: they cannot be read, and are the presets. */
static bool load_station(const struct session *session, struct station *station)
{
	struct err err;

	if (station_load(session->engine, session->tenant_id, session->station_id, false, station, &err) >= 0)
		return true;
	log_error("call", "the hold of station %s is not known: %s", session->station, err.text);
	return false;
}

/* Music comes from us only where the PBX does not know of the hold. */
void lines_sound_hold(const struct live *live)
{
	const bool on = live->state == CALL_HELD;
	json_t *command = json_pack("{s:s, s:i, s:b}", "do", "hold", "slot", live->slot, "on", on);
	struct station station = {0};

	if (on && !live->held_here)
		json_object_set_new(command, "unheard", json_true());
	else if (on && load_station(live->session, &station) && station.hold_music)
		json_object_set_new(command, "music", json_string(station.hold_music));
	station_wipe(&station);
	sound_say(live->session, command);
}

void lines_hold_refused(struct live *live, const char *why)
{
	if (live->held_here)
		return;
	session_notice(live->session, "warning", "call %lld is held by spctl alone, for its hold was refused: %s",
		(long long)live->id, why);
	live->held_here = true;
	live_sound_side(live);
}

static void on_hold(void *arg, int64_t call_id, const json_t *answer, const struct err *err)
{
	struct live *live = live_of_id(arg, call_id);

	if (!answer && live && !live->ended && live->state == CALL_HELD)
		lines_hold_refused(live, err->text);
}

void lines_hold(struct live *live)
{
	struct station station = {0};
	struct err err;

	live->held_here = load_station(live->session, &station) && !strcmp(station.hold, "local");
	station_wipe(&station);
	live_step(live, CALL_EV_HELD);
	live_sound_side(live);
	if (!live->held_here &&
		phone_do(live->session->phone, json_pack("{s:s, s:I}", "do", "hold", "call", (json_int_t)live->order),
			on_hold, live->id, &err) < 0)
		lines_hold_refused(live, err.text);
}

void lines_resumed(struct live *live)
{
	live->held_here = false;
	lines_hold_others(live->session, live);
	live_step(live, CALL_EV_RESUMED);
	live_sound_side(live);
	conference_resumed(live);
}

static void on_resumed(void *arg, int64_t call_id, const json_t *answer, const struct err *err)
{
	struct live *live = live_of_id(arg, call_id);

	if (!live || live->ended)
		return;
	if (answer)
		lines_resumed(live);
	else
		session_notice(live->session, "warning", "call %lld is not taken back from hold: %s",
			(long long)call_id, err->text);
}

void lines_resume(struct live *live)
{
	struct err err;

	lines_hold_others(live->session, live);
	if (live->held_here)
		lines_resumed(live);
	else if (phone_do(live->session->phone,
		json_pack("{s:s, s:I}", "do", "resume", "call", (json_int_t)live->order),
			 on_resumed, live->id, &err) < 0)
		log_warn("call", "call %lld: %s", (long long)live->id, err.text);
}

void lines_hold_others(struct session *session, const struct live *but)
{
	for (struct live *live = session->calls; live; live = live->next)
		if (live != but && live->state == CALL_ACTIVE &&
			!(but->conference && live->conference == but->conference))
			lines_hold(live);
}
