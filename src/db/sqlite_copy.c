/* sqlite_copy.c - a copy grows beside its name, and gets it once it is whole and on disk. */
#include "sqlite_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/mem.h"
#include "sqlite_error.h"

enum { PAGES_A_STEP = 256 };    /* 1 MiB */

struct db_copy {
	char *path;                 /* where it is to be */
	char *part;                 /* where it grows; removed unless it became path */
	sqlite3 *to;
	sqlite3_backup *backup;
};

static int sync_name(const char *path, int flags, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	int rc = fd < 0 ? -1 : fsync(fd);
	int code = errno;

	if (fd >= 0)
		close(fd);
	return rc < 0 ? err_set(err, ERR_FAILED, "%s cannot be written: %s", path, strerror(code)) : 0;
}

static int make_part(struct db_copy *copy, struct err *err)
{
	int fd = open(copy->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0) {
		int code = errno;
		err_set(err, ERR_CANNOT_CREATE, "%s cannot be made: %s", copy->path, strerror(code));
		free(copy->part);
		copy->part = NULL;
		return ERR_CANNOT_CREATE;
	}
	close(fd);
	return 0;
}

int copy_start(sqlite3 *from, const char *path, struct db_copy **out, struct err *err)
{
	struct db_copy *copy = *out = xcalloc(1, sizeof(*copy));
	int rc;

	copy->path = xstrdup(path);
	if (access(path, F_OK) == 0)
		return err_set(err, ERR_CONFLICT, "%s exists already: a backup never overwrites a file", path);
	copy->part = xasprintf("%s.part-%ld", path, (long)getpid());
	rc = make_part(copy, err);
	if (rc < 0)
		return rc;
	rc = sqlite3_open_v2(
		copy->part, &copy->to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (rc == SQLITE_OK && !(copy->backup = sqlite3_backup_init(copy->to, "main", from, "main")))
		rc = sqlite3_extended_errcode(copy->to);
	return rc == SQLITE_OK ? 0 : sqlite_error(copy->to, path, "backup", rc, err);
}

/* Every page is there: makes one plain file of it (no WAL beside it), on disk, under its own name. */
static int complete(struct db_copy *copy, struct err *err)
{
	int rc = sqlite3_backup_finish(copy->backup);

	copy->backup = NULL;
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(copy->to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return sqlite_error(copy->to, copy->path, "backup", rc, err);
	sqlite3_close(copy->to);
	copy->to = NULL;
	rc = sync_name(copy->part, 0, err);
	if (rc < 0)
		return rc;

	/* link() stands in where the file system does not know RENAME_NOREPLACE. */
	if (renameat2(AT_FDCWD, copy->part, AT_FDCWD, copy->path, RENAME_NOREPLACE) < 0 &&
	    (errno != EINVAL || link(copy->part, copy->path) < 0))
		return err_set(err, errno == EEXIST ? ERR_CONFLICT : ERR_CANNOT_CREATE, "%s cannot be made: %s",
			copy->path, strerror(errno));

	char *folder = xstrdup(copy->path);
	rc = sync_name(dirname(folder), O_DIRECTORY, err);
	free(folder);
	return rc;
}

int copy_step(struct db_copy *copy, struct err *err)
{
	int rc = sqlite3_backup_step(copy->backup, PAGES_A_STEP);

	if (rc == SQLITE_OK)
		return 1;
	if (rc == SQLITE_DONE)
		return complete(copy, err);
	return sqlite_error(copy->to, copy->path, "backup", rc, err);
}

void copy_end(struct db_copy *copy)
{
	if (copy->backup)
		sqlite3_backup_finish(copy->backup);
	sqlite3_close(copy->to);
	if (copy->part) {
		static const char *const ends[] = {"", "-journal", "-wal", "-shm"};
		for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
			char *name = xasprintf("%s%s", copy->part, ends[i]);
			unlink(name);
			free(name);
		}
	}
	free(copy->part);
	free(copy->path);
	free(copy);
}
