/* link.c - the connection to the engine, asynchronous. */
#include "link.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../proto/frame.h"
#include "../proto/rpc.h"

enum { FIRST_WAIT_MS = 100, LONGEST_WAIT_MS = 2000, STACK_BYTES = 256 * 1024 };

/* A request without its answer yet. */
struct pending {
	struct pending *next;
	json_int_t id;
	link_answer_h *done;        /* NULL: nobody wants it any more */
	void *arg;
	int64_t tag;
};

/* One attempt to connect, in a thread of its own, which says by a byte in the pipe that it is over. */
struct attempt {
	const struct client_options *options;
	struct client *client;
	struct err err;
	int pipe[2];
	pthread_t thread;
};

struct link {
	const struct client_options *options;
	const struct link_hooks *hooks;
	void *arg;
	int fd;                     /* -1: not connected */
	struct attempt *attempt;    /* NULL: none is under way */
	int64_t retry_at;           /* clock_mono_ms(); with neither fd nor attempt */
	int wait_ms;
	struct frame frame;
	struct str out;             /* what the socket did not take yet */
	struct pending *first;
	json_int_t last_id;
};

/* ---- connecting ------------------------------------------------------------------------------------------------- */

static void *attempt_run(void *arg)
{
	struct attempt *attempt = arg;

	client_open(&attempt->client, attempt->options, &attempt->err);
	while (write(attempt->pipe[1], "", 1) < 0 && errno == EINTR)
		;
	return NULL;
}

static void retry_later(struct link *link)
{
	link->retry_at = clock_mono_ms() + link->wait_ms;
	link->wait_ms = link->wait_ms * 2 < LONGEST_WAIT_MS ? link->wait_ms * 2 : LONGEST_WAIT_MS;
}

static void attempt_start(struct link *link)
{
	struct attempt *attempt = xcalloc(1, sizeof(*attempt));
	pthread_attr_t attr;

	attempt->options = link->options;
	if (pipe2(attempt->pipe, O_CLOEXEC) < 0) {
		free(attempt);
		retry_later(link);
		return;
	}
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	if (pthread_create(&attempt->thread, &attr, attempt_run, attempt)) {
		close(attempt->pipe[0]);
		close(attempt->pipe[1]);
		free(attempt);
		retry_later(link);
	} else {
		link->attempt = attempt;
	}
	pthread_attr_destroy(&attr);
}

static void attempt_free(struct attempt *attempt)
{
	pthread_join(attempt->thread, NULL);
	close(attempt->pipe[0]);
	close(attempt->pipe[1]);
	client_close(attempt->client);
	free(attempt);
}

static void attempt_end(struct link *link)
{
	struct attempt *attempt = link->attempt;
	json_t *hello = NULL;

	link->attempt = NULL;
	if (attempt->client) {
		link->fd = client_take(attempt->client, &hello);
		attempt->client = NULL;
		fcntl(link->fd, F_SETFL, fcntl(link->fd, F_GETFL) | O_NONBLOCK);
		link->wait_ms = FIRST_WAIT_MS;
		link->last_id = 1;                      /* hello's */
		link->hooks->up(link->arg, hello);
		json_decref(hello);
	} else {
		retry_later(link);
		link->hooks->down(link->arg, &attempt->err);
	}
	attempt_free(attempt);
}

struct link *link_open(const struct client_options *options, const struct link_hooks *hooks, void *arg)
{
	struct link *link = xcalloc(1, sizeof(*link));

	link->options = options;
	link->hooks = hooks;
	link->arg = arg;
	link->fd = -1;
	link->wait_ms = FIRST_WAIT_MS;
	attempt_start(link);
	return link;
}

/* ---- the end of a connection ------------------------------------------------------------------------------------ */

static void answer(struct pending *pending, const struct answer *what)
{
	if (pending->done)
		pending->done(pending->arg, pending->tag, what);
	free(pending);
}

static void lost(struct link *link, const char *why)
{
	struct err err = {0};
	const struct answer none = {.err = &err};
	struct pending *pending = link->first;

	err_set(&err, ERR_UNAVAILABLE, "the connection to the engine %s", why);
	close(link->fd);
	link->fd = -1;
	link->first = NULL;
	frame_free(&link->frame);
	str_free(&link->out);
	link->wait_ms = FIRST_WAIT_MS;
	retry_later(link);
	link->hooks->down(link->arg, &err);
	while (pending) {
		struct pending *next = pending->next;

		answer(pending, &none);
		pending = next;
	}
}

