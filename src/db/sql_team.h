/* sql_team.h - statements of engine/team.c.  $1 is the tenant. */
#pragma once
#include "db.h"

extern const struct stmt
	sql_team_list,              /* tenant, after, limit */
	sql_team_get,               /* tenant, id */
	sql_team_by_name,           /* tenant, name: id */
	sql_team_number,            /* tenant, name: did */
	sql_team_station,           /* tenant, name: a station that names it */
	sql_team_add,               /* tenant, name, did, created_at */
	sql_team_set,               /* tenant, id, did */
	sql_team_remove;            /* tenant, id, removed_at */
