/* The log: its form, what it leaves out, and that nobody from outside writes a line of his own. */
#include "../lib/unit.h"
#include "../lib/folder.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "../../src/base/clock.h"
#include "../../src/base/log.h"
#include "../../src/base/str.h"

static int saved = -1, in = -1;

/* Standard error goes into a pipe until told(). */
static void listen_to_log(void)
{
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	saved = dup(STDERR_FILENO);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	close(ends[1]);
	in = ends[0];
}

static char *told(void)
{
	struct str text = {0};
	char bytes[512];
	ssize_t got;
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(saved);
	while ((got = read(in, bytes, sizeof bytes)) > 0)
		str_addn(&text, bytes, (size_t)got);
	close(in);
	return str_take(&text);
}

static void test_line(void **state)
{
	(void)state;
	char time[RFC3339_SIZE];
	int64_t when;
	listen_to_log();
	log_open("spctld", LOG_LEVEL_INFO);
	log_warn("phone", "line %d", 7);
	log_debug("phone", "not shown");
	char *text = told();
	assert_string_equal(text + 24, " spctld warn phone: line 7\n");
	str_copy(time, sizeof time, text);
	time[24] = '\0';
	assert_true(time_parse(time, &when));
	free(text);
}

static void test_levels(void **state)
{
	(void)state;
	listen_to_log();
	log_open("x", LOG_LEVEL_ERROR);
	log_error("a", "1");
	log_warn("a", "2");
	log_info("a", "3");
	log_open("x", LOG_LEVEL_DEBUG);
	log_debug("a", "4");
	char *text = told();
	assert_non_null(strstr(text, " error a: 1\n"));
	assert_null(strstr(text, ": 2\n"));
	assert_null(strstr(text, ": 3\n"));
	assert_non_null(strstr(text, " debug a: 4\n"));
	free(text);
	assert_int_equal(log_level_by_name("warn"), LOG_LEVEL_WARN);
	assert_int_equal(log_level_by_name("loud"), -1);
}

static void test_escapes(void **state)
{
	(void)state;
	listen_to_log();
	log_open("x", LOG_LEVEL_INFO);
	log_info("a", "From: %s", "b\r\n2026 error forged: c\x1b[2J\x7f\xff\xc2\x9b \xc3\xa9%n");
	char *text = told();
	assert_string_equal(text + 24,
		" x info a: From: b\\x0d\\x0a2026 error forged: c\\x1b[2J\\x7f\\xff\\xc2\\x9b \xc3\xa9%n\n");
	free(text);
}

/* Standard error is the journal's stream from now on. */
static void be_journal(void)
{
	char stream[64];
	struct stat st;
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
}

/* Only when standard error is the stream that JOURNAL_STREAM names. */
static void test_journal(void **state)
{
	(void)state;
	listen_to_log();
	be_journal();
	log_journal("/nonexistent/journal");
	log_open("x", LOG_LEVEL_INFO);
	log_warn("a", "b");
	setenv("JOURNAL_STREAM", "1:2", 1);
	log_open("x", LOG_LEVEL_INFO);
	log_warn("a", "c");
	unsetenv("JOURNAL_STREAM");
	char *text = told();
	assert_true(str_starts(text, "<4>a: b\n20"));
	free(text);
}

/* Where the journal has a socket, each line is a message of fields. */
static void test_journal_socket(void **state)
{
	(void)state;
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char folder[32], message[512];
	assert_non_null(folder_new(folder));
	snprintf(at.sun_path, sizeof at.sun_path, "%s/socket", folder);
	int journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(journal, (struct sockaddr *)&at, sizeof at), 0);
	listen_to_log();
	be_journal();
	log_journal(at.sun_path);
	log_open("spctld", LOG_LEVEL_INFO);
	log_warn("phone", "a\nPRIORITY=0 %d", 7);
	ssize_t got = recv(journal, message, sizeof message - 1, 0);
	assert_true(got > 0);
	message[got] = '\0';
	assert_string_equal(message,
		"PRIORITY=4\nSYSLOG_IDENTIFIER=spctld\nSPCTL_AREA=phone\nMESSAGE=phone: a\\x0aPRIORITY=0 7\n");
	close(journal);
	unlink(at.sun_path);
	log_info("phone", "the journal is gone");
	unsetenv("JOURNAL_STREAM");
	log_open("x", LOG_LEVEL_INFO);
	char *text = told();
	assert_string_equal(text, "<6>phone: the journal is gone\n");
	free(text);
	folder_remove(folder);
}

static void test_areas(void **state)
{
	(void)state;
	struct err err = {0};
	enum log_level level;
	listen_to_log();
	log_open("x", LOG_LEVEL_WARN);
	assert_int_equal(log_limits("phone=debug, call=error", "call|phone|sound", true, &err), 0);
	log_debug("phone", "1");
	log_warn("call", "2");
	log_error("call", "3");
	log_warn("sound", "4");
	log_info("sound", "5");
	assert_string_equal(log_limit_at(1, &level), "call");
	assert_int_equal(level, LOG_LEVEL_ERROR);
	assert_null(log_limit_at(2, NULL));
	assert_int_equal(log_limit_of("sound"), LOG_LEVEL_WARN);
	static const char *const bad[][2] = {{"phone", "AREA=LEVEL"}, {"phones=debug", "call, phone or sound"},
		{"phone=loud", "loud"}, {"call=info,phone=", "level"}, {"=debug", "area"}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(log_limits(bad[i][0], "call|phone|sound", true, &err), ERR_INVALID);
		UNIT_CASE(strstr(err.text, bad[i][1]), "%s: %s", bad[i][0], err.text);
	}
	assert_int_equal(log_limit_of("call"), LOG_LEVEL_ERROR);
	assert_int_equal(log_limits("call=debug", "call", false, &err), 0);
	assert_int_equal(log_limit_of("call"), LOG_LEVEL_ERROR);
	log_limit("call", LOG_LEVEL_DEBUG);
	log_debug("call", "6");
	log_limit(NULL, LOG_LEVEL_ERROR);
	log_warn("phone", "7");
	assert_null(log_limit_at(0, NULL));
	for (int i = 0; i < 2 * LOG_AREAS_MAX; i++) {
		char name[16];
		snprintf(name, sizeof name, "a%d", i);
		log_limit(name, LOG_LEVEL_DEBUG);
	}
	assert_non_null(log_limit_at(LOG_AREAS_MAX - 1, NULL));
	assert_null(log_limit_at(LOG_AREAS_MAX, NULL));
	log_open("x", LOG_LEVEL_INFO);
	char *text = told(), said[8] = "", *rest = text, *line;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			strncat(said, line + strlen(line) - 1, 1);
	assert_string_equal(said, "1346");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line), cmocka_unit_test(test_levels), cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_journal), cmocka_unit_test(test_journal_socket), cmocka_unit_test(test_areas),
	};
	return UNIT_RUN(tests);
}
