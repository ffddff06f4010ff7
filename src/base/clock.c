/* clock.c - the clocks, and times as text (RFC 3339). */
#include "clock.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DAY_MS = 86400000 };

static int64_t read_clock(clockid_t which)
{
	struct timespec ts;
	clock_gettime(which, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* The calendar repeats every 400 years (146097 days); a year counted from March has its odd day last.
 * 719468 days lie between 0000-03-01 and 1970-01-01. */
int64_t days_from_civil(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

void civil_from_days(int64_t days, int *year, int *month, int *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t from_march = (5 * day_of_year + 2) / 153;
	*day = (int)(day_of_year - (153 * from_march + 2) / 5 + 1);
	*month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2));
}

char *time_format(int64_t utc_ms, char out[RFC3339_SIZE])
{
	int64_t days = utc_ms / DAY_MS;
	int64_t rest = utc_ms % DAY_MS;
	if (rest < 0) {
		rest += DAY_MS;
		days--;
	}
	int year, month, day;
	civil_from_days(days, &year, &month, &day);
	int ms = (int)rest;
	snprintf(out, RFC3339_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year, month, day,
		ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
	return out;
}

/* Reads exactly count digits and moves on. */
static bool digits(const char **s, int count, int *out)
{
	int value = 0;
	for (int i = 0; i < count; i++) {
		if ((*s)[i] < '0' || (*s)[i] > '9')
			return false;
		value = value * 10 + ((*s)[i] - '0');
	}
	*s += count;
	*out = value;
	return true;
}

static bool one_of(const char **s, const char *set)
{
	if (!**s || !strchr(set, **s))
		return false;
	(*s)++;
	return true;
}

static bool read_date(const char **s, int64_t *days)
{
	int year, month, day;
	if (!digits(s, 4, &year) || !one_of(s, "-") || !digits(s, 2, &month) || !one_of(s, "-") || !digits(s, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1)
		return false;
	*days = days_from_civil(year, month, day);
	int y, m, d;
	civil_from_days(*days, &y, &m, &d);
	return m == month && d == day;
}

bool date_parse(const char *text, int64_t *days)
{
	int64_t value;
	if (!read_date(&text, &value) || *text)
		return false;
	*days = value;
	return true;
}

/* HH:MM:SS[.fraction]; a leap second (60) counts as the second after it. */
static bool read_time(const char **s, int64_t *ms)
{
	int hour, minute, second, fraction = 0, scale = 100;
	if (!digits(s, 2, &hour) || !one_of(s, ":") || !digits(s, 2, &minute) || !one_of(s, ":") ||
	    !digits(s, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	if (**s == '.') {
		int digit;
		(*s)++;
		if (**s < '0' || **s > '9')
			return false;
		while (digits(s, 1, &digit)) {
			fraction += digit * scale;
			scale /= 10;
		}
	}
	*ms = ((int64_t)hour * 3600 + minute * 60 + second) * 1000 + fraction;
	return true;
}

static bool read_offset(const char **s, int64_t *ms)
{
	*ms = 0;
	if (one_of(s, "Zz"))
		return true;
	int sign = **s == '-' ? -1 : 1, hour, minute;
	if (!one_of(s, "+-") || !digits(s, 2, &hour) || !one_of(s, ":") || !digits(s, 2, &minute))
		return false;
	if (hour > 23 || minute > 59)
		return false;
	*ms = sign * ((int64_t)hour * 3600 + minute * 60) * 1000;
	return true;
}

bool time_parse(const char *text, int64_t *utc_ms)
{
	int64_t days, time = 0, offset = 0;
	if (!read_date(&text, &days))
		return false;
	if (*text && (!one_of(&text, "Tt ") || !read_time(&text, &time) || !read_offset(&text, &offset) || *text))
		return false;
	*utc_ms = days * DAY_MS + time - offset;
	return true;
}
