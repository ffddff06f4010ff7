/* sql_key.h - statements of engine/key.c: which keys seal this database. */
#pragma once
#include "db.h"

extern const struct stmt
	sql_key_list,               /* id, check_value, created_at */
	sql_key_add,                /* id, check value, created_at; one that is there stays */
	sql_key_keep_only;          /* id: every other goes */
