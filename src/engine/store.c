/* store.c - db.*: the database as a file. */
#include <stdlib.h>
#include <sys/stat.h>
#include "../base/mem.h"
#include "change.h"
#include "check.h"
#include "nouns.h"

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

struct backup {
	struct request *request;
	struct db_copy *copy;
};

static int done(struct request *request)
{
	const char *path = param_text(request, "path");
	struct stat st = {0};

	stat(path, &st);
	request->result = json_pack("{s:s, s:I}", "path", path, "size_bytes", (json_int_t)st.st_size);
	return change_note(request, NULL);
}

/* A slice at a time, so that calls go on meanwhile; an engine that is about to stop finishes first. */
static void backup_next(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval now = {0};
	struct backup *backup = arg;
	struct request *request = backup->request;
	struct engine *engine = request->engine;
	int rc;

	(void)fd;
	(void)what;
	do
		rc = db_copy_step(engine->db, backup->copy, &request->err);
	while (rc > 0 && engine->stopping);
	if (rc > 0 && event_base_once(engine->loop, -1, EV_TIMEOUT, backup_next, backup, &now) == 0)
		return;
	db_copy_end(engine->db, backup->copy);
	if (rc > 0)
		rc = err_set(&request->err, ERR_FAILED, "the backup cannot go on: no timer");
	if (rc == 0)
		rc = done(request);
	free(backup);
	request_answer(request, rc);
}

int store_backup(struct request *request)
{
	static const struct timeval now = {0};
	const char *path = param_text(request, "path");
	struct db_copy *copy = NULL;
	char text[SHOWN_SIZE];

	if (*path != '/')
		return err_set(&request->err, ERR_INVALID, "path: %s is not an absolute path", shown(path, text));
	int rc = db_copy_start(request->engine->db, path, &copy, &request->err);
	if (rc >= 0) {
		struct backup *backup = xcalloc(1, sizeof(*backup));
		*backup = (struct backup){.request = request, .copy = copy};
		if (event_base_once(request->engine->loop, -1, EV_TIMEOUT, backup_next, backup, &now) == 0)
			return REQUEST_PENDING;
		free(backup);
		rc = err_set(&request->err, ERR_FAILED, "the backup cannot begin: no timer");
	}
	db_copy_end(request->engine->db, copy);
	return rc;
}
