/* cmd_events.c - spctl events, and spctl call watch, which is the events of calls. */
#include <string.h>
#include "commands.h"

static const struct item options[] = {
	{"follow", NULL, NULL, 0,
		"Goes on until it is interrupted, or the engine ends; without it, prints the next event and ends."},
	{"levels", NULL, "levels", 0, "How loud one's own calls are, too, ten times a second."},
	{0},
};

static int subscribe(struct cli *cli)
{
	json_t *answer = NULL;
	int status = cli_call(cli, "events.subscribe",
		line_value(&cli->line, "levels") ? json_pack("{s:b}", "levels", 1) : NULL, &answer);

	json_decref(answer);
	return status;
}

/* Waits for an event as long as it takes. */
static int next_event(struct cli *cli, json_t **event)
{
	int status;

	do
		status = client_event(cli->client, -1, event, &cli->err);
	while (!status);
	return status < 0 ? status : 0;
}

/* Nobody reads any more: that is told at the end, as for every command. */
static bool readers_left(const struct cli *cli)
{
	return !ferror(cli->out.file);
}

static int run_events(struct cli *cli)
{
	bool follow = line_value(&cli->line, "follow");
	json_t *event;
	int status = subscribe(cli);

	if (status)
		return status;
	do {
		status = next_event(cli, &event);
		if (status)
			return status;
		output_row(&cli->out, event);
		json_decref(event);
	} while (follow && readers_left(cli));
	return 0;
}

const struct command events_commands[] = {
	{.method = "events.subscribe", .help = "Prints what happens, as it happens.", .options = options,
	 .flags = COMMAND_STREAM, .shape = &shape_event, .run = run_events},
	{0},
};

static int list_calls(struct cli *cli)
{
	json_t *params = json_pack("{s:i}", "limit", 0), *answer = NULL, *item;
	int status = cli_call(cli, "call.list", params, &answer);
	size_t i;

	json_array_foreach(json_object_get(answer, "items"), i, item)
		output_row(&cli->out, item);
	json_decref(answer);
	return status;
}

int run_watch(struct cli *cli)
{
	json_t *event;
	int status = subscribe(cli);

	if (!status)
		status = list_calls(cli);
	while (!status && readers_left(cli)) {
		status = next_event(cli, &event);
		if (status)
			return status;
		if (!strcmp(json_string_value(json_object_get(event, "event")), "call.changed"))
			output_row(&cli->out, json_object_get(event, "data"));
		json_decref(event);
	}
	return status;
}
