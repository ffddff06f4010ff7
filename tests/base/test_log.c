/* The log: its form, what it leaves out, and that nobody from outside writes a line of his own. */
#include "../lib/unit.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* Only when standard error is the stream that JOURNAL_STREAM names. */
static void test_journal(void **state)
{
	(void)state;
	char stream[64];
	struct stat st;
	listen_to_log();
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line), cmocka_unit_test(test_levels), cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_journal),
	};
	return UNIT_RUN(tests);
}
