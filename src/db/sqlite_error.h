/* sqlite_error.h - SQLite's result codes as ours, with a sentence for people. */
#pragma once
#include <sqlite3.h>
#include "../base/err.h"

/* what: the statement's name, or what was being done.  Returns the code. */
int sqlite_error(sqlite3 *, const char *path, const char *what, int rc, struct err *);
