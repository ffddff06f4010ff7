/* store.c - db.*: the database as a file. */
#include <stdlib.h>
#include <sys/stat.h>
#include "../base/mem.h"
#include "change.h"
#include "check.h"
#include "nouns.h"
#include "work.h"

int store_status(struct request *request)
{
	struct db *db = request->engine->db;

	request->result = json_pack("{s:s, s:i, s:i, s:I}", "path", db_path(db), "schema", db_schema_version(db),
		"newest", db_schema_newest(), "size_bytes", (json_int_t)db_size(db));
	return 0;
}

/* An engine that runs has made its database. */
int store_init(struct request *request)
{
	return store_status(request);
}

/* An engine that runs has brought its database up to date, unless something else changed it meanwhile. */
int store_migrate(struct request *request)
{
	int rc = request->dry_run ? 0 : db_migrate(request->engine->db, &request->err);

	if (rc < 0)
		return rc;
	store_status(request);
	if (request->dry_run)
		json_object_set_new(request->result, "dry_run", json_true());
	return 0;
}

/* ---- db.backup -------------------------------------------------------------------------------------------------- */

/* Copied beside the loop, so that calls go on meanwhile. */
struct backup {
	struct request *request;
	char *from, *to;
	struct err err;
};

static void copy(void *arg, const atomic_bool *hurry)
{
	struct backup *backup = arg;

	db_copy(backup->from, backup->to, hurry, &backup->err);
}

static int answer(struct request *request)
{
	const struct backup *backup = request->kept;
	struct stat st = {0};

	if (backup->err.code)
		return err_set(&request->err, backup->err.code, "%s", backup->err.text);
	stat(backup->to, &st);
	request->result = json_pack("{s:s, s:I}", "path", backup->to, "size_bytes", (json_int_t)st.st_size);
	return change_note(request, NULL);
}

static void on_copied(void *arg)
{
	struct backup *backup = arg;
	struct request *request = backup->request;

	request->kept = backup;
	request_go_on(request, answer);
	free(backup->from);
	free(backup->to);
	free(backup);
}

int store_backup(struct request *request)
{
	const char *path = param_text(request, "path");
	struct backup *backup;
	char text[SHOWN_SIZE];

	if (*path != '/')
		return err_set(&request->err, ERR_INVALID, "path: %s is not an absolute path", shown(path, text));
	backup = xcalloc(1, sizeof(*backup));
	*backup = (struct backup){
		.request = request, .from = xstrdup(db_path(request->engine->db)), .to = xstrdup(path)};
	work_do(request->engine, WORK_DATABASE, copy, on_copied, backup);
	return REQUEST_PENDING;
}
