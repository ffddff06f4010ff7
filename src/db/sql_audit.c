#include "sql_audit.h"

const struct stmt sql_audit_add = {
	"audit.add",
	"INSERT INTO softphone_compliance_audit (tenant_id, at, event, severity, reason_code, forced, user_id,"
	" actor, station_id, customer_id, number, call_id, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
	" $10, $11, $12, $13, $14) RETURNING id",
	{{"id", COL_INT}},
};

#define SELECT \
	"SELECT a.id, a.tenant_id, a.at, a.event, a.severity, a.reason_code, a.forced, u.login, a.actor, s.name," \
	" a.customer_id, a.number, a.call_id, a.detail, a.hash FROM softphone_compliance_audit a" \
	" LEFT JOIN softphone_users u ON u.id = a.user_id LEFT JOIN softphone_stations s ON s.id = a.station_id"
#define COLUMNS { \
	{"id", COL_INT}, {"tenant_id", COL_HIDDEN}, {"at", COL_TIME}, {"event", COL_TEXT}, {"severity", COL_TEXT}, \
	{"reason_code", COL_TEXT}, {"forced", COL_BOOL}, {"user", COL_TEXT}, {"actor", COL_TEXT}, \
	{"station", COL_TEXT}, {"customer_id", COL_INT}, {"number", COL_TEXT}, {"call_id", COL_INT}, \
	{"detail", COL_TEXT}, \
	{"hash", COL_TEXT} }

#define ANY_CUSTOMER " AND (CAST($7 AS BIGINT) IS NULL OR a.customer_id = $7)"
#define ANY_CALL     " AND (CAST($8 AS BIGINT) IS NULL OR a.call_id = $8)"
/* $12 is a pattern of LIKE, $13 one for codes, where blanks are low lines, $14 one of digits. */
#define THE_REST \
	" AND (CAST($2 AS TEXT) IS NULL OR a.severity = $2) AND (CAST($3 AS TEXT) IS NULL OR a.reason_code = $3)" \
	" AND (CAST($4 AS BIGINT) IS NULL OR a.forced = $4)" \
	" AND (CAST($5 AS TEXT) IS NULL OR a.user_id IN" \
	"  (SELECT x.id FROM softphone_users x WHERE x.tenant_id = $1 AND x.login = $5))" \
	" AND (CAST($6 AS TEXT) IS NULL OR a.event = $6)" \
	" AND (CAST($9 AS TEXT) IS NULL OR a.number = $9)" \
	" AND (CAST($10 AS BIGINT) IS NULL OR a.at >= $10) AND (CAST($11 AS BIGINT) IS NULL OR a.at < $11)" \
	" AND (CAST($12 AS TEXT) IS NULL OR a.number LIKE $14 OR a.event LIKE lower($13) ESCAPE '\\'" \
	"  OR a.reason_code LIKE lower($13) ESCAPE '\\' OR lower(a.number) LIKE lower($12) ESCAPE '\\'" \
	"  OR lower(a.actor) LIKE lower($12) ESCAPE '\\' OR lower(a.detail) LIKE lower($12) ESCAPE '\\'" \
	"  OR a.user_id IN (SELECT x.id FROM softphone_users x WHERE x.tenant_id = $1" \
	"   AND (lower(x.login) LIKE lower($12) ESCAPE '\\' OR lower(x.name) LIKE lower($12) ESCAPE '\\'))" \
	"  OR a.station_id IN (SELECT x.id FROM softphone_stations x WHERE x.tenant_id = $1" \
	"   AND lower(x.name) LIKE lower($12) ESCAPE '\\')" \
	"  OR EXISTS (SELECT 1 FROM customers k WHERE k.id = a.customer_id AND k.tenant_id = $1" \
	"   AND lower(k.name) LIKE lower($12) ESCAPE '\\'))" \
	" AND a.id > $15 AND a.id < $16"
#define OLDEST THE_REST " ORDER BY a.id LIMIT $17"
#define NEWEST THE_REST " ORDER BY a.id DESC LIMIT $17"
/* Without an index: between two ids the table itself is read, in its order. */
#define OF_ALL      SELECT " WHERE +a.tenant_id = $1" ANY_CUSTOMER ANY_CALL
#define OF_CUSTOMER SELECT " WHERE a.tenant_id = $1 AND a.customer_id = $7" ANY_CALL
#define OF_CALL     SELECT " WHERE a.tenant_id = $1 AND a.call_id = $8" ANY_CUSTOMER

const struct stmt sql_audit_all = {"audit.all", OF_ALL OLDEST, COLUMNS};
const struct stmt sql_audit_customer = {"audit.customer", OF_CUSTOMER OLDEST, COLUMNS};
const struct stmt sql_audit_call = {"audit.call", OF_CALL OLDEST, COLUMNS};
const struct stmt sql_audit_all_newest = {"audit.all_newest", OF_ALL NEWEST, COLUMNS};
const struct stmt sql_audit_customer_newest = {"audit.customer_newest", OF_CUSTOMER NEWEST, COLUMNS};
const struct stmt sql_audit_call_newest = {"audit.call_newest", OF_CALL NEWEST, COLUMNS};

