/* internal.c - which addresses may be called without the gate. */
#include "internal.h"
#include <string.h>

/* Emergency and crisis lines, which a PBX puts through from any extension; the last with the digit for an outside
 * line. */
static const char *const emergencies[] = {"911", "988", "112", "999", "000", "9911"};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_emergency(const char *digits)
{
	for (size_t i = 0; i < sizeof(emergencies) / sizeof(*emergencies); i++)
		if (!strcmp(digits, emergencies[i]))
			return true;
	return false;
}

bool internal_may_call(const char *user)
{
	char figures[INTERNAL_DIGITS_MAX + 1] = "";
	int digits = 0;
	bool letter = false;

	if (is_letter(*user))
		return true;
	for (const char *c = user; *c; c++) {
		letter |= is_letter(*c);
		if (*c < '0' || *c > '9')
			continue;
		if (digits < INTERNAL_DIGITS_MAX)
			figures[digits] = *c;
		digits++;
	}
	return (digits || letter) && digits <= INTERNAL_DIGITS_MAX && !is_emergency(figures);
}
