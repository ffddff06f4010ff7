/* sql_tenant.c - tenants and their settings. */
#include "sql_tenant.h"

#define SELECT \
	"SELECT id, name, timezone, acw_seconds, hours_start_minute, hours_end_minute, max_call_hours," \
	" max_calls_per_week, country_code, ring_seconds, unknown_customer, record_calls, announce, announcement," \
	" record_required, record_pause_seconds, retention_days, internal_disposition, busy_code, one_way_seconds," \
	" agent_states, created_at" \
	" FROM softphone_tenants"
#define COLUMNS { \
	{"id", COL_INT}, {"name", COL_TEXT}, {"timezone", COL_TEXT}, {"acw_seconds", COL_INT}, \
	{"hours_start", COL_HIDDEN}, {"hours_end", COL_HIDDEN}, {"max_call_hours", COL_INT}, \
	{"max_calls_per_week", COL_INT}, {"country", COL_TEXT}, {"ring_seconds", COL_INT}, \
	{"unknown_customer", COL_TEXT}, {"record", COL_BOOL}, {"announce", COL_BOOL}, \
	{"announcement", COL_TEXT}, {"record_required", COL_BOOL}, {"record_pause_seconds", COL_INT}, \
	{"retention_days", COL_INT}, {"internal_disposition", COL_BOOL}, {"busy_code", COL_INT}, \
	{"one_way_seconds", COL_INT}, {"agent_states", COL_TEXT}, {"created_at", COL_TIME} }

const struct stmt sql_tenant_list = {"tenant.list", SELECT " WHERE id > $1 ORDER BY id LIMIT $2", COLUMNS};
const struct stmt sql_tenant_get = {"tenant.get", SELECT " WHERE id = $1", COLUMNS};

const struct stmt sql_tenant_by_name = {
	"tenant.by_name", "SELECT id FROM softphone_tenants WHERE name = $1", {{"id", COL_INT}},
};

const struct stmt sql_tenant_ids = {"tenant.ids", "SELECT id FROM softphone_tenants ORDER BY id", {{"id", COL_INT}}};

const struct stmt sql_tenant_first = {
	"tenant.first", "SELECT id FROM softphone_tenants ORDER BY id LIMIT 1", {{"id", COL_INT}},
};

const struct stmt sql_tenant_add = {
	"tenant.add",
	"INSERT INTO softphone_tenants (name, timezone, acw_seconds, hours_start_minute, hours_end_minute,"
	" max_call_hours, max_calls_per_week, country_code, ring_seconds, unknown_customer, record_calls,"
	" announce, announcement, record_required, record_pause_seconds, retention_days, internal_disposition,"
	" busy_code, one_way_seconds, agent_states, created_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)"
	" RETURNING id",
	{{"id", COL_INT}},
};

const struct stmt sql_tenant_set = {
	"tenant.set",
	"UPDATE softphone_tenants SET name = $2, timezone = $3, acw_seconds = $4, hours_start_minute = $5,"
	" hours_end_minute = $6, max_call_hours = $7, max_calls_per_week = $8, country_code = $9,"
	" ring_seconds = $10, unknown_customer = $11, record_calls = $12, announce = $13,"
	" announcement = $14, record_required = $15, record_pause_seconds = $16, retention_days = $17,"
	" internal_disposition = $18, busy_code = $19, one_way_seconds = $20,"
	" agent_states = $21 WHERE id = $1",
	{{0}},
};
