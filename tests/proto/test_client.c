/*
 * The client's side: finding an engine, starting one, asking and listening.  The engine is this program itself, started as
 * `test_client --private --ready-fd 3`; the file `behave` in its home says how, for it gets nothing else of our environment.
 */
#include "../lib/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../src/base/home.h"
#include "../../src/base/str.h"
#include "../../src/proto/client.h"
#include "../../src/proto/frame.h"
#include "../../src/proto/rpc.h"
#include "../lib/folder.h"

/* ---- the fake engine ---- */

static bool behaves(const char *how)
{
	char path[PATH_MAX], want[16] = "";
	snprintf(path, sizeof path, "%s/behave", getenv("SPCTL_HOME"));
	FILE *file = fopen(path, "re");
	if (file && !fgets(want, sizeof want, file))
		want[0] = '\0';
	if (file)
		fclose(file);
	return strcmp(want, how) == 0;
}

static void put(int fd, char *line)
{
	if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0) {
		/* the client has gone */
	}
	free(line);
}

static void put_event(int fd, const char *text)
{
	put(fd, rpc_event("notice", json_pack("{s:s}", "text", text)));
}

/* Answers one request.  False ends the connection. */
static bool answer(int fd, struct rpc *rpc)
{
	if (strcmp(rpc->method, "hello") == 0) {
		put(fd, rpc_result(rpc->id, json_pack("{s:i, s:s}", "version", behaves("newer") ? 2 : 1, "engine", "fake")));
	} else if (strcmp(rpc->method, "engine.stop") == 0) {
		put(fd, rpc_result(rpc->id, NULL));
		exit(0);
	} else if (strcmp(rpc->method, "echo") == 0) {
		put(fd, rpc_result(rpc->id, json_incref(rpc->body)));
	} else if (strcmp(rpc->method, "fail") == 0) {
		struct err err;
		err_set(&err, ERR_NEEDS_ACK, "acknowledge it");
		put(fd, rpc_error(rpc->id, &err, json_pack("{s:s}", "token", "t1")));
	} else if (strcmp(rpc->method, "events") == 0) {
		put_event(fd, "one");
		put_event(fd, "two");
		put(fd, rpc_result(rpc->id + 1000, NULL));      /* to nobody */
		put(fd, rpc_result(rpc->id, NULL));
		put_event(fd, "three");
	} else if (strcmp(rpc->method, "garbage") == 0) {
		put(fd, strdup("this is no message\n"));
	} else if (strcmp(rpc->method, "endless") == 0) {
		char *line = malloc(FRAME_MAX + 2);
		memset(line, 'x', FRAME_MAX + 1);
		line[FRAME_MAX + 1] = '\0';
		put(fd, line);
	} else {
		return false;
	}
	return true;
}

static void serve(int fd)
{
	struct frame frame = {0};
	char bytes[4096];
	ssize_t got;
	bool going = true;
	while (going && (got = recv(fd, bytes, sizeof bytes, 0)) > 0) {
		const char *line;
		size_t len;
		struct rpc rpc;
		frame_feed(&frame, bytes, (size_t)got);
		while (going && frame_next(&frame, &line, &len) == 1 && rpc_parse(line, len, &rpc, NULL) == 0) {
			going = answer(fd, &rpc);
			rpc_clear(&rpc);
		}
	}
	frame_free(&frame);
	close(fd);
}

/* Counts the starts in the home; the number of this one. */
static int count_start(const struct home *home)
{
	char path[200];
	struct stat st;
	snprintf(path, sizeof path, "%s/starts", home->data);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || fstat(fd, &st) < 0)
		exit(9);
	close(fd);
	return (int)st.st_size;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	str_copy(address.sun_path, sizeof address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 64) < 0)
		return -1;
	return fd;
}

static int fake_engine(void)
{
	struct home home;
	alarm(60);              /* nobody may be left behind */
	if (home_find(&home, false, NULL) < 0)
		return 9;
	int start = count_start(&home);
	fprintf(stderr, "the fake engine starts\n");
	if (behaves("broken")) {
		dprintf(3, "error config the key file is wrong\n");
		return 78;
	}
	if (behaves("dies"))
		return 1;
	int listening = listen_at(home.socket);
	if (listening < 0)
		return 9;
	dprintf(3, "ready\n");
	close(3);
	for (;;) {
		int fd = accept(listening, NULL, NULL);
		if (fd >= 0 && behaves("leaving") && start == 1) {
			unlink(home.socket);
			return 0;
		}
		if (fd >= 0)
			serve(fd);
	}
}

/* ---- the tests ---- */

static char folder[32], self[PATH_MAX];
static const struct client_options options = {.engine_path = self};

static void behave(const char *how)
{
	char path[64];
	snprintf(path, sizeof path, "%s/behave", folder);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fputs(how, file);
	fclose(file);
}

