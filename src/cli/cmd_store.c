/* cmd_store.c - spctl db, key and engine: what the engine keeps, and the engine itself. */
#include "commands.h"

enum { STOP_MS = 30000 };

static const struct item backup_args[] = {
	{"FILE", NULL, "path", ITEM_REQUIRED | ITEM_PATH | ITEM_FILE, "Where the copy goes; it must not exist."},
	{0},
};

const struct command db_commands[] = {
	{.verb = "init", .method = "db.init", .help = "Makes the database where there is none."},
	{.verb = "migrate", .method = "db.migrate", .help = "Brings the database to this version's schema."},
	{.verb = "status", .method = "db.status", .help = "Shows the database's place, schema and size."},
	{.verb = "backup", .method = "db.backup", .help = "Copies the database to a file, while work goes on.",
	 .args = backup_args},
	{0},
};

const struct command key_commands[] = {
	{.verb = "init", .method = "key.init", .help = "Makes the key file where there is none."},
	{.verb = "rotate", .method = "key.rotate", .help = "Adds a new key and seals every secret with it."},
	{.verb = "status", .method = "key.status", .help = "Shows the key file's place and the ids of its keys."},
	{0},
};

/* Stopped means gone: the command ends when the engine's end of the socket closes, which may come before the answer. */
static int run_stop(struct cli *cli)
{
	json_t *answer = NULL, *event = NULL;
	int status = cli_connect(cli), got = -1;

	if (status)
		return status;
	status = cli_call(cli, "engine.stop", NULL, &answer);
	json_decref(answer);
	if (status && status != ERR_UNAVAILABLE)
		return status;
	while (!status && (got = client_event(cli->client, STOP_MS, &event, NULL)) > 0)
		json_decref(event);
	if (!got)
		return err_set(&cli->err, ERR_TRY_AGAIN, "the engine was told to stop and has not ended after %d s",
			STOP_MS / 1000);
	cli_say(cli, "the engine has stopped", NULL);
	return 0;
}

static const struct item log_args[] = {
	{"LEVEL", "error|warn|info|debug", "level", 0,
		"The most that is logged from now on: error, warn, info or debug."},
	{"AREA", LOG_AREAS, "area", 0, "Only of this area, such as phone or call; without it of all."},
	{0},
};

const struct command engine_commands[] = {
	{.verb = "status", .method = "engine.status", .help = "Shows the running engine.", .flags = COMMAND_NO_START},
	{.verb = "log", .method = "engine.log",
		.help = "Shows what the engine logs, or changes it until the engine ends.",
	 .args = log_args, .flags = COMMAND_NO_START},
	{.verb = "stop", .method = "engine.stop", .help = "Ends calls and sessions, then the engine.",
	 .flags = COMMAND_NO_START, .run = run_stop},
	{0},
};
