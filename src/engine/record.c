/*
 * record.c - a call's recording: FLAC, the agent left and the far side right, from the answer on, with an announcement
 * at its start.
 *
 * A file's row is there before its first sound.  It is closed, with the file's SHA-256, when nobody writes the file any
 * more: the media process has said so, or it is gone.  A call has several files when that process was started again, or
 * when the disk had no room for a while.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../crypto/chain.h"
#include "../db/sql_recording.h"
#include "audit_now.h"
#include "record.h"

enum { RETRY_SECONDS = 3 };             /* after a failure, until it is seen whether a file can be made again */

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
	struct stat st = {0};
	struct err err = {0};
	json_t *call;
	int status;

	if (stat(path, &st) && errno == ENOENT)
		status = db_run(engine->db, &sql_recording_remove, ARGS(a_int(file->id), a_int(file->tenant_id)), &err);
	else if ((status = digest_file(path, digest, &err)) >= 0)
		status = db_run(engine->db, &sql_recording_end,
			ARGS(a_int(file->id), a_int(file->tenant_id), a_int(clock_now_ms()), a_text(digest),
				a_int(st.st_size)), &err);
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

void record_clear(struct live *live)
{
	if (live->record_timer)
		event_free(live->record_timer);
	if (live->pause_timer)
		event_free(live->pause_timer);
	live->record_timer = live->pause_timer = NULL;
}

void record_end(struct live *live)
{
	struct session *session = live->session;
	const int64_t id = live->recording_id;

	record_clear(live);
	if (!id)
		return;
	live->recording_id = 0;
	if (sound_do(session->sound, json_pack("{s:s, s:i}", "do", "record_stop", "slot", live->slot), on_stopped, id))
		return;
	forget(session->engine, id, -1);
	recordings_settle(session->engine);
}

/* ---- failing ---------------------------------------------------------------------------------------------------- */

/* Tries again where there is room again, quietly: that it failed was told. */
static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval later = {.tv_sec = RETRY_SECONDS};
	struct live *live = arg;
	struct err err;
	(void)fd;
	(void)what;

	if (live->ended || live->recording_id)
		return;
	if (live->record_required)
		live_hang_up(live, CAUSE_NOT_RECORDED, 0);
	else if (record_room(live->session->engine, live->session->tenant_id, &err) < 0)
		evtimer_add(live->record_timer, &later);
	else
		record_begin(live);
}

/* Nothing is written from here on, and everybody hears of it.  soon: the media process is on its way back. */
static void failed(struct live *live, const char *why, bool soon)
{
	struct session *session = live->session;
	const struct timeval now = {0}, later = {.tv_sec = RETRY_SECONDS};
	const int64_t id = live->recording_id;

	live->recording_id = 0;
	if (id)
		forget(session->engine, id, -1);
	recordings_settle(session->engine);
	if (!live->record_failed)
		session_notice(session, "error", "call %lld is not recorded%s: %s", (long long)live->id,
			live->record_required && !soon ? " and is ended" : "", why);
	live->record_failed = true;
	live_tell(live);
	if (!live->record_timer)
		live->record_timer = evtimer_new(session->engine->loop, on_retry, live);
	evtimer_add(live->record_timer, live->record_required && !soon ? &now : &later);
}

void record_lost(struct session *session)
{
	for (struct live *live = session->calls; live; live = live->next)
		if (!live->ended && live->recording_id)
			failed(live, "the sound process was lost, and is being started again", true);
}

static struct live *live_of_slot(const struct session *session, int slot)
{
	for (struct live *live = session->calls; live; live = live->next)
		if (!live->ended && live->slot == slot)
			return live;
	return NULL;
}

void record_event(struct session *session, const char *event, const json_t *message)
{
	struct live *live = live_of_slot(session, (int)json_integer_value(json_object_get(message, "slot")));
	const char *text = json_string_value(json_object_get(message, "text"));

	if (!live)
		return;
	log_debug("record", "call %lld: %s", (long long)live->id, event);
	if (!strcmp(event, "announce_end"))
		live->announced = true;
	else if (json_is_true(json_object_get(message, "ended")))
		failed(live, text ? text : "the media process gives no reason", false);
	else
		session_notice(session, "error", "the recording of call %lld: %s", (long long)live->id,
			text ? text : "");
}

/* ---- beginning -------------------------------------------------------------------------------------------------- */