static int setup(void **state)
{
	(void)state;
	unsetenv("SPCTL_SOCKET");
	unsetenv("SPCTL_ENGINE");
	if (!folder_new(folder))
		return -1;
	return setenv("SPCTL_HOME", folder, 1);
}

static int teardown(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static int starts(void)
{
	char path[64];
	struct stat st;
	snprintf(path, sizeof path, "%s/starts", folder);
	return stat(path, &st) == 0 ? (int)st.st_size : 0;
}

static struct client *open_or_fail(const struct client_options *how)
{
	struct client *client = NULL;
	struct err err = {0};
	UNIT_CASE(client_open(&client, how, &err) == 0, "%s", err.text);
	return client;
}

/* Ends the engine and the connection. */
static void stop(struct client *client)
{
	json_t *result = NULL;
	assert_int_equal(client_call(client, "engine.stop", NULL, &result, NULL, NULL), 0);
	json_decref(result);
	client_close(client);
}

static void test_starts_one(void **state)
{
	(void)state;
	char path[64], log[100] = "";
	struct client *client = open_or_fail(&options), *second = NULL;
	assert_string_equal(json_string_value(json_object_get(client_hello(client), "engine")), "fake");
	assert_true(client_fd(client) >= 0);
	client_close(client);
	second = open_or_fail(&(struct client_options){.no_start = true});
	assert_int_equal(starts(), 1);
	stop(second);
	snprintf(path, sizeof path, "%s/run/spctld.log", folder);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(log, sizeof log, file));
	fclose(file);
	assert_string_equal(log, "the fake engine starts\n");
}

static void test_socket_in_the_environment(void **state)
{
	(void)state;
	char path[64];
	snprintf(path, sizeof path, "%s/run/spctld.sock", folder);
	setenv("SPCTL_ENGINE", self, 1);
	client_close(open_or_fail(&(struct client_options){0}));
	setenv("SPCTL_HOME", "/nonexistent", 1);
	setenv("SPCTL_SOCKET", path, 1);
	client_close(open_or_fail(&(struct client_options){0}));
	setenv("SPCTL_SOCKET", "/nonexistent", 1);
	stop(open_or_fail(&(struct client_options){.socket = path}));
}

/* A relative home is the same one for the engine, which works in "/". */
static void test_relative_home(void **state)
{
	(void)state;
	char here[PATH_MAX];
	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(chdir(folder), 0);
	setenv("SPCTL_HOME", ".", 1);
	stop(open_or_fail(&options));
	assert_int_equal(starts(), 1);
	assert_int_equal(chdir(here), 0);
}

static void test_many_at_once(void **state)
{
	(void)state;
	enum { CLIENTS = 8 };
	for (int i = 0; i < CLIENTS; i++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			struct client *client;
			_exit(client_open(&client, &options, NULL) == 0 ? 0 : 1);
		}
	}
	for (int i = 0; i < CLIENTS; i++) {
		int status;
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	stop(open_or_fail(&options));
	assert_int_equal(starts(), 1);
}

