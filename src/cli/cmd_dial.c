/*
 * cmd_dial.c - spctl call check, call dial and call redial.
 *
 * The engine owns the call and every timeout; --wait only watches.  The first interrupt while waiting hangs the call up
 * and waits for its end, the second ends this command alone.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "commands.h"

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

struct dial {
	struct cli *cli;
	json_t *call;               /* as it was told last */
	bool to_the_end;            /* wait for the end, not only for an answer */
	bool hung_up;
	sigset_t waiting;           /* the signals that are let in only while nothing else is done */
};

/* ---- check ------------------------------------------------------------------------------------------------------ */

int run_check(struct cli *cli)
{
	json_t *params = cli_params(cli), *decision = NULL;
	const char *verdict;
	int status;

	if (!params)
		return cli->err.code;
	status = cli_call(cli, "call.check", params, &decision);
	if (status)
		return status;
	if (cli->out.format == FORMAT_PEOPLE)
		decision_say(cli, stdout, cli->out.colour, decision, NULL);
	else
		output_object(&cli->out, decision);
	verdict = json_string_value(json_object_get(decision, "decision")) ?: "";
	if (strcmp(verdict, "allowed"))
		status = err_exit_status(!strcmp(verdict, "needs_ack") ? ERR_NEEDS_ACK : ERR_BLOCKED);
	json_decref(decision);
	return status;
}

/* ---- waiting ---------------------------------------------------------------------------------------------------- */

static bool is_state(const struct dial *dial, const char *state)
{
	return !strcmp(json_string_value(json_object_get(dial->call, "state")) ?: "", state);
}

static bool was_answered(const struct dial *dial)
{
	return json_is_string(json_object_get(dial->call, "answered_at"));
}

static void say_progress(const struct dial *dial)
{
	if (isatty(STDERR_FILENO) && !dial->cli->line.quiet)
		fprintf(stderr, "call %" JSON_INTEGER_FORMAT ": %s\n",
			json_integer_value(json_object_get(dial->call, "id")),
			json_string_value(json_object_get(dial->call, "state")));
}

/* What people at the screen should know, when it names our call: why nobody hears anything, or is not recorded. */
static void say_notice(const struct dial *dial, const json_t *notice)
{
	char name[40];
	const char *text = json_string_value(json_object_get(notice, "text")) ?: "", *at;

	snprintf(name, sizeof(name), "call %" JSON_INTEGER_FORMAT,
		json_integer_value(json_object_get(dial->call, "id")));
	at = strstr(text, name);
	if (at && !strchr("0123456789", at[strlen(name)] ? at[strlen(name)] : ' ')) {
		char *clean = output_text(json_object_get(notice, "text"));

		fprintf(stderr, "spctl: %s\n", clean);
		free(clean);
	}
}

/* Takes an event over when it tells of our call. */
static void note_event(struct dial *dial, json_t *event)
{
	json_t *call = json_object_get(event, "data");

	if (!strcmp(json_string_value(json_object_get(event, "event")) ?: "", "notice"))
		say_notice(dial, call);
	else if (!strcmp(json_string_value(json_object_get(event, "event")) ?: "", "call.changed") &&
	    json_equal(json_object_get(call, "id"), json_object_get(dial->call, "id"))) {
		bool news = !is_state(dial, json_string_value(json_object_get(call, "state")) ?: "");

		json_decref(dial->call);
		dial->call = json_incref(call);
		if (news)
			say_progress(dial);
	}
	json_decref(event);
}

/* Waits for an event or a signal. */
static int wait_event(struct dial *dial)
{
	struct pollfd fd = {.fd = client_fd(dial->cli->client), .events = POLLIN};
	json_t *event = NULL;
	int status = client_event(dial->cli->client, 0, &event, &dial->cli->err);

	if (status > 0)
		note_event(dial, event);
	else if (!status && ppoll(&fd, 1, NULL, &dial->waiting) < 0 && errno != EINTR)
		return err_set(&dial->cli->err, ERR_FAILED, "cannot wait for the engine: %s", strerror(errno));
	return status < 0 ? status : 0;
}

/* A call that has just ended by itself cannot be hung up any more; its end is on the way then. */
static void hang_up(struct dial *dial)
{
	json_t *answer = NULL, *params = json_pack("{s:O}", "call", json_object_get(dial->call, "id"));

	dial->hung_up = true;
	if (cli_call(dial->cli, "call.hangup", params, &answer) && dial->cli->err.code != ERR_UNAVAILABLE)
		dial->cli->err.code = ERR_NONE;
	json_decref(answer);
	json_decref(dial->cli->error_data);
	dial->cli->error_data = NULL;
}

static int wait_call(struct dial *dial)
{
	int status = 0;

	while (!status && !is_state(dial, "ended")) {
		if (!dial->to_the_end && !dial->hung_up && was_answered(dial))
			break;
		if (interrupted && !dial->hung_up)
			hang_up(dial);
		status = wait_event(dial);
	}
	return status;
}

/* Lets the interrupt in only while waiting, so that none is lost between a look and the wait. */
static void catch_interrupt(struct dial *dial)
{
	const struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
	sigset_t interrupt;

	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(SIG_BLOCK, &interrupt, &dial->waiting);
	sigdelset(&dial->waiting, SIGINT);
	sigaction(SIGINT, &action, NULL);
}

static int report(struct dial *dial)
{
	struct cli *cli = dial->cli;
	const json_t *sip = json_object_get(dial->call, "sip_code");
	const char *cause = json_string_value(json_object_get(dial->call, "cause")) ?: "failed";
	const char *reason = json_string_value(json_object_get(dial->call, "sip_reason")) ?: "";
	const char *number = json_string_value(json_object_get(dial->call, "number")) ?: "";

	if (was_answered(dial)) {
		if (cli->out.format != FORMAT_PEOPLE)
			output_object(&cli->out, dial->call);
		else if (is_state(dial, "ended"))
			cli_say(cli, "call {id} to {number}: answered, ended after {talk_seconds} s: {cause}",
				dial->call);
		else
			cli_say(cli, "call {id} to {number}: answered", dial->call);
		return 0;
	}
	cli->error_data = json_incref(dial->call);
	if (json_integer_value(sip))
		return err_set(&cli->err, ERR_NOT_ANSWERED,
			"the call to %s was not answered: %s (%" JSON_INTEGER_FORMAT "%s%s)", number, cause,
			json_integer_value(sip), *reason ? " " : "", reason);
	return err_set(&cli->err, ERR_NOT_ANSWERED, "the call to %s was not answered: %s", number, cause);
}

static int dial_and_wait(struct cli *cli, json_t *params, const char *until)
{
	struct dial dial = {.cli = cli, .to_the_end = !strcmp(until, "end")};
	json_t *answer = NULL;
	int status = cli_call(cli, "events.subscribe", NULL, &answer);

	json_decref(answer);
	if (status) {
		json_decref(params);
		return status;
	}
	catch_interrupt(&dial);
	status = cli_call(cli, cli->line.command->method, params, &dial.call);
	if (!status) {
		say_progress(&dial);
		status = wait_call(&dial);
	}
	if (!status)
		status = report(&dial);
	json_decref(dial.call);
	return status;
}

int run_dial(struct cli *cli)
{
	const char *until = line_value(&cli->line, "wait");
	json_t *params;

	if (!until)
		return ask_and_print(cli);
	params = cli_params(cli);
	return params ? dial_and_wait(cli, params, until) : cli->err.code;
}
