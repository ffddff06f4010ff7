/* child.c - a child process that speaks JSON lines: start, commands and answers, end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/spawn.h"
#include "../base/utf8.h"
#include "../proto/frame.h"
#include "child.h"

enum { WORDS_SIZE = 200 };

/* A command that is not answered yet. */
struct waiting {
	struct waiting *next;
	struct child *child;
	json_int_t id;
	char *what;
	child_answer_h *handler;
	void *arg;
	int64_t tag;
	struct event *late;
};

struct child {
	struct event_base *loop;
	const struct child_kind *kind;
	void *arg;
	pid_t pid;
	int process, socket, output;                /* pidfd; our end of the socketpair; our end of the output pipe */
	struct event *on_exit, *on_read, *on_write, *on_output, *deadline;
	struct frame in;
	struct frame printed;
	struct str out;
	json_int_t last_id;
	struct waiting *waiting;
	char words[WORDS_SIZE];                     /* the last line it printed: why it ended, when it ended early */
	char why[2 * WORDS_SIZE];
	bool ending;                                /* by child_end(): nobody is told any more, but: */
	bool killed;
	void (*ended)(void *);
	void *ended_arg;
};

/* ---- commands that wait ----------------------------------------------------------------------------------------- */

static void waiting_free(struct waiting *w)
{
	event_free(w->late);
	free(w->what);
	free(w);
}

static struct waiting *waiting_take(struct child *child, json_int_t id)
{
	for (struct waiting **at = &child->waiting; *at; at = &(*at)->next)
		if ((*at)->id == id) {
			struct waiting *w = *at;
			*at = w->next;
			return w;
		}
	return NULL;
}

static void waiting_fail_all(struct child *child, const char *why)
{
	struct waiting *w;

	while ((w = child->waiting)) {
		struct err err;

		child->waiting = w->next;
		err_set(&err, ERR_UNAVAILABLE, "%s: %s", w->what, why);
		if (w->handler && !child->ending)
			w->handler(w->arg, w->tag, NULL, &err);
		waiting_free(w);
	}
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
	struct waiting *w = arg;
	(void)fd;
	(void)what;

	snprintf(w->child->why, sizeof(w->child->why), "it did not answer \"%s\" within %d s and was killed", w->what,
		CHILD_ANSWER_SECONDS);
	log_error(w->child->kind->area, "process %d did not answer \"%s\" within %d s: killed", (int)w->child->pid,
		w->what, CHILD_ANSWER_SECONDS);
	w->child->killed = true;
	kill(w->child->pid, SIGKILL);
}

/* ---- out -------------------------------------------------------------------------------------------------------- */

