/* cmd_history.c - spctl history. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../base/base64.h"
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/sha256.h"
#include "../base/spawn.h"
#include "../base/str.h"
#include "../base/where.h"
#include "commands.h"

static const struct item list_options[] = {
	{"user", "USER", "user", ITEM_USER, "Only this user's calls."},
	{"customer", "ID", "customer_id", 0, "Only calls with this customer."},
	{"since", "TIME", "since", 0, "Only calls that started at this time or later (RFC 3339, or a date)."},
	{"until", "TIME", "until", 0, "Only calls that started before this time."},
	{"owed", NULL, "owed", 0, "Only calls that owe a disposition."},
	{"newest", NULL, "newest", 0, "The newest first."},
	{"number", "NUMBER", "number", 0, "Only calls with this number; of internal calls a login."},
	{"disposition", "CODE", "disposition", ITEM_DISPO, "Only calls with this disposition."},
	{"cause", "CAUSE", "cause", 0, "Only calls that ended for this cause, such as busy."},
	{"direction", "outbound|inbound|internal", "direction", 0, "Only calls of this direction."},
	{"station", "NAME", "station", ITEM_STATION, "Only calls of this station."},
	{"search", "TEXT", "search", 0, "Only calls with this text in number, names, disposition, cause or notes."},
	{0},
};
static const struct item quality_options[] = {
	{"since", "TIME", "since", 0, "Only calls that were answered at this time or later (RFC 3339, or a date)."},
	{"until", "TIME", "until", 0, "Only calls that were answered before this time."},
	{"station", "NAME", "station", ITEM_STATION, "Only calls of this station."},
	{"user", "USER", "user", ITEM_USER, "Only this user's calls."},
	{0},
};
static const struct item call[] = {
	{"CALL", NULL, "call", ITEM_REQUIRED, "The call's id."},
	{0},
};
static const struct item recording_options[] = {
	{"o", "FILE", NULL, ITEM_REQUIRED | ITEM_FILE, "Where the recording goes; - is standard output."},
	{"part", "N", "part", 0, "Which part, of a call whose recording has several; 1 by default."},
	{"all", NULL, NULL, 0, "All parts in one file, whatever --part says, with silence between them."},
	{"force", NULL, NULL, 0, "Replace the file where there is one."},
	{0},
};

/* Where a recording goes: standard output, or a new file that gets its name once it is whole. */
struct target {
	const char *path;           /* NULL: standard output */
	char *unfinished;           /* the file's name until then; NULL: not made yet */
	int fd;
	bool force;
	struct sha256 hash;
	json_int_t written;
};

static int cannot(struct cli *cli, enum err_code code, const char *what, const char *path)
{
	return err_set(&cli->err, code, "cannot %s %s: %s", what, path, strerror(errno));
}

/* What can be wrong with the file is told before anything is copied. */
static int check_target(struct cli *cli, const struct target *target)
{
	struct stat st;

	if (!target->path)
		return !isatty(STDOUT_FILENO) ? 0 :
			err_set(&cli->err, ERR_USAGE, "a recording is not written to a terminal; give -o FILE");
	if (stat(target->path, &st) < 0)
		return errno == ENOENT ? 0 : cannot(cli, ERR_CANNOT_CREATE, "create", target->path);
	if (!S_ISREG(st.st_mode))
		return err_set(&cli->err, ERR_CANNOT_CREATE, "%s is not a file; -o - writes to standard output",
			target->path);
	return target->force ? 0 :
		err_set(&cli->err, ERR_CONFLICT, "%s exists already; --force replaces it", target->path);
}

/* A recording is private: the file is its owner's alone. */
static int open_target(struct cli *cli, struct target *target)
{
	char *name;

	sha256_start(&target->hash);
	target->fd = STDOUT_FILENO;
	if (!target->path)
		return 0;
	name = xasprintf("%s.XXXXXX", target->path);
	target->fd = unfinished_file(name);
	if (target->fd >= 0) {
		target->unfinished = name;
		return 0;
	}
	free(name);
	return cannot(cli, ERR_CANNOT_CREATE, "create", target->path);
}

