/* Settings files. */
#include "../lib/unit.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../src/base/conf.h"
#include "../lib/folder.h"

static const struct conf_key keys[] = {
	{.name = "name", .type = CONF_TEXT, .max = 10, .preset = "anna"},
	{.name = "note", .type = CONF_TEXT},
	{.name = "seconds", .type = CONF_INT, .min = -5, .max = 300, .preset = "30"},
	{.name = "record", .type = CONF_BOOL, .preset = "yes"},
	{.name = "device", .type = CONF_CHOICE, .choices = "auto|none|alsa", .preset = "auto"},
	{.name = "file", .type = CONF_PATH},
};
enum { KEYS = sizeof keys / sizeof keys[0] };

static int parse(struct conf *conf, const char *text, struct err *err)
{
	return conf_parse(conf, keys, KEYS, "spctl.conf", text, strlen(text), err);
}

static void test_presets(void **state)
{
	(void)state;
	struct conf conf;
	assert_int_equal(parse(&conf, "", NULL), 0);
	assert_string_equal(conf_text(&conf, "name"), "anna");
	assert_null(conf_text(&conf, "note"));
	assert_int_equal(conf_int(&conf, "seconds"), 30);
	assert_true(conf_bool(&conf, "record"));
	assert_null(conf_text(&conf, "no such key"));
	conf_free(&conf);
	conf_free(&conf);
}

static void test_values(void **state)
{
	(void)state;
	struct conf conf;
	struct err err = {0};
	const char *text = "# a comment\n\n  name = b\xc3\xb6rn\r\nnote=a = b # not a comment\n\tseconds\t=\t-5\nrecord = off\n"
		"device = none\nfile = /a b/c";
	assert_int_equal(parse(&conf, text, &err), 0);
	assert_string_equal(conf_text(&conf, "name"), "b\xc3\xb6rn");
	assert_string_equal(conf_text(&conf, "note"), "a = b # not a comment");
	assert_int_equal(conf_int(&conf, "seconds"), -5);
	assert_false(conf_bool(&conf, "record"));
	assert_string_equal(conf_text(&conf, "device"), "none");
	assert_string_equal(conf_text(&conf, "file"), "/a b/c");
	conf_free(&conf);
	assert_int_equal(parse(&conf, "name =\n", &err), 0);
	assert_string_equal(conf_text(&conf, "name"), "");
	conf_free(&conf);
}

static void test_mistakes(void **state)
{
	(void)state;
	static const struct { const char *text, *says; } cases[] = {
		{"\nnonsense\n", "spctl.conf, line 2: \"nonsense\" is not a setting: write \"key = value\""},
		{"= 5\n", "spctl.conf, line 1: \"= 5\" is not a setting: write \"key = value\""},
		{"colour = red\n", "spctl.conf, line 1: there is no setting \"colour\" (its value here is \"red\")"},
		{"seconds = 301\n", "spctl.conf, line 1: \"seconds\" is \"301\": it must be a whole number from -5 to 300"},
		{"seconds = 1s\n", "spctl.conf, line 1: \"seconds\" is \"1s\": it must be a whole number from -5 to 300"},
		{"seconds =\n", "spctl.conf, line 1: \"seconds\" is \"\": it must be a whole number from -5 to 300"},
		{"record = maybe\n", "spctl.conf, line 1: \"record\" is \"maybe\": it must be yes or no"},
		{"device = aut\n", "spctl.conf, line 1: \"device\" is \"aut\": it must be auto, none or alsa"},
		{"device = auto|none\n", "spctl.conf, line 1: \"device\" is \"auto|none\": it must be auto, none or alsa"},
		{"device =\n", "spctl.conf, line 1: \"device\" is \"\": it must be auto, none or alsa"},
		{"file = a\n", "spctl.conf, line 1: \"file\" is \"a\": it must be a path that begins with \"/\""},
		{"name = 12345678901\n", "spctl.conf, line 1: \"name\" has 11 bytes: it must have 0 to 10"},
		{"name = a\nname = b\n", "spctl.conf, line 2: \"name\" is set a second time (to \"b\"): keep one of the lines"},
		{"name = a\nname\xff = b\n", "spctl.conf, line 2: it is not UTF-8 text"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct conf conf;
		struct err err = {0};
		int status = parse(&conf, cases[i].text, &err);
		UNIT_CASE(status == ERR_CONFIG && strcmp(err.text, cases[i].says) == 0, "case %zu: %s", i, err.text);
		assert_string_equal(conf_text(&conf, "name"), "anna");
		conf_free(&conf);
	}
	struct conf conf;
	assert_int_equal(conf_parse(&conf, keys, KEYS, "x", "name\0=b", 7, NULL), ERR_CONFIG);
	conf_free(&conf);
}

static void test_files(void **state)
{
	(void)state;
	char folder[32], path[64];
	struct conf conf;
	struct err err = {0};
	assert_non_null(folder_new(folder));
	snprintf(path, sizeof path, "%s/spctl.conf", folder);
	assert_int_equal(conf_read(&conf, keys, KEYS, path, &err), 0);
	assert_int_equal(conf_int(&conf, "seconds"), 30);
	conf_free(&conf);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("seconds = 60\n", file);
	fclose(file);
	assert_int_equal(conf_read(&conf, keys, KEYS, path, &err), 0);
	assert_int_equal(conf_int(&conf, "seconds"), 60);
	conf_free(&conf);
	assert_int_equal(conf_read(&conf, keys, KEYS, folder, &err), ERR_CONFIG);
	assert_non_null(strstr(err.text, folder));
	conf_free(&conf);
	assert_int_equal(truncate(path, 2 << 20), 0);
	assert_int_equal(conf_read(&conf, keys, KEYS, path, &err), ERR_CONFIG);
	assert_int_equal(conf_int(&conf, "seconds"), 30);
	conf_free(&conf);
	folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_presets), cmocka_unit_test(test_values), cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_files),
	};
	return UNIT_RUN(tests);
}
