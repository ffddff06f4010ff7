/* cmd_console.c - spctl console: the screen for agents (src/console). */
#include "../console/console.h"
#include "commands.h"

static const struct item options[] = {
	{"user", "USER", NULL, ITEM_USER, "Logs this user in; without it, the console asks."},
	{"station", "STATION", NULL, ITEM_STATION, "At this station; without it, the console asks."},
	{0},
};

static int run_console(struct cli *cli)
{
	const struct console_options asked = {
		.socket = cli->line.socket,
		.tenant = cli->line.tenant,
		.user = line_value(&cli->line, "user"),
		.station = line_value(&cli->line, "station"),
		.no_start = cli->line.no_start,
	};

	return console_run(&asked, &cli->err);
}

const struct command console_commands[] = {
	{.method = NULL, .help = "Opens the screen for a shift: calls, customers, what became of them.",
		.options = options,
	 .run = run_console},
	{0},
};
