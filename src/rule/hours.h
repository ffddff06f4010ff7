/* hours.h - calling hours: "08:00-21:00". */
#pragma once
#include <stdbool.h>
#include "../base/err.h"
#include "../base/tz.h"

/* Reads "HH:MM-HH:MM" (end may be 24:00, and lies after start).  ERR_INVALID with a sentence. */
int  hours_parse(const char *text, int *start_minute, int *end_minute, struct err *);
enum { HOURS_SIZE = 12 };
void hours_format(int start_minute, int end_minute, char out[HOURS_SIZE]);
bool hours_open(const struct local_time *, int start_minute, int end_minute);      /* start <= now < end */