/* Sends what it can.  What was sent is wiped: it may have been a password. */
static void flush(struct child *child)
{
	while (child->out.len) {
		const ssize_t n = send(child->socket, child->out.s, child->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		memmove(child->out.s, child->out.s + n, child->out.len - (size_t)n);
		mem_wipe(child->out.s + child->out.len - (size_t)n, (size_t)n);
		child->out.len -= (size_t)n;
	}
	if (child->out.len && errno == EAGAIN)
		event_add(child->on_write, NULL);
}

static void send_json(struct child *child, const json_t *message)
{
	const size_t size = json_dumpb(message, NULL, 0, JSON_COMPACT);
	char *line = xmalloc(size + 1);

	json_dumpb(message, line, size, JSON_COMPACT);
	line[size] = '\n';
	str_addn(&child->out, line, size + 1);
	mem_wipe(line, size + 1);
	free(line);
	flush(child);
}

static void wipe_secret(const json_t *command, const char *name)
{
	const json_t *secret = json_object_get(command, name);

	if (secret)
		mem_wipe((char *)json_string_value(secret), json_string_length(secret));
}

void child_do(struct child *child, json_t *command, child_answer_h *handler, void *arg, int64_t tag)
{
	struct waiting *w = xcalloc(1, sizeof(*w));
	const struct timeval limit = {.tv_sec = CHILD_ANSWER_SECONDS};

	w->child = child;
	w->id = ++child->last_id;
	w->what = xstrdup(json_string_value(json_object_get(command, "do")));
	w->handler = handler;
	w->arg = arg;
	w->tag = tag;
	w->late = evtimer_new(child->loop, on_late, w);
	evtimer_add(w->late, &limit);
	w->next = child->waiting;
	child->waiting = w;
	json_object_set_new(command, "id", json_integer(w->id));
	send_json(child, command);
	wipe_secret(command, "password");
	wipe_secret(command, "nat_password");
	json_decref(command);
}

static void on_write(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	flush(arg);
}

/* ---- in --------------------------------------------------------------------------------------------------------- */

static void take_answer(struct child *child, json_int_t id, const json_t *message)
{
	struct waiting *w = waiting_take(child, id);
	struct err err = {0};

	if (!w)
		return;
	if (!json_is_true(json_object_get(message, "ok"))) {
		const char *why = json_string_value(json_object_get(message, "error"));
		err_set(&err, ERR_FAILED, "%s", why ? why : "refused without a reason");
	}
	if (w->handler && !child->ending)
		w->handler(w->arg, w->tag, err.code ? NULL : message, &err);
	waiting_free(w);
}

static void take_line(struct child *child, const char *line, size_t len)
{
	json_error_t where;
	json_t *message = json_loadb(line, len, JSON_REJECT_DUPLICATES, &where);
	const json_t *re = json_object_get(message, "re");
	const char *event = json_string_value(json_object_get(message, "event"));

	if (json_is_integer(re))
		take_answer(child, json_integer_value(re), message);
	else if (event && !child->ending)
		child->kind->event(child->arg, event, message);
	else if (!event)
		log_warn(child->kind->area, "process %d said a line that is no message: %s", (int)child->pid,
			message ? line : where.text);
	json_decref(message);
}

/* False when there is nothing more to come. */
static bool read_socket(struct child *child)
{
	char bytes[16384];
	const char *line;
	size_t len;
	int got;
	const ssize_t n = recv(child->socket, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	frame_feed(&child->in, bytes, (size_t)n);
	while ((got = frame_next(&child->in, &line, &len)) > 0)
		take_line(child, line, len);
	return got == 0;
}

static void on_read(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;
	const struct timeval limit = {.tv_sec = CHILD_TERM_SECONDS};
	(void)fd;
	(void)what;

	if (read_socket(child))
		return;
	event_del(child->on_read);                      /* it is ending: its exit tells the rest */
	if (!evtimer_pending(child->deadline, NULL))
		evtimer_add(child->deadline, &limit);
}

/* Takes the colours of a terminal (ESC [ ... m) out of a line, in place. */
static void remove_colours(char *line)
{
	char *to = line;

	for (const char *from = line; *from; ) {
		if (from[0] == '\033' && from[1] == '[') {
			from += 2 + strspn(from + 2, "0123456789;");
			from += *from == 'm';
		}
		else
			*to++ = *from++;
	}
	*to = '\0';
}

static void read_output(struct child *child)
{
	char bytes[4096];
	const char *line;
	size_t len;
	const ssize_t n = read(child->output, bytes, sizeof(bytes));

	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			event_del(child->on_output);
		return;
	}
	frame_feed(&child->printed, bytes, (size_t)n);
	while (frame_next(&child->printed, &line, &len) > 0) {
		char *plain = xstrndup(line, len), *clean;

		remove_colours(plain);
		clean = utf8_clean(plain, strlen(plain), false);
		free(plain);
		log_debug(child->kind->area, "process %d: %s", (int)child->pid, clean);
		if (*clean)
			str_copy(child->words, sizeof(child->words), clean);
		free(clean);
	}
}

static void on_output(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	read_output(arg);
}

/* ---- the end ---------------------------------------------------------------------------------------------------- */

static void child_free(struct child *child)
{
	struct event *events[] = {child->on_exit, child->on_read, child->on_write, child->on_output, child->deadline};

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i])
			event_free(events[i]);
	close(child->process);
	close(child->socket);
	close(child->output);
	frame_free(&child->in);
	frame_free(&child->printed);
	if (child->out.size)
		mem_wipe(child->out.s, child->out.size);
	str_free(&child->out);
	free(child);
}

