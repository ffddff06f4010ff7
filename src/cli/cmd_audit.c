/* cmd_audit.c - spctl audit. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "commands.h"

static const struct item list_options[] = {
	{"severity", "hard|soft", "severity", 0, "Only rows of this severity."},
	{"reason", "CODE", "reason", 0, "Only rows with this reason code."},
	{"event", "EVENT", "event", 0, "Only rows of this event: blocked, forced, allowed, flag_changed."},
	{"forced", NULL, "forced", 0, "Only calls that were placed against a warning."},
	{"user", "USER", "user", ITEM_USER, "Only rows of this user."},
	{"customer", "ID", "customer_id", 0, "Only rows about this customer."},
	{"since", "TIME", "since", 0, "From this time on (RFC 3339, or a date)."},
	{"until", "TIME", "until", 0, "Before this time."},
	{"newest", NULL, "newest", 0, "The newest first."},
	{"call", "CALL", "call", 0, "Only rows of this call: what the gate said of it, among others."},
	{"number", "NUMBER", "number", 0, "Only rows with this number."},
	{"search", "TEXT", "search", 0, "Only rows with this text in event, reason, number, names or detail."},
	{0},
};

static const struct item verify_options[] = {
	{"noted", "ROWS:HASH", "noted", 0,
	 "What an earlier check told of the log, kept in another place: it must still be true."},
	{"file", "FILE", NULL, ITEM_FILE,
		"Check this export, as JSON or one object a line, instead of the log; - is standard input."},
	{0},
};

static const struct shape shape_export = {
	.fields = "id tenant_id at event severity reason_code forced user_id actor station_id customer_id number "
		  "call_id detail hash keyed",
	.columns = "id at event severity reason_code forced user_id actor customer_id number call_id hash",
};

/* All of it, as a program reads it, where nothing else is said. */
static int run_export(struct cli *cli)
{
	if (cli->line.limit < 0)
		cli->line.limit = 0;
	if (cli->out.format == FORMAT_PEOPLE)
		cli->out.format = FORMAT_NDJSON;
	return ask_and_print(cli);
}

/* ---- verify ----------------------------------------------------------------------------------------------------- */

enum { ROWS_AT_ONCE = 100, BYTES_AT_ONCE = 256 * 1024, FAULTS_SHOWN = 20 };

/* An export on its way to the engine, bit by bit. */
struct sending {
	struct cli *cli;
	const char *path;
	json_t *rows;               /* those that are next */
	size_t bytes;
	json_int_t sent, earlier, later;
	json_t *all_faults;
	char *follows;              /* the last row that was checked, ID:HASH; NULL: none yet */
};

static int send_rows(struct sending *sending)
{
	json_t *params = json_pack("{s:O}", "rows", sending->rows), *answer = NULL;
	int status;

	if (!json_array_size(sending->rows)) {
		json_decref(params);
		return 0;
	}
	if (sending->follows)
		json_object_set_new(params, "follows", json_string(sending->follows));
	status = cli_call(sending->cli, "audit.verify", params, &answer);
	if (!status) {
		const char *follows = json_string_value(json_object_get(answer, "follows"));

		if (!sending->sent)
			sending->earlier = json_integer_value(json_object_get(answer, "earlier_rows"));
		sending->later = json_integer_value(json_object_get(answer, "later_rows"));
		sending->sent += json_integer_value(json_object_get(answer, "rows"));
		json_array_extend(sending->all_faults, json_object_get(answer, "faults"));
		free(sending->follows);
		sending->follows = follows ? xstrdup(follows) : NULL;
	}
	json_decref(answer);
	json_array_clear(sending->rows);
	sending->bytes = 0;
	return status;
}

static int add_row(struct sending *sending, const char *text)
{
	json_t *row = json_string(text);

	if (!row)
		return err_set(&sending->cli->err, ERR_INVALID, "%s: row %lld is not UTF-8", sending->path,
			(long long)sending->sent + (long long)json_array_size(sending->rows) + 1);
	sending->bytes += strlen(text);
	json_array_append_new(sending->rows, row);
	return json_array_size(sending->rows) == ROWS_AT_ONCE || sending->bytes > BYTES_AT_ONCE ?
		send_rows(sending) : 0;
}

/* One document, as --json prints it. */
static int send_document(struct sending *sending, FILE *file)
{
	json_error_t error;
	json_t *list = json_loadf(file, JSON_REJECT_DUPLICATES, &error), *item;
	int status = json_is_array(list) ? 0 :
		err_set(&sending->cli->err, ERR_INVALID, "%s: line %d: %s", sending->path, error.line, error.text);
	size_t i;

	json_array_foreach(list, i, item) {
		char *text = status ? NULL : json_dumps(item, JSON_COMPACT | JSON_ENCODE_ANY);

		if (text)
			status = add_row(sending, text);
		free(text);
	}
	json_decref(list);
	return status;
}

