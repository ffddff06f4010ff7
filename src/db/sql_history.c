/* sql_history.c - calls as they are told, with their recordings and participants. */
#include "sql_history.h"

#define SELECT \
	"SELECT c.id, c.direction, c.number, c.customer_id, u.login, s.name, c.did, c.state, c.started_at," \
	" c.answered_at, c.ended_at," \
	" CASE WHEN c.ended_at IS NULL THEN NULL WHEN c.answered_at IS NULL THEN 0" \
	" ELSE (c.ended_at - c.answered_at) / 1000 END, c.cause, c.sip_code, c.sip_reason, c.encrypted, c.codec," \
	" c.forced, c.disposition, c.notes, c.acw_started_at, c.acw_ended_at, c.acw_seconds, c.user_id," \
	" c.transferred_to, c.consults, c.conference, c.placed, c.redial_of" \
	" FROM softphone_call_logs c" \
	" JOIN softphone_users u ON u.id = c.user_id JOIN softphone_stations s ON s.id = c.station_id" \
	" WHERE c.tenant_id = $1"
#define COLUMNS { \
	{"id", COL_INT}, {"direction", COL_TEXT}, {"number", COL_TEXT}, {"customer_id", COL_INT}, \
	{"user", COL_TEXT}, {"station", COL_TEXT}, {"did", COL_TEXT}, {"state", COL_TEXT}, {"started_at", COL_TIME}, \
	{"answered_at", COL_TIME}, {"ended_at", COL_TIME}, {"talk_seconds", COL_INT}, {"cause", COL_TEXT}, \
	{"sip_code", COL_INT}, {"sip_reason", COL_TEXT}, {"encrypted", COL_BOOL}, {"codec", COL_TEXT}, \
	{"forced", COL_BOOL}, {"disposition", COL_TEXT}, {"notes", COL_TEXT}, {"acw_started_at", COL_TIME}, \
	{"acw_ended_at", COL_TIME}, {"acw_seconds", COL_INT}, {"user_id", COL_HIDDEN}, \
	{"transferred_to", COL_TEXT}, {"consults", COL_INT}, {"conference", COL_INT}, \
	{"placed", COL_BOOL}, {"redial_of", COL_INT} }

#define ANY_USER     " AND (CAST($2 AS BIGINT) IS NULL OR c.user_id = $2)"
#define ANY_CUSTOMER " AND (CAST($3 AS BIGINT) IS NULL OR c.customer_id = $3)"
#define THE_REST \
	" AND (CAST($4 AS BIGINT) IS NULL OR c.started_at >= $4)" \
	" AND (CAST($5 AS BIGINT) IS NULL OR c.started_at < $5)" \
	" AND (CAST($6 AS BIGINT) IS NULL OR c.owes_disposition = $6)"
#define OLDEST THE_REST " AND c.id > $7 ORDER BY c.id LIMIT $8"
#define NEWEST THE_REST " AND c.id < $7 ORDER BY c.id DESC LIMIT $8"

const struct stmt sql_history_all = {"history.all", SELECT ANY_USER ANY_CUSTOMER OLDEST, COLUMNS};
const struct stmt sql_history_user = {"history.user", SELECT " AND c.user_id = $2" ANY_CUSTOMER OLDEST, COLUMNS};
const struct stmt sql_history_customer = {
	"history.customer", SELECT ANY_USER " AND c.customer_id = $3" OLDEST, COLUMNS,
};
const struct stmt sql_history_all_newest = {"history.all_newest", SELECT ANY_USER ANY_CUSTOMER NEWEST, COLUMNS};
const struct stmt sql_history_user_newest = {
	"history.user_newest", SELECT " AND c.user_id = $2" ANY_CUSTOMER NEWEST, COLUMNS,
};
const struct stmt sql_history_customer_newest = {
	"history.customer_newest", SELECT ANY_USER " AND c.customer_id = $3" NEWEST, COLUMNS,
};
const struct stmt sql_history_get = {"history.get", SELECT " AND c.id = $2", COLUMNS};

const struct stmt sql_history_recordings = {
	"history.recordings",
	"SELECT path, started_at, ended_at, sha256, size_bytes, pruned_at FROM softphone_recordings"
	" WHERE tenant_id = $1 AND call_id = $2 ORDER BY id",
	{{"path", COL_TEXT}, {"started_at", COL_TIME}, {"ended_at", COL_TIME}, {"sha256", COL_TEXT},
	 {"size_bytes", COL_INT}, {"pruned_at", COL_TIME}},
};

/* Those of a conference are kept with its first call, and are those of each of its calls. */
const struct stmt sql_history_participants = {
	"history.participants",
	"SELECT p.party, k.name, p.leg_id, p.joined_at, p.left_at FROM softphone_participants p"
	" LEFT JOIN softphone_call_logs l ON l.id = p.leg_id LEFT JOIN customers k ON k.id = l.customer_id"
	" WHERE p.tenant_id = $1"
	" AND p.call_id = (SELECT COALESCE(c.conference, c.id) FROM softphone_call_logs c WHERE c.id = $2)"
	" ORDER BY p.id",
	{{"party", COL_TEXT}, {"name", COL_TEXT}, {"call_id", COL_INT}, {"joined_at", COL_TIME}, {"left_at", COL_TIME}},
};
