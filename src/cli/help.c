/* help.c - tells of the tables of commands, to people and to programs. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "cli.h"

enum { WIDTH = 80, LEFT = 26 };

/* ---- pieces ----------------------------------------------------------------------------------------------------- */

/* "--did NUMBER", "-o FILE", "NAME" */
static char *spelling(const struct item *item, bool argument)
{
	const char *dashes = argument ? "" : item->name[1] ? "--" : "-";

	return xasprintf("%s%s%s%s", dashes, item->name, item->value && !argument ? " " : "",
		item->value && !argument ? item->value : "");
}

static void put_words(FILE *file, const char *text, size_t indent, size_t *column)
{
	while (*text) {
		size_t len = strcspn(text, " ");

		if (*column > indent && *column + 1 + len > WIDTH) {
			fprintf(file, "\n%*s", (int)indent, "");
			*column = indent;
		} else if (*column > indent) {
			putc(' ', file);
			++*column;
		}
		fprintf(file, "%.*s", (int)len, text);
		*column += len;
		text += len + (text[len] == ' ');
	}
}

/* A name, and beside it what it does. */
static void put_entry(FILE *file, const char *name, const char *help)
{
	size_t column = LEFT;

	if (strlen(name) + 4 > LEFT)
		fprintf(file, "  %s\n%*s", name, LEFT, "");
	else
		fprintf(file, "  %-*s", LEFT - 2, name);
	put_words(file, help, LEFT, &column);
	putc('\n', file);
}

static void put_items(FILE *file, const struct item *items, bool argument)
{
	for (; items && items->name; items++) {
		char *name = spelling(items, argument);

		put_entry(file, name, items->help);
		free(name);
	}
}

/* Kept together by no-break blanks of our own: a value stays on the line of its option. */
static void put_usage_item(FILE *file, const struct item *item, bool argument, size_t indent, size_t *column)
{
	char *name = spelling(item, argument);
	bool required = item->flags & ITEM_REQUIRED;
	size_t len = strlen(name) + (required ? 0 : 2) + (item->flags & ITEM_MANY ? 3 : 0);

	if (*column + 1 + len > WIDTH) {
		fprintf(file, "\n%*s", (int)indent - 1, "");
		*column = indent - 1;
	}
	fprintf(file, " %s%s%s%s", required ? "" : "[", name, required ? "" : "]",
		item->flags & ITEM_MANY ? "..." : "");
	*column += len + 1;
	free(name);
}

static void put_usage(FILE *file, const struct noun *noun, const struct command *command)
{
	size_t column, indent;

	column = (size_t)fprintf(file, "usage: spctl %s%s%s", noun->name, command->verb ? " " : "",
		command->verb ?: "");
	indent = column;
	for (const struct item *arg = command->args; arg && arg->name; arg++)
		put_usage_item(file, arg, true, indent + 1, &column);
	for (const struct item *option = command->options; option && option->name; option++)
		put_usage_item(file, option, false, indent + 1, &column);
	fputs("\n\n", file);
}

/* ---- for people ------------------------------------------------------------------------------------------------- */

void help_all(FILE *file)
{
	fputs("usage: spctl NOUN VERB [ARGUMENT...] [OPTION...]\n\n"
	      "spctl places and takes telephone calls through a compliance gate.\n\nCommands:\n", file);
	for (const struct noun *noun = nouns; noun->name; noun++)
		put_entry(file, noun->name, noun->help);
	fputs("\nOptions of every command:\n", file);
	put_items(file, common_items, false);
	fputs("\nOptions of commands that list, act for an agent, or change things:\n", file);
	put_items(file, listing_items, false);
	put_entry(file, "--as USER", as_item.help);
	put_entry(file, "--dry-run", dry_run_item.help);
	fputs("\nspctl NOUN --help tells of one noun, spctl NOUN VERB --help of one command.\nSee also spctl(1).\n",
		file);
}

