/* Child processes: what they inherit, and what is told when they cannot start. */
#include "../lib/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../src/base/spawn.h"
#include "../../src/base/str.h"

static const char *const no_env[] = {"GREETING=hello", NULL};

/* All that comes until the other end is closed. */
static char *read_all(int fd)
{
	struct str text = {0};
	char bytes[512];
	ssize_t got;
	while ((got = read(fd, bytes, sizeof bytes)) > 0)
		str_addn(&text, bytes, (size_t)got);
	close(fd);
	return str_take(&text);
}

static pid_t run_shell(const char *script, int pass_fd, int out_fd, struct err *err)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	const struct spawn spawn = {.argv = argv, .env = no_env, .pass_fd = pass_fd, .out_fd = out_fd};
	return spawn_run(&spawn, err);
}

/* Runs it and gives its output. */
static char *shell(const char *script, int pass_fd)
{
	int ends[2], status;
	struct err err = {0};
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t pid = run_shell(script, pass_fd, ends[1], &err);
	close(ends[1]);
	UNIT_CASE(pid > 0, "%s", err.text);
	char *out = read_all(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return out;
}

static void expect(const char *script, const char *wanted)
{
	char *out = shell(script, -1);
	UNIT_CASE(strcmp(out, wanted) == 0, "%s: %s", script, out);
	free(out);
}

static void test_surroundings(void **state)
{
	(void)state;
	expect("echo $GREETING; pwd; ulimit -Hc; ulimit -c; read x || echo no input", "hello\n/\n0\n0\nno input\n");
	expect("echo told >&2", "told\n");
	setenv("SECRET", "x", 1);
	expect("echo ${SECRET-unset} ${HOME-unset}", "unset unset\n");
}

/* Only 0, 1 and 2, and 3 where one is passed (the shell itself opens none). */
static void test_closes_the_rest(void **state)
{
	(void)state;
	int extra[20], pair[2];
	for (int i = 0; i < 20; i++)
		extra[i] = open("/dev/null", O_RDWR);
	expect("for f in 0 1 2 3 4 5 6 7 8 9 10 15 20 25; do test -e /proc/$$/fd/$f && echo $f; done; true", "0\n1\n2\n");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	char *out = shell("echo through the socket >&3; test -e /proc/$$/fd/4 || echo no more", pair[1]);
	assert_string_equal(out, "no more\n");
	free(out);
	close(pair[1]);
	out = read_all(pair[0]);
	assert_string_equal(out, "through the socket\n");
	free(out);
	for (int i = 0; i < 20; i++)
		close(extra[i]);
}

/* The passed descriptor and the output may already have the numbers that they get, in the wrong order. */
static void test_low_numbers(void **state)
{
	(void)state;
	int pair[2], ends[2], status;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(pipe(ends), 0);
	int out = fcntl(ends[1], F_DUPFD, 40), passed = fcntl(pair[1], F_DUPFD, 40), saved = dup(3);
	close(ends[1]);
	close(pair[1]);
	assert_int_equal(dup2(out, 3), 3);
	assert_int_equal(dup2(passed, 4), 4);
	pid_t pid = run_shell("echo out; echo passed >&3", 4, 3, NULL);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(out);
	close(passed);
	close(4);
	if (saved >= 0)
		dup2(saved, 3);
	else
		close(3);
	char *text = read_all(ends[0]);
	assert_string_equal(text, "out\n");
	free(text);
	text = read_all(pair[0]);
	assert_string_equal(text, "passed\n");
	free(text);
}

static void test_signals(void **state)
{
	(void)state;
	sigset_t block, before;
	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &before);
	signal(SIGPIPE, SIG_IGN);
	char *out = shell("while read name value; do case $name in SigBlk:|SigIgn:) echo $value;; esac; done"
		" < /proc/self/status", -1);
	unsigned long blocked = 1, ignored = 1;
	assert_int_equal(sscanf(out, "%lx %lx", &blocked, &ignored), 2);
	assert_int_equal(blocked, 0);
	/* 32 and 33 are glibc's own: its posix_spawn() ignores them, its sigaction() refuses them, and make is started so. */
	assert_int_equal(ignored & ~(3UL << 31), 0);
	free(out);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void test_cannot_start(void **state)
{
	(void)state;
	struct err err = {0};
	static const struct { const char *program, *says; } cases[] = {
		{"no-such-program-here", "not installed"}, {"/no/such/program", "No such file"}, {"/etc/passwd", "Permission denied"},
		{"/tmp", "Permission denied"},
	};
	for (int detach = 0; detach < 2; detach++) {
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			const char *const argv[] = {cases[i].program, NULL};
			const struct spawn spawn = {.argv = argv, .env = no_env, .pass_fd = -1, .out_fd = -1, .detach = detach};
			assert_int_equal(spawn_run(&spawn, &err), ERR_CONFIG);
			UNIT_CASE(strstr(err.text, cases[i].says) && strstr(err.text, cases[i].program), "%s", err.text);
		}
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_detached(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	const char *const argv[] = {"sh", "-c", "echo $$; read a b c d e session rest < /proc/$$/stat; echo $session", NULL};
	const struct spawn spawn = {.argv = argv, .env = no_env, .pass_fd = -1, .out_fd = ends[1], .detach = true};
	pid_t pid = spawn_run(&spawn, NULL);
	close(ends[1]);
	assert_true(pid > 0);
	char *out = read_all(ends[0]);
	int child = 0, session = 0;
	assert_int_equal(sscanf(out, "%d\n%d", &child, &session), 2);
	free(out);
	assert_int_equal(child, pid);
	assert_int_not_equal(session, getsid(0));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* The child of a parent that is killed gets its signal: its end of the pipe closes. */
static void test_dies_with_parent(void **state)
{
	(void)state;
	int ends[2], told[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(pipe2(told, O_CLOEXEC), 0);
	pid_t parent = fork();
	if (parent == 0) {
		const char *const argv[] = {"sh", "-c", "exec sleep 1000", NULL};
		const struct spawn spawn = {.argv = argv, .env = no_env, .pass_fd = -1, .out_fd = ends[1], .death_signal = SIGTERM};
		char started = spawn_run(&spawn, NULL) > 0 ? 'y' : 'n';
		if (write(told[1], &started, 1) == 1)
			pause();
		_exit(1);
	}
	close(ends[1]);
	char started = 0;
	assert_int_equal(read(told[0], &started, 1), 1);
	assert_int_equal(started, 'y');
	kill(parent, SIGKILL);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	char *out = read_all(ends[0]);
	assert_string_equal(out, "");
	free(out);
	close(told[0]);
	close(told[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_surroundings), cmocka_unit_test(test_closes_the_rest), cmocka_unit_test(test_low_numbers),
		cmocka_unit_test(test_signals), cmocka_unit_test(test_cannot_start), cmocka_unit_test(test_detached),
		cmocka_unit_test(test_dies_with_parent),
	};
	return UNIT_RUN(tests);
}
