/*
 * record_orders.c - an agent interrupts a recording, as for a card number, and lets it go on; and listens to old ones.
 *
 * The order is answered when the media process writes nothing more.  Calls that hear each other pause together, for
 * each file has all of them.
 */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "audit_now.h"
#include "nouns.h"
#include "phone_side.h"
#include "record.h"

/* ---- pause and resume ------------------------------------------------------------------------------------------- */

static void audit(const struct live *live, const char *event, const char *detail)
{
	const struct session *session = live->session;
	const struct audit_entry entry = {.tenant_id = session->tenant_id, .event = event, .user_id = session->user_id,
		.station_id = session->station_id, .call_id = live->id, .detail = detail};

	audit_now(session->engine, &entry);
}

static void watch(struct live *live);

static void change(struct live *live, bool on, const char *detail)
{
	live->record_paused = on;
	audit(live, on ? "recording_paused" : "recording_resumed", detail);
	watch(live);
	live_tell(live);
}

/* The others that hear this call. */
static void change_others(struct live *live, bool on, const char *detail)
{
	for (struct live *other = live->session->calls; other; other = other->next)
		if (other != live && !other->ended && live->conference && other->conference == live->conference &&
			other->record && other->record_paused != on) {
			change(other, on, detail);
			record_pause(other, on, NULL, 0);
		}
}

static void on_long_pause(evutil_socket_t fd, short what, void *arg)
{
	struct live *live = arg;
	(void)fd;
	(void)what;

	if (live->ended || !live->record_paused)
		return;
	session_notice(live->session, "warning", "the recording of call %lld goes on by itself", (long long)live->id);
	change(live, false, "by itself, at the end of the tenant's limit");
	record_pause(live, false, NULL, 0);
}

static void watch(struct live *live)
{
	struct engine *engine = live->session->engine;
	struct timeval limit = {.tv_sec = 120};
	struct tenant tenant;
	struct err err;

	if (!live->pause_timer)
		live->pause_timer = evtimer_new(engine->loop, on_long_pause, live);
	evtimer_del(live->pause_timer);
	if (!live->record_paused)
		return;
	if (tenant_load(engine, live->session->tenant_id, &tenant, &err) >= 0)
		limit.tv_sec = tenant.record_pause_seconds;
	evtimer_add(live->pause_timer, &limit);
}

/* ---- a conference ----------------------------------------------------------------------------------------------- */

static bool is_member(const struct live *live)
{
	return live_is_up(live) && live->conference && live->conference == live->session->conference;
}

/* needed: another party was told, so this one may not go without for its own state's sake. */
static int announce_to(struct live *live, bool needed, struct err *err)
{
	char why[RECORD_WHY_SIZE], *path;

	if (live->announced && !(live->unannounced && needed))
		return 0;
	err->code = ERR_NONE;
	path = live->unannounced ? record_announcement_file(live, err) : record_announcement(live, why, err);
	if (path)
		sound_say(live->session,
			json_pack("{s:s, s:i, s:s}", "do", "announce", "slot", live->slot, "path", path));
	live->unannounced = !path;
	free(path);
	return err->code;
}

static void pause_with_others(struct live *live)
{
	if (!live->record || live->record_paused)
		return;
	change(live, true, "with the conference");
	record_pause(live, true, NULL, 0);
}

int record_conference(struct session *session, struct err *err)
{
	bool recorded = false, paused = false, told = false;
	int status = 0;

	for (const struct live *live = session->calls; live; live = live->next) {
		if (!is_member(live))
			continue;
		recorded |= live->record;
		paused |= live->record && live->record_paused;
		told |= live->record && !live->unannounced;
	}
	for (struct live *live = session->calls; live && recorded && !status; live = live->next) {
		if (!is_member(live))
			continue;
		if (paused)
			pause_with_others(live);
		if (!live->record || live->unannounced)
			status = announce_to(live, told, err);
	}
	return status;
}

/* ---- orders ----------------------------------------------------------------------------------------------------- */

struct order { struct request *request; int64_t call_id; bool on; };

static void on_done(void *arg, int64_t tag, const json_t *answer, const struct err *err)
{
	struct session *session = arg;
	struct order *order = (struct order *)(intptr_t)tag;
	struct request *request = order->request;
	struct live *live = live_of_id(session, order->call_id);
	int status = 0;

	/* A media process that died over it is told again when it is back. */
	if (!answer && err->code == ERR_FAILED) {
		status = err_set(&request->err, ERR_FAILED, "call %lld: %s", (long long)order->call_id, err->text);
		if (live)
			change(live, !order->on, "the sound process refused");
	}
	if (!status) {
		request->result = live_json(request->engine, request->tenant_id, order->call_id, live, &request->err);
		status = request->result ? 0 : (int)request->err.code;
	}
	free(order);
	request_answer(request, status);
}

static int pause_or_resume(struct request *request, bool on)
{
	struct live *live = orders_call(request, live_is_up, on ? "paused" : "resumed");
	struct order *order;

	if (!live)
		return request->err.code;
	if (!live->record)
		return err_set(&request->err, ERR_CONFLICT, "call %lld is not recorded", (long long)live->id);
	if (live->record_paused == on)
		return err_set(&request->err, ERR_CONFLICT, "the recording of call %lld is %s", (long long)live->id,
			on ? "paused already" : "not paused");
	order = xcalloc(1, sizeof(*order));
	*order = (struct order){request, live->id, on};
	change_others(live, on, NULL);
	change(live, on, NULL);
	if (record_pause(live, on, on_done, (intptr_t)order))
		return REQUEST_PENDING;
	free(order);
	request->result = live_json(request->engine, request->tenant_id, live->id, live, &request->err);
	return request->result ? 0 : request->err.code;
}

int call_record_pause(struct request *request)  { return pause_or_resume(request, true); }
int call_record_resume(struct request *request) { return pause_or_resume(request, false); }

/* ---- listening -------------------------------------------------------------------------------------------------- */

static void on_played(void *arg, int64_t tag, const json_t *answer, const struct err *err)
{
	struct request *request = (struct request *)(intptr_t)tag;
	(void)arg;

	if (!answer)
		err_set(&request->err, err->code == ERR_FAILED ? ERR_FAILED : ERR_UNAVAILABLE, "%s", err->text);
	request_answer(request, answer ? 0 : (int)request->err.code);
}

static int say(struct request *request, const struct session *session, json_t *command)
{
	if (sound_do(session->sound, command, on_played, (intptr_t)request))
		return REQUEST_PENDING;
	return err_set(&request->err, ERR_UNAVAILABLE, "the sound process is being started again");
}

int recording_play(struct request *request)
{
	const struct session *session = session_of_request(request);
	char *path;
	int status;

	if (!session)
		return request->err.code;
	status = recording_path(request, &path);
	if (status < 0)
		return status;
	status = say(request, session, json_pack("{s:s, s:s}", "do", "preview", "path", path));
	free(path);
	return status;
}

int recording_stop(struct request *request)
{
	const struct session *session = session_of_request(request);

	return session ? say(request, session, json_pack("{s:s}", "do", "preview_stop")) : (int)request->err.code;
}
