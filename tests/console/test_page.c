/* spctl-console(1) is held to the table of keys and to the settings. */
#include "../lib/unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/base/mem.h"
#include "../../src/console/keys.h"
#include "../../src/console/settings.h"

static char *page(void)
{
	const char *top = getenv("TOP");
	char *path = xasprintf("%s/man/spctl-console.1", top ? top : "."), *text = xcalloc(1, 1 << 20);
	FILE *file = fopen(path, "r");

	UNIT_CASE(file, "cannot open %s", path);
	text[fread(text, 1, (1 << 20) - 1, file)] = '\0';
	fclose(file);
	free(path);
	return text;
}

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

/* "F1 ?" as the page writes it, "F1 , ?". */
static char *keys_on_the_page(const char *keys)
{
	char *out = xcalloc(1, strlen(keys) * 3 + 1), *at = out;

	for (; *keys; keys++) {
		if (*keys == ' ')
			*at++ = ' ', *at++ = ',';
		*at++ = *keys;
	}
	return out;
}

static void the_page_has_every_action(void **state)
{
	char *text = page();
	size_t shown = 0;

	(void)state;
	for (int r = REQ_NONE + 1; r < REQUESTS; r++) {
		char *keys = keys_on_the_page(requests[r].keys);
		char *entry = xasprintf("\n.It Cm %s Pq Li %s\n%s\n", requests[r].name, keys, requests[r].help);

		shown += requests[r].places != 0;
		UNIT_CASE(!requests[r].places || strstr(text, entry), "spctl-console(1) lacks:%s", entry);
		free(entry);
		free(keys);
	}
	UNIT_CASE(count(text, "\n.It Cm ") == shown, "spctl-console(1) has %zu actions, there are %zu",
		count(text, "\n.It Cm "), shown);
	free(text);
}

static void the_page_has_every_setting(void **state)
{
	char *text = page();

	(void)state;
	for (const struct conf_key *key = settings_console; key->name; key++) {
		char *entry = xasprintf("\n.It Va %s No = ", key->name),
			*preset = xasprintf("\n.Li %s .\n", key->preset), *at;

		at = strstr(text, entry);
		UNIT_CASE(at, "spctl-console(1) lacks the setting %s", key->name);
		UNIT_CASE(strstr(at, preset) && strstr(at, preset) < strstr(at + 1, "\n.It"), "the default of %s is %s",
			key->name, key->preset);
		UNIT_CASE(strstr(at, key->help), "spctl-console(1): %s is: %s", key->name, key->help);
		free(entry);
		free(preset);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_has_every_action),
		cmocka_unit_test(the_page_has_every_setting),
	};

	return UNIT_RUN(tests);
}
