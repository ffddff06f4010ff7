/* What the console makes of an engine's events: a line of JSON each, {"event": NAME, "data": ANYTHING}. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/console/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(struct model *model, json_t *message)
{
	const char *event = json_string_value(json_object_get(message, "event"));
	const json_t *data = json_object_get(message, "data");

	if (!event || !json_is_object(data))
		return;
	if (!strcmp(event, "hello"))
		model_hello(model, data);
	else if (!strcmp(event, "tenant"))
		model_tenant(model, data);
	else if (!strcmp(event, "station"))
		model_station(model, data);
	else if (!strcmp(event, "session"))
		model_session(model, data, 1000);
	else if (!strcmp(event, "lists")) {
		model_sessions(model, json_object_get(data, "sessions"));
		model_calls(model, json_object_get(data, "calls"));
		model_dispos(model, json_object_get(data, "dispos"));
	}
	else if (!strcmp(event, "customer")) {
		model_card(model, j_int(data, "id"));
		model_customer(model, j_int(data, "id"), data);
		model_customer_history(model, j_int(data, "id"), json_object_get(data, "items"));
	}
	else
		model_event(model, event, data, 2000);
}

static void look(struct model *model)
{
	const struct call *focus = model_focus(model);

	if (model->call_count < 0 || model->call_count > MODEL_CALLS || (focus && (focus < model->calls || focus >= model->calls + model->call_count)))
		abort();
	model_other(model);
	model_incoming(model, 1);
	model_ticks(model);
	if (focus) {
		model_partner(model, focus);
		model_customer_name(model, focus->customer_id);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct model model;

	model_init(&model);
	while (size) {
		const uint8_t *end = memchr(data, '\n', size);
		const size_t len = end ? (size_t)(end - data) : size;
		json_t *message = json_loadb((const char *)data, len, 0, NULL);

		if (message)
			take(&model, message);
		look(&model);
		json_decref(message);
		data += len + (end ? 1 : 0);
		size -= len + (end ? 1 : 0);
	}
	model_disconnected(&model);
	look(&model);
	model_free(&model);
	return 0;
}
