/* sql_audit.h - statements of engine/audit.c. */
#pragma once
#include "db.h"

extern const struct stmt
	/* tenant, at, event, severity, reason_code, forced, user, actor, station, customer, number, call, detail,
	 * hash */
	sql_audit_add,
	/* tenant; severity, reason_code, forced, login of the user, event, customer_id, call_id, number, since, until
	 * (each or NULL); three patterns of what is searched for (or NULL); the ids that they stay between; limit.
	 * Those of a customer and of a call take the index, and need their argument. */
	sql_audit_all, sql_audit_customer, sql_audit_call,
	sql_audit_all_newest, sql_audit_customer_newest, sql_audit_call_newest,
	sql_audit_chain,            /* tenant, after, limit: id, hash, and what the hash covers */
	sql_audit_export,           /* tenant, after, limit: what the hash covers, in its order, and the hash */
	sql_audit_before,           /* tenant, id: id and hash of the last row before it */
	sql_audit_count,            /* tenant, two ids: how many rows are between them */
	sql_audit_since,            /* id: rows of all tenants after it, as sql_audit_list, with the tenant in front */
	sql_audit_last_id,
	/* heads (engine/audit.h) */
	sql_audit_head_get,         /* tenant: enum audit_head_column */
	sql_audit_head_add,         /* tenant, sealed key, seal: of a log without rows */
	sql_audit_head_move,        /* tenant, rows, last id, last hash, seal */
	sql_audit_head_bare,        /* tenant_id, keyed_after, rows, last id, last hash of heads without a key */
	sql_audit_head_key,         /* tenant, sealed key, seal: of such a head */
	sql_audit_head_keys,        /* tenant_id, sealed key of the others */
	sql_audit_head_reseal;      /* tenant, sealed key */

/* Columns of sql_audit_chain; from AUDIT_TENANT to AUDIT_DETAIL they are what the hash covers, in its order. */
enum audit_column {
	AUDIT_ID, AUDIT_HASH, AUDIT_TENANT, AUDIT_AT, AUDIT_EVENT, AUDIT_SEVERITY, AUDIT_REASON_CODE, AUDIT_FORCED,
	AUDIT_USER, AUDIT_ACTOR, AUDIT_STATION, AUDIT_CUSTOMER, AUDIT_NUMBER, AUDIT_CALL, AUDIT_DETAIL, AUDIT_COLUMNS,
};

enum { AUDIT_EXPORT_KEYED_AFTER = 15 };        /* column of sql_audit_export */

enum audit_head_column { HEAD_KEY, HEAD_KEYED_AFTER, HEAD_ROWS, HEAD_LAST_ID, HEAD_LAST_HASH, HEAD_SEAL };
