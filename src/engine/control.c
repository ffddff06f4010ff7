/*
 * control.c - the engine's socket: clients, their requests and answers, the events they listen to.
 *
 * A client is who the kernel says it is (SO_PEERCRED).  It says hello first; each further line is a request that is
 * checked against the method table, given a tenant and an agent, checked for permission, and handed to its handler.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../proto/frame.h"
#include "../proto/rpc.h"
#include "control.h"
#include "control_socket.h"
#include "identity.h"
#include "phone_side.h"
#include "work.h"

enum {
	CLIENTS_MAX = 256,
	CLIENTS_OF_UID_MAX = 64,    /* so that one account cannot take every place; the owner and root may */
	UNSENT_MAX = 8 << 20,       /* bytes that a client may leave unread before it is dropped */
	UNSENT_OF_UID_MAX = 32 << 20,   /* and all clients of an account together */
	UNSENT_FEW = 64 << 10,      /* nobody is dropped for so many */
	PIECE_BYTES = 16384,        /* of a client that are read at a time */
	WAITING_OF_UID_MAX = 64,    /* requests of an account that are not answered yet; the owner and root may */
	WAITING_OF_NOBODY_MAX = 8,  /* and of one that is nobody's: each is a password to be computed */
	TURN_MS = 10,               /* for the requests of one client, before the others have their turn */
	HELLO_SECONDS = 10,         /* who says nothing gives up its place */
	FAREWELL_MS = 1000,         /* in which no client reads on from what is left for it when the engine leaves */
	FAREWELL_MOST_MS = 10000,   /* and for those that do */
};

struct pending {                    /* a request whose handler answers later */
	LIST_ENTRY(pending) entry;          /* of its client's; not once that has gone */
	LIST_ENTRY(pending) of_all;
	bool counted;                       /* it is in the list of all */
	struct request request;
};

struct client_link {
	LIST_ENTRY(client_link) entry;
	struct engine *engine;
	struct bufferevent *stream;
	struct event *hello_limit;          /* until hello */
	struct frame frame;
	struct identity who;
	struct event *next_turn;            /* pending: it has said more than one turn takes */
	bool greeted, subscribed, levels, closing;
	bool gone;                          /* it has left; freed when all that it said is done */
	int64_t of_tenant;                  /* whose events alone it wants; 0: of all that it may see */
	LIST_HEAD(, pending) waiting;
};

/* A uid that logged in with a password, and as whom. */
struct known_uid {
	LIST_ENTRY(known_uid) entry;
	struct identity who;
};

struct control {
	int socket;
	struct event *accepting;
	size_t clients, arriving;
	char owner[ACCOUNT_SIZE], root[ACCOUNT_SIZE];       /* whose engine it is, and uid 0, by name */
	void (*changed)(struct engine *);
	LIST_HEAD(, client_link) links;
	LIST_HEAD(, known_uid) known;
	LIST_HEAD(, pending) waiting;       /* of all clients, and of those that have gone */
};

/* ---- a client goes ---------------------------------------------------------------------------------------------- */

static void link_free(struct client_link *link)
{
	struct engine *engine = link->engine;
	struct pending *pending;

	LIST_REMOVE(link, entry);
	while ((pending = LIST_FIRST(&link->waiting))) {
		pending->request.from = NULL;           /* its handler still holds it; the answer goes nowhere */
		LIST_REMOVE(pending, entry);
	}
	if (link->hello_limit)
		event_free(link->hello_limit);
	event_free(link->next_turn);
	bufferevent_free(link->stream);
	frame_free(&link->frame);
	if (link->levels)
		session_watch_levels(engine);
	free(link);
	engine->control->clients--;
	if (engine->control->changed)
		engine->control->changed(engine);
}

/* How long the last bytes are waited for: in all until then (clock_mono_ms()), and so long without any. */
struct patience { int64_t until, idle; };

/* Sends what is queued before the connection is closed.  A bufferevent keeps its output to itself, hence the
 * unfreeze. */
