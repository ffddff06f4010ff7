/* str.c - a growing string, and small questions about strings. */
#include "str.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mem.h"
#include "utf8.h"

/* Room for that many bytes more, and a NUL. */
static void grow(struct str *str, size_t more)
{
	size_t need = str->len + more + 1;
	if (need <= str->size)
		return;
	size_t size = str->size ? str->size : 64;
	while (size < need)
		size *= 2;
	str->s = xrealloc(str->s, size);
	str->size = size;
}

void str_add(struct str *str, const char *s)
{
	str_addn(str, s, strlen(s));
}

void str_addn(struct str *str, const char *s, size_t len)
{
	grow(str, len);
	if (len)
		memcpy(str->s + str->len, s, len);
	str->len += len;
	str->s[str->len] = '\0';
}

void str_addf(struct str *str, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int len = vsnprintf(NULL, 0, fmt, ap);
	if (len >= 0) {
		grow(str, (size_t)len);
		vsnprintf(str->s + str->len, (size_t)len + 1, fmt, again);
		str->len += (size_t)len;
	}
	va_end(again);
	va_end(ap);
}

void str_cut(struct str *str, size_t from_start)
{
	if (!str->s)
		return;
	if (from_start > str->len)
		from_start = str->len;
	str->len -= from_start;
	memmove(str->s, str->s + from_start, str->len + 1);
}

void str_free(struct str *str)
{
	free(str->s);
	*str = (struct str){0};
}

char *str_take(struct str *str)
{
	char *s = str->s ? str->s : xstrdup("");
	*str = (struct str){0};
	return s;
}

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_int(const char *s, long long min, long long max, long long *out)
{
	const char *digits = s + (*s == '-');
	if (!*digits || digits[strspn(digits, "0123456789")])
		return false;
	errno = 0;
	long long value = strtoll(s, NULL, 10);
	if (errno || value < min || value > max)
		return false;
	*out = value;
	return true;
}

bool str_copy(char *out, size_t size, const char *in)
{
	size_t len = strlen(in);
	if (len < size) {
		memcpy(out, in, len + 1);
		return true;
	}
	if (!size)
		return false;
	size_t cut = size - 1;
	/* A continuation byte at the cut: its character began before and goes as a whole. */
	for (size_t back = 0; back < 3 && cut > 0 && ((unsigned char)in[cut] & 0xc0) == 0x80; back++)
		cut--;
	memcpy(out, in, cut);
	out[cut] = '\0';
	return false;
}

bool str_is_choice(const char *s, const char *choices)
{
	size_t len = strlen(s);
	for (const char *next; choices; choices = next) {
		if (strcspn(choices, "|") == len && strncmp(choices, s, len) == 0)
			return true;
		next = strchr(choices, '|');
		next = next ? next + 1 : NULL;
	}
	return false;
}

char *str_choices(const char *choices)
{
	struct str out = {0};
	for (const char *c = choices; *c; c++) {
		if (*c == '|')
			str_add(&out, strchr(c + 1, '|') ? ", " : " or ");
		else
			str_addn(&out, c, 1);
	}
	return str_take(&out);
}
