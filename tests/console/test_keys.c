/* The table of keys, keys by name, and what may be rebound. */
#include "../lib/unit.h"
#include <stdlib.h>
#include <string.h>
#include "../../src/base/mem.h"
#include "../../src/console/settings.h"

static void the_table_is_whole(void **state)
{
	struct keys keys;
	enum request one, other;
	struct err err = {0};

	(void)state;
	keys_preset(&keys);
	for (int r = REQ_NONE + 1; r < REQUESTS; r++) {
		const struct request_info *info = &requests[r];

		UNIT_CASE(info->name && *info->name && *info->brief && *info->help, "request %d lacks words", r);
		UNIT_CASE(info->help[strlen(info->help) - 1] == '.', "%s: the help is no sentence", info->name);
		for (int other_r = REQ_NONE + 1; other_r < r; other_r++)
			UNIT_CASE(strcmp(requests[other_r].name, info->name), "%s stands twice", info->name);
		UNIT_CASE(keys.of[r][0], "%s has no key, or one that is none: %s", info->name, info->keys);
	}
	UNIT_CASE(keys_check(&keys, &one, &other, &err) == 0, "%s", err.text);
}

static void no_typed_key_changes_a_call(void **state)
{
	struct keys keys;
	struct err err = {0};

	(void)state;
	keys_preset(&keys);
	for (int r = REQ_HANGUP; r <= REQ_MUTE; r++)
		for (int i = 0; i < KEYS_EACH; i++)
			UNIT_CASE(!key_is_typed(keys.of[r][i]), "%s has a key that can be typed", requests[r].name);
	assert_int_equal(keys_bind(&keys, REQ_HANGUP, "F5 x", &err), ERR_CONFIG);
	assert_non_null(strstr(err.text, "hangup"));
	assert_int_equal(keys.of[REQ_HANGUP][0], K_F1 + 9);
}

static void names(void **state)
{
	static const char *const good[] = {"F1", "F12", "Ctrl-X", "Alt-1", "Alt-\xc3\xbc", "Enter", "Tab", "Esc",
		"Space", "PgUp",
		"Shift-Tab", "a", "?", ":", "\xc3\xbc", "\xe6\xbc\xa2", "\xf0\x9f\x98\x80"};
	static const char *const bad[] = {"", "F0", "F13", "F1x", "Ctrl-", "Ctrl-x", "Ctrl-M", "Ctrl-XX", "Alt-",
		"Alt-ab", "ab",
		"enter", "\xff", "Meta-x"};
	char out[16];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		keycode key = key_by_name(good[i], strlen(good[i]));

		UNIT_CASE(key, "%s is no key", good[i]);
		UNIT_CASE(!strcmp(keycode_name(key, out), good[i]), "%s becomes %s", good[i], out);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		UNIT_CASE(!key_by_name(bad[i], strlen(bad[i])), "\"%s\" is a key", bad[i]);
}

static void finding(void **state)
{
	struct keys keys;

	(void)state;
	keys_preset(&keys);
	assert_int_equal(keys_find(&keys, K_ENTER, PLACE_PHONE), REQ_DIAL);
	assert_int_equal(keys_find(&keys, K_ENTER, PLACE_MODAL), REQ_ACCEPT);
	assert_int_equal(keys_find(&keys, K_F1 + 9, PLACE_PHONE), REQ_HANGUP);
	assert_int_equal(keys_find(&keys, 'a', PLACE_PHONE), REQ_NONE);
	assert_int_equal(keys_find(&keys, 'a', PLACE_INCOMING), REQ_ANSWER);
	assert_int_equal(keys_find(&keys, K_NONE, PLACE_PHONE), REQ_NONE);
}

static int parse(struct settings *settings, const char *text, struct err *err)
{
	return settings_parse(settings, "spctl.conf", text, strlen(text), err);
}

static void settings_good(void **state)
{
	struct settings settings;
	struct err err = {0};

	(void)state;
	UNIT_CASE(parse(&settings, "", &err) == 0, "%s", err.text);
	assert_string_equal(settings.theme, "dark");
	assert_true(settings.mouse);
	UNIT_CASE(parse(&settings, "sound.device = none\nlog.level = debug\nconsole.theme = mono\nconsole.mouse = no\n"
		"key.hangup = F5\nkey.team = Alt-9\n", &err) == 0, "%s", err.text);
	assert_string_equal(settings.theme, "mono");
	assert_false(settings.mouse);
	assert_int_equal(keys_find(&settings.keys, K_F1 + 4, PLACE_PHONE), REQ_HANGUP);
	assert_int_equal(keys_find(&settings.keys, K_F1 + 9, PLACE_PHONE), REQ_NONE);
}

static void settings_bad(void **state)
{
	static const struct { const char *text, *say; } cases[] = {
		{"# x\nkey.nonsense = F5\n", "spctl.conf, line 2"},
		{"key.hangup = x\n", "spctl.conf, line 1"},
		{"key.hangup = Foo\n", "spctl.conf, line 1"},
		{"console.theme = pink\n", "spctl.conf, line 1"},
		{"console.nonsense = 1\n", "spctl.conf, line 1"},
		{"console.mouse = no\nkey.hold = F9\n",
			"spctl.conf, line 2: F9 would be the key of both \"hold\" and \"mute\""},
		{"key.mute = F5\nkey.hold = F9\nkey.dial = F1\n", "spctl.conf, line 3: F1"},
		{"key.hold = F1 F2 F3 F4 F5\n", "more than"},
		{"key.hold = F8\nkey.hold = F8\n", "second time"},
	};
	struct settings settings;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = {0};

		UNIT_CASE(parse(&settings, cases[i].text, &err) == ERR_CONFIG, "taken: %s", cases[i].text);
		UNIT_CASE(strstr(err.text, cases[i].say), "%s is refused with: %s", cases[i].text, err.text);
	}
}

static void edits_to(const char *before, const char *value, const char *after)
{
	char *text = settings_edit(before, "console.theme", value);

	UNIT_CASE(!strcmp(text, after), "\"%s\" becomes \"%s\", not \"%s\"", before, text, after);
	free(text);
}

static void one_line_is_written(void **state)
{
	(void)state;
	edits_to("", "light", "console.theme = light\n");
	edits_to("# a\n\nx = 1\n", "light", "# a\n\nx = 1\nconsole.theme = light\n");
	edits_to("# a\nx = 1", "light", "# a\nx = 1\nconsole.theme = light\n");
	edits_to("a = 1\n  console.theme\t=dark # no comment\nb = 2\n", "light",
		"a = 1\nconsole.theme = light\nb = 2\n");
	edits_to("# console.theme = dark\nconsole.themes = 1\n", "mono",
		"# console.theme = dark\nconsole.themes = 1\nconsole.theme = mono\n");
	edits_to("a = 1\nconsole.theme = dark\nconsole.theme = mono\n", "light", "a = 1\nconsole.theme = light\n");
	edits_to("a = 1\nconsole.theme = dark\n# b\n", NULL, "a = 1\n# b\n");
	edits_to("a = 1\n", NULL, "a = 1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_whole),
		cmocka_unit_test(no_typed_key_changes_a_call),
		cmocka_unit_test(names),
		cmocka_unit_test(finding),
		cmocka_unit_test(settings_good),
		cmocka_unit_test(settings_bad),
		cmocka_unit_test(one_line_is_written),
	};

	return UNIT_RUN(tests);
}
