#include "sqlite_lower.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../base/utf8.h"

/* Nothing in it has another small form. */
static bool is_lower(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x80 || (text[i] >= 'A' && text[i] <= 'Z'))
			return false;
	return true;
}

static void lower(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *text = (const char *)sqlite3_value_text(values[0]);

	(void)count;
	if (text && is_lower(text, (size_t)sqlite3_value_bytes(values[0])))
		sqlite3_result_value(context, values[0]);
	else if (text)
		sqlite3_result_text(context, utf8_lower(text, (size_t)sqlite3_value_bytes(values[0])), -1, free);
}

int sqlite_lower_add(sqlite3 *conn)
{
	return sqlite3_create_function_v2(conn, "lower", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
		lower, NULL, NULL, NULL);
}
