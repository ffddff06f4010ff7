/*
 * session.c - who sits where: logging in and out, pausing, taking over.
 *
 * A login starts the station's sound and phone and waits for the registration's outcome; only then is there a session
 * and a row for it. A session has nothing to do with a client's connection: it ends by logout, takeover or kick, and
 * outlives the engine.
 */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../base/tz.h"
#include "../db/sql_identity.h"
#include "../db/sql_session.h"
#include "ack.h"
#include "audit_now.h"
#include "control.h"
#include "identity.h"
#include "nouns.h"
#include "phone_side.h"
#include "session.h"
#include "wrap_up.h"

enum { LOGIN_SECONDS = 10 };

/* ---- finding ---------------------------------------------------------------------------------------------------- */

struct session *session_of_user(const struct engine *engine, int64_t user_id)
{
	for (struct session *s = engine->sessions->first; s; s = s->next)
		if (s->user_id == user_id && s->phase == SESSION_ON)
			return s;
	return NULL;
}

struct session *session_of_request(struct request *request)
{
	struct session *session = request->as_user ? session_of_user(request->engine, request->as_user) : NULL;

	if (!session && request->as_user == request->who.user_id && request->as_user)
		err_set(&request->err, ERR_CONFLICT, "%s is not logged in", request->who.login);
	else if (!session)
		err_set(&request->err, ERR_CONFLICT, request->as_user ? "that agent is not logged in" :
			"nobody is logged in: spctl login USER STATION");
	return session;
}

static struct session *session_at(const struct engine *engine, int64_t station_id)
{
	for (struct session *s = engine->sessions->first; s; s = s->next)
		if (s->station_id == station_id)
			return s;
	return NULL;
}

static struct session *session_starting(const struct engine *engine, int64_t user_id)
{
	for (struct session *s = engine->sessions->first; s; s = s->next)
		if (s->user_id == user_id && s->phase == SESSION_STARTING)
			return s;
	return NULL;
}

size_t sessions_count(const struct engine *engine)
{
	size_t n = 0;

	for (const struct session *s = engine->sessions ? engine->sessions->first : NULL; s; s = s->next)
		n++;
	return n;
}

size_t sessions_in(const struct engine *engine, int64_t tenant_id, int64_t *user_id)
{
	size_t n = 0;

	for (const struct session *s = engine->sessions ? engine->sessions->first : NULL; s; s = s->next)
		if (s->tenant_id == tenant_id && s->phase == SESSION_ON) {
			*user_id = s->user_id;
			n++;
		}
	return n;
}

/* ---- beginning and end ------------------------------------------------------------------------------------------ */

static int take_names(const struct row *row, void *arg)
{
	struct session *session = arg;

	str_copy(session->login, sizeof(session->login), row_text(row, 0));
	str_copy(session->station, sizeof(session->station), row_text(row, 1));
	str_copy(session->did, sizeof(session->did), row_text(row, 2));
	session->registers = row_int(row, 3);
	return 0;
}

struct session *session_new(
	struct engine *engine, int64_t tenant_id, int64_t user_id, int64_t station_id, struct err *err)
{
	struct session *session = xcalloc(1, sizeof(*session));
	const int n = db_each(engine->db, &sql_session_names, ARGS(a_int(user_id), a_int(station_id), a_int(tenant_id)),
		take_names, session, err);

	if (n == 0)
		err_set(err, ERR_NOT_FOUND, "user %lld or station %lld was removed", (long long)user_id,
			(long long)station_id);
	if (n <= 0) {
		free(session);
		return NULL;
	}
	session->engine = engine;
	session->tenant_id = tenant_id;
	session->user_id = user_id;
	session->station_id = station_id;
	session->state = AGENT_OFFLINE;
	session->since_ms = clock_now_ms();
	session->next = engine->sessions->first;
	engine->sessions->first = session;
	return session;
}

