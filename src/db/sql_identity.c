/* sql_identity.c - who is behind a uid, and who is logged in. */
#include "sql_identity.h"

const struct stmt sql_identity_os_user = {
	"identity.os_user",
	"SELECT tenant_id, id, role, login FROM softphone_users WHERE os_user = $1 AND removed_at IS NULL",
	{{"tenant_id", COL_HIDDEN}, {"id", COL_INT}, {"role", COL_TEXT}, {"login", COL_TEXT}},
};

const struct stmt sql_identity_user = {
	"identity.user",
	"SELECT tenant_id, id, role, login FROM softphone_users WHERE id = $1 AND removed_at IS NULL",
	{{"tenant_id", COL_HIDDEN}, {"id", COL_INT}, {"role", COL_TEXT}, {"login", COL_TEXT}},
};

const struct stmt sql_identity_logged_in = {
	"identity.logged_in",
	"SELECT u.id, u.login FROM softphone_assignments a JOIN softphone_users u ON u.id = a.user_id"
	" WHERE a.tenant_id = $1 AND a.released_at IS NULL ORDER BY u.login",
	{{"id", COL_INT}, {"login", COL_TEXT}},
};

const struct stmt sql_identity_tenants = {
	"identity.tenants",
	"SELECT id, name FROM softphone_tenants ORDER BY id",
	{{"id", COL_INT}, {"name", COL_TEXT}},
};
