/* What the console knows, from answers and events alone. */
#include "../lib/unit.h"
#include <stdlib.h>
#include <string.h>
#include "../../src/base/clock.h"
#include "../../src/console/model.h"

static const int64_t now = 1795000000000;       /* any */

static json_t *session(const char *station, const char *state)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:n, s:n, s:n, s:n, s:i}", "user", "anna", "station", station,
		"did",
		"+14155550199", "state", state, "since", "2026-11-21T01:02:03.004Z", "registered", true, "registration",
			"call_id",
		"paused_reason", "wrap_up", "owed", 0);
}

static json_t *call(int id, const char *state, const char *direction)
{
	return json_pack("{s:i, s:s, s:s, s:i, s:s, s:s, s:s, s:n, s:b, s:b, s:b, s:[]}", "id", id, "direction",
		direction, "number",
		"+14155550100", "customer_id", 7, "user", "anna", "state", state, "started_at",
			"2026-11-21T01:02:03.004Z",
		"answered_at", "muted", false, "encrypted", true, "forced", false, "recordings");
}

static void tell(struct model *model, const char *event, json_t *data)
{
	model_event(model, event, data, now);
	json_decref(data);
}

static void begin(struct model *model)
{
	json_t *hello = json_pack("{s:s, s:b, s:n, s:s}", "engine", "1", "private", true, "user", "role", "admin");
	json_t *json = session("desk1", "ready");

	model_init(model);
	assert_non_null(model_refuses(model, NEED_SESSION));
	model_hello(model, hello);
	assert_string_equal(model_refuses(model, NEED_SESSION), "nobody is logged in here");
	model_session(model, json, now);
	json_decref(hello);
	json_decref(json);
}

static void a_session(void **state)
{
	struct model model;

	(void)state;
	begin(&model);
	assert_true(model.has_session);
	assert_string_equal(model.user, "anna");
	assert_int_equal(model.session.state, AGENT_READY);
	assert_null(model_refuses(&model, NEED_LINE));
	assert_null(model_refuses(&model, NEED_SUPERVISOR));
	assert_non_null(model_refuses(&model, NEED_CALL));
	assert_non_null(model_refuses(&model, NEED_NO_SESSION));
	assert_string_equal(model.self, "");
	model_disconnected(&model);
	assert_true(model.has_session);                 /* the engine comes back with it */
	assert_non_null(model_refuses(&model, NEED_SESSION));
	assert_null(model_refuses(&model, NEED_NOTHING));
	model_free(&model);
}

static void calls_come_and_go(void **state)
{
	struct model model;
	json_t *other = call(5, "active", "outbound");

	(void)state;
	begin(&model);
	tell(&model, "call.changed", call(3, "ringing", "inbound"));
	assert_int_equal(model.call_count, 1);
	assert_int_equal(model_incoming(&model, 0)->id, 3);
	assert_null(model_refuses(&model, NEED_RINGING));
	assert_non_null(model_refuses(&model, NEED_CALL_UP));
	tell(&model, "call.changed", call(3, "active", "inbound"));
	assert_null(model_incoming(&model, 0));
	assert_null(model_refuses(&model, NEED_CALL_ACTIVE));
	assert_null(model_refuses(&model, NEED_LINE));
	tell(&model, "call.changed", call(3, "held", "inbound"));
	assert_string_equal(model_refuses(&model, NEED_CALL_ACTIVE), "the call is on hold");
	tell(&model, "call.changed", call(4, "active", "outbound"));
	assert_int_equal(model_focus(&model)->id, 4);
	json_object_set_new(other, "user", json_string("bert"));        /* a supervisor is told of all */
	tell(&model, "call.changed", other);
	assert_int_equal(model.call_count, 2);
	tell(&model, "call.changed", call(3, "ended", "inbound"));
	assert_int_equal(model.call_count, 1);
	assert_int_equal(j_int(model.last_call, "id"), 3);
	tell(&model, "call.changed", call(3, "ended", "inbound"));      /* told again with its disposition */
	assert_int_equal(model.call_count, 1);
	model_free(&model);
}

static void too_many_calls(void **state)
{
	struct model model;

	(void)state;
	begin(&model);
	for (int i = 1; i <= MODEL_CALLS + 5; i++)
		tell(&model, "call.changed", call(i, "held", "outbound"));
	assert_int_equal(model.call_count, MODEL_CALLS);
	for (int i = 1; i <= MODEL_CALLS + 5; i++)
		tell(&model, "call.changed", call(i, "ended", "outbound"));
	assert_int_equal(model.call_count, 0);
	model_free(&model);
}

static json_t *wrap_up(int call_id, int remaining)
{
	json_t *json = session("desk1", "wrap_up");

	json_object_set_new(json, "wrap_up",
		json_pack("{s:i, s:i, s:i, s:b}", "call_id", call_id, "seconds", 30, "remaining", remaining,
		"overdue", remaining < 0));
	json_object_set_new(json, "owed", json_integer(2));
	return json;
}

