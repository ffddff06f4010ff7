/* dispo.c - a tenant's dispositions: what a call can be said to have come to.  A code that calls carry is retired,
 * never removed. */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_dispo.h"
#include "change.h"
#include "check.h"
#include "nouns.h"

struct dispo {
	char *code, *label;
	int64_t position;
	int64_t retired_at;         /* 0: in use */
};

static int take_dispo(const struct row *row, void *arg)
{
	struct dispo *dispo = arg;

	dispo->code = xstrdup(row_text(row, DISPO_CODE));
	dispo->label = xstrdup(row_text(row, DISPO_LABEL));
	dispo->position = row_int(row, DISPO_POSITION);
	dispo->retired_at = row_int(row, DISPO_RETIRED_AT);
	return 1;
}

static void dispo_free(struct dispo *dispo)
{
	free(dispo->code);
	free(dispo->label);
}

static int not_found(struct request *request, const char *code)
{
	char text[SHOWN_SIZE];

	return err_set(&request->err, ERR_NOT_FOUND, "there is no disposition \"%s\"", shown(code, text));
}

static int answer(struct request *request, const char *code)
{
	return one_answer(request, &sql_dispo_get, ARGS(a_int(request->tenant_id), a_text(code)), NULL,
		"there is no disposition \"%s\"", code);
}

/* ---- for whoever saves one -------------------------------------------------------------------------------------- */

struct usable {
	const char *code;
	bool found;
	struct str all;
};

static int take_usable(const struct row *row, void *arg)
{
	struct usable *usable = arg;
	const char *code = row_text(row, DISPO_CODE);

	if (!strcmp(code, usable->code))
		usable->found = true;
	str_addf(&usable->all, "%s%s", usable->all.len ? ", " : "", code);
	return 0;
}

int dispo_check(struct engine *engine, int64_t tenant_id, const char *code, struct err *err)
{
	struct usable usable = {.code = code};
	char text[SHOWN_SIZE];
	int rc = db_each(engine->db, &sql_dispo_usable, ARGS(a_int(tenant_id)), take_usable, &usable, err);

	if (rc >= 0 && !usable.found)
		rc = err_set(err, ERR_INVALID, "code: \"%s\" is not a disposition; there are %s", shown(code, text),
			usable.all.s ? usable.all.s : "none");
	str_free(&usable.all);
	return rc < 0 ? rc : 0;
}

int dispo_known(struct engine *engine, int64_t tenant_id, const char *code, struct err *err)
{
	char text[SHOWN_SIZE];
	const int64_t id = id_of(engine, &sql_dispo_get, ARGS(a_int(tenant_id), a_text(code)), err);

	return id > 0 ? 0 : id < 0 ? (int)id :
		err_set(err, ERR_INVALID, "disposition: there is no \"%s\"; spctl dispo list names them",
			shown(code, text));
}

/* ---- handlers --------------------------------------------------------------------------------------------------- */

int dispo_list(struct request *request)
{
	return list_answer(request, &sql_dispo_list, ARGS(a_int(request->tenant_id)), NULL);
}

static int check_free(struct request *request, const char *code)
{
	int64_t id = id_of(
		request->engine, &sql_dispo_get, ARGS(a_int(request->tenant_id), a_text(code)), &request->err);

	if (id > 0)
		return err_set(&request->err, ERR_CONFLICT, "there is a disposition \"%s\" already", code);
	return (int)id;
}

int dispo_add(struct request *request)
{
	const char *code = param_text(request, "code"), *label = param_text(request, "label");
	int rc = check_code("code", code, &request->err);

	if (rc >= 0)
		rc = check_line("label", label, &request->err);
	if (rc < 0 || (rc = change_begin(request)) < 0)
		return rc;
	rc = check_free(request, code);
	if (rc >= 0) {
		int64_t id = db_insert(request->engine->db, &sql_dispo_add,
			ARGS(a_int(request->tenant_id), a_text(code), a_text(label),
				arg_param_int(request, "position")),
			&request->err);
		rc = id < 0 ? (int)id : answer(request, code);
	}
	return change_end(request, rc, NULL);
}

static int take_settings(struct request *request, struct dispo *dispo)
{
	const char *old = param_text(request, "code"), *code = param_text(request, "new_code");
	bool retired = param_bool(request, "retired", dispo->retired_at != 0);
	int rc = 0;

	take_text(request, "new_code", &dispo->code);
	take_text(request, "label", &dispo->label);
	dispo->position = param_int(request, "position", dispo->position);
	if (retired != (dispo->retired_at != 0))
		dispo->retired_at = retired ? clock_now_ms() : 0;
	if (code)
		rc = check_code("new_code", code, &request->err);
	if (rc >= 0)
		rc = check_line("label", dispo->label ? dispo->label : "", &request->err);
	if (rc >= 0 && code && strcmp(code, old))
		rc = check_free(request, code);
	return rc;
}

static int set(struct request *request, struct dispo *dispo)
{
	const char *old = param_text(request, "code");
	int rc = take_settings(request, dispo);

	if (rc < 0)
		return rc;
	rc = db_run(request->engine->db, &sql_dispo_set,
		ARGS(a_int(request->tenant_id), a_text(old), a_text(dispo->code), a_text(dispo->label),
			a_int(dispo->position), dispo->retired_at ? a_int(dispo->retired_at) : a_null()),
		&request->err);
	if (rc == ERR_CONFLICT)
		return err_set(&request->err, ERR_CONFLICT,
			"new_code: calls carry the code %s already; add a new one and retire it instead", old);
	return rc < 0 ? rc : answer(request, dispo->code);
}

int dispo_set(struct request *request)
{
	const char *code = param_text(request, "code");
	struct dispo dispo = {0};
	int rc = change_begin(request);

	if (rc < 0)
		return rc;
	rc = db_each(request->engine->db, &sql_dispo_get, ARGS(a_int(request->tenant_id), a_text(code)), take_dispo,
		&dispo, &request->err);
	if (rc == 0)
		rc = not_found(request, code);
	if (rc >= 0)
		rc = set(request, &dispo);
	dispo_free(&dispo);
	return change_end(request, rc, NULL);
}

int dispo_rm(struct request *request)
{
	const char *code = param_text(request, "code");
	int rc = change_begin(request);

	if (rc < 0)
		return rc;
	rc = db_run(
		request->engine->db, &sql_dispo_remove, ARGS(a_int(request->tenant_id), a_text(code)), &request->err);
	if (rc == 0)
		rc = not_found(request, code);
	if (rc == ERR_CONFLICT)
		rc = err_set(&request->err, ERR_CONFLICT, "calls carry the disposition %s: retire it instead", code);
	if (rc >= 0)
		request->result = json_pack("{s:s}", "removed", code);
	return change_end(request, rc, NULL);
}
