/* e164.c - typed numbers to E.164.  One that could mean two things is refused: a wrong guess calls a stranger. */
#include "e164.h"
#include <string.h>
#include "str.h"

enum { TYPED_MAX = 64, DIGITS_MAX = 32 };

/* What stands between digits and means nothing; longer ones first.  Beside ASCII: no-break and thin blanks, and the
 * hyphens and dashes that text programs put in. */
static const char *const separators[] = {
	"\xe2\x80\xaf", "\xe2\x80\x87", "\xe2\x80\x89", "\xe2\x80\x90", "\xe2\x80\x91", "\xe2\x80\x92", "\xe2\x80\x93",
	"\xe2\x80\x94", "\xc2\xa0", " ", "\t", "-", ".", "/",
};

/* Where the 0 of a national number belongs to it and is dialled from abroad too. */
static const char *const zero_kept[] = {"39", "378", "225", "226", "227", "229", "241", "242"};

/* Country codes of two digits (ITU-T E.164, list of assigned codes); of one digit are 1 and 7, all others have
 * three. */
static const char two_digit_codes[] = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 "
	"60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98";

/* Codes of no country, whose numbers may begin with 0. */
static const char *const worldwide[] = {"800", "808", "870", "878", "881", "882", "883", "888", "979"};

static size_t separator(const char *s)
{
	if (*s >= '0' && *s <= '9')         /* most of what is typed */
		return 0;
	for (size_t i = 0; i < sizeof separators / sizeof separators[0]; i++)
		if (str_starts(s, separators[i]))
			return strlen(separators[i]);
	return 0;
}

static int refuse(struct err *err, const char *typed, const char *why)
{
	return err_set(err, ERR_INVALID, "\"%.80s\" is not a telephone number that can be used: %s", typed, why);
}

/* Why this character cannot stand in a number. */
static const char *bad_character(const char *s)
{
	unsigned char lower = (unsigned char)*s | 32;
	if (lower == 'x' || str_starts(s, "ext") || str_starts(s, "Ext") || *s == ';' || *s == ',')
		return "it has an extension; write the number alone";
	if (lower >= 'a' && lower <= 'z')
		return "it has letters; write the digits";
	if (*s == '*' || *s == '#')
		return "it is a service code (* or #)";
	if (*s == '+')
		return "\"+\" may only stand at its start";
	return "it has a character that no telephone number has";
}

/* A number taken apart: its digits, and whether it was written with "+". */
struct typed_number {
	bool plus;
	bool bracket_zero;          /* "+44 (0)20 ...": the 0 that is only dialled at home; left out of the digits */
	size_t zero_at;
	size_t count;
	char digits[DIGITS_MAX + 1];
};

/* NULL, or what is wrong. */
static const char *take_apart(const char *s, struct typed_number *n)
{
	bool open = false;
	if (strncasecmp(s, "tel:", 4) == 0)
		s += 4;
	for (size_t skip; (skip = separator(s)) > 0;)
		s += skip;
	if (*s == '+') {
		n->plus = true;
		s++;
	}
	while (*s) {
		size_t skip = separator(s);
		if (n->plus && n->count && !open && str_starts(s, "(0)") && !n->bracket_zero) {
			n->bracket_zero = true;
			n->zero_at = n->count;
			skip = 3;
		} else if (*s == '(' || *s == ')') {
			if (open == (*s == '('))
				return "its brackets do not match";
			open = !open;
			skip = 1;
		}
		if (skip) {
			s += skip;
			continue;
		}
		if (*s < '0' || *s > '9')
			return bad_character(s);
		if (n->count == DIGITS_MAX)
			return "it has more than 15 digits";
		n->digits[n->count++] = *s++;
	}
	n->digits[n->count] = '\0';
	if (open)
		return "its brackets do not match";
	return n->count ? NULL : "it has no digits";
}

static bool starts_with_any(const char *digits, const char *const *codes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_starts(digits, codes[i]))
			return true;
	return false;
}

static bool keeps_zero(const char *digits)
{
	return starts_with_any(digits, zero_kept, sizeof zero_kept / sizeof zero_kept[0]);
}

/* Is there a 0 behind the country code that is only dialled at home?  Such a number would be taken for another one than
 * that without it, and some carriers put both through. */
static bool has_home_zero(const char *digits)
{
	char two[3] = {digits[0], digits[1], '\0'};
	size_t len = digits[0] == '1' || digits[0] == '7' ? 1 : strstr(two_digit_codes, two) ? 2 : 3;
	return digits[len] == '0' && !keeps_zero(digits) &&
		!starts_with_any(digits, worldwide, sizeof worldwide / sizeof worldwide[0]);
}

