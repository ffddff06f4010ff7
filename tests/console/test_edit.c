/* The line editor: characters, moves, deletions, what may not get in. */
#include "../lib/unit.h"
#include <locale.h>
#include "../../src/console/edit.h"

static void type(struct edit *edit, const char *keys)
{
	for (; *keys; keys++)
		edit_key(edit, (keycode)(unsigned char)*keys);
}

static void typing_and_moving(void **state)
{
	struct edit edit;

	(void)state;
	edit_init(&edit, 100);
	type(&edit, "one two");
	assert_string_equal(edit.text, "one two");
	edit_key(&edit, K_ALT + 'b');
	assert_int_equal(edit.cursor, 4);
	type(&edit, "and ");
	assert_string_equal(edit.text, "one and two");
	edit_key(&edit, K_HOME);
	assert_int_equal(edit.cursor, 0);
	edit_key(&edit, K_ALT + 'f');
	assert_int_equal(edit.cursor, 3);
	edit_key(&edit, K_LEFT);
	edit_key(&edit, K_DELETE);
	assert_string_equal(edit.text, "on and two");
	edit_key(&edit, K_END);
	edit_key(&edit, K_BACKSPACE);
	assert_string_equal(edit.text, "on and tw");
	edit_free(&edit);
}

static void deleting_and_bringing_back(void **state)
{
	struct edit edit;

	(void)state;
	edit_init(&edit, 100);
	edit_insert(&edit, "one two three");
	edit_key(&edit, 'W' - '@');
	assert_string_equal(edit.text, "one two ");
	edit_key(&edit, 'Y' - '@');
	assert_string_equal(edit.text, "one two three");
	edit_key(&edit, 'U' - '@');
	assert_string_equal(edit.text, "");
	edit_key(&edit, 'Y' - '@');
	edit_key(&edit, 'A' - '@');
	edit_key(&edit, K_ALT + 'd');
	assert_string_equal(edit.text, " two three");
	edit_key(&edit, 'K' - '@');
	assert_string_equal(edit.text, "");
	edit_free(&edit);
}

/* A character is what is seen: its bytes and what combines with it go together. */
static void characters_are_whole(void **state)
{
	struct edit edit;

	(void)state;
	edit_init(&edit, 100);
	edit_insert(&edit, "e\xcc\x81\xe6\xbc\xa2");       /* e with an accent that combines, and a wide one */
	edit_key(&edit, K_BACKSPACE);
	assert_string_equal(edit.text, "e\xcc\x81");
	edit_key(&edit, K_LEFT);
	assert_int_equal(edit.cursor, 0);
	edit_key(&edit, K_RIGHT);
	assert_int_equal(edit.cursor, 3);
	edit_key(&edit, K_BACKSPACE);
	assert_string_equal(edit.text, "");
	edit_key(&edit, 0x1f600);
	assert_string_equal(edit.text, "\xf0\x9f\x98\x80");
	edit_free(&edit);
}

static void what_is_pasted_is_cleaned(void **state)
{
	struct edit edit;

	(void)state;
	edit_init(&edit, 100);
	edit_insert(&edit, "a\033[31mb\xff\x01\xc2\x9b" "c\nd\te");
	assert_string_equal(edit.text, "a[31mbc d e");
	edit_set(&edit, "");
	edit.lines = true;
	edit_insert(&edit, "a\r\nb\rc\n");
	assert_string_equal(edit.text, "a\nb\nc\n");
	edit_free(&edit);
}

static void a_number_takes_what_numbers_have(void **state)
{
	struct edit edit;

	(void)state;
	edit_init(&edit, 20);
	edit.only = "0123456789+*#()-. ";
	edit_insert(&edit, "Tel. (415) 555-0100 x\n");
	assert_string_equal(edit.text, ". (415) 555-0100 ");
	assert_false(edit_key(&edit, 'k'));
	assert_true(edit_key(&edit, '1'));
	edit_free(&edit);
}

static void no_more_than_the_most(void **state)
{
	struct edit edit;

	(void)state;
	edit_init(&edit, 4);
	edit_insert(&edit, "abc\xe6\xbc\xa2" "d");
	assert_string_equal(edit.text, "abcd");
	assert_int_equal(edit.len, 4);
	edit_free(&edit);
}

static void lines_up_and_down(void **state)
{
	struct edit edit;

	(void)state;
	edit_init(&edit, 100);
	assert_false(edit_key(&edit, K_ENTER));
	assert_false(edit_key(&edit, K_UP));
	edit.lines = true;
	edit_insert(&edit, "long line\nab\nthird");
	edit_key(&edit, K_UP);
	assert_int_equal(edit.cursor, 12);
	edit_key(&edit, K_UP);
	assert_int_equal(edit.cursor, 2);
	edit_key(&edit, K_UP);
	assert_int_equal(edit.cursor, 2);
	edit_key(&edit, K_DOWN);
	assert_int_equal(edit.cursor, 12);
	edit_key(&edit, K_ENTER);
	assert_string_equal(edit.text, "long line\nab\n\nthird");
	edit_free(&edit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typing_and_moving),
		cmocka_unit_test(deleting_and_bringing_back),
		cmocka_unit_test(characters_are_whole),
		cmocka_unit_test(what_is_pasted_is_cleaned),
		cmocka_unit_test(a_number_takes_what_numbers_have),
		cmocka_unit_test(no_more_than_the_most),
		cmocka_unit_test(lines_up_and_down),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return UNIT_RUN(tests);
}
