/* sql_session.h - statements of who sits where (engine/session.c, restart.c). */
#pragma once
#include "db.h"

extern const struct stmt sql_session_insert, sql_session_release, sql_session_pause, sql_session_dnd, sql_session_active, sql_session_names;
