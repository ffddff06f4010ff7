/*
 * main.c - spctld, the engine: starts, runs the loop, ends.
 *
 * A map: control.c takes requests, identity.c says whose they are, methods.c names their handlers.  The gate and the
 * way to a call are in dial.c, calls in progress in live.c, who sits where in session.c, the phone (baresip with our
 * module) in phone.c, its sound in sound.c, what is found again after a crash in restart.c.  The other files are one
 * noun each.
 */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/spawn.h"
#include "../base/str.h"
#include "control.h"
#include "nouns.h"
#include "phone_side.h"
#include "recordings.h"
#include "settings.h"
#include "work.h"

enum { END_SIGNALS = 3, WORK_SECONDS = 5, FIRST_CLIENT_SECONDS = 10 };

struct start {                      /* the command line */
	bool service;
	int ready_fd;
};

/* What the loop needs beside the engine: it lives in main(). */
struct running {
	struct engine engine;
	struct conf conf;
	struct event *signals[END_SIGNALS];
	struct event *linger;
	bool visited;               /* a client has been there */
};

static const char usage[] =
	"usage: spctld [--private | --service] [--ready-fd N]\n"
	"  --private     the engine of this user alone, under SPCTL_HOME or the XDG folders (the default)\n"
	"  --service     the engine of this machine, under /etc/spctl, /var/lib/spctl and /run/spctl\n"
	"  --ready-fd N  write \"ready\", or \"error CODE SENTENCE\", to this descriptor once it is known\n"
	"  --version     print the version\n"
	"  --help        print this\n";

/* ---- the end ---------------------------------------------------------------------------------------------------- */

static void all_work_done(struct engine *engine)
{
	event_base_loopexit(engine->loop, NULL);
}

/* Recordings that were closed just now get their digests, unless that takes long: then the next start sees to it. */
static void all_calls_ended(struct engine *engine)
{
	work_finish(engine, WORK_SECONDS, all_work_done);
}

void engine_stop_begin(struct engine *engine)
{
	if (engine->stopping)
		return;
	engine->stopping = true;
	log_info("engine", "stopping");
	tell(engine, 0, 0, "engine.stopping", json_object());
	control_stop_listening(engine);
	sessions_close(engine, all_calls_ended);
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	(void)number;
	(void)what;
	engine_stop_begin(arg);
}

/* ---- a private engine leaves when nobody needs it ---------------------------------------------------------------- */

static void on_linger(evutil_socket_t fd, short what, void *arg)
{
	struct running *running = arg;

	(void)fd;
	(void)what;
	if (!control_clients(&running->engine) && !sessions_count(&running->engine))
		engine_stop_begin(&running->engine);
}

/* The client for which it was started must find it, however short it stays. */
static void on_clients(struct engine *engine)
{
	struct running *running = (struct running *)engine;
	struct timeval wait = {.tv_sec = conf_int(engine->conf, "engine.linger_seconds")};

	if (engine->service || engine->stopping)
		return;
	running->visited |= control_clients(engine) > 0;
	if (!running->visited && wait.tv_sec < FIRST_CLIENT_SECONDS)
		wait.tv_sec = FIRST_CLIENT_SECONDS;
	if (control_clients(engine))
		event_del(running->linger);
	else
		event_add(running->linger, &wait);
}

/* ---- the start -------------------------------------------------------------------------------------------------- */

static int options(int argc, char **argv, struct start *start, struct err *err)
{
	static const struct option table[] = {
		{"private", no_argument, NULL, 'p'}, {"service", no_argument, NULL, 's'},
		{"ready-fd", required_argument, NULL, 'r'},
		{"version", no_argument, NULL, 'V'}, {"help", no_argument, NULL, 'h'}, {0},
	};
	long long fd;
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (c == 'h' || c == 'V') {
			fputs(c == 'h' ? usage : "spctld " SPCTL_VERSION "\n", stdout);
			exit(0);
		}
		if (c == 's' || c == 'p')
			start->service = c == 's';
		else if (c != 'r')
			return err_set(err, ERR_USAGE, "see spctld --help");
		else if (!str_int(optarg, 3, 1023, &fd))
			return err_set(err, ERR_USAGE, "--ready-fd: %s is not a descriptor from 3 to 1023", optarg);
		else
			start->ready_fd = (int)fd;
	}
	if (optind < argc)
		return err_set(err, ERR_USAGE, "%s is not taken; see spctld --help", argv[optind]);
	return 0;
}

