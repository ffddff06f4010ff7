/* station_test.c - station.test: registers a station once with a phone of its own, and tells how it went. */
#include <stdio.h>
#include <stdlib.h>
#include "../base/mem.h"
#include "nouns.h"
#include "phone.h"
#include "phone_side.h"

enum { TEST_SECONDS = 10 };

struct test {
	struct request *request;
	struct phone *phone;
	struct event *limit;
};

static void finish(struct test *test, int status)
{
	phone_close(test->phone, NULL, NULL);
	event_free(test->limit);
	request_answer(test->request, status);
	free(test);
}

static void on_usable(void *arg)
{
	struct test *test = arg;

	test->request->result = json_pack("{s:b}", "registered", 1);
	finish(test, 0);
}

static void on_refused(void *arg, int code, const char *reason)
{
	struct test *test = arg;
	const char *name = param_text(test->request, "name");
	struct err *err = &test->request->err;

	test->request->error_data = json_pack(
		"{s:o, s:s}", "sip_code", code > 0 ? json_integer(code) : json_null(), "reason", reason);
	if (code > 0)
		err_set(err, ERR_UNAVAILABLE, "station %s is refused by the PBX: %d %s", name, code, reason);
	else
		err_set(err, code < 0 ? (enum err_code)code : ERR_UNAVAILABLE, "station %s cannot register: %s", name, reason);
	finish(test, err->code);
}

static void on_lost(void *arg, const char *why)
{
	on_refused(arg, 0, why);
}

/* Nobody may call while it is tested. */
static void on_event(void *arg, const char *event, const json_t *message)
{
	struct test *test = arg;
	const json_t *call = json_object_get(message, "call");
	(void)event;

	if (json_is_integer(call) && json_is_string(json_object_get(message, "from")))
		phone_do(test->phone,
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

int station_test(struct request *request)
{
	const struct timeval limit = {.tv_sec = TEST_SECONDS};
	struct station station = {0};
	const int64_t id = station_by_name(
		request->engine, request->tenant_id, param_text(request, "name"), &request->err);
	struct test *test;
	int status = id < 0 ? (int)id :
			      station_load(request->engine, request->tenant_id, id, false, &station, &request->err);

	if (status >= 0 && !station.registers)
		status = err_set(&request->err, ERR_CONFLICT, "station %s does not register: there is nothing to test",
			station.name);
	station_wipe(&station);
	if (status < 0)
		return status;
	test = xcalloc(1, sizeof(*test));
	test->request = request;
	test->limit = evtimer_new(request->engine->loop, on_limit, test);
	evtimer_add(test->limit, &limit);
	test->phone = phone_open(request->engine, request->tenant_id, id, NULL, &hooks, test);
	return REQUEST_PENDING;
}
