/* What values from outside must look like. */
#include "../lib/unit.h"
#include <stdlib.h>
#include <string.h>
#include "../../src/engine/check.h"

static void each(check_h *check, const char *what, const char *const *good, const char *const *bad)
{
	for (; *good; good++) {
		struct err err = {0};
		UNIT_CASE(check("field", *good, &err) == 0, "%s: \"%s\": %s", what, *good, err.text);
	}
	for (; *bad; bad++) {
		struct err err = {0};
		UNIT_CASE(check("field", *bad, &err) == ERR_INVALID, "%s: \"%s\" is taken", what, *bad);
		UNIT_CASE(!strncmp(err.text, "field: ", 7), "%s: %s", what, err.text);
		for (const char *p = err.text; *p; p++)
			UNIT_CASE((unsigned char)*p >= ' ' && *p != 0x7f, "%s: a control character in the sentence", what);
	}
}
#define EACH(check, good, bad) each(check, #check, good, bad)
#define LIST(...) (const char *const[]){__VA_ARGS__, NULL}

static const char long_user[] = "sip:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b";

static void sip_addresses(void **state)
{
	(void)state;
	EACH(check_sip_uri,
		LIST("sip:100@pbx", "sip:100@pbx.example.com", "sip:a.b-c_d~e!*()&=+$/@10.0.0.1:5061", "sip:+14155550100@[::1]", "sip:a@[2001:db8::1]:5060",
			"sip:a@b:1", "sip:a@b:65535", "sip:*72@pbx", "sip:A1@X-1.y"),
		LIST("", "100@pbx", "sips:a@b", "tel:+1", "SIP:a@b", "sip:", "sip:pbx", "sip:@pbx", "sip:a@", "sip:a@b@c", "sip:a@b:", "sip:a@b:0",
			"sip:a@b:65536", "sip:a@b:5060x", "sip:a@b;transport=tcp", "sip:a@b?x=y", "sip:a b@c", "sip:a@b c", "sip:a\r\nX: y@b", "sip:a@b\r\n",
			"sip:a\tb@c", "sip:\"a\"@b", "sip:a<@b", "sip:a>@b", "<sip:a@b>", "sip:a'@b", "sip:a%41@b", "sip:a%s@b", "sip:%n@b", "sip:a;b@c",
			"sip:a,b@c", "sip:a:pw@b", "sip:\xc3\xb6@b", "sip:a@\xc3\xb6", "sip:a@-b", "sip:a@b-", "sip:a@b..c", "sip:a@.b", "sip:a@b_c",
			"sip:a@300.1.1.1", "sip:a@1.2.3", "sip:a@[::1", "sip:a@[::1]x", "sip:a@[1.2.3.4]", "sip:a@[]", "sip:a@[::1]:", "sip:a#@b",
			"sip:a\x01@b", "sip:a@b\x7f", " sip:a@b", long_user));
	EACH(check_sip_server,
		LIST("sip:pbx", "sip:pbx:5060", "sip:10.0.0.1", "sip:[::1]:5061"),
		LIST("", "pbx", "sip:", "sip:a@pbx", "sip:pbx;lr", "sip:pbx:x", "sip:p%sx", "sip:pbx "));
	EACH(check_dial_prefix,
		LIST("sip:%s@pbx", "sip:9%s@pbx:5061", "sip:%s*1@10.0.0.1", "sip:%s@[::1]"),
		LIST("", "sip:a@b", "%s", "sip:%s", "sip:%s%s@b", "sip:%d@b", "sip:%@b", "sip:%%s@b", "sip:%s@%s", "sip:a@%s", "sip:%s%n@b", "sip:%S@b",
			"sip:%1$s@b", "sip:%s@b;x=%n", "sip:%ls@b", "sip:%s5@b", "sip:9%s0-1@b"));
	EACH(check_auth_user, LIST("100", "ann@realm", "a.b+c"), LIST("", "a b", "a\"b", "a;b", "a\\b", "a%sb", "a\nb", "\xc3\xb6"));
}

