/*
 * line.c - reads the command line by the tables of commands.
 *
 * Options stand anywhere: those of every command also before the noun and between noun and verb.  So the line is read
 * in three steps: up to the noun, up to the verb, and the rest with that command's own options.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "../base/utf8.h"
#include "cli.h"

enum { OPTIONS_MAX = 64, FIRST_LONG = 256 };

/* What getopt_long() is given for one step, and whose each long option is. */
struct step {
	struct option table[OPTIONS_MAX];
	const struct item *items[OPTIONS_MAX];
	size_t count;
	const struct item *lettered;        /* the one option that is a letter and takes a value, or NULL */
	char letters[8];
};

static void step_add(struct step *step, const struct item *item)
{
	size_t n = strlen(step->letters);

	if (!item->name[1]) {
		step->letters[n] = item->name[0];
		step->letters[n + 1] = ':';
		step->lettered = item;
		return;
	}
	step->items[step->count] = item;
	step->table[step->count] = (struct option){item->name, item->value ? required_argument : no_argument, NULL,
						   (int)(FIRST_LONG + step->count)};
	step->count++;
}

static void step_add_all(struct step *step, const struct item *items)
{
	for (; items && items->name && step->count + 1 < OPTIONS_MAX; items++)
		step_add(step, items);
}

static void step_fill(struct step *step, const struct command *command)
{
	/* '+': stops at the first word that is no option; ':': a missing value is told apart from an unknown option. */
	memset(step, 0, sizeof(*step));
	str_copy(step->letters, sizeof(step->letters), command ? ":qh" : "+:qh");
	step_add_all(step, common_items);
	step_add_all(step, listing_items);
	step_add(step, &as_item);
	step_add(step, &dry_run_item);
	if (command)
		step_add_all(step, command->options);
}

/* The command as it is typed: "station add", "login". */
static const char *command_words(const struct line *line, char out[64])
{
	str_copy(out, 64, line->noun->name);
	if (line->command && line->command->verb) {
		strncat(out, " ", 2);
		strncat(out, line->command->verb, 32);
	}
	return out;
}

static int unknown_option(const struct step *step, const char *word, struct err *err)
{
	const char *names[OPTIONS_MAX + 1] = {0}, *near;
	char name[64];

	str_copy(name, sizeof(name), word + strspn(word, "-"));
	name[strcspn(name, "=")] = '\0';
	for (size_t i = 0; i < step->count; i++)
		names[i] = step->items[i]->name;
	near = nearest(name, names);
	if (near)
		return err_set(err, ERR_USAGE, "unknown option %.60s; did you mean --%s?", word, near);
	return err_set(err, ERR_USAGE, "unknown option %.60s; --help lists the options", word);
}

/* getopt_long() takes an option's beginning for the whole; scripts would break with the next option like it. */
static bool whole_name(const struct option *option, const char *word)
{
	size_t len = strlen(option->name);

	return !strncmp(word, "--", 2) && !strncmp(word + 2, option->name, len) &&
	       (word[2 + len] == '\0' || word[2 + len] == '=');
}

static const struct method *method_of(const struct line *line)
{
	return line->command && line->command->method ? method_find(line->command->method) : NULL;
}

bool clears_number(const struct param *param, const char *text)
{
	return param->clears && (!*text || !strcmp(text, "default"));
}

static const char *dashes_of(const struct item *option)
{
	return option->name[1] ? "--" : "-";
}

/* A value that cannot be right is refused before an engine is asked, or even started. */
static int check_value(const struct line *line, const struct item *item, const char *text, bool argument,
	struct err *err)
{
	const struct method *method = method_of(line);
	const struct param *param = method && item->param ? method_param(method, item->param) : NULL;
	const char *dashes = argument ? "" : dashes_of(item);
	long long number;

