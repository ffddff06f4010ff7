/* client.c - the client's side of the protocol. */
#include "client.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/home.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../base/where.h"
#include "frame.h"
#include "rpc.h"
#include "start.h"

/* An engine that is stopped, or busy for longer, does not answer hello; TRIES: one that is leaving closes instead. */
enum { HELLO_MS = 10000, TRIES = 3 };

struct client {
	int fd;
	char *path;                 /* of the socket */
	struct frame frame;
	json_int_t last_id;
	json_t *events;             /* an array: what arrived while an answer was awaited */
	json_t *hello;              /* the engine's answer to hello */
};

/* ---- connecting ---- */

/* The descriptor, or -errno. */
static int try_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct timeval limit = {.tv_sec = HELLO_MS / 1000}, none = {0};
	if (!str_copy(address.sun_path, sizeof address.sun_path, path))
		return -ENAMETOOLONG;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	while (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
		int why = errno;
		if (why == EINTR)
			continue;
		close(fd);
		return -why;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof none);
	return fd;
}

static int refused(const char *path, int why, struct err *err)
{
	if (why == EACCES || why == EPERM)
		return err_set(err, ERR_NOT_PERMITTED,
			"the engine's socket %s does not let you in: ask to be put in its group, or "
			"set SPCTL_HOME to a folder for an engine of your own", path);
	if (why == EAGAIN)
		return err_set(err, ERR_TRY_AGAIN, "the engine at %s is too busy to take another client", path);
	return err_set(err, ERR_UNAVAILABLE, "no engine answers at %s: %s", path, strerror(why));
}

/* What a descriptor of try_connect() says about there being an engine. */
static bool nobody_there(int fd)
{
	return fd == -ENOENT || fd == -ECONNREFUSED || fd == -ENOTDIR;
}

static int start_private(const struct client_options *options, const struct home *home, struct err *err)
{
	const char *path = options->engine_path ? options->engine_path : getenv("SPCTL_ENGINE");
	char *found = path && *path ? xstrdup(path) : where_find(WHERE_PROGRAM, "spctld", err);
	if (!found)
		return ERR_CONFIG;
	int lock = start_lock(home, err), status = lock;
	if (lock >= 0) {
		status = try_connect(home->socket);     /* another client was faster */
		if (status >= 0)
			close(status);
		status = status >= 0 ? 0 : start_engine(home, found, err);
		close(lock);
	}
	free(found);
	return status;
}

/* Connects to the private engine, and starts it where none answers. */
static int connect_private(const struct client_options *options, const struct home *home, const char *also,
	struct err *err)
{
	int fd = try_connect(home->socket);
	if (nobody_there(fd) && options->no_start)
		return err_set(err, ERR_UNAVAILABLE, "no engine answers at %s%s%s: %s", also ? also : "",
			also ? " nor at " : "", home->socket, strerror(-fd));
	if (nobody_there(fd)) {
		int status = start_private(options, home, err);
		if (status < 0)
			return status;
		fd = try_connect(home->socket);
	}
	return fd >= 0 ? fd : refused(home->socket, -fd, err);
}

/* The order of the contract: --socket, SPCTL_SOCKET, SPCTL_HOME's, the service's, the private one.  A socket or home
 * that is named is the only one tried: another engine would be the wrong one.  A descriptor; *path is the caller's. */
static int connect_any(const struct client_options *options, char **path, struct err *err)
{
	const char *named = options->socket ? options->socket : getenv("SPCTL_SOCKET"), *own = getenv("SPCTL_HOME");
	struct home home = {0}, service = {0};
	int fd = -ENOENT;
	*path = NULL;
	if (named && *named) {
		*path = xstrdup(named);
		fd = try_connect(named);
		return fd >= 0 ? fd : refused(named, -fd, err);
	}
	if (!own || !*own) {
		home_find(&service, true, NULL);
		fd = try_connect(service.socket);
		if (fd >= 0)
			*path = xstrdup(service.socket);
		else if (!nobody_there(fd))
			fd = refused(service.socket, -fd, err);
	}
	if (nobody_there(fd)) {
		fd = home_find(&home, false, err);
		if (fd == 0) {
			*path = xstrdup(home.socket);
			fd = connect_private(options, &home, service.socket, err);
		}
	}
	home_free(&service);
	home_free(&home);
	return fd;
}

/* ---- talking ---- */

static int gone(const struct client *client, const char *why, struct err *err)
{
	return err_set(err, ERR_UNAVAILABLE, "the engine at %s %s", client->path, why);
}

