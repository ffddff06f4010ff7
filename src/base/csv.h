/* csv.h - RFC 4180, writing. */
#pragma once
#include "str.h"

/* Adds one field (NULL: an empty one), quoted where RFC 4180 asks for it; without first a comma goes before it.  A
 * field that a spreadsheet would take for a formula (= + - @ at its start) is not altered: E.164 begins with '+'. */
void csv_add(struct str *, const char *field, bool first);
void csv_end(struct str *);                        /* CR LF */
