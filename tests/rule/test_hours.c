/* Calling hours as text, to the minute, with real zones; and the seven days' window. */
#include <stdio.h>
#include <string.h>
#include "../lib/unit.h"
#include "../../src/base/clock.h"
#include "../../src/rule/frequency.h"
#include "../../src/rule/hours.h"

static void parse_good(void **state)
{
	(void)state;
	const struct { const char *text; int start, end; } cases[] = {
		{"08:00-21:00", 480, 1260}, {"00:00-24:00", 0, 1440}, {"00:00-00:01", 0, 1}, {"23:59-24:00", 1439, 1440},
		{"09:30-17:45", 570, 1065}, {"19:00-20:09", 1140, 1209},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int start = -1, end = -1;
		struct err err = {0};
		char text[12];
		UNIT_CASE(hours_parse(cases[i].text, &start, &end, &err) == 0, "%s: %s", cases[i].text, err.text);
		assert_int_equal(start, cases[i].start);
		assert_int_equal(end, cases[i].end);
		hours_format(start, end, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void parse_bad(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"", "08:00", "08:00-", "8:00-21:00", "08:00-9:00", "08:00-21:00 ", " 08:00-21:00", "08:00 - 21:00", "08.00-21.00",
		"08:00-24:01", "24:00-24:00", "24:00-25:00", "08:60-21:00", "08:00-20:60", "25:00-26:00", "0a:00-21:00",
		"08:00_21:00", "08:00-21:00x", "08:00-21:00-22:00", "-8:00-21:00", "+8:00-21:00", "always", "08:0", "0", "08:00-21:0",
		"21:00-08:00", "08:00-08:00", "00:00-00:00",
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int start = -7, end = -8;
		struct err err = {0};
		UNIT_CASE(hours_parse(cases[i], &start, &end, &err) == ERR_INVALID, "\"%s\" is taken", cases[i]);
		UNIT_CASE(strstr(err.text, "08:00-21:00"), "\"%s\": no example in: %s", cases[i], err.text);
		UNIT_CASE(strstr(err.text, cases[i]), "\"%s\": not named in: %s", cases[i], err.text);
		UNIT_CASE(start == -7 && end == -8, "\"%s\" changed the result", cases[i]);
	}
	int start, end;
	assert_int_equal(hours_parse(NULL, &start, &end, NULL), ERR_INVALID);
}

/* Every prefix of a good text is refused, and none is read past its end (the sanitizer watches). */
static void parse_cut(void **state)
{
	(void)state;
	for (size_t len = 0; len < 11; len++) {
		char *text = test_malloc(len + 1);
		int start, end;
		memcpy(text, "08:00-21:00", len);
		text[len] = '\0';
		assert_int_equal(hours_parse(text, &start, &end, NULL), ERR_INVALID);
		test_free(text);
	}
}

/* Each character of a good text replaced by one that cannot stand there. */
static void parse_each_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < 11; i++)
		for (const char *c = "x/:;-. "; *c; c++) {
			char text[] = "08:00-21:00";
			int start, end;
			if (text[i] == *c)
				continue;
			text[i] = *c;
			UNIT_CASE(hours_parse(text, &start, &end, NULL) == ERR_INVALID, "\"%s\" is taken", text);
		}
}

static void format_holds_bounds(void **state)
{
	(void)state;
	char text[12];
	hours_format(-5, 99999, text);
	assert_string_equal(text, "00:00-24:00");
}

/* Each minute of the day against 08:00-21:00, in its first and last second. */
static void every_minute(void **state)
{
	(void)state;
	for (int minute = 0; minute < 1440; minute++) {
		struct local_time at = {.hour = minute / 60, .minute = minute % 60};
		bool want = minute >= 480 && minute <= 1259;
		at.second = 0;
		assert_int_equal(hours_open(&at, 480, 1260), want);
		at.second = 59;
		assert_int_equal(hours_open(&at, 480, 1260), want);
		assert_true(hours_open(&at, 0, 1440));
		assert_false(hours_open(&at, 720, 720));
		assert_false(hours_open(&at, 1260, 480));
	}
}

static void opens_at(const char *zone, const char *utc, bool want)
{
	struct tz *tz;
	struct err err = {0};
	struct local_time at;
	int64_t ms;
	UNIT_CASE(tz_open(&tz, zone, &err) == 0, "%s", err.text);
	UNIT_CASE(time_parse(utc, &ms), "%s is no time", utc);
	tz_local(tz, ms, &at);
	tz_free(tz);
	UNIT_CASE(hours_open(&at, 480, 1260) == want, "%s at %s (%02d:%02d) is %s", zone, utc, at.hour, at.minute,
		want ? "closed" : "open");
}

/* The same borders as clocks of real places show them, through daylight saving time. */
static void real_zones(void **state)
{
	(void)state;
	opens_at("America/New_York", "2026-01-15T12:59:59.999Z", false);    /* EST: 07:59:59 */
	opens_at("America/New_York", "2026-01-15T13:00:00Z", true);
	opens_at("America/New_York", "2026-01-16T01:59:59.999Z", true);     /* 20:59:59 */
	opens_at("America/New_York", "2026-01-16T02:00:00Z", false);
	opens_at("America/New_York", "2026-07-15T11:59:59.999Z", false);    /* EDT */
	opens_at("America/New_York", "2026-07-15T12:00:00Z", true);
	opens_at("America/New_York", "2026-03-08T11:59:59.999Z", false);    /* the day on which the clock goes ahead */
	opens_at("America/New_York", "2026-03-08T12:00:00Z", true);
	opens_at("America/New_York", "2026-11-01T12:59:59.999Z", false);    /* and back */
	opens_at("America/New_York", "2026-11-01T13:00:00Z", true);
	opens_at("America/Phoenix", "2026-07-15T14:59:59.999Z", false);     /* no daylight saving */
	opens_at("America/Phoenix", "2026-07-15T15:00:00Z", true);
	opens_at("Asia/Kolkata", "2026-07-15T02:29:59.999Z", false);        /* +05:30 */
	opens_at("Asia/Kolkata", "2026-07-15T02:30:00Z", true);
	opens_at("Pacific/Kiritimati", "2026-07-15T18:00:00Z", true);       /* +14: the next day's 08:00 */
	opens_at("Pacific/Kiritimati", "2026-07-15T17:59:59.999Z", false);
}

static void window_is_seven_days(void **state)
{
	(void)state;
	assert_int_equal(frequency_window_start(604800000), 0);
	int64_t now, start;
	assert_true(time_parse("2026-11-21T01:02:03.004Z", &now));
	assert_true(time_parse("2026-11-14T01:02:03.004Z", &start));
	assert_int_equal(frequency_window_start(now), start);
	/* 24-hour days, whatever the clock on the wall does in between. */
	assert_true(time_parse("2026-03-12T00:00:00-04:00", &now));
	assert_true(time_parse("2026-03-04T23:00:00-05:00", &start));
	assert_int_equal(frequency_window_start(now), start);
	assert_int_equal(FREQUENCY_DEFAULT_CAP, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_good),
		cmocka_unit_test(parse_bad),
		cmocka_unit_test(parse_cut),
		cmocka_unit_test(parse_each_place),
		cmocka_unit_test(format_holds_bounds),
		cmocka_unit_test(every_minute),
		cmocka_unit_test(real_zones),
		cmocka_unit_test(window_is_seven_days),
	};
	return UNIT_RUN(tests);
}
