/* JSON-RPC messages: what is taken, what is refused, and that what is written is read back. */
#include "../lib/unit.h"
#include <stdlib.h>
#include <string.h>
#include "../../src/base/clock.h"
#include "../../src/proto/rpc.h"

static int parse(const char *text, struct rpc *rpc, struct err *err)
{
	return rpc_parse(text, strlen(text), rpc, err);
}

static void test_taken(void **state)
{
	(void)state;
	struct rpc rpc;
	assert_int_equal(parse("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"a.b\",\"params\":{\"x\":1}}", &rpc, NULL), 0);
	assert_int_equal(rpc.kind, RPC_REQUEST);
	assert_int_equal(rpc.id, 7);
	assert_string_equal(rpc.method, "a.b");
	assert_int_equal(json_integer_value(json_object_get(rpc.body, "x")), 1);
	rpc_clear(&rpc);
	assert_int_equal(parse("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"a\"}\r", &rpc, NULL), 0);
	assert_int_equal(json_object_size(rpc.body), 0);
	rpc_clear(&rpc);
	assert_int_equal(parse("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}", &rpc, NULL), 0);
	assert_int_equal(rpc.kind, RPC_RESULT);
	rpc_clear(&rpc);
	assert_int_equal(parse("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-1,\"message\":\"m\"}}", &rpc, NULL), 0);
	assert_int_equal(rpc.kind, RPC_ERROR);
	assert_int_equal(rpc.id, -1);
	rpc_clear(&rpc);
	rpc_clear(&rpc);
}

static void test_refused(void **state)
{
	(void)state;
	static const struct { const char *text, *says; } cases[] = {
		{"", "ends too early"}, {"x", "not JSON"}, {"{", "ends too early"}, {"[]", "must be a JSON object"},
		{"{} {}", "more text"}, {"{\"id\":1,\"id\":2}", "stands twice"}, {"{\"id\":\"\xff\"}", "not UTF-8"},
		{"{\"id\":\"\\u0000\"}", "NUL"}, {"{\"id\":99999999999999999999}", "too large"},
		{"{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"method\":\"a\"}", "\"id\" must be a whole number"},
		{"{\"jsonrpc\":\"2.0\",\"id\":-1,\"method\":\"a\"}", "\"id\" must be a whole number"},
		{"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"a\"}", "\"id\" must be a whole number"},
		{"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"a\"}", "\"id\" must be a whole number"},
		{"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"a\"}", "\"jsonrpc\""}, {"{\"id\":1,\"method\":\"a\"}", "\"jsonrpc\""},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"extra\":1}", "unknown member \"extra\""},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}", "\"method\" must be text"},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\"}", "\"method\" must be text"},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"params\":[]}", "\"params\" must be an object"},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"params\":null}", "\"params\" must be an object"},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"result\":1}", "no \"result\""},
		{"{\"jsonrpc\":\"2.0\",\"method\":\"a\"}", "needs an \"id\""},
		{"{\"jsonrpc\":\"2.0\",\"id\":1}", "neither a request nor an answer"},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"params\":{}}", "neither a request nor an answer"},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1,\"error\":{}}", "neither a request nor an answer"},
		{"{\"jsonrpc\":\"2.0\",\"result\":1}", "neither a request nor an answer"},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":\"x\",\"message\":\"m\"}}", "\"error\" must be"},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":5}", "\"error\" must be"},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a.method.with.a.name.that.is.far.longer.than.any.method.that.we.have\"}",
			"there is no method"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rpc rpc;
		struct err err = {0};
		int status = parse(cases[i].text, &rpc, &err);
		UNIT_CASE(status == ERR_INVALID && strstr(err.text, cases[i].says), "%s: %s", cases[i].text, err.text);
		UNIT_CASE(!rpc.body, "%s: a body is left", cases[i].text);
	}
}

/* The answer to a bad request goes to its id where that can be read, and no sentence repeats what was sent. */
static void test_refusal_knows_the_id(void **state)
{
	(void)state;
	struct rpc rpc;
	struct err err = {0};
	assert_int_equal(parse("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"a\",\"x\":1}", &rpc, &err), ERR_INVALID);
	assert_int_equal(rpc.id, 7);
	assert_int_equal(parse("{\"id\":7, \"password\": \"hunter2", &rpc, &err), ERR_INVALID);
	assert_int_equal(rpc.id, -1);
	assert_null(strstr(err.text, "hunter2"));
}