/* A station that cannot be read has a sound of its own accord; its phone tells why. */
static void set_sound(struct session *session)
{
	struct station station;
	struct err err;

	if (!station_load(session->engine, session->tenant_id, session->station_id, false, &station, &err))
		sound_settings(session->sound, &station);
	station_wipe(&station);
	sound_levels(session->sound, control_wants_levels(session->engine, session->tenant_id, session->user_id));
}

void session_start(struct session *session)
{
	session->sound = sound_open(session->engine, &session_sound_hooks, session);
	set_sound(session);
	session->phone = phone_open(session->engine, session->tenant_id, session->station_id,
		sound_path(session->sound), &session_phone_hooks, session);
}

static void session_free(struct session *session)
{
	struct session **at = &session->engine->sessions->first;

	while (*at != session)
		at = &(*at)->next;
	*at = session->next;
	while (session->calls)
		live_free(session->calls);
	if (session->overdue)
		event_free(session->overdue);
	if (session->login_limit)
		event_free(session->login_limit);
	free(session->paused_reason);
	free(session->register_reason);
	json_decref(session->ended);
	free(session);
}

/* The children of a session that is over. */
struct leaving { struct engine *engine; int64_t session_id; };

static void on_child_ended(struct engine *engine)
{
	struct sessions *sessions = engine->sessions;

	if (!--sessions->children && sessions->closed) {
		void (*done)(struct engine *) = sessions->closed;
		sessions->closed = NULL;
		done(engine);
	}
}

static void on_phone_ended(void *engine)
{
	on_child_ended(engine);
}

/* The files that it wrote are whole now. */
static void on_sound_ended(void *arg)
{
	struct leaving *leaving = arg;

	recordings_forget(leaving->engine, leaving->session_id);
	recordings_settle(leaving->engine);
	on_child_ended(leaving->engine);
	free(leaving);
}

static void close_children(struct session *session)
{
	struct leaving *leaving;

	if (!session->phone)
		return;
	leaving = xcalloc(1, sizeof(*leaving));
	leaving->engine = session->engine;
	leaving->session_id = session->id;
	session->engine->sessions->children += 2;
	session->leaving = true;
	phone_close(session->phone, on_phone_ended, session->engine);
	sound_close(session->sound, on_sound_ended, leaving);
	session->phone = NULL;
	session->sound = NULL;
}

static void release(struct session *session, const char *reason)
{
	struct err err;

	if (session->id &&
		db_run(session->engine->db, &sql_session_release,
			ARGS(a_int(session->id), a_int(session->tenant_id), a_int(clock_now_ms()), a_text(reason)),
			&err) < 0)
		log_error("session", "that %s left is not written: %s", session->login, err.text);
}

void session_end(struct session *session, enum call_cause cause, const char *reason)
{
	while (session->calls) {
		struct live *live = session->calls;

		if (!live->cause)
			live->cause = cause;
		live_end(live);
		if (session->calls == live)             /* its row could not be closed */
			live_leave(live);
	}
	close_children(session);
	if (session->phase == SESSION_ON) {
		if (reason)
			release(session, reason);
		session->registered = false;
		session_step(session, AGENT_EV_KICK);
		control_forget(session->engine, session->user_id);
	}
	session_free(session);
}

void sessions_close(struct engine *engine, void (*done)(struct engine *))
{
	struct sessions *sessions = engine->sessions;

	while (sessions->first) {
		struct session *session = sessions->first;

		if (session->login_request) {
			err_set(&session->login_request->err, ERR_UNAVAILABLE, "the engine is stopping");
			request_answer(session->login_request, ERR_UNAVAILABLE);
		}
		session_end(session, CAUSE_ENGINE_RESTART, NULL);
	}
	sessions->closed = done;
	sessions->children++;
	on_child_ended(engine);
}

void sessions_free(struct engine *engine)
{
	struct sessions *sessions = engine->sessions;

	if (!sessions)
		return;
	while (sessions->first)                         /* there are none after sessions_close() */
		session_free(sessions->first);
	acks_clear(engine);
	calls_forget(engine);                           /* the next start of the engine finds them open */
	tz_free(sessions->zone);
	if (sessions->heartbeat)
		event_free(sessions->heartbeat);
	free(sessions);
	engine->sessions = NULL;
}

