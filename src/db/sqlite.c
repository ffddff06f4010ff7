/* sqlite.c - the embedded database: one file, one engine. */
#include "driver.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/mem.h"
#include "lockfile.h"
#include "sqlite_error.h"
#include "sqlite_lower.h"

enum { BUCKETS = 64 };          /* of prepared statements; a power of two */

/* Stands in the file's header, so that another program's database is not taken for ours. */
enum { APPLICATION_ID = 0x73706374 };           /* "spct" */

/* A statement that is prepared.  $N is a name to SQLite, so that it numbers them by first use: index[] is where $1,
 * $2 ... went. */
struct prepared {
	const struct stmt *stmt;
	sqlite3_stmt *s;
	size_t count;
	int index[STMT_ARGS_MAX];
	bool busy;                  /* a handler further up runs on its rows */
	struct prepared *next;
};

struct sqlite {
	sqlite3 *conn;
	int lock;
	struct prepared *prepared[BUCKETS];
};

static struct sqlite *link_of(const struct db *db)
{
	return db->link;
}

static int failed(const struct db *db, const char *what, int rc, struct err *err)
{
	return sqlite_error(link_of(db)->conn, db->path, what, rc, err);
}

/* ---- open and close ---- */

/* Makes the file ourselves, so that it is never there with other permissions.  1: made, 0: it was there. */
static int make_file(const char *path, bool create, struct err *err)
{
	int fd = create ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
	struct stat st;

	if (fd >= 0) {
		close(fd);
		return 1;
	}
	if (create && errno != EEXIST)
		return err_set(err, ERR_CANNOT_CREATE, "%s cannot be made: %s", path, strerror(errno));
	if (stat(path, &st) < 0)
		return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_FAILED, "%s cannot be opened: %s", path,
			strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_CONFIG, "%s is not a file", path);
	if ((st.st_mode & 077) && chmod(path, 0600) < 0)
		return err_set(err, ERR_CONFIG, "%s may be read by others, and that cannot be changed: %s", path,
			strerror(errno));
	return 0;
}

static int pragma(struct db *db, const char *text, struct err *err)
{
	int rc = sqlite3_exec(link_of(db)->conn, text, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : failed(db, "the settings of the database", rc, err);
}

static int pragma_int(struct db *db, const char *text, int64_t *value, struct err *err)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(link_of(db)->conn, text, -1, &s, NULL);

	if (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		*value = sqlite3_column_int64(s, 0);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(s);
	return rc == SQLITE_OK ? 0 : failed(db, "the settings of the database", rc, err);
}

/* Refuses what is no database of ours before anything is written to it. */
static int check_ours(struct db *db, bool made, struct err *err)
{
	int64_t id = 0, version = 0, tables = 0;
	int rc = pragma_int(db, "PRAGMA application_id", &id, err);

	if (rc >= 0)
		rc = pragma_int(db, "PRAGMA user_version", &version, err);
	if (rc >= 0)
		rc = pragma_int(db, "SELECT count(*) FROM sqlite_schema", &tables, err);
	if (rc < 0 || id == APPLICATION_ID)
		return rc;
	if (!made && (id || version || tables))
		return err_set(err, ERR_CONFIG, "%s is the database of another program", db->path);
	return pragma(db, "PRAGMA application_id = 0x73706374", err);
}

static int open_connection(struct db *db, bool made, struct err *err)
{
	struct sqlite *l = link_of(db);
	int rc = sqlite3_open_v2(db->path, &l->conn,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (rc != SQLITE_OK)
		return failed(db, "the database", rc, err);
	sqlite3_busy_timeout(l->conn, 1000);
	rc = sqlite_lower_add(l->conn);
	if (rc != SQLITE_OK)
		return failed(db, "the database", rc, err);
	/* recursive_triggers: REPLACE must not get around the triggers that refuse DELETE. */
	rc = pragma(db, "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;"
		"PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000", err);
	if (rc >= 0)
		rc = check_ours(db, made, err);
	return rc < 0 ? rc : pragma(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", err);
}

static int sqlite_open(struct db *db, bool create, struct err *err)
{
	struct sqlite *l = xcalloc(1, sizeof(*l));
	char *lock = xasprintf("%s.lock", db->path);
	int made = 0, rc;

	db->link = l;
	l->lock = rc = create || access(db->path, F_OK) == 0 ? lockfile_take(lock, err) :
		err_set(err, ERR_NOT_FOUND, "%s does not exist", db->path);
	free(lock);
	if (rc >= 0)
		rc = made = make_file(db->path, create, err);
	if (rc >= 0)
		rc = open_connection(db, made, err);
	if (rc < 0 && made == 1) {
		db->driver->close(db, true);
		db->link = NULL;
	}
	return rc < 0 ? rc : made;
}

static void remove_files(const char *path)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		char *name = xasprintf("%s%s", path, ends[i]);
		unlink(name);
		free(name);
	}
}

static void finish(struct prepared *p)
{
	sqlite3_finalize(p->s);
	free(p);
}

static void sqlite_close_all(struct db *db, bool discard)
{
	struct sqlite *l = link_of(db);

	if (!l)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct prepared *p = l->prepared[i], *next; p; p = next) {
			next = p->next;
			finish(p);
		}
	sqlite3_close(l->conn);
	if (discard)
		remove_files(db->path);
	if (l->lock >= 0)
		close(l->lock);
	free(l);
	db->link = NULL;
}

