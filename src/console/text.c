/* text.c - text from outside made fit for cells of a terminal. */
#include "text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include "../base/str.h"
#include "../base/tz.h"
#include "../base/utf8.h"

enum { MARKS = 2 };             /* combining characters that a base keeps */

static unsigned code_point(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;

	switch (n) {
	case 2: return (unsigned)((s[0] & 0x1f) << 6 | (s[1] & 0x3f));
	case 3: return (unsigned)((s[0] & 0x0f) << 12 | (s[1] & 0x3f) << 6 | (s[2] & 0x3f));
	case 4: return (unsigned)((s[0] & 0x07) << 18 | (s[1] & 0x3f) << 12 | (s[2] & 0x3f) << 6 | (s[3] & 0x3f));
	default: return s[0];
	}
}

/* Characters that are not seen themselves but change how their neighbours are laid out. */
static bool is_dropped(unsigned c)
{
	return c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
		(c >= 0x2060 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
			(c >= 0xe0000 && c <= 0xe0fff);
}

static bool is_control(unsigned c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* What is shown for the character at s: its bytes in out, its columns. */
static int show(const char *s, size_t left, enum text_charset charset, size_t *len, char out[8])
{
	size_t n = utf8_char(s, left);
	unsigned c = n ? code_point(s, n) : 0xfffd;
	int width;

	*len = n ? n : 1;
	out[0] = '\0';
	if (n && is_dropped(c))
		return 0;
	width = c >= 0x80 && !is_control(c) ? wcwidth((wchar_t)c) : 1;
	if (charset == TEXT_ASCII && (c >= 0x7f || is_control(c))) {
		if (width)
			memcpy(out, "?", 2);
		return width ? 1 : 0;
	}
	if (!n || is_control(c) || width < 0) {
		memcpy(out, "\xef\xbf\xbd", 4);
		return 1;
	}
	memcpy(out, s, n);
	out[n] = '\0';
	return width;
}

int text_char(const char *text, size_t left, enum text_charset charset, size_t *len)
{
	char out[8];

	return show(text, left, charset, len, out);
}

char *text_fit(const char *text, int columns, enum text_charset charset, int *used)
{
	struct str out = {0};
	size_t left = strlen(text), len, cut = 0;
	int at = 0, at_cut = 0, marks = MARKS;
	bool whole = true;
	char one[8];

	for (; left && whole; text += len, left -= len) {
		int width = show(text, left, charset, &len, one);

		if (!width && (marks >= MARKS || !one[0]))
			continue;
		if (at + width > columns) {
			whole = false;
			break;
		}
		marks = width ? 0 : marks + 1;
		str_add(&out, one);
		at += width;
		if (at <= columns - 1) {
			cut = out.len;
			at_cut = at;
		}
	}
	if (!whole && columns > 0) {
		out.len = cut;
		str_add(&out, charset == TEXT_ASCII ? "~" : "\xe2\x80\xa6");
		at = at_cut + 1;
	}
	if (used)
		*used = at;
	return str_take(&out);
}

int text_columns(const char *text, enum text_charset charset)
{
	int columns = 0;
	size_t len;

	for (size_t left = strlen(text); left; text += len, left -= len)
		columns += text_char(text, left, charset, &len);
	return columns;
}

size_t text_line(const char *text, int columns, enum text_charset charset, size_t *next)
{
	size_t at = 0, len, total = strlen(text), blank = 0;
	int used = 0;

	for (; at < total && text[at] != '\n'; at += len) {
		used += text_char(text + at, total - at, charset, &len);
		if (used > columns)
			break;
		if (text[at] == ' ')
			blank = at + 1;
	}
	if (at < total && text[at] != '\n') {
		if (text[at] == ' ') {
			*next = at + 1;
			return at;
		}
		if (blank) {
			*next = blank;
			return blank - 1;
		}
		if (!at)                                /* not even one character fits */
			text_char(text, total, charset, &at);
		*next = at;
		return at;
	}
	*next = at < total ? at + 1 : at;
	return at;
}

const char *text_duration(int64_t ms, char out[TEXT_TIME])
{
	const long long s = ms > 0 ? ms / 1000 : 0;

	if (s >= 3600)
		snprintf(out, TEXT_TIME, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(out, TEXT_TIME, "%lld:%02lld", s / 60, s % 60);
	return out;
}

const char *text_number(const char *e164, char out[80])
{
	if (strlen(e164) == 12 && str_starts(e164, "+1") && strspn(e164 + 1, "0123456789") == 11)
		snprintf(out, 80, "+1 %.3s %.3s %.4s", e164 + 2, e164 + 5, e164 + 8);
	else
		str_copy(out, 80, e164);
	return out;
}

const char *text_when(const struct tz *tz, int64_t at_ms, int64_t now_ms, char out[TEXT_WHEN])
{
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
		"Dec"};
	struct local_time local;

	out[0] = '\0';
	if (!at_ms || !tz)
		return out;
	tz_local(tz, at_ms, &local);
	if (now_ms - at_ms < (int64_t)TEXT_LONG_AGO_DAYS * 86400000)
		snprintf(out, TEXT_WHEN, "%02d %s %02d:%02d", local.day % 100, months[(local.month + 11) % 12],
			local.hour % 100,
			local.minute % 100);
	else
		snprintf(out, TEXT_WHEN, "%02d %s %04d", local.day % 100, months[(local.month + 11) % 12],
			local.year % 10000);
	return out;
}

const char *text_words(const char *code, char out[80])
{
	str_copy(out, 80, code);
	for (char *s = out; *s; s++)
		if (*s == '_')
			*s = ' ';
	return out;
}