static int write_all(struct cli *cli, const struct target *target, const unsigned char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(target->fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return cannot(cli, ERR_FAILED, "write", target->path ? target->path : "to standard output");
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* Gives the file its name, and never to half a recording. */
static int finish(struct cli *cli, struct target *target)
{
	if (!target->path)
		return 0;
	if (fsync(target->fd) < 0)
		return cannot(cli, ERR_FAILED, "write", target->path);
	if (renameat2(AT_FDCWD, target->unfinished, AT_FDCWD, target->path, target->force ? 0 : RENAME_NOREPLACE) < 0 &&
	    (errno != EINVAL || rename(target->unfinished, target->path) < 0))  /* a file system without that flag */
		return cannot(cli, ERR_CANNOT_CREATE, "create", target->path);
	unfinished_forget(target->unfinished);
	free(target->unfinished);
	target->unfinished = NULL;
	return 0;
}

static void close_target(struct target *target)
{
	if (target->path && target->fd >= 0)
		close(target->fd);
	if (target->unfinished)
		unfinished_drop(target->unfinished);
	free(target->unfinished);
}

/* ---- the pieces ---- */

static int take_piece(struct cli *cli, struct target *target, const json_t *answer)
{
	const char *text = json_string_value(json_object_get(answer, "data"));
	size_t len;
	unsigned char *bytes = text ? base64_bytes(text, &len) : NULL;
	int status;

	if (!bytes)
		return err_set(&cli->err, ERR_FAILED, "the engine sent a piece of the recording that is not base64");
	sha256_add(&target->hash, bytes, len);
	target->written += (json_int_t)len;
	status = write_all(cli, target, bytes, len);
	free(bytes);
	return status;
}

static int check_whole(struct cli *cli, struct target *target, const json_t *answer)
{
	const json_int_t size = json_integer_value(json_object_get(answer, "size"));
	const char *wanted = json_string_value(json_object_get(answer, "sha256"));
	char got[SHA256_TEXT];

	sha256_end(&target->hash, got);
	if (target->written != size)
		return err_set(&cli->err, ERR_FAILED, "%lld bytes of the recording's %lld came", target->written, size);
	if (wanted && strcmp(wanted, got))
		return err_set(&cli->err, ERR_INVALID,
			"the recording is not what was recorded: its SHA-256 is %s, not %s", got, wanted);
	return 0;
}

/* The parameters of the next piece; the caller's. */
static json_t *next_piece(const json_t *params, const struct target *target)
{
	json_t *piece = json_copy((json_t *)params);

	if (target->written)
		json_object_set_new(piece, "offset", json_integer(target->written));
	return piece;
}

static int copy(struct cli *cli, struct target *target, const json_t *params, json_t **answer)
{
	int status = check_target(cli, target);
	json_int_t before = -1;

	while (!status && target->written > before) {
		before = target->written;
		json_decref(*answer);
		*answer = NULL;
		status = cli_call(cli, "history.recording", next_piece(params, target), answer);
		if (!status && target->fd < 0)
			status = open_target(cli, target);
		if (!status)
			status = take_piece(cli, target, *answer);
		if (json_integer_value(json_object_get(*answer, "next")) != target->written)
			break;                          /* null: that was the last one */
	}
	if (!status)
		status = check_whole(cli, target, *answer);
	return status ? status : finish(cli, target);
}

/* ---- all parts in one ---- */

enum { PARTS_MAX = 1000 };

/* The files of a recording's parts, in a folder of their own, and the arguments that join them. */
struct parts {
	char *folder;
	char *argv[3 + 2 * PARTS_MAX + 1];
	size_t argc;
	int64_t first_ms;
};

static void parts_free(struct parts *parts)
{
	for (size_t i = 0; i < parts->argc; i++) {
		if (str_starts(parts->argv[i], parts->folder))
			unfinished_drop(parts->argv[i]);
		free(parts->argv[i]);
	}
	unfinished_drop(parts->folder);
	free(parts->folder);
}

/* Copies one part; their number, or negative. */
static json_int_t copy_part(struct cli *cli, struct parts *parts, const json_t *params, json_int_t number)
{
	json_t *part = json_copy((json_t *)params), *answer = NULL;
	char *path = xasprintf("%s/%lld.flac", parts->folder, (long long)number);
	struct target target = {.path = path, .fd = -1};
	json_int_t count = -1;
	const char *started;
	int64_t ms = 0;
	int status;

	json_object_set_new(part, "part", json_integer(number));
	unfinished_note(path);
	status = copy(cli, &target, part, &answer);
	close_target(&target);
	started = json_string_value(json_object_get(answer, "started_at"));
	if (!status) {
		if (started)
			time_parse(started, &ms);
		if (number == 1)
			parts->first_ms = ms;
		parts->argv[parts->argc++] = path;
		ms -= parts->first_ms;
		parts->argv[parts->argc++] = xasprintf("%lld", (long long)(ms > 0 ? ms : 0));
		path = NULL;
		count = json_integer_value(json_object_get(answer, "parts"));
	} else {
		unfinished_drop(path);
	}
	free(path);
	json_decref(part);
	json_decref(answer);
	return status ? status : count;
}

static int join(struct cli *cli, struct parts *parts)
{
	static const char *const env[] = {"LC_ALL=C.UTF-8", NULL};
	const struct spawn spawn = {.argv = (const char *const *)parts->argv, .env = env, .pass_fd = -1,
		.out_fd = STDERR_FILENO, .death_signal = SIGTERM};
	pid_t pid = spawn_run(&spawn, &cli->err);
	int ended = 0;

	if (pid < 0)
		return (int)pid;
	unfinished_writer(pid);
	while (waitpid(pid, &ended, 0) < 0 && errno == EINTR)
		;
	unfinished_writer(0);
	return WIFEXITED(ended) && !WEXITSTATUS(ended) ? 0 :
		err_set(&cli->err, ERR_FAILED, "the parts of the recording cannot be joined");
}

/* From the joined file to where it is wanted. */
static int hand_over(struct cli *cli, struct target *target, const char *path)
{
	unsigned char bytes[65536];
	FILE *file = fopen(path, "re");
	int status = file ? open_target(cli, target) : cannot(cli, ERR_FAILED, "read", path);
	size_t n;

	while (!status && (n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		status = write_all(cli, target, bytes, n);
	if (!status && ferror(file))
		status = cannot(cli, ERR_FAILED, "read", path);
	if (!status)
		status = finish(cli, target);
	if (file)
		fclose(file);
	return status;
}

static int copy_all(struct cli *cli, struct target *target, const json_t *params)
{
	const char *tmp = getenv("TMPDIR");
	struct parts parts = {.argc = 0};
	json_int_t count = 1;
	int status = check_target(cli, target);

	if (status)
		return status;
	parts.folder = xasprintf("%s/spctl-parts-XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");
	if (!unfinished_folder(parts.folder)) {
		status = cannot(cli, ERR_CANNOT_CREATE, "create", parts.folder);
		free(parts.folder);
		return status;
	}
	parts.argv[parts.argc] = where_find(WHERE_PROGRAM, "spctl-media", &cli->err);
	if (!parts.argv[parts.argc])
		status = cli->err.code;
	else {
		parts.argc++;
		parts.argv[parts.argc++] = xstrdup("--join");
		parts.argv[parts.argc++] = xasprintf("%s/all.flac", parts.folder);
		unfinished_note(parts.argv[2]);
	}
	for (json_int_t number = 1; !status && number <= count && number <= PARTS_MAX; number++) {
		count = copy_part(cli, &parts, params, number);
		status = count < 0 ? (int)count : 0;
	}
	if (!status)
		status = join(cli, &parts);
	if (!status)
		status = hand_over(cli, target, parts.argv[2]);
	parts_free(&parts);
	return status;
}

static int run_recording(struct cli *cli)
{
	const char *path = line_value(&cli->line, "o");
	const bool all = line_value(&cli->line, "all");
	struct target target = {.path = strcmp(path, "-") ? path : NULL, .fd = -1,
				.force = line_value(&cli->line, "force")};
	json_t *params = cli_params(cli), *answer = NULL;
	json_int_t parts;
	int status;

	if (!params)
		return cli->err.code;
	status = all ? copy_all(cli, &target, params) : copy(cli, &target, params, &answer);
	parts = json_integer_value(json_object_get(answer, "parts"));
	if (!status && parts > 1 && !line_value(&cli->line, "part") && !cli->line.quiet)
		fprintf(stderr, "this is the first of %lld parts; --part N copies another, --all joins them\n", parts);
	close_target(&target);
	json_decref(params);
	json_decref(answer);
	return status;
}

const struct command history_commands[] = {
	{.verb = "list", .method = "history.list", .help = "Lists calls, the oldest first.", .options = list_options,
	 .shape = &shape_history},
	{.verb = "show", .method = "history.show", .help = "Shows a call.", .args = call, .shape = &shape_history},
	{.verb = "quality", .method = "history.quality", .help = "Sums up how calls sounded, by day and station.",
	 .options = quality_options, .shape = &shape_quality},
	{.verb = "recording", .method = "history.recording",
	 .help = "Copies a call's recording (FLAC: left the agent, right the far end).", .args = call,
	 .options = recording_options, .run = run_recording},
	{0},
};
