/*
 * db.h - the database as the engine sees it: statements by name, typed arguments, rows.
 *
 * Every SQL text lives in this folder, as a `const struct stmt` in sql_NOUN.c, declared in sql_NOUN.h, in the subset
 * that SQLite >= 3.40 and PostgreSQL >= 15 share ($1, ON CONFLICT, RETURNING).  Statements are prepared once, on
 * first use.  Times are UTC milliseconds, booleans 0 and 1.
 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../base/err.h"

struct db;

/* How a column appears to scripts (the engine's row_json()). */
enum column_kind { COL_INT, COL_TEXT, COL_BOOL, COL_TIME, COL_HIDDEN };
struct column { const char *name; enum column_kind kind; };

enum { STMT_COLUMNS_MAX = 56, STMT_ARGS_MAX = 48 };
struct stmt {
	const char *name;                           /* for errors: "station.add" */
	const char *text;
	struct column columns[STMT_COLUMNS_MAX];    /* ends at a NULL name; the SELECT's or RETURNING's, in its order */
};

struct arg {
	enum { ARG_NULL, ARG_INT, ARG_TEXT, ARG_BLOB } kind;
	int64_t i;
	const void *p;
	size_t len;
};
static inline struct arg a_int(int64_t v)  { return (struct arg){.kind = ARG_INT, .i = v}; }
static inline struct arg a_text(const char *s) { return (struct arg){.kind = s ? ARG_TEXT : ARG_NULL, .p = s}; }
static inline struct arg a_blob(const void *p, size_t n)
{
	return (struct arg){.kind = p ? ARG_BLOB : ARG_NULL, .p = p, .len = n};
}
static inline struct arg a_null(void) { return (struct arg){.kind = ARG_NULL}; }
/* NULL pointer: SQL NULL, which an UPDATE with COALESCE takes as "leave it". */
static inline struct arg a_opt(const int64_t *v) { return v ? a_int(*v) : a_null(); }
#define ARGS(...) (const struct arg[]){__VA_ARGS__}, sizeof((const struct arg[]){__VA_ARGS__}) / sizeof(struct arg)
#define NO_ARGS NULL, 0

/* A result row; valid only inside of the handler. */
struct row;
int64_t     row_int(const struct row *, int column);       /* NULL reads as 0 */
const char *row_text(const struct row *, int column);      /* NULL for SQL NULL */
const void *row_blob(const struct row *, int column, size_t *len);
bool        row_null(const struct row *, int column);
const struct stmt *row_stmt(const struct row *);           /* whose columns these are */

/* 0 goes on, 1 stops without an error, negative stops with one. */
typedef int (db_row_h)(const struct row *, void *arg);

/*
 * Opens (and makes, 0600, when create) the database file; brings its schema up to date in one transaction; refuses a
 * newer schema (ERR_CONFIG) and a file that another engine has open (ERR_CONFLICT, flock on PATH.lock with that
 * engine's pid).  WAL, synchronous FULL, foreign keys on.
 */
int  db_open(struct db **, const char *path, bool create, struct err *);
void db_close(struct db *);
/* What db_open() does for the schema, for one that is open: runs what is missing, in one transaction.  The number of
 * versions. */
int  db_migrate(struct db *, struct err *);
int  db_schema_version(const struct db *);
int  db_schema_newest(void);
const char *db_path(const struct db *);
int64_t db_size(struct db *);                       /* bytes */

/*
 * A consistent copy of a file that is in use, with a connection of its own, from any thread: as it was when the copying
 * began, whatever is written meanwhile.  The copy (0600) appears under its name when it is whole and on disk; an
 * existing file is never overwritten (ERR_CONFLICT).  ERR_TRY_AGAIN once *stop is true (NULL: it never is).
 */
int  db_copy(const char *from, const char *to, const atomic_bool *stop, struct err *);

/*
 * Looks the whole file over with a connection of its own, from any thread: SQLite's integrity_check, foreign keys, WAL.
 * What is wrong is written to faults (sentences, one a line; the caller's); NULL: nothing.  ERR_FAILED: it cannot be
 * looked at.  ERR_TRY_AGAIN once *stop is true (NULL: it never is).
 */
int  db_check(const char *path, const atomic_bool *stop, char **faults, struct err *);

/* Runs a statement.  Returns the number of rows changed, or a negative error: a broken UNIQUE is ERR_CONFLICT, a
 * full disk or read-only file ERR_FAILED with the system's reason, a busy database ERR_TRY_AGAIN. */
int  db_run(struct db *, const struct stmt *, const struct arg *, size_t, struct err *);
/* As db_run, for INSERT ... RETURNING id: the id, or a negative error. */
int64_t db_insert(struct db *, const struct stmt *, const struct arg *, size_t, struct err *);
/* Calls the handler for each row.  Returns the number of rows handled, or a negative error. */
int  db_each(struct db *, const struct stmt *, const struct arg *, size_t, db_row_h *, void *, struct err *);
/* Transactions do not nest; db_begin takes the write lock at once. */
int  db_begin(struct db *, struct err *);
int  db_commit(struct db *, struct err *);          /* on failure everything is rolled back */
void db_rollback(struct db *);                      /* harmless outside of a transaction */
