/* sql_call.c - calls in progress, their end, their wrap-up. */
#include "sql_call.h"

/* Outbound calls count toward the weekly cap from the moment that they are ordered; the end corrects it. */
const struct stmt sql_call_insert = {
	"call.insert",
	"INSERT INTO softphone_call_logs (tenant_id, direction, number, customer_id, user_id, station_id, did, state,"
	" forced, counts_toward_cap, started_at, placed, consults, redial_of, encrypted, owes_disposition)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, 0) RETURNING id",
	{{"id", COL_INT}},
};

/* What is NULL stays as it is. */
const struct stmt sql_call_progress = {
	"call.progress",
	"UPDATE softphone_call_logs SET state = COALESCE($3, state), answered_at = COALESCE(answered_at, $4),"
	" codec = COALESCE($5, codec), encrypted = COALESCE($6, encrypted), sip_call_id = COALESCE($7, sip_call_id)"
	" WHERE id = $1 AND tenant_id = $2 AND ended_at IS NULL",
	{{0}},
};

/* A call that owes a disposition starts its wrap-up with this. */
const struct stmt sql_call_end = {
	"call.end",
	"UPDATE softphone_call_logs SET state = 'ended', ended_at = $3, cause = $4, sip_code = $5, sip_reason = $6,"
	" counts_toward_cap = $7, owes_disposition = $8, acw_started_at = $9, acw_allowance = $10"
	" WHERE id = $1 AND tenant_id = $2 AND ended_at IS NULL",
	{{0}},
};

/* Of every tenant: what an engine that was killed left open. */
const struct stmt sql_call_open = {
	"call.open",
	"SELECT c.id, c.tenant_id, c.direction, c.started_at, c.answered_at, t.acw_seconds, c.placed,"
	" t.internal_disposition"
	" FROM softphone_call_logs c JOIN softphone_tenants t ON t.id = c.tenant_id"
	" WHERE c.ended_at IS NULL ORDER BY c.id",
	{{"id", COL_INT}, {"tenant_id", COL_INT}, {"direction", COL_TEXT}, {"started_at", COL_TIME},
	 {"answered_at", COL_TIME}, {"acw_seconds", COL_INT}, {"placed", COL_BOOL}, {"internal_disposition", COL_BOOL}},
};

const struct stmt sql_call_owner = {
	"call.owner",
	"SELECT user_id, ended_at, owes_disposition, disposition, station_id, customer_id, number"
	" FROM softphone_call_logs WHERE id = $1 AND tenant_id = $2",
	{{"user_id", COL_INT}, {"ended_at", COL_TIME}, {"owes_disposition", COL_BOOL}, {"disposition", COL_TEXT},
	 {"station_id", COL_INT}, {"customer_id", COL_INT}, {"number", COL_TEXT}},
};

/* The wrap-up that the agent is in is that of the oldest owed call. */
const struct stmt sql_call_owed = {
	"call.owed",
	"SELECT id, acw_started_at, acw_allowance, number FROM softphone_call_logs"
	" WHERE user_id = $1 AND owes_disposition = 1 ORDER BY id LIMIT 1",
	{{"id", COL_INT}, {"acw_started_at", COL_TIME}, {"acw_allowance", COL_INT}, {"number", COL_TEXT}},
};

const struct stmt sql_call_owed_count = {
	"call.owed_count",
	"SELECT COUNT(*) FROM softphone_call_logs WHERE user_id = $1 AND owes_disposition = 1",
	{{"count", COL_INT}},
};

/* The one named, else the last that the agent placed or answered; only those that are over and have a number. */
const struct stmt sql_call_redial = {
	"call.redial",
	"SELECT id, number, customer_id, owes_disposition FROM softphone_call_logs"
	" WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NOT NULL AND number IS NOT NULL"
	" AND (id = $3 OR (CAST($3 AS BIGINT) IS NULL AND (placed = 1 OR answered_at IS NOT NULL)))"
	" ORDER BY id DESC LIMIT 1",
	{{"id", COL_INT}, {"number", COL_TEXT}, {"customer_id", COL_INT}, {"owes_disposition", COL_BOOL}},
};

/* Once only: a disposition that is saved is never changed.  The system's clock may have been set back. */
const struct stmt sql_call_dispose = {
	"call.dispose",
	"UPDATE softphone_call_logs SET disposition = $3, notes = $4, owes_disposition = 0, disposition_by = $6,"
	" acw_ended_at = CASE WHEN $5 < acw_started_at THEN acw_started_at ELSE $5 END"
	" WHERE id = $1 AND tenant_id = $2 AND owes_disposition = 1 AND disposition IS NULL",
	{{0}},
};
