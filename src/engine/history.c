/* history.c - calls as they stand in the database: the lists, and one of them. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../db/sql_history.h"
#include "../db/sql_quality.h"
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
	const struct quality_figures figures = {.mos_x100 = figure(row, QUALITY_MOS), .mos_low_x100 = figure(row, QUALITY_MOS_LOW),
		.loss_ppm = figure(row, QUALITY_LOSS), .loss_out_ppm = figure(row, QUALITY_LOSS_OUT),
		.jitter_us = figure(row, QUALITY_JITTER), .rtt_us = figure(row, QUALITY_RTT),
		.one_way = row_int(row, QUALITY_ONE_WAY) != 0};

	return json_object_set_new(arg, "quality", quality_json(&figures));
}

/* What a call has several of, and how it sounded.  Recordings are told with their whole path: `result` of the request given is the list. */
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
static int whose(struct request *request, struct arg *user)
{
	const char *login = param_text(request, "user");
	bool own_only = request->who.role < ROLE_SUPERVISOR;
	int64_t id = own_only ? request->who.user_id : 0;

	if (login)
		id = user_by_login(request->engine, request->tenant_id, login, &request->err);
	if (id < 0)
		return (int)id;
	if (own_only && id != request->who.user_id)
		return err_set(&request->err, ERR_NOT_PERMITTED, "user: agents see their own calls only");
	*user = login || own_only ? a_int(id) : a_null();
	return 0;
}

int history_list(struct request *request)
{
	static const struct stmt *const lists[2][3] = {
		{&sql_history_all, &sql_history_user, &sql_history_customer},
		{&sql_history_all_newest, &sql_history_user_newest, &sql_history_customer_newest},
	};
	bool newest = param_bool(request, "newest", false);
	struct arg user, customer = arg_param_int(request, "customer_id"), since, until;

	if (whose(request, &user) < 0)
		return request->err.code;
	if (!arg_param_time(request, "since", &since) || !arg_param_time(request, "until", &until))
		return ERR_INVALID;
	int by = customer.kind != ARG_NULL ? 2 : user.kind != ARG_NULL ? 1 : 0;
	return list_page(request, lists[newest][by],
		ARGS(a_int(request->tenant_id), user, customer, since, until, arg_param_bool(request, "owed")),
		newest ? INT64_MAX : 0, edit_call);
}

json_t *history_call(struct request *request)
{
	int64_t id = param_int(request, "call", 0);
	json_t *call = call_row_json(request->engine, request->tenant_id, id, &request->err);
	const char *user = json_string_value(json_object_get(call, "user"));

	if (call && request->who.role < ROLE_SUPERVISOR && strcmp(user, request->who.login)) {
		json_decref(call);
		call = NULL;
		err_set(&request->err, ERR_NOT_FOUND, "there is no call %lld of yours", (long long)id);
	}
	return call;
}

int history_show(struct request *request)
{
	request->result = history_call(request);
	return request->result ? 0 : (int)request->err.code;
}
