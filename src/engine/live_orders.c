/* live_orders.c - what an agent orders of a call in progress; and calls as they are shown. */
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "conference.h"
#include "nouns.h"
#include "phone_side.h"
#include "session.h"

/* An order that the phone has to carry out before it is answered. */
struct order {
	struct request *request;
	int64_t call_id;
	void (*done)(struct live *);        /* what follows when it was carried out; NULL: nothing */
};

/* ---- which call ------------------------------------------------------------------------------------------------- */

static bool fits_ringing_here(const struct live *live) { return live->inbound && live->state == CALL_RINGING; }
static bool fits_any(const struct live *live)          { return live->state != CALL_ENDED; }
static bool fits_active(const struct live *live)       { return live->state == CALL_ACTIVE; }
static bool fits_held(const struct live *live)         { return live->state == CALL_HELD; }

/* The only call of the agent that fits, or of several that on which he talks; NULL with an error that names the calls
 * when there are several, or none that fits. */
static struct live *only_call(struct request *request, const struct session *session, fits_h *fits, const char *what)
{
	struct live *found = NULL, *active = NULL;
	struct str ids = {0};
	size_t n = 0, talking = 0;

	for (struct live *live = session->calls; live; live = live->next) {
		if (!fits(live))
			continue;
		found = live;
		if (live->state == CALL_ACTIVE) {
			active = live;
			talking++;
		}
		str_addf(&ids, "%s%lld", n++ ? ", " : "", (long long)live->id);
	}
	if (n > 1 && talking != 1)
		err_set(&request->err, ERR_CONFLICT, "call: several could be meant (%s): name one", ids.s);
	else if (!n && session->calls)
		err_set(&request->err, ERR_CONFLICT, "call %lld is %s: it cannot be %s", (long long)session->calls->id,
			call_state_name(session->calls->state), what);
	else if (!n)
		err_set(&request->err, ERR_CONFLICT, "%s has no call", session->login);
	str_free(&ids);
	return n == 1 ? found : n > 1 && talking == 1 ? active : NULL;
}

/* The call that is named must be the agent's own; an admin who names no agent may name any of the tenant. */
static struct live *named_call(struct request *request, fits_h *fits, const char *what)
{
	const int64_t id = param_int(request, "call", 0);

	for (const struct session *s = request->engine->sessions->first; s; s = s->next) {
		struct live *live = s->tenant_id == request->tenant_id ? live_of_id(s, id) : NULL;

		if (!live || live->ended || (s->user_id != request->as_user &&
			(request->who.role < ROLE_ADMIN || param_given(request, "as"))))
			continue;
		if (fits(live))
			return live;
		err_set(&request->err, ERR_CONFLICT, "call %lld is %s: it cannot be %s", (long long)id,
			call_state_name(live->state), what);
		return NULL;
	}
	err_set(&request->err, ERR_NOT_FOUND, "call: no call %lld of yours is in progress", (long long)id);
	return NULL;
}

struct live *orders_call(struct request *request, fits_h *fits, const char *what)
{
	const struct session *session;

	if (param_given(request, "call"))
		return named_call(request, fits, what);
	session = session_of_request(request);
	return session ? only_call(request, session, fits, what) : NULL;
}

/* ---- orders ----------------------------------------------------------------------------------------------------- */

static void on_answer(void *arg, int64_t tag, const json_t *answer, const struct err *err)
{
	struct session *session = arg;
	struct order *order = (struct order *)(intptr_t)tag;
	struct request *request = order->request;
	struct live *live = live_of_id(session, order->call_id);
	int status = 0;

	if (!answer)
		status = err_set(&request->err, err->code == ERR_FAILED ? ERR_CONFLICT : ERR_UNAVAILABLE,
			"call %lld: %s", (long long)order->call_id, err->text);
	else {
		if (live && order->done)
			order->done(live);
		request->result = live_json(request->engine, session->tenant_id, order->call_id, live, &request->err);
		status = request->result ? 0 : (int)request->err.code;
	}
	free(order);
	request_answer(request, status);
}

/* Gives the command (stolen) for this call to the phone; the request is answered when it was carried out. */
static int give(struct request *request, const struct live *live, json_t *command, void (*done)(struct live *))
{
	struct order *order = xcalloc(1, sizeof(*order));

	order->request = request;
	order->call_id = live->id;
	order->done = done;
	json_object_set_new(command, "call", json_integer(live->order));
	if (phone_do(live->session->phone, command, on_answer, (intptr_t)order, &request->err) == 0)
		return REQUEST_PENDING;
	free(order);
	return request->err.code;
}

