/*
 * audit_file.c - is an export of the audit log what was written?
 *
 * The client sends its rows some at a time, each as a JSON object, with the last row before them.  A row's hash, under
 * the log's key, covers the row and the hash before it, so that one that fits is what was written, whatever the
 * database holds by now; of one that does not, the log itself tells what is wrong with it.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_audit.h"
#include "audit.h"
#include "nouns.h"

enum { FIELDS = AUDIT_COLUMNS - AUDIT_TENANT };

/* What the hashes cover, in its order. */
static const struct { const char *name; enum column_kind kind; } fields[FIELDS] = {
	{"tenant_id", COL_INT}, {"at", COL_TIME}, {"event", COL_TEXT}, {"severity", COL_TEXT},
	{"reason_code", COL_TEXT}, {"forced", COL_BOOL}, {"user_id", COL_INT}, {"actor", COL_TEXT},
	{"station_id", COL_INT}, {"customer_id", COL_INT}, {"number", COL_TEXT}, {"call_id", COL_INT},
	{"detail", COL_TEXT},
};

/* A row, of the file or of the log. */
struct line {
	int64_t id;                 /* 0: there is none */
	char hash[CHAIN_HASH_SIZE];
	char *values[FIELDS];       /* as their hash has them; NULL: none */
};

struct file_check {
	struct request *request;
	struct audit_head head;
	struct line before;         /* the last row that was checked: id and hash alone */
	json_t *faults;
	int64_t first_id;           /* of this piece */
};

static void line_clear(struct line *line)
{
	for (int i = 0; i < FIELDS; i++)
		free(line->values[i]);
	*line = (struct line){0};
}

static void __attribute__((format(printf, 3, 4))) fault(struct file_check *check, int64_t id, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_array_append_new(check->faults,
		json_pack("{s:o, s:s}", "id", id ? json_integer(id) : json_null(), "text", text));
}

/* ---- a row of the file ------------------------------------------------------------------------------------------ */

/* False: it is no value of that kind. */
static bool take_value(const json_t *value, enum column_kind kind, char **out)
{
	int64_t at;

	*out = NULL;
	if (json_is_null(value))
		return true;
	switch (kind) {
	case COL_INT:
		if (json_is_integer(value))
			*out = xasprintf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
		break;
	case COL_BOOL:
		if (json_is_boolean(value))
			*out = xstrdup(json_is_true(value) ? "1" : "0");
		break;
	case COL_TIME:
		if (json_is_string(value) && time_parse(json_string_value(value), &at))
			*out = xasprintf("%" PRId64, at);
		break;
	default:
		if (json_is_string(value))
			*out = xstrdup(json_string_value(value));
	}
	return *out != NULL;
}

/* The id stands in any case where there is one.  NULL, or the name of what is missing or no value. */
static const char *take_line(const json_t *object, struct line *line)
{
	const char *hash = json_string_value(json_object_get(object, "hash"));

	line->id = json_integer_value(json_object_get(object, "id"));
	for (int i = 0; i < FIELDS; i++) {
		const json_t *value = json_object_get(object, fields[i].name);

		if (!value || !take_value(value, fields[i].kind, &line->values[i]))
			return fields[i].name;
	}
	if (!hash || strlen(hash) != CHAIN_HASH_SIZE - 1 || strspn(hash, "0123456789abcdef") != CHAIN_HASH_SIZE - 1)
		return "hash";
	str_copy(line->hash, sizeof(line->hash), hash);
	return line->id > 0 ? NULL : "id";
}

/* ---- a row of the log ------------------------------------------------------------------------------------------- */

static int take_row(const struct row *row, void *arg)
{
	struct line *line = arg;

	line->id = row_int(row, AUDIT_ID);
	str_copy(line->hash, sizeof(line->hash), row_text(row, AUDIT_HASH));
	for (int i = 0; i < FIELDS; i++)
		line->values[i] = row_null(row, AUDIT_TENANT + i) ? NULL : xstrdup(row_text(row, AUDIT_TENANT + i));
	return 1;
}

/* The row with this id; one without an id where the log has none. */
static int load_row(const struct file_check *check, int64_t id, struct line *line)
{
	const int rc = db_each(check->request->engine->db, &sql_audit_chain,
		ARGS(a_int(check->request->tenant_id), a_int(id - 1), a_int(1)), take_row, line, &check->request->err);

	if (rc > 0 && line->id != id)
		line_clear(line);
	return rc < 0 ? rc : 0;
}

