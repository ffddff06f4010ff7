/* check.c - what a value must look like. */
#include "check.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/str.h"
#include "../base/tz.h"
#include "../base/utf8.h"
#include "../rule/hours.h"

static const char lower[] = "abcdefghijklmnopqrstuvwxyz";

const char *shown(const char *value, char out[SHOWN_SIZE])
{
	if (!str_copy(out, SHOWN_SIZE - 3, value))
		memcpy(out + strlen(out), "...", 4);
	for (char *p = out; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	return out;
}

static int wrong(const char *field, const char *value, const char *right, struct err *err)
{
	char text[SHOWN_SIZE];

	return err_set(err, ERR_INVALID, "%s: \"%s\" is not %s", field, shown(value, text), right);
}

static bool only(const char *value, const char *first, const char *others)
{
	return *value && strchr(first, *value) && value[1 + strspn(value + 1, others)] == '\0';
}

/* ---- texts ------------------------------------------------------------------------------------------------------ */

/* No C0, DEL or C1 (U+0080 to U+009F: C2 80 to C2 9F), no line or paragraph separator (U+2028, U+2029). */
static bool is_one_line(const char *value)
{
	const unsigned char *p = (const unsigned char *)value;

	if (!utf8_valid(value, strlen(value)))
		return false;
	for (; *p; p++)
		if (*p < ' ' || *p == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0) ||
			(p[0] == 0xe2 && p[1] == 0x80 && (p[2] & 0xfe) == 0xa8))
			return false;
	return true;
}

int check_line(const char *field, const char *value, struct err *err)
{
	if (value[strspn(value, " ")] == '\0')
		return err_set(err, ERR_INVALID, "%s: it is empty", field);
	return is_one_line(value) ? 0 : wrong(field, value, "one line of UTF-8 text without control characters", err);
}

int check_login(const char *field, const char *value, struct err *err)
{
	if (strlen(value) <= 64 && only(value, lower, "abcdefghijklmnopqrstuvwxyz0123456789._-"))
		return 0;
	return wrong(field, value, "a login: a letter a-z, then up to 63 of a-z 0-9 . _ -", err);
}

int check_code(const char *field, const char *value, struct err *err)
{
	if (strlen(value) <= 64 &&
		only(value, "abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklmnopqrstuvwxyz0123456789_-"))
		return 0;
	return wrong(field, value, "a code: a letter a-z or a digit, then up to 63 of a-z 0-9 _ -", err);
}

int check_os_user(const char *field, const char *value, struct err *err)
{
	if (*value && strlen(value) <= 128 && is_one_line(value) && value[strcspn(value, " :/")] == '\0' &&
		*value != '-')
		return 0;
	return wrong(field, value, "the name of an account on this machine", err);
}

/* The value stays out of the sentence. */
int check_password(const char *field, const char *value, struct err *err)
{
	if (!*value || strlen(value) > 256)
		return err_set(err, ERR_INVALID, "%s: it has 1 to 256 bytes", field);
	return is_one_line(value)
		? 0
		: err_set(err, ERR_INVALID, "%s: it is not one line of UTF-8 text without control characters", field);
}

int check_country(const char *field, const char *value, struct err *err)
{
	if (strlen(value) <= 3 && only(value, "123456789", "0123456789"))
		return 0;
	return wrong(field, value, "a calling code: 1 to 3 digits, such as 1 or 44", err);
}

int check_timezone(const char *field, const char *value, struct err *err)
{
	struct tz *tz = NULL;

	if (tz_open(&tz, value, NULL) < 0)
		return wrong(field, value, "a time zone: write one such as America/New_York", err);
	tz_free(tz);
	return 0;
}

int check_hours(const char *field, const char *value, struct err *err)
{
	int start, end;

	if (hours_parse(value, &start, &end, err) < 0) {
		err_prefix(err, "%s", field);
		return ERR_INVALID;
	}
	return 0;
}

int check_state(const char *field, const char *value, struct err *err)
{
	/* The postal codes of the states, DC, territories and forces of the United States, and of Canada's
	 * provinces. */
	static const char states[] =
		"AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND "
		"OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR VI AA AE AP "
		"AB BC MB NB NL NS NT NU ON PE QC SK YT ";

	for (const char *state = states; *state && strlen(value) == 2; state += 3)
		if (!strncasecmp(state, value, 2))
			return 0;
	return wrong(field, value, "a state of the United States or a province of Canada: two letters, such as CA",
		err);
}

int check_date(const char *field, const char *value, struct err *err)
{
	int64_t days;

	return date_parse(value, &days) ? 0 : wrong(field, value, "a day of the calendar, written 2026-11-21", err);
}

int check_readable_file(const char *field, const char *value, struct err *err)
{
	struct stat st;
	char text[SHOWN_SIZE];

	if (*value != '/' || !is_one_line(value))
		return wrong(field, value, "an absolute path", err);
	int fd = open(value, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int code = errno;
	bool is_file = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	if (fd >= 0)
		close(fd);
	if (is_file)
		return 0;
	return err_set(err, ERR_INVALID, "%s: %s cannot be read: %s", field, shown(value, text),
		fd < 0 ? strerror(code) : "it is not a file");
}

int check_sound_file(const char *field, const char *value, struct err *err)
{
	char head[12], text[SHOWN_SIZE];
	int rc = check_readable_file(field, value, err), fd;
	ssize_t n;

	if (rc < 0)
		return rc;
	fd = open(value, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, head, sizeof(head));
	if (fd >= 0)
		close(fd);
	if (n == sizeof(head) && !memcmp(head, "RIFF", 4) && !memcmp(head + 8, "WAVE", 4))
		return 0;
	return err_set(err, ERR_INVALID, "%s: %s is not a WAV file", field, shown(value, text));
}

int check_choice(const char *field, const char *value, const char *choices, struct err *err)
{
	size_t len = strlen(value);
	char text[SHOWN_SIZE];

	for (const char *at = choices; *at; ) {
		size_t n = strcspn(at, "|");
		if (n == len && !memcmp(at, value, n))
			return 0;
		at += n + (at[n] == '|');
	}
	return err_set(err, ERR_INVALID, "%s: \"%s\" is not one of %s", field, shown(value, text), choices);
}

int check_codecs(const char *field, const char *value, char **out, struct err *err)
{
	static const char *const known[] = {"PCMU", "PCMA", "G722", "opus"};
	bool used[sizeof(known) / sizeof(*known)] = {false};
	struct str list = {0};
	const char *at = value;

	do {
		at += strspn(at, " ");
		size_t n = strcspn(at, ", "), i = 0;
		while (i < sizeof(known) / sizeof(*known) && (strlen(known[i]) != n || strncasecmp(known[i], at, n)))
			i++;
		at += n + strspn(at + n, " ");
		if (i == sizeof(known) / sizeof(*known) || used[i] || (*at && *at != ',')) {
			str_free(&list);
			return wrong(field, value, "a list of codecs, each once, of PCMU, PCMA, G722, opus", err);
		}
		used[i] = true;
		str_addf(&list, "%s%s", list.len ? "," : "", known[i]);
	} while (*at++ == ',');
	*out = str_take(&list);
	return 0;
}
