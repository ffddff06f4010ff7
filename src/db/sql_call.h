/* sql_call.h - statements of calls in progress and wrap-up (engine/dial.c, live.c, wrap_up.c, restart.c). */
#pragma once
#include "db.h"

extern const struct stmt
	/* tenant, direction, number, customer, user, station, did, state, forced, counts_toward_cap, started_at,
	 * placed, consults, redial_of: its id */
	sql_call_insert,
	sql_call_progress,          /* call, tenant, state, answered_at, codec, encrypted, sip_call_id (each or NULL) */
	/* call, tenant, ended_at, cause, sip_code, sip_reason, counts_toward_cap, owes_disposition, acw_started_at,
	 * acw_allowance */
	sql_call_end,
	sql_call_open,              /* of all tenants: those that an engine before this one left open */
	sql_call_owner,             /* call, tenant: whose it is, what it owes, whom it was with */
	sql_call_owed,              /* user: the oldest call that owes a disposition */
	sql_call_owed_count,        /* user: how many do */
	sql_call_dispose,           /* call, tenant, disposition, notes, acw_ended_at, disposition_by */
	sql_call_redial;            /* tenant, user, call or NULL for the last */
