/* spawn.c - starting a child with nothing inherited but what is named. */
#include "spawn.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "mem.h"

/* What the child writes to its parent, through descriptor 4, before exec closes it. */
struct news {
	int failed;                 /* errno, or 0 */
	pid_t pid;                  /* of a detached child */
};

enum { PASSED_FD = 3, NEWS_FD = 4, FREE_FD = 10 };

static char *find_program(const char *name)
{
	static const char *const folders[] = {"/usr/bin", "/bin", "/usr/local/bin"};
	if (strchr(name, '/'))
		return xstrdup(name);
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		char *path = xasprintf("%s/%s", folders[i], name);
		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

static void signals_default(void)
{
	struct sigaction preset = {.sa_handler = SIG_DFL};
	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &preset, NULL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Descriptors first move out of the way, then to their places.  False with errno. */
static bool place_descriptors(const struct spawn *spawn, int news)
{
	int null = open("/dev/null", O_RDWR);
	if (null < 0)
		return false;
	int in = fcntl(null, F_DUPFD, FREE_FD);
	int out = fcntl(spawn->out_fd >= 0 ? spawn->out_fd : null, F_DUPFD, FREE_FD);
	int passed = spawn->pass_fd >= 0 ? fcntl(spawn->pass_fd, F_DUPFD, FREE_FD) : -1;
	news = fcntl(news, F_DUPFD, FREE_FD);
	if (in < 0 || out < 0 || news < 0 || (spawn->pass_fd >= 0 && passed < 0))
		return false;
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || dup3(news, NEWS_FD, O_CLOEXEC) < 0)
		return false;
	if (passed >= 0 ? dup2(passed, PASSED_FD) < 0 : close(PASSED_FD) < 0 && errno != EBADF)
		return false;
	return close_range(NEWS_FD + 1, ~0U, 0) == 0;
}

/* In the child; only async-signal-safe calls. */
static void run_child(const struct spawn *spawn, const char *path, int news, pid_t parent)
{
	const struct rlimit no_core = {0, 0};
	signals_default();
	bool good = place_descriptors(spawn, news);
	if (good)
		news = NEWS_FD;
	good = good && chdir("/") == 0 && setrlimit(RLIMIT_CORE, &no_core) == 0;
	if (good && spawn->death_signal) {
		good = prctl(PR_SET_PDEATHSIG, spawn->death_signal) == 0;
		if (parent && getppid() != parent)
			_exit(127);     /* it died before the line above */
	}
	if (good)
		execve(path, (char *const *)spawn->argv, (char *const *)spawn->env);
	struct news bad = {.failed = errno};
	if (write(news, &bad, sizeof bad) < 0) {
		/* the parent sees it as a child that vanished */
	}
	_exit(127);
}

/* In the middle process of a detached start: the child becomes nobody's, the parent hears its pid. */
static void run_middle(const struct spawn *spawn, const char *path, int news)
{
	setsid();
	pid_t pid = fork();
	if (pid == 0)
		run_child(spawn, path, news, 0);
	struct news about = {.failed = pid < 0 ? errno : 0, .pid = pid};
	_exit(write(news, &about, sizeof about) == sizeof about ? 0 : 1);
}

/* Until the pipe's other ends are closed, which a successful exec does. */
static struct news read_news(int fd)
{
	struct news all = {0}, one;
	for (;;) {
		ssize_t got = read(fd, &one, sizeof one);
		if (got < 0 && errno == EINTR)
			continue;
		if (got != sizeof one)
			return all;
		if (one.failed)
			all.failed = one.failed;
		if (one.pid > 0)
			all.pid = one.pid;
	}
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

/* The child's pid, with its news at the other end of the pipe; negative with errno when there is neither. */
static pid_t start(const struct spawn *spawn, const char *path, int *news)
{
	int ends[2];
	sigset_t all, before;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);        /* no handler of ours runs in the child */
	pid_t parent = getpid(), pid = fork();
	if (pid == 0 && spawn->detach)
		run_middle(spawn, path, ends[1]);
	if (pid == 0)
		run_child(spawn, path, ends[1], parent);
	int why = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	if (pid < 0)
		close(ends[0]);
	*news = ends[0];
	errno = why;
	return pid;
}

pid_t spawn_run(const struct spawn *spawn, struct err *err)
{
	char *path = find_program(spawn->argv[0]);
	if (!path)
		return err_set(err, ERR_CONFIG,
			"the program %s is not installed (looked in /usr/bin, /bin, /usr/local/bin)", spawn->argv[0]);
	int fd;
	pid_t pid = start(spawn, path, &fd);
	if (pid < 0) {
		pid = err_set(err, ERR_TRY_AGAIN, "cannot start %s: %s", path, strerror(errno));
		free(path);
		return pid;
	}
	struct news news = read_news(fd);
	close(fd);
	if (news.failed || spawn->detach)
		reap(pid);
	if (news.failed)
		pid = err_set(err, ERR_CONFIG, "cannot start %s: %s", path, strerror(news.failed));
	else if (spawn->detach)
		pid = news.pid;
	free(path);
	return pid;
}

int spawn_standard_files(void)
{
	for (int fd = 0; fd <= 2; fd++)     /* the lowest that is free is taken, and those below are there by now */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", (fd ? O_RDONLY : O_WRONLY) | O_NOCTTY) != fd)
			return -1;
	return 0;
}