/* Tells systemd (sd_notify(3)) that the socket answers: what follows "systemctl start" finds an engine there. */
static void notify_ready(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const size_t len = path ? strlen(path) : 0;
	int fd;

	if (!len || !strchr("/@", path[0]) || len >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, path, len);
	if (path[0] == '@')
		to.sun_path[0] = '\0';                  /* an abstract name */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, "READY=1", 7, MSG_NOSIGNAL, (struct sockaddr *)&to,
			     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		log_warn("engine", "%s cannot be told that the engine is ready: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* Tells whoever started us; afterwards the descriptor is closed. */
static void say_ready(struct start *start, const struct err *err)
{
	if (start->ready_fd < 0)
		return;
	if (err && err->code)
		dprintf(start->ready_fd, "error %s %s\n", err_name(err->code), err->text);
	else
		dprintf(start->ready_fd, "ready\n");
	close(start->ready_fd);
	start->ready_fd = -1;
}

/* Whatever is in memory (keys, passwords) stays out of core files and of other processes' reach. */
static void protect(void)
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGIO, SIG_IGN);         /* somebody opens a file while we hold a lease on it (record.c) */
	signal(SIGXFSZ, SIG_IGN);       /* a file that may not grow is an error of write(), as a full disk is */
	umask(077);
}

static int open_store(struct engine *engine, struct err *err)
{
	int status = home_make(&engine->home, err);

	if (!status)
		status = db_open(&engine->db, engine->home.db, true, err);
	if (!status)
		status = seed(engine, err);
	return status;
}

static int start_engine(struct running *running, const struct start *start, struct err *err)
{
	struct engine *engine = &running->engine;
	int status = home_find(&engine->home, start->service, err);

	engine->service = start->service;
	engine->started_ms = clock_mono_ms();
	engine->conf = &running->conf;
	if (!status)
		status = settings_read(&running->conf, &engine->home, err);
	if (status)
		return status;
	log_open("spctld", (enum log_level)log_level_by_name(conf_text(engine->conf, "log.level")));
	if (conf_text(engine->conf, "log.areas"))
		log_limits(conf_text(engine->conf, "log.areas"), LOG_AREAS, true, NULL);
	status = open_store(engine, err);
	if (status)
		return status;
	if (getpriority(PRIO_PROCESS, 0) > 0)
		log_warn("engine", "it was started with nice %d, as are its phones and their sound: calls may stutter "
			"while others work", getpriority(PRIO_PROCESS, 0));
	engine->loop = event_base_new();
	running->linger = evtimer_new(engine->loop, on_linger, running);
	running->signals[0] = evsignal_new(engine->loop, SIGTERM, on_signal, engine);
	running->signals[1] = evsignal_new(engine->loop, SIGINT, on_signal, engine);
	running->signals[2] = evsignal_new(engine->loop, SIGHUP, on_signal, engine);
	for (int i = 0; i < END_SIGNALS; i++)
		event_add(running->signals[i], NULL);
	status = work_open(engine, err);
	if (!status)
		status = control_open(engine, err);
	if (status)
		return status;
	control_on_change(engine, on_clients);
	retention_start(engine);
	return sessions_open(engine, err);
}

static void end_engine(struct running *running)
{
	struct engine *engine = &running->engine;

	if (engine->control)
		control_close(engine);
	for (int i = 0; i < END_SIGNALS; i++)
		if (running->signals[i])
			event_free(running->signals[i]);
	if (running->linger)
		event_free(running->linger);
	retention_stop(engine);
	work_free(engine);
	sessions_free(engine);
	db_close(engine->db);
	if (engine->control)
		control_free(engine);
	keyring_free(engine->keys);
	if (engine->loop)
		event_base_free(engine->loop);
	conf_free(&running->conf);
	home_free(&engine->home);
}

int main(int argc, char **argv)
{
	struct running running = {0};
	struct start start = {.ready_fd = -1};
	struct err err = {0};
	int status;

	if (spawn_standard_files() < 0)
		return err_exit_status(ERR_FAILED);
	setlocale(LC_CTYPE, "C.UTF-8");
	log_open("spctld", LOG_LEVEL_INFO);
	protect();
	status = options(argc, argv, &start, &err);
	if (!status)
		status = start_engine(&running, &start, &err);
	say_ready(&start, status < 0 ? &err : NULL);
	if (status < 0) {
		fprintf(stderr, "spctld: %s\n", err.text);
		end_engine(&running);
		return err_exit_status(err.code);
	}
	notify_ready();
	log_info("engine", "ready: %s", running.engine.home.socket);
	on_clients(&running.engine);
	event_base_dispatch(running.engine.loop);
	status = running.engine.exit_status;
	end_engine(&running);
	return status;
}
