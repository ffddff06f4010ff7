/* sql_dispo.h - statements of engine/dispo.c.  $1 is the tenant. */
#pragma once
#include "db.h"

extern const struct stmt
	sql_dispo_list,             /* tenant, after (an id, or 0), limit: in their order */
	sql_dispo_usable,           /* tenant: those that are not retired */
	sql_dispo_get,              /* tenant, code */
	sql_dispo_add,              /* tenant, code, label, position or NULL for the end */
	sql_dispo_set,              /* tenant, code, new code, label, position, retired_at */
	sql_dispo_remove;           /* tenant, code; ERR_CONFLICT when calls carry it */

enum dispo_column { DISPO_ID, DISPO_CODE, DISPO_LABEL, DISPO_POSITION, DISPO_RETIRED, DISPO_RETIRED_AT };