static int take_before(const struct row *row, void *arg)
{
	struct line *line = arg;

	line->id = row_int(row, 0);
	str_copy(line->hash, sizeof(line->hash), row_text(row, 1));
	return 1;
}

/* The last row of the log before this id. */
static int load_before(const struct file_check *check, int64_t id, struct line *line)
{
	const int rc = db_each(check->request->engine->db, &sql_audit_before,
		ARGS(a_int(check->request->tenant_id), a_int(id)), take_before, line, &check->request->err);

	return rc < 0 ? rc : 0;
}

static int64_t rows_between(const struct file_check *check, int64_t low, int64_t high)
{
	return id_of(check->request->engine, &sql_audit_count,
		ARGS(a_int(check->request->tenant_id), a_int(low), a_int(high)), &check->request->err);
}

/* ---- the two together ------------------------------------------------------------------------------------------- */

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* "event, number", the caller's; "" where they are the same. */
static char *differences(const struct line *a, const struct line *b)
{
	struct str names = {0};

	for (int i = 0; i < FIELDS; i++)
		if (!is_same(a->values[i], b->values[i]))
			str_addf(&names, "%s%s", names.len ? ", " : "", fields[i].name);
	if (strcmp(a->hash, b->hash))
		str_addf(&names, "%shash", names.len ? ", " : "");
	return str_take(&names);
}

static int hash_fits(struct file_check *check, const struct line *line, bool *fits)
{
	const bool keyed = line->id > check->head.keyed_after;
	char right[CHAIN_HASH_SIZE];
	struct str text = {0};
	int rc;

	for (int i = 0; i < FIELDS; i++)
		audit_add_text(&text, line->values[i]);
	rc = chain_next(keyed ? check->head.key : NULL, check->before.hash, text.s, text.len, right,
		&check->request->err);
	str_free(&text);
	*fits = rc >= 0 && !strcmp(right, line->hash);
	return rc;
}

/* It is as the log has it, and yet does not follow the row before it in the file. */
static int say_gap(struct file_check *check, const struct line *line)
{
	const int64_t before = check->before.id;
	const int64_t missing = before < line->id ? rows_between(check, before, line->id) : 0;

	if (before >= line->id)
		fault(check, line->id,
			"row %" PRId64 " stands behind row %" PRId64 ": it was moved, or stands there twice", line->id,
			before);
	else if (missing > 0)
		fault(check, line->id, "%" PRId64 " row%s of the log between %" PRId64 " and %" PRId64 " %s missing",
			missing, missing == 1 ? "" : "s", before, line->id, missing == 1 ? "is" : "are");
	else if (missing == 0)
		fault(check, line->id,
			"row %" PRId64 " does not follow row %" PRId64 ": the log itself was altered there", line->id,
			before);
	return missing < 0 ? (int)missing : 0;
}

/* A hash does not cover the id: a row of the log may stand in the file under another one.  1: it does, and was told. */
static int is_renumbered(struct file_check *check, const struct line *line)
{
	struct line next = {0};
	int rc = db_each(check->request->engine->db, &sql_audit_chain,
		ARGS(a_int(check->request->tenant_id), a_int(check->before.id), a_int(1)), take_row, &next,
		&check->request->err);

	if (rc > 0 && !strcmp(next.hash, line->hash)) {
		fault(check, line->id, "row %" PRId64 " is row %" PRId64 " of the log: its number was changed",
			line->id, next.id);
		check->before.id = next.id;
		str_copy(check->before.hash, sizeof(check->before.hash), next.hash);
	} else if (rc > 0)
		rc = 0;
	line_clear(&next);
	return rc;
}

