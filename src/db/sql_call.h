/* sql_call.h - statements of calls in progress and wrap-up (engine/dial.c, live.c, wrap_up.c, restart.c). */
#pragma once
#include "db.h"

extern const struct stmt
	sql_call_insert, sql_call_progress, sql_call_end,
	sql_call_open, sql_call_owner, sql_call_owed, sql_call_owed_count, sql_call_dispose, sql_call_redial;
