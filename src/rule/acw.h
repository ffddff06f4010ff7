/* acw.h - after-call work: a countdown that does not stop at 0. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { ACW_DEFAULT_SECONDS = 30, ACW_MAX_SECONDS = 300 };

struct acw {
	int64_t seconds;            /* the tenant's allowance */
	int64_t remaining;          /* seconds left; negative once overdue */
	bool overdue;
};

/* Where the wrap-up that began at started_ms stands at now_ms.  Whole seconds, rounded up while any is left. */
struct acw acw_at(int64_t started_ms, int64_t now_ms, int64_t allowance_seconds);
