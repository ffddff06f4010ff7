/*
 * main.c - spctl, the client: reads the command line, runs the command, tells what went wrong.
 *
 * A map: nouns.c is the table of nouns, cmd_*.c describe each noun's commands, line.c reads the command line by them,
 * ask.c asks the engine (proto/client.h), output.c and shapes.c print, help.c explains.  Nothing is decided here: the
 * engine does.
 */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "../base/spawn.h"
#include "../base/utf8.h"
#include "cli.h"

static bool is_decision(const json_t *data)
{
	return json_is_string(json_object_get(data, "decision"));
}

/* An error's text may hold words from outside: a SIP reason phrase, a name. */
static void report_error(struct cli *cli)
{
	char *text = utf8_clean(cli->err.text, strlen(cli->err.text), false);

	json_object_del(cli->error_data, "code");
	if (cli->line.json) {
		json_t *error = json_pack("{s:{s:s, s:s, s:O?}}", "error", "code", err_name(cli->err.code), "message",
			text, "data", cli->error_data);

		cli->out.format = FORMAT_JSON;
		output_object(&cli->out, error);
		json_decref(error);
	}
	fflush(stdout);
	fprintf(stderr, "spctl: %s\n", text);
	if (is_decision(cli->error_data))
		decision_say(cli, stderr, output_may_colour(stderr), cli->error_data, text);
	free(text);
}

/* A reader who left (head) is no error to speak of; a full disk is. */
static int finish_output(int status)
{
	struct pollfd output = {.fd = STDOUT_FILENO};

	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	if (errno != EPIPE && !(poll(&output, 1, 0) > 0 && output.revents & POLLERR))
		fprintf(stderr, "spctl: cannot write to standard output%s%s\n", errno ? ": " : "",
			errno ? strerror(errno) : "");
	return status ? status : err_exit_status(ERR_FAILED);
}

static int explain(const struct line *line)
{
	if (line->version)
		puts("spctl " SPCTL_VERSION);
	else if (line->command)
		help_command(stdout, line->noun, line->command);
	else if (line->noun)
		help_noun(stdout, line->noun);
	else
		help_all(stdout);
	return 0;
}

static int run(struct cli *cli)
{
	const struct line *line = &cli->line;

	if (line->help || line->version)
		return explain(line);
	cli->out.format = line->format;
	cli->out.header = !line->no_header;
	cli->out.colour = line->format == FORMAT_PEOPLE && output_may_colour(stdout);
	cli->out.terminal = line->format == FORMAT_PEOPLE ? output_terminal(stdout) : 0;
	cli->out.shape = line->command->shape;
	return line->command->run ? line->command->run(cli) : ask_and_print(cli);
}

int main(int argc, char **argv)
{
	struct cli cli = {.out.file = stdout};
	int status;

	if (spawn_standard_files() < 0)
		return err_exit_status(ERR_FAILED);
	setlocale(LC_CTYPE, "C.UTF-8");         /* for the width of characters; built into libc */
	tzset();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);               /* write() says so */
	status = line_read(&cli.line, argc, argv, &cli.err);
	if (!status)
		status = run(&cli);
	if (status < 0) {
		report_error(&cli);
		status = err_exit_status(cli.err.code);
	}
	status = finish_output(status);
	client_close(cli.client);
	json_decref(cli.error_data);
	line_free(&cli.line);
	return status;
}
