/* password.c - passwords from a file, from standard input, or asked without echo; never from the command line. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "../base/mem.h"
#include "cli.h"

enum { PASSWORD_MAX = 1024 };

/* The signal that came while a terminal was silent. */
static volatile sig_atomic_t stopped;

static void on_stop(int number)
{
	stopped = number;
}

/* Reads to the end, or for a terminal to the end of the line.  Negative: errno, or EFBIG. */
static int read_all(int fd, bool line, char *out, size_t size)
{
	size_t len = 0;

	for (;;) {
		ssize_t n = read(fd, out + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		len += (size_t)n;
		if (len == size)
			return -EFBIG;
		if (!n || (line && out[len - 1] == '\n'))
			return (int)len;
	}
}

/* One newline at the end is the file's, not the password's. */
static char *trimmed(char *text, int len, unsigned how, const char *from, struct err *err)
{
	if (len < 0) {
		err_set(err, ERR_INVALID, "cannot read a password from %s: %s", from,
			len == -EFBIG ? "it is too long" : strerror(-len));
		return NULL;
	}
	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (len > 0 && text[len - 1] == '\r')
		len--;
	if (!len && !(how & PASSWORD_CLEARS))
		err_set(err, ERR_INVALID, "the password from %s is empty", from);
	else if (memchr(text, '\0', (size_t)len))
		err_set(err, ERR_INVALID, "the password from %s has a NUL byte", from);
	else
		return xstrndup(text, (size_t)len);
	return NULL;
}

/* Waits for a line, and lets signals in only meanwhile, so that none comes unseen before it.  False: one came. */
static bool wait_line(int tty, const sigset_t *waiting)
{
	struct pollfd line = {.fd = tty, .events = POLLIN};

	while (!stopped && ppoll(&line, 1, NULL, waiting) < 0 && errno == EINTR)
		;
	return !stopped;
}

/* Reads a line without echo.  Whoever interrupts gets the terminal back as it was. */
static int read_silently(int tty, const char *prompt, const struct termios *before, char *text, size_t size)
{
	static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
	const struct sigaction action = {.sa_handler = on_stop};
	struct sigaction old[sizeof(signals) / sizeof(*signals)];
	struct termios silent = *before;
	sigset_t ours, theirs;
	int len = 0;

	sigemptyset(&ours);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(&ours, signals[i]);
	sigprocmask(SIG_BLOCK, &ours, &theirs);
	silent.c_lflag &= ~(tcflag_t)ECHO;
	silent.c_lflag |= ICANON | ISIG;
	silent.c_cc[VSUSP] = _POSIX_VDISABLE;
	stopped = 0;
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, &old[i]);
	tcsetattr(tty, TCSAFLUSH, &silent);
	dprintf(tty, "%s: ", prompt);
	if (wait_line(tty, &theirs))
		len = read_all(tty, true, text, size);
	tcsetattr(tty, TCSAFLUSH, before);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &old[i], NULL);
	dprintf(tty, "\n");
	if (stopped)
		raise(stopped);                 /* comes now, as if nobody had asked */
	sigprocmask(SIG_SETMASK, &theirs, NULL);
	return len;
}

static char *ask_once(int tty, const char *prompt, const char *whose, struct err *err)
{
	struct termios before;
	char text[PASSWORD_MAX];
	char *password, *question;
	int len;

	if (tcgetattr(tty, &before)) {
		err_set(err, ERR_FAILED, "cannot ask for a password on this terminal: %s", strerror(errno));
		return NULL;
	}
	question = xasprintf("%s%s%s", prompt, whose ? " of " : "", whose ? whose : "");
	len = read_silently(tty, question, &before, text, sizeof(text));
	free(question);
	password = trimmed(text, len, 0, "the terminal", err);
	mem_wipe(text, sizeof(text));
	return password;
}

static void forget(char *password)
{
	if (password)
		mem_wipe(password, strlen(password));
	free(password);
}

char *password_ask(const char *whose, unsigned how, struct err *err)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	char *password, *second;

	if (tty < 0) {
		err_set(err, ERR_FAILED, "there is no terminal to ask for a password; give --password-file");
		return NULL;
	}
	password = ask_once(tty, "Password", whose, err);
	if (password && how & PASSWORD_NEW) {
		second = ask_once(tty, "Again the password", whose, err);
		if (!second || strcmp(password, second)) {
			if (second)
				err_set(err, ERR_INVALID, "the two passwords differ");
			forget(password);
			password = NULL;
		}
		forget(second);
	}
	close(tty);
	return password;
}

char *password_read(const char *path, const char *whose, unsigned how, struct err *err)
{
	char text[PASSWORD_MAX];
	char *password;
	bool input = !strcmp(path, "-");
	int fd, len;

	if (input && isatty(STDIN_FILENO))
		return password_ask(whose, how, err);
	fd = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err_set(err, ERR_INVALID, "cannot read the password file %s: %s", path, strerror(errno));
		return NULL;
	}
	len = read_all(fd, false, text, sizeof(text));
	if (!input)
		close(fd);
	password = trimmed(text, len, how, input ? "standard input" : path, err);
	mem_wipe(text, sizeof(text));
	return password;
}