/* Does this row stand as it was written?  check->before moves on to it, if the log has it. */
static int check_line(struct file_check *check, const struct line *line)
{
	struct line kept = {0};
	char *differ;
	bool fits = false;
	int rc = load_row(check, line->id, &kept);

	if (rc >= 0)
		rc = hash_fits(check, line, &fits);
	if (rc >= 0 && fits && !kept.id)
		rc = is_renumbered(check, line);
	if (rc) {
		line_clear(&kept);
		return rc < 0 ? rc : 0;
	}
	differ = differences(line, &kept);
	/* Without a key anybody can make a hash that fits. */
	if (fits && line->id > check->head.keyed_after && (!kept.id || *differ))
		fault(check, line->id,
			"row %" PRId64 " is as it was written, but the log in the database %s: run audit verify",
			line->id, kept.id ? "is not" : "has lost it");
	else if (!kept.id)
		fault(check, line->id, "row %" PRId64 " was added: the log has none with this id", line->id);
	else if (*differ)
		fault(check, line->id, "row %" PRId64 " was changed: %s", line->id, differ);
	else if (!fits)
		rc = say_gap(check, line);
	free(differ);
	if (rc >= 0 && (kept.id || fits)) {
		check->before.id = line->id > check->before.id ? line->id : check->before.id;
		if (check->before.id == line->id)
			str_copy(check->before.hash, sizeof(check->before.hash),
				fits || !kept.id ? line->hash : kept.hash);
	}
	line_clear(&kept);
	return rc;
}

static int check_text(struct file_check *check, const char *text)
{
	const int64_t tenant_id = check->request->tenant_id;
	json_error_t error;
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	struct line line = {0};
	const char *wrong = json_is_object(object) ? take_line(object, &line) : "a JSON object";
	int rc = 0;

	/* Where the file begins later than the log, the log knows what it follows. */
	if (!check->first_id && line.id > 0) {
		check->first_id = line.id;
		if (!check->before.id)
			rc = load_before(check, line.id, &check->before);
	}
	if (rc >= 0 && wrong)
		fault(check, line.id,
			"row %" PRId64 ", which follows row %" PRId64 ", is none of an export: \"%s\" is missing or no "
			"value", line.id, check->before.id, wrong);
	else if (rc >= 0 && strtoll(line.values[0] ? line.values[0] : "0", NULL, 10) != tenant_id)
		fault(check, line.id, "row %" PRId64 " is of tenant %s, not of this log, which is tenant %" PRId64 "'s",
			line.id, line.values[0] ? line.values[0] : "none", tenant_id);
	else if (rc >= 0)
		rc = check_line(check, &line);
	line_clear(&line);
	json_decref(object);
	return rc;
}

/* ---- the handler ------------------------------------------------------------------------------------------------ */

/* "ID:HASH" */
static int take_follows(struct file_check *check)
{
	const char *text = param_text(check->request, "follows"), *colon = text ? strchr(text, ':') : NULL;
	char *id = colon ? xstrndup(text, (size_t)(colon - text)) : NULL;
	long long number = 0;
	const bool good = !text ||
		(id && str_int(id, 1, INT64_MAX, &number) && strlen(colon + 1) == CHAIN_HASH_SIZE - 1);

	free(id);
	if (!good)
		return err_set(&check->request->err, ERR_INVALID, "follows: it must be ID:HASH, not \"%.100s\"", text);
	check->before.id = number;
	str_copy(check->before.hash, sizeof(check->before.hash), text ? colon + 1 : "");
	return 0;
}

static int answer(struct file_check *check, size_t rows)
{
	const int64_t last = check->before.id;
	const int64_t earlier = check->first_id ? rows_between(check, 0, check->first_id) : 0;
	const int64_t later = rows_between(check, last, INT64_MAX);
	json_t *first = json_object_get(json_array_get(check->faults, 0), "text");
	char *follows = xasprintf("%" PRId64 ":%s", last, check->before.hash);

	if (earlier >= 0 && later >= 0)
		check->request->result = json_pack("{s:I, s:b, s:o, s:O, s:o, s:I, s:I}", "rows", (json_int_t)rows,
			"intact", !first, "problem", first ? json_incref(first) : json_null(), "faults", check->faults,
			"follows", last ? json_string(follows) : json_null(), "earlier_rows", (json_int_t)earlier,
			"later_rows", (json_int_t)later);
	free(follows);
	return earlier < 0 ? (int)earlier : later < 0 ? (int)later : 0;
}

int audit_verify_rows(struct request *request)
{
	const json_t *rows = json_object_get(request->params, "rows"), *text;
	struct file_check check = {.request = request, .faults = json_array()};
	int rc = take_follows(&check);
	size_t i;

	if (rc >= 0)
		rc = audit_head_load(request->engine, request->tenant_id, &check.head, &request->err);
	json_array_foreach(rows, i, text)
		if (rc >= 0)
			rc = check_text(&check, json_string_value(text));
	if (rc >= 0)
		rc = answer(&check, json_array_size(rows));
	audit_head_clear(&check.head);
	json_decref(check.faults);
	return rc;
}