static void send_rest(struct client_link *link, struct patience *patience)
{
	struct evbuffer *out = bufferevent_get_output(link->stream);
	struct pollfd wait = {.fd = bufferevent_getfd(link->stream), .events = POLLOUT};
	int64_t left;

	evbuffer_unfreeze(out, 1);
	while (evbuffer_get_length(out)) {
		if (evbuffer_write(out, wait.fd) >= 0)
			continue;
		if (errno != EAGAIN && errno != EINTR)
			return;
		left = patience->until - clock_mono_ms();
		if (left > patience->idle)
			left = patience->idle;
		if (left <= 0)
			return;
		if (!poll(&wait, 1, (int)left)) {
			patience->idle = 0;             /* nobody else is waited for either */
			return;
		}
	}
}

/* Closes the connection once this line is on its way. */
static void link_end(struct client_link *link, const struct err *err)
{
	char *line = rpc_error(-1, err, NULL);
	struct patience none = {0};

	log_info("control", "a client of uid %u is dropped: %s", (unsigned)link->who.uid, err->text);
	link->closing = true;
	evbuffer_add(bufferevent_get_output(link->stream), line, strlen(line));
	free(line);
	send_rest(link, &none);
	bufferevent_disable(link->stream, EV_READ);
	bufferevent_trigger_event(link->stream, BEV_EVENT_EOF, BEV_TRIG_DEFER_CALLBACKS);
}

static bool is_behind(const struct client_link *link)
{
	const size_t unsent = evbuffer_get_length(bufferevent_get_output(link->stream));
	const struct client_link *other;
	size_t all = 0;

	if (unsent <= UNSENT_FEW)
		return false;
	LIST_FOREACH(other, &link->engine->control->links, entry)
		if (other->who.uid == link->who.uid)
			all += evbuffer_get_length(bufferevent_get_output(other->stream));
	return unsent > UNSENT_MAX || all > UNSENT_OF_UID_MAX;
}

static void link_send(struct client_link *link, char *line)
{
	struct evbuffer *out = bufferevent_get_output(link->stream);

	if (!link->closing && is_behind(link)) {
		log_warn("control", "a client of uid %u does not read: dropped", (unsigned)link->who.uid);
		link->closing = true;
		evbuffer_drain(out, evbuffer_get_length(out));
		bufferevent_trigger_event(link->stream, BEV_EVENT_ERROR, BEV_TRIG_DEFER_CALLBACKS);
	}
	if (!link->closing)
		evbuffer_add(out, line, strlen(line));
	free(line);
}

/* ---- answers ---------------------------------------------------------------------------------------------------- */

static void send_answer(struct request *request, int status)
{
	if (!request->from) {
		json_decref(request->result);
		json_decref(request->error_data);
	}
	else if (status < 0) {
		if (request->err.code == ERR_NONE)
			err_set(&request->err, (enum err_code)status, "%s failed",
				request->method ? request->method->name : "the request");
		json_decref(request->result);
		link_send(request->from, rpc_error(request->id, &request->err, request->error_data));
	}
	else {
		json_decref(request->error_data);
		link_send(request->from, rpc_result(request->id, request->result ? request->result : json_object()));
	}
	request->result = request->error_data = NULL;
}

static const struct engine_method *engine_method(const char *name)
{
	for (const struct engine_method *m = engine_methods; m->name; m++)
		if (!strcmp(m->name, name))
			return m;
	return NULL;
}

static void finish(struct request *request, int status)
{
	struct pending *pending = (struct pending *)((char *)request - offsetof(struct pending, request));

	if (request->from)
		LIST_REMOVE(pending, entry);
	if (pending->counted)
		LIST_REMOVE(pending, of_all);
	send_answer(request, status);
	json_decref(request->params);
	free(pending);
}

void request_answer(struct request *request, int status)
{
	request->finish(request, status);
}

/* ---- requests --------------------------------------------------------------------------------------------------- */

/* A handler may have answered its request, which is gone then, before it ends. */
static int run_half(struct request *request, handler *half)
{
	struct engine *engine = request->engine;
	const struct identity who = request->who;
	int status;

	engine->asking = &who;
	status = half(request);
	engine->asking = NULL;
	return status;
}

void request_go_on(struct request *request, handler *half)
{
	const int status = run_half(request, half);

	if (status != REQUEST_PENDING)
		request_answer(request, status);
}

