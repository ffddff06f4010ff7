/* test_pages.c - spctl-api(7) tells of every method, parameter and event, spctl.conf(5) of every setting, and of
 * nothing else. */
#include "../lib/unit.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/base/mem.h"
#include "../../src/base/str.h"
#include "../../src/engine/engine.h"
#include "../../src/engine/settings.h"
#include "../../src/proto/method.h"

/* What methods.c needs of spctld's main.c, which is not linked here. */
void engine_stop_begin(struct engine *engine)
{
	(void)engine;
}

/* The pages of the tree that this file was compiled in. */
static char *page(const char *name)
{
	char *top = xstrndup(__FILE__, strlen(__FILE__) - strlen("tests/cli/test_pages.c"));
	char *path = xasprintf("%sman/%s", top, name);
	struct str text = {0};
	char bytes[4096];
	size_t n;
	FILE *file = fopen(path, "re");

	UNIT_CASE(file, "%s cannot be read", path);
	str_add(&text, "\n");
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		str_addn(&text, bytes, n);
	fclose(file);
	free(path);
	free(top);
	return str_take(&text);
}

/* The text from a heading line to the next heading of its kind or above.  NULL when there is none. */
static char *section(const char *text, const char *heading)
{
	char *line = xasprintf("\n%s\n", heading);
	const char *start = strstr(text, line), *end, *above;
	char *found = NULL;

	if (start) {
		start += strlen(line) - 1;
		end = strstr(start, str_starts(heading, ".Sh") ? "\n.Sh " : "\n.Ss ");
		above = strstr(start, "\n.Sh ");
		if (!end || (above && above < end))
			end = above;
		found = end ? xstrndup(start, (size_t)(end - start) + 1) : xstrdup(start);
	}
	free(line);
	return found;
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, what)); at++)
		n++;
	return n;
}

static bool has_line(const char *text, const char *line)
{
	char *whole = xasprintf("\n%s\n", line);
	bool has = strstr(text, whole) != NULL;

	free(whole);
	return has;
}

/* ---- spctl-api(7) ----------------------------------------------------------------------------------------------- */

static void add_type(struct str *out, const struct param *param)
{
	static const char *const names[] = {
		[PARAM_TEXT] = "text", [PARAM_BOOL] = "true or false", [PARAM_TIME] = "time", [PARAM_DATE] = "date",
		[PARAM_TEXTS] = "list of texts",
	};

	if (param->type != PARAM_INT)
		str_add(out, names[param->type]);
	else if (param->max == INT64_MAX)
		str_addf(out, "whole number from %" PRId64, param->min);
	else
		str_addf(out, "whole number, %" PRId64 " to %" PRId64, param->min, param->max);
	for (const char *c = param->choices; c; c = strchr(c, '|') ? strchr(c, '|') + 1 : NULL)
		str_addf(out, "%s%.*s", c == param->choices ? ": " : ", ", (int)strcspn(c, "|"), c);
}

/* The line that begins a parameter's entry. */
static char *entry_of(const struct param *param)
{
	struct str line = {0};

	str_addf(&line, ".It Va %s Pq ", param->name);
	add_type(&line, param);
	str_addf(&line, "%s%s", param->required ? ", required" : "", 
		!param->clears ? "" : param->type == PARAM_INT ? ", null clears" : ", empty clears");
	return str_take(&line);
}

/* The line of the common parameters that a method takes. */
static char *common_of(const struct method *method)
{
	struct str line = {0};

	for (const struct param *param = method_common; param->name; param++)
		if (method_param(method, param->name) == param)
			str_addf(&line, "%s%s", line.len ? " , " : ".Va ", param->name);
	str_add(&line, line.len ? " ." : "");
	return str_take(&line);
}

static void check_method(const char *methods_text, const struct method *method)
{
	char *heading = xasprintf(".Ss %s", method->name), *text = section(methods_text, heading), *line;
	size_t params = 0;

	UNIT_CASE(text, "spctl-api(7) has no section %s", method->name);
	for (const struct param *param = method->params; param && param->name; param++, params++) {
		line = entry_of(param);
		UNIT_CASE(has_line(text, line), "spctl-api(7), %s: there is no line %s", method->name, line);
		free(line);
	}
	UNIT_CASE(count(text, "\n.It Va ") == params, "spctl-api(7), %s: it has %zu parameters, not %zu", method->name,
		params, count(text, "\n.It Va "));
	line = common_of(method);
	UNIT_CASE(!*line || has_line(text, line), "spctl-api(7), %s: there is no line %s", method->name, line);
	UNIT_CASE(!*line == !strstr(text, "\nAlso takes\n"), "spctl-api(7), %s: it takes no common parameter",
		method->name);
	free(line);
	free(text);
	free(heading);
}

