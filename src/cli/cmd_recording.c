/* cmd_recording.c - spctl recording. */
#include <stdio.h>
#include <stdlib.h>
#include "commands.h"

static const struct item list_options[] = {
	{"call", "CALL", "call", 0, "Only those of this call."},
	{"since", "TIME", "since", 0, "Only those that began at this time or later (RFC 3339, or a date)."},
	{"until", "TIME", "until", 0, "Only those that began before this time."},
	{0},
};
static const struct item play_args[] = {
	{"CALL", NULL, "call", ITEM_REQUIRED, "The call's id."},
	{0},
};
static const struct item play_options[] = {
	{"part", "N", "part", 0, "Which part, of a call whose recording has several; 1 by default."},
	{0},
};
static const struct shape shape_recording = {
	.fields = "id call_id user path started_at ended_at size_bytes sha256 pruned_at",
	.columns = "id call_id ?user started_at ?ended_at size_bytes pruned_at",
};

/* A file that is not what was recorded is a failure, so that a script notices. */
static int run_verify(struct cli *cli)
{
	json_t *answer = NULL;
	int status = cli_call(cli, "recording.verify", NULL, &answer);
	const json_t *fault;
	size_t i;

	if (!status && json_integer_value(json_object_get(answer, "wrong"))) {
		if (cli->out.format == FORMAT_PEOPLE)
			json_array_foreach(json_object_get(answer, "faults"), i, fault) {
				char *text = output_text(json_object_get(fault, "text"));

				printf("call %lld: %s\n",
					(long long)json_integer_value(json_object_get(fault, "call_id")), text);
				free(text);
			}
		cli->error_data = answer;
		return err_set(&cli->err, ERR_FAILED, "%lld of %lld recordings are not what was recorded",
			(long long)json_integer_value(json_object_get(answer, "wrong")),
			(long long)json_integer_value(json_object_get(answer, "files")));
	}
	if (!status)
		status = cli_print(cli, answer);
	json_decref(answer);
	return status;
}

const struct command recording_commands[] = {
	{.verb = "list", .method = "recording.list", .help = "Lists recordings, the oldest first.",
	 .options = list_options, .shape = &shape_recording},
	{.verb = "verify", .method = "recording.verify", .help = "Checks that every recording is there and unchanged.",
	 .done = "all recordings are what was recorded: {files}", .run = run_verify},
	{.verb = "prune", .method = "recording.prune",
	 .help = "Deletes the recordings that are past the tenant's retention.",
	 .done = "{pruned} recordings of calls before {before} deleted, {bytes} bytes"},
	{.verb = "play", .method = "recording.play", .help = "Plays a call's recording at the agent's own station.",
	 .args = play_args, .options = play_options, .done = "playing"},
	{.verb = "stop", .method = "recording.stop", .help = "Stops what is played.", .done = "stopped"},
	{0},
};
