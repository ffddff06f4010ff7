/* sqlite_copy.c - a copy of a database that is in use. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/mem.h"
#include "db.h"
#include "sqlite_error.h"

enum { PAGES_A_STEP = 256 };    /* 1 MiB between two looks at whether it is to be given up */

struct copy {
	const char *from, *path;    /* path: where it is to be */
	char *part;                 /* where it grows; removed unless it became path */
	sqlite3 *source, *to;
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

static int make_part(struct copy *copy, struct err *err)
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

/* A transaction that reads keeps the source as it is now, whatever is written meanwhile: without one each write would
 * begin the copy anew. */
static int open_source(struct copy *copy, struct err *err)
{
	int rc = sqlite3_open_v2(
		copy->from, &copy->source, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(copy->source, "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
	return rc == SQLITE_OK ? 0 : sqlite_error(copy->source, copy->from, "backup", rc, err);
}

static int start(struct copy *copy, struct err *err)
{
	int rc;

	if (access(copy->path, F_OK) == 0)
		return err_set(err, ERR_CONFLICT, "%s exists already: a backup never overwrites a file", copy->path);
	copy->part = xasprintf("%s.part-%ld", copy->path, (long)getpid());
	rc = make_part(copy, err);
	if (rc >= 0)
		rc = open_source(copy, err);
	if (rc < 0)
		return rc;
	rc = sqlite3_open_v2(
		copy->part, &copy->to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (rc == SQLITE_OK && !(copy->backup = sqlite3_backup_init(copy->to, "main", copy->source, "main")))
		rc = sqlite3_extended_errcode(copy->to);
	return rc == SQLITE_OK ? 0 : sqlite_error(copy->to, copy->path, "backup", rc, err);
}

static int copy_pages(struct copy *copy, const atomic_bool *stop, struct err *err)
{
	int rc = SQLITE_OK;

	while (rc == SQLITE_OK) {
		if (stop && atomic_load(stop))
			return err_set(err, ERR_TRY_AGAIN, "the backup %s was given up", copy->path);
		rc = sqlite3_backup_step(copy->backup, PAGES_A_STEP);
	}
	return rc == SQLITE_DONE ? 0 : sqlite_error(copy->to, copy->path, "backup", rc, err);
}

/* Every page is there: makes one plain file of it (no WAL beside it), on disk, under its own name. */
static int complete(struct copy *copy, struct err *err)
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

static void end(struct copy *copy)
{
	if (copy->backup)
		sqlite3_backup_finish(copy->backup);
	sqlite3_close(copy->to);
	sqlite3_close(copy->source);
	if (copy->part) {
		static const char *const ends[] = {"", "-journal", "-wal", "-shm"};
		for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
			char *name = xasprintf("%s%s", copy->part, ends[i]);
			unlink(name);
			free(name);
		}
	}
	free(copy->part);
}

int db_copy(const char *from, const char *path, const atomic_bool *stop, struct err *err)
{
	struct copy copy = {.from = from, .path = path};
	int rc = start(&copy, err);

	if (rc >= 0)
		rc = copy_pages(&copy, stop, err);
	if (rc >= 0)
		rc = complete(&copy, err);
	end(&copy);
	return rc;
}
