/* audit_now.c - audit rows that are no part of a larger change, and telling of those that were written. */
#include "../base/log.h"
#include "../db/sql_audit.h"
#include "audit_now.h"
#include "session.h"

enum { COLUMN_ID = 0, COLUMN_TENANT = 1 };

static int tell_row(const struct row *row, void *arg)
{
	struct engine *engine = arg;

	engine->sessions->audit_told = row_int(row, COLUMN_ID);
	tell(engine, row_int(row, COLUMN_TENANT), -1, "audit.added", row_json(row));
	return 0;
}

void audit_tell(struct engine *engine)
{
	const int64_t told = engine->sessions->audit_told;
	struct err err;

	if (db_each(engine->db, &sql_audit_since, ARGS(a_int(told)), tell_row, engine, &err) < 0)
		log_error("audit", "rows are not told: %s", err.text);
}

void audit_now(struct engine *engine, const struct audit_entry *entry)
{
	struct err err = {0};

	if (db_begin(engine->db, &err) < 0 || audit_add(engine, entry, &err) < 0 || db_commit(engine->db, &err) < 0) {
		db_rollback(engine->db);
		log_error("audit", "%s is not written: %s", entry->event, err.text);
		return;
	}
	audit_tell(engine);
}