static void test_stale_socket(void **state)
{
	(void)state;
	char path[64];
	snprintf(path, sizeof path, "%s/run", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/run/spctld.sock", folder);
	close(listen_at(path));
	struct err err = {0};
	struct client *client;
	assert_int_equal(client_open(&client, &(struct client_options){.no_start = true}, &err), ERR_UNAVAILABLE);
	assert_non_null(strstr(err.text, "Connection refused"));
	stop(open_or_fail(&options));
}

/* An engine that leaves just as the client comes: another one is started. */
static void test_leaving(void **state)
{
	(void)state;
	behave("leaving");
	stop(open_or_fail(&options));
	assert_int_equal(starts(), 2);
}

static void test_cannot_open(void **state)
{
	(void)state;
	static const struct { const char *fake; struct client_options options; int code; const char *says; } cases[] = {
		{"", {.no_start = true}, ERR_UNAVAILABLE, "/run/spctld.sock: No such file"},
		{"", {.socket = "/nonexistent/socket"}, ERR_UNAVAILABLE, "no engine answers at /nonexistent/socket: No such file"},
		{"broken", {.engine_path = self}, ERR_CONFIG, "the key file is wrong"},
		{"dies", {.engine_path = self}, ERR_UNAVAILABLE, "ended while it started; see /tmp"},
		{"", {.engine_path = "/nonexistent/spctld"}, ERR_CONFIG, "cannot start /nonexistent/spctld: No such file"},
		{"", {.socket = "/nonexistent/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"xxxxxxxxxxxxxxxxxxxx"}, ERR_UNAVAILABLE, "File name too long"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct client *client = (void *)1;
		struct err err = {0};
		behave(cases[i].fake);
		int status = client_open(&client, &cases[i].options, &err);
		UNIT_CASE(status == cases[i].code && err.code == status && !client && strstr(err.text, cases[i].says),
			"case %zu: %d %s", i, status, err.text);
	}
	assert_int_equal(starts(), 2);
}

static void test_home_that_is_no_folder(void **state)
{
	(void)state;
	struct client *client;
	struct err err = {0};
	setenv("SPCTL_HOME", "/proc/spctl", 1);
	assert_int_equal(client_open(&client, &options, &err), ERR_CANNOT_CREATE);
	assert_non_null(strstr(err.text, "/proc/spctl"));
}

static void test_other_version(void **state)
{
	(void)state;
	struct client *client;
	struct err err = {0};
	char path[64];
	behave("newer");
	assert_int_equal(client_open(&client, &options, &err), ERR_UNAVAILABLE);
	assert_non_null(strstr(err.text, "speaks version 2 of the protocol and this client 1"));
	assert_int_equal(starts(), 1);
	/* End it: the bare request, without hello's check. */
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(path, sizeof path, "%s/run/spctld.sock", folder);
	str_copy(address.sun_path, sizeof address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	put(fd, rpc_request(1, "engine.stop", NULL));
	char byte;
	while (recv(fd, &byte, 1, 0) > 0)
		continue;
	close(fd);
}

static void test_calls(void **state)
{
	(void)state;
	struct client *client = open_or_fail(&options);
	struct err err = {0};
	json_t *result = NULL, *data = NULL;
	assert_int_equal(client_call(client, "echo", json_pack("{s:i}", "x", 5), &result, &data, &err), 0);
	assert_int_equal(json_integer_value(json_object_get(result, "x")), 5);
	assert_null(data);
	json_decref(result);
	assert_int_equal(client_call(client, "fail", NULL, &result, &data, &err), ERR_NEEDS_ACK);
	assert_string_equal(err.text, "acknowledge it");
	assert_null(result);
	assert_string_equal(json_string_value(json_object_get(data, "token")), "t1");
	json_decref(data);
	assert_int_equal(client_call(client, "fail", NULL, &result, NULL, NULL), ERR_NEEDS_ACK);
	char *large = malloc(FRAME_MAX + 1);
	memset(large, 'x', FRAME_MAX);
	large[FRAME_MAX] = '\0';
	assert_int_equal(client_call(client, "echo", json_pack("{s:s}", "x", large), &result, NULL, &err), ERR_INVALID);
	large[FRAME_MAX - 100] = '\0';
	assert_int_equal(client_call(client, "echo", json_pack("{s:s}", "x", large), &result, NULL, &err), 0);
	json_decref(result);
	free(large);
	stop(client);
}

static void event_is(struct client *client, const char *text)
{
	json_t *event = NULL;
	assert_int_equal(client_event(client, 5000, &event, NULL), 1);
	assert_string_equal(json_string_value(json_object_get(event, "event")), "notice");
	assert_string_equal(json_string_value(json_object_get(json_object_get(event, "data"), "text")), text);
	json_decref(event);
}

static void test_events(void **state)
{
	(void)state;
	struct client *client = open_or_fail(&options);
	json_t *result = NULL, *event = (void *)1;
	assert_int_equal(client_event(client, 0, &event, NULL), 0);
	assert_null(event);
	assert_int_equal(client_call(client, "events", NULL, &result, NULL, NULL), 0);
	json_decref(result);
	event_is(client, "one");
	event_is(client, "two");
	event_is(client, "three");
	assert_int_equal(client_event(client, 10, &event, NULL), 0);
	stop(client);
}

static void test_engine_gone(void **state)
{
	(void)state;
	static const struct { const char *method, *says; } cases[] = {
		{"close", "closed the connection"}, {"garbage", "not a message of the protocol"}, {"endless", "more than 1 MiB"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct client *client = open_or_fail(&options);
		struct err err = {0};
		json_t *result, *event;
		int status = client_call(client, cases[i].method, NULL, &result, NULL, &err);
		UNIT_CASE(status == ERR_UNAVAILABLE && strstr(err.text, cases[i].says), "%s: %s", cases[i].method, err.text);
		if (i == 0) {
			assert_int_equal(client_event(client, -1, &event, &err), ERR_UNAVAILABLE);
			assert_int_equal(client_call(client, "echo", NULL, &result, NULL, &err), ERR_UNAVAILABLE);
		}
		client_close(client);
	}
	stop(open_or_fail(&options));
	client_close(NULL);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "--private") == 0 && strcmp(argv[2], "--ready-fd") == 0 && strcmp(argv[3], "3") == 0)
		return fake_engine();
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	if (len <= 0)
		return 1;
	self[len] = '\0';
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_starts_one), TEST(test_socket_in_the_environment), TEST(test_relative_home), TEST(test_many_at_once),
		TEST(test_stale_socket), TEST(test_leaving), TEST(test_cannot_open), TEST(test_home_that_is_no_folder),
		TEST(test_other_version), TEST(test_calls), TEST(test_events), TEST(test_engine_gone),
	};
	return UNIT_RUN(tests);
}
