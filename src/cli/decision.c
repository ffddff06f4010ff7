/* decision.c - what the gate says, in words. */
#include <stdlib.h>
#include <string.h>
#include "cli.h"

static void put(FILE *file, const json_t *value)
{
	char *text = output_text(value);

	fputs(text, file);
	free(text);
}

static void say_reason(FILE *file, bool colour, const json_t *reason, const char *told)
{
	bool hard = !strcmp(json_string_value(json_object_get(reason, "severity")) ?: "", "hard");
	const char *message = json_string_value(json_object_get(reason, "message"));

	fprintf(file, "  %s", colour ? hard ? "\033[31m" : "\033[33m" : "");
	put(file, json_object_get(reason, "code"));
	fprintf(file, "%s (%s, ", colour ? "\033[0m" : "", hard ? "hard" : "soft");
	put(file, json_object_get(reason, "authority"));
	fputs(")\n", file);
	if (message && !(told && strstr(told, message))) {
		fputs("    ", file);
		put(file, json_object_get(reason, "message"));
		putc('\n', file);
	}
}

/* A reason that concerns several customers comes once for each of them. */
static bool is_new_code(const json_t *reasons, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (json_equal(json_object_get(json_array_get(reasons, i), "code"),
			    json_object_get(json_array_get(reasons, n), "code")))
			return false;
	return true;
}

static bool is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name))
		names++;
	return *names != NULL;
}

/* The arguments or the options that were typed, but those that acknowledge; the number as the decision has it, which
 * needs no quotes. */
static void put_given(const struct cli *cli, FILE *file, const json_t *decision, bool arguments)
{
	static const char *const numbers[] = {"number", "to", NULL}, *const left_out[] = {"acknowledge", "ack", NULL};

	for (size_t i = 0; i < cli->line.count; i++) {
		const struct given *given = &cli->line.given[i];

		if (given->argument != arguments || is_one_of(given->item->name, left_out))
			continue;
		if (!arguments)
			fprintf(file, " --%s", given->item->name);
		if (given->text)
			putc(' ', file);
		if (arguments && given->item->param && is_one_of(given->item->param, numbers))
			put(file, json_object_get(decision, "number"));
		else if (given->text)
			fputs(given->text, file);
	}
}

/* The soft reasons are to be weighed one by one: the line to type names each. */
static void say_what_to_type(const struct cli *cli, FILE *file, const json_t *decision)
{
	const json_t *reasons = json_object_get(decision, "reasons");
	const char *verb = cli->line.command->verb, *before = "";
	size_t i;
	json_t *reason;

	fprintf(file, "Who calls all the same, having weighed each reason, types:\n  spctl call %s",
		strcmp(verb, "check") ? verb : "dial");
	put_given(cli, file, decision, true);
	put_given(cli, file, decision, false);
	if (cli->line.as)
		fprintf(file, " --as %s", cli->line.as);
	fputs(" --acknowledge ", file);
	json_array_foreach(reasons, i, reason) {
		if (!is_new_code(reasons, i))
			continue;
		fputs(before, file);
		put(file, json_object_get(reason, "code"));
		before = ",";
	}
	putc('\n', file);
}

void decision_say(const struct cli *cli, FILE *file, bool colour, const json_t *decision, const char *told)
{
	const char *verdict = json_string_value(json_object_get(decision, "decision")) ?: "";
	bool blocked = !strcmp(verdict, "blocked"), needs_ack = !strcmp(verdict, "needs_ack");
	size_t i;
	json_t *reason;

	if (!told) {
		put(file, json_object_get(decision, "number"));
		fprintf(file, ": %s%s%s\n", !colour ? "" : blocked ? "\033[31m" : needs_ack ? "\033[33m" : "\033[32m",
			blocked ? "blocked" : needs_ack ? "needs acknowledgement" : "allowed", colour ? "\033[0m" : "");
	}
	json_array_foreach(json_object_get(decision, "reasons"), i, reason)
		say_reason(file, colour, reason, told);
	if (blocked)
		fputs("Nobody can override a hard reason; where it is wrong, a supervisor corrects the customer.\n",
			file);
	if (needs_ack)
		say_what_to_type(cli, file, decision);
}
