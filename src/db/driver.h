/*
 * driver.h - what a kind of database does for db.c.  db.h is what everybody else sees; sqlite.c is a driver.
 */
#pragma once
#include "db.h"

struct db {
	const struct driver *driver;
	void *link;                 /* the driver's own */
	char *path;
	int version;                /* of the schema in the file */
	bool in_transaction;        /* between db_begin() and its end, even when the database gave the transaction up */
};

struct row {
	const struct stmt *stmt;
	const struct driver *driver;
	void *at;                   /* the driver's own */
};

struct driver {
	const char *dialect;        /* which schema/NNN-what.DIALECT.sql are its own */

	/* Sets db->link.  Returns 1 when the database was made just now, 0 when it was there, or a negative error. */
	int  (*open)(struct db *, bool create, struct err *);
	/* discard: it was made just now and came to nothing, so that it is removed again. */
	void (*close)(struct db *, bool discard);

	int  (*version)(struct db *, struct err *);                     /* of the schema; 0: none yet */
	int  (*set_version)(struct db *, int version, struct err *);
	int  (*script)(struct db *, const char *name, const char *sql, struct err *);

	int  (*begin)(struct db *, struct err *);
	int  (*commit)(struct db *, struct err *);
	void (*rollback)(struct db *);

	/* Rows handed to the handler, or without one the number of rows changed. */
	int  (*query)(struct db *, const struct stmt *, const struct arg *, size_t, db_row_h *, void *, struct err *);
	int64_t     (*row_int)(const struct row *, int column);
	const char *(*row_text)(const struct row *, int column);
	const void *(*row_blob)(const struct row *, int column, size_t *len);
	bool        (*row_null)(const struct row *, int column);

	int64_t (*size)(struct db *);                                   /* bytes in use */
};

extern const struct driver db_sqlite;
