/* internal.h - which addresses may be called without the gate: those of colleagues, never a telephone number's. */
#pragma once
#include <stdbool.h>

/*
 * user: the user of a station's SIP address.  A PBX may take it for a number and call outside, so it must be a name,
 * which begins with a letter, or an extension: at most INTERNAL_DIGITS_MAX digits, whatever stands between them, that
 * are not those of an emergency line.
 */
enum { INTERNAL_DIGITS_MAX = 5 };
bool internal_may_call(const char *user);
