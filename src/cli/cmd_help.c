/* cmd_help.c - spctl help. */
#include "commands.h"

static const struct item args[] = {
	{"NOUN", NULL, NULL, 0, "The noun to explain."},
	{"VERB", NULL, NULL, 0, "The verb to explain."},
	{0},
};
static const struct item options[] = {
	{"commands", NULL, NULL, 0,
		"Prints the table of commands for programs, one thing a line, its fields separated by tabs."},
	{"complete", "WORDS", NULL, 0,
		"Prints what could stand after these words, for completion in a shell; each word is a line."},
	{0},
};

static int run_help(struct cli *cli)
{
	const char *name = line_value(&cli->line, "NOUN"), *verb = line_value(&cli->line, "VERB");
	const struct noun *noun = name ? noun_find(name) : NULL;
	const struct command *command = noun ? command_find(noun, verb) : NULL;

	if (line_value(&cli->line, "complete"))
		complete(cli, line_value(&cli->line, "complete"));
	else if (line_value(&cli->line, "commands"))
		help_table(stdout);
	else if (!name)
		help_all(stdout);
	else if (!noun)
		return err_set(&cli->err, ERR_USAGE, "there is no command %s; see spctl help", name);
	else if (verb && !command)
		return err_set(&cli->err, ERR_USAGE, "%s has no %s; see spctl help %s", name, verb, name);
	else if (command)
		help_command(stdout, noun, command);
	else
		help_noun(stdout, noun);
	return 0;
}

const struct command help_commands[] = {
	{.help = "Explains the commands.", .args = args, .options = options, .run = run_help},
	{0},
};
