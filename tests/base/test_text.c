/* Strings, UTF-8, errors, CSV. */
#include "../lib/unit.h"
#include <stdlib.h>
#include <string.h>
#include "../../src/base/csv.h"
#include "../../src/base/err.h"
#include "../../src/base/mem.h"
#include "../../src/base/str.h"
#include "../../src/base/utf8.h"

static void test_str_grows(void **state)
{
	(void)state;
	struct str s = {0};
	for (int i = 0; i < 1000; i++)
		str_addf(&s, "%d,", i);
	assert_int_equal(s.len, 10 * 2 + 90 * 3 + 900 * 4);
	assert_true(str_starts(s.s, "0,1,2,"));
	str_cut(&s, 4);
	assert_true(str_starts(s.s, "2,3,"));
	str_cut(&s, s.len + 1);
	assert_int_equal(s.len, 0);
	assert_string_equal(s.s, "");
	str_addn(&s, "a\0b", 3);
	assert_memory_equal(s.s, "a\0b", 4);
	str_free(&s);
	char *empty = str_take(&s);
	assert_string_equal(empty, "");
	free(empty);
}

static void test_str_int(void **state)
{
	(void)state;
	long long value = 7;
	assert_true(str_int("-5", -5, 5, &value));
	assert_int_equal(value, -5);
	assert_true(str_int("9223372036854775807", 0, INT64_MAX, &value));
	assert_true(value == INT64_MAX);
	static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "1x", "0x1", "--1", "9223372036854775808", "1.0", "6"};
	value = 7;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		UNIT_CASE(!str_int(bad[i], 0, i == 8 ? INT64_MAX : 5, &value), "\"%s\" was taken", bad[i]);
	assert_int_equal(value, 7);
}

static void test_str_copy_cuts_at_characters(void **state)
{
	(void)state;
	char out[8];
	assert_true(str_copy(out, sizeof out, "1234567"));
	assert_string_equal(out, "1234567");
	assert_false(str_copy(out, sizeof out, "12345\xc3\xa9\xc3\xa9"));
	assert_string_equal(out, "12345\xc3\xa9");
	assert_false(str_copy(out, sizeof out, "123456\xe2\x82\xac"));
	assert_string_equal(out, "123456");
	assert_false(str_copy(out, sizeof out, "12345\xf0\x9f\x93\x9e"));
	assert_string_equal(out, "12345");
	assert_false(str_copy(out, 1, "1"));
	assert_string_equal(out, "");
}

