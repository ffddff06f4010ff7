/* db.c - what is the same for every kind of database: schema versions, transactions, the way to the driver. */
#include "driver.h"

#include <stdlib.h>
#include <string.h>

#include "../base/mem.h"
#include "schema.h"

/* ---- the schema ---- */

int db_schema_newest(void)
{
	int newest = 0;

	for (const struct schema *s = db_schema; s->name; s++)
		if (s->version > newest)
			newest = s->version;
	return newest;
}

int db_schema_version(const struct db *db)
{
	return db->version;
}

/* The middle part of NNN-what.DIALECT.sql must be the driver's; NNN-what.sql is for all. */
static bool for_dialect(const struct schema *s, const char *dialect, bool common)
{
	const char *dot = strchr(s->name, '.');
	const char *last = strrchr(s->name, '.');

	if (!dot || dot == last)
		return common;
	size_t len = (size_t)(last - dot - 1);
	return !common && strlen(dialect) == len && !memcmp(dot + 1, dialect, len);
}

static int migrate_to(struct db *db, int version, struct err *err)
{
	int rc = 0;

	for (int common = 1; common >= 0 && rc >= 0; common--)
		for (const struct schema *s = db_schema; s->name && rc >= 0; s++)
			if (s->version == version && for_dialect(s, db->driver->dialect, common))
				rc = db->driver->script(db, s->name, s->sql, err);
	return rc < 0 ? rc : db->driver->set_version(db, version, err);
}

int db_migrate(struct db *db, struct err *err)
{
	int newest = db_schema_newest();
	int from = db->driver->version(db, err);

	if (from < 0)
		return from;
	if (from > newest)
		return err_set(err, ERR_CONFIG,
			"%s has schema %d, but this program knows schemas up to %d only: run a newer spctld", db->path,
			from, newest);
	db->version = from;
	if (from == newest)
		return 0;

	int rc = db_begin(db, err);
	for (int v = from + 1; v <= newest && rc >= 0; v++)
		rc = migrate_to(db, v, err);
	if (rc >= 0)
		rc = db_commit(db, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	db->version = newest;
	return newest - from;
}

/* ---- open and close ---- */

int db_open(struct db **out, const char *path, bool create, struct err *err)
{
	struct db *db = xcalloc(1, sizeof(*db));
	db->driver = &db_sqlite;
	db->path = xstrdup(path);

	int made = db->driver->open(db, create, err);
	int rc = made < 0 ? made : db_migrate(db, err);
	if (rc < 0) {
		db->driver->close(db, made == 1);
		free(db->path);
		free(db);
		*out = NULL;
		return rc;
	}
	*out = db;
	return 0;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db->driver->close(db, false);
	free(db->path);
	free(db);
}

const char *db_path(const struct db *db)
{
	return db->path;
}

int64_t db_size(struct db *db)
{
	return db->driver->size(db);
}

/* ---- statements ---- */

int db_run(struct db *db, const struct stmt *stmt, const struct arg *args, size_t n, struct err *err)
{
	return db->driver->query(db, stmt, args, n, NULL, NULL, err);
}

static int take_id(const struct row *row, void *arg)
{
	*(int64_t *)arg = row_int(row, 0);
	return 0;
}

int64_t db_insert(struct db *db, const struct stmt *stmt, const struct arg *args, size_t n, struct err *err)
{
	int64_t id = 0;
	int rows = db->driver->query(db, stmt, args, n, take_id, &id, err);

	if (rows < 0)
		return rows;
	if (rows == 0)
		return err_set(err, ERR_CONFLICT, "%s: nothing was inserted", stmt->name);
	return id;
}

int db_each(struct db *db, const struct stmt *stmt, const struct arg *args, size_t n, db_row_h *handle, void *arg,
	struct err *err)
{
	return db->driver->query(db, stmt, args, n, handle, arg, err);
}

int64_t row_int(const struct row *row, int column)
{
	return row->driver->row_int(row, column);
}

const char *row_text(const struct row *row, int column)
{
	return row->driver->row_text(row, column);
}

const void *row_blob(const struct row *row, int column, size_t *len)
{
	return row->driver->row_blob(row, column, len);
}

bool row_null(const struct row *row, int column)
{
	return row->driver->row_null(row, column);
}

const struct stmt *row_stmt(const struct row *row)
{
	return row->stmt;
}

/* ---- transactions ---- */

int db_begin(struct db *db, struct err *err)
{
	if (db->in_transaction)
		return err_set(err, ERR_FAILED, "%s: a transaction is open already", db->path);
	int rc = db->driver->begin(db, err);
	db->in_transaction = rc >= 0;
	return rc;
}

int db_commit(struct db *db, struct err *err)
{
	if (!db->in_transaction)
		return err_set(err, ERR_FAILED, "%s: there is no transaction to commit", db->path);
	int rc = db->driver->commit(db, err);
	if (rc < 0)
		db->driver->rollback(db);
	db->in_transaction = false;
	return rc;
}

void db_rollback(struct db *db)
{
	if (!db->in_transaction)
		return;
	db->driver->rollback(db);
	db->in_transaction = false;
}
