/* sql_history.c - calls as they are told, with their recordings and participants. */
#include "sql_history.h"

#define SELECT \
	"SELECT c.id, c.direction, c.number, c.customer_id, u.login, s.name, c.did, c.state, c.started_at," \
	" c.answered_at, c.ended_at," \
	" CASE WHEN c.ended_at IS NULL THEN NULL WHEN c.answered_at IS NULL THEN 0" \
	" ELSE (c.ended_at - c.answered_at) / 1000 END, c.cause, c.sip_code, c.sip_reason, c.encrypted, c.codec," \
	" c.forced, c.disposition, c.disposition_by, c.notes, c.acw_started_at, c.acw_ended_at, c.acw_seconds," \
	" c.transferred_to, c.consults, c.conference, c.placed, c.redial_of" \
	" FROM softphone_call_logs c" \
	" JOIN softphone_users u ON u.id = c.user_id JOIN softphone_stations s ON s.id = c.station_id" \
	" WHERE "
#define OF_TENANT "c.tenant_id = $1"
/* The same without an index: between two ids the table itself is read, in its order. */
#define OF_TENANT_BY_ID "+c.tenant_id = $1"
#define COLUMNS { \
	{"id", COL_INT}, {"direction", COL_TEXT}, {"number", COL_TEXT}, {"customer_id", COL_INT}, \
	{"user", COL_TEXT}, {"station", COL_TEXT}, {"did", COL_TEXT}, {"state", COL_TEXT}, {"started_at", COL_TIME}, \
	{"answered_at", COL_TIME}, {"ended_at", COL_TIME}, {"talk_seconds", COL_INT}, {"cause", COL_TEXT}, \
	{"sip_code", COL_INT}, {"sip_reason", COL_TEXT}, {"encrypted", COL_BOOL}, {"codec", COL_TEXT}, \
	{"forced", COL_BOOL}, {"disposition", COL_TEXT}, {"disposition_by", COL_TEXT}, {"notes", COL_TEXT}, \
	{"acw_started_at", COL_TIME}, \
	{"acw_ended_at", COL_TIME}, {"acw_seconds", COL_INT}, \
	{"transferred_to", COL_TEXT}, {"consults", COL_INT}, {"conference", COL_INT}, \
	{"placed", COL_BOOL}, {"redial_of", COL_INT} }

/* One user by his id, or whoever had that login, removed users as well. */
#define ANY_USER \
	" AND (CAST($2 AS BIGINT) IS NULL OR c.user_id = $2)" \
	" AND (CAST($3 AS TEXT) IS NULL OR c.user_id IN" \
	"  (SELECT x.id FROM softphone_users x WHERE x.tenant_id = $1 AND x.login = $3))"
#define THE_USER \
	" AND c.user_id IN (SELECT x.id FROM softphone_users x WHERE x.tenant_id = $1 AND (x.id = $2 OR x.login = $3))"
#define ANY_CUSTOMER " AND (CAST($4 AS BIGINT) IS NULL OR c.customer_id = $4)"
#define ANY_NUMBER   " AND (CAST($5 AS TEXT) IS NULL OR c.number = $5)"
/* $13 is a pattern of LIKE, $14 one for codes, where blanks are low lines, $15 one of digits. */
#define THE_REST \
	" AND (CAST($6 AS BIGINT) IS NULL OR c.started_at >= $6)" \
	" AND (CAST($7 AS BIGINT) IS NULL OR c.started_at < $7)" \
	" AND (CAST($8 AS BIGINT) IS NULL OR c.owes_disposition = $8)" \
	" AND (CAST($9 AS TEXT) IS NULL OR c.disposition = $9)" \
	" AND (CAST($10 AS TEXT) IS NULL OR c.cause = $10)" \
	" AND (CAST($11 AS TEXT) IS NULL OR c.direction = $11)" \
	" AND (CAST($12 AS TEXT) IS NULL OR c.station_id IN" \
	"  (SELECT x.id FROM softphone_stations x WHERE x.tenant_id = $1 AND x.name = $12))" \
	" AND (CAST($13 AS TEXT) IS NULL OR c.number LIKE $15 OR c.cause LIKE lower($14) ESCAPE '\\'" \
	"  OR lower(c.number) LIKE lower($13) ESCAPE '\\' OR lower(c.notes) LIKE lower($13) ESCAPE '\\'" \
	"  OR c.disposition IN (SELECT d.code FROM softphone_dispositions d WHERE d.tenant_id = $1" \
	"   AND (d.code LIKE lower($14) ESCAPE '\\' OR lower(d.label) LIKE lower($13) ESCAPE '\\'))" \
	"  OR c.user_id IN (SELECT x.id FROM softphone_users x WHERE x.tenant_id = $1" \
	"   AND (lower(x.login) LIKE lower($13) ESCAPE '\\' OR lower(x.name) LIKE lower($13) ESCAPE '\\'))" \
	"  OR c.station_id IN (SELECT x.id FROM softphone_stations x WHERE x.tenant_id = $1" \
	"   AND lower(x.name) LIKE lower($13) ESCAPE '\\')" \
	"  OR EXISTS (SELECT 1 FROM customers k WHERE k.id = c.customer_id AND k.tenant_id = $1" \
	"   AND lower(k.name) LIKE lower($13) ESCAPE '\\'))" \
	" AND c.id > $16 AND c.id < $17"