static int prepare(struct request *request, const struct engine_method **method, const char *name)
{
	*method = engine_method(name);
	request->method = method_find(name);
	if (!*method || !request->method)
		return err_set(&request->err, ERR_INVALID, "method: %s is not one of the engine's methods", name);
	if (!request->from->greeted && strcmp(name, "hello"))
		return err_set(&request->err, ERR_INVALID, "method: hello comes first");
	if (request->who.role < (*method)->needs)
		return err_set(&request->err, ERR_NOT_PERMITTED, "%s needs the role %s; %s has %s", name,
			role_name((*method)->needs), request->who.login[0] ? request->who.login : "this account",
			role_name(request->who.role));
	if (method_check(request->method, request->params, &request->err) < 0)
		return request->err.code;
	request->dry_run = json_is_true(json_object_get(request->params, "dry_run"));
	return identity_resolve(request);
}

/* ERR_TRY_AGAIN where the account has too many of them, this one counted. */
static int find_turn(const struct control *control, const struct identity *who, struct err *err)
{
	const size_t most = who->role == ROLE_NONE ? WAITING_OF_NOBODY_MAX : WAITING_OF_UID_MAX;
	const struct pending *other;
	size_t same = 0;

	if (who->uid == 0 || who->uid == geteuid())
		return 0;
	LIST_FOREACH(other, &control->waiting, of_all)
		same += other->request.who.uid == who->uid;
	if (same <= most)
		return 0;
	return err_set(err, ERR_TRY_AGAIN, "uid %u waits for %zu answers, the most that one account may",
		(unsigned)who->uid, most);
}

static void run_request(struct client_link *link, struct rpc *rpc)
{
	struct pending *pending = xcalloc(1, sizeof(*pending));
	struct request *request = &pending->request;
	const struct engine_method *method;
	int status;

	*request = (struct request){.engine = link->engine, .from = link, .id = rpc->id, .who = link->who,
		.params = json_incref(rpc->body), .finish = finish};
	LIST_INSERT_HEAD(&link->waiting, pending, entry);
	LIST_INSERT_HEAD(&link->engine->control->waiting, pending, of_all);
	pending->counted = true;
	status = find_turn(link->engine->control, &link->who, &request->err);
	if (!status)
		status = prepare(request, &method, rpc->method);
	if (!status)
		status = run_half(request, method->run);
	if (status != REQUEST_PENDING)
		request_answer(request, status);
}

static void on_line(struct client_link *link, const char *line, size_t len)
{
	struct rpc rpc;
	struct err err = {0};

	if (rpc_parse(line, len, &rpc, &err) < 0) {
		link_send(link, rpc_error(rpc.id, &err, NULL));
		return;
	}
	if (rpc.kind == RPC_REQUEST)
		run_request(link, &rpc);
	else {
		err_set(&err, ERR_INVALID, "only requests are taken here");
		link_send(link, rpc_error(rpc.id, &err, NULL));
	}
	rpc_clear(&rpc);
}

/* The next bytes that have come; false when there are none.  Nothing of them stays behind: they may hold a password. */
static bool feed(struct client_link *link)
{
	struct evbuffer *in = bufferevent_get_input(link->stream);
	struct evbuffer_iovec piece;

	frame_wipe(&link->frame);
	if (evbuffer_peek(in, -1, NULL, &piece, 1) <= 0 || !piece.iov_len)
		return false;
	if (piece.iov_len > PIECE_BYTES)
		piece.iov_len = PIECE_BYTES;
	frame_feed(&link->frame, piece.iov_base, piece.iov_len);
	mem_wipe(piece.iov_base, piece.iov_len);
	evbuffer_drain(in, piece.iov_len);
	return true;
}

/* What has come, line by line.  1: the turn is over and there may be more, 0: that was all, or ERR_INVALID. */
static int read_lines(struct client_link *link, struct err *err)
{
	const int64_t until = clock_mono_ms() + TURN_MS;
	const char *line;
	size_t len;

	while (!link->closing) {
		const int more = frame_next(&link->frame, &line, &len);

		if (more < 0)
			return err_set(err, ERR_INVALID, "a line is longer than %d bytes", FRAME_MAX);
		if (!more && !feed(link))
			return 0;
		if (more) {
			on_line(link, line, len);
			if (clock_mono_ms() >= until)
				return 1;
		}
	}
	return 0;
}

/* Who sends many requests at once has some of them answered, and then the others theirs.  Until then nothing more is
 * read from it. */
