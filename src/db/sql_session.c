/* sql_session.c - who sits where. */
#include "sql_session.h"

const struct stmt sql_session_insert = {
	"session.insert",
	"INSERT INTO softphone_assignments (tenant_id, user_id, station_id, assigned_at)"
	" VALUES ($1, $2, $3, $4) RETURNING id",
	{{"id", COL_INT}},
};

const struct stmt sql_session_release = {
	"session.release",
	"UPDATE softphone_assignments SET released_at = $3, release_reason = $4"
	" WHERE id = $1 AND tenant_id = $2 AND released_at IS NULL",
	{{0}},
};

/* Of sessions that are over and whose end could not be written: neither the agent nor the station has another. */
const struct stmt sql_session_release_left = {
	"session.release_left",
	"UPDATE softphone_assignments SET released_at = $4, release_reason = 'not written'"
	" WHERE tenant_id = $1 AND (user_id = $2 OR station_id = $3) AND released_at IS NULL",
	{{0}},
};

/* A NULL reason: not paused. */
const struct stmt sql_session_pause = {
	"session.pause",
	"UPDATE softphone_assignments SET paused_reason = $3"
	" WHERE id = $1 AND tenant_id = $2 AND released_at IS NULL",
	{{0}},
};

const struct stmt sql_session_dnd = {
	"session.dnd",
	"UPDATE softphone_assignments SET dnd = $3 WHERE id = $1 AND tenant_id = $2 AND released_at IS NULL",
	{{0}},
};

/* Of every tenant: the sessions that an engine before this one had. */
const struct stmt sql_session_active = {
	"session.active",
	"SELECT id, tenant_id, user_id, station_id, paused_reason, dnd FROM softphone_assignments"
	" WHERE released_at IS NULL ORDER BY id",
	{{"id", COL_INT}, {"tenant_id", COL_INT}, {"user_id", COL_INT}, {"station_id", COL_INT},
	 {"paused_reason", COL_TEXT}, {"dnd", COL_BOOL}},
};

const struct stmt sql_session_names = {
	"session.names",
	"SELECT u.login, s.name, s.did, s.register_line FROM softphone_users u, softphone_stations s"
	" WHERE u.id = $1 AND s.id = $2 AND u.tenant_id = $3 AND s.tenant_id = $3"
	" AND u.removed_at IS NULL AND s.removed_at IS NULL",
	{{"login", COL_TEXT}, {"station", COL_TEXT}, {"did", COL_TEXT}, {"register", COL_BOOL}},
};
