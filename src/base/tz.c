/*
 * tz.c - RFC 8536: a TZif file holds the transitions that are known, and a footer, a rule in the form of POSIX TZ,
 * for all time after the last of them.
 */
#include "tz.h"
#include <stdbool.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "clock.h"
#include "mem.h"

#define TZ_FOLDER "/usr/share/zoneinfo/"

enum { NAME_MAX_BYTES = 64, FILE_MAX_BYTES = 1 << 18, HEADER_SIZE = 44, DAY_S = 86400 };

/* A day of the year on which the footer's rule changes the offset. */
struct rule_day {
	enum { RULE_MONTH_WEEK_DAY, RULE_JULIAN, RULE_ZERO_BASED } form;
	int month, week, weekday;   /* Mm.w.d */
	int day;                    /* Jn (1-365, never counts 29 February) or n (0-365) */
	int time_s;                 /* local time of the change; may lie in another day (-167 h to 167 h) */
};

struct footer {
	bool present, has_dst;
	int std_offset_s, dst_offset_s;
	struct rule_day start, end;         /* of DST */
};

struct tz {
	size_t count;               /* transitions */
	int64_t *at;                /* UTC seconds, ascending */
	unsigned char *type;        /* the local time type that begins there */
	size_t types;
	int offset_s[256];
	struct footer footer;
};

/* ---- the footer ---- */

static bool read_number(const char **s, int max, int *out)
{
	int value = 0;
	if (**s < '0' || **s > '9')
		return false;
	while (**s >= '0' && **s <= '9') {
		value = value * 10 + (*(*s)++ - '0');
		if (value > max)
			return false;
	}
	*out = value;
	return true;
}

/* [+-]h[h[h]][:mm[:ss]] in seconds. */
static bool read_hms(const char **s, int max_hours, int *out)
{
	int sign = 1, hour, minute = 0, second = 0;
	if (**s == '+' || **s == '-')
		sign = *(*s)++ == '-' ? -1 : 1;
	if (!read_number(s, max_hours, &hour))
		return false;
	if (**s == ':') {
		(*s)++;
		if (!read_number(s, 59, &minute))
			return false;
		if (**s == ':') {
			(*s)++;
			if (!read_number(s, 59, &second))
				return false;
		}
	}
	*out = sign * (hour * 3600 + minute * 60 + second);
	return true;
}

/* Skips "EST" or "<+0330>". */
static bool skip_abbreviation(const char **s)
{
	size_t len;
	if (**s == '<') {
		len = strcspn(*s, ">");
		if ((*s)[len] != '>' || len < 2)
			return false;
		*s += len + 1;
		return true;
	}
	for (len = 0; ((*s)[len] | 32) >= 'a' && ((*s)[len] | 32) <= 'z'; len++)
		continue;
	*s += len;
	return len >= 3;
}

static bool read_rule_day(const char **s, struct rule_day *rule)
{
	rule->time_s = 2 * 3600;
	if (**s == 'M') {
		(*s)++;
		rule->form = RULE_MONTH_WEEK_DAY;
		if (!read_number(s, 12, &rule->month) || rule->month < 1 || *(*s)++ != '.' ||
		    !read_number(s, 5, &rule->week) || rule->week < 1 || *(*s)++ != '.' ||
		    !read_number(s, 6, &rule->weekday))
			return false;
	} else {
		rule->form = **s == 'J' ? RULE_JULIAN : RULE_ZERO_BASED;
		*s += **s == 'J';
		if (!read_number(s, 365, &rule->day) || (rule->form == RULE_JULIAN && rule->day < 1))
			return false;
	}
	if (**s != '/')
		return true;
	(*s)++;
	return read_hms(s, 167, &rule->time_s);
}

