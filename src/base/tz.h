/*
 * tz.h - time zones by IANA name, read from the system's tz database (RFC 8536 files), never through libc's TZ,
 * which silently answers UTC for a name that does not exist.
 */
#pragma once
#include <stdint.h>
#include "err.h"

struct tz;

struct local_time {
	int year, month, day;       /* month 1-12 */
	int hour, minute, second;
	int weekday;                /* 0 Sunday - 6 Saturday */
	int utc_offset_s;           /* east of Greenwich is positive */
	int64_t day_number;         /* of the local date, as days_from_civil() */
};

/* Opens "America/New_York" and the like.  An unknown name, or one that leaves the database's folder ("../x", "/x"),
 * is ERR_INVALID with a sentence.  Far future: the file's POSIX footer is followed.  Free with tz_free(). */
int  tz_open(struct tz **, const char *name, struct err *);
void tz_free(struct tz *);
void tz_local(const struct tz *, int64_t utc_ms, struct local_time *);
