/* Texts from outside in cells of a terminal: nothing raw, nothing half, never wider than its place. */
#include "../lib/unit.h"
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/base/mem.h"
#include "../../src/base/utf8.h"
#include "../../src/console/text.h"

static const struct { const char *text; int columns; const char *shown; int used; } fits[] = {
	{"Bob Ray", 10, "Bob Ray", 7},
	{"Bob Ray", 7, "Bob Ray", 7},
	{"Bob Ray", 6, "Bob R\xe2\x80\xa6", 6},
	{"Bob Ray", 1, "\xe2\x80\xa6", 1},
	{"Bob Ray", 0, "", 0},
	{"", 5, "", 0},
	{"\xe6\xbc\xa2\xe5\xad\x97", 4, "\xe6\xbc\xa2\xe5\xad\x97", 4},                 /* two wide ones */
	{"\xe6\xbc\xa2\xe5\xad\x97", 3, "\xe6\xbc\xa2\xe2\x80\xa6", 3},
	{"\xe6\xbc\xa2\xe5\xad\x97", 2, "\xe2\x80\xa6", 1},                             /* never half of one */
	{"a\xcc\x81\xcc\x82\xcc\x83\xcc\x84" "b", 5, "a\xcc\x81\xcc\x82" "b", 2},       /* two marks stay */
	{"\033[2Jx", 9, "\xef\xbf\xbd[2Jx", 5},
	{"a\xc2\x9b" "31mb", 9, "a\xef\xbf\xbd" "31mb", 6},                             /* CSI as one character */
	{"a\nb\tc\x7f", 9, "a\xef\xbf\xbd" "b\xef\xbf\xbd" "c\xef\xbf\xbd", 6},
	{"a\xff\xfe" "b", 9, "a\xef\xbf\xbd\xef\xbf\xbd" "b", 4},
	/* what turns the direction goes */
	{"a\xe2\x80\xae" "b\xe2\x81\xa6" "c\xe2\x80\x8f", 9, "abc", 3},
	{"\xd9\x85\xd8\xad\xd9\x85\xd8\xaf", 3, "\xd9\x85\xd8\xad\xe2\x80\xa6", 3},     /* Arabic, cut */
	{"\xf0\x9f\x98\x80\xe2\x80\x8d\xf0\x9f\x98\x80!", 9, "\xf0\x9f\x98\x80\xf0\x9f\x98\x80!", 5},
	{"%n%s%x", 9, "%n%s%x", 6},
};

static void it_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(fits) / sizeof(fits[0]); i++) {
		int used;
		char *shown = text_fit(fits[i].text, fits[i].columns, TEXT_UTF8, &used);

		UNIT_CASE(!strcmp(shown, fits[i].shown), "case %zu: \"%s\", not \"%s\"", i, shown, fits[i].shown);
		UNIT_CASE(used == fits[i].used, "case %zu: %d columns, not %d", i, used, fits[i].used);
		free(shown);
	}
}

/* Whatever the bytes, it is valid, has no control character and is not too wide. */
static void any_bytes(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int n = 0; n < 20000; n++) {
		char bytes[40];
		size_t len = (size_t)(n % 39);
		int columns = n % 12, used;
		char *shown;

		for (size_t i = 0; i < len; i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] = (char)(seed >> 16 | 1);
		}
		bytes[len] = '\0';
		shown = text_fit(bytes, columns, n & 1 ? TEXT_UTF8 : TEXT_ASCII, &used);
		UNIT_CASE(used <= columns, "%d columns in %d", used, columns);
		UNIT_CASE(utf8_valid(shown, strlen(shown)), "round %d is not UTF-8", n);
		UNIT_CASE((int)utf8_columns(shown) == used, "round %d: %zu columns, said %d", n, utf8_columns(shown),
			used);
		for (const char *s = shown; *s; s++)
			UNIT_CASE((unsigned char)*s >= ' ' && *s != 0x7f && (n & 1 || (unsigned char)*s < 0x80),
				"round %d has a byte %d",
				n, (unsigned char)*s);
		free(shown);
	}
}

static void ascii(void **state)
{
	int used;
	char *shown = text_fit("J\xc3\xbcrgen \xe6\xbc\xa2\xcc\x81!", 20, TEXT_ASCII, &used);

	(void)state;
	assert_string_equal(shown, "J?rgen ?!");
	assert_int_equal(used, 9);
	free(shown);
	shown = text_fit("J\xc3\xbcrgen", 4, TEXT_ASCII, NULL);
	assert_string_equal(shown, "J?r~");
	free(shown);
}

static void lines_are_broken_at_blanks(void **state)
{
	static const struct { const char *text; int columns; size_t len, next; } lines[] = {
		{"one two three", 8, 7, 8}, {"one two three", 13, 13, 13}, {"one two", 3, 3, 4}, {"abcdefgh", 3, 3, 3},
		{"a\nb", 9, 1, 2}, {"\n", 9, 0, 1}, {"\xe6\xbc\xa2", 1, 3, 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		size_t next, len = text_line(lines[i].text, lines[i].columns, TEXT_UTF8, &next);

		UNIT_CASE(len == lines[i].len && next == lines[i].next, "line %zu: %zu bytes, then %zu", i, len, next);
	}
}

static void words(void **state)
{
	char time[TEXT_TIME], number[80];

	(void)state;
	assert_string_equal(text_duration(-5, time), "0:00");
	assert_string_equal(text_duration(61999, time), "1:01");
	assert_string_equal(text_duration(3723000, time), "1:02:03");
	assert_string_equal(text_number("+14155550100", number), "+1 415 555 0100");
	assert_string_equal(text_number("+442079460958", number), "+442079460958");
	assert_string_equal(text_number("+1415555010x", number), "+1415555010x");
	assert_string_equal(text_words("not_found", number), "not found");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_fits),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(ascii),
		cmocka_unit_test(lines_are_broken_at_blanks),
		cmocka_unit_test(words),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return UNIT_RUN(tests);
}