static void test_str_choices(void **state)
{
	(void)state;
	assert_true(str_is_choice("udp", "udp|tcp|tls"));
	assert_true(str_is_choice("tls", "udp|tcp|tls"));
	static const char *const bad[] = {"", "ud", "udpx", "udp|tcp", "|", "cp"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		UNIT_CASE(!str_is_choice(bad[i], "udp|tcp|tls"), "\"%s\" was taken", bad[i]);
	char *words = str_choices("udp|tcp|tls");
	assert_string_equal(words, "udp, tcp or tls");
	free(words);
}

static void test_utf8_char(void **state)
{
	(void)state;
	static const struct { const char *bytes; size_t size; } cases[] = {
		{"a", 1}, {"\xc3\xa9", 2}, {"\xe2\x82\xac", 3}, {"\xf0\x9f\x93\x9e", 4}, {"\xf4\x8f\xbf\xbf", 4}, {"\xed\x9f\xbf", 3},
		{"\xee\x80\x80", 3},
		{"\x80", 0}, {"\xc0\x80", 0}, {"\xc1\xbf", 0}, {"\xc3", 0}, {"\xc3(", 0}, {"\xe0\x9f\xbf", 0}, {"\xe2\x82", 0},
		{"\xed\xa0\x80", 0}, {"\xf0\x8f\xbf\xbf", 0}, {"\xf4\x90\x80\x80", 0}, {"\xf5\x80\x80\x80", 0}, {"\xff", 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t got = utf8_char(cases[i].bytes, strlen(cases[i].bytes));
		UNIT_CASE(got == cases[i].size, "case %zu: %zu", i, got);
	}
	assert_int_equal(utf8_char("", 0), 0);
	assert_true(utf8_valid("a\xc3\xa9", 3));
	assert_false(utf8_valid("a\xc3\xa9", 2));
}

static void test_utf8_clean(void **state)
{
	(void)state;
	char *text = utf8_clean("a\x01\xff\xc3\xa9\n\xc2\x9b" "b", 9, false);
	assert_string_equal(text, "a\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd" "b");
	free(text);
	text = utf8_clean("a\n\tb\r", 5, true);
	assert_string_equal(text, "a\n\tb\xef\xbf\xbd");
	free(text);
	assert_int_equal(utf8_columns("caf\xc3\xa9"), 4);
}

static void test_err(void **state)
{
	(void)state;
	struct err err = {0};
	assert_int_equal(err_set(&err, ERR_INVALID, "\"%s\" is wrong", "a\nb\x1b[2J\xff"), ERR_INVALID);
	assert_string_equal(err.text, "\"a b?[2J?\" is wrong");
	assert_int_equal(err_prefix(&err, "line %d", 3), ERR_INVALID);
	assert_string_equal(err.text, "line 3: \"a b?[2J?\" is wrong");
	err_set(&err, ERR_CONFIG, "%s, again", err.text);
	assert_string_equal(err.text, "line 3: \"a b?[2J?\" is wrong, again");
	assert_int_equal(err_set(NULL, ERR_BLOCKED, "x"), ERR_BLOCKED);
	err_prefix(NULL, "x");
	char longer[3000];
	memset(longer, 'x', sizeof longer);
	memcpy(longer + 1022, "\xc3\xa9", 2);
	longer[sizeof longer - 1] = '\0';
	err_set(&err, ERR_FAILED, "%s", longer);
	assert_int_equal(strlen(err.text), 1022);
	assert_true(utf8_valid(err.text, strlen(err.text)));
	err_set(&err, ERR_FAILED, "ends with a newline\n");
	assert_string_equal(err.text, "ends with a newline");
}

static void test_err_names(void **state)
{
	(void)state;
	static const struct { enum err_code code; const char *name; int status; } codes[] = {
		{ERR_FAILED, "failed", 1}, {ERR_USAGE, "usage", 64}, {ERR_INVALID, "invalid", 65}, {ERR_NOT_FOUND, "not_found", 65},
		{ERR_CONFLICT, "conflict", 65}, {ERR_UNAVAILABLE, "unavailable", 69}, {ERR_CANNOT_CREATE, "cannot_create", 73},
		{ERR_TRY_AGAIN, "try_again", 75}, {ERR_NOT_PERMITTED, "not_permitted", 77}, {ERR_CONFIG, "config", 78},
		{ERR_BLOCKED, "blocked", 10}, {ERR_NEEDS_ACK, "needs_ack", 11}, {ERR_NOT_ANSWERED, "not_answered", 12},
	};
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		assert_string_equal(err_name(codes[i].code), codes[i].name);
		assert_int_equal(err_by_name(codes[i].name), codes[i].code);
		assert_int_equal(err_exit_status(codes[i].code), codes[i].status);
	}
	assert_int_equal(err_by_name("none"), ERR_FAILED);
	assert_int_equal(err_by_name("unheard_of"), ERR_FAILED);
	assert_int_equal(err_exit_status(ERR_NONE), 0);
	assert_string_equal(err_name(-99), "failed");
}

static void test_csv(void **state)
{
	(void)state;
	struct str s = {0};
	csv_add(&s, "plain", 1);
	csv_add(&s, "", 0);
	csv_add(&s, NULL, 0);
	csv_add(&s, "a,b", 0);
	csv_add(&s, "say \"hi\"", 0);
	csv_add(&s, "two\nlines", 0);
	csv_add(&s, "+14155550100", 0);
	csv_end(&s);
	assert_string_equal(s.s, "plain,,,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",+14155550100\r\n");
	str_free(&s);
}

static void test_mem(void **state)
{
	(void)state;
	assert_null(xstrdup(NULL));
	char *s = xstrndup("abc", 2), *t = xasprintf("%s-%d", s, 7);
	assert_string_equal(t, "ab-7");
	mem_wipe(t, 4);
	assert_memory_equal(t, "\0\0\0\0", 5);
	mem_wipe(NULL, 3);
	free(s);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_str_grows), cmocka_unit_test(test_str_int),
		cmocka_unit_test(test_str_copy_cuts_at_characters), cmocka_unit_test(test_str_choices), cmocka_unit_test(test_utf8_char),
		cmocka_unit_test(test_utf8_clean), cmocka_unit_test(test_err), cmocka_unit_test(test_err_names),
		cmocka_unit_test(test_csv), cmocka_unit_test(test_mem),
	};
	return UNIT_RUN(tests);
}