static void the_page_has_every_method(void **state)
{
	char *text = page("spctl-api.7"), *methods_text = section(text, ".Sh METHODS");
	size_t n = 0;

	(void)state;
	assert_non_null(methods_text);
	for (const struct method *method = methods; method->name; method++, n++)
		check_method(methods_text, method);
	UNIT_CASE(count(methods_text, "\n.Ss ") == n, "spctl-api(7) has %zu methods, there are %zu",
		count(methods_text, "\n.Ss "), n);
	free(methods_text);
	free(text);
}

static void the_page_has_each_role(void **state)
{
	static const char *const roles[] = {
		[ROLE_AGENT] = "agent", [ROLE_SUPERVISOR] = "supervisor", [ROLE_ADMIN] = "admin"};
	char *all = page("spctl-api.7"), *methods_text = section(all, ".Sh METHODS");

	(void)state;
	for (const struct engine_method *method = engine_methods; method->name; method++) {
		char *heading = xasprintf(".Ss %s", method->name), *text = section(methods_text, heading);
		char *line = method->needs ? xasprintf(".Cm %s .", roles[method->needs]) : NULL;

		UNIT_CASE(text, "spctl-api(7) has no section %s", method->name);
		UNIT_CASE(!line == !strstr(text, "\nLeast role:\n"), "spctl-api(7), %s: everybody may call it",
			method->name);
		UNIT_CASE(!line || has_line(text, line), "spctl-api(7), %s: the role is %s", method->name, line);
		free(line);
		free(text);
		free(heading);
	}
	free(methods_text);
	free(all);
}

static void the_page_has_every_event(void **state)
{
	char *text = page("spctl-api.7"), *events = section(text, ".Sh EVENTS");
	size_t n = 0;

	(void)state;
	assert_non_null(events);
	for (const struct event_kind *kind = event_kinds; kind->name; kind++, n++) {
		char *line = xasprintf(".It Li %s", kind->name);

		UNIT_CASE(has_line(events, line), "spctl-api(7): there is no line %s", line);
		free(line);
	}
	assert_int_equal(count(events, "\n.It Li "), n);
	free(events);
	free(text);
}

/* The common parameters, and the error codes with their numbers on the wire. */
static void the_page_has_what_is_common(void **state)
{
	char *text = page("spctl-api.7"), *line;

	(void)state;
	for (const struct param *param = method_common; param->name; param++) {
		line = xasprintf(".It Va %s", param->name);
		UNIT_CASE(has_line(text, line), "spctl-api(7): there is no line %s", line);
		free(line);
	}
	for (int code = ERR_NOT_ANSWERED; code < 0; code++) {
		line = xasprintf("\n.It Li %s Ta ", err_name((enum err_code)code));
		UNIT_CASE(count(text, line) == 1, "spctl-api(7): the error %s is not in its table",
			err_name((enum err_code)code));
		free(line);
		line = xasprintf(", %d\n", err_exit_status((enum err_code)code));
		UNIT_CASE(strstr(text, line), "spctl-api(7): no error has the exit status %d",
			err_exit_status((enum err_code)code));
		free(line);
	}
	free(text);
}

/* ---- spctl.conf(5) ---------------------------------------------------------------------------------------------- */

static void the_page_has_every_setting(void **state)
{
	char *text = page("spctl.conf.5"), *line;

	(void)state;
	for (size_t i = 0; i < settings_count; i++) {
		const struct conf_key *key = &settings_keys[i];
		const char *entry;

		line = xasprintf("\n.It Va %s No = ", key->name);
		entry = strstr(text, line);
		UNIT_CASE(entry, "spctl.conf(5) has no setting %s", key->name);
		free(line);
		char *only = xstrdup(entry), *next = strstr(only + 1, "\n.It ");
		if (next)
			next[1] = '\0';
		line = xasprintf("\n.Li %s .\n", key->preset ? key->preset : "");
		UNIT_CASE(!key->preset || strstr(only, line), "spctl.conf(5): the default of %s is %s", key->name,
			key->preset);
		free(line);
		line = xasprintf("whole number from %" PRId64 " to %" PRId64, key->min, key->max);
		UNIT_CASE(key->type != CONF_INT || strstr(only, line), "spctl.conf(5): %s is a %s", key->name, line);
		free(line);
		free(only);
	}
	UNIT_CASE(count(text, "\n.It Va ") == settings_count, "spctl.conf(5) has %zu settings, there are %zu",
		count(text, "\n.It Va "), settings_count);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_has_every_method),
		cmocka_unit_test(the_page_has_each_role),
		cmocka_unit_test(the_page_has_every_event),
		cmocka_unit_test(the_page_has_what_is_common),
		cmocka_unit_test(the_page_has_every_setting),
	};

	return UNIT_RUN(tests);
}
