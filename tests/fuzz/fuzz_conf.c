/* Settings files of any bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/base/conf.h"
#include "../../src/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct conf_key keys[] = {
	{.name = "name", .type = CONF_TEXT, .min = 1, .max = 10, .preset = "anna"},
	{.name = "note", .type = CONF_TEXT},
	{.name = "seconds", .type = CONF_INT, .min = -5, .max = 300, .preset = "30"},
	{.name = "record", .type = CONF_BOOL, .preset = "yes"},
	{.name = "device", .type = CONF_CHOICE, .choices = "auto|none|alsa", .preset = "auto"},
	{.name = "file", .type = CONF_PATH},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf conf;
	struct err err = {0};
	int status = conf_parse(&conf, keys, sizeof keys / sizeof keys[0], "fuzz", (const char *)data, size, &err);
	const char *name = conf_text(&conf, "name"), *file = conf_text(&conf, "file");
	int64_t seconds = conf_int(&conf, "seconds");
	if (seconds < -5 || seconds > 300 || !name || strlen(name) < 1 || strlen(name) > 10 || (file && *file != '/'))
		abort();
	conf_bool(&conf, "record");
	/* Nothing is taken over from a file with a mistake, and the mistake is told. */
	if (status < 0 && (strcmp(name, "anna") != 0 || file || seconds != 30 || !*err.text ||
	    !utf8_valid(err.text, strlen(err.text))))
		abort();
	conf_free(&conf);
	return 0;
}
