/* sql_dispo.c - dispositions, in the order in which agents see them. */
#include "sql_dispo.h"

#define SELECT \
	"SELECT id, code, label, position, retired_at IS NOT NULL, retired_at FROM softphone_dispositions" \
	" WHERE tenant_id = $1"
#define COLUMNS { \
	{"id", COL_INT}, {"code", COL_TEXT}, {"label", COL_TEXT}, {"position", COL_INT}, {"retired", COL_BOOL}, \
	{"retired_at", COL_HIDDEN} }

const struct stmt sql_dispo_list = {
	"dispo.list",
	SELECT " AND (CAST($2 AS BIGINT) = 0"
	" OR (position, id) > (SELECT position, id FROM softphone_dispositions WHERE id = $2))"
	" ORDER BY position, id LIMIT $3",
	COLUMNS,
};
const struct stmt sql_dispo_usable = {
	"dispo.usable", SELECT " AND retired_at IS NULL ORDER BY position, id", COLUMNS,
};
const struct stmt sql_dispo_get = {"dispo.get", SELECT " AND code = $2", COLUMNS};

const struct stmt sql_dispo_add = {
	"dispo.add",
	"INSERT INTO softphone_dispositions (tenant_id, code, label, position) VALUES ($1, $2, $3,"
	" coalesce(CAST($4 AS BIGINT), (SELECT coalesce(max(position), 0) + 1 FROM softphone_dispositions"
	" WHERE tenant_id = $1))) RETURNING id",
	{{"id", COL_INT}},
};

const struct stmt sql_dispo_set = {
	"dispo.set",
	"UPDATE softphone_dispositions SET code = $3, label = $4, position = $5, retired_at = $6"
	" WHERE tenant_id = $1 AND code = $2",
	{{0}},
};

const struct stmt sql_dispo_remove = {
	"dispo.rm", "DELETE FROM softphone_dispositions WHERE tenant_id = $1 AND code = $2", {{0}},
};