static int answer_with(struct request *request, const struct live *live)
{
	request->result = live_json(request->engine, request->tenant_id, live->id, live, &request->err);
	return request->result ? 0 : request->err.code;
}

static void is_muted(struct live *live)
{
	live->muted = true;
	live_sound_side(live);
	live_tell(live);
}

static void is_unmuted(struct live *live)
{
	live->muted = false;
	live_sound_side(live);
	live_tell(live);
}

/* ---- whose turn it is ------------------------------------------------------------------------------------------- */

/* It is answered when the call is up. */
int call_answer(struct request *request)
{
	struct live *live = orders_call(request, fits_ringing_here, "answered");

	return live && lines_answer(live, request, &request->err) >= 0 ? REQUEST_PENDING : (int)request->err.code;
}

int call_hold(struct request *request)
{
	struct live *live = orders_call(request, fits_active, "held");

	if (!live)
		return request->err.code;
	lines_hold(live);
	return answer_with(request, live);
}

/* The one that is active is held first; a call that only the mixer holds is taken back at once. */
static int resume(struct request *request, struct live *live)
{
	if (lines_check_turn(live->session, live, &request->err) < 0)
		return request->err.code;
	lines_hold_others(live->session, live);
	if (!live->held_here)
		return give(request, live, json_pack("{s:s}", "do", "resume"), lines_resumed);
	lines_resumed(live);
	return answer_with(request, live);
}

int call_resume(struct request *request)
{
	struct live *live = orders_call(request, fits_held, "resumed");

	return live ? resume(request, live) : (int)request->err.code;
}

/* The held call becomes the active one, and the active one is held. */
int call_swap(struct request *request)
{
	struct live *live = orders_call(request, fits_held, "swapped in"), *active;

	if (!live)
		return request->err.code;
	active = lines_current(live->session);
	if (active->state != CALL_ACTIVE)
		return err_set(&request->err, ERR_CONFLICT, "no call is active that call %lld could be swapped with",
			       (long long)live->id);
	return resume(request, live);
}

/* ---- what goes into a call -------------------------------------------------------------------------------------- */

/* Nobody is named, and a conference is on: its session, else NULL. */
static struct session *conference_meant(struct request *request)
{
	struct session *session = param_given(request, "call") || !request->as_user ? NULL :
				  session_of_user(request->engine, request->as_user);

	return session && conference_on(session) && lines_current(session)->conference ? session : NULL;
}

static int mute(struct request *request, bool on)
{
	const struct session *whole = conference_meant(request);
	const struct live *live = whole ? lines_current(whole) :
		orders_call(request, live_is_up, on ? "muted" : "unmuted");

	if (live && live->conference && conference_on(live->session)) {
		conference_mute(live->session, on);
		return answer_with(request, live);
	}
	return live ? give(request, live, json_pack("{s:s, s:b}", "do", "mute", "on", on), on ? is_muted : is_unmuted) :
		      (int)request->err.code;
}

int call_mute(struct request *request)   { return mute(request, true); }
int call_unmute(struct request *request) { return mute(request, false); }

int call_dtmf(struct request *request)
{
	const char *digits = param_text(request, "digits");
	const size_t good = strspn(digits, "0123456789*#ABCD");
	struct station station = {0};
	const struct live *live;
	int status;

	if (digits[good])
		return err_set(
			&request->err, ERR_INVALID, "digits: %s holds something else than 0-9, *, # and A-D", digits);
	live = orders_call(request, fits_active, "sent digits");
	if (!live)
		return request->err.code;
	status = station_load(request->engine, request->tenant_id, live->session->station_id, false, &station,
		&request->err);
	if (status >= 0)
		status = give(request, live,
			json_pack("{s:s, s:s, s:s}", "do", "dtmf", "digits", digits, "how", station.dtmf), NULL);
	station_wipe(&station);
	return status;
}

/* ---- ending ----------------------------------------------------------------------------------------------------- */

/* Ends it for the cause; the call's state is told by the phone's report before the order is answered. */
static int end(struct request *request, struct live *live, enum call_cause cause, int code)
{
	json_t *command = json_pack("{s:s}", "do", "hangup");

	if (!live->order) {                         /* the phone has not taken the order to dial yet */
		json_decref(command);
		live_hang_up(live, cause, code);
		return answer_with(request, live);
	}
	if (!live->cause)
		live->cause = cause;
	if (code) {
		live->sip_code = code;
		json_object_set_new(command, "code", json_integer(code));
	}
	return give(request, live, command, NULL);
}

