/* Where things are: the home's folders, and our own files. */
#include "../lib/unit.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../src/base/home.h"
#include "../../src/base/where.h"
#include "../lib/folder.h"

static char folder[32];

static int setup(void **state)
{
	(void)state;
	static const char *const names[] = {"SPCTL_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "HOME"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		unsetenv(names[i]);
	return folder_new(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static void test_own_folder(void **state)
{
	(void)state;
	struct home home;
	setenv("SPCTL_HOME", "/tmp/x", 1);
	assert_int_equal(home_find(&home, false, NULL), 0);
	assert_string_equal(home.data, "/tmp/x");
	assert_string_equal(home.db, "/tmp/x/spctl.db");
	assert_string_equal(home.key, "/tmp/x/master.key");
	assert_string_equal(home.conf, "/tmp/x/spctl.conf");
	assert_string_equal(home.recordings, "/tmp/x/recordings");
	assert_string_equal(home.socket, "/tmp/x/run/spctld.sock");
	home_free(&home);
	home_free(&home);
	setenv("SPCTL_HOME", "below", 1);
	assert_int_equal(home_find(&home, false, NULL), 0);
	assert_true(home.data[0] == '/' && strcmp(home.data + strlen(home.data) - 6, "/below") == 0);
	home_free(&home);
}

static void test_xdg(void **state)
{
	(void)state;
	struct home home;
	setenv("HOME", "/home/anna", 1);
	assert_int_equal(home_find(&home, false, NULL), 0);
	assert_string_equal(home.db, "/home/anna/.local/share/spctl/spctl.db");
	assert_string_equal(home.conf, "/home/anna/.config/spctl/spctl.conf");
	assert_string_equal(home.socket, "/home/anna/.local/share/spctl/run/spctld.sock");
	home_free(&home);
	setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
	setenv("XDG_DATA_HOME", "/data", 1);
	setenv("XDG_CONFIG_HOME", "relative, so ignored", 1);
	assert_int_equal(home_find(&home, false, NULL), 0);
	assert_string_equal(home.db, "/data/spctl/spctl.db");
	assert_string_equal(home.conf, "/home/anna/.config/spctl/spctl.conf");
	assert_string_equal(home.socket, "/run/user/7/spctl/spctld.sock");
	home_free(&home);
}

static void test_service(void **state)
{
	(void)state;
	struct home home;
	setenv("SPCTL_HOME", "/tmp/x", 1);
	assert_int_equal(home_find(&home, true, NULL), 0);
	assert_string_equal(home.db, "/var/lib/spctl/spctl.db");
	assert_string_equal(home.conf, "/etc/spctl/spctl.conf");
	assert_string_equal(home.socket, "/run/spctl/spctld.sock");
	home_free(&home);
}

static void test_too_long(void **state)
{
	(void)state;
	struct home home;
	struct err err = {0};
	char path[100];
	memset(path, 'x', sizeof path);
	path[0] = '/';
	path[sizeof path - 1] = '\0';
	setenv("SPCTL_HOME", path, 1);
	assert_int_equal(home_find(&home, false, &err), ERR_CONFIG);
	assert_non_null(strstr(err.text, "too long"));
	assert_null(home.data);
	setenv("SPCTL_HOME", "/a folder", 1);
	assert_int_equal(home_find(&home, false, &err), ERR_CONFIG);
	assert_non_null(strstr(err.text, "/a folder/run, has a blank in its path: set SPCTL_HOME"));
	assert_null(home.data);
}

static void test_make(void **state)
{
	(void)state;
	struct home home;
	struct stat st;
	setenv("SPCTL_HOME", "deep/er", 1);
	assert_int_equal(home_find(&home, false, NULL), 0);
	assert_int_equal(home_make(&home, NULL), 0);
	assert_int_equal(home_make(&home, NULL), 0);
	assert_int_equal(stat("deep/er/run", &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	assert_int_equal(stat("deep/er/recordings", &st), 0);
	home_free(&home);
}

static void test_cannot_make(void **state)
{
	(void)state;
	struct home home;
	struct err err = {0};
	FILE *file = fopen("a-file", "w");
	assert_non_null(file);
	fclose(file);
	static const char *const places[] = {"a-file", "a-file/below", "/proc/below"};
	for (size_t i = 0; i < 3; i++) {
		setenv("SPCTL_HOME", places[i], 1);
		assert_int_equal(home_find(&home, false, NULL), 0);
		assert_int_equal(home_make(&home, &err), ERR_CANNOT_CREATE);
		UNIT_CASE(strstr(err.text, home.data), "%s", err.text);
		home_free(&home);
	}
	if (geteuid() != 0)
		return;
	assert_int_equal(mkdir("foreign", 0700), 0);
	assert_int_equal(chown("foreign", 1, 1), 0);
	setenv("SPCTL_HOME", "foreign", 1);
	assert_int_equal(home_find(&home, false, NULL), 0);
	assert_int_equal(home_make(&home, &err), ERR_CANNOT_CREATE);
	assert_non_null(strstr(err.text, "another user"));
	home_free(&home);
}

static void test_where(void **state)
{
	(void)state;
	struct err err = {0};
	char self[256], *slash;
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	assert_true(len > 0);
	self[len] = '\0';
	slash = strrchr(self, '/');
	char *path = where_find(WHERE_PROGRAM, slash + 1, &err);
	assert_non_null(path);
	assert_string_equal(path, self);
	free(path);
	assert_null(where_find(WHERE_MODULE, "no-such-module.so", &err));
	assert_int_equal(err.code, ERR_CONFIG);
	assert_non_null(strstr(err.text, "no-such-module.so"));
	assert_null(where_find(WHERE_SHARE, "no/such", NULL));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_own_folder), TEST(test_xdg), TEST(test_service), TEST(test_too_long), TEST(test_make),
		TEST(test_cannot_make), TEST(test_where),
	};
	return UNIT_RUN(tests);
}