static void describe_exit(struct child *child, int status)
{
	const size_t size = sizeof(child->why);
	const char *colon = child->words[0] ? ": " : "";

	if (child->killed)
		return;
	if (WIFSIGNALED(status))
		snprintf(child->why, size, "it was ended by signal %d (%s)", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else
		snprintf(child->why, size, "it ended with status %d%s%s", WEXITSTATUS(status), colon, child->words);
}

static void on_exited(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;
	int status = 0;
	(void)fd;
	(void)what;

	if (waitpid(child->pid, &status, WNOHANG) == 0)
		return;
	event_del(child->on_exit);
	while (!child->ending && event_pending(child->on_read, EV_READ, NULL)) {        /* its last words */
		char byte;
		if (recv(child->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0 || !read_socket(child))
			break;
	}
	read_output(child);
	describe_exit(child, status);
	waiting_fail_all(child, child->why);
	if (child->ending) {
		log_debug(child->kind->area, "process %d is gone: %s", (int)child->pid, child->why);
		if (child->ended)
			child->ended(child->ended_arg);
	}
	else {
		log_warn(child->kind->area, "process %d is gone: %s", (int)child->pid, child->why);
		child->kind->gone(child->arg, child->why);
	}
	child_free(child);
}

/* SIGTERM first, which baresip may not follow with transactions pending (it then takes a second one), then SIGKILL. */
static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;
	const struct timeval limit = {.tv_sec = CHILD_KILL_SECONDS - CHILD_TERM_SECONDS};
	(void)fd;
	(void)what;

	kill(child->pid, child->killed ? SIGKILL : SIGTERM);
	if (!child->killed)
		snprintf(child->why, sizeof(child->why), "it closed its socket and did not end");
	child->killed = true;
	evtimer_add(child->deadline, &limit);
}

void child_end(struct child *child, void (*ended)(void *), void *ended_arg)
{
	const struct timeval limit = {.tv_sec = CHILD_TERM_SECONDS};

	waiting_fail_all(child, "its owner is leaving");
	child->ending = true;
	child->ended = ended;
	child->ended_arg = ended_arg;
	child_do(child, json_pack("{s:s}", "do", "quit"), NULL, NULL, 0);
	evtimer_add(child->deadline, &limit);
}

/* ---- the start -------------------------------------------------------------------------------------------------- */

static int watch(struct child *child, struct err *err)
{
	child->process = pidfd_open(child->pid, 0);
	if (child->process < 0)
		return err_set(err, ERR_FAILED, "cannot watch process %d: %s", (int)child->pid, strerror(errno));
	fcntl(child->output, F_SETFL, O_NONBLOCK);
	child->on_exit = event_new(child->loop, child->process, EV_READ | EV_PERSIST, on_exited, child);
	child->on_read = event_new(child->loop, child->socket, EV_READ | EV_PERSIST, on_read, child);
	child->on_write = event_new(child->loop, child->socket, EV_WRITE, on_write, child);
	child->on_output = event_new(child->loop, child->output, EV_READ | EV_PERSIST, on_output, child);
	child->deadline = evtimer_new(child->loop, on_deadline, child);
	if (!child->on_exit || !child->on_read || !child->on_write || !child->on_output || !child->deadline)
		return err_set(err, ERR_FAILED, "cannot watch process %d", (int)child->pid);
	event_add(child->on_exit, NULL);
	event_add(child->on_read, NULL);
	event_add(child->on_output, NULL);
	return 0;
}

int child_start(struct child **out, struct event_base *loop, const struct child_kind *kind, void *arg,
	const char *const *argv, const char *const *env, struct err *err)
{
	struct child *child = xcalloc(1, sizeof(*child));
	int pair[2] = {-1, -1}, pipes[2] = {-1, -1};

	child->loop = loop;
	child->kind = kind;
	child->arg = arg;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) || pipe2(pipes, O_CLOEXEC)) {
		err_set(err, ERR_FAILED, "cannot make a socket for %s: %s", argv[0], strerror(errno));
		child->pid = -1;
	}
	else
		child->pid = spawn_run(&(struct spawn){.argv = argv,
					       .env = env,
					       .pass_fd = pair[1],
					       .out_fd = pipes[1],
					       .death_signal = SIGTERM},
			err);
	close(pair[1]);
	close(pipes[1]);
	child->socket = pair[0];
	child->output = pipes[0];
	child->process = -1;
	if (child->pid > 0 && !watch(child, err)) {
		log_info(kind->area, "process %d started: %s", (int)child->pid, argv[0]);
		*out = child;
		return 0;
	}
	if (child->pid > 0) {
		kill(child->pid, SIGKILL);
		waitpid(child->pid, NULL, 0);
	}
	child_free(child);
	return err ? err->code : ERR_FAILED;
}