	if (!utf8_valid(text, strlen(text)))
		return err_set(err, ERR_INVALID, "%s%s: the value is not valid UTF-8", dashes, item->name);
	if (item->value && strchr(item->value, '|') && !str_is_choice(text, item->value))
		return err_set(err, ERR_INVALID, "%s%s: %s is none of %s", dashes, item->name,
			*text ? text : "an empty text", item->value);
	if (param && param->type == PARAM_INT && !clears_number(param, text) &&
	    !str_int(text, INT64_MIN, INT64_MAX, &number))
		return err_set(err, ERR_INVALID, "%s%s: %s is not a whole number", dashes, item->name,
			*text ? text : "an empty text");
	return 0;
}

static int give(struct line *line, const struct item *item, const char *text, bool argument, struct err *err)
{
	if (!(item->flags & ITEM_MANY))
		for (size_t i = 0; i < line->count; i++)
			if (line->given[i].item == item)
				return err_set(err, ERR_USAGE, "%s%s is given twice", dashes_of(item), item->name);
	if (text) {
		int status = check_value(line, item, text, argument, err);

		if (status)
			return status;
	}
	line->given = xrealloc(line->given, (line->count + 1) * sizeof(*line->given));
	line->given[line->count++] = (struct given){item, text, argument};
	return 0;
}

static int set_format(struct line *line, enum format format, struct err *err)
{
	static const char *const names[] = {"", "--json", "--ndjson", "--csv"};

	if (line->format != FORMAT_PEOPLE && line->format != format)
		return err_set(err, ERR_USAGE, "%s and %s exclude each other", names[line->format], names[format]);
	line->format = format;
	return 0;
}

static int set_number(const char *name, const char *text, long long *out, struct err *err)
{
	if (text && str_int(text, 0, INT64_MAX, out))
		return 0;
	return err_set(err, ERR_INVALID, "--%s: %s is not a whole number from 0 on", name,
		text && *text ? text : "an empty text");
}

/* An option of every command.  Those that only some take are kept as given, and checked once the command is known. */
static int common_option(struct line *line, const struct item *item, const char *text, struct err *err)
{
	const char *name = item->name;

	if (text && !utf8_valid(text, strlen(text)))
		return err_set(err, ERR_INVALID, "--%s: the value is not valid UTF-8", name);
	if (item == &dry_run_item)
		line->dry_run = true;
	else if (item == &as_item)
		line->as = text;
	else if (!strcmp(name, "limit"))
		return set_number(name, text, &line->limit, err);
	else if (!strcmp(name, "after"))
		return set_number(name, text, &line->after, err);
	else if (!strcmp(name, "json"))
		return set_format(line, FORMAT_JSON, err);
	else if (!strcmp(name, "ndjson"))
		return set_format(line, FORMAT_NDJSON, err);
	else if (!strcmp(name, "csv"))
		return set_format(line, FORMAT_CSV, err);
	else if (!strcmp(name, "no-header"))
		line->no_header = true;
	else if (!strcmp(name, "quiet"))
		line->quiet = true;
	else if (!strcmp(name, "tenant"))
		line->tenant = text;
	else if (!strcmp(name, "socket"))
		line->socket = text;
	else if (!strcmp(name, "no-start"))
		line->no_start = true;
	else if (!strcmp(name, "help"))
		line->help = true;
	else
		line->version = true;
	return 0;
}

static bool is_own(const struct command *command, const struct item *item)
{
	for (const struct item *own = command ? command->options : NULL; own && own->name; own++)
		if (own == item)
			return true;
	return false;
}

/* One option that getopt_long() found; word is how it was typed. */
static int take(struct line *line, const struct step *step, int c, const char *word, struct err *err)
{
	const struct item *item;

	if (c == 'q' || c == 'h') {
		line->quiet |= c == 'q';
		line->help |= c == 'h';
		return 0;
	}
	if (c == '?' && optopt >= FIRST_LONG)
		return err_set(err, ERR_USAGE, "--%s takes no value", step->items[optopt - FIRST_LONG]->name);
	if (c == '?' && optopt)
		return err_set(err, ERR_USAGE, "unknown option -%c; --help lists the options", optopt);
	if (c == '?')
		return unknown_option(step, word, err);
	if (c == ':') {
		item = optopt >= FIRST_LONG ? step->items[optopt - FIRST_LONG] : step->lettered;
		return err_set(err, ERR_USAGE, "%s%s needs a value: %s", dashes_of(item), item->name, item->value);
	}
	item = c >= FIRST_LONG ? step->items[c - FIRST_LONG] : step->lettered;
	if (c >= FIRST_LONG && !whole_name(&step->table[c - FIRST_LONG], word))
		return unknown_option(step, word, err);
	if (is_own(line->command, item))
		return give(line, item, optarg, false, err);
	return common_option(line, item, optarg, err);
}

