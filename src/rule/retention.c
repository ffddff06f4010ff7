/* retention.c - how long a recording is kept at least. */
#include "retention.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

int64_t retention_before(int64_t days, int64_t now_ms)
{
	return now_ms - (days < RETENTION_LEAST_DAYS_LEAP ? RETENTION_LEAST_DAYS_LEAP : days) * DAY_MS;
}

bool retention_over(int64_t call_ended_ms, int64_t days, int64_t now_ms)
{
	return call_ended_ms < retention_before(days, now_ms);
}
