/* sqlite_copy.h - a copy of a database that is in use, a slice at a time (db_copy_start() in db.h). */
#pragma once
#include <sqlite3.h>
#include "db.h"

int  copy_start(sqlite3 *from, const char *path, struct db_copy **, struct err *);
int  copy_step(struct db_copy *, struct err *);
void copy_end(struct db_copy *);
