/*
 * main.c - spctl-media: one station's sound.  Started by the engine, which speaks to it through descriptor 3
 * (control.c); baresip's sound arrives at the socket --audio through the ALSA plugin (proto/audio.h).
 *
 *   spctl-media --audio PATH --device auto|none|ALSA-NAME
 *   spctl-media --list      tells the sound cards of this machine through descriptor 3, and ends
 *   spctl-media --join OUT FILE MS [FILE MS ...]    makes one recording of several files (join.h), and ends
 *
 * The clock is a timer of 10 ms that runs while there is something to do.  The sound card follows it (device.h).
 * Nothing in this loop waits for a disk, a card or a peer.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/err.h"
#include "../base/log.h"
#include "devices.h"
#include "join.h"
#include "first.h"
#include "media.h"

enum {
	CONTROL_FD = 3,
	STEP_NS = 10000000,
	BACKLOG = 64,               /* all of baresip's sound comes at once when we were started again */
	LATE_MAX = 10,              /* steps that are caught up; AUDIO_PATIENCE_MS allows for them.  After a longer
				     * standstill the plugin has gone on with silence, and what was missed is over */
	SKIP_MAX = 6000,            /* of those, the steps that recordings show as silence: a minute */
	LEAVE_MS = 3000,            /* the recordings' files are waited for so long at the end */
};

/* ---- the audio socket -------------------------------------------------------------------------------------------- */

static int listen_at(const char *path, struct err *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;
	int failed;

	if (!str_copy(addr.sun_path, sizeof(addr.sun_path), path))
		return err_set(err, ERR_INVALID, "The audio socket's path %s is longer than %zu bytes", path,
			       sizeof(addr.sun_path) - 1);
	unlink(path);               /* one that was killed has left it */
	mask = umask(0177);
	failed = fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, BACKLOG);
	umask(mask);
	if (failed)
		return err_set(err, ERR_CANNOT_CREATE, "The audio socket %s cannot be made: %s", path, strerror(errno));
	return fd;
}

/* Only our own user's processes: the socket's mode says so, and so does the kernel. */
static bool is_ours(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) && peer.uid == geteuid();
}

