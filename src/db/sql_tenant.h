/* sql_tenant.h - statements of engine/tenant.c. */
#pragma once
#include "db.h"

extern const struct stmt
	sql_tenant_list,            /* after, limit */
	sql_tenant_get,             /* id */
	sql_tenant_by_name,         /* name */
	sql_tenant_first,
	sql_tenant_ids,
	sql_tenant_add,             /* name ... agent_states, in the order of the columns, created_at */
	sql_tenant_set;             /* id, name ... agent_states */

/* Columns of sql_tenant_list and sql_tenant_get. */
enum tenant_column {
	TENANT_ID, TENANT_NAME, TENANT_TIMEZONE, TENANT_ACW_SECONDS, TENANT_HOURS_START, TENANT_HOURS_END,
	TENANT_MAX_CALL_HOURS, TENANT_MAX_CALLS_PER_WEEK, TENANT_COUNTRY, TENANT_RING_SECONDS,
	TENANT_UNKNOWN_CUSTOMER, TENANT_RECORD, TENANT_ANNOUNCE, TENANT_ANNOUNCEMENT, TENANT_RECORD_REQUIRED,
	TENANT_RECORD_PAUSE_SECONDS, TENANT_RETENTION_DAYS, TENANT_INTERNAL_DISPOSITION, TENANT_BUSY_CODE,
	TENANT_ONE_WAY_SECONDS, TENANT_AGENT_STATES, TENANT_CREATED_AT,
};