/* ---- schema ---- */

static int sqlite_version(struct db *db, struct err *err)
{
	int64_t version = 0;
	int rc = pragma_int(db, "PRAGMA user_version", &version, err);

	return rc < 0 ? rc : (int)version;
}

static int sqlite_set_version(struct db *db, int version, struct err *err)
{
	char *text = xasprintf("PRAGMA user_version = %d", version);
	int rc = pragma(db, text, err);

	free(text);
	return rc;
}

static int sqlite_script(struct db *db, const char *name, const char *sql, struct err *err)
{
	int rc = sqlite3_exec(link_of(db)->conn, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : failed(db, name, rc, err);
}

/* ---- transactions ---- */

static int sqlite_begin(struct db *db, struct err *err)
{
	int rc = sqlite3_exec(link_of(db)->conn, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : failed(db, "begin", rc, err);
}

/* SQLite gives a transaction up by itself on some errors (full disk); what follows must not run outside of one. */
static int given_up(const struct db *db, struct err *err)
{
	return err_set(
		err, ERR_FAILED, "%s: the transaction was given up after an error; nothing was changed", db->path);
}

static int sqlite_commit(struct db *db, struct err *err)
{
	sqlite3 *conn = link_of(db)->conn;

	if (sqlite3_get_autocommit(conn))
		return given_up(db, err);
	int rc = sqlite3_exec(conn, "COMMIT", NULL, NULL, NULL);
	return rc == SQLITE_OK ? 0 : failed(db, "commit", rc, err);
}

static void sqlite_rollback(struct db *db)
{
	sqlite3 *conn = link_of(db)->conn;

	if (!sqlite3_get_autocommit(conn))
		sqlite3_exec(conn, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- statements ---- */

static int number_arguments(struct prepared *p, struct err *err)
{
	int count = sqlite3_bind_parameter_count(p->s);

	if (count > STMT_ARGS_MAX)
		return err_set(err, ERR_FAILED, "%s: more than %d arguments", p->stmt->name, STMT_ARGS_MAX);
	for (int i = 1; i <= count; i++) {
		const char *name = sqlite3_bind_parameter_name(p->s, i);
		long n = name && *name == '$' ? strtol(name + 1, NULL, 10) : 0;

		if (n < 1 || n > count)
			return err_set(err, ERR_FAILED, "%s: arguments are $1 to $%d, not %s", p->stmt->name, count,
				name ? name : "?");
		p->index[n - 1] = i;
	}
	p->count = (size_t)count;
	return 0;
}

static int check_columns(const struct prepared *p, struct err *err)
{
	int named = 0, given = sqlite3_column_count(p->s);

	while (named < STMT_COLUMNS_MAX && p->stmt->columns[named].name)
		named++;
	if (named && named != given)
		return err_set(
			err, ERR_FAILED, "%s: %d columns are named, but it gives %d", p->stmt->name, named, given);
	return 0;
}

static int prepare(struct db *db, const struct stmt *stmt, struct prepared **out, struct err *err)
{
	struct prepared *p = *out = xcalloc(1, sizeof(*p));

	p->stmt = stmt;
	int rc = sqlite3_prepare_v3(link_of(db)->conn, stmt->text, -1, SQLITE_PREPARE_PERSISTENT, &p->s, NULL);
	if (rc != SQLITE_OK)
		rc = failed(db, stmt->name, rc, err);
	else if ((rc = number_arguments(p, err)) >= 0)
		rc = check_columns(p, err);
	if (rc < 0) {
		finish(p);
		*out = NULL;
	}
	return rc;
}

/* The statement, prepared and free to run.  One that is busy further up the stack is prepared a second time: *once
 * is then set, and the caller finishes it. */
static int find(struct db *db, const struct stmt *stmt, struct prepared **out, bool *once, struct err *err)
{
	struct prepared **bucket = &link_of(db)->prepared[((uintptr_t)stmt >> 5) % BUCKETS];
	struct prepared *p = *bucket;

	while (p && p->stmt != stmt)
		p = p->next;
	*out = p;
	*once = p && p->busy;
	if (p && !p->busy)
		return 0;
	int rc = prepare(db, stmt, &p, err);
	*out = p;
	if (rc >= 0 && !*once) {
		p->next = *bucket;
		*bucket = p;
	}
	return rc;
}

static int bind(struct db *db, const struct prepared *p, const struct arg *args, size_t n, struct err *err)
{
	int rc = SQLITE_OK;

	if (n != p->count)
		return err_set(err, ERR_FAILED, "%s takes %zu arguments, not %zu", p->stmt->name, p->count, n);
	for (size_t i = 0; i < n && rc == SQLITE_OK; i++) {
		const struct arg *a = &args[i];

		switch (a->kind) {
		case ARG_NULL: rc = sqlite3_bind_null(p->s, p->index[i]); break;
		case ARG_INT:  rc = sqlite3_bind_int64(p->s, p->index[i], a->i); break;
		case ARG_TEXT: rc = sqlite3_bind_text(p->s, p->index[i], a->p, -1, SQLITE_STATIC); break;
		case ARG_BLOB: rc = sqlite3_bind_blob64(p->s, p->index[i], a->p, a->len, SQLITE_STATIC); break;
		}
	}
	return rc == SQLITE_OK ? 0 : failed(db, p->stmt->name, rc, err);
}

static int step_through(struct db *db, const struct prepared *p, db_row_h *handle, void *arg, struct err *err)
{
	const struct row row = {.stmt = p->stmt, .driver = db->driver, .at = p->s};
	sqlite3 *conn = link_of(db)->conn;
	const sqlite3_int64 before = sqlite3_total_changes64(conn);
	int rows = 0, said = 0, rc;

	while ((rc = sqlite3_step(p->s)) == SQLITE_ROW) {
		if (!handle)
			continue;
		rows++;
		said = handle(&row, arg);
		if (said)
			break;
	}
	if (said < 0)
		return said;
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		return failed(db, p->stmt->name, rc, err);
	if (handle)
		return rows;
	/* What is no INSERT, UPDATE or DELETE leaves the count of the one before; the total counts rows of triggers
	 * as well. */
	return sqlite3_total_changes64(conn) == before ? 0 : sqlite3_changes(conn);
}

static int sqlite_query(struct db *db, const struct stmt *stmt, const struct arg *args, size_t n, db_row_h *handle,
	void *arg, struct err *err)
{
	if (db->in_transaction && sqlite3_get_autocommit(link_of(db)->conn))
		return given_up(db, err);

	bool once;
	struct prepared *p;
	int rc = find(db, stmt, &p, &once, err);
	if (rc < 0)
		return rc;

	rc = bind(db, p, args, n, err);
	if (rc >= 0) {
		p->busy = true;
		rc = step_through(db, p, handle, arg, err);
		p->busy = false;
	}
	sqlite3_reset(p->s);
	if (once)
		finish(p);
	return rc;
}

/* ---- rows ---- */

static int64_t sqlite_row_int(const struct row *row, int column)
{
	return sqlite3_column_int64(row->at, column);
}

static const char *sqlite_row_text(const struct row *row, int column)
{
	return (const char *)sqlite3_column_text(row->at, column);
}

static const void *sqlite_row_blob(const struct row *row, int column, size_t *len)
{
	const void *p = sqlite3_column_blob(row->at, column);

	*len = (size_t)sqlite3_column_bytes(row->at, column);
	return p;
}

static bool sqlite_row_null(const struct row *row, int column)
{
	return sqlite3_column_type(row->at, column) == SQLITE_NULL;
}

/* ---- the rest ---- */

static int64_t sqlite_size(struct db *db)
{
	int64_t pages = 0, size = 0;

	if (pragma_int(db, "PRAGMA page_count", &pages, NULL) < 0 ||
		pragma_int(db, "PRAGMA page_size", &size, NULL) < 0)
		return 0;
	return pages * size;
}

const struct driver db_sqlite = {
	.dialect = "sqlite",
	.open = sqlite_open,
	.close = sqlite_close_all,
	.version = sqlite_version,
	.set_version = sqlite_set_version,
	.script = sqlite_script,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.query = sqlite_query,
	.row_int = sqlite_row_int,
	.row_text = sqlite_row_text,
	.row_blob = sqlite_row_blob,
	.row_null = sqlite_row_null,
	.size = sqlite_size,
};
