/* model.c - what the console knows. */
#include "model.h"
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/str.h"

/* ---- fields of answers ------------------------------------------------------------------------------------------ */

const char *j_text(const json_t *object, const char *field)
{
	const char *text = json_string_value(json_object_get(object, field));

	return text ? text : "";
}

int64_t j_int(const json_t *object, const char *field)
{
	return json_integer_value(json_object_get(object, field));
}

bool j_bool(const json_t *object, const char *field)
{
	return json_is_true(json_object_get(object, field));
}

int64_t j_time(const json_t *object, const char *field)
{
	int64_t ms = 0;

	return time_parse(j_text(object, field), &ms) ? ms : 0;
}

static void copy(char *out, size_t size, const json_t *object, const char *field)
{
	str_copy(out, size, j_text(object, field));
}

static void replace(json_t **at, const json_t *with)
{
	json_decref(*at);
	*at = json_incref((json_t *)with);
}

static const char *const agent_names[] = {"offline", "ready", "paused", "dialing", "ringing", "in_call", "wrap_up"};
enum { AGENTS = sizeof(agent_names) / sizeof(agent_names[0]) };

const char *agent_name(enum agent agent)
{
	return agent_names[agent];
}

static enum agent agent_by_name(const char *name)
{
	for (int i = 0; i < AGENTS; i++)
		if (!strcmp(agent_names[i], name))
			return (enum agent)i;
	return AGENT_OFFLINE;
}

/* ---- beginning and end ------------------------------------------------------------------------------------------ */

void model_init(struct model *model)
{
	*model = (struct model){.dispos = json_array(), .team = json_object()};
}

static void forget_cards(struct model *model)
{
	for (int i = 0; i < MODEL_CARDS; i++) {
		json_decref(model->cards[i].customer);
		json_decref(model->cards[i].history);
		model->cards[i] = (struct card){0};
	}
}

void model_free(struct model *model)
{
	forget_cards(model);
	json_decref(model->tenant);
	json_decref(model->station);
	json_decref(model->dispos);
	json_decref(model->team);
	json_decref(model->last_call);
	*model = (struct model){0};
}

/* ---- feeding ---------------------------------------------------------------------------------------------------- */

void model_hello(struct model *model, const json_t *hello)
{
	model->connected = model->ever_connected = true;
	model->private_engine = j_bool(hello, "private");
	copy(model->engine, sizeof(model->engine), hello, "engine");
	copy(model->self, sizeof(model->self), hello, "user");
	copy(model->role, sizeof(model->role), hello, "role");
}

void model_disconnected(struct model *model)
{
	model->connected = false;
}

void model_tenant(struct model *model, const json_t *tenant)
{
	replace(&model->tenant, tenant);
}

void model_station(struct model *model, const json_t *station)
{
	replace(&model->station, station);
}

static int by_position(const void *a, const void *b)
{
	int64_t x = j_int(*(json_t *const *)a, "position"), y = j_int(*(json_t *const *)b, "position");

	return x < y ? -1 : x > y;
}

void model_dispos(struct model *model, const json_t *items)
{
	json_t *item, *sorted[200];
	size_t i, n = 0;

	json_array_clear(model->dispos);
	json_array_foreach((json_t *)items, i, item)
		if (!j_bool(item, "retired") && n < sizeof(sorted) / sizeof(sorted[0]))
			sorted[n++] = item;
	qsort(sorted, n, sizeof(sorted[0]), by_position);
	for (i = 0; i < n; i++)
		json_array_append(model->dispos, sorted[i]);
}

static void take_wrap_up(struct session *session, const json_t *json, int64_t now_ms)
{
	const json_t *wrap_up = json_object_get(json, "wrap_up");
	int64_t due = now_ms + j_int(wrap_up, "remaining") * 1000;

	if (!json_is_object(wrap_up)) {
		session->wrap_call = session->wrap_due_ms = session->wrap_seconds = 0;
		return;
	}
	/* Told in whole seconds: later tellings of one wrap-up must not make the countdown jump. */
	if (session->wrap_call != j_int(wrap_up, "call_id") || llabs(due - session->wrap_due_ms) > 1500)
		session->wrap_due_ms = due;
	session->wrap_call = j_int(wrap_up, "call_id");
	session->wrap_seconds = j_int(wrap_up, "seconds");
}

