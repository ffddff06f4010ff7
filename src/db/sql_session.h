/* sql_session.h - statements of who sits where (engine/session.c, restart.c). */
#pragma once
#include "db.h"

extern const struct stmt
	sql_session_insert,         /* tenant, user, station, assigned_at: its id */
	sql_session_release,        /* session, tenant, released_at, release_reason */
	sql_session_release_left,   /* tenant, user, station, released_at: what is left of earlier sessions of either */
	sql_session_pause,          /* session, tenant, paused_reason or NULL */
	sql_session_dnd,            /* session, tenant, dnd */
	sql_session_active,         /* of all tenants: those that an engine before this one had */
	sql_session_names;          /* user, station, tenant: login, the station's name and number, does it register */
