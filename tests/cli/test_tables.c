/* test_tables.c - the tables of commands fit the table of methods, and nothing of the methods is left out. */
#include "../lib/unit.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "../../src/cli/cli.h"

/* Methods that the client speaks by itself. */
static bool is_ours(const struct method *method)
{
	return !strcmp(method->name, "hello");
}

static const char *shown(const struct noun *noun, const struct command *command, const struct item *item)
{
	static char text[200];

	snprintf(
		text, sizeof(text), "%s %s %s", noun->name, command->verb ? command->verb : "", item ? item->name : "");
	return text;
}

static void check_item(const struct noun *noun, const struct command *command, const struct item *item, bool argument)
{
	const struct method *method = command->method ? method_find(command->method) : NULL;
	const struct param *param = item->param && method ? method_param(method, item->param) : NULL;
	bool flag = !argument && !item->value;

	UNIT_CASE(item->help && *item->help, "%s: no help", shown(noun, command, item));
	if (!item->param) {
		UNIT_CASE(command->run, "%s: nobody reads it", shown(noun, command, item));
		return;
	}
	UNIT_CASE(param, "%s: %s takes no %s", shown(noun, command, item), command->method, item->param);
	UNIT_CASE(!flag || param->type == PARAM_BOOL, "%s: a flag for a parameter that is no yes or no",
		shown(noun, command, item));
	UNIT_CASE(flag || param->type != PARAM_BOOL || !strcmp(item->value, "on|off"), "%s: takes on|off",
		shown(noun, command, item));
	UNIT_CASE((item->flags & ITEM_MANY) == 0 || param->type == PARAM_TEXTS, "%s: several for one value",
		shown(noun, command, item));
	UNIT_CASE(!param->required || item->flags & ITEM_REQUIRED, "%s: %s is required", shown(noun, command, item),
		item->param);
	if (param->choices)
		UNIT_CASE(item->value && !strcmp(item->value, param->choices), "%s: the values are %s",
			shown(noun, command, item), param->choices);
}

static void check_command(const struct noun *noun, const struct command *command)
{
	UNIT_CASE(!command->method || method_find(command->method), "%s: there is no method %s",
		shown(noun, command, NULL), command->method);
	UNIT_CASE(command->method || command->run, "%s: nothing runs it", shown(noun, command, NULL));
	for (const struct item *item = command->args; item && item->name; item++)
		check_item(noun, command, item, true);
	for (const struct item *item = command->options; item && item->name; item++)
		check_item(noun, command, item, false);
}

static bool fills(const struct item *items, const char *param)
{
	for (; items && items->name; items++)
		if (items->param && !strcmp(items->param, param))
			return true;
	return false;
}

/* The client asks for piece after piece of a recording, and sends an export bit by bit. */
static bool is_filled_by_ourselves(const struct param *param)
{
	return !strcmp(param->name, "offset") || !strcmp(param->name, "rows") || !strcmp(param->name, "follows");
}

/* Some command calls this method, and can fill this parameter (NULL: any). */
static bool reaches(const struct method *method, const char *param)
{
	for (const struct noun *noun = nouns; noun->name; noun++)
		for (const struct command *command = noun->commands; command->help; command++)
			if (command->method && !strcmp(command->method, method->name) &&
			    (!param || fills(command->args, param) || fills(command->options, param)))
				return true;
	return false;
}

static void every_item_fills_a_parameter(void **state)
{
	(void)state;
	for (const struct noun *noun = nouns; noun->name; noun++)
		for (const struct command *command = noun->commands; command->help; command++)
			check_command(noun, command);
}

static void every_method_can_be_reached(void **state)
{
	(void)state;
	for (const struct method *method = methods; method->name; method++) {
		if (is_ours(method))
			continue;
		UNIT_CASE(reaches(method, NULL), "no command calls %s", method->name);
		for (const struct param *param = method->params; param && param->name; param++)
			UNIT_CASE(reaches(method, param->name) || is_filled_by_ourselves(param), "no option or argument fills %s of %s", param->name,
				method->name);
	}
}

/* A list's columns must be known before its rows. */
static void every_list_has_a_shape(void **state)
{
	(void)state;
	for (const struct noun *noun = nouns; noun->name; noun++)
		for (const struct command *command = noun->commands; command->help; command++)
			if (command_takes(command, listing_items) || command->flags & COMMAND_STREAM)
				UNIT_CASE(command->shape, "%s: no shape", shown(noun, command, NULL));
}

static void nouns_and_verbs_are_found(void **state)
{
	static const char *const names[] = {"station", "session", "events", NULL};

	(void)state;
	assert_null(noun_find("stations"));
	assert_string_equal(noun_find("station")->name, "station");
	assert_string_equal(command_find(noun_find("station"), "rm")->method, "station.rm");
	assert_null(command_find(noun_find("station"), NULL));
	assert_string_equal(command_find(noun_find("login"), NULL)->method, "session.login");
	assert_null(command_find(noun_find("login"), "show"));
	assert_string_equal(nearest("sation", names), "station");
	assert_string_equal(nearest("sess", names), "session");
	assert_null(nearest("zebra", names));
	assert_null(nearest("", names));
	assert_null(nearest("a word that is far longer than any name that there is or will ever be", names));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_fills_a_parameter),
		cmocka_unit_test(every_method_can_be_reached),
		cmocka_unit_test(every_list_has_a_shape),
		cmocka_unit_test(nouns_and_verbs_are_found),
	};

	return UNIT_RUN(tests);
}
