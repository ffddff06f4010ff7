/* history.c - calls as they stand in the database: the lists, and one of them. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_history.h"
#include "../db/sql_quality.h"
#include "../rule/call.h"
#include "nouns.h"
#include "quality.h"

/* ---- one call --------------------------------------------------------------------------------------------------- */

static int add_row(const struct row *row, void *list)
{
	return json_array_append_new(list, row_json(row));
}

static int add_recording(const struct row *row, void *arg)
{
	const struct request *request = arg;
	json_t *item = row_json(row);
	const char *path = json_string_value(json_object_get(item, "path"));
	char *whole = xasprintf("%s/%s", request->engine->home.recordings, path);

	json_object_set_new(item, "path", json_string(whole));
	free(whole);
	return json_array_append_new(request->result, item);
}

static int64_t figure(const struct row *row, int column)
{
	return row_null(row, column) ? -1 : row_int(row, column);
}

static int take_quality(const struct row *row, void *arg)
{
	const struct quality_figures figures = {
		.mos_x100 = figure(row, QUALITY_MOS), .mos_low_x100 = figure(row, QUALITY_MOS_LOW),
		.loss_ppm = figure(row, QUALITY_LOSS), .loss_out_ppm = figure(row, QUALITY_LOSS_OUT),
		.jitter_us = figure(row, QUALITY_JITTER), .rtt_us = figure(row, QUALITY_RTT),
		.one_way = row_int(row, QUALITY_ONE_WAY) != 0};

	return json_object_set_new(arg, "quality", quality_json(&figures));
}

/* What a call has several of, and how it sounded.  Recordings are told with their whole path: `result` of the request
 * given is the list. */
static int add_parts(struct engine *engine, int64_t tenant_id, json_t *call, struct err *err)
{
	struct request list = {.engine = engine, .result = json_array()};
	const struct arg args[] = {a_int(tenant_id), a_int(json_integer_value(json_object_get(call, "id")))};
	json_t *participants = json_array();
	int rc = db_each(engine->db, &sql_history_recordings, args, 2, add_recording, &list, err);

	if (rc >= 0)
		rc = db_each(engine->db, &sql_history_participants, args, 2, add_row, participants, err);
	json_object_set_new(call, "recordings", list.result);
	json_object_set_new(call, "participants", participants);
	json_object_set_new(call, "quality", json_null());
	if (rc >= 0)
		rc = db_each(engine->db, &sql_quality_get, args, 2, take_quality, call, err);
	return rc < 0 ? rc : 0;
}

static int take_call(const struct row *row, void *arg)
{
	*(json_t **)arg = row_json(row);
	return 1;
}

json_t *call_row_json(struct engine *engine, int64_t tenant_id, int64_t call_id, struct err *err)
{
	json_t *call = NULL;
	int rc = db_each(engine->db, &sql_history_get, ARGS(a_int(tenant_id), a_int(call_id)), take_call, &call, err);

	if (rc == 0)
		err_set(err, ERR_NOT_FOUND, "there is no call %lld", (long long)call_id);
	if (call && add_parts(engine, tenant_id, call, err) < 0) {
		json_decref(call);
		call = NULL;
	}
	return call;
}

/* ---- handlers --------------------------------------------------------------------------------------------------- */

static int edit_call(struct request *request, const struct row *row, json_t *item)
{
	(void)row;
	return add_parts(request->engine, request->tenant_id, item, &request->err);
}

/* Whose calls: an agent sees his own, the others all or those of one user. */
static int whose(struct request *request, struct arg *user, struct arg *login)
{
	const char *named = param_text(request, "user");
	const bool own_only = request->who.role < ROLE_SUPERVISOR;

	*user = own_only ? a_int(request->who.user_id) : a_null();
	*login = own_only ? a_null() : a_text(named);
	if (named && login_check(request, named) < 0)
		return request->err.code;
	if (own_only && named && strcmp(named, request->who.login))
		return err_set(&request->err, ERR_NOT_PERMITTED, "user: agents see their own calls only");
	return 0;
}