const struct stmt sql_audit_since = {"audit.since", SELECT " WHERE a.id > $1 ORDER BY a.id", COLUMNS};

const struct stmt sql_audit_last_id = {
	"audit.last_id", "SELECT coalesce(max(id), 0) FROM softphone_compliance_audit", {{"id", COL_INT}},
};

const struct stmt sql_audit_chain = {
	"audit.chain",
	"SELECT id, hash, tenant_id, at, event, severity, reason_code, forced, user_id, actor, station_id,"
	" customer_id, number, call_id, detail"
	" FROM softphone_compliance_audit WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
	{{"id", COL_INT}, {"hash", COL_TEXT}, {"tenant_id", COL_INT}, {"at", COL_INT}, {"event", COL_TEXT},
	 {"severity", COL_TEXT}, {"reason_code", COL_TEXT}, {"forced", COL_INT}, {"user_id", COL_INT},
	 {"actor", COL_TEXT}, {"station_id", COL_INT}, {"customer_id", COL_INT}, {"number", COL_TEXT},
	 {"call_id", COL_INT}, {"detail", COL_TEXT}},
};

const struct stmt sql_audit_before = {
	"audit.before",
	"SELECT id, hash FROM softphone_compliance_audit WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT 1",
	{{"id", COL_INT}, {"hash", COL_TEXT}},
};

const struct stmt sql_audit_count = {
	"audit.count",
	"SELECT count(*) FROM softphone_compliance_audit WHERE tenant_id = $1 AND id > $2 AND id < $3",
	{{"count", COL_INT}},
};

const struct stmt sql_audit_export = {
	"audit.export",
	"SELECT a.id, a.tenant_id, a.at, a.event, a.severity, a.reason_code, a.forced, a.user_id, a.actor,"
	" a.station_id, a.customer_id, a.number, a.call_id, a.detail, a.hash, h.keyed_after"
	" FROM softphone_compliance_audit a JOIN softphone_audit_heads h ON h.tenant_id = a.tenant_id"
	" WHERE a.tenant_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3",
	{{"id", COL_INT}, {"tenant_id", COL_INT}, {"at", COL_TIME}, {"event", COL_TEXT}, {"severity", COL_TEXT},
	 {"reason_code", COL_TEXT}, {"forced", COL_BOOL}, {"user_id", COL_INT}, {"actor", COL_TEXT},
	 {"station_id", COL_INT}, {"customer_id", COL_INT}, {"number", COL_TEXT}, {"call_id", COL_INT},
	 {"detail", COL_TEXT}, {"hash", COL_TEXT},
	 {"keyed_after", COL_HIDDEN}},
};

/* ---- heads ---- */

const struct stmt sql_audit_head_get = {
	"audit.head_get",
	"SELECT key_sealed, keyed_after, row_count, last_id, last_hash, seal FROM softphone_audit_heads"
	" WHERE tenant_id = $1 AND key_sealed IS NOT NULL",
	{{"key_sealed", COL_HIDDEN}, {"keyed_after", COL_INT}, {"row_count", COL_INT}, {"last_id", COL_INT},
	 {"last_hash", COL_TEXT}, {"seal", COL_TEXT}},
};

const struct stmt sql_audit_head_add = {
	"audit.head_add",
	"INSERT INTO softphone_audit_heads (tenant_id, key_sealed, keyed_after, row_count, last_id, seal)"
	" VALUES ($1, $2, 0, 0, 0, $3)",
	{{0}},
};

const struct stmt sql_audit_head_move = {
	"audit.head_move",
	"UPDATE softphone_audit_heads SET row_count = $2, last_id = $3, last_hash = $4, seal = $5 WHERE tenant_id = $1",
	{{0}},
};

const struct stmt sql_audit_head_bare = {
	"audit.head_bare",
	"SELECT tenant_id, keyed_after, row_count, last_id, last_hash FROM softphone_audit_heads"
	" WHERE key_sealed IS NULL ORDER BY tenant_id",
	{{"tenant_id", COL_INT}, {"keyed_after", COL_INT}, {"row_count", COL_INT}, {"last_id", COL_INT},
	 {"last_hash", COL_TEXT}},
};

const struct stmt sql_audit_head_key = {
	"audit.head_key", "UPDATE softphone_audit_heads SET key_sealed = $2, seal = $3 WHERE tenant_id = $1", {{0}},
};

const struct stmt sql_audit_head_keys = {
	"audit.head_keys",
	"SELECT tenant_id, key_sealed FROM softphone_audit_heads WHERE key_sealed IS NOT NULL ORDER BY tenant_id",
	{{"tenant_id", COL_INT}, {"key_sealed", COL_HIDDEN}},
};

const struct stmt sql_audit_head_reseal = {
	"audit.head_reseal", "UPDATE softphone_audit_heads SET key_sealed = $2 WHERE tenant_id = $1", {{0}},
};
