/* The reader of the engine's commands: what it takes, and the sentence for what it does not. */
#include "../lib/unit.h"
#include <stdlib.h>
#include <string.h>
#include "../../src/module/command.h"

static int parse(const char *line, struct command *c, struct err *err)
{
	*err = (struct err){0};
	return command_parse(line, strlen(line), c, err);
}

static void test_line_create(void **state)
{
	struct command c;
	struct err err;
	(void)state;

	assert_int_equal(parse("{\"id\":7,\"do\":\"line_create\",\"line\":\"a\",\"aor\":\"sip:200@pbx;transport=tls\",\"user\":\"200\","
			       "\"password\":\"p\\\"a;s\\\\s<w>\xc3\xb6 %s\",\"every\":60,\"outbound\":\"sip:10.0.0.1\",\"mediaenc\":\"dtls_srtp\","
			       "\"params\":\"audio_codecs=PCMU/8000/1,PCMA\",\"tls_host\":\"pbx.test\","
			       "\"registrars\":\"sip:a,sip:b:5070\",\"unverified\":true,\"nat\":\"turn\",\"nat_server\":\"turn:192.0.2.1:3478\","
			       "\"nat_user\":\"anna\",\"nat_password\":\"n s\"}", &c, &err), 0);
	assert_int_equal(c.kind, COMMAND_LINE_CREATE);
	assert_int_equal(c.id, 7);
	assert_string_equal(c.line, "a");
	assert_string_equal(c.aor, "sip:200@pbx;transport=tls");
	assert_string_equal(c.user, "200");
	assert_string_equal(c.password, "p\"a;s\\s<w>\xc3\xb6 %s");
	assert_int_equal(c.every, 60);
	assert_string_equal(c.outbound, "sip:10.0.0.1");
	assert_string_equal(c.mediaenc, "dtls_srtp");
	assert_string_equal(c.params, "audio_codecs=PCMU/8000/1,PCMA");
	assert_string_equal(c.tls_host, "pbx.test");
	assert_string_equal(c.registrars, "sip:a,sip:b:5070");
	assert_true(c.unverified);
	assert_string_equal(c.nat, "turn");
	assert_string_equal(c.nat_server, "turn:192.0.2.1:3478");
	assert_string_equal(c.nat_user, "anna");
	assert_string_equal(c.nat_password, "n s");
	command_clear(&c);
}

static void test_every_command(void **state)
{
	static const struct { const char *members; enum command_kind kind; } cases[] = {
		{"\"do\":\"answer\",\"call\":1", COMMAND_ANSWER}, {"\"do\":\"dial\",\"line\":\"a\",\"to\":\"sip:b\"", COMMAND_DIAL},
		{"\"do\":\"dtmf\",\"call\":1,\"digits\":\"0*#D\",\"how\":\"info\"", COMMAND_DTMF},
		{"\"do\":\"dial\",\"line\":\"a\",\"to\":\"sip:b\",\"from\":\"sip:+1@[::1]:5060\",\"identity\":\"ppi\"", COMMAND_DIAL}, {"\"do\":\"hangup\",\"call\":1", COMMAND_HANGUP},
		{"\"do\":\"hangup\",\"call\":1,\"code\":699,\"reason\":\"x\"", COMMAND_HANGUP}, {"\"do\":\"hold\",\"call\":1", COMMAND_HOLD},
		{"\"do\":\"line_create\",\"line\":\"a\",\"aor\":\"sip:b\"", COMMAND_LINE_CREATE},
		{"\"do\":\"line_delete\",\"line\":\"a\"", COMMAND_LINE_DELETE}, {"\"do\":\"list\"", COMMAND_LIST},
		{"\"do\":\"mute\",\"call\":1,\"on\":false", COMMAND_MUTE}, {"\"do\":\"quit\"", COMMAND_QUIT},
		{"\"do\":\"register\",\"line\":\"a\"", COMMAND_REGISTER}, {"\"do\":\"resume\",\"call\":1", COMMAND_RESUME},
		{"\"do\":\"stats\",\"call\":4294967295", COMMAND_STATS}, {"\"do\":\"transfer\",\"call\":1,\"to\":\"sip:b\"", COMMAND_TRANSFER},
		{"\"do\":\"trace\",\"on\":true", COMMAND_TRACE},
		{"\"do\":\"transfer_to\",\"call\":1,\"with\":2", COMMAND_TRANSFER_TO},
		{"\"do\":\"unregister\",\"line\":\"a\"", COMMAND_UNREGISTER},
	};
	bool seen[COMMAND_KINDS] = {false};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct command c;
		struct err err;
		char line[256];

		snprintf(line, sizeof(line), "{\"id\":%zu,%s}", i, cases[i].members);
		UNIT_CASE(!parse(line, &c, &err) && c.kind == cases[i].kind && c.id == (json_int_t)i, "%s: %s", line, err.text);
		seen[c.kind] = true;
		command_clear(&c);
	}
	for (int i = 0; i < COMMAND_KINDS; i++)
		UNIT_CASE(seen[i], "command %d has no case", i);
}