/* ---- logging in ------------------------------------------------------------------------------------------------- */

/* Ends a login that did not come to a session. */
static void login_fail(struct session *session, enum err_code code, const char *text)
{
	struct request *request = session->login_request;

	log_info("session", "%s is not logged in at %s: %s", session->login, session->station, text);
	session->login_request = NULL;
	session_end(session, CAUSE_NONE, NULL);
	err_set(&request->err, code, "%s", text);
	request_answer(request, code);
}

static void on_login_limit(evutil_socket_t fd, short what, void *arg)
{
	struct session *session = arg;
	char text[256];
	(void)fd;
	(void)what;

	snprintf(text, sizeof(text), "station %s did not register within %d seconds: the PBX gave no final answer",
		session->station, LOGIN_SECONDS);
	login_fail(session, ERR_UNAVAILABLE, text);
}

/* The session's row, and that of the audit log. */
static int login_write(struct session *session, struct err *err)
{
	struct engine *engine = session->engine;
	const struct audit_entry entry = {.tenant_id = session->tenant_id,
		.event = "login",
		.user_id = session->user_id,
		.station_id = session->station_id,
		.by = session->login_request ? &session->login_request->who : NULL};
	int64_t n = db_begin(engine->db, err);

	if (n < 0)
		return (int)n;
	n = db_run(engine->db, &sql_session_release_left, ARGS(a_int(session->tenant_id), a_int(session->user_id),
		a_int(session->station_id), a_int(clock_now_ms())), err);
	if (n >= 0)
		n = db_insert(engine->db, &sql_session_insert, ARGS(a_int(session->tenant_id), a_int(session->user_id),
			a_int(session->station_id), a_int(clock_now_ms())), err);
	session->id = n < 0 ? 0 : n;
	if (n >= 0 && session->paused_reason)
		n = db_run(engine->db, &sql_session_pause, ARGS(a_int(session->id), a_int(session->tenant_id),
			a_text(session->paused_reason)), err);
	if (n >= 0 && session->dnd)
		n = db_run(engine->db, &sql_session_dnd, ARGS(a_int(session->id), a_int(session->tenant_id), a_int(1)),
			err);
	if (n >= 0)
		n = audit_add(engine, &entry, err);
	if (n >= 0)
		n = db_commit(engine->db, err);
	if (n < 0) {
		session->id = 0;
		db_rollback(engine->db);
		return (int)n;
	}
	audit_tell(engine);
	return 0;
}

/* From here on the asker is this user, unless the kernel says otherwise. */
static void identify(struct request *request, int64_t user_id)
{
	struct identity who = {0};

	if (db_each(request->engine->db, &sql_identity_user, ARGS(a_int(user_id)), identity_take, &who, NULL) > 0)
		control_identify(request, &who);
}

void session_enter(struct session *session)
{
	struct wrap_up wrap_up;

	session->phase = SESSION_ON;
	session_step(session,
		wrap_up_load(session->engine, session->user_id, &wrap_up, NULL) == 0 ? AGENT_EV_LOGIN :
										       AGENT_EV_LOGIN_OWING);
}

/* Who takes his own session over is as paused, and as little to be disturbed, as he was. */
static void carry_over(struct session *session, const struct session *old)
{
	free(session->paused_reason);
	session->paused_reason = xstrdup(old->paused_reason);
	session->dnd = old->dnd;
}

/* User and station may have been removed while the phone registered. */
static bool is_still_there(struct session *session, struct err *err)
{
	const int n = db_each(session->engine->db, &sql_session_names,
		ARGS(a_int(session->user_id), a_int(session->station_id), a_int(session->tenant_id)), take_names,
		session, err);

	if (!n)
		err_set(err, ERR_NOT_FOUND, "user %s or station %s was removed", session->login, session->station);
	return n > 0;
}

