/* cmd_history.c - spctl history. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "commands.h"

static const struct item list_options[] = {
	{"user", "USER", "user", ITEM_USER, "Only this user's calls."},
	{"customer", "ID", "customer_id", 0, "Only calls with this customer."},
	{"since", "TIME", "since", 0, "Only calls that started at this time or later (RFC 3339, or a date)."},
	{"until", "TIME", "until", 0, "Only calls that started before this time."},
	{"owed", NULL, "owed", 0, "Only calls that owe a disposition."},
	{"newest", NULL, "newest", 0, "The newest first."},
	{0},
};
static const struct item call[] = {
	{"CALL", NULL, "call", ITEM_REQUIRED, "The call's id."},
	{0},
};
static const struct item recording_options[] = {
	{"o", "FILE", NULL, ITEM_REQUIRED | ITEM_FILE, "Where the recording goes; - is standard output."},
	{0},
};

/* A recording is private: the file is made for its owner alone. */
static int open_target(struct cli *cli, const char *path)
{
	int fd;

	if (!strcmp(path, "-")) {
		if (isatty(STDOUT_FILENO))
			return err_set(&cli->err, ERR_USAGE, "a recording is not written to a terminal; give -o FILE");
		return STDOUT_FILENO;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return fd >= 0 ? fd : err_set(&cli->err, ERR_CANNOT_CREATE, "cannot create %s: %s", path, strerror(errno));
}

static int write_all(struct cli *cli, int fd, const char *bytes, size_t len, const char *path)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return err_set(&cli->err, ERR_FAILED, "cannot write %s: %s", path, strerror(errno));
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int copy(struct cli *cli, const char *from, const char *path)
{
	char bytes[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC), out, status = 0;
	ssize_t n;

	if (in < 0)
		return err_set(&cli->err, ERR_FAILED, "cannot read the recording %s: %s", from, strerror(errno));
	out = open_target(cli, path);
	while (out >= 0 && !status && (n = read(in, bytes, sizeof(bytes))) != 0) {
		if (n > 0)
			status = write_all(cli, out, bytes, (size_t)n, path);
		else if (errno != EINTR)
			status = err_set(&cli->err, ERR_FAILED, "cannot read the recording %s: %s", from,
				strerror(errno));
	}
	close(in);
	if (out < 0)
		return out;
	if (out != STDOUT_FILENO && close(out) && !status)
		status = err_set(&cli->err, ERR_FAILED, "cannot write %s: %s", path, strerror(errno));
	return status;
}

static int run_recording(struct cli *cli)
{
	json_t *params = cli_params(cli), *answer = NULL;
	size_t parts;
	int status;

	if (!params)
		return cli->err.code;
	status = cli_call(cli, "history.recording", params, &answer);
	if (!status)
		status = copy(cli, json_string_value(json_object_get(answer, "path")), line_value(&cli->line, "o"));
	parts = json_array_size(json_object_get(answer, "recordings"));
	if (!status && parts > 1 && !cli->line.quiet)
		fprintf(stderr, "this is the first of %zu parts; spctl history show names them all\n", parts);
	json_decref(answer);
	return status;
}

const struct command history_commands[] = {
	{.verb = "list", .method = "history.list", .help = "Lists calls, the oldest first.", .options = list_options,
	 .shape = &shape_history},
	{.verb = "show", .method = "history.show", .help = "Shows a call.", .args = call, .shape = &shape_history},
	{.verb = "recording", .method = "history.recording",
	 .help = "Copies a call's recording (FLAC: left the agent, right the far end).", .args = call,
	 .options = recording_options, .run = run_recording},
	{0},
};
