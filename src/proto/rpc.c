/* rpc.c - JSON-RPC 2.0 messages. */
#include "rpc.h"
#include <string.h>
#include "../base/clock.h"
#include "../base/str.h"

/* JSON-RPC's integers for our codes (spctl-api(7)). */
static const struct { enum err_code code; int number; } numbers[] = {
	{ERR_FAILED, -32000}, {ERR_NOT_PERMITTED, -32003}, {ERR_NOT_FOUND, -32004}, {ERR_UNAVAILABLE, -32005},
	{ERR_CANNOT_CREATE, -32006}, {ERR_TRY_AGAIN, -32007}, {ERR_CONFIG, -32008}, {ERR_CONFLICT, -32009},
	{ERR_BLOCKED, -32010}, {ERR_NEEDS_ACK, -32011}, {ERR_NOT_ANSWERED, -32012}, {ERR_USAGE, -32600},
	{ERR_INVALID, -32602},
};

static int code_number(enum err_code code)
{
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (numbers[i].code == code)
			return numbers[i].number;
	return -32000;
}

/* ---- reading ---- */

/* Jansson's own sentences quote the line, which may hold a password. */
static int bad_json(const json_error_t *where, struct err *err)
{
	const char *what = "it is not JSON";
	switch (json_error_code(where)) {
	case json_error_duplicate_key: what = "a key stands twice in an object"; break;
	case json_error_invalid_utf8: what = "it is not UTF-8"; break;
	case json_error_premature_end_of_input: what = "it ends too early"; break;
	case json_error_end_of_input_expected: what = "more text follows the object"; break;
	case json_error_stack_overflow: what = "it is nested too deeply"; break;
	case json_error_numeric_overflow: what = "a number is too large"; break;
	case json_error_null_character: case json_error_null_byte_in_key: what = "a text holds a NUL character"; break;
	default: break;
	}
	return err_set(err, ERR_INVALID, "the message cannot be read: %s (at byte %d)", what, where->position);
}

static int check_members(json_t *message, struct err *err)
{
	static const char *const known[] = {"jsonrpc", "id", "method", "params", "result", "error"};
	const char *key;
	json_t *value;
	json_object_foreach(message, key, value) {
		size_t i = 0;
		while (i < sizeof known / sizeof known[0] && strcmp(known[i], key) != 0)
			i++;
		if (i == sizeof known / sizeof known[0])
			return err_set(err, ERR_INVALID, "the message has the unknown member \"%.80s\"", key);
	}
	const char *version = json_string_value(json_object_get(message, "jsonrpc"));
	if (!version || strcmp(version, "2.0") != 0)
		return err_set(err, ERR_INVALID, "the message has no \"jsonrpc\": \"2.0\"");
	return 0;
}

/* A request, or an event, which is one without an id. */
static int read_call(json_t *message, struct rpc *rpc, struct err *err)
{
	const json_t *name = json_object_get(message, "method"), *id = json_object_get(message, "id");
	json_t *params = json_object_get(message, "params");
	if (!json_is_string(name) || !*json_string_value(name))
		return err_set(err, ERR_INVALID, "\"method\" must be text");
	if (!str_copy(rpc->method, sizeof rpc->method, json_string_value(name)))
		return err_set(err, ERR_INVALID, "there is no method \"%.80s\"", json_string_value(name));
	if (params && !json_is_object(params))
		return err_set(err, ERR_INVALID, "%s: \"params\" must be an object", rpc->method);
	size_t members = 2 + (id ? 1 : 0) + (params ? 1 : 0);
	if (json_object_size(message) != members)
		return err_set(err, ERR_INVALID, "%s: a request has no \"result\" and no \"error\"", rpc->method);
	if (!id && strcmp(rpc->method, "event") != 0)
		return err_set(err, ERR_INVALID, "%s: a request needs an \"id\"", rpc->method);
	rpc->kind = id ? RPC_REQUEST : RPC_EVENT;
	rpc->body = params ? json_incref(params) : json_object();
	return 0;
}