/* Deep nesting must not end the process. */
static void test_depth(void **state)
{
	(void)state;
	struct rpc rpc;
	struct err err = {0};
	size_t deep = 500000;
	char *text = malloc(2 * deep + 1);
	assert_non_null(text);
	memset(text, '[', deep);
	memset(text + deep, ']', deep);
	text[2 * deep] = '\0';
	assert_int_equal(parse(text, &rpc, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "nested too deeply"));
	free(text);
}

/* Parses a line that was just written, with its newline, and frees it. */
static void read_back(char *line, struct rpc *rpc)
{
	struct err err = {0};
	size_t len = strlen(line);
	assert_int_equal(line[len - 1], '\n');
	assert_null(memchr(line, '\n', len - 1));
	UNIT_CASE(rpc_parse(line, len, rpc, &err) == 0, "%s: %s", line, err.text);
	free(line);
}

static void test_written(void **state)
{
	(void)state;
	struct rpc rpc;
	struct err err;
	int64_t at;
	read_back(rpc_request(3, "call.show", json_pack("{s:s}", "x", "line\nbreak \xc3\xa9")), &rpc);
	assert_int_equal(rpc.kind, RPC_REQUEST);
	assert_int_equal(rpc.id, 3);
	assert_string_equal(json_string_value(json_object_get(rpc.body, "x")), "line\nbreak \xc3\xa9");
	rpc_clear(&rpc);
	read_back(rpc_request(4, "hello", NULL), &rpc);
	assert_int_equal(json_object_size(rpc.body), 0);
	rpc_clear(&rpc);
	read_back(rpc_result(5, NULL), &rpc);
	assert_int_equal(rpc.kind, RPC_RESULT);
	assert_true(json_is_object(rpc.body));
	rpc_clear(&rpc);
	err_set(&err, ERR_NEEDS_ACK, "acknowledge \"%s\"", "it");
	read_back(rpc_error(6, &err, json_pack("{s:s}", "decision", "needs_ack")), &rpc);
	assert_int_equal(rpc.kind, RPC_ERROR);
	assert_int_equal(json_integer_value(json_object_get(rpc.body, "code")), -32011);
	struct err told = {0};
	json_t *data = rpc_error_read(rpc.body, &told);
	assert_int_equal(told.code, ERR_NEEDS_ACK);
	assert_string_equal(told.text, "acknowledge \"it\"");
	assert_string_equal(json_string_value(json_object_get(data, "decision")), "needs_ack");
	rpc_clear(&rpc);
	read_back(rpc_error(-1, &err, NULL), &rpc);
	assert_int_equal(rpc.id, -1);
	rpc_clear(&rpc);
	read_back(rpc_event("notice", json_pack("{s:s}", "text", "t")), &rpc);
	assert_int_equal(rpc.kind, RPC_EVENT);
	assert_string_equal(json_string_value(json_object_get(rpc.body, "event")), "notice");
	assert_true(time_parse(json_string_value(json_object_get(rpc.body, "at")), &at));
	assert_true(json_is_object(json_object_get(rpc.body, "data")));
	rpc_clear(&rpc);
}

/* Every code has an integer of its own, and comes back from its name. */
static void test_error_codes(void **state)
{
	(void)state;
	json_int_t seen[20];
	int count = 0;
	for (int code = ERR_FAILED; code >= ERR_NOT_ANSWERED; code--) {
		struct rpc rpc;
		struct err err, told = {0};
		err_set(&err, code, "x");
		read_back(rpc_error(1, &err, NULL), &rpc);
		rpc_error_read(rpc.body, &told);
		assert_int_equal(told.code, code);
		seen[count] = json_integer_value(json_object_get(rpc.body, "code"));
		for (int i = 0; i < count; i++)
			assert_int_not_equal(seen[i], seen[count]);
		count++;
		rpc_clear(&rpc);
	}
	assert_int_equal(count, 13);
	struct err told = {0};
	json_t *bare = json_pack("{s:i, s:s}", "code", -32601, "message", "bare");
	assert_null(rpc_error_read(bare, &told));
	assert_int_equal(told.code, ERR_FAILED);
	assert_string_equal(told.text, "bare");
	json_decref(bare);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken), cmocka_unit_test(test_refused), cmocka_unit_test(test_refusal_knows_the_id),
		cmocka_unit_test(test_depth), cmocka_unit_test(test_written), cmocka_unit_test(test_error_codes),
	};
	return UNIT_RUN(tests);
}
