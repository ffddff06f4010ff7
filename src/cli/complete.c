/*
 * complete.c - what could stand next on the command line: spctl help --complete, which the shells' completions ask.
 *
 * The words so far come in one text, a line each, the last one being typed.  Each answer is a line: a word, and behind
 * a tab what it means; ":file" stands for the names of files.
 */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "cli.h"

enum { USED_MAX = 64 };

/* What the words before the one being typed say. */
struct place {
	const struct noun *noun;
	const struct command *command;
	const char *half;                   /* the first word of a verb of two, whose second comes next; or NULL */
	const struct item *option;          /* whose value comes next */
	size_t arguments;                   /* positional ones so far */
	const char *first;                  /* of them, or NULL */
	const struct item *used[USED_MAX];
	size_t used_count;
	bool lost;                          /* a word that is none of ours */
};

static void offer(const char *typed, const char *word, const char *help)
{
	if (str_starts(word, typed))
		printf("%s\t%s\n", word, help);
}

/* A value: behind "--option=" the whole word is offered. */
static void offer_value(const char *typed, const char *value, const char *help)
{
	const char *equals = typed[0] == '-' ? strchr(typed, '=') : NULL;
	char *word = equals ? xasprintf("%.*s%s", (int)(equals + 1 - typed), typed, value) : xstrdup(value);

	offer(typed, word, help);
	free(word);
}

/* ---- where we are ----------------------------------------------------------------------------------------------- */

static const struct item *in(const struct item *items, const char *name, size_t len)
{
	for (; items && items->name; items++)
		if (strlen(items->name) == len && !strncmp(items->name, name, len))
			return items;
	return NULL;
}

static const struct item *find_option(const struct place *place, const char *word)
{
	const char *name = word + strspn(word, "-");
	size_t len = strcspn(name, "=");
	const struct item *item = in(common_items, name, len);

	if (!item)
		item = in(listing_items, name, len);
	if (!item && !strncmp(name, "as", len + 1))
		item = &as_item;
	if (!item && place->command)
		item = in(place->command->options, name, len);
	return item;
}

static void note_option(struct place *place, const char *word)
{
	const struct item *item = find_option(place, word);

	if (item && place->used_count < USED_MAX)
		place->used[place->used_count++] = item;
	if (item && item->value && !strchr(word, '='))
		place->option = item;
}

static bool begins_verb(const struct noun *noun, const char *word)
{
	const size_t len = strlen(word);

	for (const struct command *command = noun->commands; command->help; command++)
		if (command->verb && !strncmp(command->verb, word, len) && command->verb[len] == ' ')
			return true;
	return false;
}

/* The first word of a verb of two is kept until the second is there. */
static void note_verb(struct place *place, const char *word)
{
	char *verb = place->half ? xasprintf("%s %s", place->half, word) : xstrdup(word);

	place->command = command_find(place->noun, verb);
	place->lost = !place->command && (place->half || !begins_verb(place->noun, word));
	place->half = place->command ? NULL : word;
	free(verb);
}

static void note_word(struct cli *cli, struct place *place, const char *word)
{
	if (!strcmp(word, "="))             /* bash takes --name=value apart */
		return;
	if (place->option) {
		if (!strcmp(place->option->name, "tenant"))
			cli->line.tenant = word;
		if (!strcmp(place->option->name, "socket"))
			cli->line.socket = word;
		place->option = NULL;
	} else if (word[0] == '-' && word[1]) {
		note_option(place, word);
	} else if (!place->noun) {
		place->noun = noun_find(word);
		place->lost = !place->noun;
		place->command = place->noun ? command_find(place->noun, NULL) : NULL;
	} else if (!place->command) {
		note_verb(place, word);
	} else {
		if (!place->arguments++)
			place->first = word;
	}
}

/* ---- what fits -------------------------------------------------------------------------------------------------- */

/* Names that the engine knows; without an engine there are none. */
static void offer_names(struct cli *cli, const char *typed, const char *method, const char *name, const char *help)
{
	json_t *answer = NULL, *item;
	size_t i;

	cli->line.no_start = true;
	if (cli_call(cli, method, json_pack("{s:i}", "limit", 0), &answer))
		return;
	json_array_foreach(json_object_get(answer, "items"), i, item) {
		char *word = output_text(json_object_get(item, name));
		char *about = output_text(json_object_get(item, help));

		offer_value(typed, word, strcmp(about, "-") ? about : "");
		free(word);
		free(about);
	}
	json_decref(answer);
}

