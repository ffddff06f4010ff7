/* ask.c - the way of most commands: options and arguments to parameters, the engine's answer to standard output. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "cli.h"

enum { PAGE = 100, PRESET_LIMIT = 100 }; /* rows asked for at a time: a page stays far below a line's greatest length */

/* ---- the engine ------------------------------------------------------------------------------------------------- */

int cli_connect(struct cli *cli)
{
	const struct client_options options = {
		.socket = cli->line.socket,
		.no_start = cli->line.no_start || (cli->line.command && cli->line.command->flags & COMMAND_NO_START),
	};

	return cli->client ? 0 : client_open(&cli->client, &options, &cli->err);
}

int cli_call(struct cli *cli, const char *method, json_t *params, json_t **result)
{
	unsigned flags = method_find(method)->flags;
	int status = cli_connect(cli);

	if (!params)
		params = json_object();
	if (status) {
		json_decref(params);
		return status;
	}
	if (flags & METHOD_TENANT && cli->line.tenant)
		json_object_set_new(params, "tenant", json_string(cli->line.tenant));
	if (flags & METHOD_AS && cli->line.as)
		json_object_set_new(params, "as", json_string(cli->line.as));
	if (flags & METHOD_DRY_RUN && cli->line.dry_run)
		json_object_set_new(params, "dry_run", json_true());
	return client_call(cli->client, method, params, result, &cli->error_data, &cli->err);
}

/* ---- parameters ------------------------------------------------------------------------------------------------- */

static const struct param *param_of(const struct cli *cli, const struct item *item)
{
	return method_param(method_find(cli->line.command->method), item->param);
}

static void add_texts(json_t *array, const struct item *item, const char *text)
{
	size_t len;

	if (!(item->flags & ITEM_COMMAS)) {
		json_array_append_new(array, json_string(text));
		return;
	}
	for (; *text; text += len + (text[len] == ',')) {
		len = strcspn(text, ",");
		if (len)
			json_array_append_new(array, json_stringn(text, len));
	}
}

/* The engine has a working folder of its own, and other standard files. */
static json_t *absolute(const char *path, struct err *err)
{
	char *cwd, *whole;
	json_t *value;

	if (!strcmp(path, "-")) {
		err_set(err, ERR_INVALID, "-: the engine opens this file by itself: name it");
		return NULL;
	}
	if (!*path || *path == '/' || !(cwd = getcwd(NULL, 0)))
		return json_string(path);
	whole = xasprintf("%s/%s", cwd, path);
	value = json_string(whole);
	free(whole);
	free(cwd);
	return value;
}

/* Whose password it is: the first argument says it. */
static const char *whose(const struct line *line)
{
	for (size_t i = 0; i < line->count; i++)
		if (line->given[i].argument)
			return line->given[i].text;
	return NULL;
}

static json_t *secret(struct cli *cli, const struct given *given)
{
	const char *method = cli->line.command->method;
	unsigned how = strcmp(method, "session.login") ? PASSWORD_NEW : 0;
	char *password;
	json_t *value;

	if (param_of(cli, given->item)->clears)
		how |= PASSWORD_CLEARS;
	password = password_read(given->text, whose(&cli->line), how, &cli->err);
	if (!password)
		return NULL;
	value = json_string(password);
	if (!value)
		err_set(&cli->err, ERR_INVALID, "the password in %s is not valid UTF-8", given->text);
	mem_wipe(password, strlen(password));
	free(password);
	return value;
}

static json_t *value_of(struct cli *cli, const struct given *given, json_t *before)
{
	const struct item *item = given->item;
	enum param_type type = param_of(cli, item)->type;
	long long number = 0;

	if (!given->text)
		return json_boolean(!str_starts(item->name, "no-"));
	if (item->flags & ITEM_SECRET)
		return secret(cli, given);
	if (item->flags & ITEM_PATH)
		return absolute(given->text, &cli->err);
	if (type == PARAM_BOOL)
		return json_boolean(!strcmp(given->text, "on"));
	if (type == PARAM_INT && clears_number(param_of(cli, item), given->text))
		return json_null();
	if (type == PARAM_INT) {
		str_int(given->text, INT64_MIN, INT64_MAX, &number);
		return json_integer(number);
	}
	if (type == PARAM_TEXTS) {
		json_t *array = before ? json_incref(before) : json_array();

		add_texts(array, item, given->text);
		return array;
	}
	return json_string(given->text);
}

