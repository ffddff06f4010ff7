/* sql_user.h - statements of engine/user.c.  $1 is the tenant. */
#pragma once
#include "db.h"

extern const struct stmt
	sql_user_list,              /* tenant, after, limit */
	sql_user_get,               /* tenant, id */
	sql_user_by_login,          /* tenant, login */
	sql_user_ever,              /* tenant, login: of a user who may be removed by now */
	sql_user_secret,            /* tenant, login: id, password_hash */
	sql_user_add,               /* tenant, login, name, role, os_user, password_hash, created_at */
	sql_user_set,               /* tenant, id, name, role, os_user, password_hash */
	sql_user_remove,            /* tenant, id, removed_at */
	sql_user_seat,              /* tenant, id: the station where the user is logged in */
	sql_user_owed,              /* tenant, id: a call whose disposition the user owes */
	sql_user_of_os_user;        /* os_user, id of a user who may have it: the login of another who has it */

enum user_column {
	USER_ID, USER_LOGIN, USER_NAME, USER_ROLE, USER_OS_USER, USER_HAS_PASSWORD, USER_CREATED_AT, USER_PASSWORD_HASH,
};
