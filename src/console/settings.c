/* settings.c - the console's part of spctl.conf. */
#include "settings.h"
#include <stdlib.h>
#include <string.h>
#include "../base/home.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "theme.h"

const struct conf_key settings_console[] = {
	{"console.bell", CONF_BOOL, 0, 0, NULL, "yes", "Whether the terminal's bell rings for a call that comes in."},
	{"console.mouse", CONF_BOOL, 0, 0, NULL, "yes", "Whether the mouse does anything."},
	{"console.notify", CONF_BOOL, 0, 0, NULL, "yes",
		"Whether the terminal is asked to show a notification for a call that comes in."},
	{"console.theme", CONF_CHOICE, 0, 0, THEME_NAMES, "dark", "The colours."},
	{"console.title", CONF_BOOL, 0, 0, NULL, "yes", "Whether the window's title tells the state."},
	{0},
};

/* The engine's own. */
static const char *const elsewhere[] = {"engine.*", "log.*", "sip.*", "sound.*"};
enum { ELSEWHERE = sizeof(elsewhere) / sizeof(elsewhere[0]), MOST = 8 + ELSEWHERE + REQUESTS };

/* The table of the file: ours, the engine's, and key.NAME for each request. Its names of keys are freed by
 * free_keys(). */
static size_t make_keys(struct conf_key *keys)
{
	size_t n = 0;

	for (; settings_console[n].name; n++)
		keys[n] = settings_console[n];
	for (size_t i = 0; i < ELSEWHERE; i++)
		keys[n++] = (struct conf_key){.name = elsewhere[i], .type = CONF_ELSEWHERE};
	for (int r = REQ_NONE + 1; r < REQUESTS; r++)
		keys[n++] = (struct conf_key){.name = xasprintf("key.%s", requests[r].name), .type = CONF_TEXT,
			.max = 80};
	return n;
}

static void free_keys(struct conf_key *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_starts(keys[i].name, "key."))
			free((char *)keys[i].name);
}

/* The line that rebinds one of two requests in conflict: the later one of the file is to blame. */
static int line_of(const struct conf *conf, enum request one, enum request other)
{
	char *a = xasprintf("key.%s", requests[one].name), *b = xasprintf("key.%s", requests[other].name);
	int line_a = conf_line(conf, a), line_b = conf_line(conf, b);

	free(a);
	free(b);
	return line_a > line_b ? line_a : line_b;
}

static int take_bindings(struct settings *settings, const struct conf *conf, const char *name, struct err *err)
{
	enum request one, other;

	for (int r = REQ_NONE + 1; r < REQUESTS; r++) {
		char *key = xasprintf("key.%s", requests[r].name);
		const char *text = conf_text(conf, key);
		int line = conf_line(conf, key);

		free(key);
		if (text && keys_bind(&settings->keys, (enum request)r, text, err) < 0)
			return err_prefix(err, "%s, line %d", name, line);
	}
	if (keys_check(&settings->keys, &one, &other, err) < 0)
		return err_prefix(err, "%s, line %d", name, line_of(conf, one, other));
	return 0;
}

static int take(struct settings *settings, const struct conf *conf, const char *name, struct err *err)
{
	keys_preset(&settings->keys);
	str_copy(settings->theme, sizeof(settings->theme), conf_text(conf, "console.theme"));
	settings->bell = conf_bool(conf, "console.bell");
	settings->mouse = conf_bool(conf, "console.mouse");
	settings->notify = conf_bool(conf, "console.notify");
	settings->title = conf_bool(conf, "console.title");
	return take_bindings(settings, conf, name, err);
}

int settings_parse(struct settings *settings, const char *name, const char *text, size_t len, struct err *err)
{
	struct conf_key keys[MOST];
	size_t count = make_keys(keys);
	struct conf conf;
	int status = conf_parse(&conf, keys, count, name, text, len, err);

	if (status >= 0)
		status = take(settings, &conf, name, err);
	conf_free(&conf);
	free_keys(keys, count);
	return status;
}

int settings_load(struct settings *settings, struct err *err)
{
	struct conf_key keys[MOST];
	size_t count;
	struct home home;
	struct conf conf;
	int status = home_find(&home, false, err);

	if (status < 0)
		return status;
	count = make_keys(keys);
	status = conf_read(&conf, keys, count, home.conf, err);
	if (status >= 0)
		status = take(settings, &conf, home.conf, err);
	conf_free(&conf);
	free_keys(keys, count);
	home_free(&home);
	return status;
}
