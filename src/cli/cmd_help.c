/* cmd_help.c - spctl help. */
#include <stdlib.h>
#include "../base/mem.h"
#include "commands.h"

static const struct item args[] = {
	{"NOUN", NULL, NULL, 0, "The noun to explain."},
	{"VERB", NULL, NULL, 0, "The verb to explain."},
	{"WORD", NULL, NULL, 0, "Its second word, where it has two."},
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
	const char *name = line_value(&cli->line, "NOUN"), *first = line_value(&cli->line, "VERB");
	const char *second = line_value(&cli->line, "WORD");
	const struct noun *noun = name ? noun_find(name) : NULL;
	char *verb = second ? xasprintf("%s %s", first, second) : first ? xstrdup(first) : NULL;
	const struct command *command = noun ? command_find(noun, verb) : NULL;
	int status = 0;

	if (line_value(&cli->line, "complete"))
		complete(cli, line_value(&cli->line, "complete"));
	else if (line_value(&cli->line, "commands"))
		help_table(stdout);
	else if (!name)
		help_all(stdout);
	else if (!noun)
		status = err_set(&cli->err, ERR_USAGE, "there is no command %s; see spctl help", name);
	else if (verb && !command)
		status = err_set(&cli->err, ERR_USAGE, "%s has no %s; see spctl help %s", name, verb, name);
	else if (command)
		help_command(stdout, noun, command);
	else
		help_noun(stdout, noun);
	free(verb);
	return status;
}

const struct command help_commands[] = {
	{.help = "Explains the commands.", .args = args, .options = options, .run = run_help},
	{0},
};