static void login_finish(struct session *session)
{
	struct session *old = session_of_user(session->engine, session->user_id);
	struct request *request = session->login_request;
	const struct identity who = request->who;
	struct err err = {0};

	if (!is_still_there(session, &err)) {
		login_fail(session, err.code, err.text);
		return;
	}
	if (old) {
		carry_over(session, old);
		session->engine->asking = &who;
		session_kick_out(old, who.user_id ? who.user_id : session->user_id, session->station, "taken over");
		session->engine->asking = NULL;
	}
	if (calls_close(session->engine, &err) < 0 || login_write(session, &err) < 0) {
		login_fail(session, err.code, err.text);
		return;
	}
	event_free(session->login_limit);
	session->login_limit = NULL;
	session->login_request = NULL;
	session_enter(session);
	identify(request, session->user_id);
	request->result = session_json(session);
	request_answer(request, 0);
}

/* Who wants to log in: an admin as anybody, a user as himself.  His id, 0 for anybody else, who needs the user's
 * password, or negative. */
static int64_t who_logs_in(struct request *request)
{
	const char *login = param_text(request, "user");

	if (request->who.role == ROLE_ADMIN)
		return user_by_login(request->engine, request->tenant_id, login, &request->err);
	if (request->who.user_id && request->who.tenant_id == request->tenant_id && !strcmp(request->who.login, login))
		return request->who.user_id;
	if (!param_text(request, "password"))
		return err_set(&request->err, ERR_NOT_PERMITTED,
			"password: logging in as %s from this account needs that user's password", login);
	return 0;
}

/* Whose place it is must be free, or be taken over: one's own session always, another's by supervisors. */
static int make_room(struct request *request, int64_t user_id, int64_t station_id)
{
	const bool take_over = param_bool(request, "take_over", false);
	struct session *mine = session_of_user(request->engine, user_id),
		       *there = session_at(request->engine, station_id);
	struct err *err = &request->err;

	if (session_starting(request->engine, user_id) || (there && there->phase == SESSION_STARTING))
		return err_set(err, ERR_TRY_AGAIN, "a login of %s or at %s is under way", param_text(request, "user"),
			       param_text(request, "station"));
	if (mine && !take_over)
		return err_set(err, ERR_CONFLICT, "%s is logged in at station %s: log out there, or take over",
			mine->login, mine->station);
	if (there && there != mine && !take_over)
		return err_set(err, ERR_CONFLICT, "station %s is in use by %s", there->station, there->login);
	if (there && there != mine && request->who.role < ROLE_SUPERVISOR)
		return err_set(err, ERR_NOT_PERMITTED,
			"station %s is in use by %s; only a supervisor takes another's place", there->station,
			there->login);
	if (there)
		session_kick_out(there, request->who.user_id ? request->who.user_id : user_id, NULL, "taken over");
	return 0;
}

/* It is known who wants to. */
static int login_as(struct request *request, int64_t user_id)
{
	struct engine *engine = request->engine;
	const struct timeval limit = {.tv_sec = LOGIN_SECONDS};
	struct session carried = {0};
	int64_t station_id;
	struct session *session;

	if (engine->stopping)
		return err_set(&request->err, ERR_UNAVAILABLE, "the engine is stopping");
	station_id = station_by_name(engine, request->tenant_id, param_text(request, "station"), &request->err);
	if (station_id < 0)
		return (int)station_id;
	session = session_of_user(engine, user_id);
	if (session && session->station_id == station_id && request->who.role == ROLE_NONE) {
		identify(request, user_id);             /* the agent is back: the session never went */
		request->result = session_json(session);
		return 0;
	}
	if (session && session->station_id == station_id)
		carry_over(&carried, session);          /* make_room() ends it */
	if (make_room(request, user_id, station_id) < 0 ||
		!(session = session_new(engine, request->tenant_id, user_id, station_id, &request->err))) {
		free(carried.paused_reason);
		return request->err.code;
	}
	session->paused_reason = carried.paused_reason;
	session->dnd = carried.dnd;
	session->login_request = request;
	session->login_limit = evtimer_new(engine->loop, on_login_limit, session);
	evtimer_add(session->login_limit, &limit);
	session_start(session);
	return REQUEST_PENDING;
}