static void take_session(struct session *session, const json_t *json, int64_t now_ms)
{
	const json_t *registration = json_object_get(json, "registration");

	copy(session->user, sizeof(session->user), json, "user");
	copy(session->station, sizeof(session->station), json, "station");
	copy(session->did, sizeof(session->did), json, "did");
	copy(session->paused_reason, sizeof(session->paused_reason), json, "paused_reason");
	copy(session->registration, sizeof(session->registration), registration, "reason");
	session->state = agent_by_name(j_text(json, "state"));
	session->registered = j_bool(json, "registered");
	session->dnd = j_bool(json, "dnd");
	session->since_ms = j_time(json, "since");
	session->owed = j_int(json, "owed");
	take_wrap_up(session, json, now_ms);
}

static void end_session(struct model *model)
{
	model->has_session = false;
	model->session = (struct session){0};
	model->call_count = 0;
	model->chosen = 0;
	json_decref(model->station);
	model->station = NULL;
}

void model_session(struct model *model, const json_t *session, int64_t now_ms)
{
	if (!session) {
		end_session(model);
		return;
	}
	if (!model->has_session)
		model->session = (struct session){0};
	model->has_session = true;
	model->ended = false;
	take_session(&model->session, session, now_ms);
	str_copy(model->user, sizeof(model->user), model->session.user);
}

void model_sessions(struct model *model, const json_t *items)
{
	json_t *item;
	size_t i;

	json_object_clear(model->team);
	json_array_foreach((json_t *)items, i, item)
		json_object_set(model->team, j_text(item, "user"), item);
}

/* Somebody else ended it: what is told of that. */
static void take_end(struct model *model, const json_t *data)
{
	const json_t *ended = json_object_get(data, "ended");

	model->ended = true;
	copy(model->ended_station, sizeof(model->ended_station), data, "station");
	copy(model->ended_by, sizeof(model->ended_by), ended, "by");
	copy(model->ended_reason, sizeof(model->ended_reason), ended, "reason");
	copy(model->now_at, sizeof(model->now_at), ended, "now_at");
}

/* A session of another place or time: the agent sits elsewhere now. */
static void session_changed(struct model *model, const json_t *data, int64_t now_ms)
{
	const char *user = j_text(data, "user"), *station = j_text(data, "station");
	bool over = !strcmp(j_text(data, "state"), "offline");

	if (over)
		json_object_del(model->team, user);
	else
		json_object_set(model->team, user, (json_t *)data);
	if (!*model->user || strcmp(user, model->user))
		return;
	if (model->has_session && !strcmp(station, model->session.station)) {
		if (!over) {
			take_session(&model->session, data, now_ms);
			return;
		}
		end_session(model);
		take_end(model, data);
	} else if (!over && model->ended) {
		str_copy(model->now_at, sizeof(model->now_at), station);
	}
}

static void take_quality(struct call *call, const json_t *quality)
{
	const json_t *mos = json_object_get(quality, "mos");

	if (json_is_number(mos))
		call->mos_x100 = (int)(json_number_value(mos) * 100 + 0.5);
	call->one_way = j_bool(quality, "one_way");
}

/* The engine tells that it is paused; for how long is the tenant's setting, from the moment on that it was told. */
static void take_recording(struct model *model, struct call *call, const char *state, int64_t now_ms)
{
	bool paused = !strcmp(state, "paused");
	int64_t seconds = j_int(model->tenant, "record_pause_seconds");

	if (!paused)
		call->record_resumes_ms = 0;
	else if (!call->record_paused && now_ms && seconds)
		call->record_resumes_ms = now_ms + seconds * 1000;
	call->record_paused = paused;
	call->record_failed = !strcmp(state, "failed");
}