static void offer_choices(const char *typed, const struct item *item)
{
	for (const char *c = item->value; c; c = strchr(c, '|') ? strchr(c, '|') + 1 : NULL) {
		char *word = xstrndup(c, strcspn(c, "|"));

		offer_value(typed, word, item->help);
		free(word);
	}
}

static void offer_values(struct cli *cli, const char *typed, const struct item *item)
{
	if (item->value && strchr(item->value, '|'))
		offer_choices(typed, item);
	else if (item->flags & ITEM_STATION)
		offer_names(cli, typed, "station.list", "name", "did");
	else if (item->flags & ITEM_USER)
		offer_names(cli, typed, "user.list", "login", "name");
	else if (item->flags & ITEM_DISPO)
		offer_names(cli, typed, "dispo.list", "code", "label");
	else if (item->flags & ITEM_TENANT)
		offer_names(cli, typed, "tenant.list", "name", "timezone");
	else if (item->flags & ITEM_SOUND)
		offer_names(cli, typed, "sound.list", "name", "text");
	else if (item->flags & ITEM_FILE)
		puts(":file");
}

static void offer_option(const struct place *place, const char *typed, const struct item *item)
{
	char *word = xasprintf("%s%s", item->name[1] ? "--" : "-", item->name);
	bool used = false;

	for (size_t i = 0; i < place->used_count; i++)
		used |= place->used[i] == item && !(item->flags & ITEM_MANY);
	if (!used)
		offer(typed, word, item->help);
	free(word);
}

static void offer_options(const struct place *place, const char *typed)
{
	const struct command *command = place->command;

	for (const struct item *item = command ? command->options : NULL; item && item->name; item++)
		offer_option(place, typed, item);
	for (const struct item *item = listing_items; command && item->name && command_takes(command, item); item++)
		offer_option(place, typed, item);
	if (command && command_takes(command, &as_item))
		offer_option(place, typed, &as_item);
	if (command && command_takes(command, &dry_run_item))
		offer_option(place, typed, &dry_run_item);
	for (const struct item *item = common_items; item->name; item++)
		offer_option(place, typed, item);
}

static void offer_nouns(const char *typed)
{
	for (const struct noun *noun = nouns; noun->name; noun++)
		offer(typed, noun->name, noun->help);
}

/* The verbs' words that come next: the first (half NULL), or the second after this first.  Each word once. */
static void offer_verbs(const char *typed, const struct noun *noun, const char *half)
{
	const size_t skip = half ? strlen(half) + 1 : 0;
	char *last = xstrdup("");

	for (const struct command *command = noun->commands; command->help; command++) {
		const char *rest;
		char *word;

		if (!command->verb || (half &&
			(strncmp(command->verb, half, skip - 1) || command->verb[skip - 1] != ' ')))
			continue;
		rest = command->verb + skip;
		word = xstrndup(rest, strcspn(rest, " "));
		if (strcmp(word, last))
			offer(typed, word, strchr(rest, ' ') ? "" : command->help);
		free(last);
		last = word;
	}
	free(last);
}

static void offer_argument(struct cli *cli, const struct place *place, const char *typed)
{
	const struct item *arg = place->command->args;
	bool help = !strcmp(place->noun->name, "help");

	if (help && place->arguments == 0)
		offer_nouns(typed);
	if (help && place->arguments == 1 && noun_find(place->first))
		offer_verbs(typed, noun_find(place->first), NULL);
	for (size_t i = 0; arg && arg->name; arg++, i++)
		if (i == place->arguments)
			offer_values(cli, typed, arg);
}

static void offer_next(struct cli *cli, const struct place *place, const char *typed)
{
	if (place->lost)
		return;
	if (place->option) {
		offer_values(cli, strcmp(typed, "=") ? typed : "", place->option);
	} else if (typed[0] == '-' && strchr(typed, '=')) {
		if (find_option(place, typed))
			offer_values(cli, typed, find_option(place, typed));
	} else if (typed[0] == '-') {
		offer_options(place, typed);
	} else if (!place->noun) {
		offer_nouns(typed);
	} else if (!place->command) {
		offer_verbs(typed, place->noun, place->half);
	} else {
		offer_argument(cli, place, typed);
	}
}

void complete(struct cli *cli, const char *words)
{
	char *copy = xstrdup(words), *word = copy, *end;
	struct place place = {0};

	while ((end = strchr(word, '\n'))) {
		*end = '\0';
		note_word(cli, &place, word);
		word = end + 1;
	}
	offer_next(cli, &place, word);
	client_close(cli->client);          /* before the words that its options point to */
	cli->client = NULL;
	cli->line.tenant = cli->line.socket = NULL;
	free(copy);
}
