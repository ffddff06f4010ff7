/* station_test.c - station.test: registers a station once with a phone of its own, and tells how it went. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "nouns.h"
#include "phone.h"
#include "phone_side.h"
#include "station_test.h"

enum { TEST_SECONDS = 10, TRACE_MAX = 200 };

struct trial {
	struct phone *phone;
	struct event *limit;
	station_tried_h *tried;
	void *arg;
	json_t *trace;
};

static void finish(struct trial *trial, bool registered, int code, const char *reason)
{
	char *why = xstrdup(reason);                /* it may be the phone's own */

	phone_close(trial->phone, NULL, NULL);
	event_free(trial->limit);
	trial->tried(trial->arg, registered, code, why, trial->trace);
	json_decref(trial->trace);
	free(trial);
	free(why);
}

static void on_usable(void *arg)
{
	finish(arg, true, 0, "");
}

static void on_refused(void *arg, int code, const char *reason)
{
	finish(arg, false, code, reason);
}

static void on_lost(void *arg, const char *why)
{
	finish(arg, false, 0, why);
}

static void take_message(struct trial *trial, const json_t *message)
{
	char now[RFC3339_SIZE];
	json_t *item;

	if (!trial->trace || json_array_size(trial->trace) >= TRACE_MAX)
		return;
	item = json_copy((json_t *)message);
	json_object_del(item, "event");
	json_object_set_new(item, "at", json_string(time_format(clock_now_ms(), now)));
	json_array_append_new(trial->trace, item);
}

/* Nobody may call while it is tested. */
static void on_event(void *arg, const char *event, const json_t *message)
{
	struct trial *trial = arg;
	const json_t *call = json_object_get(message, "call");

	if (!strcmp(event, "sip"))
		take_message(trial, message);
	else if (json_is_integer(call) && json_is_string(json_object_get(message, "from")))
		phone_do(trial->phone,
			json_pack("{s:s, s:I, s:i}", "do", "hangup", "call", json_integer_value(call), "code", 486),
			NULL, 0, NULL);
}

static bool never_busy(void *arg)
{
	(void)arg;
	return true;
}

static const struct phone_hooks hooks = {on_usable, on_refused, on_event, on_lost, never_busy};

static void on_limit(evutil_socket_t fd, short what, void *arg)
{
	char text[64];
	(void)fd;
	(void)what;

	snprintf(text, sizeof(text), "no final answer within %d seconds", TEST_SECONDS);
	on_refused(arg, 0, text);
}

void station_try(
	struct engine *engine, int64_t tenant_id, int64_t station_id, bool trace, station_tried_h *tried, void *arg)
{
	const struct timeval limit = {.tv_sec = TEST_SECONDS};
	struct trial *trial = xcalloc(1, sizeof(*trial));

	trial->tried = tried;
	trial->arg = arg;
	trial->trace = trace ? json_array() : NULL;
	trial->limit = evtimer_new(engine->loop, on_limit, trial);
	evtimer_add(trial->limit, &limit);
	trial->phone = phone_open(engine, tenant_id, station_id, NULL, &hooks, trial);
	if (trace)
		phone_trace(trial->phone);
}

/* ---- station.test ----------------------------------------------------------------------------------------------- */

static void on_tried(void *arg, bool registered, int code, const char *reason, json_t *trace)
{
	struct request *request = arg;
	const char *name = param_text(request, "name");
	struct err *err = &request->err;
	(void)trace;

	if (registered) {
		request->result = json_pack("{s:b}", "registered", 1);
		request_answer(request, 0);
		return;
	}
	request->error_data =
		json_pack("{s:o, s:s}", "sip_code", code > 0 ? json_integer(code) : json_null(), "reason", reason);
	if (code > 0)
		err_set(err, ERR_UNAVAILABLE, "station %s is refused by the PBX: %d %s", name, code, reason);
	else
		err_set(err, code < 0 ? (enum err_code)code : ERR_UNAVAILABLE, "station %s cannot register: %s", name,
			reason);
	request_answer(request, err->code);
}

int station_test(struct request *request)
{
	struct station station = {0};
	const int64_t id = station_by_name(
		request->engine, request->tenant_id, param_text(request, "name"), &request->err);
	int status = id < 0 ? (int)id :
			      station_load(request->engine, request->tenant_id, id, false, &station, &request->err);

	if (status >= 0 && !station.registers)
		status = err_set(&request->err, ERR_CONFLICT, "station %s does not register: there is nothing to test",
			station.name);
	station_wipe(&station);
	if (status < 0)
		return status;
	station_try(request->engine, request->tenant_id, id, false, on_tried, request);
	return REQUEST_PENDING;
}
