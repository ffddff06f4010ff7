/* internal.c - which addresses may be called without the gate. */
#include "internal.h"

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool internal_may_call(const char *user)
{
	int digits = 0;
	bool letter = false;

	if (is_letter(*user))
		return true;
	for (const char *c = user; *c; c++) {
		letter |= is_letter(*c);
		digits += *c >= '0' && *c <= '9';
	}
	return (digits || letter) && digits <= INTERNAL_DIGITS_MAX;
}
