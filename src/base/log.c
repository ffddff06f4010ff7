/* log.c - one line a call, in one write, so that lines of several processes on one file do not mix. */
#include "log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "clock.h"
#include "mem.h"
#include "str.h"
#include "utf8.h"

struct limit { char area[24]; enum log_level most; };

static struct {
	char program[32];
	enum log_level most;
	struct limit limits[LOG_AREAS_MAX];
	size_t count;
	bool journal;
	int socket;                 /* of the journal, connected; 0: none */
	const char *path;
} ctx = {.most = LOG_LEVEL_INFO, .path = "/run/systemd/journal/socket"};

static const char *const names[] = {"error", "warn", "info", "debug"};
static const int journal_levels[] = {3, 4, 6, 7};       /* sd-daemon(3) */

/* ---- the journal ------------------------------------------------------------------------------------------------ */

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

static int connect_journal(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = str_copy(to.sun_path, sizeof to.sun_path, ctx.path) ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)
								     : -1;
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return 0;
}

void log_journal(const char *path)
{
	ctx.path = path;
}

/* ---- levels ----------------------------------------------------------------------------------------------------- */

void log_open(const char *program, enum log_level most)
{
	str_copy(ctx.program, sizeof ctx.program, program);
	log_limit(NULL, most);
	ctx.journal = is_journal();
	if (ctx.socket > 0)
		close(ctx.socket);
	ctx.socket = ctx.journal ? connect_journal() : 0;
}

int log_level_by_name(const char *name)
{
	for (int i = 0; i <= LOG_LEVEL_DEBUG; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

const char *log_level_name(enum log_level level)
{
	return names[level];
}

static struct limit *limit_of(const char *area)
{
	for (size_t i = 0; i < ctx.count; i++)
		if (strcmp(ctx.limits[i].area, area) == 0)
			return &ctx.limits[i];
	return NULL;
}

enum log_level log_limit_of(const char *area)
{
	const struct limit *limit = area ? limit_of(area) : NULL;
	return limit ? limit->most : ctx.most;
}

void log_limit(const char *area, enum log_level most)
{
	struct limit *limit = area ? limit_of(area) : NULL;
	if (!area) {
		ctx.most = most;
		ctx.count = 0;
		return;
	}
	if (!limit && ctx.count < LOG_AREAS_MAX) {
		limit = &ctx.limits[ctx.count++];
		str_copy(limit->area, sizeof limit->area, area);
	}
	if (limit)
		limit->most = most;
}

const char *log_limit_at(size_t i, enum log_level *level)
{
	if (i >= ctx.count)
		return NULL;
	if (level)
		*level = ctx.limits[i].most;
	return ctx.limits[i].area;
}

/* One "phone=debug" of a list; set: it counts, else it is only looked at. */
static int take_limit(char *item, const char *known, bool set, struct err *err)
{
	char *level = strchr(item, '=');
	if (!level)
		return err_set(err, ERR_INVALID, "\"%s\" is not AREA=LEVEL, such as phone=debug", item);
	*level++ = '\0';
	char *choices = str_choices(known);
	int most = log_level_by_name(level), status = 0;
	if (!str_is_choice(item, known))
		status = err_set(err, ERR_INVALID, "there is no area \"%s\": it is %s", item, choices);
	else if (most < 0)
		status = err_set(err, ERR_INVALID, "there is no level \"%s\": it is error, warn, info or debug", level);
	else if (set)
		log_limit(item, (enum log_level)most);
	free(choices);
	return status;
}

int log_limits(const char *list, const char *known, bool set, struct err *err)
{
	int status = set ? log_limits(list, known, false, err) : 0;
	char *copy = xstrdup(list), *rest = copy, *item;
	while (!status && (item = strsep(&rest, ", ")))
		if (*item)
			status = take_limit(item, known, set, err);
	free(copy);
	return status;
}

/* ---- lines ------------------------------------------------------------------------------------------------------ */

static void add_escaped(struct str *line, const char *text)
{
	size_t len = strlen(text);
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_char(text + i, len - i);
		if (n == 0 || utf8_is_control(text + i, n)) {
			n = 1;
			str_addf(line, "\\x%02x", (unsigned char)text[i]);
		} else {
			str_addn(line, text + i, n);
		}
	}
}

/* False: the journal does not take it. */
static bool to_journal(enum log_level level, const char *area, const char *text)
{
	struct str line = {0};
	if (ctx.socket <= 0)
		return false;
	str_addf(&line, "PRIORITY=%d\nSYSLOG_IDENTIFIER=%s\nSPCTL_AREA=%s\nMESSAGE=%s: ", journal_levels[level],
		ctx.program, area, area);
	add_escaped(&line, text);
	str_add(&line, "\n");
	bool sent = send(ctx.socket, line.s, line.len, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
	str_free(&line);
	return sent;
}

static void to_stderr(enum log_level level, const char *area, const char *text)
{
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
}

static void write_line(enum log_level level, const char *area, const char *fmt, va_list ap)
{
	char *text = NULL;
	if (level > log_limit_of(area) || vasprintf(&text, fmt, ap) < 0)
		return;
	if (!to_journal(level, area, text))
		to_stderr(level, area, text);
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
