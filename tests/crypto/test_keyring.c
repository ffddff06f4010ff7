/* The key file: making, reading, permissions, owner, bad files, rotation, and that it is whole at every instant. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../lib/unit.h"
#include "../../src/crypto/keyring.h"

#define HEX_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HEX_B "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static char folder[64], path[80];

/* Each test has a folder of its own. */
static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/spctl-keyring.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/master.key", folder);
	return 0;
}

/* The number of files in the folder; removes them when asked to. */
static int files(bool remove)
{
	DIR *dir = opendir(folder);
	int n = 0;
	for (struct dirent *d; (d = readdir(dir));)
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, "..")) {
			n++;
			if (remove)
				unlinkat(dirfd(dir), d->d_name, 0);
		}
	closedir(dir);
	return n;
}

static int remove_folder(void **state)
{
	(void)state;
	files(true);
	return rmdir(folder);
}

static void put(const char *text, size_t len, mode_t mode)
{
	unlink(path);                   /* a file that only may be read cannot be opened again */
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static size_t get(char *out, size_t size)
{
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	size_t n = fread(out, 1, size - 1, f);
	out[n] = '\0';
	fclose(f);
	return n;
}

static struct keyring *open_ring(int create)
{
	struct keyring *ring;
	struct err err = {0};
	UNIT_CASE(keyring_open(&ring, path, create, &err) == 0, "%s", err.text);
	return ring;
}

/* The file is refused with ERR_CONFIG, its name and this word, asked to create or not, and is left as it is. */
static void refused(const char *word)
{
	char before[200] = "", after[200] = "";
	struct stat was, is;
	assert_int_equal(lstat(path, &was), 0);
	bool plain = S_ISREG(was.st_mode);
	if (plain)
		get(before, sizeof before);
	for (int create = 0; create < 2; create++) {
		struct keyring *ring = (struct keyring *)1;
		struct err err = {0};
		int got = keyring_open(&ring, path, create, &err);
		UNIT_CASE(got == ERR_CONFIG, "\"%s\": %d %s", word, got, err.text);
		assert_null(ring);
		assert_int_equal(err.code, ERR_CONFIG);
		UNIT_CASE(strstr(err.text, path), "the file is not named: %s", err.text);
		UNIT_CASE(strstr(err.text, word), "no \"%s\" in: %s", word, err.text);
		UNIT_CASE(!strstr(err.text, "0102030405"), "the key is in the error: %s", err.text);
	}
	assert_int_equal(lstat(path, &is), 0);
	assert_int_equal(is.st_ino, was.st_ino);
	assert_int_equal(is.st_mode, was.st_mode);
	if (plain)
		get(after, sizeof after);
	assert_string_equal(before, after);
}

static void makes_a_key_when_asked(void **state)
{
	(void)state;
	struct keyring *ring;
	struct err err = {0};
	assert_int_equal(keyring_open(&ring, path, 0, &err), ERR_CONFIG);
	assert_null(ring);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(files(false), 0);

	mode_t before = umask(0);       /* 0600 whatever the umask */
	ring = open_ring(1);
	umask(0777);
	assert_int_equal(keyring_add(ring, &err), 0);
	umask(before);
	assert_int_equal(keyring_count(ring), 2);
	assert_int_equal(keyring_newest(ring), 2);
	keyring_free(ring);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_uid, geteuid());
	assert_int_equal(files(false), 1);

	char text[400];
	assert_int_equal(get(text, sizeof text), 2 * (2 + 64 + 1));
	assert_int_equal(text[0], '1');
	assert_int_equal(text[66], '\n');
	assert_int_equal(strspn(text + 2, "0123456789abcdef"), 64);
	assert_int_equal(strncmp(text + 67, "2 ", 2), 0);
	assert_int_not_equal(strncmp(text + 2, text + 69, 64), 0);
}

static void two_files_have_two_keys(void **state)
{
	(void)state;
	char one[KEY_CHECK_SIZE], two[KEY_CHECK_SIZE];
	struct keyring *ring = open_ring(1);
	assert_int_equal(keyring_check(ring, 1, one, NULL), 0);
	keyring_free(ring);
	assert_int_equal(unlink(path), 0);
	ring = open_ring(1);
	assert_int_equal(keyring_check(ring, 1, two, NULL), 0);
	keyring_free(ring);
	assert_string_not_equal(one, two);
}

