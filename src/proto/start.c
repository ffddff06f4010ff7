/* start.c - starting the private engine. */
#include "start.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/spawn.h"
#include "../base/str.h"

/* A large database may be brought to a new schema meanwhile. */
enum { START_MS = 120000, LOG_MAX_BYTES = 1 << 20, ANSWER_MAX = 2048 };

int start_lock(const struct home *home, struct err *err)
{
	int status = home_make(home, err);
	if (status < 0)
		return status;
	char *path = xasprintf("%s/start.lock", home->run);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		status = err_set(err, ERR_CANNOT_CREATE, "cannot make %s: %s", path, strerror(errno));
	free(path);
	if (fd < 0)
		return status;
	while (flock(fd, LOCK_EX) < 0) {
		if (errno == EINTR)
			continue;
		status = err_set(err, ERR_CANNOT_CREATE, "cannot lock %s/start.lock: %s", home->run, strerror(errno));
		close(fd);
		return status;
	}
	return fd;
}

/* The engine's log; one that has grown large becomes spctld.log.old. */
static int open_log(const char *path, struct err *err)
{
	struct stat st;
	if (stat(path, &st) == 0 && st.st_size > LOG_MAX_BYTES) {
		char *old = xasprintf("%s.old", path);
		if (rename(path, old) < 0)
			unlink(path);
		free(old);
	}
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd >= 0 ? fd : err_set(err, ERR_CANNOT_CREATE, "cannot make %s: %s", path, strerror(errno));
}

/* What an engine needs of the environment: where its folders are, and how its media process finds the sound.  It goes
 * on long after the shell that it was started from, and secrets in that one's variables are none of its. */
static const char *const needed[] = {
	"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "ALSA_CONFIG_PATH", "PULSE_SERVER",
#ifdef __SANITIZE_ADDRESS__
	"ASAN_OPTIONS", "UBSAN_OPTIONS",
#endif
};
enum { NEEDED = sizeof needed / sizeof needed[0] };

/* With SPCTL_HOME as an absolute path, because the engine works in "/". */
static char **engine_environment(const struct home *home)
{
	char **env = xcalloc(NEEDED + 3, sizeof *env);
	size_t used = 0;
	const char *own = getenv("SPCTL_HOME");
	env[used++] = xstrdup("PATH=/usr/local/bin:/usr/bin:/bin");
	if (own && *own)
		env[used++] = xasprintf("SPCTL_HOME=%s", home->data);
	for (size_t i = 0; i < NEEDED; i++) {
		const char *value = getenv(needed[i]);
		if (value)
			env[used++] = xasprintf("%s=%s", needed[i], value);
	}
	return env;
}

/* Reads a line of the engine that starts, without its newline; what came when it ends early; NULL with an error when
 * nothing comes in time. */
static char *read_answer(int fd, struct err *err)
{
	struct str line = {0};
	int64_t end = clock_mono_ms() + START_MS;
	while (line.len < ANSWER_MAX && !(line.len && strchr(line.s, '\n'))) {
		char bytes[256];
		int64_t left = end - clock_mono_ms();
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		int ready = left > 0 ? poll(&wait, 1, (int)left) : 0;
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0) {
			err_set(err, ERR_TRY_AGAIN, "the engine is still starting after %d seconds", START_MS / 1000);
			str_free(&line);
			return NULL;
		}
		ssize_t got = read(fd, bytes, sizeof bytes);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		str_addn(&line, bytes, (size_t)got);
	}
	char *text = str_take(&line);
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static int wait_ready(int fd, const char *log, struct err *err)
{
	char *line = read_answer(fd, err);
	int status = 0;
	if (!line)
		return ERR_TRY_AGAIN;
	if (str_starts(line, "error ") && strchr(line + 6, ' ')) {
		char *sentence = strchr(line + 6, ' ');
		*sentence++ = '\0';
		status = err_set(err, err_by_name(line + 6), "%s", sentence);
	} else if (strcmp(line, "ready") != 0) {
		status = err_set(err, ERR_UNAVAILABLE, "the engine ended while it started; see %s", log);
	}
	free(line);
	return status;
}

int start_engine(const struct home *home, const char *path, struct err *err)
{
	int ends[2];
	char *log = xasprintf("%s/spctld.log", home->run);
	int out = open_log(log, err);
	if (out < 0) {
		free(log);
		return out;
	}
	if (pipe2(ends, O_CLOEXEC) < 0) {
		err_set(err, ERR_TRY_AGAIN, "cannot start the engine: %s", strerror(errno));
		close(out);
		free(log);
		return ERR_TRY_AGAIN;
	}
	const char *const argv[] = {path, "--private", "--ready-fd", "3", NULL};
	char **env = engine_environment(home);
	const struct spawn spawn = {.argv = argv, .env = (const char *const *)env, .pass_fd = ends[1], .out_fd = out,
		.detach = true};
	pid_t pid = spawn_run(&spawn, err);
	close(ends[1]);
	close(out);
	int status = pid < 0 ? (int)pid : wait_ready(ends[0], log, err);
	close(ends[0]);
	for (size_t i = 0; env[i]; i++)
		free(env[i]);
	free(env);
	free(log);
	return status;
}
