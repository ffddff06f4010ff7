/* sql_identity.h - statements of engine/identity.c. */
#pragma once
#include "db.h"

extern const struct stmt
	sql_identity_os_user,       /* os_user: tenant, id, role and login of each user who has it */
	sql_identity_user,          /* id: the same of this one */
	sql_identity_logged_in,     /* tenant: id and login of those who sit somewhere */
	sql_identity_tenants;       /* id and name of each */