/* Reads options after words[0]; returns the index of the first word that is none. */
static int read_options(struct line *line, int count, char **words, struct err *err)
{
	struct step step;
	int c, first_error = 0;

	step_fill(&step, line->command);
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(count, words, step.letters, step.table, NULL)) != -1) {
		const char *word = words[optind - 1];
		struct err *where = first_error ? NULL : err;
		int status;

		if (c >= FIRST_LONG && optarg && optarg == word)
			word = words[optind - 2];
		status = take(line, &step, c, word, where);
		if (status && !first_error)
			first_error = status;
	}
	return first_error ? first_error : optind;
}

static int find_noun(struct line *line, const char *word, struct err *err)
{
	const char *names[OPTIONS_MAX] = {0}, *near;

	line->noun = noun_find(word);
	if (line->noun)
		return 0;
	for (size_t i = 0; nouns[i].name; i++)
		names[i] = nouns[i].name;
	near = nearest(word, names);
	if (near)
		return err_set(err, ERR_USAGE, "there is no command %.60s; did you mean %s?", word, near);
	return err_set(err, ERR_USAGE, "there is no command %.60s; spctl help lists them", word);
}

/* The second words of verbs that begin with this one, as "add, drop"; "" when there are none.  The caller frees. */
static char *second_words(const struct noun *noun, const char *first, const char *names[OPTIONS_MAX])
{
	const size_t len = strlen(first);
	struct str list = {0};
	size_t n = 0;

	for (const struct command *c = noun->commands; c->help; c++) {
		if (!c->verb || strncmp(c->verb, first, len) || c->verb[len] != ' ')
			continue;
		names[n++] = c->verb + len + 1;
		str_addf(&list, "%s%s", list.len ? ", " : "", c->verb + len + 1);
	}
	return str_take(&list);
}

static int wrong_second(const struct line *line, const char *first, const char *second, const char *all,
	const char *near, struct err *err)
{
	if (near)
		return err_set(err, ERR_USAGE, "%s %.60s has no %.60s; did you mean %s %.60s %s?", line->noun->name,
			first, second, line->noun->name, first, near);
	if (second)
		return err_set(err, ERR_USAGE, "%s %.60s has no %.60s; it has %s", line->noun->name, first, second,
			all);
	return err_set(err, ERR_USAGE, "%s %.60s needs one of %s", line->noun->name, first, all);
}

static int wrong_verb(const struct line *line, const char *word, struct err *err)
{
	const char *names[OPTIONS_MAX] = {0}, *near;
	char *verbs = verbs_of(line->noun);
	size_t n = 0;

	for (const struct command *c = line->noun->commands; c->help; c++)
		names[n++] = c->verb;
	near = word ? nearest(word, names) : NULL;
	if (near)
		err_set(err, ERR_USAGE, "%s has no %.60s; did you mean %s %s?", line->noun->name, word,
			line->noun->name, near);
	else if (word)
		err_set(err, ERR_USAGE, "%s has no %.60s; it has %s", line->noun->name, word, verbs);
	else
		err_set(err, ERR_USAGE, "%s needs one of %s", line->noun->name, verbs);
	free(verbs);
	return ERR_USAGE;
}

/* A verb is one word, or two: "conference add".  Returns how many, 0 where --help asks for none, or ERR_USAGE. */
static int find_verb(struct line *line, const char *word, const char *next, struct err *err)
{
	const char *names[OPTIONS_MAX] = {0};
	char *both, *seconds;
	int status;

	if (!word)
		return line->help ? 0 : wrong_verb(line, NULL, err);
	line->command = command_find(line->noun, word);
	if (line->command)
		return 1;
	both = xasprintf("%s %s", word, next ? next : "");
	line->command = command_find(line->noun, both);
	free(both);
	if (line->command)
		return 2;
	seconds = second_words(line->noun, word, names);
	line->help |= *seconds && next && (!strcmp(next, "--help") || !strcmp(next, "-h"));
	status = line->help ? 0 :   /* the noun's help tells of every second word */
		 *seconds ? wrong_second(line, word, next, seconds, next ? nearest(next, names) : NULL, err)
			  : wrong_verb(line, word, err);
	free(seconds);
	return status;
}