void link_close(struct link *link)
{
	if (!link)
		return;
	while (link->first) {
		struct pending *next = link->first->next;

		free(link->first);
		link->first = next;
	}
	if (link->attempt)
		/* it may wait for an engine for long; the process ends with it */
		pthread_detach(link->attempt->thread);
	if (link->fd >= 0)
		close(link->fd);
	frame_free(&link->frame);
	str_free(&link->out);
	free(link);
}

/* ---- talking ---------------------------------------------------------------------------------------------------- */

/* False when the connection is lost. */
static bool send_out(struct link *link)
{
	while (link->out.len) {
		ssize_t sent = send(link->fd, link->out.s, link->out.len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EAGAIN;
		mem_wipe(link->out.s, (size_t)sent);    /* it may hold a password */
		str_cut(&link->out, (size_t)sent);
	}
	return true;
}

void link_ask(struct link *link, const char *method, json_t *params, link_answer_h *done, void *arg, int64_t tag)
{
	struct pending *pending = xcalloc(1, sizeof(*pending)), **last = &link->first;
	char *line;

	pending->done = done;
	pending->arg = arg;
	pending->tag = tag;
	if (link->fd < 0) {
		struct err err = {0};
		const struct answer none = {.err = &err};

		err_set(&err, ERR_UNAVAILABLE, "there is no connection to the engine");
		json_decref(params);
		answer(pending, &none);
		return;
	}
	pending->id = ++link->last_id;
	while (*last)
		last = &(*last)->next;
	*last = pending;
	line = rpc_request(pending->id, method, params);
	str_add(&link->out, line);
	mem_wipe(line, strlen(line));
	free(line);
	send_out(link);                                 /* a loss is seen when it is read */
}

void link_forget(struct link *link, const void *arg)
{
	for (struct pending *pending = link->first; pending; pending = pending->next)
		if (pending->arg == arg)
			pending->done = NULL;
}

static void take_event(struct link *link, const json_t *body)
{
	const char *event = json_string_value(json_object_get(body, "event"));

	if (event)
		link->hooks->event(link->arg, event, json_object_get(body, "data"));
}

static void take_answer(struct link *link, struct rpc *rpc)
{
	struct pending **at = &link->first, *pending;
	struct answer what = {0};
	struct err err = {0};

	while (*at && (*at)->id != rpc->id)
		at = &(*at)->next;
	pending = *at;
	if (!pending)
		return;
	*at = pending->next;
	if (rpc->kind == RPC_ERROR) {
		what.data = rpc_error_read(rpc->body, &err);
		what.err = &err;
	} else {
		what.result = rpc->body;
	}
	answer(pending, &what);
}

/* Everything that has arrived whole.  A hook may end the connection. */
static bool take_lines(struct link *link)
{
	const char *line;
	size_t len;
	int got;

	while (link->fd >= 0 && (got = frame_next(&link->frame, &line, &len)) != 0) {
		struct rpc rpc;

		if (got < 0 || rpc_parse(line, len, &rpc, NULL) < 0)
			return false;
		if (rpc.kind == RPC_EVENT)
			take_event(link, rpc.body);
		else
			take_answer(link, &rpc);
		rpc_clear(&rpc);
	}
	return true;
}

static void receive(struct link *link)
{
	char bytes[16384];
	ssize_t size;

	while ((size = recv(link->fd, bytes, sizeof(bytes), 0)) > 0)
		frame_feed(&link->frame, bytes, (size_t)size);
	const bool closed = size == 0 || (errno != EAGAIN && errno != EINTR);

	if (!take_lines(link))
		lost(link, "brought what is not a message of the protocol");
	else if (closed && link->fd >= 0)
		lost(link, "is closed");
}

/* ---- the loop's side -------------------------------------------------------------------------------------------- */

struct pollfd link_poll(const struct link *link)
{
	struct pollfd wait = {.fd = link->attempt ? link->attempt->pipe[0] : link->fd, .events = POLLIN};

	if (!link->attempt && link->out.len)
		wait.events |= POLLOUT;
	return wait;
}

int link_timeout(const struct link *link)
{
	int64_t left;

	if (link->attempt || link->fd >= 0)
		return -1;
	left = link->retry_at - clock_mono_ms();
	return left > 0 ? (int)left : 0;
}

void link_work(struct link *link, short revents)
{
	if (link->attempt) {
		if (revents)
			attempt_end(link);
	} else if (link->fd < 0) {
		if (clock_mono_ms() >= link->retry_at)
			attempt_start(link);
	} else {
		if (revents & POLLOUT && !send_out(link)) {
			lost(link, "is closed");
			return;
		}
		if (revents & (POLLIN | POLLHUP | POLLERR))
			receive(link);
	}
}
