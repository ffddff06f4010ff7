/* sql_team.c - teams and the numbers that they show. */
#include "sql_team.h"

#define SELECT \
	"SELECT t.id, t.name, t.did, (SELECT count(*) FROM softphone_stations s WHERE s.tenant_id = t.tenant_id" \
	" AND s.team = t.name AND s.removed_at IS NULL), t.created_at" \
	" FROM softphone_teams t WHERE t.tenant_id = $1 AND t.removed_at IS NULL"
#define COLUMNS { \
	{"id", COL_INT}, {"name", COL_TEXT}, {"did", COL_TEXT}, {"stations", COL_INT}, {"created_at", COL_TIME} }

const struct stmt sql_team_list = {"team.list", SELECT " AND t.id > $2 ORDER BY t.id LIMIT $3", COLUMNS};
const struct stmt sql_team_get = {"team.get", SELECT " AND t.id = $2", COLUMNS};

const struct stmt sql_team_by_name = {
	"team.by_name", "SELECT id FROM softphone_teams WHERE tenant_id = $1 AND name = $2 AND removed_at IS NULL",
	{{"id", COL_INT}},
};

const struct stmt sql_team_number = {
	"team.number", "SELECT did FROM softphone_teams WHERE tenant_id = $1 AND name = $2 AND removed_at IS NULL",
	{{"did", COL_TEXT}},
};

const struct stmt sql_team_station = {
	"team.station",
	"SELECT name FROM softphone_stations WHERE tenant_id = $1 AND team = $2 AND removed_at IS NULL"
	" ORDER BY id LIMIT 1",
	{{"name", COL_TEXT}},
};

const struct stmt sql_team_add = {
	"team.add",
	"INSERT INTO softphone_teams (tenant_id, name, did, created_at) VALUES ($1, $2, $3, $4) RETURNING id",
	{{"id", COL_INT}},
};

const struct stmt sql_team_set = {
	"team.set",
	"UPDATE softphone_teams SET did = $3 WHERE tenant_id = $1 AND id = $2 AND removed_at IS NULL",
	{{0}},
};

const struct stmt sql_team_remove = {
	"team.rm",
	"UPDATE softphone_teams SET removed_at = $3 WHERE tenant_id = $1 AND id = $2 AND removed_at IS NULL",
	{{0}},
};
