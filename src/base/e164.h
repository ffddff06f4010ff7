/* e164.h - telephone numbers as typed by people to E.164 (ITU-T E.164: '+' and at most 15 digits). */
#pragma once
#include <stdbool.h>
#include "err.h"

enum { E164_SIZE = 17 };    /* '+', 15 digits, NUL */

/*
 * "(415) 555-0100", "1-415-555-0100", "+44 20 7946 0958", "011 44 …", "tel:+1415…" to "+14155550100".
 * country is the calling code assumed for a national number, digits only ("1" for the NANP, whose numbers are
 * checked for their form NPA-NXX-XXXX; elsewhere a national leading 0 is dropped and "00" is the international
 * prefix).  Letters, extensions, service codes and anything else unclear are ERR_INVALID with a sentence that
 * names the number and what is wrong with it; out is then "".
 */
int  e164_parse(const char *typed, const char *country, char out[E164_SIZE], struct err *);
bool e164_valid(const char *number);        /* exactly '+', 8 to 15 digits, the first not 0 */
