/* Moments, dates and hours as typed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/base/clock.h"
#include "../../src/base/mem.h"
#include "../../src/base/tz.h"
#include "../../src/rule/hours.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size), shown[RFC3339_SIZE], again[HOURS_SIZE];
	int64_t when, back;
	int start, end;
	struct tz *tz = NULL;
	struct local_time local;

	if (time_parse(text, &when) && (!time_parse(time_format(when, shown), &back) || back != when))
		abort();
	date_parse(text, &when);
	if (hours_parse(text, &start, &end, NULL) == 0) {
		hours_format(start, end, again);
		if (start < 0 || start >= end || end > 24 * 60 || strncmp(again, text, 2) != 0)
			abort();
	}
	if (tz_open(&tz, text, NULL) == 0) {
		tz_local(tz, 1795248000000, &local);
		if (local.month < 1 || local.month > 12 || local.hour < 0 || local.hour > 23)
			abort();
		tz_free(tz);
	}
	free(text);
	return 0;
}