static void opens_what_it_made(void **state)
{
	(void)state;
	char before[200], after[200];
	keyring_free(open_ring(1));
	get(before, sizeof before);
	for (int create = 0; create < 2; create++) {
		struct keyring *ring = open_ring(create);
		assert_int_equal(keyring_count(ring), 1);
		assert_int_equal(keyring_newest(ring), 1);
		keyring_free(ring);
	}
	get(after, sizeof after);
	assert_string_equal(before, after);
}

static void permissions(void **state)
{
	(void)state;
	static const mode_t good[] = {0600, 0400}, bad[] = {
		0601, 0602, 0604, 0610, 0620, 0640, 0644, 0660, 0666, 0700, 0777, 0440, 0444, 04600, 02600,
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		put("1 " HEX_A "\n", 67, good[i]);
		keyring_free(open_ring(0));
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		put("1 " HEX_A "\n", 67, bad[i]);
		char octal[8];
		snprintf(octal, sizeof octal, "%04o", (unsigned)bad[i]);
		refused(octal);
		refused("must be 0600");
	}
}

static void owner(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("# only root can give a file away: not tested\n");
		return;
	}
	put("1 " HEX_A "\n", 67, 0600);
	assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
	refused("12345");
}

static void kinds_of_file(void **state)
{
	(void)state;
	char other[96];
	snprintf(other, sizeof other, "%s/other", folder);
	put("1 " HEX_A "\n", 67, 0600);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink(other, path), 0);
	refused("it is a symbolic link");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("nowhere", path), 0);
	refused("it is a symbolic link");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);        /* must not wait for a writer */
	refused("not a plain file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	refused("not a plain file");
	assert_int_equal(rmdir(path), 0);
}

