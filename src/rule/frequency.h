/* frequency.h - how many calls in how many days. */
#pragma once
#include <stdint.h>

/* 12 CFR 1006.14(b)(2)(i)(A): seven consecutive days, rolling.  Start of the window that ends now. */
int64_t frequency_window_start(int64_t now_ms);
enum { FREQUENCY_DEFAULT_CAP = 7, FREQUENCY_MAX_CAP = 1000 };