int orders_hang_up(struct request *request, struct live *live)
{
	return end(request, live, live->answered_ms ? CAUSE_AGENT_HANGUP : CAUSE_CANCELLED, 0);
}

/* Who is in a conference says how he leaves it: whether the others go on is not for us to guess. */
int call_hangup(struct request *request)
{
	struct live *live = conference_meant(request) ? NULL : orders_call(request, fits_any, "hung up");
	const bool rings_here = live && fits_ringing_here(live);

	if (!live && !request->err.code)
		return err_set(&request->err, ERR_CONFLICT, "you are in a conference: spctl call conference end"
			" --how transfer leaves the others with each other, --how end hangs everybody up,"
			" spctl call hangup CALL one of them");
	if (!live)
		return request->err.code;
	if (rings_here)
		return end(request, live, CAUSE_REJECTED, 486);
	return orders_hang_up(request, live);
}

int call_reject(struct request *request)
{
	struct live *live = orders_call(request, fits_ringing_here, "rejected");

	return live ? end(request, live, CAUSE_REJECTED, (int)param_int(request, "code", 486)) : (int)request->err.code;
}

/* The PBX sends who is refused with this code to the station's voicemail. */
int call_voicemail(struct request *request)
{
	struct live *live = orders_call(request, fits_ringing_here, "sent to voicemail");
	struct station station = {0};
	int status;

	if (!live)
		return request->err.code;
	status = station_load(request->engine, request->tenant_id, live->session->station_id, false, &station,
		&request->err);
	if (status >= 0 && !station.voicemail_code)
		status = err_set(&request->err, ERR_CONFLICT,
			"station %s has no voicemail: spctl station set %s --voicemail-code CODE",
			station.name, station.name);
	if (status >= 0)
		status = end(request, live, CAUSE_VOICEMAIL, (int)station.voicemail_code);
	station_wipe(&station);
	return status;
}

/* ---- showing ---------------------------------------------------------------------------------------------------- */

struct live *live_by_id(const struct engine *engine, int64_t tenant_id, int64_t call_id)
{
	for (const struct session *s = engine->sessions->first; s; s = s->next) {
		struct live *live = s->tenant_id == tenant_id ? live_of_id(s, call_id) : NULL;

		if (live)
			return live;
	}
	return NULL;
}

/* Agents see their own calls. */
int call_show(struct request *request)
{
	const int64_t id = param_int(request, "call", 0);
	const char *user;
	json_t *call = live_json(request->engine, request->tenant_id, id,
		live_by_id(request->engine, request->tenant_id, id), &request->err);

	if (!call)
		return request->err.code;
	user = json_string_value(json_object_get(call, "user"));
	if (request->who.role < ROLE_SUPERVISOR && (!user || strcmp(user, request->who.login))) {
		json_decref(call);
		return err_set(&request->err, ERR_NOT_FOUND, "call: there is no call %lld of yours", (long long)id);
	}
	request->result = call;
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* The ids of the calls in progress that the asker may see, ascending; their number.  The caller frees. */
static size_t ids_of(const struct request *request, int64_t **ids)
{
	const int64_t after = param_int(request, "after", 0);
	size_t n = 0;

	*ids = NULL;
	for (const struct session *s = request->engine->sessions->first; s; s = s->next) {
		if (s->tenant_id != request->tenant_id ||
			(request->who.role < ROLE_SUPERVISOR && s->user_id != request->who.user_id))
			continue;
		for (const struct live *live = s->calls; live; live = live->next) {
			if (live->id <= after)
				continue;
			*ids = xrealloc(*ids, (n + 1) * sizeof(**ids));
			(*ids)[n++] = live->id;
		}
	}
	if (n)
		qsort(*ids, n, sizeof(**ids), compare_ids);
	return n;
}

int call_list(struct request *request)
{
	const int64_t limit = param_int(request, "limit", 100);
	json_t *items = json_array();
	int64_t *ids;
	const size_t count = ids_of(request, &ids), shown = limit && (size_t)limit < count ? (size_t)limit : count;
	int status = 0;

	for (size_t i = 0; i < shown && !status; i++) {
		const struct live *live = live_by_id(request->engine, request->tenant_id, ids[i]);
		json_t *call = live_json(request->engine, request->tenant_id, ids[i], live, &request->err);

		if (call)
			json_array_append_new(items, call);
		else
			status = request->err.code;
	}
	request->result = json_pack(
		"{s:o, s:o}", "items", items, "next", shown < count ? json_integer(ids[shown - 1]) : json_null());
	free(ids);
	return status;
}
