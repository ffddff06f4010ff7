/* acw.c - after-call work. */
#include "acw.h"

struct acw acw_at(int64_t started_ms, int64_t now_ms, int64_t allowance_seconds)
{
	int64_t allowance = allowance_seconds < 0 ? 0 : allowance_seconds;
	if (allowance > ACW_MAX_SECONDS)
		allowance = ACW_MAX_SECONDS;
	int64_t elapsed_ms = now_ms > started_ms ? now_ms - started_ms : 0;     /* the system's clock may be set back */
	int64_t left_ms = allowance * 1000 - elapsed_ms;
	struct acw acw = {.seconds = allowance, .overdue = left_ms < 0};
	acw.remaining = left_ms < 0 ? -((999 - left_ms) / 1000) : (left_ms + 999) / 1000;
	return acw;
}
