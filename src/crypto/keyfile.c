/*
 * keyfile.c - reads and writes the key file.
 *
 * A new file is written beside the old one, under a name of its own (master.key.new-XXXXXX), 0600, and moved into place
 * once it is on the disk.
 * What is read must be a plain file of ours that nobody else can touch: a key that others could read or put there is
 * none.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "hex.h"
#include "keyfile.h"
#include "../base/mem.h"
#include "../base/str.h"

enum { LINE_MAX_BYTES = 10 + 1 + 2 * KEY_BYTES + 1, FILE_MAX = KEYS_MAX * LINE_MAX_BYTES };

/* Behind the file's name; no backup is likely to be named so. */
#define BESIDE ".new-"

/* One line without its newline: "ID HEX".  False when it is none, or the id is not above the one before. */
static bool parse_line(const char *line, uint32_t before, struct ring_key *key)
{
	char id[11];
	const char *blank = strchr(line, ' ');
	size_t digits = blank ? (size_t)(blank - line) : 0;
	long long number;
	if (digits == 0 || digits >= sizeof id || line[0] == '0')
		return false;
	memcpy(id, line, digits);
	id[digits] = '\0';
	if (!str_int(id, (long long)before + 1, UINT32_MAX, &number))
		return false;
	key->id = (uint32_t)number;
	return strlen(blank + 1) == 2 * KEY_BYTES && hex_read(blank + 1, key->bytes, KEY_BYTES);
}

/* text is NUL-terminated and gets cut up. */
static int parse(struct keyring *ring, char *text, size_t len, struct err *err)
{
	struct ring_key *keys = xcalloc(KEYS_MAX, sizeof *keys);
	size_t count = 0;
	bool bad = strlen(text) != len;
	for (char *line = text, *end; !bad && *line; line = end) {
		end = strchrnul(line, '\n');
		if (*end)
			*end++ = '\0';
		bad = count == KEYS_MAX || !parse_line(line, count ? keys[count - 1].id : 0, &keys[count]);
		count += !bad;
	}
	if (bad)
		mem_wipe(keys, KEYS_MAX * sizeof *keys);
	ring->keys = keys;
	ring->count = bad ? 0 : count;
	if (bad)
		return err_set(err, ERR_CONFIG,
			"line %zu of the key file %s is not a key: each must be an id above the one before,"
			" a blank and 64 hexadecimal digits", count + 1, ring->path);
	if (!count)
		return err_set(err, ERR_CONFIG, "the key file %s holds no key", ring->path);
	return 0;
}

