/* Telephone numbers as typed: the first line is the country's calling code, the rest the number. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/base/e164.h"
#include "../../src/base/mem.h"
#include "../../src/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	char out[E164_SIZE], again[E164_SIZE];
	char *text = xstrndup((const char *)data, size), *end = strchr(text, '\n');
	const char *country = end ? text : "1", *typed = end ? end + 1 : text;
	if (end)
		*end = '\0';
	memset(out, 'x', sizeof out);
	if (e164_parse(typed, country, out, &err) == 0) {
		/* A number that was made from a typed one is valid, and stays as it is. */
		if (!e164_valid(out) || e164_parse(out, country, again, NULL) < 0 || strcmp(out, again) != 0)
			abort();
	} else if (*out || err.code != ERR_INVALID || !utf8_valid(err.text, strlen(err.text))) {
		abort();
	}
	free(text);
	return 0;
}