static int send_lines(struct sending *sending, FILE *file)
{
	char *line = NULL;
	size_t size = 0;
	int status = 0;
	ssize_t len;

	while (!status && (len = getline(&line, &size, file)) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (*line != '{' || strlen(line) + 2 < (size_t)len)
			status = err_set(&sending->cli->err, ERR_INVALID,
				"%s: line %lld is no row of an export; audit export writes one JSON object a line",
				sending->path,
				(long long)sending->sent + (long long)json_array_size(sending->rows) + 1);
		else
			status = add_row(sending, line);
	}
	if (!status && ferror(file))
		status = err_set(&sending->cli->err, ERR_FAILED, "cannot read %s: %s", sending->path, strerror(errno));
	free(line);
	return status;
}

/* ROWS:HASH must be what the file ends with. */
static void check_noted(struct sending *sending)
{
	const char *noted = line_value(&sending->cli->line, "noted"), *hash = sending->follows;
	char *ends;

	if (!noted)
		return;
	hash = hash ? strchr(hash, ':') : NULL;
	ends = xasprintf("%lld%s", (long long)(sending->earlier + sending->sent), hash ? hash : ":");
	if (strcmp(ends, noted)) {
		char *text = xasprintf("the file ends with %s, not with %s, as was noted", ends, noted);

		json_array_append_new(sending->all_faults, json_pack("{s:n, s:s}", "id", "text", text));
		free(text);
	}
	free(ends);
}

static int tell_result(struct sending *sending)
{
	struct cli *cli = sending->cli;
	json_t *answer;

	check_noted(sending);
	answer = json_pack("{s:I, s:b, s:O, s:I, s:I, s:o}", "rows", sending->sent, "intact",
		json_array_size(sending->all_faults) == 0, "faults", sending->all_faults, "earlier_rows",
		sending->earlier,
		"later_rows", sending->later, "last", sending->follows ? json_string(sending->follows) : json_null());
	if (!json_array_size(sending->all_faults)) {
		const char *sentence = sending->earlier || sending->later ?
			"the export is what was written: {rows} rows; of the log it lacks {earlier_rows} before them "
			"and {later_rows} behind" : "the export is what was written: {rows} rows, all that the log has";

		if (cli->out.format == FORMAT_PEOPLE)
			cli_say(cli, sentence, answer);
		else
			output_object(&cli->out, answer);
		json_decref(answer);
		return 0;
	}
	for (size_t i = 0; i < json_array_size(sending->all_faults) && i < FAULTS_SHOWN; i++)
		fprintf(stderr, "%s\n",
			json_string_value(json_object_get(json_array_get(sending->all_faults, i), "text")));
	cli->error_data = answer;
	return err_set(&cli->err, ERR_FAILED, "%s is not what was written: %zu fault%s in %lld rows", sending->path,
		json_array_size(sending->all_faults), json_array_size(sending->all_faults) == 1 ? "" : "s",
		(long long)sending->sent);
}

static int verify_file(struct cli *cli, const char *path)
{
	struct sending sending = {.cli = cli, .path = strcmp(path, "-") ? path : "standard input",
		.rows = json_array(), .all_faults = json_array()};
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	int first = file ? getc(file) : EOF, status = 0;

	if (!file)
		status = err_set(&cli->err, ERR_INVALID, "cannot read %s: %s", path, strerror(errno));
	else if (first == EOF)
		status = err_set(&cli->err, ERR_INVALID, "%s is empty: it holds no row of an export", sending.path);
	else {
		ungetc(first, file);
		status = first == '[' ? send_document(&sending, file) : send_lines(&sending, file);
	}
	if (!status)
		status = send_rows(&sending);
	if (!status)
		status = tell_result(&sending);
	if (file && file != stdin)
		fclose(file);
	json_decref(sending.rows);
	json_decref(sending.all_faults);
	free(sending.follows);
	return status;
}

/* An audit log that was altered is a failure, so that a script notices. */
static int run_verify(struct cli *cli)
{
	const char *path = line_value(&cli->line, "file");
	json_t *params, *answer = NULL;
	int status;

	if (path)
		return cli_connect(cli) ? cli->err.code : verify_file(cli, path);
	params = cli_params(cli);
	if (!params)
		return cli->err.code;
	status = cli_call(cli, "audit.verify", params, &answer);
	if (!status && !json_is_true(json_object_get(answer, "intact"))) {
		cli->error_data = answer;
		return err_set(&cli->err, ERR_FAILED, "the audit log was altered: %s",
			json_string_value(json_object_get(answer, "problem")));
	}
	if (!status)
		status = cli_print(cli, answer);
	json_decref(answer);
	return status;
}

const struct command audit_commands[] = {
	{.verb = "list", .method = "audit.list", .help = "Lists the audit log.", .options = list_options,
	 .shape = &shape_audit},
	{.verb = "export", .method = "audit.export",
	 .help = "Prints every row as the hashes cover it, one JSON object a line.",
	 .shape = &shape_export, .run = run_export},
	{.verb = "verify", .method = "audit.verify", .options = verify_options,
	 .help = "Checks that no row of the audit log was altered or removed.",
	 .done = "the audit log is intact: {rows} rows", .run = run_verify},
	{0},
};