static void names(void **state)
{
	(void)state;
	EACH(check_line,
		LIST("Ann", "Zo\xc3\xab \xe5\xb1\xb1", "O'Neil \"x\" <y>", "a"),
		LIST("", "   ", "a\nb", "a\tb", "\x1b[31m", "a\x7f", "\xc2\x85", "\xe2\x80\xa8", "\xff", "\xc3", "\xed\xa0\x80"));
	EACH(check_login,
		LIST("a", "ann", "ann.b-c_9", "a123456789012345678901234567890123456789012345678901234567890123"),
		LIST("", "Ann", "1a", ".a", "a b", "a/b", "\xc3\xb6", "a\n", "a1234567890123456789012345678901234567890123456789012345678901234"));
	EACH(check_code, LIST("sale", "no_answer", "a-1", "1st"), LIST("", "Sale", "a b", "_a", "a.b", "\xc3\xb6"));
	EACH(check_os_user, LIST("ann", "Ann.B", "CORP\\ann", "_svc"), LIST("", "-a", "a b", "a:b", "a/b", "a\nb"));
	EACH(check_country, LIST("1", "44", "998"), LIST("", "0", "01", "+1", "1234", "a"));
	EACH(check_timezone, LIST("UTC", "America/New_York"), LIST("", "America/Nowhere", "../../etc/passwd", "/etc/localtime", "EST5EDT\n"));
	EACH(check_hours, LIST("08:00-21:00", "00:00-24:00"), LIST("", "8-21", "21:00-08:00", "08:00-08:00", "08:60-21:00", "08:00-24:01"));
	EACH(check_state, LIST("CA", "ny", "AL", "WY", "pr", "yt"), LIST("", "C", "CAL", "C1", "\xc3\xb6", "XX", "LA ", "L ", " A"));
	EACH(check_date, LIST("2026-11-21", "2024-02-29"), LIST("", "2026-02-29", "2026-13-01", "26-1-1", "2026-11-21T00:00:00Z", "tomorrow"));
}

static void secrets_stay_out(void **state)
{
	(void)state;
	struct err err = {0};
	assert_int_equal(check_password("password", "\"; s<>\xc3\xb6 %s", &err), 0);
	assert_int_equal(check_password("password", "topsecret\r\n", &err), ERR_INVALID);
	assert_null(strstr(err.text, "topsecret"));
	assert_int_equal(check_password("password", "", &err), ERR_INVALID);
}

static void codecs(void **state)
{
	(void)state;
	static const struct { const char *in, *out; } good[] = {
		{"PCMU", "PCMU"}, {"pcmu,pcma", "PCMU,PCMA"}, {" g722 , OPUS", "G722,opus"}, {"opus,G722,PCMA,PCMU", "opus,G722,PCMA,PCMU"},
	};
	static const char *const bad[] = {"", ",", "PCMU,", ",PCMU", "PCMU,,PCMA", "PCMU PCMA", "PCMU,pcmu", "mp3", "PCM", "PCMUX", "PCMU;x"};
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct err err = {0};
		char *out = NULL;
		UNIT_CASE(check_codecs("codecs", good[i].in, &out, &err) == 0, "%s: %s", good[i].in, err.text);
		assert_string_equal(out, good[i].out);
		free(out);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err err = {0};
		char *out = NULL;
		UNIT_CASE(check_codecs("codecs", bad[i], &out, &err) == ERR_INVALID, "\"%s\" is taken", bad[i]);
		assert_null(out);
	}
}

static void choices(void **state)
{
	(void)state;
	struct err err = {0};
	assert_int_equal(check_choice("t", "udp", "udp|tcp|tls", &err), 0);
	assert_int_equal(check_choice("t", "tls", "udp|tcp|tls", &err), 0);
	static const char *const bad[] = {"", "ud", "udpx", "udp|tcp", "UDP", "|"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		UNIT_CASE(check_choice("t", bad[i], "udp|tcp|tls", &err) == ERR_INVALID, "\"%s\" is taken", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sip_addresses), cmocka_unit_test(names), cmocka_unit_test(secrets_stay_out), cmocka_unit_test(codecs),
		cmocka_unit_test(choices),
	};

	return UNIT_RUN(tests);
}
