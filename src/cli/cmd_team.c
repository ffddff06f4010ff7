/* cmd_team.c - spctl team. */
#include "commands.h"

static const struct item name[] = {
	{"NAME", NULL, "name", ITEM_REQUIRED, "The team's name, as stations name it."},
	{0},
};
static const struct item add_options[] = {
	{"did", "NUMBER", "did", ITEM_REQUIRED, "The number that people see who are called by the team."},
	{0},
};
static const struct item set_options[] = {
	{"did", "NUMBER", "did", 0, "The number that people see who are called by the team."},
	{0},
};

const struct command team_commands[] = {
	{.verb = "list", .method = "team.list", .help = "Lists teams.", .shape = &shape_team},
	{.verb = "show", .method = "team.show", .help = "Shows a team.", .args = name, .shape = &shape_team},
	{.verb = "add", .method = "team.add", .help = "Adds a team.", .args = name, .options = add_options,
	 .shape = &shape_team, .done = "team {name} added"},
	{.verb = "set", .method = "team.set", .help = "Changes a team's number, from the next call on.", .args = name,
	 .options = set_options, .flags = COMMAND_SOME, .shape = &shape_team, .done = "team {name} changed"},
	{.verb = "rm", .method = "team.rm", .help = "Removes a team that no station names.", .args = name,
	 .done = "team {removed} removed"},
	{0},
};
