/* change.c - the frame of every change: transaction, audit row, dry run. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_tenant.h"
#include "audit_now.h"
#include "change.h"
#include "nouns.h"

static bool is_audited(const char *method)
{
	for (const struct engine_method *m = engine_methods; m->name; m++)
		if (!strcmp(m->name, method))
			return m->audited;
	return false;
}

/* {"name":"pod3","did":"+1415..."} of a method's parameters, without secrets and without what is no part of the
 * change. */
static char *describe(const json_t *params)
{
	static const char *const left_out[] = {"password", "nat_password", "tenant", "as", "dry_run"};
	json_t *copy = json_copy((json_t *)params);

	if (json_object_get(copy, "password"))
		json_object_set_new(copy, "password_changed", json_true());
	if (json_object_get(copy, "nat_password"))
		json_object_set_new(copy, "nat_password_changed", json_true());
	for (size_t i = 0; i < sizeof(left_out) / sizeof(*left_out); i++)
		json_object_del(copy, left_out[i]);
	char *text = json_dumps(copy, JSON_COMPACT);
	json_decref(copy);
	return text;
}

/* Methods without a tenant (keys, backups) concern the installation: they stand in its first tenant's log. */
static int64_t tenant_of(struct request *request)
{
	return request->tenant_id > 0 ? request->tenant_id : id_of(request->engine, &sql_tenant_first, NO_ARGS, NULL);
}

int change_audit(struct request *request, const struct audit_entry *about)
{
	struct audit_entry entry = about ? *about : (struct audit_entry){0};
	char *detail = entry.detail ? NULL : describe(request->params);

	if (!entry.tenant_id)
		entry.tenant_id = tenant_of(request);
	if (!entry.event)
		entry.event = request->method->name;
	if (!entry.user_id)
		entry.user_id = request->who.user_id;
	if (!entry.by)
		entry.by = &request->who;
	if (detail)
		entry.detail = detail;
	int64_t id = audit_add(request->engine, &entry, &request->err);
	free(detail);
	return id < 0 ? (int)id : 0;
}

int change_begin(struct request *request)
{
	return db_begin(request->engine->db, &request->err);
}

/* Commits, or rolls back what failed or was only tried. */
static int finish(struct request *request, int status)
{
	struct db *db = request->engine->db;

	if (status >= 0 && request->dry_run) {
		db_rollback(db);
		if (!request->result)
			request->result = json_object();
		json_object_set_new(request->result, "dry_run", json_true());
		return 0;
	}
	if (status >= 0)
		status = db_commit(db, &request->err);
	if (status < 0) {
		db_rollback(db);
		json_decref(request->result);
		request->result = NULL;
		return status;
	}
	if (request->engine->sessions)
		audit_tell(request->engine);
	return 0;
}

int change_end(struct request *request, int status, const struct audit_entry *about)
{
	if (status >= 0 && is_audited(request->method->name))
		status = change_audit(request, about);
	return finish(request, status);
}

int change_note(struct request *request, const struct audit_entry *about)
{
	int status = change_begin(request);

	return status < 0 ? status : finish(request, change_audit(request, about));
}

void take_text(const struct request *request, const char *name, char **field)
{
	const char *text = param_text(request, name);

	if (!text)
		return;
	free(*field);
	*field = *text ? xstrdup(text) : NULL;
}