static int read_arguments(struct line *line, int count, char **words, struct err *err)
{
	const struct item *arg = line->command->args;
	char name[64];
	int status = 0;

	for (int i = 0; i < count && !status; i++) {
		if (!arg || !arg->name)
			return err_set(err, ERR_USAGE, "%s: %.60s is one word too many", command_words(line, name),
				words[i]);
		status = give(line, arg++, words[i], true, err);
	}
	if (!status && arg && arg->name && arg->flags & ITEM_REQUIRED)
		return err_set(err, ERR_USAGE, "%s needs %s", command_words(line, name), arg->name);
	return status;
}

static size_t own_options(const struct line *line)
{
	size_t n = 0;

	for (size_t i = 0; i < line->count; i++)
		n += !line->given[i].argument;
	return n;
}

/* What the command asks of its options together. */
static int check_command(const struct line *line, struct err *err)
{
	const struct command *command = line->command;
	char name[64];

	command_words(line, name);
	for (const struct item *option = command->options; option && option->name; option++)
		if (option->flags & ITEM_REQUIRED && !line_value(line, option->name))
			return err_set(err, ERR_USAGE, "%s needs %s%s %s", name, dashes_of(option), option->name,
				option->value);
	if (command->flags & COMMAND_SOME && !own_options(line))
		return err_set(err, ERR_USAGE, "%s: nothing to change is named; see spctl %s --help", name, name);
	if (command->flags & COMMAND_ONE_OF && line->count != 1)
		return err_set(err, ERR_USAGE, "%s takes exactly one of its argument and options; see spctl %s --help",
			name, name);
	if (line->as && !command_takes(command, &as_item))
		return err_set(err, ERR_USAGE, "%s takes no --as", name);
	if (line->dry_run && !command_takes(command, &dry_run_item))
		return err_set(err, ERR_USAGE, "%s takes no --dry-run", name);
	if ((line->limit >= 0 || line->after) && !command_takes(command, listing_items))
		return err_set(err, ERR_USAGE, "%s takes no --limit and no --after", name);
	return 0;
}

int line_read(struct line *line, int argc, char **argv, struct err *err)
{
	int at, here = 0, status;

	*line = (struct line){.limit = -1};
	for (int i = 1; i < argc; i++)          /* known first, so that any mistake can be told in that form */
		line->json |= !strcmp(argv[i], "--json");
	at = read_options(line, argc, argv, err);
	if (at < 0)
		return at;
	if (at >= argc)
		return line->help || line->version ? 0
			: err_set(err, ERR_USAGE, "a command is missing; spctl help lists them");
	status = find_noun(line, argv[at], err);
	if (status)
		return status;
	here = at;
	line->command = command_find(line->noun, NULL);
	if (!line->command) {
		at = read_options(line, argc - here, argv + here, err);
		if (at < 0)
			return at;
		here += at;
		status = find_verb(line, here < argc ? argv[here] : NULL, here + 1 < argc ? argv[here + 1] : NULL, err);
		if (status <= 0)
			return status;
		here += status - 1;
	}
	at = read_options(line, argc - here, argv + here, err);
	if (line->help || line->version)
		return 0;
	if (at < 0)
		return at;
	status = read_arguments(line, argc - here - at, argv + here + at, err);
	return status ? status : check_command(line, err);
}

void line_free(struct line *line)
{
	free(line->given);
	line->given = NULL;
}

const char *line_value(const struct line *line, const char *name)
{
	for (size_t i = 0; i < line->count; i++)
		if (!strcmp(line->given[i].item->name, name))
			return line->given[i].text ? line->given[i].text : "";
	return NULL;
}
