/* sql_recording.c - recordings: files of calls, their digests, and how long they are kept. */
#include "sql_recording.h"

/* path is relative to the home's recordings folder. */
const struct stmt sql_recording_insert = {
	"recording.insert",
	"INSERT INTO softphone_recordings (tenant_id, call_id, path, started_at)"
	" VALUES ($1, $2, $3, $4) RETURNING id",
	{{"id", COL_INT}},
};

const struct stmt sql_recording_end = {
	"recording.end",
	"UPDATE softphone_recordings SET ended_at = $3, sha256 = $4, size_bytes = $5"
	" WHERE id = $1 AND tenant_id = $2 AND ended_at IS NULL",
	{{0}},
};

/* Its file is there: from now on the row stays, whatever becomes of that. */
const struct stmt sql_recording_begun = {
	"recording.begun",
	"UPDATE softphone_recordings SET size_bytes = 0 WHERE id = $1 AND tenant_id = $2 AND ended_at IS NULL",
	{{0}},
};

const struct stmt sql_recording_remove = {
	"recording.remove",
	"DELETE FROM softphone_recordings WHERE id = $1 AND tenant_id = $2 AND ended_at IS NULL AND size_bytes IS NULL",
	{{0}},
};

const struct stmt sql_recording_open = {
	"recording.open",
	"SELECT r.id, r.tenant_id, r.path, r.call_id, c.user_id FROM softphone_recordings r"
	" JOIN softphone_call_logs c ON c.id = r.call_id WHERE r.ended_at IS NULL ORDER BY r.id",
	{{"id", COL_INT}, {"tenant_id", COL_INT}, {"path", COL_TEXT}, {"call_id", COL_INT}, {"user_id", COL_INT}},
};

/* Whoever has the number may have taken the call, whomever it was for. */
const struct stmt sql_recording_parties = {
	"recording.parties",
	"SELECT l.number, c.id, c.state FROM softphone_call_logs l LEFT JOIN customers c"
	" ON c.tenant_id = l.tenant_id AND c.removed_at IS NULL AND (c.id = l.customer_id OR c.id IN"
	" (SELECT p.customer_id FROM customer_phones p WHERE p.tenant_id = l.tenant_id AND p.number = l.number))"
	" WHERE l.tenant_id = $1 AND l.id = $2",
	{{"number", COL_TEXT}, {"customer_id", COL_INT}, {"state", COL_TEXT}},
};

const struct stmt sql_recording_list = {
	"recording.list",
	"SELECT r.id, r.call_id, u.login, r.path, r.started_at, r.ended_at, r.size_bytes, r.sha256, r.pruned_at"
	" FROM softphone_recordings r JOIN softphone_call_logs c ON c.id = r.call_id"
	" JOIN softphone_users u ON u.id = c.user_id WHERE r.tenant_id = $1"
	" AND (CAST($2 AS BIGINT) IS NULL OR r.call_id = $2) AND (CAST($3 AS BIGINT) IS NULL OR r.started_at >= $3)"
	" AND (CAST($4 AS BIGINT) IS NULL OR r.started_at < $4) AND r.id > $5 ORDER BY r.id LIMIT $6",
	{{"id", COL_INT}, {"call_id", COL_INT}, {"user", COL_TEXT}, {"path", COL_TEXT}, {"started_at", COL_TIME},
	 {"ended_at", COL_TIME}, {"size_bytes", COL_INT}, {"sha256", COL_TEXT}, {"pruned_at", COL_TIME}},
};

const struct stmt sql_recording_kept = {
	"recording.kept",
	"SELECT id, call_id, path, size_bytes, sha256 FROM softphone_recordings"
	" WHERE tenant_id = $1 AND ended_at IS NOT NULL AND pruned_at IS NULL AND id > $2 ORDER BY id LIMIT $3",
	{{"id", COL_INT}, {"call_id", COL_INT}, {"path", COL_TEXT}, {"size_bytes", COL_INT}, {"sha256", COL_TEXT}},
};

/* Three years count from the call's end; a file that was closed later, after a crash, from then. */
#define DUE \
	" FROM softphone_recordings r JOIN softphone_call_logs c ON c.id = r.call_id" \
	" WHERE r.tenant_id = $1 AND r.pruned_at IS NULL AND r.ended_at < $2 AND c.ended_at < $2"

const struct stmt sql_recording_due = {
	"recording.due",
	"SELECT r.id, r.call_id, r.path, r.sha256, c.ended_at, r.size_bytes" DUE
	" AND r.id > $3 ORDER BY r.id LIMIT $4",
	{{"id", COL_INT}, {"call_id", COL_INT}, {"path", COL_TEXT}, {"sha256", COL_TEXT}, {"ended_at", COL_TIME},
	 {"size_bytes", COL_INT}},
};

const struct stmt sql_recording_due_sum = {
	"recording.due_sum", "SELECT count(*), coalesce(sum(r.size_bytes), 0)" DUE,
	{{"count", COL_INT}, {"bytes", COL_INT}},
};

const struct stmt sql_recording_pruned = {
	"recording.pruned",
	"UPDATE softphone_recordings SET pruned_at = $3 WHERE id = $1 AND tenant_id = $2 AND pruned_at IS NULL",
	{{0}},
};
