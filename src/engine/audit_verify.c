/*
 * audit_verify.c - is the audit log what was written?
 *
 * Every row's hash is computed anew, from the first on, and what comes out is held against the log's sealed head: a row
 * that was changed, put in or taken out shows, at the tail as well.  A long log is checked in slices, so that calls go
 * on meanwhile; rows that come in meanwhile are checked as well.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_audit.h"
#include "audit.h"
#include "nouns.h"
#include "work.h"

enum { VERIFY_SLICE = 500 };        /* rows between two turns of the loop: a few milliseconds */

struct verify {
	struct request *request;
	struct audit_head head;
	int64_t last_id, rows, unkeyed, first_bad;
	char previous[CHAIN_HASH_SIZE];
	char problem[160];                  /* the first that is found; "" when there is none */
	int64_t noted_rows;                 /* what somebody noted of the log in another place; 0: nothing */
	char noted_hash[CHAIN_HASH_SIZE];
};

static void __attribute__((format(printf, 2, 3))) found(struct verify *verify, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!verify->problem[0])
		vsnprintf(verify->problem, sizeof(verify->problem), fmt, ap);
	va_end(ap);
}

/* ---- the rows --------------------------------------------------------------------------------------------------- */

static int verify_row(const struct row *row, void *arg)
{
	struct verify *verify = arg;
	const char *hash = row_text(row, AUDIT_HASH);
	char right[CHAIN_HASH_SIZE] = "";
	struct str text = {0};
	bool keyed;
	int rc;

	verify->last_id = row_int(row, AUDIT_ID);
	verify->rows++;
	keyed = verify->last_id > verify->head.keyed_after;
	if (!keyed)
		verify->unkeyed++;
	/* An integer reads as its decimal text. */
	for (int i = AUDIT_TENANT; i < AUDIT_COLUMNS; i++)
		audit_add_text(&text, row_text(row, i));
	rc = chain_next(keyed ? verify->head.key : NULL, verify->previous, text.s, text.len, right,
		&verify->request->err);
	str_free(&text);
	if (rc < 0)
		return rc;
	if (strcmp(hash, right)) {
		verify->first_bad = verify->last_id;
		found(verify, "row %lld does not follow the one before it", (long long)verify->last_id);
		return 1;
	}
	if (verify->rows == verify->noted_rows && strcmp(hash, verify->noted_hash))
		found(verify, "row %lld, the %lldth, has another hash than was noted", (long long)verify->last_id,
			(long long)verify->rows);
	str_copy(verify->previous, sizeof(verify->previous), right);
	return 0;
}

/* 1: more to do, 0: all rows were seen, or negative. */
static int verify_slice(struct verify *verify)
{
	int rows = db_each(verify->request->engine->db, &sql_audit_chain,
		ARGS(a_int(verify->head.tenant_id), a_int(verify->last_id), a_int(VERIFY_SLICE)), verify_row, verify,
		&verify->request->err);

	return rows < 0 ? rows : rows == VERIFY_SLICE && !verify->first_bad;
}

/* ---- the head --------------------------------------------------------------------------------------------------- */

static int load_head(struct verify *verify)
{
	struct request *request = verify->request;
	struct err err = {0};
	const int rc = audit_head_load(request->engine, request->tenant_id, &verify->head, &err);

	if (rc != ERR_CONFIG)
		return rc < 0 ? err_set(&request->err, rc, "%s", err.text) : 0;
	found(verify, "%s", err.text);              /* an altered log is an answer, not an error */
	return 0;
}

