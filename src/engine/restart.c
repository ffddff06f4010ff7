/*
 * restart.c - what an engine before this one left: calls that were open, files that were being written, sessions that
 * were on.
 *
 * A killed engine says BYE to nobody, but its phones do, for they end with it.  So an open call ended when the engine
 * did: no later than the last beat of the file `alive`, which is touched while there are calls.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../db/sql_audit.h"
#include "../db/sql_call.h"
#include "../db/sql_participants.h"
#include "../db/sql_session.h"
#include "phone_config.h"
#include "phone_side.h"
#include "session.h"

enum { BEAT_SECONDS = 5 };

/* ---- the beat --------------------------------------------------------------------------------------------------- */

static char *alive_path(const struct engine *engine)
{
	return xasprintf("%s/alive", engine->home.data);
}

/* UTC, or 0 when there was none. */
static int64_t last_beat(const struct engine *engine)
{
	char *path = alive_path(engine);
	struct stat file;
	const bool there = !stat(path, &file);

	free(path);
	return there ? (int64_t)file.st_mtim.tv_sec * 1000 + file.st_mtim.tv_nsec / 1000000 : 0;
}

static void on_beat(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;
	const struct session *session = engine->sessions->first;
	struct err err;
	char *path;
	(void)what;

	if (calls_close(engine, &err) < 0)
		log_error("call", "the end of a call is not written and is tried again: %s", err.text);
	while (session && !session->calls)
		session = session->next;
	if (!session)
		return;
	path = alive_path(engine);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0) {
		futimens(fd, NULL);
		close(fd);
	}
	free(path);
}

/* ---- calls ------------------------------------------------------------------------------------------------------ */

struct open_call {
	struct open_call *next;
	int64_t id, tenant_id, began_ms, acw_seconds;
	bool owes;
	bool counts;
};

static int take_call(const struct row *row, void *arg)
{
	struct open_call ***end = arg, *call = xcalloc(1, sizeof(*call));
	const bool internal = !strcmp(row_text(row, 2), "internal"), outbound = !strcmp(row_text(row, 2), "outbound");
	const bool placed = row_int(row, 6), answered = !row_null(row, 4);

	call->id = row_int(row, 0);
	call->tenant_id = row_int(row, 1);
	call->began_ms = answered ? row_int(row, 4) : row_int(row, 3);
	call->acw_seconds = row_int(row, 5);
	call->owes = internal ? (placed || answered) && row_int(row, 7) :
		     outbound ? placed : answered;      /* not that which a far end placed for a transfer */
	call->counts = outbound && call_cause_counts(CAUSE_ENGINE_RESTART);
	**end = call;
	*end = &call->next;
	return 0;
}

static int close_call(struct engine *engine, const struct open_call *call, int64_t beat, struct err *err)
{
	const int64_t now = clock_now_ms();
	const int64_t ended = beat < call->began_ms ? call->began_ms : beat > now ? now : beat;

	log_warn("restart", "call %lld was open: closed", (long long)call->id);
	return db_run(engine->db, &sql_call_end,
		ARGS(a_int(call->id), a_int(call->tenant_id), a_int(ended),
			a_text(call_cause_name(CAUSE_ENGINE_RESTART)), a_null(), a_null(), a_int(call->counts),
			a_int(call->owes), call->owes ? a_int(now) : a_null(),
			call->owes ? a_int(call->acw_seconds) : a_null()),
		err);
}

static int close_calls(struct engine *engine, struct err *err)
{
	struct open_call *all = NULL, **end = &all, *call;
	const int64_t beat = last_beat(engine);
	int status = db_each(engine->db, &sql_call_open, NO_ARGS, take_call, &end, err);

	if (status > 0)
		status = db_begin(engine->db, err);
	while ((call = all)) {
		all = call->next;
		if (status >= 0)
			status = close_call(engine, call, beat, err);
		if (status >= 0 && !all)
			status = db_run(engine->db, &sql_participant_lost, NO_ARGS, err);
		if (status >= 0 && !all)
			status = db_commit(engine->db, err);
		free(call);
	}
	if (status < 0)
		db_rollback(engine->db);
	return status < 0 ? status : 0;
}

/* ---- sessions --------------------------------------------------------------------------------------------------- */

struct assignment {
	struct assignment *next;
	int64_t id, tenant_id, user_id, station_id;
	char *paused_reason;
	bool dnd;
};

static int take_assignment(const struct row *row, void *arg)
{
	struct assignment ***end = arg, *assignment = xcalloc(1, sizeof(*assignment));

	assignment->id = row_int(row, 0);
	assignment->tenant_id = row_int(row, 1);
	assignment->user_id = row_int(row, 2);
	assignment->station_id = row_int(row, 3);
	assignment->paused_reason = row_null(row, 4) ? NULL : xstrdup(row_text(row, 4));
	assignment->dnd = row_int(row, 5);
	**end = assignment;
	*end = &assignment->next;
	return 0;
}

/* Its phone starts and registers from here on; until it has, the session says that it is not registered. */
static void bring_back(struct engine *engine, struct assignment *from)
{
	struct err err;
	struct session *session = session_new(engine, from->tenant_id, from->user_id, from->station_id, &err);

	if (!session) {
		log_warn("restart", "a session is not brought back: %s", err.text);
		db_run(engine->db, &sql_session_release,
			ARGS(a_int(from->id), a_int(from->tenant_id), a_int(clock_now_ms()), a_text("removed")), NULL);
		return;
	}
	session->id = from->id;
	session->paused_reason = xstrdup(from->paused_reason);
	session->dnd = from->dnd;
	session_start(session);
	session_enter(session);
	log_info("restart", "%s is back at %s", session->login, session->station);
}

static int bring_sessions_back(struct engine *engine, struct err *err)
{
	struct assignment *all = NULL, **end = &all, *assignment;
	const int status = db_each(engine->db, &sql_session_active, NO_ARGS, take_assignment, &end, err);

	while ((assignment = all)) {
		all = assignment->next;
		if (status >= 0)
			bring_back(engine, assignment);
		free(assignment->paused_reason);
		free(assignment);
	}
	return status < 0 ? status : 0;
}

/* ---- the start -------------------------------------------------------------------------------------------------- */

static int take_last(const struct row *row, void *arg)
{
	*(int64_t *)arg = row_int(row, 0);
	return 0;
}

int sessions_open(struct engine *engine, struct err *err)
{
	const struct timeval beat = {.tv_sec = BEAT_SECONDS};
	int status;

	engine->sessions = xcalloc(1, sizeof(*engine->sessions));
	run_folders_remove(engine);
	status = db_each(engine->db, &sql_audit_last_id, NO_ARGS, take_last, &engine->sessions->audit_told, err);
	if (status >= 0)
		status = close_calls(engine, err);
	if (status < 0)
		return status;
	recordings_settle(engine);
	engine->sessions->heartbeat = event_new(engine->loop, -1, EV_PERSIST, on_beat, engine);
	event_add(engine->sessions->heartbeat, &beat);
	return bring_sessions_back(engine, err);
}