static void take_call(struct call *call, const json_t *json)
{
	const json_t *recordings = json_object_get(json, "recordings");
	const json_t *last = json_array_get(recordings, json_array_size(recordings) - 1);

	call->id = j_int(json, "id");
	call->customer_id = j_int(json, "customer_id");
	copy(call->number, sizeof(call->number), json, "number");
	copy(call->state, sizeof(call->state), json, "state");
	copy(call->codec, sizeof(call->codec), json, "codec");
	call->internal = !strcmp(j_text(json, "direction"), "internal");
	call->inbound = !strcmp(j_text(json, "direction"), "inbound") || (call->internal && !j_bool(json, "placed"));
	call->held = !strcmp(call->state, "held");
	call->muted = j_bool(json, "muted");
	call->encrypted = j_bool(json, "encrypted");
	call->forced = j_bool(json, "forced");
	call->recording = last && !*j_text(last, "ended_at");
	call->ends_ms = j_time(json, "ends_at");
	copy(call->transfer_to, sizeof(call->transfer_to), json_object_get(json, "transfer"), "to");
	call->transfer_code = (int)j_int(json_object_get(json, "transfer"), "code");
	call->consults = j_int(json, "consults");
	call->conference = j_int(json, "conference");
	call->started_ms = j_time(json, "started_at");
	call->answered_ms = j_time(json, "answered_at");
	take_quality(call, json_object_get(json, "quality"));
	if (!call->answered_ms)
		call->sent = call->heard = LEVEL_NONE;
}

static void remove_call(struct model *model, const struct call *call)
{
	size_t at = (size_t)(call - model->calls);

	memmove(&model->calls[at], &model->calls[at + 1], ((size_t)model->call_count - at - 1) * sizeof(*call));
	model->call_count--;
}

/* His calls are one more now, or have a disposition more: to be asked for again. */
static void card_is_old(struct model *model, const json_t *data)
{
	for (int i = 0; i < MODEL_CARDS; i++)
		if (model->cards[i].id && model->cards[i].id == j_int(data, "customer_id"))
			model->cards[i].wanted = false;
}

static bool is_active(const struct call *call)
{
	return !strcmp(call->state, "active");
}

bool call_is_up(const struct call *call)
{
	return call && (call->held || is_active(call));
}

static void call_changed(struct model *model, const json_t *data, int64_t now_ms)
{
	struct call *call = model_call(model, j_int(data, "id"));
	bool over = !strcmp(j_text(data, "state"), "ended"), was_active = call && is_active(call);

	if (!model->has_session || strcmp(j_text(data, "user"), model->user))
		return;
	if (over) {
		card_is_old(model, data);
		replace(&model->last_call, data);
		if (call)
			remove_call(model, call);
		return;
	}
	if (!call)
		card_is_old(model, data);
	if (!call && model->call_count < MODEL_CALLS) {
		call = &model->calls[model->call_count++];
		*call = (struct call){.sent = LEVEL_NONE, .heard = LEVEL_NONE};
	}
	if (!call)
		return;
	take_call(call, data);
	take_recording(model, call, j_text(data, "recording"), now_ms);
	if (is_active(call) && !was_active)
		model->chosen = call->id;               /* keys and the card follow the call that is talked on */
}

static void level_changed(struct model *model, const json_t *data)
{
	struct call *call = model_call(model, j_int(data, "id"));

	if (!call)
		return;
	call->sent = (int)j_int(data, "sent");
	call->heard = (int)j_int(data, "heard");
}

void model_calls(struct model *model, const json_t *items)
{
	json_t *item;
	size_t i;

	model->call_count = 0;
	json_array_foreach((json_t *)items, i, item)
		call_changed(model, item, 0);
}

/* A changed flag makes the card old. */
static void audit_added(struct model *model, const json_t *data)
{
	for (int i = 0; i < MODEL_CARDS; i++)
		if (model->cards[i].id && model->cards[i].id == j_int(data, "customer_id") &&
			!strcmp(j_text(data, "event"), "flag_changed"))
			model->cards[i].wanted = false;
}

void model_event(struct model *model, const char *event, const json_t *data, int64_t now_ms)
{
	if (!strcmp(event, "session.changed"))
		session_changed(model, data, now_ms);
	else if (!strcmp(event, "call.changed"))
		call_changed(model, data, now_ms);
	else if (!strcmp(event, "call.level"))
		level_changed(model, data);
	else if (!strcmp(event, "audit.added"))
		audit_added(model, data);
}

void model_customer(struct model *model, int64_t id, const json_t *customer)
{
	struct card *card = model_card(model, id);

	if (card)
		replace(&card->customer, customer);
}

