/*
 * retention.c - deletes recordings that are past their tenant's retention: never before three years after the call.
 *
 * The row stays, and says when the file went; so does a row of the audit log for each, in one transaction.  The file
 * goes first: where the transaction fails then, the next run finds nothing to delete and writes it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../db/sql_recording.h"
#include "../db/sql_tenant.h"
#include "audit_now.h"
#include "nouns.h"
#include "recordings.h"
#include "work.h"

enum { BATCH = 20, DAY_SECONDS = 24 * 60 * 60, FIRST_SECONDS = 1 };

struct due;

struct pruning {
	struct engine *engine;
	struct due *due;                /* the batch at hand */
	bool full;                      /* more may follow it */
	struct request *request;        /* recording.prune, or NULL */
	int64_t tenant_id, days, before, last_id;
	int64_t pruned, bytes, failed;
};

struct due {
	struct due *next;
	int64_t id, call_id, ended_ms, size;
	char *name, *path, *sha256;
	bool tried;
	int why;                        /* errno: it could not be deleted */
};

static int take_due(const struct row *row, void *arg)
{
	struct pruning *pruning = arg;
	struct due **end = &pruning->due, *due = xcalloc(1, sizeof(*due));

	due->id = row_int(row, 0);
	due->call_id = row_int(row, 1);
	due->name = xstrdup(row_text(row, 2));
	due->path = xasprintf("%s/%s", pruning->engine->home.recordings, due->name);
	due->sha256 = row_null(row, 3) ? NULL : xstrdup(row_text(row, 3));
	due->ended_ms = row_int(row, 4);
	due->size = row_int(row, 5);
	while (*end)
		end = &(*end)->next;
	*end = due;
	pruning->last_id = due->id;
	return 0;
}

static int note(struct pruning *pruning, const struct due *due, struct err *err)
{
	struct request *request = pruning->request;
	char *detail = xasprintf("%s, SHA-256 %s", due->name, due->sha256 ? due->sha256 : "not known");
	const struct audit_entry entry = {.tenant_id = pruning->tenant_id, .event = "recording_pruned",
		.call_id = due->call_id, .user_id = request ? request->who.user_id : 0,
		.by = request ? &request->who : NULL, .detail = detail};
	int64_t rc = db_run(pruning->engine->db, &sql_recording_pruned,
		ARGS(a_int(due->id), a_int(pruning->tenant_id), a_int(clock_now_ms())), err);

	if (rc > 0)
		rc = audit_add(pruning->engine, &entry, err);
	free(detail);
	return rc < 0 ? (int)rc : 0;
}

/* Beside the loop: a large file takes its time to go. */
static void delete_files(void *arg, const atomic_bool *hurry)
{
	const struct pruning *pruning = arg;

	for (struct due *due = pruning->due; due && !atomic_load(hurry); due = due->next)
		if (retention_over(due->ended_ms, pruning->days, clock_now_ms())) {
			due->tried = true;
			due->why = unlink(due->path) && errno != ENOENT ? errno : 0;
		}
}

static int note_one(struct pruning *pruning, const struct due *due, struct err *err)
{
	int rc = 0;

	if (due->why) {
		log_error("retention", "%s is not deleted: %s", due->path, strerror(due->why));
		pruning->failed++;
	}
	else if (due->tried && (rc = note(pruning, due, err)) >= 0) {
		pruning->pruned++;
		pruning->bytes += due->size;
	}
	return rc;
}

static int note_all(struct pruning *pruning, struct err *err)
{
	int rc = db_begin(pruning->engine->db, err);

	for (const struct due *due = pruning->due; due && rc >= 0; due = due->next)
		rc = note_one(pruning, due, err);
	if (rc >= 0)
		rc = db_commit(pruning->engine->db, err);
	if (rc < 0)
		db_rollback(pruning->engine->db);
	audit_tell(pruning->engine);
	return rc;
}

static void drop_all(struct pruning *pruning)
{
	struct due *due;

	while ((due = pruning->due)) {
		pruning->due = due->next;
		free(due->name);
		free(due->path);
		free(due->sha256);
		free(due);
	}
}

static json_t *answer(const struct pruning *pruning)
{
	char before[RFC3339_SIZE];

	return json_pack("{s:I, s:I, s:I, s:s}", "pruned", (json_int_t)pruning->pruned, "bytes",
		(json_int_t)pruning->bytes, "failed", (json_int_t)pruning->failed, "before",
		time_format(pruning->before, before));
}

