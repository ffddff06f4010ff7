/* retention.h - how long a recording is kept at least. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* 12 CFR 1006.100(b): three years after the call.  Three years have up to 1096 days, so a setting of 1095 is taken for
 * one of 1096. */
enum { RETENTION_LEAST_DAYS = 1095, RETENTION_LEAST_DAYS_LEAP = 1096 };

/* May a recording of a call that ended then be deleted now?  Times are UTC ms; days is the tenant's setting. */
bool retention_over(int64_t call_ended_ms, int64_t days, int64_t now_ms);
/* Calls that ended before this time may: the same rule, for a query. */
int64_t retention_before(int64_t days, int64_t now_ms);
