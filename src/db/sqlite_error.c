/* sqlite_error.c - SQLite's result codes as ours. */
#include "sqlite_error.h"

#include <stdbool.h>
#include <string.h>

static int constraint(const char *what, int rc, const char *text, struct err *err)
{
	switch (rc) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
		return err_set(err, ERR_CONFLICT, "%s: this exists already (%s)", what, text);
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return err_set(err, ERR_CONFLICT,
			"%s: other rows refer to this one, or what it refers to does not exist", what);
	case SQLITE_CONSTRAINT_TRIGGER:
		return err_set(err, ERR_CONFLICT, "%s", text);
	default:
		return err_set(err, ERR_INVALID, "%s: %s", what, text);
	}
}

static int input_output(sqlite3 *conn, const char *path, int rc, struct err *err)
{
	int code = conn ? sqlite3_system_errno(conn) : 0;
	const char *reason = code ? strerror(code) : sqlite3_errstr(rc);
	bool reading = rc == SQLITE_IOERR_READ || rc == SQLITE_IOERR_SHORT_READ;

	return err_set(err, ERR_FAILED, "%s cannot be %s: %s", path, reading ? "read" : "written", reason);
}

int sqlite_error(sqlite3 *conn, const char *path, const char *what, int rc, struct err *err)
{
	const char *text = conn ? sqlite3_errmsg(conn) : sqlite3_errstr(rc);

	switch (rc & 0xff) {
	case SQLITE_CONSTRAINT:
		return constraint(what, rc, text, err);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, ERR_TRY_AGAIN, "%s is busy: another program is writing to it", path);
	case SQLITE_FULL:
		return err_set(err, ERR_FAILED, "%s cannot be written: the disk is full", path);
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return err_set(err, ERR_FAILED, "%s cannot be written: the file or its folder is read-only", path);
	case SQLITE_IOERR:
		return input_output(conn, path, rc, err);
	case SQLITE_CANTOPEN: {
		int code = conn ? sqlite3_system_errno(conn) : 0;
		return err_set(err, ERR_CANNOT_CREATE, "%s cannot be opened: %s", path, code ? strerror(code) : text);
	}
	case SQLITE_NOTADB:
		return err_set(err, ERR_CONFIG, "%s is not a database", path);
	case SQLITE_CORRUPT:
		return err_set(err, ERR_CONFIG, "%s is damaged (%s): restore it from a backup", path, text);
	default:
		return err_set(err, ERR_FAILED, "%s: %s", what, text);
	}
}