static void end(struct pruning *pruning, int rc, const struct err *err)
{
	struct request *request = pruning->request;

	if (rc < 0)
		log_error("retention", "recordings are not deleted: %s", err->text);
	else if (pruning->pruned)
		log_info("retention", "%lld recordings of tenant %lld are deleted", (long long)pruning->pruned,
			(long long)pruning->tenant_id);
	if (request) {
		request->result = rc < 0 ? NULL : answer(pruning);
		request_answer(request, rc < 0 ? err_set(&request->err, err->code, "%s", err->text) : 0);
	}
	free(pruning);
}

static void on_deleted(void *arg);

static void batch(struct pruning *pruning)
{
	struct err err = {0};
	const int rows = db_each(pruning->engine->db, &sql_recording_due,
		ARGS(a_int(pruning->tenant_id), a_int(pruning->before), a_int(pruning->last_id), a_int(BATCH)),
		take_due, pruning, &err);

	pruning->full = rows == BATCH;
	if (rows > 0) {
		work_do(pruning->engine, WORK_FILES, delete_files, on_deleted, pruning);
		return;
	}
	drop_all(pruning);
	end(pruning, rows, &err);
}

static void on_deleted(void *arg)
{
	struct pruning *pruning = arg;
	struct err err = {0};
	const int rc = note_all(pruning, &err);

	drop_all(pruning);
	if (rc >= 0 && pruning->full && !pruning->engine->stopping)
		batch(pruning);
	else
		end(pruning, rc, &err);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	batch(arg);
}

static struct pruning *begin(struct engine *engine, int64_t tenant_id, struct err *err)
{
	struct pruning *pruning;
	struct tenant tenant;

	if (tenant_load(engine, tenant_id, &tenant, err) < 0)
		return NULL;
	pruning = xcalloc(1, sizeof(*pruning));
	*pruning = (struct pruning){.engine = engine, .tenant_id = tenant_id, .days = tenant.retention_days,
		.before = retention_before(tenant.retention_days, clock_now_ms())};
	return pruning;
}

static int take_sum(const struct row *row, void *arg)
{
	struct pruning *pruning = arg;

	pruning->pruned = row_int(row, 0);
	pruning->bytes = row_int(row, 1);
	return 1;
}

int recording_prune(struct request *request)
{
	struct pruning *pruning = begin(request->engine, request->tenant_id, &request->err);
	int rc;

	if (!pruning)
		return request->err.code;
	if (!request->dry_run) {
		pruning->request = request;
		if (work_slice(request->engine, on_turn, pruning) == 0)
			return REQUEST_PENDING;
		rc = err_set(&request->err, ERR_FAILED, "nothing is deleted: no timer");
	}
	else {
		rc = db_each(request->engine->db, &sql_recording_due_sum,
			ARGS(a_int(pruning->tenant_id), a_int(pruning->before)), take_sum, pruning, &request->err);
		request->result = rc < 0 ? NULL : answer(pruning);
		if (request->result)
			json_object_set_new(request->result, "dry_run", json_true());
	}
	free(pruning);
	return rc < 0 ? rc : 0;
}

/* ---- every day -------------------------------------------------------------------------------------------------- */

static int prune_tenant(const struct row *row, void *arg)
{
	struct engine *engine = arg;
	struct err err;
	struct pruning *pruning = begin(engine, row_int(row, 0), &err);

	if (!pruning)
		log_error("retention", "%s", err.text);
	else if (work_slice(engine, on_turn, pruning) < 0)
		free(pruning);
	return 0;
}

static void on_day(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval day = {.tv_sec = DAY_SECONDS};
	struct engine *engine = arg;
	struct err err;
	(void)fd;
	(void)what;

	if (db_each(engine->db, &sql_tenant_ids, NO_ARGS, prune_tenant, engine, &err) < 0)
		log_error("retention", "%s", err.text);
	evtimer_add(engine->retention, &day);
}

void retention_start(struct engine *engine)
{
	const struct timeval first = {.tv_sec = FIRST_SECONDS};

	engine->retention = evtimer_new(engine->loop, on_day, engine);
	evtimer_add(engine->retention, &first);
}

void retention_stop(struct engine *engine)
{
	if (engine->retention)
		event_free(engine->retention);
	engine->retention = NULL;
}
