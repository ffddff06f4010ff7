/* frequency.c - the window in which calls are counted. */
#include "frequency.h"

int64_t frequency_window_start(int64_t now_ms)
{
	return now_ms - (int64_t)7 * 24 * 60 * 60 * 1000;
}
