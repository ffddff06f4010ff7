/* sql_recording.h - statements of engine/record.c, record_rules.c, recordings.c and retention.c. */
#pragma once
#include "db.h"

extern const struct stmt
	sql_recording_insert,       /* tenant, call, path below the recordings folder, started_at */
	sql_recording_end,          /* id, tenant, ended_at, sha256, size_bytes */
	sql_recording_begun,        /* id, tenant */
	sql_recording_remove,       /* id, tenant: one that has not begun */
	sql_recording_open,         /* id, tenant_id, path, call_id, user_id of those that are not closed */
	sql_recording_parties,      /* tenant, call: number, id and state of each customer who may be meant */
	sql_recording_list,         /* tenant, call, since, until (each or NULL), after, limit */
	sql_recording_kept,         /* tenant, after, limit: id, call_id, path, size_bytes, sha256 of files kept */
	sql_recording_due,          /* tenant, before, after, limit: id, call_id, path, sha256, ended_at, size_bytes */
	sql_recording_due_sum,      /* tenant, before: count, bytes */
	sql_recording_pruned;       /* id, tenant, at */