/* A result or an error. */
static int read_answer(json_t *message, struct rpc *rpc, struct err *err)
{
	json_t *result = json_object_get(message, "result"), *error = json_object_get(message, "error");
	if (json_object_size(message) != 3 || !result == !error || !json_object_get(message, "id"))
		return err_set(err, ERR_INVALID, "the message is neither a request nor an answer: it needs \"id\" with "
			"\"method\", \"result\" or \"error\"");
	if (error && (!json_is_object(error) || !json_is_integer(json_object_get(error, "code")) ||
	    !json_is_string(json_object_get(error, "message"))))
		return err_set(err, ERR_INVALID, "\"error\" must be an object with \"code\" and \"message\"");
	if (result && rpc->id < 0)
		return err_set(err, ERR_INVALID, "an answer's \"id\" must be a whole number");
	rpc->kind = error ? RPC_ERROR : RPC_RESULT;
	rpc->body = json_incref(error ? error : result);
	return 0;
}

/* Only an error may have the id null: the answer to a line that could not be read. */
static int read_id(json_t *message, struct rpc *rpc, struct err *err)
{
	const json_t *id = json_object_get(message, "id");
	if (!id || (json_is_null(id) && json_object_get(message, "error")))
		return 0;
	if (!json_is_integer(id) || json_integer_value(id) < 0)
		return err_set(err, ERR_INVALID, "\"id\" must be a whole number from 0");
	rpc->id = json_integer_value(id);
	return 0;
}

int rpc_parse(const char *line, size_t len, struct rpc *rpc, struct err *err)
{
	*rpc = (struct rpc){.id = -1};
	json_error_t where;
	json_t *message = json_loadb(line, len, JSON_REJECT_DUPLICATES, &where);
	if (!message)
		return bad_json(&where, err);
	int status;
	if (!json_is_object(message))
		status = err_set(err, ERR_INVALID, "the message must be a JSON object");
	else if ((status = read_id(message, rpc, err)) == 0 && (status = check_members(message, err)) == 0)
		status = json_object_get(message, "method") ? read_call(message, rpc, err)
			: read_answer(message, rpc, err);
	json_decref(message);
	return status;
}

void rpc_clear(struct rpc *rpc)
{
	json_decref(rpc->body);
	*rpc = (struct rpc){.id = -1};
}

json_t *rpc_error_read(json_t *error, struct err *err)
{
	json_t *data = json_object_get(error, "data");
	const char *name = json_string_value(json_object_get(data, "code"));
	const char *text = json_string_value(json_object_get(error, "message"));
	err_set(err, name ? err_by_name(name) : ERR_FAILED, "%s", text ? text : "the engine gave no reason");
	return json_is_object(data) ? data : NULL;
}

/* ---- writing ---- */

static int add_bytes(const char *bytes, size_t len, void *str)
{
	str_addn(str, bytes, len);
	return 0;
}

/* Takes the message over. */
static char *to_line(json_t *message)
{
	struct str line = {0};
	json_dump_callback(message, add_bytes, &line, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(message);
	str_addn(&line, "\n", 1);
	return str_take(&line);
}

static json_t *message_new(void)
{
	json_t *message = json_object();
	json_object_set_new(message, "jsonrpc", json_string("2.0"));
	return message;
}

static json_t *object_or(json_t *value)
{
	return value ? value : json_object();
}

char *rpc_request(json_int_t id, const char *method, json_t *params)
{
	json_t *message = message_new();
	json_object_set_new(message, "id", json_integer(id));
	json_object_set_new(message, "method", json_string(method));
	json_object_set_new(message, "params", object_or(params));
	return to_line(message);
}

char *rpc_result(json_int_t id, json_t *result)
{
	json_t *message = message_new();
	json_object_set_new(message, "id", json_integer(id));
	json_object_set_new(message, "result", object_or(result));
	return to_line(message);
}

char *rpc_error(json_int_t id, const struct err *err, json_t *data)
{
	json_t *message = message_new(), *error = json_object();
	data = object_or(data);
	json_object_set_new(data, "code", json_string(err_name(err->code)));
	json_object_set_new(error, "code", json_integer(code_number(err->code)));
	json_object_set_new(error, "message", json_string(err->text));
	json_object_set_new(error, "data", data);
	json_object_set_new(message, "id", id < 0 ? json_null() : json_integer(id));
	json_object_set_new(message, "error", error);
	return to_line(message);
}

char *rpc_event(const char *event, json_t *data)
{
	char at[RFC3339_SIZE];
	json_t *message = message_new(), *params = json_object();
	json_object_set_new(params, "event", json_string(event));
	json_object_set_new(params, "at", json_string(time_format(clock_now_ms(), at)));
	json_object_set_new(params, "data", object_or(data));
	json_object_set_new(message, "method", json_string("event"));
	json_object_set_new(message, "params", params);
	return to_line(message);
}
