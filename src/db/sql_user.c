/* sql_user.c - users, their roles, and what keeps them from being removed. */
#include "sql_user.h"

#define SELECT \
	"SELECT id, login, name, role, os_user, password_hash IS NOT NULL, created_at, password_hash" \
	" FROM softphone_users" \
	" WHERE tenant_id = $1 AND removed_at IS NULL"
#define COLUMNS { \
	{"id", COL_INT}, {"login", COL_TEXT}, {"name", COL_TEXT}, {"role", COL_TEXT}, {"os_user", COL_TEXT}, \
	{"has_password", COL_BOOL}, {"created_at", COL_TIME}, {"password_hash", COL_HIDDEN} }

const struct stmt sql_user_list = {"user.list", SELECT " AND id > $2 ORDER BY id LIMIT $3", COLUMNS};
const struct stmt sql_user_get = {"user.get", SELECT " AND id = $2", COLUMNS};

const struct stmt sql_user_by_login = {
	"user.by_login", "SELECT id FROM softphone_users WHERE tenant_id = $1 AND login = $2 AND removed_at IS NULL",
	{{"id", COL_INT}},
};

const struct stmt sql_user_ever = {
	"user.ever", "SELECT id FROM softphone_users WHERE tenant_id = $1 AND login = $2 LIMIT 1", {{"id", COL_INT}},
};

const struct stmt sql_user_secret = {
	"user.secret",
	"SELECT id, password_hash FROM softphone_users WHERE tenant_id = $1 AND login = $2 AND removed_at IS NULL",
	{{"id", COL_INT}, {"password_hash", COL_HIDDEN}},
};

const struct stmt sql_user_add = {
	"user.add",
	"INSERT INTO softphone_users (tenant_id, login, name, role, os_user, password_hash, created_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
	{{"id", COL_INT}},
};

const struct stmt sql_user_set = {
	"user.set",
	"UPDATE softphone_users SET name = $3, role = $4, os_user = $5, password_hash = $6"
	" WHERE tenant_id = $1 AND id = $2 AND removed_at IS NULL",
	{{0}},
};

const struct stmt sql_user_remove = {
	"user.rm",
	"UPDATE softphone_users SET removed_at = $3, password_hash = NULL WHERE tenant_id = $1 AND id = $2"
	" AND removed_at IS NULL",
	{{0}},
};

const struct stmt sql_user_seat = {
	"user.seat",
	"SELECT s.name FROM softphone_assignments a JOIN softphone_stations s ON s.id = a.station_id"
	" WHERE a.tenant_id = $1 AND a.user_id = $2 AND a.released_at IS NULL",
	{{"station", COL_TEXT}},
};

const struct stmt sql_user_owed = {
	"user.owed",
	"SELECT id FROM softphone_call_logs WHERE tenant_id = $1 AND user_id = $2 AND owes_disposition = 1"
	" ORDER BY id LIMIT 1",
	{{"id", COL_INT}},
};

const struct stmt sql_user_of_os_user = {
	"user.of_os_user", "SELECT login FROM softphone_users WHERE os_user = $1 AND id <> $2 AND removed_at IS NULL",
	{{"login", COL_TEXT}},
};