static int login_verified(struct request *request)
{
	return login_as(request, *(const int64_t *)request->kept);
}

static int login_refused(struct request *request)
{
	return request->err.code;
}

static void on_verified(void *arg, int64_t user_id, const struct err *err)
{
	struct request *request = arg;

	request->kept = &user_id;
	if (user_id < 0)
		err_set(&request->err, err->code, "%s", err->text);
	request_go_on(request, user_id < 0 ? login_refused : login_verified);
}

int session_login(struct request *request)
{
	const int64_t user_id = who_logs_in(request);

	if (user_id)
		return user_id < 0 ? (int)user_id : login_as(request, user_id);
	if (user_verify(request->engine, request->tenant_id, param_text(request, "user"),
		    param_text(request, "password"), on_verified, request, &request->err) < 0)
		return request->err.code;
	return REQUEST_PENDING;
}

/* ---- what the phone says of its registration (hooks of session_phone_hooks, live.c) ------------------------------ */

void session_usable(void *arg)
{
	struct session *session = arg;

	session->registered = session->registers;
	session->register_code = 0;
	free(session->register_reason);
	session->register_reason = NULL;
	if (session->phase == SESSION_STARTING)
		login_finish(session);
	else
		session_tell(session);
}

void session_refused(void *arg, int code, const char *reason)
{
	struct session *session = arg;
	char text[512];

	if (session->phase == SESSION_STARTING) {
		if (code > 0)
			snprintf(text, sizeof(text), "station %s is refused by the PBX: %d %s", session->station, code,
				reason);
		else
			snprintf(text, sizeof(text), "station %s cannot register: %s", session->station, reason);
		login_fail(session, code < 0 ? (enum err_code)code : ERR_UNAVAILABLE, text);
		return;
	}
	code = code > 0 ? code : 0;
	snprintf(text, sizeof(text), "%d ", code);
	if (!session->register_reason)
		log_warn("session", "station %s is not registered: %s%s", session->station, code ? text : "", reason);
	session->registered = false;
	session->register_code = code;
	free(session->register_reason);
	session->register_reason = xstrdup(reason);
	session_tell(session);
}

/* ---- the other methods ------------------------------------------------------------------------------------------ */

void session_kick_out(struct session *session, int64_t by_user, const char *now_at, const char *reason)
{
	struct engine *engine = session->engine;
	char *detail = xasprintf("by user %lld: %s", (long long)by_user, reason);
	struct identity by = {0};
	const struct audit_entry entry = {.tenant_id = session->tenant_id,
		.event = "kicked",
		.user_id = session->user_id,
		.station_id = session->station_id,
		.detail = detail};

	audit_now(engine, &entry);
	free(detail);
	if (by_user)
		db_each(engine->db, &sql_identity_user, ARGS(a_int(by_user)), identity_take, &by, NULL);
	session->ended = json_pack("{s:s?, s:s, s:s?}", "by", *by.login ? by.login : NULL, "reason", reason, "now_at",
		now_at);
	session_end(session, CAUSE_KICKED, reason);
}

/* The session of "user", else one's own, else the only one there is; NULL with an error. */
static struct session *named_session(struct request *request)
{
	const char *login = param_text(request, "user");
	const int64_t user_id = login ? user_by_login(request->engine, request->tenant_id, login, &request->err) :
					request->who.user_id;
	struct session *found = user_id > 0 ? session_of_user(request->engine, user_id) : NULL;

	if (user_id < 0)
		return NULL;
	for (struct session *s = request->engine->sessions->first; s && !user_id; s = s->next) {
		if (s->tenant_id != request->tenant_id || s->phase != SESSION_ON)
			continue;
		if (found) {
			err_set(&request->err, ERR_CONFLICT,
				"user: several agents are logged in (%s and %s at least): name one", s->login,
				found->login);
			return NULL;
		}
		found = s;
	}
	if (!found)
		err_set(&request->err, ERR_CONFLICT, login ? "%s is not logged in" : "%snobody is logged in",
			login ? login : "");
	else if (found->user_id != request->who.user_id && request->who.role < ROLE_SUPERVISOR) {
		err_set(&request->err, ERR_NOT_PERMITTED, "user: only a supervisor ends the session of %s",
			found->login);
		return NULL;
	}
	return found;
}

