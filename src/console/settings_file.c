/* settings_file.c - writes one setting into the user's spctl.conf, and leaves the rest of it as it is. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../base/home.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "settings.h"

enum { FILE_MOST = 1 << 20 };

/* ---- the text --------------------------------------------------------------------------------------------------- */

/* Is this line the one of the setting; comments are none. */
static bool sets(const char *line, size_t len, const char *name)
{
	const char *end = line + len;
	size_t n = strlen(name);

	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	if ((size_t)(end - line) < n || memcmp(line, name, n))
		return false;
	line += n;
	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	return line < end && *line == '=';
}

char *settings_edit(const char *text, const char *name, const char *value)
{
	struct str out = {0};
	bool done = false;

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (!sets(text, len, name))
			str_addn(&out, text, len);
		else if (value && !done)
			str_addf(&out, "%s = %s", name, value);
		if (!sets(text, len, name) || (value && !done))
			str_add(&out, "\n");
		done |= sets(text, len, name);
		text += len + (text[len] == '\n');
	}
	if (value && !done)
		str_addf(&out, "%s = %s\n", name, value);
	return out.s ? str_take(&out) : xstrdup("");
}

/* ---- the file --------------------------------------------------------------------------------------------------- */

/* All of it; "" where there is none yet.  *mode: of the file, or for a new one. */
static char *read_all(const char *path, mode_t *mode, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st = {0};
	char *text;
	ssize_t got;

	*mode = 0600;
	if (fd < 0 && errno == ENOENT)
		return xstrdup("");
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MOST) {
		err_set(err, ERR_CANNOT_CREATE, "cannot read %s: %s", path, fd < 0 ? strerror(errno) :
			"it is no file of at most 1 MiB");
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	*mode = st.st_mode & 07777;
	text = xcalloc(1, (size_t)st.st_size + 1);
	got = read(fd, text, (size_t)st.st_size);
	close(fd);
	if (got == st.st_size && !memchr(text, '\0', (size_t)got))
		return text;
	err_set(err, ERR_CANNOT_CREATE, "cannot read %s: it changes meanwhile, or is no text", path);
	free(text);
	return NULL;
}

static bool write_whole(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno != EINTR)
			return false;
		text += n > 0 ? n : 0;
		left -= n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) == 0;
}

/* A reader finds the old file or the new one, never a part of it. */
static int replace(const char *path, const char *text, mode_t mode, struct err *err)
{
	char *new = xasprintf("%s.XXXXXX", path);
	int fd = mkostemp(new, O_CLOEXEC), status = 0;

	if (fd < 0 || fchmod(fd, mode) < 0 || !write_whole(fd, text) || rename(new, path) < 0)
		status = err_set(err, ERR_CANNOT_CREATE, "cannot write %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (fd >= 0 && status)
		unlink(new);
	free(new);
	return status;
}

/* What stands there after the change must be settings still: a mistake that is in the file already is not written
 * over. */
static int write_setting(const char *path, const char *name, const char *value, struct err *err)
{
	struct settings settings;
	mode_t mode;
	char *old = read_all(path, &mode, err), *text;
	int status;

	if (!old)
		return err->code;
	text = settings_edit(old, name, value);
	status = settings_parse(&settings, path, text, strlen(text), err);
	if (status >= 0)
		status = replace(path, text, mode, err);
	free(old);
	free(text);
	return status;
}

int settings_write(const char *name, const char *value, struct err *err)
{
	struct home home;
	char real[PATH_MAX];
	int status = home_find(&home, false, err);

	if (status < 0)
		return status;
	if (mkdir(home.config, 0700) < 0 && errno != EEXIST)
		status = err_set(err, ERR_CANNOT_CREATE, "cannot make %s: %s", home.config, strerror(errno));
	else                                            /* where a link leads is written, and the link stays */
		status = write_setting(realpath(home.conf, real) ? real : home.conf, name, value, err);
	home_free(&home);
	return status;
}
