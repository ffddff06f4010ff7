/* internal.c - which addresses may be called without the gate. */
#include "internal.h"

bool internal_may_call(const char *user)
{
	int digits = 0;

	for (const char *c = user; *c; c++) {
		if ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z'))
			return true;
		digits += *c >= '0' && *c <= '9';
	}
	return digits > 0 && digits <= INTERNAL_DIGITS_MAX;
}