static void test_refusals(void **state)
{
	static const struct { const char *line, *sentence; json_int_t id; } cases[] = {
		{"{\"id\":3,\"do\":\"line_create\",\"line\":\"a\",\"aor\":\"sip:b\",\"registrars\":\"pbx\"}", "\"registrars\" must be SIP URIs", 3},
		{"{\"id\":3,\"do\":\"line_create\",\"line\":\"a\",\"aor\":\"sip:b\",\"nat\":\"upnp\"}", "\"nat\" must be stun, turn or ice", 3},
		{"", "the line is not a JSON object", -1}, {"{\"id\":1,", "the line is not a JSON object", -1},
		{"{\"id\":1,\"id\":1}", "the line is not a JSON object", -1}, {"[1]", "\"id\" must be a number", -1},
		{"{\"do\":\"list\"}", "\"id\" must be a number", -1}, {"{\"id\":\"1\",\"do\":\"list\"}", "\"id\" must be a number", -1},
		{"{\"id\":-1,\"do\":\"list\"}", "\"id\" must be a number", -1}, {"{\"id\":3}", "\"do\" must be the name", 3},
		{"{\"id\":3,\"do\":7}", "\"do\" must be the name", 3}, {"{\"id\":3,\"do\":\"du\\n\"}", "there is no command \"du\\n\"", 3},
		{"{\"id\":3,\"do\":\"list\",\"all\":true}", "list: it takes no \"all\"", 3},
		{"{\"id\":3,\"do\":\"hold\"}", "hold: \"call\" is missing: it must be the number of a call", 3},
		{"{\"id\":3,\"do\":\"hold\",\"call\":\"1\"}", "hold: \"call\" must be the number of a call, not \"1\"", 3},
		{"{\"id\":3,\"do\":\"hold\",\"call\":0}", "not 0", 3}, {"{\"id\":3,\"do\":\"hold\",\"call\":1.0}", "not 1.0", 3},
		{"{\"id\":3,\"do\":\"hold\",\"call\":4294967296}", "not 4294967296", 3}, {"{\"id\":3,\"do\":\"hold\",\"call\":null}", "not null", 3},
		{"{\"id\":3,\"do\":\"mute\",\"call\":1,\"on\":1}", "mute: \"on\" must be true or false, not 1", 3},
		{"{\"id\":3,\"do\":\"dtmf\",\"call\":1,\"digits\":\"\"}", "must be 1 to 32 of the digits", 3},
		{"{\"id\":3,\"do\":\"dtmf\",\"call\":1,\"digits\":\"12a\"}", "not \"12a\"", 3},
		{"{\"id\":3,\"do\":\"hangup\",\"call\":1,\"code\":200}", "a SIP status from 400 to 699, not 200", 3},
		{"{\"id\":3,\"do\":\"hangup\",\"call\":1,\"reason\":\"a\\r\\nVia: b\"}", "must be text of 1 to 128 bytes", 3},
		{"{\"id\":3,\"do\":\"dial\",\"line\":\"a\",\"to\":\"sips:b@c\"}", "begins with \"sip:\", not \"sips:b@c\"", 3},
		{"{\"id\":3,\"do\":\"dial\",\"line\":\"a\",\"to\":\"sip:b@c\\r\\nX: y\"}", "must be a SIP URI", 3},
		{"{\"id\":3,\"do\":\"dial\",\"line\":\"a\",\"to\":\"sip:b>@c\"}", "must be a SIP URI", 3},
		{"{\"id\":3,\"do\":\"dial\",\"line\":\"a\",\"to\":\"sip:b@c?Route=%3Csip:d%3E\"}", "that has no headers and begins", 3},
		{"{\"id\":3,\"do\":\"dial\",\"line\":\"a\",\"to\":\"sip:b@c,sip:d@c\"}", "must be a SIP URI", 3},
		{"{\"id\":3,\"do\":\"dial\",\"line\":\"a\",\"to\":\"sip:b@c#d\"}", "must be a SIP URI", 3},
		{"{\"id\":3,\"do\":\"dial\",\"line\":\"a\",\"to\":\"sip:b\",\"from\":\"sip:+1@b;x=1\"}", "sip:USER@HOST[:PORT]", 3},
		{"{\"id\":3,\"do\":\"dial\",\"line\":\"a\",\"to\":\"sip:b\",\"from\":\"sip:+1@b\",\"identity\":\"rpid\"}", "from, pai or ppi", 3},
		{"{\"id\":3,\"do\":\"dial\",\"line\":\"a\",\"to\":\"sip:b\",\"token\":\"0123456789abcdef0123456789abcde\\n\"}", "32 figures", 3},
		{"{\"id\":3,\"do\":\"dtmf\",\"call\":1,\"digits\":\"1\",\"how\":\"audio\"}", "rtp or info", 3},
		{"{\"id\":3,\"do\":\"dial\",\"line\":\"a b\",\"to\":\"sip:b\"}", "dial: \"line\" must be a name", 3},
		{"{\"id\":3,\"do\":\"line_create\",\"line\":\"a\",\"aor\":\"sip:b\",\"mediaenc\":\"srtp\"}", "not \"srtp\"", 3},
		{"{\"id\":3,\"do\":\"line_create\",\"line\":\"a\",\"aor\":\"sip:b\",\"every\":-1}", "from 0 to 86400, not -1", 3},
		{"{\"id\":3,\"do\":\"line_create\",\"line\":\"a\",\"aor\":\"sip:b\",\"user\":\"a\\\"b\"}", "with neither quotes", 3},
		{"{\"id\":3,\"do\":\"line_create\",\"line\":\"a\",\"aor\":\"sip:b\",\"params\":\"a>;b\"}", "account parameters", 3},
		{"{\"id\":3,\"do\":\"line_create\",\"line\":\"a\",\"aor\":\"sip:b\",\"tls_host\":\"a/b\"}", "a host name or an address", 3},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct command c;
		struct err err;
		const int status = parse(cases[i].line, &c, &err);

		UNIT_CASE(status == ERR_INVALID && err.code == ERR_INVALID && strstr(err.text, cases[i].sentence) && c.id == cases[i].id,
			  "%s gave %d, id %lld: %s", cases[i].line, status, (long long)c.id, err.text);
		command_clear(&c);
	}
}