/* A session as it is told when it is over. */
static json_t *offline_json(const struct session *session)
{
	json_t *json = session_json(session);

	json_object_set_new(json, "state", json_string(agent_state_name(AGENT_OFFLINE)));
	json_object_set_new(json, "registered", json_false());
	json_object_set_new(json, "call_id", json_null());
	return json;
}

int session_logout(struct request *request)
{
	struct session *session = named_session(request);
	enum agent_state state;

	if (!session)
		return request->err.code;
	state = session->state;
	if (!agent_step(&state, AGENT_EV_LOGOUT))
		return err_set(&request->err, ERR_CONFLICT, "%s cannot log out: %s", session->login,
			       agent_refusal(session->state, AGENT_EV_LOGOUT));
	audit_now(request->engine,
		&(struct audit_entry){.tenant_id = session->tenant_id,
			.event = "logout",
			.user_id = session->user_id,
			.station_id = session->station_id});
	request->result = offline_json(session);
	session_end(session, CAUSE_NONE, "logged out");
	return 0;
}

int session_kick(struct request *request)
{
	const char *reason = param_text(request, "reason");
	struct session *session = named_session(request);

	if (!session)
		return request->err.code;
	request->result = offline_json(session);
	session_kick_out(session, request->who.user_id, NULL, reason && *reason ? reason : "kicked");
	return 0;
}

int session_show(struct request *request)
{
	const struct session *session = session_of_request(request);

	if (!session)
		return request->err.code;
	request->result = session_json(session);
	return 0;
}

/* The first after this id that the asker may see: agents see their own, supervisors all. */
static const struct session *next_session(const struct request *request, int64_t after)
{
	const struct session *found = NULL;

	for (const struct session *s = request->engine->sessions->first; s; s = s->next)
		if (s->phase == SESSION_ON && s->tenant_id == request->tenant_id && s->id > after &&
		    (request->who.role >= ROLE_SUPERVISOR || s->user_id == request->who.user_id) &&
		    (!found || s->id < found->id))
			found = s;
	return found;
}

int session_list(struct request *request)
{
	const int64_t limit = param_int(request, "limit", 100);
	int64_t last = param_int(request, "after", 0);
	json_t *items = json_array();
	const struct session *s;

	while ((s = next_session(request, last)) && (!limit || (int64_t)json_array_size(items) < limit)) {
		json_array_append_new(items, session_json(s));
		last = s->id;
	}
	request->result = json_pack("{s:o, s:o}", "items", items, "next", s ? json_integer(last) : json_null());
	return 0;
}

static int step_by_order(struct request *request, struct session *session, enum agent_event event, const char *what)
{
	enum agent_state state = session->state;

	if (!agent_step(&state, event))
		return err_set(&request->err, ERR_CONFLICT, "%s cannot %s: %s", session->login, what,
			agent_refusal(session->state, event));
	session_step(session, event);
	request->result = session_json(session);
	return 0;
}

int session_pause(struct request *request)
{
	struct session *session = session_of_request(request);
	const char *reason = param_text(request, "reason");
	enum agent_state state = session ? session->state : AGENT_OFFLINE;

	if (!session)
		return request->err.code;
	if (agent_step(&state, AGENT_EV_PAUSE)) {
		if (db_run(request->engine->db, &sql_session_pause,
			    ARGS(a_int(session->id), a_int(session->tenant_id), a_text(reason)), &request->err) < 0)
			return request->err.code;
		free(session->paused_reason);
		session->paused_reason = xstrdup(reason);
	}
	return step_by_order(request, session, AGENT_EV_PAUSE, "pause");
}

int session_ready(struct request *request)
{
	struct session *session = session_of_request(request);

	return session ? step_by_order(request, session, AGENT_EV_READY, "be ready") : (int)request->err.code;
}
