/* csv.c - RFC 4180. */
#include "csv.h"
#include <string.h>

void csv_add(struct str *out, const char *field, bool first)
{
	if (!first)
		str_addn(out, ",", 1);
	if (!field)
		return;
	if (!field[strcspn(field, ",\"\r\n")]) {
		str_add(out, field);
		return;
	}
	str_addn(out, "\"", 1);
	for (const char *p = field; *p; p++)
		str_addn(out, *p == '"' ? "\"\"" : p, *p == '"' ? 2 : 1);
	str_addn(out, "\"", 1);
}

void csv_end(struct str *out)
{
	str_addn(out, "\r\n", 2);
}