json_t *cli_params(struct cli *cli)
{
	json_t *params = json_object();

	for (size_t i = 0; i < cli->line.count; i++) {
		const struct given *given = &cli->line.given[i];
		const char *param = given->item->param;
		json_t *value;

		if (!param)
			continue;
		value = value_of(cli, given, json_object_get(params, param));
		if (!value) {
			json_decref(params);
			return NULL;
		}
		json_object_set_new(params, param, value);
	}
	return params;
}

/* ---- answers ---------------------------------------------------------------------------------------------------- */

void cli_say(struct cli *cli, const char *sentence, const json_t *object)
{
	char name[64];

	if (cli->line.quiet)
		return;
	while (*sentence) {
		size_t len = strcspn(sentence, "{");
		const char *end = strchr(sentence, '}');

		fwrite(sentence, 1, len, stdout);
		sentence += len;
		if (*sentence != '{' || !end || (size_t)(end - sentence) > sizeof(name))
			continue;
		memcpy(name, sentence + 1, (size_t)(end - sentence) - 1);
		name[end - sentence - 1] = '\0';
		char *text = output_text(output_field(object, name));
		fputs(text, stdout);
		free(text);
		sentence = end + 1;
	}
	puts(cli->line.dry_run ? " (dry run: nothing is changed)" : "");
}

int cli_print(struct cli *cli, json_t *answer)
{
	const char *done = cli->line.command->done;
	const json_t *items = json_object_get(answer, "items");

	if (json_is_array(items)) {
		output_list_start(&cli->out);
		output_page(&cli->out, items);
		output_list_end(&cli->out);
	} else if (done && cli->out.format == FORMAT_PEOPLE) {
		cli_say(cli, done, answer);
	} else {
		output_object(&cli->out, answer);
	}
	return 0;
}

static void say_more(const struct cli *cli, long long after)
{
	if (cli->out.format == FORMAT_PEOPLE && !cli->line.quiet && isatty(STDERR_FILENO) && isatty(STDOUT_FILENO))
		fprintf(stderr, "more follow: --after %lld, or --limit 0 for all\n", after);
}

/* A list, page by page; what arrived is printed before the next page is asked for. */
static int print_list(struct cli *cli, json_t *params)
{
	long long left = cli->line.limit < 0 ? PRESET_LIMIT : cli->line.limit, after = cli->line.after;
	bool all = left == 0, started = false;
	int status = 0;

	while (!status && (all || left > 0) && !ferror(stdout)) {
		json_t *answer = NULL, *page = json_copy(params), *items, *next;

		json_object_set_new(page, "limit", json_integer(all || left > PAGE ? PAGE : left));
		if (after)
			json_object_set_new(page, "after", json_integer(after));
		status = cli_call(cli, cli->line.command->method, page, &answer);
		if (status)
			break;
		if (!started)
			output_list_start(&cli->out);
		started = true;
		items = json_object_get(answer, "items");
		output_page(&cli->out, items);
		left -= all ? 0 : (long long)json_array_size(items);
		next = json_object_get(answer, "next");
		after = json_integer_value(next);
		json_decref(answer);
		if (!after)
			break;
	}
	if (started && !status)
		output_list_end(&cli->out);
	if (!status && after)
		say_more(cli, after);
	return status;
}

int ask_and_print(struct cli *cli)
{
	const struct method *method = method_find(cli->line.command->method);
	json_t *params = cli_params(cli), *answer = NULL;
	int status;

	if (!params)
		return cli->err.code;
	if (method->flags & METHOD_LIST) {
		status = print_list(cli, params);
		json_decref(params);
		return status;
	}
	status = cli_call(cli, method->name, params, &answer);
	if (!status)
		status = cli_print(cli, answer);
	json_decref(answer);
	return status;
}
