/* Clocks and times as text; time zones against zdump(8), which has code of its own for the same files. */
#include "../lib/unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/base/clock.h"
#include "../../src/base/str.h"
#include "../../src/base/tz.h"

static void test_civil(void **state)
{
	(void)state;
	static const struct { int year, month, day; int64_t days; } cases[] = {
		{1970, 1, 1, 0}, {1969, 12, 31, -1}, {2000, 2, 29, 11016}, {2000, 3, 1, 11017}, {2026, 11, 21, 20778},
		{1, 1, 1, -719162}, {9999, 12, 31, 2932896},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(days_from_civil(cases[i].year, cases[i].month, cases[i].day), cases[i].days);
	int year, month, day, before = 0;
	for (int64_t days = -800000; days < 800000; days++) {
		civil_from_days(days, &year, &month, &day);
		assert_int_equal(days_from_civil(year, month, day), days);
		assert_true(!before || day == before + 1 || (day == 1 && before >= 28));
		before = day;
	}
}

static void test_time_format(void **state)
{
	(void)state;
	char out[RFC3339_SIZE];
	assert_string_equal(time_format(0, out), "1970-01-01T00:00:00.000Z");
	assert_string_equal(time_format(-1, out), "1969-12-31T23:59:59.999Z");
	assert_string_equal(time_format(1795222923004, out), "2026-11-21T01:02:03.004Z");
	int64_t back;
	assert_true(time_parse(out, &back));
	assert_int_equal(back, 1795222923004);
}

static void test_time_parse(void **state)
{
	(void)state;
	static const struct { const char *text; int64_t ms; } good[] = {
		{"2026-11-21", 1795219200000}, {"2026-11-21T01:02:03Z", 1795222923000}, {"2026-11-21t01:02:03.5z", 1795222923500},
		{"2026-11-21 01:02:03.0049999Z", 1795222923004}, {"2026-11-20T20:02:03-05:00", 1795222923000},
		{"2026-11-21T06:32:03.120+05:30", 1795222923120}, {"2016-12-31T23:59:60Z", 1483228800000},
		{"1969-12-31T23:59:59.999Z", -1},
	};
	static const char *const bad[] = {
		"", "2026", "2026-1-1", "2026-13-01", "2026-02-29", "2026-00-10", "2026-11-31", "2026-11-21T", "2026-11-21T01:02Z",
		"2026-11-21T01:02:03", "2026-11-21T24:00:00Z", "2026-11-21T01:60:00Z", "2026-11-21T01:02:61Z",
		"2026-11-21T01:02:03.Z", "2026-11-21T01:02:03Zx", "2026-11-21T01:02:03+5", "2026-11-21T01:02:03+24:00",
		"2026-11-21T01:02:03+0530", " 2026-11-21", "2026-11-21x", "now",
	};
	int64_t ms, days;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		UNIT_CASE(time_parse(good[i].text, &ms) && ms == good[i].ms, "%s: %lld", good[i].text, (long long)ms);
	ms = 42;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		UNIT_CASE(!time_parse(bad[i], &ms), "\"%s\" was taken", bad[i]);
	assert_int_equal(ms, 42);
	assert_true(date_parse("2024-02-29", &days));
	assert_int_equal(days, 19782);
	assert_false(date_parse("2023-02-29", &days));
	assert_false(date_parse("2024-02-29T00:00:00Z", &days));
}

static void test_clocks(void **state)
{
	(void)state;
	int64_t before = clock_mono_ms(), days;
	assert_true(clock_mono_ms() >= before);
	assert_true(date_parse("2024-01-01", &days));
	assert_true(clock_now_ms() > days * 86400000);
}

static void test_tz_refuses(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "Mars/Olympus", "../zoneinfo/UTC", "/usr/share/zoneinfo/UTC", "America", "America/", "America/New_York/", "UTC ",
		"zone.tab", "tzdata.zi", "right/UTC", "leapseconds", "US/\xff", "America//../UTC", "EST5EDT,M3.2.0,M11.1.0",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct tz *tz = (void *)1;
		struct err err = {0};
		UNIT_CASE(tz_open(&tz, bad[i], &err) == ERR_INVALID && !tz, "\"%s\" was taken", bad[i]);
		assert_true(strlen(err.text) > 20);
	}
	tz_free(NULL);
}