/* Connections that say no hello take the place of the oldest such. */
static void on_connect(struct media *m)
{
	const int fd = accept4(m->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int *place = &m->hello_fd[m->next_hello];

	if (fd < 0)
		return;
	if (!is_ours(fd)) {
		log_warn("media", "another user's process has connected to the audio socket and is refused");
		close(fd);
		return;
	}
	if (*place >= 0)
		close(*place);
	*place = fd;
	m->next_hello = (m->next_hello + 1) % HELLOS;
}

static void on_hello(struct media *m, int *place)
{
	struct audio_hello hello;
	const int fd = *place;
	char more[sizeof(hello) + 1];
	const ssize_t n = recv(fd, more, sizeof(more), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	*place = -1;
	memcpy(&hello, more, sizeof(hello));
	if (n == sizeof(hello) && audio_hello_valid(&hello))
		slot_stream(m, fd, &hello);
	else
		close(fd);
}

/* ---- the clock --------------------------------------------------------------------------------------------------- */

static void clock_set(struct media *m, bool on)
{
	const struct itimerspec every = {{0, on ? STEP_NS : 0}, {0, on ? STEP_NS : 0}};

	if (m->ticking == on)
		return;
	m->ticking = on;
	m->due = 0;
	timerfd_settime(m->timer_fd, 0, &every, NULL);
	device_want(m->device, on);
}

static void on_clock(struct media *m)
{
	uint64_t steps;

	if (read(m->timer_fd, &steps, sizeof(steps)) != sizeof(steps))
		return;
	m->late += (unsigned)(steps - 1);
	if (m->due + steps > LATE_MAX) {
		const uint64_t lost = m->due + steps - 1;

		media_skip(m, lost < SKIP_MAX ? (unsigned)lost : SKIP_MAX);
		m->due = 1;
	}
	else
		m->due += (int)steps;
}

static void take_steps(struct media *m)
{
	if (!m->due)
		return;
	while (m->due && media_ready(m)) {
		media_tick(m);
		m->due--;
	}
	media_ask(m);
}

/* ---- the loop ---------------------------------------------------------------------------------------------------- */

/* Sound is read at its time; only what the clock waits for wakes us. */
static bool waited_for(const struct media *m, const struct stream *s)
{
	return m->due && s->fd >= 0 && !stream_has_step(s);
}

/* Waits for something, and does it. */
static void turn(struct media *m)
{
	struct pollfd p[5 + HELLOS + AUDIO_SLOTS];
	nfds_t n = 5;

	p[0] = (struct pollfd){.fd = m->control_fd, .events = (short)(POLLIN | (m->out.len ? POLLOUT : 0))};
	p[1] = (struct pollfd){.fd = m->listen_fd, .events = POLLIN};
	p[2] = (struct pollfd){.fd = m->timer_fd, .events = POLLIN};
	p[3] = (struct pollfd){.fd = m->wake_fd, .events = POLLIN};
	p[4] = (struct pollfd){.fd = m->signal_fd, .events = POLLIN};
	for (int i = 0; i < HELLOS; i++)
		p[n++] = (struct pollfd){.fd = m->hello_fd[i], .events = POLLIN};
	for (int i = 0; i < AUDIO_SLOTS; i++) {
		const struct stream *s = &m->slots[i].from_far;

		p[n++] = (struct pollfd){.fd = waited_for(m, s) ? s->fd : -1, .events = POLLIN};
	}
	if (poll(p, n, -1) < 0)
		return;
	if (p[0].revents & POLLOUT)
		control_flush(m);
	if (p[0].revents & ~POLLOUT)
		control_read(m);
	if (p[1].revents)
		on_connect(m);
	for (int i = 0; i < HELLOS; i++)
		if (p[5 + i].revents)
			on_hello(m, &m->hello_fd[i]);
	if (p[2].revents)
		on_clock(m);
	if (p[3].revents) {
		eventfd_t count;

		eventfd_read(m->wake_fd, &count);
		slots_look(m);
		preview_look(m);
		card_look(m);
	}
	if (p[4].revents)
		m->leaving = true;
	take_steps(m);
	clock_set(m, media_active(m));
}

/* The recordings are closed, whatever became of the engine. */
static void leave(struct media *m)
{
	const int64_t until = clock_mono_ms() + LEAVE_MS;

	for (int slot = 0; slot < AUDIO_SLOTS; slot++) {
		if (m->slots[slot].record)
			slot_record_stop(m, slot, NOBODY);
		slot_reset(m, slot);
	}
	preview_stop(m);
	card_test_stop(&m->test);
	while (m->endings && clock_mono_ms() < until) {
		struct pollfd p = {.fd = m->wake_fd, .events = POLLIN};
		eventfd_t count;

		if (poll(&p, 1, (int)(until - clock_mono_ms())) == 1)
			eventfd_read(m->wake_fd, &count);
		slots_look(m);
	}
	if (m->endings)
		log_error("media", "a recording's file could not be closed within %d ms", LEAVE_MS);
	control_answer(m, m->quit_waits, NULL);
}

static int init(struct media *m, const char *audio, const char *device, struct err *err)
{
	sigset_t ends;

	*m = (struct media){.control_fd = CONTROL_FD, .quit_waits = NOBODY, .preview_waits = NOBODY, .mix.focus = -1,
			    .card = {1}};
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);   /* a full recording is an error of write() */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);        /* the threads to come inherit it */
	m->signal_fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
	m->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	m->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (m->signal_fd < 0 || m->timer_fd < 0 || m->wake_fd < 0)
		return err_set(err, ERR_FAILED, "A descriptor cannot be made: %s", strerror(errno));
	for (int i = 0; i < AUDIO_SLOTS; i++)
		slot_init(&m->slots[i]);
	for (int i = 0; i < HELLOS; i++)
		m->hello_fd[i] = -1;
	m->listen_fd = listen_at(audio, err);
	if (m->listen_fd < 0)
		return m->listen_fd;
	card_use(m, device);
	return 0;
}

static const char USAGE[] = "usage: spctl-media --audio PATH [--device auto|none|NAME], or spctl-media --list";

/* Options into *audio and *device. */
static int options(int argc, char **argv, const char **audio, const char **device, bool *list, struct err *err)
{
	static const struct option names[] = {
		{"audio", required_argument, NULL, 'a'}, {"device", required_argument, NULL, 'd'},
		{"list", no_argument, NULL, 'l'}, {NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (c == 'a')
			*audio = optarg;
		else if (c == 'd')
			*device = optarg;
		else if (c == 'l')
			*list = true;
		else
			return err_set(err, ERR_USAGE, "%s", USAGE);
	}
	if (optind != argc || (!*audio && !*list))
		return err_set(err, ERR_USAGE, "%s", USAGE);
	return 0;
}

/* Asking the cards may take long, which nobody who carries calls may do: a process of its own tells which there are. */
static int list_devices(void)
{
	static struct media m = {.control_fd = CONTROL_FD};

	control_event(&m, "devices", json_pack("{s:o}", "items", devices_list()));
	return 0;
}

int main(int argc, char **argv)
{
	static struct media m;
	const char *audio = NULL, *device = "auto";
	bool list = false;
	struct err err = {0};

	log_open("spctl-media", LOG_LEVEL_INFO);
	if (argc > 2 && !strcmp(argv[1], "--join")) {
		if (join_files(argv[2], argv + 3, argc - 3, &err) < 0)
			fprintf(stderr, "spctl-media: %s\n", err.text);
		return err_exit_status(err.code);
	}
	if (options(argc, argv, &audio, &device, &list, &err) || (!list && init(&m, audio, device, &err))) {
		log_error("media", "%s", err.text);
		return err_exit_status(err.code);
	}
	if (list)
		return list_devices();
	go_first();
	control_event(&m, "ready", json_pack("{s:s, s:s}", "device", m.device_name, "clock", "timer"));
	while (!m.leaving)
		turn(&m);
	leave(&m);
	unlink(audio);
	return 0;
}
