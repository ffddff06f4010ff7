/* cmd_dispo.c - spctl dispo. */
#include "commands.h"

static const struct item add_args[] = {
	{"CODE", NULL, "code", ITEM_REQUIRED, "The new code."},
	{"LABEL", NULL, "label", ITEM_REQUIRED, "What people read."},
	{0},
};
static const struct item code[] = {
	{"CODE", NULL, "code", ITEM_REQUIRED | ITEM_DISPO, "The disposition's code."},
	{0},
};
static const struct item add_options[] = {
	{"position", "N", "position", 0, "Its place in the list."},
	{0},
};
static const struct item set_options[] = {
	{"label", "LABEL", "label", 0, "What people read."},
	{"position", "N", "position", 0, "Its place in the list."},
	{"new-code", "CODE", "new_code", 0, "Another code; refused once a call carries the old one."},
	{"retired", "on|off", "retired", 0, "A retired code stays on old calls and is not offered any more."},
	{0},
};
static const struct item save_options[] = {
	{"notes", "TEXT", "notes", 0, "Notes on the call."},
	{"call", "CALL", "call", 0, "The call's id; without it, the oldest call that owes one."},
	{0},
};

const struct command dispo_commands[] = {
	{.verb = "list", .method = "dispo.list", .help = "Lists the dispositions in their order.",
	 .shape = &shape_dispo},
	{.verb = "add", .method = "dispo.add", .help = "Adds a disposition.", .args = add_args, .options = add_options,
	 .shape = &shape_dispo, .done = "disposition {code} added"},
	{.verb = "set", .method = "dispo.set", .help = "Renames, moves or retires a disposition.", .args = code,
	 .options = set_options, .flags = COMMAND_SOME, .shape = &shape_dispo, .done = "disposition {code} changed"},
	{.verb = "rm", .method = "dispo.rm", .help = "Removes a disposition that no call carries.", .args = code,
	 .done = "disposition {removed} removed"},
	{.verb = "save", .method = "dispo.save", .help = "Saves a call's disposition, which ends after-call work.",
	 .args = code, .options = save_options, .shape = &shape_call, .done = "call {id}: {disposition}"},
	{0},
};