void model_customer_history(struct model *model, int64_t id, const json_t *items)
{
	struct card *card = model_card(model, id);

	if (card)
		replace(&card->history, items);
}

/* ---- asking ----------------------------------------------------------------------------------------------------- */

bool model_is_supervisor(const struct model *model)
{
	return !strcmp(model->role, "supervisor") || !strcmp(model->role, "admin");
}

struct call *model_call(struct model *model, int64_t id)
{
	for (int i = 0; i < model->call_count; i++)
		if (model->calls[i].id == id)
			return &model->calls[i];
	return NULL;
}

static bool rings_here(const struct call *call)
{
	return call->inbound && !strcmp(call->state, "ringing");
}

struct call *model_incoming(struct model *model, int n)
{
	for (int i = 0; i < model->call_count; i++)
		if (rings_here(&model->calls[i]) && n-- == 0)
			return &model->calls[i];
	return NULL;
}

struct call *model_focus(struct model *model)
{
	struct call *chosen = model_call(model, model->chosen);

	for (int i = 0; i < model->call_count && !chosen; i++)
		if (is_active(&model->calls[i]))
			chosen = &model->calls[i];
	return chosen ? chosen : model->call_count ? &model->calls[0] : NULL;
}

struct call *model_other(struct model *model)
{
	const struct call *focus = model_focus(model);
	int from = focus ? (int)(focus - model->calls) : 0;

	for (int i = 1; i < model->call_count; i++) {
		struct call *call = &model->calls[(from + i) % model->call_count];

		if (call->held)
			return call;
	}
	return NULL;
}

struct call *model_partner(struct model *model, const struct call *call)
{
	for (int i = 0; i < model->call_count; i++)
		if (model->calls[i].consults == call->id || model->calls[i].id == call->consults)
			return &model->calls[i];
	return NULL;
}

struct card *model_card(struct model *model, int64_t id)
{
	struct card *card;

	if (!id)
		return NULL;
	for (int i = 0; i < MODEL_CARDS; i++)
		if (model->cards[i].id == id)
			return &model->cards[i];
	card = &model->cards[model->next_card++ % MODEL_CARDS];
	json_decref(card->customer);
	json_decref(card->history);
	*card = (struct card){.id = id};
	return card;
}

const char *model_customer_name(struct model *model, int64_t id)
{
	const struct card *card = model_card(model, id);

	return card ? j_text(card->customer, "name") : "";
}

const char *model_refuses(struct model *model, enum need need)
{
	const struct call *focus = model_focus(model);

	if (need != NEED_NOTHING && !model->connected)
		return "there is no connection to the engine; calls go on, and it is tried again";
	switch (need) {
	case NEED_NOTHING:      return NULL;
	case NEED_SESSION:      return model->has_session ? NULL : "nobody is logged in here";
	case NEED_LINE:         return !model->has_session ? "nobody is logged in here" :
		model->call_count >= MODEL_LINES ? "all six lines are in use" : NULL;
	case NEED_NO_SESSION:   return model->has_session ? "you are logged in already" : NULL;
	case NEED_CALL:         return focus ? NULL : "there is no call";
	case NEED_CALL_UP:      return !focus ? "there is no call" : call_is_up(focus) ? NULL :
		"the call is not answered yet";
	case NEED_CALL_ACTIVE:  return !focus ? "there is no call" : focus->held ? "the call is on hold" :
		call_is_up(focus) ? NULL : "the call is not answered yet";
	case NEED_OTHER:        return model_other(model) ? NULL : "there is no other call on hold";
	case NEED_RECORDING:    return !focus ? "there is no call" : focus->recording || focus->record_paused ? NULL :
		"the call is not recorded";
	case NEED_RINGING:      return model_incoming(model, 0) ? NULL : "no call comes in";
	case NEED_VOICEMAIL:    return !model_incoming(model, 0) ? "no call comes in" :
		json_is_integer(json_object_get(model->station, "voicemail_code")) ? NULL :
			"the station has no voicemail";
	case NEED_SUPERVISOR:   return model_is_supervisor(model) ? NULL : "that is for supervisors";
	}
	return NULL;
}

bool model_ticks(const struct model *model)
{
	return model->has_session;              /* the time since when the agent is in this state */
}
