/* acw.h - after-call work: a countdown that does not stop at 0. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { ACW_DEFAULT_SECONDS = 30, ACW_MAX_SECONDS = 300 };

struct acw {
	int64_t seconds;            /* the tenant's allowance, held to 0 ... ACW_MAX_SECONDS */
	int64_t remaining;          /* seconds left; negative exactly when overdue */
	bool overdue;
};

/* Where the wrap-up that began at started_ms stands at now_ms, both UTC milliseconds.  Whole seconds, rounded away from
 * 0: the last second left is 1, the first one overdue is -1, and 0 is only the instant between them.  A start that lies
 * after now counts as now. */
struct acw acw_at(int64_t started_ms, int64_t now_ms, int64_t allowance_seconds);
