/* err.c - error codes, their wire names and exit statuses, and the sentence. */
#include "err.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "str.h"
#include "utf8.h"

static const struct {
	enum err_code code;
	const char *name;
	int exit_status;
} codes[] = {
	{ERR_NONE, "none", 0},
	{ERR_FAILED, "failed", 1},
	{ERR_USAGE, "usage", 64},
	{ERR_INVALID, "invalid", 65},
	{ERR_NOT_FOUND, "not_found", 65},
	{ERR_CONFLICT, "conflict", 65},
	{ERR_UNAVAILABLE, "unavailable", 69},
	{ERR_CANNOT_CREATE, "cannot_create", 73},
	{ERR_TRY_AGAIN, "try_again", 75},
	{ERR_NOT_PERMITTED, "not_permitted", 77},
	{ERR_CONFIG, "config", 78},
	{ERR_BLOCKED, "blocked", 10},
	{ERR_NEEDS_ACK, "needs_ack", 11},
	{ERR_NOT_ANSWERED, "not_answered", 12},
};

enum { CODES = sizeof codes / sizeof codes[0] };

/* Values from outside stand in the sentence, so it is made printable here: bad bytes and control characters become '?',
 * line ends become blanks. */
static void tidy(char *s)
{
	size_t len = strlen(s);
	while (len > 0 && (s[len - 1] == '\n' || s[len - 1] == ' '))
		s[--len] = '\0';
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_char(s + i, len - i);
		bool bad = n == 0 || utf8_is_control(s + i, n);
		n = n ? n : 1;
		if (bad)
			memset(s + i, strchr("\n\r\t", s[i]) ? ' ' : '?', n);
	}
}

/* The arguments may point into err->text, so the sentence is built beside it. */
static void put(struct err *err, const char *prefix, const char *text)
{
	char whole[2 * sizeof err->text];
	snprintf(whole, sizeof whole, "%s%s%s", prefix, *prefix ? ": " : "", text);
	str_copy(err->text, sizeof err->text, whole);
	tidy(err->text);
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	if (!err)
		return code;
	char text[2 * sizeof err->text];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err->code = code;
	put(err, "", text);
	return code;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	if (!err)
		return ERR_FAILED;
	char prefix[sizeof err->text];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(prefix, sizeof prefix, fmt, ap);
	va_end(ap);
	put(err, prefix, err->text);
	return err->code;
}

const char *err_name(enum err_code code)
{
	for (size_t i = 0; i < CODES; i++)
		if (codes[i].code == code)
			return codes[i].name;
	return "failed";
}

enum err_code err_by_name(const char *name)
{
	for (size_t i = 1; i < CODES; i++)
		if (strcmp(codes[i].name, name) == 0)
			return codes[i].code;
	return ERR_FAILED;
}

int err_exit_status(enum err_code code)
{
	for (size_t i = 0; i < CODES; i++)
		if (codes[i].code == code)
			return codes[i].exit_status;
	return 1;
}
