/* sql_key.c - which keys seal this database. */
#include "sql_key.h"

const struct stmt sql_key_list = {
	"key.list", "SELECT id, check_value, created_at FROM softphone_keys ORDER BY id",
	{{"id", COL_INT}, {"check_value", COL_HIDDEN}, {"created_at", COL_TIME}},
};

const struct stmt sql_key_add = {
	"key.add", "INSERT INTO softphone_keys (id, tenant_id, check_value, created_at) VALUES ($1, 0, $2, $3)"
	" ON CONFLICT (id) DO NOTHING",
	{{0}},
};

const struct stmt sql_key_keep_only = {"key.keep_only", "DELETE FROM softphone_keys WHERE id <> $1", {{0}}};