static struct live *live_of_recording(const struct session *session, int64_t recording_id)
{
	for (struct live *live = session->calls; live; live = live->next)
		if (live->recording_id == recording_id)
			return live;
	return NULL;
}

static void on_started(void *arg, int64_t recording_id, const json_t *answer, const struct err *err)
{
	struct session *session = arg;
	struct live *live = live_of_recording(session, recording_id);

	if (!answer && live) {
		failed(live, err->text, err->code == ERR_UNAVAILABLE);
		return;
	}
	if (!answer) {
		forget(session->engine, recording_id, -1);
		recordings_settle(session->engine);
		return;
	}
	if (live && live->record_failed) {
		live->record_failed = false;
		session_notice(session, "info", "call %lld is recorded again", (long long)live->id);
	}
	if (live)
		live_tell(live);
}

/* The file's name under the recordings folder: "1/7.flac", its later parts "1/7-2.flac". */
static char *file_name(const struct live *live)
{
	const long long tenant = live->session->tenant_id, id = live->id;

	return live->recordings > 1 ? xasprintf("%lld/%lld-%d.flac", tenant, id, live->recordings) :
				      xasprintf("%lld/%lld.flac", tenant, id);
}

/* What the far end hears first; NULL: nothing, which is audited where it is not because it was heard. */
static char *announcement(struct live *live, struct err *err)
{
	const struct session *session = live->session;
	char why[RECORD_WHY_SIZE], *path;
	const struct audit_entry entry = {.tenant_id = session->tenant_id, .event = "not_announced",
		.user_id = session->user_id, .station_id = session->station_id, .call_id = live->id, .detail = why};

	if (live->announced)
		return NULL;
	path = record_announcement(live, why, err);
	if (!path && !err->code) {
		audit_now(session->engine, &entry);
		live->announced = live->unannounced = true;
	}
	return path;
}

static void start(struct live *live, const char *name, const char *announce)
{
	struct session *session = live->session;
	struct writing *w = xcalloc(1, sizeof(*w));
	char *path = xasprintf("%s/%s", session->engine->home.recordings, name);
	json_t *command = json_pack("{s:s, s:i, s:s}", "do", "record_start", "slot", live->slot, "path", path);

	if (announce)
		json_object_set_new(command, "announce", json_string(announce));
	w->id = live->recording_id;
	w->session_id = session->id;
	w->next = session->engine->sessions->writing;
	session->engine->sessions->writing = w;
	if (live->record_paused)
		record_pause(live, true, NULL, 0);
	if (!sound_do(session->sound, command, on_started, live->recording_id))
		failed(live, "the sound process is being started again", true);
	free(path);
}

/* Part after part, never over a file that is there: one of them may have been left by a row that was not written. */
static char *next_name(struct live *live)
{
	for (;;) {
		char *name, *path;
		bool there;

		live->recordings++;
		name = file_name(live);
		path = xasprintf("%s/%s", live->session->engine->home.recordings, name);
		there = access(path, F_OK) == 0;
		free(path);
		if (!there)
			return name;
		free(name);
	}
}

void record_begin(struct live *live)
{
	struct session *session = live->session;
	struct err err = {0};
	int64_t id = record_room(session->engine, session->tenant_id, &err);
	char *name = next_name(live), *announce = NULL;

	if (id >= 0) {
		announce = announcement(live, &err);
		id = err.code;
	}
	if (id >= 0)
		id = db_insert(session->engine->db, &sql_recording_insert,
			ARGS(a_int(session->tenant_id), a_int(live->id), a_text(name), a_int(clock_now_ms())), &err);
	if (id < 0)
		failed(live, err.text, false);
	else {
		live->recording_id = id;
		start(live, name, announce);
	}
	free(announce);
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

/* ---- its state -------------------------------------------------------------------------------------------------- */

const char *record_state_name(const struct live *live)
{
	if (!live || !live_is_up(live))
		return NULL;
	if (!live->record)
		return "off";
	if (live->record_paused)
		return "paused";
	return live->recording_id ? "recording" : "failed";
}

bool record_pause(struct live *live, bool on, child_answer_h *answered, int64_t tag)
{
	return sound_do(live->session->sound, json_pack("{s:s, s:i, s:b}", "do", "pause", "slot", live->slot, "on", on),
		answered, tag);
}