static void take_turn(struct client_link *link)
{
	static const struct timeval now = {0};
	struct err err = {0};
	const int more = read_lines(link, &err);

	if (more > 0) {
		bufferevent_disable(link->stream, EV_READ);
		event_add(link->next_turn, &now);
	}
	else if (more < 0)
		link_end(link, &err);
	else if (link->gone)
		link_free(link);
	else if (!link->closing)
		bufferevent_enable(link->stream, EV_READ);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	take_turn(arg);
}

static void on_read(struct bufferevent *stream, void *arg)
{
	struct client_link *link = arg;

	(void)stream;
	if (!event_pending(link->next_turn, EV_TIMEOUT, NULL))
		take_turn(link);
}

/* What it said before it left still counts. */
static void on_gone(struct bufferevent *stream, short what, void *arg)
{
	struct client_link *link = arg;

	(void)stream;
	if (!(what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)))
		return;
	link->gone = true;
	if (link->closing || !event_pending(link->next_turn, EV_TIMEOUT, NULL))
		link_free(link);
}

/* ---- a client comes --------------------------------------------------------------------------------------------- */

static const struct known_uid *known_uid(const struct control *control, uid_t uid)
{
	const struct known_uid *known;

	LIST_FOREACH(known, &control->known, entry)
		if (known->who.uid == uid)
			return known;
	return NULL;
}

/* Who a client is, by its uid and that one's name alone. */
static int identity_now(struct engine *engine, uid_t uid, const char *account, struct identity *who, struct err *err)
{
	const int status = identity_of_uid(engine, uid, account, who, err);
	const struct known_uid *known = known_uid(engine->control, uid);

	if (!status && who->role == ROLE_NONE && known)
		*who = known->who;
	return status;
}

