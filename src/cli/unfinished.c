/*
 * unfinished.c - files and folders that are not to stay unless the command comes to its end.
 *
 * A signal that ends the command removes them first; with the signal's own status it ends all the same.  Signals stay
 * out while the list changes, so that it is whole whenever one comes.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../base/mem.h"
#include "cli.h"

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { SIGNALS = sizeof(signals) / sizeof(*signals) };

static struct {
	char **paths;               /* in the order that they came to be: what is in a folder stands behind it */
	size_t count;
	pid_t writer;               /* the child that writes some of them; 0: there is none */
	bool watching;
} unfinished;

static void remove_one(const char *path)
{
	if (unlink(path) < 0)
		rmdir(path);
}

/* Only what may be called in a handler.  The signal itself comes again when it is left, and ends the process. */
static void on_stop(int number)
{
	if (unfinished.writer && kill(unfinished.writer, SIGKILL) == 0)
		waitpid(unfinished.writer, NULL, 0);
	for (size_t i = unfinished.count; i-- > 0;)
		remove_one(unfinished.paths[i]);
	raise(number);
}

static void keep_out(sigset_t *before)
{
	sigset_t stops;

	sigemptyset(&stops);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaddset(&stops, signals[i]);
	sigprocmask(SIG_BLOCK, &stops, before);
}

static void let_in(const sigset_t *before)
{
	const int why = errno;

	sigprocmask(SIG_SETMASK, before, NULL);
	errno = why;
}

/* What is ignored from the start on, as under nohup, stays so. */
static void watch(void)
{
	struct sigaction stop = {.sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND}, now;

	sigfillset(&stop.sa_mask);
	for (size_t i = 0; i < SIGNALS && !unfinished.watching; i++)
		if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL)
			sigaction(signals[i], &stop, NULL);
	unfinished.watching = true;
}

static void add(const char *path)
{
	watch();
	unfinished.paths = xrealloc(unfinished.paths, (unfinished.count + 1) * sizeof(*unfinished.paths));
	unfinished.paths[unfinished.count++] = xstrdup(path);
}

int unfinished_file(char *path)
{
	sigset_t before;
	int fd;

	keep_out(&before);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		add(path);
	let_in(&before);
	return fd;
}

bool unfinished_folder(char *path)
{
	sigset_t before;
	bool made;

	keep_out(&before);
	made = mkdtemp(path) != NULL;
	if (made)
		add(path);
	let_in(&before);
	return made;
}

void unfinished_note(const char *path)
{
	sigset_t before;

	keep_out(&before);
	add(path);
	let_in(&before);
}

void unfinished_writer(pid_t pid)
{
	unfinished.writer = pid;
}

void unfinished_forget(const char *path)
{
	sigset_t before;
	size_t i = unfinished.count;

	keep_out(&before);
	while (i-- > 0)
		if (!strcmp(unfinished.paths[i], path)) {
			free(unfinished.paths[i]);
			unfinished.count--;
			memmove(unfinished.paths + i, unfinished.paths + i + 1,
				(unfinished.count - i) * sizeof(*unfinished.paths));
			break;
		}
	if (!unfinished.count) {
		free(unfinished.paths);
		unfinished.paths = NULL;
	}
	let_in(&before);
}

void unfinished_drop(const char *path)
{
	remove_one(path);
	unfinished_forget(path);
}
