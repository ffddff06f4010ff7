/* sqlite_check.c - what SQLite itself finds wrong with the file. */
#include <sqlite3.h>
#include <string.h>
#include "../base/str.h"
#include "db.h"
#include "sqlite_error.h"

enum { FAULTS_MAX = 20 };

/* Adds a line for each row that does not read `fine` (NULL: for each). */
static int ask(sqlite3 *conn, const char *path, const char *pragma, const char *fine, const char *what,
	struct str *faults, struct err *err)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(conn, pragma, -1, &s, NULL), rows = 0;

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(s);
		const char *text = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
		if (text && (!fine || strcmp(text, fine)) && rows++ < FAULTS_MAX)
			str_addf(faults, "%s: %s\n", what, text);
	}
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? 0 : sqlite_error(conn, path, what, rc, err);
}

/* Now and then, while a statement runs; not 0 ends it. */
static int is_to_stop(void *stop)
{
	return atomic_load((const atomic_bool *)stop);
}

int db_check(const char *path, const atomic_bool *stop, char **faults, struct err *err)
{
	enum { INSTRUCTIONS = 1000 };
	struct str all = {0};
	sqlite3 *conn = NULL;
	int rc = sqlite3_open_v2(path, &conn, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	rc = rc == SQLITE_OK ? 0 : sqlite_error(conn, path, "the database", rc, err);
	if (!rc && stop)
		sqlite3_progress_handler(conn, INSTRUCTIONS, is_to_stop, (void *)stop);
	if (!rc)
		rc = ask(conn, path, "PRAGMA integrity_check", "ok", "its structure", &all, err);
	if (!rc)
		rc = ask(conn, path, "PRAGMA foreign_key_check", NULL, "a row that refers to one that is not there",
			&all, err);
	if (!rc)
		rc = ask(conn, path, "PRAGMA journal_mode", "wal", "its journal is not the WAL", &all, err);
	sqlite3_close(conn);
	if (stop && atomic_load(stop))
		rc = err_set(err, ERR_TRY_AGAIN, "the check of %s was given up", path);
	*faults = all.len ? str_take(&all) : NULL;
	str_free(&all);
	return rc;
}
