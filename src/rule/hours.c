/* hours.c - calling hours as text and as minutes after midnight. */
#include "hours.h"

enum { DAY_MINUTES = 24 * 60 };

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads exactly "HH:MM" at s, 00:00 to 24:00; -1 when it is none.  Looks at no byte behind a NUL. */
static int clock_minute(const char *s)
{
	if (!digit(s[0]) || !digit(s[1]) || s[2] != ':' || !digit(s[3]) || !digit(s[4]))
		return -1;
	int hour = (s[0] - '0') * 10 + s[1] - '0', minute = (s[3] - '0') * 10 + s[4] - '0';
	int all = hour * 60 + minute;
	return minute < 60 && all <= DAY_MINUTES ? all : -1;
}

int hours_parse(const char *text, int *start_minute, int *end_minute, struct err *err)
{
	int start = text ? clock_minute(text) : -1;
	int end = start >= 0 && text[5] == '-' ? clock_minute(text + 6) : -1;
	if (end < 0 || text[11] != '\0')
		return err_set(err, ERR_INVALID,
			"calling hours must be HH:MM-HH:MM, for example 08:00-21:00, not \"%s\"", text ? text : "");
	if (end <= start)
		return err_set(err, ERR_INVALID,
			"calling hours must end after they start, for example 08:00-21:00, not \"%s\"", text);
	*start_minute = start;
	*end_minute = end;
	return 0;
}

static char *put_clock(char *out, int minute)
{
	if (minute < 0)
		minute = 0;
	if (minute > DAY_MINUTES)
		minute = DAY_MINUTES;
	int hour = minute / 60;
	minute %= 60;
	*out++ = (char)('0' + hour / 10);
	*out++ = (char)('0' + hour % 10);
	*out++ = ':';
	*out++ = (char)('0' + minute / 10);
	*out++ = (char)('0' + minute % 10);
	return out;
}

void hours_format(int start_minute, int end_minute, char out[HOURS_SIZE])
{
	char *at = put_clock(out, start_minute);
	*at++ = '-';
	*put_clock(at, end_minute) = '\0';
}

bool hours_open(const struct local_time *now, int start_minute, int end_minute)
{
	int minute = now->hour * 60 + now->minute;
	return start_minute <= minute && minute < end_minute;
}