static int send_line(const struct client *client, const char *line, struct err *err)
{
	size_t left = strlen(line);
	if (left > FRAME_MAX)
		return err_set(err, ERR_INVALID, "the request is larger than the 1 MiB that a message may have");
	while (left > 0) {
		ssize_t sent = send(client->fd, line, left, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
			return 0;         /* what it said before it closed can still be read, or that it said nothing */
		if (sent < 0)
			return gone(client, "cannot be written to", err);
		line += sent;
		left -= (size_t)sent;
	}
	return 0;
}

/* The next message: 1; 0 when none came by the deadline (clock_mono_ms(); -1: none) or, with interruptible, when a
 * signal came; negative when the engine is gone. */
static int next_message(struct client *client, int64_t deadline, bool interruptible, struct rpc *rpc, struct err *err)
{
	for (;;) {
		const char *line;
		size_t len;
		int got = frame_next(&client->frame, &line, &len);
		if (got < 0)
			return gone(client, "sent a line of more than 1 MiB", err);
		if (got > 0 && rpc_parse(line, len, rpc, err) < 0)
			return gone(client, "sent what is not a message of the protocol", err);
		if (got > 0)
			return 1;
		int64_t left = deadline < 0 ? -1 : deadline - clock_mono_ms();
		struct pollfd wait = {.fd = client->fd, .events = POLLIN};
		int ready = poll(&wait, 1, deadline < 0 ? -1 : left > 0 ? (int)left : 0);
		if (ready == 0 || (ready < 0 && errno == EINTR && interruptible))
			return 0;
		if (ready < 0)
			continue;
		char bytes[16384];
		ssize_t size = recv(client->fd, bytes, sizeof bytes, 0);
		if (size == 0 || (size < 0 && errno != EINTR))
			return gone(client, "closed the connection", err);
		if (size > 0)
			frame_feed(&client->frame, bytes, (size_t)size);
	}
}

/* Whether it answers the last request; an event is kept for client_event(). */
static bool is_answer(struct client *client, struct rpc *rpc)
{
	if (rpc->kind == RPC_EVENT) {
		json_array_append(client->events, rpc->body);
		return false;
	}
	bool ours = rpc->id == client->last_id || (rpc->kind == RPC_ERROR && rpc->id < 0);
	return ours && rpc->kind != RPC_REQUEST;
}

static int take_answer(struct rpc *rpc, json_t **result, json_t **data, struct err *err)
{
	if (rpc->kind == RPC_RESULT) {
		*result = json_incref(rpc->body);
		return 0;
	}
	struct err told = {0};
	json_t *about = rpc_error_read(rpc->body, &told);
	if (data)
		*data = json_incref(about);
	return err_set(err, told.code, "%s", told.text);
}

static int ask(struct client *client, const char *method, json_t *params, int64_t deadline, json_t **result,
	json_t **data, struct err *err)
{
	char *line = rpc_request(++client->last_id, method, params);
	int status = send_line(client, line, err);
	struct rpc rpc;
	mem_wipe(line, strlen(line));       /* it may hold a password */
	free(line);
	*result = NULL;
	if (data)
		*data = NULL;
	if (status < 0)
		return status;
	for (bool answered = false; !answered;) {
		int got = next_message(client, deadline, false, &rpc, err);
		if (got < 0)
			return got;
		if (got == 0)
			return err_set(err, ERR_TRY_AGAIN, "the engine at %s does not answer", client->path);
		answered = is_answer(client, &rpc);
		if (answered)
			status = take_answer(&rpc, result, data, err);
		rpc_clear(&rpc);
	}
	return status;
}

static int say_hello(struct client *client, struct err *err)
{
	json_t *params = json_pack("{s:i, s:s}", "version", PROTOCOL_VERSION, "client", "spctl");
	int status = ask(client, "hello", params, clock_mono_ms() + HELLO_MS, &client->hello, NULL, err);
	json_int_t version = json_integer_value(json_object_get(client->hello, "version"));
	if (status == 0 && version != PROTOCOL_VERSION)
		return err_set(err, ERR_UNAVAILABLE,
			"the engine at %s speaks version %lld of the protocol and this client %d: "
			"restart the engine, or install both anew", client->path, (long long)version, PROTOCOL_VERSION);
	return status;
}

int client_open(struct client **out, const struct client_options *options, struct err *err)
{
	int status = ERR_UNAVAILABLE;
	*out = NULL;
	for (int i = 0; i < TRIES; i++) {
		struct client *client = xcalloc(1, sizeof *client);
		client->events = json_array();
		client->fd = connect_any(options, &client->path, err);
		if (client->fd < 0) {
			status = client->fd;
			client_close(client);
			return status;
		}
		status = say_hello(client, err);
		if (status == 0) {
			*out = client;
			return 0;
		}
		bool told = client->hello || status != ERR_UNAVAILABLE;
		client_close(client);
		if (told)
			return status;
	}
	return status;
}

void client_close(struct client *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		close(client->fd);
	frame_free(&client->frame);
	json_decref(client->events);
	json_decref(client->hello);
	free(client->path);
	free(client);
}

int client_take(struct client *client, json_t **hello)
{
	int fd = client->fd;
	*hello = json_incref(client->hello);
	client->fd = -1;
	client_close(client);
	return fd;
}

int client_fd(const struct client *client)
{
	return client->fd;
}

const json_t *client_hello(const struct client *client)
{
	return client->hello;
}

int client_call(struct client *client, const char *method, json_t *params, json_t **result, json_t **data,
	struct err *err)
{
	return ask(client, method, params, -1, result, data, err);
}

int client_event(struct client *client, int timeout_ms, json_t **event, struct err *err)
{
	int64_t deadline = timeout_ms < 0 ? -1 : clock_mono_ms() + timeout_ms;
	struct rpc rpc;
	*event = json_incref(json_array_get(client->events, 0));
	if (*event) {
		json_array_remove(client->events, 0);
		return 1;
	}
	for (;;) {
		int got = next_message(client, deadline, true, &rpc, err);
		if (got <= 0)
			return got;
		if (rpc.kind == RPC_EVENT)
			*event = json_incref(rpc.body);
		rpc_clear(&rpc);
		if (*event)
			return 1;
	}
}
