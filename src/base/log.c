/* log.c - one line a call, in one write, so that lines of several processes on one file do not mix. */
#include "log.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "clock.h"
#include "str.h"
#include "utf8.h"

static struct {
	char program[32];
	enum log_level most;
	bool journal;
} ctx = {.most = LOG_LEVEL_INFO};

static const char *const names[] = {"error", "warn", "info", "debug"};
static const int journal_levels[] = {3, 4, 6, 7};       /* sd-daemon(3) */

/* JOURNAL_STREAM is inherited by children whose standard error is something else, so device and inode are compared. */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat st;
	char here[64];
	if (!stream || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(here, sizeof here, "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	return strcmp(stream, here) == 0;
}

void log_open(const char *program, enum log_level most)
{
	str_copy(ctx.program, sizeof ctx.program, program);
	ctx.most = most;
	ctx.journal = is_journal();
}

int log_level_by_name(const char *name)
{
	for (int i = 0; i <= LOG_LEVEL_DEBUG; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

static void add_escaped(struct str *line, const char *text)
{
	size_t len = strlen(text);
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_char(text + i, len - i);
		unsigned char c = (unsigned char)text[i];
		bool c1 = n == 2 && c == 0xc2 && (unsigned char)text[i + 1] < 0xa0;
		if (n == 0 || c < 0x20 || c == 0x7f || c1) {
			n = 1;
			str_addf(line, "\\x%02x", c);
		} else {
			str_addn(line, text + i, n);
		}
	}
}

static void write_line(enum log_level level, const char *area, const char *fmt, va_list ap)
{
	if (level > ctx.most)
		return;
	char *text = NULL;
	if (vasprintf(&text, fmt, ap) < 0)
		return;
	struct str line = {0};
	if (ctx.journal) {
		str_addf(&line, "<%d>", journal_levels[level]);
	} else {
		char now[RFC3339_SIZE];
		str_addf(&line, "%s ", time_format(clock_now_ms(), now));
		if (ctx.program[0])
			str_addf(&line, "%s ", ctx.program);
		str_addf(&line, "%s ", names[level]);
	}
	str_addf(&line, "%s: ", area);
	add_escaped(&line, text);
	str_add(&line, "\n");
	if (write(STDERR_FILENO, line.s, line.len) < 0) {
		/* a log that cannot be written must not stop the work */
	}
	str_free(&line);
	free(text);
}

#define LOG_FUNCTION(name, level) \
	void name(const char *area, const char *fmt, ...) \
	{ \
		va_list ap; \
		va_start(ap, fmt); \
		write_line(level, area, fmt, ap); \
		va_end(ap); \
	}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARN)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)