/* A code that is written wrong must not look like one that no call has. */
static int check_codes(struct request *request)
{
	const char *code = param_text(request, "disposition"), *cause = param_text(request, "cause");
	struct str all = {0};
	int i = CAUSE_NONE + 1;

	if (code && dispo_known(request->engine, request->tenant_id, code, &request->err) < 0)
		return request->err.code;
	for (; cause && i < CAUSES && strcmp(cause, call_cause_name(i)); i++)
		str_addf(&all, "%s%s", all.len ? ", " : "", call_cause_name(i));
	if (i == CAUSES)
		err_set(&request->err, ERR_INVALID, "cause: \"%s\" is none; there are %s", cause, all.s);
	str_free(&all);
	return i == CAUSES ? ERR_INVALID : 0;
}

enum { BY_NOTHING, BY_USER, BY_CUSTOMER, BY_NUMBER, WAYS };

static int search_list(struct request *request, struct arg user, struct arg login, struct arg number)
{
	static const struct stmt *const lists[2][WAYS] = {
		{&sql_history_all, &sql_history_user, &sql_history_customer, &sql_history_number},
		{&sql_history_all_newest, &sql_history_user_newest, &sql_history_customer_newest,
		 &sql_history_number_newest},
	};
	const struct arg customer = arg_param_int(request, "customer_id");
	const bool newest = param_bool(request, "newest", false);
	const int by = number.kind != ARG_NULL ? BY_NUMBER : customer.kind != ARG_NULL ? BY_CUSTOMER :
		user.kind != ARG_NULL || login.kind != ARG_NULL ? BY_USER : BY_NOTHING;
	struct arg since, until;
	struct search search;
	struct tenant tenant;

	if (!arg_param_time(request, "since", &since) || !arg_param_time(request, "until", &until) ||
		tenant_load(request->engine, request->tenant_id, &tenant, &request->err) < 0)
		return request->err.code;
	search_take(&search, param_text(request, "search"), tenant.country);
	int rc = list_long(request,
		&(struct long_list){.stmt = lists[newest][by], .last_id = &sql_history_last_id, .edit = edit_call,
			.newest = newest, .indexed = by >= BY_CUSTOMER},
		ARGS(a_int(request->tenant_id), user, login, customer, number, since, until,
			arg_param_bool(request, "owed"), arg_param_text(request, "disposition"),
			arg_param_text(request, "cause"),
			arg_param_text(request, "direction"), arg_param_text(request, "station"), a_text(search.text),
			a_text(search.code), a_text(search.digits)));
	search_clear(&search);
	return rc;
}

int history_list(struct request *request)
{
	struct arg user, login, number;
	char text[NUMBER_SIZE];
	const char *station = param_text(request, "station");

	if (whose(request, &user, &login) < 0 || check_codes(request) < 0 ||
		(station && station_check(request, station) < 0) ||
		!arg_param_number(request, "number", &sql_history_has_number, text, &number))
		return request->err.code;
	return search_list(request, user, login, number);
}

/* A login can have been another's before: the id says whose call it is. */
json_t *history_call(struct request *request)
{
	const int64_t id = param_int(request, "call", 0);
	const bool own_only = request->who.role < ROLE_SUPERVISOR;
	const int64_t owner = own_only ? id_of(request->engine, &sql_history_owner,
		ARGS(a_int(request->tenant_id), a_int(id)), &request->err) : 0;

	if (own_only && owner >= 0 && owner != request->who.user_id)
		err_set(&request->err, ERR_NOT_FOUND, "there is no call %lld of yours", (long long)id);
	return own_only && owner != request->who.user_id ? NULL :
		call_row_json(request->engine, request->tenant_id, id, &request->err);
}

int history_show(struct request *request)
{
	json_t *call = history_call(request), *rows;
	int rc = 0;

	request->result = call;
	if (!call)
		return request->err.code;
	if (request->who.role < ROLE_SUPERVISOR)                /* the audit log is not for agents */
		return 0;
	rows = json_array();
	json_object_set_new(call, "audit", rows);
	rc = db_each(request->engine->db, &sql_history_audit,
		ARGS(a_int(request->tenant_id), a_int(param_int(request, "call", 0))), add_row, rows, &request->err);
	if (rc < 0) {
		json_decref(call);
		request->result = NULL;
	}
	return rc < 0 ? rc : 0;
}
