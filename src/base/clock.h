/* clock.h - the two clocks, and times as text. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

int64_t clock_now_ms(void);                        /* UTC, milliseconds since 1970 */
int64_t clock_mono_ms(void);                       /* never goes back; for timers and durations only */

enum { RFC3339_SIZE = 32 };
/* "2026-11-21T01:02:03.004Z" (RFC 3339, UTC, milliseconds).  Returns out. */
char *time_format(int64_t utc_ms, char out[RFC3339_SIZE]);
/* Reads RFC 3339 with any offset, with or without fraction, or a bare date "2026-11-21" (midnight UTC). */
bool  time_parse(const char *text, int64_t *utc_ms);
/* Days since 1970-01-01 of a proleptic Gregorian date and back; for dates without a zone (sol_date). */
int64_t days_from_civil(int year, int month, int day);
void    civil_from_days(int64_t days, int *year, int *month, int *day);
bool    date_parse(const char *yyyy_mm_dd, int64_t *days);         /* strict, checks the calendar */
