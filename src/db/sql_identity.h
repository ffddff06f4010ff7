/* sql_identity.h - statements of engine/identity.c. */
#pragma once
#include "db.h"

extern const struct stmt sql_identity_os_user, sql_identity_user, sql_identity_logged_in, sql_identity_tenants;