void help_noun(FILE *file, const struct noun *noun)
{
	const struct command *command = command_find(noun, NULL);

	if (command) {
		help_command(file, noun, command);
		return;
	}
	fprintf(file, "usage: spctl %s VERB [ARGUMENT...] [OPTION...]\n\n%s\n\nVerbs:\n", noun->name, noun->help);
	for (command = noun->commands; command->help; command++)
		put_entry(file, command->verb, command->help);
	fprintf(file, "\nspctl %s VERB --help tells of one of them; see also %s.\n", noun->name, noun->page);
}

void help_command(FILE *file, const struct noun *noun, const struct command *command)
{
	bool lists = command_takes(command, listing_items), acts = command_takes(command, &as_item);
	bool tries = command_takes(command, &dry_run_item);

	put_usage(file, noun, command);
	fprintf(file, "%s\n", command->help);
	if (command->args)
		fputs("\nArguments:\n", file);
	put_items(file, command->args, true);
	if (command->options || lists || acts || tries)
		fputs("\nOptions:\n", file);
	put_items(file, command->options, false);
	if (lists)
		put_items(file, listing_items, false);
	if (acts)
		put_entry(file, "--as USER", as_item.help);
	if (tries)
		put_entry(file, "--dry-run", dry_run_item.help);
	fprintf(file, "\nspctl help lists the options of every command; see also %s.\n", noun->page);
}

/* ---- for programs ----------------------------------------------------------------------------------------------- */

static const char *completes(const struct item *item)
{
	static const struct { unsigned flag; const char *name; } kinds[] = {
		{ITEM_STATION, "station"}, {ITEM_USER, "user"}, {ITEM_DISPO, "dispo"}, {ITEM_TENANT, "tenant"},
		{ITEM_FILE, "file"}, {ITEM_SOUND, "sound"},
	};

	if (item->value && strchr(item->value, '|'))
		return item->value;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (item->flags & kinds[i].flag)
			return kinds[i].name;
	return "-";
}

static void table_item(FILE *file, const char *what, const struct noun *noun, const struct command *command,
	const struct item *item)
{
	const char *dashes = !strcmp(what, "argument") ? "" : item->name[1] ? "--" : "-";

	fprintf(file, "%s\t%s\t%s\t%s%s\t%s\t%s\t%s%s\t%s\n", what, noun ? noun->name : "-",
		command && command->verb ? command->verb : "-", dashes, item->name, item->value ?: "-", completes(item),
		item->flags & ITEM_REQUIRED ? "required" : "optional", item->flags & ITEM_MANY ? ",many" : "",
		item->help);
}

static void table_command(FILE *file, const struct noun *noun, const struct command *command)
{
	fprintf(file, "command\t%s\t%s\t%s\t-\t-\t-\t%s\n", noun->name, command->verb ?: "-", command->method ?: "-",
		command->help);
	for (const struct item *item = command->args; item && item->name; item++)
		table_item(file, "argument", noun, command, item);
	for (const struct item *item = command->options; item && item->name; item++)
		table_item(file, "option", noun, command, item);
	for (const struct item *item = listing_items; item->name && command_takes(command, listing_items); item++)
		table_item(file, "option", noun, command, item);
	if (command_takes(command, &as_item))
		table_item(file, "option", noun, command, &as_item);
	if (command_takes(command, &dry_run_item))
		table_item(file, "option", noun, command, &dry_run_item);
}

void help_table(FILE *file)
{
	for (const struct item *item = common_items; item->name; item++)
		table_item(file, "common", NULL, NULL, item);
	for (const struct noun *noun = nouns; noun->name; noun++) {
		fprintf(file, "noun\t%s\t-\t%s\t-\t-\t-\t%s\n", noun->name, noun->page, noun->help);
		for (const struct command *command = noun->commands; command->help; command++)
			table_command(file, noun, command);
	}
}