static void bad_lines(void **state)
{
	(void)state;
	static const struct { const char *text, *word; } cases[] = {
		{"", "holds no key"},
		{"\n", "line 1"},
		{"hello\n", "line 1"},
		{HEX_A "\n", "line 1"},
		{" " HEX_A "\n", "line 1"},
		{"0 " HEX_A "\n", "line 1"},
		{"01 " HEX_A "\n", "line 1"},
		{"-1 " HEX_A "\n", "line 1"},
		{"+1 " HEX_A "\n", "line 1"},
		{"1x " HEX_A "\n", "line 1"},
		{"4294967296 " HEX_A "\n", "line 1"},
		{"99999999999 " HEX_A "\n", "line 1"},
		{"1  " HEX_A "\n", "line 1"},
		{"1\t" HEX_A "\n", "line 1"},
		{" 1 " HEX_A "\n", "line 1"},
		{"1 " HEX_A " \n", "line 1"},
		{"1 " HEX_A "\r\n", "line 1"},
		{"1 " HEX_A "0\n", "line 1"},
		{"1 0" HEX_A "\n", "line 1"},
		{"1 " HEX_A "\n\n", "line 2"},
		{"1 " HEX_A "\n2\n", "line 2"},
		{"1 " HEX_A "\n2 " HEX_B "\nx", "line 3"},
		{"1 " HEX_A "\n1 " HEX_B "\n", "line 2"},
		{"2 " HEX_A "\n1 " HEX_B "\n", "line 2"},
		{"# a comment\n1 " HEX_A "\n", "line 1"},
		{"1 g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", "line 1"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		put(cases[i].text, strlen(cases[i].text), 0600);
		refused(cases[i].word);
	}
	/* A NUL in the text, and every cut of a good file. */
	put("1 " HEX_A "\n\0002 " HEX_B "\n", 135, 0600);
	refused("line");
	for (size_t len = 1; len < 66; len++) {
		put("1 " HEX_A "\n", len, 0600);
		refused("line 1");
	}
	/* A whole other file in its place. */
	static char large[100000];
	memset(large, 'a', sizeof large);
	put(large, sizeof large, 0600);
	refused("too long");
}

static void good_lines(void **state)
{
	(void)state;
	static const struct { const char *text; size_t count; uint32_t newest; } cases[] = {
		{"1 " HEX_A "\n", 1, 1}, {"1 " HEX_A, 1, 1}, {"7 " HEX_A "\n4294967295 " HEX_B "\n", 2, UINT32_MAX},
		{"3 " HEX_B "\n900 " HEX_A "\n", 2, 900},
		{"1 ABCDEF0123456789abcdefAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", 1, 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		put(cases[i].text, strlen(cases[i].text), 0600);
		struct keyring *ring = open_ring(0);
		assert_int_equal(keyring_count(ring), cases[i].count);
		assert_int_equal(keyring_newest(ring), cases[i].newest);
		assert_int_equal(keyring_id(ring, cases[i].count - 1), cases[i].newest);
		assert_int_equal(keyring_id(ring, cases[i].count), 0);
		keyring_free(ring);
	}
	/* No id is left above the greatest: refused, and nothing changes. */
	put("4294967295 " HEX_A "\n", 76, 0600);
	struct keyring *ring = open_ring(0);
	struct err err = {0};
	assert_int_equal(keyring_add(ring, &err), ERR_FAILED);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(keyring_count(ring), 1);
	keyring_free(ring);
}

/* Against Python's hmac. */
static void check_text(void **state)
{
	(void)state;
	char check[KEY_CHECK_SIZE], other[KEY_CHECK_SIZE];
	struct err err = {0};
	put("7 " HEX_A "\n9 " HEX_B "\n", 134, 0600);
	struct keyring *ring = open_ring(0);
	assert_int_equal(keyring_check(ring, 7, check, &err), 0);
	assert_string_equal(check, "9ed1bd1e66737461e4f79c20770aa8e3eb04569e6acd8097169dc29d4d5af275");
	assert_int_equal(keyring_check(ring, 9, other, &err), 0);
	assert_string_not_equal(check, other);
	assert_int_equal(keyring_check(ring, 8, other, &err), ERR_NOT_FOUND);
	assert_string_equal(other, "");
	assert_non_null(strstr(err.text, "8"));
	assert_int_equal(keyring_check(ring, 0, other, NULL), ERR_NOT_FOUND);
	keyring_free(ring);
}

static void rotation(void **state)
{
	(void)state;
	char first[KEY_CHECK_SIZE], third[KEY_CHECK_SIZE], now[KEY_CHECK_SIZE];
	struct keyring *ring = open_ring(1), *again;
	assert_int_equal(keyring_check(ring, 1, first, NULL), 0);
	assert_int_equal(keyring_add(ring, NULL), 0);
	assert_int_equal(keyring_add(ring, NULL), 0);
	assert_int_equal(keyring_count(ring), 3);
	assert_int_equal(keyring_newest(ring), 3);
	assert_int_equal(keyring_check(ring, 1, now, NULL), 0);
	assert_string_equal(now, first);
	assert_int_equal(keyring_check(ring, 3, third, NULL), 0);

	again = open_ring(0);           /* the file has what the memory has */
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(keyring_id(again, i), i + 1);
	assert_int_equal(keyring_check(again, 3, now, NULL), 0);
	assert_string_equal(now, third);
	keyring_free(again);

	assert_int_equal(keyring_drop_old(ring, NULL), 0);
	assert_int_equal(keyring_count(ring), 1);
	assert_int_equal(keyring_newest(ring), 3);
	assert_int_equal(keyring_check(ring, 1, now, NULL), ERR_NOT_FOUND);
	again = open_ring(0);
	assert_int_equal(keyring_count(again), 1);
	assert_int_equal(keyring_check(again, 3, now, NULL), 0);
	assert_string_equal(now, third);
	keyring_free(again);

	/* Once more is nothing to do; the next key's id is new. */
	assert_int_equal(keyring_drop_old(ring, NULL), 0);
	assert_int_equal(keyring_add(ring, NULL), 0);
	assert_int_equal(keyring_newest(ring), 4);
	keyring_free(ring);
	assert_int_equal(files(false), 1);
}

static void ring_is_full_some_day(void **state)
{
	(void)state;
	struct err err = {0};
	const size_t size = 1001 * 70;
	char *text = test_malloc(size);
	size_t len = 0;
	for (int i = 1; i <= 1000; i++)
		len += (size_t)snprintf(text + len, size - len, "%d %s\n", i, HEX_A);
	put(text, len, 0600);
	struct keyring *ring = open_ring(0);
	assert_int_equal(keyring_count(ring), 1000);
	assert_int_equal(keyring_add(ring, &err), ERR_FAILED);
	assert_non_null(strstr(err.text, "full"));
	keyring_free(ring);
	len += (size_t)snprintf(text + len, size - len, "1001 %s\n", HEX_A);
	put(text, len, 0600);
	refused("line 1001");
	test_free(text);
}

/* A disk without room: the file and the memory stay as they were, and nothing is left beside. */
static void no_room(void **state)
{
	(void)state;
	char before[200], after[200];
	struct keyring *ring = open_ring(1), *none;
	struct err err = {0};
	struct rlimit was, none_left = {0, RLIM_INFINITY};
	get(before, sizeof before);
	getrlimit(RLIMIT_FSIZE, &was);
	none_left.rlim_max = was.rlim_max;
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &none_left);
	int added = keyring_add(ring, &err);
	char other[96];
	snprintf(other, sizeof other, "%s/second.key", folder);
	int made = keyring_open(&none, other, 1, NULL);
	setrlimit(RLIMIT_FSIZE, &was);
	signal(SIGXFSZ, handler);
	assert_int_equal(added, ERR_CANNOT_CREATE);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(made, ERR_CANNOT_CREATE);
	assert_int_equal(keyring_count(ring), 1);
	assert_int_equal(files(false), 1);
	get(after, sizeof after);
	assert_string_equal(before, after);
	assert_int_equal(keyring_add(ring, &err), 0);
	keyring_free(ring);
}

static void no_folder(void **state)
{
	(void)state;
	char lost[96];
	struct keyring *ring;
	struct err err = {0};
	snprintf(lost, sizeof lost, "%s/none/master.key", folder);
	assert_int_equal(keyring_open(&ring, lost, 0, &err), ERR_CONFIG);
	assert_int_equal(keyring_open(&ring, lost, 1, &err), ERR_CANNOT_CREATE);
	assert_non_null(strstr(err.text, lost));
	snprintf(lost, sizeof lost, "/proc/none.key");
	assert_int_equal(keyring_open(&ring, lost, 1, &err), ERR_CANNOT_CREATE);
}

/* Engines that start at the same instant come to the same key. */
static void made_by_several_at_once(void **state)
{
	(void)state;
	enum { PROCESSES = 8 };
	for (int round = 0; round < 20; round++) {
		int go[2], said[2];
		assert_int_equal(pipe(go), 0);
		assert_int_equal(pipe(said), 0);
		for (int i = 0; i < PROCESSES; i++)
			if (fork() == 0) {
				char byte, check[KEY_CHECK_SIZE] = "";
				struct keyring *ring;
				close(go[1]);
				_exit(read(go[0], &byte, 1) != 0                 /* its end is the start */
					|| keyring_open(&ring, path, 1, NULL) || keyring_check(ring, 1, check, NULL)
					|| write(said[1], check, KEY_CHECK_SIZE) != KEY_CHECK_SIZE);
			}
		close(go[0]);
		close(go[1]);
		close(said[1]);
		char first[KEY_CHECK_SIZE], check[KEY_CHECK_SIZE];
		for (int i = 0; i < PROCESSES; i++) {
			int status;
			assert_true(wait(&status) > 0);
			assert_int_equal(status, 0);
			assert_int_equal(read(said[0], i ? check : first, KEY_CHECK_SIZE), KEY_CHECK_SIZE);
			if (i)
				assert_string_equal(check, first);
		}
		close(said[0]);
		assert_int_equal(files(true), 1);
	}
}

/* A process that rotates without end is killed at many moments: each time the file is whole. */
static void killed_while_rotating(void **state)
{
	(void)state;
	keyring_free(open_ring(1));
	for (int round = 0; round < 60; round++) {
		int done[2];
		char byte;
		assert_int_equal(pipe(done), 0);
		pid_t child = fork();
		if (child == 0) {
			struct keyring *ring = NULL;
			int bad = keyring_open(&ring, path, 0, NULL);
			while (!bad)
				bad = keyring_add(ring, NULL) || (keyring_count(ring) > 5 && keyring_drop_old(ring, NULL))
					|| write(done[1], "", 1) != 1;
			_exit(1);
		}
		close(done[1]);
		for (int i = 0; i <= round % 7; i++) {
			assert_int_equal(read(done[0], &byte, 1), 1);
			keyring_free(open_ring(0));             /* and while it goes on */
		}
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		close(done[0]);
		keyring_free(open_ring(0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
		IN_FOLDER(makes_a_key_when_asked),
		IN_FOLDER(two_files_have_two_keys),
		IN_FOLDER(opens_what_it_made),
		IN_FOLDER(permissions),
		IN_FOLDER(owner),
		IN_FOLDER(kinds_of_file),
		IN_FOLDER(bad_lines),
		IN_FOLDER(good_lines),
		IN_FOLDER(check_text),
		IN_FOLDER(rotation),
		IN_FOLDER(ring_is_full_some_day),
		IN_FOLDER(no_room),
		IN_FOLDER(no_folder),
		IN_FOLDER(made_by_several_at_once),
		IN_FOLDER(killed_while_rotating),
	};
	return UNIT_RUN(tests);
}