static int check_file(int fd, const char *path, struct err *err)
{
	struct stat st;
	if (fstat(fd, &st))
		return err_set(err, ERR_CONFIG, "cannot read the key file %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_CONFIG, "the key file %s is not a plain file", path);
	if (st.st_uid != geteuid())
		return err_set(err, ERR_CONFIG,
			"the key file %s belongs to user %u: it must belong to user %u, who runs this", path,
			(unsigned)st.st_uid, (unsigned)geteuid());
	if (st.st_mode & 07177)
		return err_set(err, ERR_CONFIG, "the key file %s has the permissions %04o: they must be 0600", path,
			(unsigned)(st.st_mode & 07777));
	if (st.st_size > FILE_MAX)
		return err_set(err, ERR_CONFIG, "the key file %s is too long to be one: %lld bytes", path,
			(long long)st.st_size);
	return 0;
}

/* Up to size bytes; the number, or -1 with errno. */
static ssize_t read_all(int fd, char *out, size_t size)
{
	size_t len = 0;
	while (len < size) {
		ssize_t n = read(fd, out + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int keyfile_read(struct keyring *ring, struct err *err)
{
	/* Neither a link to somebody else's file, nor a pipe that never answers. */
	int fd = open(ring->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, "the key file %s does not exist", ring->path);
	if (fd < 0)
		return err_set(err, ERR_CONFIG, "cannot read the key file %s: %s", ring->path,
			errno == ELOOP ? "it is a symbolic link" : strerror(errno));
	int bad = check_file(fd, ring->path, err);
	if (!bad) {
		char *text = xcalloc(1, FILE_MAX + 1);
		ssize_t len = read_all(fd, text, FILE_MAX);
		bad = len < 0 ? err_set(err, ERR_CONFIG, "cannot read the key file %s: %s", ring->path, strerror(errno))
			: parse(ring, text, (size_t)len, err);
		mem_wipe(text, FILE_MAX);
		free(text);
	}
	close(fd);
	return bad;
}

static bool write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

/* The keys on their way to the disk under a temporary name, the caller's to free; NULL with an error. */
static char *write_beside(const struct keyring *ring, struct err *err)
{
	char *name = xasprintf("%s" BESIDE "XXXXXX", ring->path);
	size_t size = ring->count * LINE_MAX_BYTES + 1, len = 0;
	char *text = xcalloc(1, size), hex[2 * KEY_BYTES + 1];
	for (size_t i = 0; i < ring->count; i++) {
		hex_write(ring->keys[i].bytes, KEY_BYTES, hex);
		len += (size_t)snprintf(text + len, size - len, "%u %s\n", (unsigned)ring->keys[i].id, hex);
	}
	int fd = mkostemp(name, O_CLOEXEC);
	bool made = fd >= 0;
	bool ok = made && fchmod(fd, 0600) == 0 && write_all(fd, text, len) && fsync(fd) == 0;
	int why = errno;
	if (made && close(fd) && ok) {
		ok = false;
		why = errno;
	}
	mem_wipe(hex, sizeof hex);
	mem_wipe(text, size);
	free(text);
	if (ok)
		return name;
	if (made)
		unlink(name);
	free(name);
	err_set(err, ERR_CANNOT_CREATE, "cannot write the key file %s: %s", ring->path, strerror(why));
	return NULL;
}

/* Makes the file's new name last.  Some file systems cannot sync a folder; then there is nothing to be done. */
static void sync_folder(const char *path)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

int keyfile_create(const struct keyring *ring, struct err *err)
{
	char *name = write_beside(ring, err);
	if (!name)
		return ERR_CANNOT_CREATE;
	int bad = 0;
	if (link(name, ring->path) && errno != EEXIST)
		bad = err_set(err, ERR_CANNOT_CREATE, "cannot make the key file %s: %s", ring->path, strerror(errno));
	unlink(name);
	sync_folder(ring->path);
	free(name);
	return bad;
}

int keyfile_replace(const struct keyring *ring, struct err *err)
{
	char *name = write_beside(ring, err);
	if (!name)
		return ERR_CANNOT_CREATE;
	int bad = 0;
	if (rename(name, ring->path)) {
		bad = err_set(err, ERR_CANNOT_CREATE, "cannot write the key file %s: %s", ring->path, strerror(errno));
		unlink(name);
	} else {
		sync_folder(ring->path);
	}
	free(name);
	return bad;
}

static bool is_left(const char *name, const char *file)
{
	const size_t len = strlen(file);
	return str_starts(name, file) && str_starts(name + len, BESIDE) &&
		strlen(name + len) == strlen(BESIDE "XXXXXX");
}

size_t keyring_left(const char *path, bool remove, char **first)
{
	char *copy = xstrdup(path), *slash = strrchr(copy, '/');
	const char *file = slash ? slash + 1 : copy;
	size_t count = 0;
	struct stat st;
	if (slash)
		*slash = '\0';
	DIR *dir = opendir(slash ? copy : ".");
	for (const struct dirent *entry; dir && (entry = readdir(dir)); ) {
		if (!is_left(entry->d_name, file) || fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
				!S_ISREG(st.st_mode) || st.st_uid != geteuid())
			continue;
		if (remove && unlinkat(dirfd(dir), entry->d_name, 0) == 0)
			continue;
		if (!count++ && first)
			*first = xasprintf("%s%s", path, entry->d_name + strlen(file));
	}
	if (dir)
		closedir(dir);
	free(copy);
	return count;
}
