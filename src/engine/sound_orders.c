/*
 * sound_orders.c - what an agent orders of the sound of his own station: sound.list, sound.use, sound.test, sound.set;
 * and the level meters of calls, for clients that asked for them.
 */
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/mem.h"
#include "../db/sql_station.h"
#include "change.h"
#include "control.h"
#include "nouns.h"
#include "phone_side.h"
#include "session.h"

enum { LOOK_SECONDS = 4, TEST_SECONDS = 15 };

/* ---- the cards there are ----------------------------------------------------------------------------------------- */

static void on_devices(void *arg, json_t *items, const struct err *err)
{
	struct request *request = arg;

	if (items)
		request->result = json_pack("{s:O, s:n}", "items", items, "next");
	else
		request->err = *err;
	request_answer(request, items ? 0 : (int)err->code);
}

int sound_list(struct request *request)
{
	const int status = sound_devices(request->engine, on_devices, request, &request->err);

	return status < 0 ? status : REQUEST_PENDING;
}

/* ---- the station's settings -------------------------------------------------------------------------------------- */

/* An order that the sound process has to carry out before it is answered. */
struct order {
	struct request *request;
	int64_t station_id;
};

static json_t *settings_json(const struct station *station)
{
	return json_pack("{s:s, s:s?, s:b, s:b, s:b}", "station", station->name, "sound_device", station->sound_device,
		"noise_suppression", station->noise_suppression, "gain_control", station->gain_control,
		"echo_cancellation", station->echo_cancellation);
}

static void take_settings(const struct request *request, struct station *station)
{
	take_text(request, "device", &station->sound_device);
	station->noise_suppression = param_bool(request, "noise_suppression", station->noise_suppression);
	station->gain_control = param_bool(request, "gain_control", station->gain_control);
	station->echo_cancellation = param_bool(request, "echo_cancellation", station->echo_cancellation);
}

/* The parameters become the station's settings; the answer shows them. */
static int keep(struct request *request, int64_t station_id, struct station *station)
{
	const struct audit_entry about = {.station_id = station_id};
	int status = station_load(request->engine, request->tenant_id, station_id, false, station, &request->err);

	if (status < 0)
		return status;
	take_settings(request, station);
	status = change_begin(request);
	if (status < 0)
		return status;
	status = db_run(request->engine->db, &sql_station_sound,
		ARGS(a_int(request->tenant_id), a_int(station_id), a_text(station->sound_device),
			a_int(station->noise_suppression), a_int(station->gain_control),
			a_int(station->echo_cancellation)),
		&request->err);
	request->result = settings_json(station);
	return change_end(request, status, &about);
}

int sound_set(struct request *request)
{
	struct session *session = session_of_request(request);
	struct station station = {0};
	int status;

	if (!session)
		return request->err.code;
	status = keep(request, session->station_id, &station);
	if (!status && !request->dry_run)
		sound_settings(session->sound, &station);
	station_wipe(&station);
	return status;
}

static struct session *session_at(const struct engine *engine, int64_t station_id)
{
	for (struct session *s = engine->sessions->first; s; s = s->next)
		if (s->station_id == station_id && s->sound)
			return s;
	return NULL;
}

/* The process has taken the device, and tells how it is; now the station keeps it. */
static void on_used(void *arg, const json_t *event, const struct err *err)
{
	struct order *order = arg;
	struct request *request = order->request;
	struct session *session = session_at(request->engine, order->station_id);
	struct station station = {0};
	int status;

	if (event)
		status = keep(request, order->station_id, &station);
	else {
		request->err = *err;
		if (err->code == ERR_FAILED)
			err_set(&request->err, ERR_INVALID,
				"device: \"%s\" is not the name of a sound device: see sound.list",
				param_text(request, "device"));
		status = request->err.code;
	}
	if (!status) {
		if (session)
			sound_keep_device(session->sound, station.sound_device);
		json_object_set(request->result, "state", json_object_get(event, "state"));
		json_object_set(request->result, "text", json_object_get(event, "text"));
	}
	station_wipe(&station);
	request_answer(request, status);
	free(order);
}

/* Has the sound process do something; done answers the order. */
static int order(struct request *request, json_t *command, const char *event, int seconds, sound_done_h *done)
{
	const struct session *session = session_of_request(request);
	struct order *order;
	int status;

	if (!session) {
		json_decref(command);
		return request->err.code;
	}
	order = xcalloc(1, sizeof(*order));
	order->request = request;
	order->station_id = session->station_id;
	status = sound_await(session->sound, command, event, seconds, done, order, &request->err);
	if (status < 0)
		free(order);
	return status < 0 ? status : REQUEST_PENDING;
}

int sound_use(struct request *request)
{
	return order(request, json_pack("{s:s, s:s}", "do", "device", "name", param_text(request, "device")), "device",
		LOOK_SECONDS, on_used);
}

/* ---- a test ------------------------------------------------------------------------------------------------------ */

static void on_tested(void *arg, const json_t *event, const struct err *err)
{
	struct order *order = arg;
	struct request *request = order->request;
	const char *fault = json_string_value(json_object_get(event, "fault"));
	int status = 0;

	if (!event) {
		request->err = *err;
		status = err->code == ERR_FAILED ? err_set(&request->err, ERR_UNAVAILABLE, "%s", err->text) :
			(int)err->code;
	} else if (fault)
		status = err_set(&request->err, ERR_UNAVAILABLE, "%s", fault);
	else
		request->result = json_pack("{s:O, s:O, s:O}", "device", json_object_get(event, "name"), "kind",
			json_object_get(event, "kind"), "peak_dbfs", json_object_get(event, "peak_dbfs"));
	request_answer(request, status);
	free(order);
}

int sound_test(struct request *request)
{
	const char *kind = param_text(request, "kind");

	return order(request, json_pack("{s:s, s:s}", "do", "device_test", "kind", kind ? kind : "tone"),
		"device_test_end", TEST_SECONDS, on_tested);
}

/* ---- level meters ------------------------------------------------------------------------------------------------ */

void session_watch_levels(struct engine *engine)
{
	for (struct session *s = engine->sessions ? engine->sessions->first : NULL; s; s = s->next)
		if (s->sound)
			sound_levels(s->sound, control_wants_levels(engine, s->tenant_id, s->user_id));
}

void session_tell_level(const struct session *session, const json_t *message)
{
	const json_int_t slot = json_integer_value(json_object_get(message, "slot"));

	for (const struct live *live = session->calls; live; live = live->next)
		if (!live->ended && live->slot == slot)
			control_tell_level(session->engine, session->tenant_id, session->user_id,
				json_pack("{s:I, s:O, s:O}", "id", (json_int_t)live->id, "sent",
					json_object_get(message, "sent"), "heard", json_object_get(message, "heard")));
}
