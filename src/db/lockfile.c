/* lockfile.c - one process at a time. */
#include "lockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "../base/log.h"

static int held(int fd, const char *path, struct err *err)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	close(fd);
	text[n > 0 ? n : 0] = '\0';
	long pid = strtol(text, NULL, 10);
	if (pid > 0)
		return err_set(err, ERR_CONFLICT, "%s is locked: another engine runs on it (process %ld)", path, pid);
	return err_set(err, ERR_CONFLICT, "%s is locked: another engine runs on it", path);
}

int lockfile_take(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_set(err, ERR_CANNOT_CREATE, "%s cannot be opened for writing: %s", path, strerror(errno));

	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			return held(fd, path, err);
		int code = errno;
		close(fd);
		return err_set(err, ERR_FAILED, "%s cannot be locked: %s", path, strerror(code));
	}

	/* The id only serves the sentence above; where it cannot be written (full disk), the lock holds all the
	 * same. */
	char text[32];
	int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)len, 0) != len)
		log_warn("db", "%s: the process id cannot be written: %s", path, strerror(errno));
	return fd;
}