static void test_tz_fields(void **state)
{
	(void)state;
	struct tz *tz;
	struct local_time t;
	assert_int_equal(tz_open(&tz, "America/New_York", NULL), 0);
	tz_local(tz, 1795222923004, &t);            /* 2026-11-21T01:02:03.004Z */
	assert_int_equal(t.year * 10000 + t.month * 100 + t.day, 20261120);
	assert_int_equal(t.hour * 10000 + t.minute * 100 + t.second, 200203);
	assert_int_equal(t.weekday, 5);
	assert_int_equal(t.utc_offset_s, -18000);
	assert_int_equal(t.day_number, 20777);
	tz_local(tz, -1, &t);                       /* a part of a second before 1970 */
	assert_int_equal(t.hour * 10000 + t.minute * 100 + t.second, 185959);
	tz_free(tz);
}

/* One line of zdump: "ZONE  Sun Mar 12 07:00:00 2023 UT = Sun Mar 12 03:00:00 2023 EDT isdst=1 gmtoff=-14400". */
static int month_of(const char *name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	return (int)(strstr(names, name) - names) / 3 + 1;
}

static void check_line(const char *line, int *count)
{
	char zone[80], month[4], local_month[4];
	int day, hour, minute, second, year, local_day, local_hour, local_minute, local_second, local_year;
	static char open_zone[80];
	static struct tz *tz;
	if (sscanf(line, "%79s %*s %3s %d %d:%d:%d %d UT = %*s %3s %d %d:%d:%d %d", zone, month, &day, &hour, &minute, &second,
	    &year, local_month, &local_day, &local_hour, &local_minute, &local_second, &local_year) != 13 ||
	    year < -9999 || year > 9999)
		return;         /* the ends of time, which zdump writes as "= NULL" or as years of ten digits */
	const char *offset = strstr(line, "gmtoff=");
	long long seconds;
	assert_non_null(offset);
	assert_true(str_int(offset + 7, -100000, 100000, &seconds));
	if (strcmp(zone, open_zone) != 0) {
		tz_free(tz);
		struct err err;
		UNIT_CASE(tz_open(&tz, zone, &err) == 0, "%s", err.text);
		str_copy(open_zone, sizeof open_zone, zone);
	}
	int64_t utc = days_from_civil(year, month_of(month), day) * 86400 + hour * 3600 + minute * 60 + second;
	struct local_time t;
	tz_local(tz, utc * 1000, &t);
	UNIT_CASE(t.utc_offset_s == seconds && t.year == local_year && t.month == month_of(local_month) && t.day == local_day &&
		t.hour == local_hour && t.minute == local_minute && t.second == local_second,
		"%s\n  got %04d-%02d-%02d %02d:%02d:%02d %+d", line, t.year, t.month, t.day, t.hour, t.minute, t.second,
		t.utc_offset_s);
	++*count;
}

/* Both sides of every change of every zone: in the files' tables, and long after them by their footers.  -v also asks for the
 * ends of time, which takes Debian 13 ten times as long. */
static void test_tz_agrees_with_zdump(void **state)
{
	(void)state;
	char line[512];
	int count = 0;
	FILE *zdump = popen("grep -v ^# /usr/share/zoneinfo/zone1970.tab | cut -f 3 | xargs zdump -V -c 1940,2060", "r");
	assert_non_null(zdump);
	while (fgets(line, sizeof line, zdump)) {
		line[strcspn(line, "\n")] = '\0';
		check_line(line, &count);
	}
	assert_int_equal(pclose(zdump), 0);
	check_line("UTC  Thu Jan  1 00:00:00 1970 UT = Thu Jan  1 00:00:00 1970 UTC isdst=0 gmtoff=0", &count);
	print_message("# %d times compared\n", count);
	assert_true(count > 30000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_civil), cmocka_unit_test(test_time_format), cmocka_unit_test(test_time_parse),
		cmocka_unit_test(test_clocks), cmocka_unit_test(test_tz_refuses), cmocka_unit_test(test_tz_fields),
		cmocka_unit_test(test_tz_agrees_with_zdump),
	};
	return UNIT_RUN(tests);
}
