/* cmd_audit.c - spctl audit. */
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

/* An audit log that was altered is a failure, so that a script notices. */
static int run_verify(struct cli *cli)
{
	json_t *params = cli_params(cli), *answer = NULL;
	int status;

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
