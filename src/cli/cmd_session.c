/* cmd_session.c - spctl session, login and logout. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/mem.h"
#include "commands.h"

static const struct item login_args[] = {
	{"USER", NULL, "user", ITEM_REQUIRED | ITEM_USER, "The user's login."},
	{"STATION", NULL, "station", ITEM_REQUIRED | ITEM_STATION, "The station's name."},
	{0},
};
static const struct item login_options[] = {
	{"password-file", "FILE", "password", ITEM_SECRET | ITEM_FILE,
		"The user's password stands in this file; - reads standard input, or asks without echo on a terminal."},
	{"take-over", NULL, "take_over", 0,
		"Ends the user's session at another station and moves it here, debts included."},
	{0},
};
static const struct item maybe_user[] = {
	{"USER", NULL, "user", ITEM_USER, "The user's login; without it, one's own session."},
	{0},
};
static const struct item user[] = {
	{"USER", NULL, "user", ITEM_REQUIRED | ITEM_USER, "The user's login."},
	{0},
};
static const struct item pause_args[] = {
	{"REASON", NULL, "reason", ITEM_REQUIRED, "Why: lunch, training."},
	{0},
};
static const struct item dnd_args[] = {
	{"on|off", "on|off", "on", ITEM_REQUIRED, "Whether calls are refused."},
	{0},
};
static const struct item kick_options[] = {
	{"reason", "TEXT", "reason", 0, "Why; goes to the audit log."},
	{0},
};

/* Admins need no password, nor does the user whose account this is (session.login); others are asked, at a terminal. */
static int ask_password(struct cli *cli, json_t *params)
{
	const json_t *hello = client_hello(cli->client);
	const char *login = line_value(&cli->line, "USER");
	const char *role = json_string_value(json_object_get(hello, "role"));
	const char *self = json_string_value(json_object_get(hello, "user"));
	char *password;

	if (json_object_get(params, "password") || (role && !strcmp(role, "admin")) || (self && !strcmp(self, login)))
		return 0;
	if (!isatty(STDIN_FILENO))
		return 0;                               /* the engine says that a password is missing */
	password = password_ask(login, 0, &cli->err);
	if (!password)
		return cli->err.code;
	json_object_set_new(params, "password", json_string(password));
	mem_wipe(password, strlen(password));
	free(password);
	return 0;
}

static int run_login(struct cli *cli)
{
	json_t *params = cli_params(cli), *answer = NULL;
	int status = params ? cli_connect(cli) : (int)cli->err.code;

	if (!status)
		status = ask_password(cli, params);
	if (!status)
		status = cli_call(cli, "session.login", json_incref(params), &answer);
	if (!status)
		status = cli_print(cli, answer);
	json_decref(params);
	json_decref(answer);
	return status;
}

const struct command login_commands[] = {
	{.method = "session.login", .help = "Logs a user in at a station.", .args = login_args,
	 .options = login_options, .shape = &shape_session, .done = "{user} is logged in at {station} and {state}",
	 .run = run_login},
	{0},
};

const struct command logout_commands[] = {
	{.method = "session.logout", .help = "Logs a user out.", .args = maybe_user, .shape = &shape_session,
	 .done = "{user} is logged out"},
	{0},
};

const struct command session_commands[] = {
	{.verb = "show", .method = "session.show", .help = "Shows an agent's session.", .shape = &shape_session},
	{.verb = "list", .method = "session.list", .help = "Lists who is logged in.", .shape = &shape_session},
	{.verb = "pause", .method = "session.pause", .help = "Pauses an agent's session.", .args = pause_args,
	 .shape = &shape_session, .done = "{user} is {state}"},
	{.verb = "ready", .method = "session.ready", .help = "Makes a paused agent ready.", .shape = &shape_session,
	 .done = "{user} is {state}"},
	{.verb = "dnd", .method = "session.dnd", .help = "Lets no call ring at an agent's, or lets calls ring again.",
	 .args = dnd_args, .shape = &shape_session, .done = "{user}: do not disturb: {dnd}"},
	{.verb = "kick", .method = "session.kick", .help = "Ends a user's session, with its call.", .args = user,
	 .options = kick_options, .shape = &shape_session, .done = "{user} is logged out"},
	{0},
};