/* NPA-NXX-XXXX with its leading 1.  NULL, or what is wrong. */
static const char *check_nanp(const char *d)
{
	if (strlen(d) != 11)
		return "a number of country code 1 has 10 digits after it (area code and 7 digits)";
	if (d[1] < '2' || d[2] == '9')
		return "its area code does not exist (the first digit is 2-9, the second 0-8)";
	if (d[2] == '1' && d[3] == '1')
		return "its area code is a service code such as 911";
	if (str_starts(d + 1, "900"))
		return "its area code is that of services which charge the caller";
	if (d[4] < '2')
		return "the three digits after the area code begin with 2-9";
	return NULL;
}

/* "digits" begin with a country code.  Until 2019 mobiles of Mexico had a 1 behind it, which still gets through: the
 * same telephone has one number here. */
static const char *finish(const char *typed, char out[E164_SIZE])
{
	char without[DIGITS_MAX + 1] = "52";
	const bool old_mexican = strlen(typed) == 13 && str_starts(typed, "521");
	const char *digits = old_mexican ? without : typed;
	if (old_mexican)
		memcpy(without + 2, typed + 3, 11);
	size_t len = strlen(digits);
	const char *why = digits[0] == '1' ? check_nanp(digits) : NULL;
	if (digits[0] == '0')
		return "no country code begins with 0";
	if (why)
		return why;
	if (len > 15)
		return "it has more than 15 digits";
	if (len < 8)
		return "it is too short for an international number";
	if (has_home_zero(digits))
		return "the 0 after its country code is only dialled at home; leave it out";
	out[0] = '+';
	memcpy(out + 1, digits, len + 1);
	return NULL;
}

static const char *national_nanp(const char *d, char out[E164_SIZE])
{
	char whole[DIGITS_MAX + 2] = "1";
	if (str_starts(d, "011"))
		return finish(d + 3, out);
	if (strlen(d) == 11 && d[0] == '1')
		return finish(d, out);
	if (strlen(d) == 7)
		return "its area code is missing";
	if (strlen(d) == 3 && d[1] == '1' && d[2] == '1')
		return "it is a service code";
	if (strlen(d) != 10)
		return "a number without \"+\" has 10 digits, or 11 with a leading 1, or begins with 011";
	memcpy(whole + 1, d, 11);
	return finish(whole, out);
}

static const char *national_other(const char *d, const char *country, char out[E164_SIZE])
{
	char whole[DIGITS_MAX + 4];
	size_t len = strlen(country);
	if (str_starts(d, "00"))
		return finish(d + 2, out);
	if (d[0] == '0' && !keeps_zero(country))
		d++;
	else if (str_starts(d, country))
		return "it may be with or without the country code; write it with \"+\"";
	memcpy(whole, country, len);
	memcpy(whole + len, d, strlen(d) + 1);
	if (strlen(d) < 5)
		return "it is too short";
	return finish(whole, out);
}

static bool country_fits(const char *country)
{
	size_t len = strlen(country);
	return len >= 1 && len <= 3 && country[0] != '0' && strspn(country, "0123456789") == len;
}

int e164_parse(const char *typed, const char *country, char out[E164_SIZE], struct err *err)
{
	struct typed_number n = {0};
	const char *why;
	out[0] = '\0';
	if (!country_fits(country))
		return err_set(err, ERR_INVALID,
			"\"%.20s\" is not a country calling code: write 1 to 3 digits such as 1 or 44", country);
	if (strlen(typed) > TYPED_MAX)
		return refuse(err, typed, "it is too long");
	why = take_apart(typed, &n);
	if (!why && n.bracket_zero && keeps_zero(n.digits)) {
		memmove(n.digits + n.zero_at + 1, n.digits + n.zero_at, n.count - n.zero_at + 1);
		n.digits[n.zero_at] = '0';
	}
	if (!why && n.plus)
		why = finish(n.digits, out);
	else if (!why && strcmp(country, "1") == 0)
		why = national_nanp(n.digits, out);
	else if (!why)
		why = national_other(n.digits, country, out);
	if (why) {
		out[0] = '\0';
		return refuse(err, typed, why);
	}
	return 0;
}

bool e164_valid(const char *number)
{
	size_t len = strlen(number);
	return number[0] == '+' && len >= 9 && len <= 16 && number[1] != '0' &&
		strspn(number + 1, "0123456789") == len - 1;
}
