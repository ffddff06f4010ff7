/* sql_history.h - calls as history and call.show tell them (engine/history.c). */
#pragma once
#include "db.h"

/*
 * The lists: tenant; user, login, customer, number, since, until, owed, disposition, cause, direction, station (each or
 * NULL); three patterns of what is searched for (search.h; or NULL); the ids that they stay between; limit.  The login
 * of a user who was removed counts as well, and stands in the place of the user's id.  Those of a user, a customer and
 * a number take the index, and need their argument.
 */
extern const struct stmt
	sql_history_all, sql_history_user, sql_history_customer, sql_history_number,
	sql_history_all_newest, sql_history_user_newest, sql_history_customer_newest, sql_history_number_newest,
	sql_history_last_id,
	sql_history_has_number,     /* tenant, number: a call with it */
	sql_history_owner,          /* tenant, call: whose it is */
	sql_history_get,            /* tenant, call */
	sql_history_recordings,     /* tenant, call */
	sql_history_audit,          /* tenant, call: its rows of the audit log */
	sql_history_participants;   /* tenant, call */

enum recording_column { RECORDING_PATH = 0 };
