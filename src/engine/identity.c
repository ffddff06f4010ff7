/* identity.c - who is asking: the kernel says the uid, the database says whose it is. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_identity.h"
#include "identity.h"
#include "phone_side.h"

static const char *const names[] = {"none", "agent", "supervisor", "admin"};

const char *role_name(enum role role)
{
	return names[role];
}

enum role role_by_name(const char *name)
{
	for (int role = ROLE_AGENT; role <= ROLE_ADMIN; role++)
		if (!strcmp(names[role], name))
			return role;
	return ROLE_NONE;
}

int identity_take(const struct row *row, void *arg)
{
	struct identity *who = arg;

	who->tenant_id = row_int(row, 0);
	who->user_id = row_int(row, 1);
	who->role = role_by_name(row_text(row, 2));
	str_copy(who->login, sizeof(who->login), row_text(row, 3));
	return 0;
}

void identity_account(uid_t uid, char out[ACCOUNT_SIZE])
{
	enum { TEXTS = 16384 };
	char *texts = xmalloc(TEXTS);
	struct passwd entry, *found = NULL;

	*out = '\0';
	if (!getpwuid_r(uid, &entry, texts, TEXTS, &found) && found && !str_copy(out, ACCOUNT_SIZE, found->pw_name))
		*out = '\0';           /* half a name is another's */
	free(texts);
}

int identity_of_uid(struct engine *engine, uid_t uid, const char *account, struct identity *who, struct err *err)
{
	const bool owner = uid == 0 || uid == geteuid();
	int n;

	*who = (struct identity){.uid = uid};
	str_copy(who->account, sizeof(who->account), account);
	if (owner) {
		who->role = ROLE_ADMIN;
		return 0;
	}
	if (!engine->service)
		return err_set(err, ERR_NOT_PERMITTED, "this engine is private to uid %u; you are uid %u",
			(unsigned)geteuid(), (unsigned)uid);
	if (!*account)
		return 0;
	n = db_each(engine->db, &sql_identity_os_user, ARGS(a_text(account)), identity_take, who, err);
	return n < 0 ? n : 0;
}

/* ---- for which tenant, for which agent -------------------------------------------------------------------------- */

struct found { int64_t id; size_t count; struct str names; };

static int take_name(const struct row *row, void *arg)
{
	struct found *found = arg;

	if (!found->count++)
		found->id = row_int(row, 0);
	str_addf(&found->names, "%s%s", found->names.len ? ", " : "", row_text(row, 1));
	return 0;
}

/* For owner and root: the only one there is, or the one named "default". */
static int find_preset_tenant(struct request *request)
{
	struct engine *engine = request->engine;
	struct found found = {0};
	int n = db_each(engine->db, &sql_identity_tenants, NO_ARGS, take_name, &found, &request->err);

	if (n == 1)
		engine->preset_tenant = found.id;
	else if (n > 1)
		engine->preset_tenant = tenant_by_name(engine, "default", NULL);
	if (n >= 0 && engine->preset_tenant <= 0) {
		engine->preset_tenant = 0;
		n = err_set(&request->err, ERR_INVALID, "tenant: there are several (%s): name one",
			found.names.len ? found.names.s : "none");
	}
	str_free(&found.names);
	return n < 0 ? n : 0;
}

/* The user's own, or the one of who has none. */
static int preset_tenant(struct request *request)
{
	int status = 0;

	if (!request->who.tenant_id && !request->engine->preset_tenant)
		status = find_preset_tenant(request);
	request->tenant_id = request->who.tenant_id ? request->who.tenant_id : request->engine->preset_tenant;
	return status;
}

static int resolve_tenant(struct request *request)
{
	const char *name = json_string_value(json_object_get(request->params, "tenant"));

	if (!name)
		return preset_tenant(request);
	request->tenant_id = tenant_by_name(request->engine, name, &request->err);
	if (request->tenant_id < 0)
		return (int)request->tenant_id;
	if (request->who.tenant_id && request->who.tenant_id != request->tenant_id)
		return err_set(&request->err, ERR_NOT_PERMITTED, "tenant: %s is not yours", name);
	return 0;
}

static int resolve_agent(struct request *request)
{
	const char *login = json_string_value(json_object_get(request->params, "as"));
	struct found found = {0};
	int n;

	if (login) {
		request->as_user = user_by_login(request->engine, request->tenant_id, login, &request->err);
		if (request->as_user < 0)
			return (int)request->as_user;
		if (request->as_user != request->who.user_id && request->who.role < ROLE_ADMIN)
			return err_set(&request->err, ERR_NOT_PERMITTED, "as: only an admin acts for %s", login);
		return 0;
	}
	request->as_user = request->who.user_id;
	if (request->as_user)
		return 0;
	if (sessions_in(request->engine, request->tenant_id, &request->as_user) < 2)
		return 0;
	request->as_user = 0;
	/* a call says whose it is */
	if ((request->method->flags & METHOD_ANYBODY) || json_object_get(request->params, "call"))
		return 0;
	n = db_each(request->engine->db, &sql_identity_logged_in, ARGS(a_int(request->tenant_id)), take_name, &found,
		&request->err);
	if (n > 1)
		n = err_set(&request->err, ERR_CONFLICT, "%d agents are logged in (%s): name one with --as", n,
			found.names.s);
	str_free(&found.names);
	return n < 0 ? n : 0;
}

/* What concerns every tenant is not for the admin of one among several. */
static int check_machine(struct request *request)
{
	struct found found = {0};
	int n = 0;

	if (request->who.tenant_id)
		n = db_each(request->engine->db, &sql_identity_tenants, NO_ARGS, take_name, &found, &request->err);
	if (n > 1)
		n = err_set(&request->err, ERR_NOT_PERMITTED,
			"%s concerns every tenant of this engine: where there are several, it is for the engine's "
			"owner and root", request->method->name);
	str_free(&found.names);
	return n < 0 ? n : 0;
}

int identity_resolve(struct request *request)
{
	int status = request->method->flags & METHOD_MACHINE ? check_machine(request) : 0;

	if (status)
		return status;
	if (request->method->flags & METHOD_TENANT)
		status = resolve_tenant(request);
	if (!status && (request->method->flags & METHOD_AS))
		status = resolve_agent(request);
	return status;
}