#define OLDEST THE_REST " ORDER BY c.id LIMIT $18"
#define NEWEST THE_REST " ORDER BY c.id DESC LIMIT $18"
#define OF_ALL      SELECT OF_TENANT_BY_ID ANY_USER ANY_CUSTOMER ANY_NUMBER
#define OF_USER     SELECT OF_TENANT THE_USER ANY_CUSTOMER ANY_NUMBER
#define OF_CUSTOMER SELECT OF_TENANT ANY_USER " AND c.customer_id = $4" ANY_NUMBER
#define OF_NUMBER   SELECT OF_TENANT ANY_USER ANY_CUSTOMER " AND c.number = $5"

const struct stmt sql_history_all = {"history.all", OF_ALL OLDEST, COLUMNS};
const struct stmt sql_history_user = {"history.user", OF_USER OLDEST, COLUMNS};
const struct stmt sql_history_customer = {"history.customer", OF_CUSTOMER OLDEST, COLUMNS};
const struct stmt sql_history_number = {"history.number", OF_NUMBER OLDEST, COLUMNS};
const struct stmt sql_history_all_newest = {"history.all_newest", OF_ALL NEWEST, COLUMNS};
const struct stmt sql_history_user_newest = {"history.user_newest", OF_USER NEWEST, COLUMNS};
const struct stmt sql_history_customer_newest = {"history.customer_newest", OF_CUSTOMER NEWEST, COLUMNS};
const struct stmt sql_history_number_newest = {"history.number_newest", OF_NUMBER NEWEST, COLUMNS};

const struct stmt sql_history_last_id = {
	"history.last_id", "SELECT coalesce(max(id), 0) FROM softphone_call_logs", {{"id", COL_INT}},
};
const struct stmt sql_history_has_number = {
	"history.has_number", "SELECT id FROM softphone_call_logs WHERE tenant_id = $1 AND number = $2 LIMIT 1",
	{{"id", COL_INT}},
};
const struct stmt sql_history_owner = {
	"history.owner", "SELECT user_id FROM softphone_call_logs WHERE tenant_id = $1 AND id = $2",
	{{"user_id", COL_INT}},
};

const struct stmt sql_history_get = {"history.get", SELECT OF_TENANT " AND c.id = $2", COLUMNS};

const struct stmt sql_history_recordings = {
	"history.recordings",
	"SELECT path, started_at, ended_at, sha256, size_bytes, pruned_at FROM softphone_recordings"
	" WHERE tenant_id = $1 AND call_id = $2 ORDER BY id",
	{{"path", COL_TEXT}, {"started_at", COL_TIME}, {"ended_at", COL_TIME}, {"sha256", COL_TEXT},
	 {"size_bytes", COL_INT}, {"pruned_at", COL_TIME}},
};

/* What the gate said of a call, and what else the audit log has of it. */
const struct stmt sql_history_audit = {
	"history.audit",
	"SELECT id, at, event, severity, reason_code, forced, actor, detail FROM softphone_compliance_audit"
	" WHERE tenant_id = $1 AND call_id = $2 ORDER BY id",
	{{"id", COL_INT}, {"at", COL_TIME}, {"event", COL_TEXT}, {"severity", COL_TEXT}, {"reason_code", COL_TEXT},
	 {"forced", COL_BOOL}, {"actor", COL_TEXT}, {"detail", COL_TEXT}},
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
