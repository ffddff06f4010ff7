/* guardian.c - gives the terminal back when the console is killed. */
#include "guardian.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static struct { int pipe; pid_t pid; } guardian = {-1, 0};

/* Nothing but the end of the console ends it: neither the keys of the terminal nor its loss. */
static void watch(int pipe, const struct termios *before, const char *sequences)
{
	static const int ignored[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGTTOU, SIGTTIN, SIGPIPE};
	size_t left = strlen(sequences);
	ssize_t n;
	char byte;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	do
		n = read(pipe, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 0)
		_exit(0);                               /* told that all is well */
	tcsetattr(STDIN_FILENO, TCSANOW, before);
	while (left && (n = write(STDOUT_FILENO, sequences, left)) > 0) {
		sequences += n;
		left -= (size_t)n;
	}
	_exit(0);
}

void guardian_start(const struct termios *before, const char *sequences)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	guardian.pid = fork();
	if (guardian.pid == 0) {
		close(ends[1]);
		watch(ends[0], before, sequences);
	}
	close(ends[0]);
	guardian.pipe = ends[1];
}

void guardian_stop(void)
{
	if (guardian.pipe < 0)
		return;
	while (write(guardian.pipe, "", 1) < 0 && errno == EINTR)
		;
	close(guardian.pipe);
	guardian.pipe = -1;
	if (guardian.pid > 0)
		waitpid(guardian.pid, NULL, 0);
}
