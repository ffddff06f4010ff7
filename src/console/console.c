/*
 * console.c - the loop of spctl console: waits for keys, the engine and signals; draws when something changed, once a
 * second while something on the screen counts seconds, and once a minute for the clock.
 *
 * A map: model.c is what is known, link.c the connection, app.c how views ask and open each other, act.c the requests
 * that mean the same everywhere, screen_*.c and modal_*.c the views (view.h), bars.c what stands around them, keys.c
 * the table of requests, pick.c whom a call goes to, settings.c and settings_file.c what spctl.conf says, draw.c,
 * theme.c and text.c how anything comes to the screen, input.c what comes from it, terminal.c the terminal itself.
 */
#include "console.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/str.h"
#include "app.h"
#include "bars.h"
#include "input.h"
#include "terminal.h"
#include "view.h"

enum { TITLE_SIZE = 160 };

struct loop {
	struct app app;
	int signals, timer;
	int beat_seconds;           /* of the timer; 0: not set yet */
	char title[TITLE_SIZE];
};

/* ---- signals ----------------------------------------------------------------------------------------------------- */

static int open_signals(sigset_t *before)
{
	static const int numbers[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP, SIGINT, SIGQUIT};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&set, numbers[i]);
	sigprocmask(SIG_BLOCK, &set, before);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Stops like a program that knows nothing of Ctrl-Z: with its whole job, and the terminal as it was. */
static void suspend(struct loop *loop)
{
	sigset_t stop, before;

	input_close();
	terminal_suspend();
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	kill(0, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, &before);       /* here it stops, and goes on when it is continued */
	sigprocmask(SIG_SETMASK, &before, NULL);
	terminal_resume();
	input_open(loop->app.settings.mouse);
	loop->app.suspend = false;
	loop->app.dirty = loop->app.redraw = true;
}

static void take_signals(struct loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGWINCH:
			terminal_resize();
			loop->app.dirty = true;
			break;
		case SIGTSTP:
			loop->app.suspend = true;
			break;
		case SIGCONT:
			loop->app.dirty = loop->app.redraw = true;
			break;
		default:
			loop->app.quit = true;
		}
	}
}

/* ---- the beat of seconds ----------------------------------------------------------------------------------------- */

/* Beats at each whole second, so that all that counts moves together, or at each minute for the clock alone. */
static void set_timer(struct loop *loop, int seconds)
{
	struct itimerspec when = {0};

	if (seconds == loop->beat_seconds)
		return;
	loop->beat_seconds = seconds;
	when.it_value.tv_sec = (clock_now_ms() / 1000 / seconds + 1) * seconds;
	when.it_value.tv_nsec = 1000000;
	when.it_interval.tv_sec = seconds;
	timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void take_beat(struct loop *loop)
{
	uint64_t beats;

	if (read(loop->timer, &beats, sizeof(beats)) > 0)
		loop->app.dirty = true;
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

static void announce(struct loop *loop)
{
	struct app *app = &loop->app;
	const struct call *call = model_incoming(&app->model, 0);
	const char *name;

	app->bell = false;
	if (app->settings.bell)
		terminal_bell();
	if (!call || !app->settings.notify)
		return;
	name = model_customer_name(&app->model, call->customer_id);
	terminal_notify("Incoming call", *name ? name : call->number);
}

/* Has something been typed that is not read yet? */
static bool key_waits(void)
{
	struct pollfd keys = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&keys, 1, 0) > 0;
}

static void draw(struct loop *loop)
{
	struct app *app = &loop->app;
	const bool changed = app->view_changed;
	char title[TITLE_SIZE];

	if (app->redraw)
		terminal_clear();
	app->redraw = app->view_changed = false;
	app_draw(app);
	if (changed && key_waits())
		app->typed_ahead = true;
	if (app->bell)
		announce(loop);
	bars_title(app, title, sizeof(title));
	if (app->settings.title && strcmp(title, loop->title)) {
		str_copy(loop->title, sizeof(loop->title), title);
		terminal_title(title);
	}
}

/* ---- the loop ---------------------------------------------------------------------------------------------------- */

static void read_keys(struct loop *loop)
{
	struct input input;

	while (input_read(&input)) {
		if (input.key == K_PASTE)
			app_paste(&loop->app, input.text);
		else if (input.key == K_MOUSE && input.wheel)
			app_wheel(&loop->app, input.wheel);
		else if (input.key == K_MOUSE)
			app_click(&loop->app, input.y, input.x, input.twice);
		else
			app_key(&loop->app, input.key);
		input_free(&input);
		if (loop->app.quit || loop->app.suspend)
			return;
		if (loop->app.view_changed) {               /* what follows was typed before it is seen */
			draw(loop);
			loop->app.typed_ahead = true;
		}
	}
}

/* All that was typed: what a drawing has found waiting is among it. */
static void take_input(struct loop *loop)
{
	read_keys(loop);
	loop->app.typed_ahead = false;
}

static void wait_and_work(struct loop *loop)
{
	struct pollfd fds[] = {
		{.fd = STDIN_FILENO, .events = POLLIN}, link_poll(loop->app.link),
		{.fd = loop->signals, .events = POLLIN},
		{.fd = loop->timer, .events = POLLIN},
	};

	if (poll(fds, sizeof(fds) / sizeof(fds[0]), link_timeout(loop->app.link)) < 0)
		return;
	if (fds[2].revents)
		take_signals(loop);
	link_work(loop->app.link, fds[1].revents);
	if (fds[3].revents)
		take_beat(loop);
	if (fds[0].revents & POLLIN)
		take_input(loop);
	if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))    /* the terminal is gone */
		loop->app.quit = true;
}

static void run(struct loop *loop)
{
	struct app *app = &loop->app;

	while (!app->quit) {
		if (app->suspend)
			suspend(loop);
		if (app->dirty || app->redraw)
			draw(loop);
		set_timer(loop, app_ticks(app) ? 1 : 60);
		wait_and_work(loop);
	}
}

int console_run(const struct console_options *options, struct err *err)
{
	struct loop loop = {0};
	sigset_t before;
	int status = settings_load(&loop.app.settings, err);

	if (status)
		return status;
	status = terminal_open(err);
	if (status)
		return status;
	theme_set(loop.app.settings.theme);
	input_open(loop.app.settings.mouse);
	loop.signals = open_signals(&before);
	loop.timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	app_open(&loop.app, options);
	run(&loop);
	input_close();
	terminal_close();
	app_close(&loop.app);
	close(loop.signals);
	close(loop.timer);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (loop.app.fatal.code)
		return err_set(err, loop.app.fatal.code, "%s", loop.app.fatal.text);
	return 0;
}
