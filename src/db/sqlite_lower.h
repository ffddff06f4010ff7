/* sqlite_lower.h - lower() for all letters, as PostgreSQL has it; SQLite's own knows those of ASCII. */
#pragma once
#include <sqlite3.h>

/* SQLite's result code. */
int sqlite_lower_add(sqlite3 *);
