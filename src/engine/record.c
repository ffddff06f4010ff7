/*
 * record.c - a call's recording: FLAC, the agent left and the far side right, from the answer on, with an announcement
 * at its start.
 *
 * A file's row is there before its first sound.  It is closed, with the file's SHA-256, once nobody writes the file any
 * more: the media process has said so, or it is gone.  An engine that ends before that leaves it to the next one.  A
 * call has several files when that process was started again, or when the disk had no room for a while.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../crypto/chain.h"
#include "../db/sql_recording.h"
#include "audit_now.h"
#include "record.h"
#include "work.h"

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

/* A file that nobody writes any more: its digest is computed beside the loop, for that takes as long as reading it. */
struct closing {
	struct closing *next;
	struct engine *engine;
	int64_t id, tenant_id, call_id, user_id, ended_ms;
	char *name, *path;
	bool missing;
	int64_t size;
	char digest[CHAIN_HASH_SIZE];
	struct err err;
};

enum { LEASE_TRIES = 500, LEASE_MS = 20 };      /* 10 s */

/* An engine's processes outlive it a little when it is killed, and bring their last sound to the file: nobody has it
 * open for writing when a lease is given (fcntl(2)).  Where the file system knows none, nothing is waited for. */
static bool is_whole(const char *path, const atomic_bool *hurry)
{
	const struct timespec pause = {.tv_nsec = LEASE_MS * 1000000};
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool written = fd >= 0;

	for (int i = 0; written && i < LEASE_TRIES && !atomic_load(hurry); i++) {
		written = fcntl(fd, F_SETLEASE, F_RDLCK) && errno == EAGAIN;
		if (written)
			nanosleep(&pause, NULL);
	}
	if (fd >= 0)
		close(fd);                  /* the lease goes with it */
	return !written;
}

static void digest_it(void *arg, const atomic_bool *hurry)
{
	struct closing *closing = arg;
	struct stat st = {0};

	if (stat(closing->path, &st) && errno == ENOENT) {
		closing->missing = true;
		return;
	}
	if (!is_whole(closing->path, hurry))
		err_set(&closing->err, ERR_TRY_AGAIN, "it is still being written");
	else if (digest_file(closing->path, hurry, closing->digest, &closing->err) >= 0 && !stat(closing->path, &st))
		closing->size = st.st_size;
}

static void tell_closed(const struct closing *closing)
{
	struct engine *engine = closing->engine;
	json_t *call = live_json(engine, closing->tenant_id, closing->call_id,
		live_by_id(engine, closing->tenant_id, closing->call_id), NULL);

	if (call)
		tell(engine, closing->tenant_id, closing->user_id, "call.changed", call);
}

/* No row is left of a file that never came to be; that of one that is lost has no digest. */
static int without_file(const struct closing *closing, struct err *err)
{
	struct db *db = closing->engine->db;
	const struct arg id = a_int(closing->id), tenant = a_int(closing->tenant_id), ended = a_int(closing->ended_ms);
	const int64_t removed = db_run(db, &sql_recording_remove, ARGS(id, tenant), err);

	if (removed)
		return removed < 0 ? (int)removed : 0;
	log_error("record", "%s is not there any more", closing->name);
	return (int)db_run(db, &sql_recording_end, ARGS(id, tenant, ended, a_null(), a_int(0)), err);
}

/* The digest stands in the audit log as well: who swaps the file would have to change it there. */
static int close_whole(const struct closing *closing, struct err *err)
{
	struct engine *engine = closing->engine;
	char *detail = xasprintf("%s, %lld bytes, SHA-256 %s", closing->name, (long long)closing->size,
		closing->digest);
	const struct audit_entry entry = {.tenant_id = closing->tenant_id, .event = "recorded",
		.user_id = closing->user_id,
		.call_id = closing->call_id, .detail = detail};
	int64_t status = db_begin(engine->db, err);

	if (status >= 0)
		status = db_run(engine->db, &sql_recording_end,
			ARGS(a_int(closing->id), a_int(closing->tenant_id), a_int(closing->ended_ms),
				a_text(closing->digest), a_int(closing->size)), err);
	if (status > 0)
		status = audit_add(engine, &entry, err);
	if (status >= 0)
		status = db_commit(engine->db, err);
	if (status < 0)
		db_rollback(engine->db);
	else
		audit_tell(engine);
	free(detail);
	return status < 0 ? (int)status : 0;
}

/* One that is not closed now is closed when others are, or at the next start. */
static void on_digest(void *arg)
{
	struct closing *closing = arg, **at = &closing->engine->sessions->closing;
	struct err *err = &closing->err;
	int status = err->code;

	while (*at != closing)
		at = &(*at)->next;
	*at = closing->next;
	if (closing->missing)
		status = without_file(closing, err);
	else if (!status)
		status = close_whole(closing, err);
	if (status < 0)
		log_error("record", "%s is not closed: %s", closing->name, err->text);
	else
		tell_closed(closing);
	free(closing->name);
	free(closing->path);
	free(closing);
}

static bool is_closing(const struct engine *engine, int64_t id)
{
	for (const struct closing *c = engine->sessions->closing; c; c = c->next)
		if (c->id == id)
			return true;
	return false;
}

static int take_open(const struct row *row, void *arg)
{
	struct engine *engine = arg;
	const int64_t id = row_int(row, 0);
	struct closing *closing;

	if (is_written(engine, id) || is_closing(engine, id))
		return 0;
	closing = xcalloc(1, sizeof(*closing));
	*closing = (struct closing){.next = engine->sessions->closing, .engine = engine, .id = id,
		.tenant_id = row_int(row, 1), .name = xstrdup(row_text(row, 2)), .call_id = row_int(row, 3),
		.user_id = row_int(row, 4), .ended_ms = clock_now_ms()};
	closing->path = xasprintf("%s/%s", engine->home.recordings, closing->name);
	engine->sessions->closing = closing;
	work_do(engine, WORK_FILES, digest_it, on_digest, closing);
	return 0;
}

void recordings_settle(struct engine *engine)
{
	struct err err;

	if (db_each(engine->db, &sql_recording_open, NO_ARGS, take_open, engine, &err) < 0)
		log_error("record", "%s", err.text);
}

static void on_stopped(void *arg, int64_t recording_id, const json_t *answer, const struct err *err)
{
	struct session *session = arg;

	if (session->leaving)               /* the process has yet to end: then all its files are whole */
		return;
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
	struct err begun;

	if (!answer && live) {
		failed(live, err->text, err->code == ERR_UNAVAILABLE);
		return;
	}
	if (!answer) {
		forget(session->engine, recording_id, -1);
		recordings_settle(session->engine);
		return;
	}
	if (db_run(session->engine->db, &sql_recording_begun, ARGS(a_int(recording_id), a_int(session->tenant_id)),
		&begun) < 0)
		log_error("record", "recording %lld: %s", (long long)recording_id, begun.text);
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
