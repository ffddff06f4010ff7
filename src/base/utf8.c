/* utf8.c - RFC 3629. */
#include "utf8.h"
#include <string.h>
#include <wchar.h>
#include <wctype.h>
#include "mem.h"
#include "str.h"

static bool continues(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t utf8_char(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	if (len == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		return len >= 2 && continues(s[1]) ? 2 : 0;
	if (s[0] >= 0xe0 && s[0] <= 0xef) {
		if (len < 3 || !continues(s[1]) || !continues(s[2]))
			return 0;
		if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f))
			return 0;       /* overlong; a surrogate */
		return 3;
	}
	if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		if (len < 4 || !continues(s[1]) || !continues(s[2]) || !continues(s[3]))
			return 0;
		if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
			return 0;       /* overlong; past U+10FFFF */
		return 4;
	}
	return 0;
}

bool utf8_valid(const char *s, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_char(s + i, len - i);
		if (n == 0)
			return false;
	}
	return true;
}

bool utf8_is_control(const char *s, size_t n)
{
	unsigned char c = (unsigned char)s[0];
	if (n == 1)
		return c < 0x20 || c == 0x7f;
	return n == 2 && c == 0xc2 && (unsigned char)s[1] < 0xa0;
}

char *utf8_clean(const char *s, size_t len, bool keep_newlines)
{
	struct str out = {0};
	for (size_t i = 0; i < len;) {
		size_t n = utf8_char(s + i, len - i);
		bool kept = keep_newlines && (s[i] == '\n' || s[i] == '\t');
		if (n == 0 || (utf8_is_control(s + i, n) && !kept))
			str_add(&out, "\xef\xbf\xbd");
		else
			str_addn(&out, s + i, n);
		i += n ? n : 1;
	}
	return str_take(&out);
}

static wchar_t code_point(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	switch (n) {
	case 2: return (wchar_t)((s[0] & 0x1f) << 6 | (s[1] & 0x3f));
	case 3: return (wchar_t)((s[0] & 0x0f) << 12 | (s[1] & 0x3f) << 6 | (s[2] & 0x3f));
	case 4: return (wchar_t)((s[0] & 0x07) << 18 | (s[1] & 0x3f) << 12 | (s[2] & 0x3f) << 6 | (s[3] & 0x3f));
	default: return (wchar_t)s[0];
	}
}

static size_t write_code_point(wchar_t c, char out[4])
{
	const unsigned long u = (unsigned long)c;
	const size_t n = u < 0x80 ? 1 : u < 0x800 ? 2 : u < 0x10000 ? 3 : 4;
	static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = 0; i < n; i++)
		out[i] = (char)((i ? 0x80 : first[n]) | ((u >> 6 * (n - 1 - i)) & (i ? 0x3f : 0x7f)));
	return n;
}

char *utf8_lower(const char *s, size_t len)
{
	char *out = xmalloc(len * 2 + 1);       /* no letter's small form takes more than twice its bytes */
	size_t at = 0;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_char(s + i, len - i);
		if (n > 1) {
			at += write_code_point((wchar_t)towlower((wint_t)code_point(s + i, n)), out + at);
			continue;
		}
		n = 1;
		out[at++] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] | 32) : s[i];
	}
	out[at] = '\0';
	return out;
}

size_t utf8_columns(const char *s)
{
	size_t columns = 0;
	for (size_t len = strlen(s), n; len > 0; s += n, len -= n) {
		n = utf8_char(s, len);
		if (n == 0)
			n = 1;
		int width = n == 1 ? 1 : wcwidth(code_point(s, n));
		columns += width < 0 ? 1 : (size_t)width;
	}
	return columns;
}