static void refuse(int fd, const struct err *err)
{
	char *line = rpc_error(-1, err, NULL);

	if (send(fd, line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_debug("control", "a refused client did not wait for the reason");
	free(line);
	close(fd);
}

static void on_hello_limit(evutil_socket_t fd, short what, void *arg)
{
	struct err err = {0};

	(void)fd;
	(void)what;
	err_set(&err, ERR_INVALID, "no hello came within %d seconds", HELLO_SECONDS);
	link_end(arg, &err);
}

/* ERR_TRY_AGAIN unless there is a place for this client. */
static int find_place(const struct engine *engine, const struct identity *who, struct err *err)
{
	const struct client_link *link;
	size_t same = 0;

	if (who->uid == 0 || who->uid == geteuid())
		return 0;
	LIST_FOREACH(link, &engine->control->links, entry)
		same += link->who.uid == who->uid;
	if (same < CLIENTS_OF_UID_MAX)
		return 0;
	return err_set(err, ERR_TRY_AGAIN,
		"uid %u has %d connections to the engine, the most that one account may have",
		       (unsigned)who->uid, CLIENTS_OF_UID_MAX);
}

static struct client_link *link_new(struct engine *engine, int fd, const struct identity *who)
{
	static const struct timeval limit = {.tv_sec = HELLO_SECONDS};
	struct bufferevent *stream = bufferevent_socket_new(engine->loop, fd, BEV_OPT_CLOSE_ON_FREE);
	struct client_link *link;

	if (!stream)
		return NULL;
	link = xcalloc(1, sizeof(*link));
	link->engine = engine;
	link->who = *who;
	link->stream = stream;
	LIST_INIT(&link->waiting);
	link->next_turn = evtimer_new(engine->loop, on_turn, link);
	link->hello_limit = evtimer_new(engine->loop, on_hello_limit, link);
	if (link->hello_limit)
		evtimer_add(link->hello_limit, &limit);
	LIST_INSERT_HEAD(&engine->control->links, link, entry);
	engine->control->clients++;
	return link;
}

static void let_in(struct engine *engine, int fd, uid_t uid, const char *account)
{
	struct identity who;
	struct err err = {0};
	struct client_link *link;

	if (identity_now(engine, uid, account, &who, &err) < 0 || find_place(engine, &who, &err) < 0) {
		refuse(fd, &err);
		return;
	}
	link = link_new(engine, fd, &who);
	if (!link) {
		close(fd);
		return;
	}
	bufferevent_setcb(link->stream, on_read, NULL, on_gone, link);
	bufferevent_enable(link->stream, EV_READ | EV_WRITE);
	if (engine->control->changed)
		engine->control->changed(engine);
}

/* A client whose account's name is being looked for. */
struct arrival { struct engine *engine; int fd; uid_t uid; char account[ACCOUNT_SIZE]; };

static void look_for_name(void *arg, const atomic_bool *hurry)
{
	struct arrival *arrival = arg;

	if (!atomic_load(hurry))
		identity_account(arrival->uid, arrival->account);
}

static void on_name(void *arg)
{
	struct arrival *arrival = arg;
	struct engine *engine = arrival->engine;
	struct err err = {0};

	engine->control->arriving--;
	if (engine->stopping) {
		err_set(&err, ERR_UNAVAILABLE, "the engine is stopping");
		refuse(arrival->fd, &err);
	} else
		let_in(engine, arrival->fd, arrival->uid, arrival->account);
	free(arrival);
}

static void on_accept(evutil_socket_t listening, short what, void *arg)
{
	struct engine *engine = arg;
	struct control *control = engine->control;
	struct ucred peer;
	socklen_t len = sizeof(peer);
	struct err err = {0};
	struct arrival *arrival;
	const int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (fd < 0)
		return;
	if (control->clients + control->arriving >= CLIENTS_MAX)
		err_set(&err, ERR_TRY_AGAIN, "the engine has %d clients, the most that it takes", CLIENTS_MAX);
	else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		err_set(&err, ERR_FAILED, "the kernel does not name the peer: %s", strerror(errno));
	if (err.code)
		refuse(fd, &err);
	else if (!peer.uid || peer.uid == geteuid() || !engine->service)
		let_in(engine, fd, peer.uid, peer.uid ? control->owner : control->root);
	else {
		control->arriving++;
		arrival = xcalloc(1, sizeof(*arrival));
		*arrival = (struct arrival){.engine = engine, .fd = fd, .uid = peer.uid};
		work_do(engine, WORK_ACCOUNTS, look_for_name, on_name, arrival);
	}
}

/* ---- identity by password --------------------------------------------------------------------------------------- */

void control_identify(struct request *request, const struct identity *who)
{
	struct control *control = request->engine->control;
	struct known_uid *known;
	struct client_link *link;
	const uid_t uid = request->who.uid;

	if (!request->from || request->who.role != ROLE_NONE)
		return;                                 /* the kernel's word stands */
	LIST_FOREACH(known, &control->known, entry)
		if (known->who.uid == uid && known->who.user_id == who->user_id)
			break;
	if (known)
		LIST_REMOVE(known, entry);              /* the last one counts */
	else
		known = xcalloc(1, sizeof(*known));
	known->who = *who;
	known->who.uid = uid;
	str_copy(known->who.account, sizeof(known->who.account), request->who.account);
	LIST_INSERT_HEAD(&control->known, known, entry);
	LIST_FOREACH(link, &control->links, entry)
		if (link->who.uid == uid && link->who.role == ROLE_NONE)
			link->who = known->who;
	session_watch_levels(request->engine);
}

void control_forget(struct engine *engine, int64_t user_id)
{
	struct control *control = engine->control;
	struct known_uid *known, *next;
	struct client_link *link;
	struct identity who;
	struct err err;

	for (known = LIST_FIRST(&control->known); known; known = next) {
		next = LIST_NEXT(known, entry);
		if (known->who.user_id != user_id)
			continue;
		LIST_REMOVE(known, entry);
		free(known);
	}
	LIST_FOREACH(link, &control->links, entry) {
		if (link->who.user_id != user_id)
			continue;
		who = link->who;
		if (identity_now(engine, who.uid, who.account, &link->who, &err) < 0)
			link->who = (struct identity){.uid = who.uid};
	}
	session_watch_levels(engine);
}

/* ---- events ----------------------------------------------------------------------------------------------------- */

static bool may_see(const struct client_link *link, int64_t tenant_id, int64_t user_id)
{
	const struct identity *who = &link->who;

	if ((who->tenant_id && who->tenant_id != tenant_id) ||
		(link->of_tenant && tenant_id && link->of_tenant != tenant_id))
		return false;
	return who->role >= ROLE_SUPERVISOR || !user_id || who->user_id == user_id;
}

/* One's own calls only: a supervisor does not look at meters of all. */
static bool wants_levels(const struct client_link *link, int64_t tenant_id, int64_t user_id)
{
	const struct identity *who = &link->who;

	return link->levels && may_see(link, tenant_id, user_id) && (!who->user_id || who->user_id == user_id);
}

bool control_wants_levels(const struct engine *engine, int64_t tenant_id, int64_t user_id)
{
	const struct client_link *link;

	if (engine->control)
		LIST_FOREACH(link, &engine->control->links, entry)
			if (wants_levels(link, tenant_id, user_id))
				return true;
	return false;
}

void control_tell_level(struct engine *engine, int64_t tenant_id, int64_t user_id, json_t *data)
{
	char *line = rpc_event("call.level", data);
	struct client_link *link;

	LIST_FOREACH(link, &engine->control->links, entry)
		if (wants_levels(link, tenant_id, user_id))
			link_send(link, xstrdup(line));
	free(line);
}

void tell(struct engine *engine, int64_t tenant_id, int64_t user_id, const char *event, json_t *data)
{
	struct client_link *link;
	char *line = NULL;

	if (engine->control)
		LIST_FOREACH(link, &engine->control->links, entry) {
			if (!link->subscribed || !may_see(link, tenant_id, user_id))
				continue;
			if (!line)
				line = rpc_event(event, json_incref(data));
			link_send(link, xstrdup(line));
		}
	free(line);
	json_decref(data);
}

int events_subscribe(struct request *request)
{
	request->from->subscribed = true;
	request->from->of_tenant = param_given(request, "tenant") ? request->tenant_id : 0;
	request->from->levels = param_bool(request, "levels", false);
	session_watch_levels(request->engine);
	return 0;
}

int hello(struct request *request)
{
	const struct engine *engine = request->engine;
	const int64_t version = param_int(request, "version", 0);

	if (version != ENGINE_PROTOCOL)
		return err_set(&request->err, ERR_CONFIG, "version: %lld is not spoken here; this engine speaks %d",
			       (long long)version, ENGINE_PROTOCOL);
	request->from->greeted = true;
	if (request->from->hello_limit)
		event_del(request->from->hello_limit);
	request->result = json_pack("{s:i, s:s, s:b, s:s?, s:s}", "version", ENGINE_PROTOCOL, "engine", SPCTL_VERSION,
		"private", !engine->service, "user", request->who.login[0] ? request->who.login : NULL,
		"role", role_name(request->who.role));
	return 0;
}

/* ---- begin and end ---------------------------------------------------------------------------------------------- */

int control_open(struct engine *engine, struct err *err)
{
	const int fd = control_socket(&engine->home, err);
	struct control *control;

	if (fd < 0)
		return fd;
	control = xcalloc(1, sizeof(*control));
	control->socket = fd;
	identity_account(geteuid(), control->owner);
	identity_account(0, control->root);
	LIST_INIT(&control->links);
	LIST_INIT(&control->known);
	LIST_INIT(&control->waiting);
	control->accepting = event_new(engine->loop, fd, EV_READ | EV_PERSIST, on_accept, engine);
	event_add(control->accepting, NULL);
	engine->control = control;
	return 0;
}

void control_on_change(struct engine *engine, void (*changed)(struct engine *))
{
	engine->control->changed = changed;
}

size_t control_clients(const struct engine *engine)
{
	return engine->control->clients;
}

void control_stop_listening(struct engine *engine)
{
	struct control *control = engine->control;

	event_del(control->accepting);    /* who comes now waits until control_free() and then looks for a new engine */
}

void control_close(struct engine *engine)
{
	struct control *control = engine->control;
	struct patience patience = {clock_mono_ms() + FAREWELL_MOST_MS, FAREWELL_MS};
	struct client_link *link;
	struct known_uid *known;

	control->changed = NULL;
	while ((link = LIST_FIRST(&control->links))) {
		if (!link->closing)
			send_rest(link, &patience);
		link_free(link);
	}
	while ((known = LIST_FIRST(&control->known))) {
		LIST_REMOVE(known, entry);
		free(known);
	}
}

void control_free(struct engine *engine)
{
	struct control *control = engine->control;
	struct pending *pending;

	while ((pending = LIST_FIRST(&control->waiting))) {
		LIST_REMOVE(pending, of_all);
		pending->counted = false;
	}
	unlink(engine->home.socket);
	event_free(control->accepting);
	close(control->socket);
	free(control);
	engine->control = NULL;
}