/* Neither a value nor a place in the line is quoted where a password may be. */
static void test_secrets(void **state)
{
	static const char *const lines[] = {
		"{\"id\":3,\"do\":\"line_create\",\"line\":\"a\",\"aor\":\"sip:b\",\"password\":\"geheim\\n\"}",
		"{\"id\":3,\"do\":\"line_create\",\"line\":\"a\",\"aor\":\"sip:b\",\"password\":[\"geheim\"]}",
		"{\"id\":3,\"do\":\"line_create\",\"line\":\"a\",\"aor\":\"sip:b\",\"password\":\"geheim",
		"{\"id\":3,\"do\":\"line_create\",\"line\":\"a\",\"aor\":\"sip:b\",\"password\":geheim}",
	};
	(void)state;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct command c;
		struct err err;

		UNIT_CASE(parse(lines[i], &c, &err) == ERR_INVALID && !strstr(err.text, "geheim"), "%s: %s", lines[i], err.text);
		command_clear(&c);
	}
}

static void test_long_values(void **state)
{
	char line[2048], name[66], uri[300];
	struct command c;
	struct err err;
	(void)state;

	memset(name, 'n', sizeof(name));
	memset(uri, 'u', sizeof(uri));
	snprintf(line, sizeof(line), "{\"id\":1,\"do\":\"dial\",\"line\":\"%.64s\",\"to\":\"sip:%.251s\"}", name, uri);
	assert_int_equal(parse(line, &c, &err), 0);
	command_clear(&c);
	snprintf(line, sizeof(line), "{\"id\":1,\"do\":\"dial\",\"line\":\"%.65s\",\"to\":\"sip:%.251s\"}", name, uri);
	assert_int_equal(parse(line, &c, &err), ERR_INVALID);
	command_clear(&c);
	snprintf(line, sizeof(line), "{\"id\":1,\"do\":\"dial\",\"line\":\"%.64s\",\"to\":\"sip:%.252s\"}", name, uri);
	assert_int_equal(parse(line, &c, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "..."));
	assert_true(strlen(err.text) < 256);
	command_clear(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_create), cmocka_unit_test(test_every_command), cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_secrets), cmocka_unit_test(test_long_values),
	};

	return UNIT_RUN(tests);
}
