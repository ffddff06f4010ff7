/* history.c - calls as they stand in the database: the lists, one of them, its recordings. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../base/base64.h"
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

/* The call that the request names, when the asking user may see it; NULL with an error. */
static json_t *named_call(struct request *request)
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
	request->result = named_call(request);
	return request->result ? 0 : (int)request->err.code;
}

/* ---- a recording, piece by piece -------------------------------------------------------------------------------- */

enum { PIECE = 512 << 10 };         /* in base64 it fits into a line of the protocol */

/* Up to PIECE bytes from the offset into data.  Their number, with the file's size, or negative. */
static ssize_t read_piece(const char *path, int64_t offset, char *data, int64_t *size, struct err *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st = {0};
	ssize_t got = 0, n = 1;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		err_set(err, ERR_FAILED, "the recording %s cannot be read: %s", path,
			fd < 0 ? strerror(errno) : "it is not a file");
		n = ERR_FAILED;
	}
	*size = st.st_size;
	while (n > 0 && got < PIECE) {
		n = pread(fd, data + got, PIECE - (size_t)got, offset + got);
		if (n > 0)
			got += n;
		else if (n < 0)
			n = err_set(err, ERR_FAILED, "the recording %s cannot be read: %s", path, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return n < 0 ? n : got;
}

static int answer_piece(struct request *request, const json_t *recording, json_int_t part, size_t parts)
{
	const int64_t offset = param_int(request, "offset", 0);
	const char *path = json_string_value(json_object_get(recording, "path"));
	char *data = xmalloc(PIECE), *text;
	int64_t size;
	ssize_t n = read_piece(path, offset, data, &size, &request->err);

	if (n >= 0 && offset > size)
		n = err_set(&request->err, ERR_INVALID, "offset: the recording has %lld bytes, not %lld", (long long)size,
			(long long)offset);
	if (n >= 0) {
		text = base64_text(data, (size_t)n);
		request->result = json_pack("{s:I, s:I, s:I, s:I, s:O, s:s, s:o}", "call_id",
			(json_int_t)param_int(request, "call", 0), "part", part, "parts", (json_int_t)parts, "size",
			(json_int_t)size, "sha256", json_object_get(recording, "sha256"), "data", text, "next",
			offset + n < size ? json_integer(offset + n) : json_null());
		free(text);
	}
	free(data);
	return n < 0 ? (int)n : 0;
}

int history_recording(struct request *request)
{
	const json_int_t part = param_int(request, "part", 1), id = param_int(request, "call", 0);
	json_t *call = named_call(request);
	const json_t *all = json_object_get(call, "recordings"), *recording = json_array_get(all, (size_t)part - 1);
	const size_t parts = json_array_size(all);
	int rc = 0;

	if (!call)
		return request->err.code;
	if (!parts)
		rc = err_set(&request->err, ERR_NOT_FOUND, "call %lld has no recording", id);
	else if (!recording)
		rc = err_set(&request->err, ERR_NOT_FOUND, "part: the recording of call %lld has %zu, not %lld", id, parts,
			part);
	else if (json_is_null(json_object_get(recording, "ended_at")))
		rc = err_set(&request->err, ERR_TRY_AGAIN, "the recording of call %lld is still being written", id);
	else
		rc = answer_piece(request, recording, part, parts);
	json_decref(call);
	return rc;
}
