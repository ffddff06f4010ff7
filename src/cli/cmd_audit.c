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
	{0},
};

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
		return err_set(&cli->err, ERR_FAILED,
			"the audit log was altered: row %" JSON_INTEGER_FORMAT " does not follow the one before it",
			json_integer_value(json_object_get(answer, "first_bad")));
	}
	if (!status)
		status = cli_print(cli, answer);
	json_decref(answer);
	return status;
}

const struct command audit_commands[] = {
	{.verb = "list", .method = "audit.list", .help = "Lists the audit log.", .options = list_options,
	 .shape = &shape_audit},
	{.verb = "verify", .method = "audit.verify",
	 .help = "Checks that no row of the audit log was altered or removed.",
	 .done = "the audit log is intact: {rows} rows", .run = run_verify},
	{0},
};
