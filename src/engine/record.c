/*
 * record.c - recordings: FLAC, the agent left and the far side right, from the answer on, with an announcement at its
 * start.
 *
 * A file's row is there before its first sound.  It is closed, with the file's SHA-256, when nobody writes the file any
 * more: the media process has said so, or it is gone.  A call has several files when that process was started again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/where.h"
#include "../crypto/chain.h"
#include "../db/sql_call.h"
#include "session.h"

/* A file that the media process of a session writes. */
struct writing {
	struct writing *next;
	int64_t id, session_id;
};

/* ---- which files are being written ------------------------------------------------------------------------------ */

static bool is_written(const struct engine *engine, int64_t id)
{
	for (const struct writing *w = engine->sessions->writing; w; w = w->next)
		if (w->id == id)
			return true;
	return false;
}

static void forget(struct engine *engine, int64_t id, int64_t session_id)
{
	for (struct writing **at = &engine->sessions->writing; *at; ) {
		struct writing *w = *at;

		if (w->id != id && w->session_id != session_id) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		free(w);
	}
}

void recordings_forget(struct engine *engine, int64_t session_id)
{
	forget(engine, -1, session_id);
}

/* ---- closing ---------------------------------------------------------------------------------------------------- */

struct open_file { struct open_file *next; int64_t id, tenant_id, call_id, user_id; char *path; };

static int take_open(const struct row *row, void *arg)
{
	struct open_file **all = arg, *file = xcalloc(1, sizeof(*file));

	file->id = row_int(row, 0);
	file->tenant_id = row_int(row, 1);
	file->path = xstrdup(row_text(row, 2));
	file->call_id = row_int(row, 3);
	file->user_id = row_int(row, 4);
	file->next = *all;
	*all = file;
	return 0;
}

/* A file that never came to be leaves no row. */
static void settle(struct engine *engine, const struct open_file *file)
{
	char *path = xasprintf("%s/%s", engine->home.recordings, file->path);
	char digest[CHAIN_HASH_SIZE];
	struct err err = {0};
	json_t *call;
	int status;

	if (access(path, F_OK) && errno == ENOENT)
		status = db_run(engine->db, &sql_recording_remove, ARGS(a_int(file->id), a_int(file->tenant_id)), &err);
	else if ((status = digest_file(path, digest, &err)) >= 0)
		status = db_run(engine->db, &sql_recording_end,
			ARGS(a_int(file->id), a_int(file->tenant_id), a_int(clock_now_ms()), a_text(digest)), &err);
	free(path);
	if (status < 0)
		log_error("record", "%s is not closed: %s", file->path, err.text);
	else if ((call = live_json(engine, file->tenant_id, file->call_id,
			  live_by_id(engine, file->tenant_id, file->call_id), NULL)))
		tell(engine, file->tenant_id, file->user_id, "call.changed", call);
}

void recordings_settle(struct engine *engine)
{
	struct open_file *all = NULL, *file;
	struct err err;

	if (db_each(engine->db, &sql_recording_open, NO_ARGS, take_open, &all, &err) < 0)
		log_error("record", "%s", err.text);
	while ((file = all)) {
		all = file->next;
		if (!is_written(engine, file->id))
			settle(engine, file);
		free(file->path);
		free(file);
	}
}

static void on_stopped(void *arg, int64_t recording_id, const json_t *answer, const struct err *err)
{
	struct session *session = arg;

	if (!answer)
		log_warn("record", "recording %lld: %s", (long long)recording_id, err->text);
	forget(session->engine, recording_id, -1);
	recordings_settle(session->engine);
}

void record_end(struct live *live)
{
	struct session *session = live->session;
	const int64_t id = live->recording_id;

	if (!id)
		return;
	live->recording_id = 0;
	if (sound_do(session->sound, json_pack("{s:s, s:i}", "do", "record_stop", "slot", live->slot), on_stopped, id))
		return;
	forget(session->engine, id, -1);
	recordings_settle(session->engine);
}

/* ---- beginning -------------------------------------------------------------------------------------------------- */

static void on_started(void *arg, int64_t recording_id, const json_t *answer, const struct err *err)
{
	struct session *session = arg;

	if (answer)
		return;
	session_notice(session, "error", "the call is not recorded: %s", err->text);
	for (struct live *live = session->calls; live; live = live->next)
		if (live->recording_id == recording_id)
			live->recording_id = 0;
	forget(session->engine, recording_id, -1);
	recordings_settle(session->engine);
}

static int make_folder(const struct session *session, struct err *err)
{
	char *folder = xasprintf("%s/%lld", session->engine->home.recordings, (long long)session->tenant_id);
	int status = 0;

	mkdir(session->engine->home.recordings, 0700);
	if (mkdir(folder, 0700) && errno != EEXIST)
		status = err_set(err, ERR_CANNOT_CREATE, "%s: %s", folder, strerror(errno));
	free(folder);
	return status;
}

/* The file's name under the recordings folder: "1/7.flac", its later parts "1/7-2.flac". */
static char *file_name(const struct live *live)
{
	const long long tenant = live->session->tenant_id, id = live->id;

	return live->recordings > 1 ? xasprintf("%lld/%lld-%d.flac", tenant, id, live->recordings) :
				      xasprintf("%lld/%lld.flac", tenant, id);
}

static void start(struct live *live, const char *name)
{
	struct session *session = live->session;
	struct writing *w = xcalloc(1, sizeof(*w));
	char *path = xasprintf("%s/%s", session->engine->home.recordings, name);
	char *announce = live->recordings > 1 ? NULL : where_find(WHERE_SHARE, "sounds/announcement.wav", NULL);
	json_t *command = json_pack("{s:s, s:i, s:s}", "do", "record_start", "slot", live->slot, "path", path);

	if (announce)
		json_object_set_new(command, "announce", json_string(announce));
	w->id = live->recording_id;
	w->session_id = session->id;
	w->next = session->engine->sessions->writing;
	session->engine->sessions->writing = w;
	if (!sound_do(session->sound, command, on_started, live->recording_id)) {
		struct err err;
		err_set(&err, ERR_UNAVAILABLE, "the sound process is being started again");
		on_started(session, live->recording_id, NULL, &err);
	}
	free(announce);
	free(path);
}

void record_begin(struct live *live)
{
	struct session *session = live->session;
	struct err err = {0};
	char *name;
	int64_t id = make_folder(session, &err);

	live->recordings++;
	name = file_name(live);
	if (id >= 0)
		id = db_insert(session->engine->db, &sql_recording_insert,
			ARGS(a_int(session->tenant_id), a_int(live->id), a_text(name), a_int(clock_now_ms())), &err);
	if (id < 0)
		session_notice(session, "error", "call %lld is not recorded: %s", (long long)live->id, err.text);
	else {
		live->recording_id = id;
		start(live, name);
	}
	free(name);
}

void record_again(struct live *live)
{
	struct engine *engine = live->session->engine;

	if (!live->record || !live->answered_ms)
		return;
	if (live->recording_id) {
		forget(engine, live->recording_id, -1);
		live->recording_id = 0;
		recordings_settle(engine);
	}
	record_begin(live);
}