/* As it is now that all rows were seen. */
static int verify_head(struct verify *verify)
{
	const struct audit_head *head = &verify->head;
	int rc;

	audit_head_clear(&verify->head);
	rc = load_head(verify);
	if (rc < 0)
		return rc;
	if (head->altered)
		found(verify, "the log's head was altered");
	if (head->rows > verify->rows)
		found(verify, "%lld of %lld rows are missing", (long long)(head->rows - verify->rows),
			(long long)head->rows);
	if (head->rows < verify->rows || head->last_id != verify->last_id || strcmp(head->last_hash, verify->previous))
		found(verify, "the last row, %lld, is not the one that was written last", (long long)verify->last_id);
	if (verify->noted_rows > verify->rows)
		found(verify, "there are %lld rows, and %lld were noted", (long long)verify->rows,
			(long long)verify->noted_rows);
	return 0;
}

/* ---- audit.verify ----------------------------------------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
	return *text ? json_string(text) : json_null();
}

static json_t *answer(const struct verify *verify)
{
	return json_pack("{s:I, s:b, s:o, s:o, s:I, s:o, s:o}", "rows", (json_int_t)verify->rows, "intact",
		!verify->problem[0], "first_bad", verify->first_bad ? json_integer(verify->first_bad) : json_null(),
		"problem", text_or_null(verify->problem), "unkeyed_rows", (json_int_t)verify->unkeyed, "last_id",
		verify->last_id ? json_integer(verify->last_id) : json_null(), "last_hash",
		text_or_null(verify->previous));
}

static void verify_next(evutil_socket_t fd, short what, void *arg)
{
	struct verify *verify = arg;
	struct request *request = verify->request;
	int rc = verify->problem[0] ? 0 : verify_slice(verify);

	(void)fd;
	(void)what;
	if (rc > 0 && work_slice(request->engine, verify_next, verify) == 0)
		return;
	if (rc > 0)
		rc = err_set(&request->err, ERR_FAILED, "the check cannot go on: no timer");
	if (rc == 0 && !verify->first_bad)
		rc = verify_head(verify);
	if (rc == 0)
		request->result = answer(verify);
	audit_head_clear(&verify->head);
	free(verify);
	request_answer(request, rc);
}

/* "ROWS:HASH" */
static int take_noted(struct verify *verify, const char *noted)
{
	const char *colon = strchr(noted, ':');
	char *rows = colon ? xstrndup(noted, (size_t)(colon - noted)) : NULL;
	long long count = 0;
	const bool good = rows && str_int(rows, 1, INT64_MAX, &count) && strlen(colon + 1) == CHAIN_HASH_SIZE - 1 &&
			  strspn(colon + 1, "0123456789abcdef") == CHAIN_HASH_SIZE - 1;

	free(rows);
	if (!good)
		return err_set(&verify->request->err, ERR_INVALID,
			"noted: it must be ROWS:HASH, as an earlier check told them, not \"%.100s\"", noted);
	verify->noted_rows = count;
	str_copy(verify->noted_hash, sizeof(verify->noted_hash), colon + 1);
	return 0;
}

int audit_verify(struct request *request)
{
	struct verify *verify;
	const char *noted = param_text(request, "noted");
	int rc;

	if (param_given(request, "rows"))
		return audit_verify_rows(request);
	verify = xcalloc(1, sizeof(*verify));
	verify->request = request;
	rc = noted ? take_noted(verify, noted) : 0;
	if (rc >= 0)
		rc = load_head(verify);
	if (rc >= 0 && work_slice(request->engine, verify_next, verify) == 0)
		return REQUEST_PENDING;
	audit_head_clear(&verify->head);
	free(verify);
	return rc < 0 ? rc : err_set(&request->err, ERR_FAILED, "the check cannot begin: no timer");
}

/* ---- audit.export ----------------------------------------------------------------------------------------------- */

/* Rows as the hashes cover them: ids, not names, which may change. */
static int add_keyed(struct request *request, const struct row *row, json_t *item)
{
	(void)request;
	return json_object_set_new(
		item, "keyed", json_boolean(row_int(row, 0) > row_int(row, AUDIT_EXPORT_KEYED_AFTER)));
}

int audit_export(struct request *request)
{
	return list_answer(request, &sql_audit_export, ARGS(a_int(request->tenant_id)), add_keyed);
}
