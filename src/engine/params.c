/* params.c - parameters in, rows out as JSON. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/utf8.h"
#include "nouns.h"

/* ---- parameters ------------------------------------------------------------------------------------------------- */

static json_t *param(const struct request *request, const char *name)
{
	return json_object_get(request->params, name);
}

bool param_given(const struct request *request, const char *name)
{
	return param(request, name) != NULL;
}

const char *param_text(const struct request *request, const char *name)
{
	return json_string_value(param(request, name));
}

int64_t param_int(const struct request *request, const char *name, int64_t preset)
{
	const json_t *value = param(request, name);

	return json_is_integer(value) ? json_integer_value(value) : preset;
}

bool param_bool(const struct request *request, const char *name, bool preset)
{
	const json_t *value = param(request, name);

	return json_is_boolean(value) ? json_is_true(value) : preset;
}

struct arg arg_param_text(const struct request *request, const char *name)
{
	return a_text(param_text(request, name));
}

struct arg arg_param_int(const struct request *request, const char *name)
{
	return json_is_integer(param(request, name)) ? a_int(param_int(request, name, 0)) : a_null();
}

struct arg arg_param_bool(const struct request *request, const char *name)
{
	return param_given(request, name) ? a_int(param_bool(request, name, false)) : a_null();
}

bool arg_param_time(struct request *request, const char *name, struct arg *out)
{
	const char *text = param_text(request, name);
	int64_t at;

	*out = a_null();
	if (!text)
		return true;
	if (!time_parse(text, &at)) {
		err_set(&request->err, ERR_INVALID, "%s: %s is not a time; write 2026-11-21 or 2026-11-21T08:00:00Z",
			name, text);
		return false;
	}
	*out = a_int(at);
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

/* Rows hold UTF-8; what another program wrote into the file may not. */
static json_t *text_json(const char *text)
{
	json_t *value = json_string(text);

	if (!value) {
		char *clean = utf8_clean(text, strlen(text), true);
		value = json_string(clean);
		free(clean);
	}
	return value;
}

static json_t *time_json(int64_t at)
{
	char text[RFC3339_SIZE];

	return json_string(time_format(at, text));
}

static json_t *column_json(const struct row *row, int i, enum column_kind kind)
{
	if (row_null(row, i))
		return json_null();
	switch (kind) {
	case COL_INT:  return json_integer(row_int(row, i));
	case COL_BOOL: return json_boolean(row_int(row, i) != 0);
	case COL_TIME: return time_json(row_int(row, i));
	default:       return text_json(row_text(row, i));
	}
}

json_t *row_json(const struct row *row)
{
	const struct column *columns = row_stmt(row)->columns;
	json_t *object = json_object();

	for (int i = 0; i < STMT_COLUMNS_MAX && columns[i].name; i++)
		if (columns[i].kind != COL_HIDDEN)
			json_object_set_new(object, columns[i].name, column_json(row, i, columns[i].kind));
	return object;
}

/* ---- one row ---------------------------------------------------------------------------------------------------- */

struct one {
	struct request *request;
	list_edit_h *edit;
	json_t *item;
};

static int take_one(const struct row *row, void *arg)
{
	struct one *one = arg;

	one->item = row_json(row);
	int rc = one->edit ? one->edit(one->request, row, one->item) : 0;
	return rc < 0 ? rc : 1;
}

int one_answer(struct request *request, const struct stmt *stmt, const struct arg *args, size_t n, list_edit_h *edit,
	const char *missing, ...)
{
	struct one one = {.request = request, .edit = edit};
	int rc = db_each(request->engine->db, stmt, args, n, take_one, &one, &request->err);

	if (rc == 0) {
		char text[sizeof(request->err.text)];
		va_list list;
		va_start(list, missing);
		vsnprintf(text, sizeof(text), missing, list);
		va_end(list);
		rc = err_set(&request->err, ERR_NOT_FOUND, "%s", text);
	}
	if (rc < 0) {
		json_decref(one.item);
		return rc;
	}
	json_decref(request->result);
	request->result = one.item;
	return 0;
}

static int take_id(const struct row *row, void *arg)
{
	*(int64_t *)arg = row_int(row, 0);
	return 1;
}

int64_t id_of(struct engine *engine, const struct stmt *stmt, const struct arg *args, size_t n, struct err *err)
{
	int64_t id = 0;
	int rc = db_each(engine->db, stmt, args, n, take_id, &id, err);

	return rc < 0 ? rc : id;
}