static bool read_footer(const char *s, struct footer *footer)
{
	*footer = (struct footer){0};
	if (!*s)
		return true;
	if (!skip_abbreviation(&s) || !read_hms(&s, 24, &footer->std_offset_s))
		return false;
	footer->std_offset_s = -footer->std_offset_s;       /* POSIX counts west of Greenwich as positive */
	footer->present = true;
	if (!*s)
		return true;
	footer->has_dst = true;
	footer->dst_offset_s = footer->std_offset_s + 3600;
	if (!skip_abbreviation(&s))
		return false;
	if (*s != ',') {
		if (!read_hms(&s, 24, &footer->dst_offset_s))
			return false;
		footer->dst_offset_s = -footer->dst_offset_s;
	}
	return *s++ == ',' && read_rule_day(&s, &footer->start) &&
	       *s++ == ',' && read_rule_day(&s, &footer->end) && !*s;
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int weekday_of(int64_t days)
{
	return (int)(((days + 4) % 7 + 7) % 7);             /* 1970-01-01 was a Thursday */
}

/* Local seconds since 1970 at which the rule's change comes in that year. */
static int64_t rule_time(const struct rule_day *rule, int year)
{
	int64_t day;
	if (rule->form == RULE_JULIAN) {
		day = days_from_civil(year, 1, 1) + rule->day - 1 + (is_leap(year) && rule->day >= 60);
	} else if (rule->form == RULE_ZERO_BASED) {
		day = days_from_civil(year, 1, 1) + rule->day;
	} else {
		int64_t first = days_from_civil(year, rule->month, 1);
		int64_t next = days_from_civil(year + rule->month / 12, rule->month % 12 + 1, 1);
		day = first + (rule->weekday - weekday_of(first) + 7) % 7 + (rule->week - 1) * 7;
		if (day >= next)
			day -= 7;       /* week 5 is the last one */
	}
	return day * DAY_S + rule->time_s;
}

/* The change before t decides; those of the neighbouring years are looked at as well, because a rule's time may reach
 * over New Year's.  Where an end and a start fall together (DST all year) the start wins. */
static int footer_offset(const struct footer *footer, int64_t t)
{
	if (!footer->has_dst)
		return footer->std_offset_s;
	int year, month, day;
	int64_t local = t + footer->std_offset_s;
	civil_from_days(local / DAY_S - (local % DAY_S < 0), &year, &month, &day);
	int64_t latest = INT64_MIN;
	int offset = footer->std_offset_s;
	for (int y = year - 1; y <= year + 1; y++) {
		int64_t start = rule_time(&footer->start, y) - footer->std_offset_s;
		int64_t end = rule_time(&footer->end, y) - footer->dst_offset_s;
		if (end <= t && end > latest) {
			latest = end;
			offset = footer->std_offset_s;
		}
		if (start <= t && start >= latest) {
			latest = start;
			offset = footer->dst_offset_s;
		}
	}
	return offset;
}

/* ---- the file ---- */

static int64_t big_endian(const unsigned char *p, size_t size)
{
	uint64_t value = p[0] & 0x80 ? UINT64_MAX : 0;
	for (size_t i = 0; i < size; i++)
		value = value << 8 | p[i];
	return (int64_t)value;
}

struct header { size_t isutc, isstd, leaps, transitions, types, chars; };

static bool read_header(const unsigned char *p, size_t len, struct header *h)
{
	if (len < HEADER_SIZE || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
		return false;
	size_t *fields[] = {&h->isutc, &h->isstd, &h->leaps, &h->transitions, &h->types, &h->chars};
	for (size_t i = 0; i < 6; i++) {
		int64_t value = big_endian(p + 20 + 4 * i, 4);
		if (value < 0 || value > FILE_MAX_BYTES)
			return false;
		*fields[i] = (size_t)value;
	}
	return true;
}

static size_t body_size(const struct header *h, size_t time_size)
{
	return h->transitions * (time_size + 1) + h->types * 6 + h->chars + h->leaps * (time_size + 4) + h->isstd +
		h->isutc;
}

/* The second data block (64-bit times) and the footer.  Leap seconds ("right/...") are refused: UTC has none here. */
static bool parse_file(struct tz *tz, const unsigned char *p, size_t len)
{
	struct header h = {0};
	if (!read_header(p, len, &h) || len < HEADER_SIZE + body_size(&h, 4))
		return false;
	size_t first = HEADER_SIZE + body_size(&h, 4);
	p += first;
	len -= first;
	if (!read_header(p, len, &h) || len < HEADER_SIZE + body_size(&h, 8) + 2)
		return false;
	if (h.leaps || !h.types || h.types > 256)
		return false;
	const unsigned char *body = p + HEADER_SIZE;
	const unsigned char *index = body + h.transitions * 8, *types = index + h.transitions;
	tz->count = h.transitions;
	tz->types = h.types;
	tz->at = xcalloc(h.transitions, sizeof *tz->at);
	tz->type = xcalloc(h.transitions, 1);
	for (size_t i = 0; i < h.transitions; i++) {
		tz->at[i] = big_endian(body + 8 * i, 8);
		tz->type[i] = index[i];
		if (index[i] >= h.types || (i && tz->at[i] <= tz->at[i - 1]))
			return false;
	}
	for (size_t i = 0; i < h.types; i++) {
		int64_t offset = big_endian(types + 6 * i, 4);
		if (offset < -26 * 3600 || offset > 26 * 3600)
			return false;
		tz->offset_s[i] = (int)offset;
	}
	size_t at = HEADER_SIZE + body_size(&h, 8);
	const unsigned char *end = p[at] == '\n' ? memchr(p + at + 1, '\n', len - at - 1) : NULL;
	if (!end)
		return false;
	char *footer = xstrndup((const char *)p + at + 1, (size_t)(end - p) - at - 1);
	bool good = read_footer(footer, &tz->footer);
	free(footer);
	return good;
}

/* Names hold no dot, so none leads out of the folder; its tables ("zone.tab") are no zones either. */
static bool name_fits(const char *name)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	size_t len = strlen(name);
	return len > 0 && len <= NAME_MAX_BYTES && name[0] != '/' && name[strspn(name, set)] == '\0';
}

/* The file's bytes, or NULL with errno.  A folder ("America") reads as ENOENT. */
static unsigned char *read_zone(const char *name, size_t *len)
{
	char path[sizeof TZ_FOLDER + NAME_MAX_BYTES];
	memcpy(path, TZ_FOLDER, sizeof TZ_FOLDER);
	memcpy(path + sizeof TZ_FOLDER - 1, name, strlen(name) + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return NULL;
	struct stat st;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX_BYTES) {
		close(fd);
		errno = ENOENT;
		return NULL;
	}
	unsigned char *bytes = xmalloc((size_t)st.st_size);
	ssize_t got = read(fd, bytes, (size_t)st.st_size);
	int why = errno;
	close(fd);
	if (got != st.st_size) {
		free(bytes);
		errno = got < 0 ? why : EIO;
		return NULL;
	}
	*len = (size_t)got;
	return bytes;
}

int tz_open(struct tz **out, const char *name, struct err *err)
{
	*out = NULL;
	if (!name_fits(name))
		return err_set(err, ERR_INVALID,
			"\"%.80s\" is not the name of a time zone: write one like America/New_York", name);
	size_t len;
	unsigned char *bytes = read_zone(name, &len);
	if (!bytes && (errno == ENOENT || errno == ENOTDIR)) {
		if (access(TZ_FOLDER "UTC", R_OK) < 0)
			return err_set(err, ERR_CONFIG,
				"there are no time zones in " TZ_FOLDER ": install the package tzdata");
		return err_set(err, ERR_INVALID, "there is no time zone \"%s\": write one like America/New_York", name);
	}
	if (!bytes)
		return err_set(err, ERR_FAILED, "cannot read " TZ_FOLDER "%s: %s", name, strerror(errno));
	struct tz *tz = xcalloc(1, sizeof *tz);
	bool good = parse_file(tz, bytes, len);
	free(bytes);
	if (!good) {
		tz_free(tz);
		return err_set(err, ERR_INVALID,
			TZ_FOLDER "%s is not a file of a time zone without leap seconds (RFC 8536)", name);
	}
	*out = tz;
	return 0;
}

void tz_free(struct tz *tz)
{
	if (!tz)
		return;
	free(tz->at);
	free(tz->type);
	free(tz);
}

static int offset_at(const struct tz *tz, int64_t t)
{
	size_t low = 0, high = tz->count;           /* the number of transitions at or before t */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (tz->at[middle] <= t)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == tz->count && tz->footer.present)
		return footer_offset(&tz->footer, t);
	return tz->offset_s[low ? tz->type[low - 1] : 0];
}

void tz_local(const struct tz *tz, int64_t utc_ms, struct local_time *out)
{
	int64_t t = utc_ms / 1000 - (utc_ms % 1000 < 0);
	int offset = offset_at(tz, t);
	int64_t local = t + offset;
	int64_t days = local / DAY_S - (local % DAY_S < 0);
	int second = (int)(local - days * DAY_S);
	*out = (struct local_time){.utc_offset_s = offset, .day_number = days, .weekday = weekday_of(days),
		.hour = second / 3600, .minute = second / 60 % 60, .second = second % 60};
	civil_from_days(days, &out->year, &out->month, &out->day);
}