static void the_countdown_does_not_jump(void **state)
{
	struct model model;
	json_t *json;

	(void)state;
	begin(&model);
	tell(&model, "session.changed", wrap_up(3, 30));
	assert_int_equal(model.session.state, AGENT_WRAP_UP);
	assert_int_equal(model.session.wrap_due_ms, now + 30000);
	json = wrap_up(3, 20);
	model_event(&model, "session.changed", json, now + 10400);      /* whole seconds: a rounding */
	assert_int_equal(model.session.wrap_due_ms, now + 30000);
	json_decref(json);
	json = wrap_up(3, -100);
	model_event(&model, "session.changed", json, now + 130000);
	assert_int_equal(model.session.wrap_due_ms, now + 30000);
	json_decref(json);
	tell(&model, "session.changed", wrap_up(4, 10));
	assert_int_equal(model.session.wrap_due_ms, now + 10000);
	assert_int_equal(model.session.owed, 2);
	tell(&model, "session.changed", session("desk1", "ready"));
	assert_int_equal(model.session.wrap_call, 0);
	model_free(&model);
}

static void somebody_else_ends_it(void **state)
{
	struct model model;
	json_t *bert = session("desk9", "ready");

	(void)state;
	begin(&model);
	json_object_set_new(bert, "user", json_string("bert"));
	tell(&model, "session.changed", bert);
	assert_int_equal(json_object_size(model.team), 1);
	assert_string_equal(model.session.station, "desk1");
	tell(&model, "session.changed", session("desk1", "offline"));
	assert_false(model.has_session);
	assert_true(model.ended);
	assert_string_equal(model.ended_station, "desk1");
	assert_string_equal(model.now_at, "");
	tell(&model, "session.changed", session("desk7", "ready"));
	assert_false(model.has_session);
	assert_string_equal(model.now_at, "desk7");
	model_free(&model);
}

static void cards(void **state)
{
	struct model model;
	json_t *customer = json_pack("{s:s}", "name", "Bob"),
		*flag = json_pack("{s:s, s:i}", "event", "flag_changed", "customer_id", 7);

	(void)state;
	begin(&model);
	assert_null(model_card(&model, 0));
	assert_string_equal(model_customer_name(&model, 7), "");
	model_customer(&model, 7, customer);
	assert_string_equal(model_customer_name(&model, 7), "Bob");
	model_card(&model, 7)->wanted = true;
	tell(&model, "audit.added", flag);
	assert_false(model_card(&model, 7)->wanted);    /* old: to be asked for again */
	for (int id = 100; id < 100 + MODEL_CARDS; id++)
		model_customer(&model, id, customer);
	assert_string_equal(model_customer_name(&model, 7), "");
	json_decref(customer);
	model_free(&model);
}

static void dispositions(void **state)
{
	struct model model;
	json_t *items = json_pack("[{s:s, s:i, s:b}, {s:s, s:i, s:b}, {s:s, s:i, s:b}]", "code", "b", "position", 2,
		"retired", false,
		"code", "x", "position", 1, "retired", true, "code", "a", "position", 1, "retired", false);

	(void)state;
	begin(&model);
	model_dispos(&model, items);
	assert_int_equal(json_array_size(model.dispos), 2);
	assert_string_equal(j_text(json_array_get(model.dispos, 0), "code"), "a");
	json_decref(items);
	model_free(&model);
}

/* An engine of another version, or a broken one, must not bring the console down. */
static void nonsense(void **state)
{
	static const char *const texts[] = {"{}", "[]", "null", "{\"user\": 1, \"state\": []}",
		"{\"user\": \"anna\", \"id\": \"x\"}",
		"{\"user\": \"anna\", \"station\": \"desk1\", \"state\": \"dancing\", \"wrap_up\": 3, \"registration\": []}",
		"{\"user\": \"anna\", \"id\": 9, \"state\": null, \"recordings\": {\"a\": 1}, \"started_at\": \"yesterday\"}"};
	static const char *const events[] = {"session.changed", "call.changed", "audit.added", "notice", "nonsense"};
	struct model model;

	(void)state;
	begin(&model);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (size_t j = 0; j < sizeof(events) / sizeof(events[0]); j++) {
			json_t *data = json_loads(texts[i], JSON_DECODE_ANY, NULL);

			assert_non_null(data);
			model_event(&model, events[j], data, now);
			model_calls(&model, data);
			model_sessions(&model, data);
			model_dispos(&model, data);
			json_decref(data);
		}
	model_event(&model, "call.changed", NULL, now);
	model_free(&model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session),
		cmocka_unit_test(calls_come_and_go),
		cmocka_unit_test(too_many_calls),
		cmocka_unit_test(the_countdown_does_not_jump),
		cmocka_unit_test(somebody_else_ends_it),
		cmocka_unit_test(cards),
		cmocka_unit_test(dispositions),
		cmocka_unit_test(nonsense),
	};

	return UNIT_RUN(tests);
}
