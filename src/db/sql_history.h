/* sql_history.h - calls as history and call.show tell them (engine/history.c). */
#pragma once
#include "db.h"

/*
 * The lists: tenant, user or NULL, customer or NULL, since, until (each or NULL), owed (1 or NULL), after, limit.
 * Those of a user and of a customer take the index, and need their argument.  A list of the newest takes the id to stay
 * below as `after`.
 */
extern const struct stmt
	sql_history_all, sql_history_user, sql_history_customer,
	sql_history_all_newest, sql_history_user_newest, sql_history_customer_newest,
	sql_history_get,            /* tenant, call */
	sql_history_recordings,     /* tenant, call */
	sql_history_participants;   /* tenant, call */

enum history_column { HISTORY_ID = 0, HISTORY_USER_ID = 23 };
enum recording_column { RECORDING_PATH = 0 };
