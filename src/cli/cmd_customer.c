/* cmd_customer.c - spctl customer. */
#include <stdio.h>
#include <string.h>
#include "commands.h"

#define ABOUT_OPTIONS(need, phones) \
	{"name", "NAME", "name", need, "The customer's name."}, \
	{"phone", "NUMBER", "phones", need | ITEM_MANY, phones}, \
	{"external-id", "ID", "external_id", 0, "The customer's id in another system."}, \
	{"timezone", "ZONE", "timezone", 0, "The customer's time zone by its IANA name."}, \
	{"state", "STATE", "state", 0, "The customer's state, two letters."}, \
	{"postcode", "POSTCODE", "postcode", 0, "The customer's postcode."}

#define FLAG_OPTIONS \
	{"do-not-call", "on|off", "do_not_call", 0, "The customer asked not to be called."}, \
	{"cease-and-desist", "on|off", "cease_and_desist", 0, "The customer asked in writing to be left alone."}, \
	{"attorney-represented", "on|off", "attorney_represented", 0, "An attorney speaks for the customer."}, \
	{"bankruptcy-filed", "on|off", "bankruptcy_filed", 0, "The customer filed for bankruptcy."}, \
	{"collections-status", "STATUS", "collections_status", 0, "Where collection stands; deceased blocks calls."}, \
	{"sol-date", "YYYY-MM-DD", "sol_date", 0, "The last day of the statute of limitations."}, \
	{"max-calls-per-week", "N", "max_calls_per_week", 0, \
	 "The customer's own weekly cap in place of the tenant's; default: the tenant's."}, \
	{"reason", "TEXT", "reason", 0, "Why a flag, the status, the date or the cap changes; goes to the audit log."}

static const struct item id[] = {
	{"ID", NULL, "id", ITEM_REQUIRED, "The customer's id."},
	{0},
};
static const struct item maybe_id[] = {
	{"ID", NULL, "id", 0, "The customer's id."},
	{0},
};
static const struct item add_options[] = {
	ABOUT_OPTIONS(ITEM_REQUIRED, "A telephone number; repeat it for more."),
	FLAG_OPTIONS,
	{0},
};
static const struct item set_options[] = {
	ABOUT_OPTIONS(0, "A telephone number; those given replace all that there were."),
	FLAG_OPTIONS,
	{0},
};
static const struct item show_options[] = {
	{"phone", "NUMBER", "phone", 0, "The customer with this number."},
	{"external-id", "ID", "external_id", 0, "The customer with this id in another system."},
	{0},
};
static const struct item list_options[] = {
	{"phone", "NUMBER", "phone", 0, "Only customers with this number."},
	{"search", "TEXT", "search", 0, "Only customers with this in the name or the external id."},
	{0},
};
static const struct item rm_options[] = {
	{"reason", "TEXT", "reason", ITEM_REQUIRED, "Why; goes to the audit log."},
	{0},
};

/* ---- show ------------------------------------------------------------------------------------------------------- */

enum { LAST_CALLS = 5 };

static const struct shape shape_last_calls = {
	.columns = "id started_at direction number ?user cause ?talk_seconds disposition",
};

/* The customer with the cap that holds for him beside the calls of this week: his own, or the tenant's. */
static json_t *with_cap(const json_t *customer, const json_t *tenant)
{
	const json_t *own = json_object_get(customer, "max_calls_per_week");
	json_t *cap = json_object_get(json_is_integer(own) ? customer : tenant, "max_calls_per_week");
	json_t *card = json_object(), *value;
	const char *name;

	json_object_foreach((json_t *)customer, name, value) {
		json_object_set(card, name, value);
		if (!strcmp(name, "calls_this_week"))
			json_object_set(card, "weekly_cap", cap);
	}
	return card;
}

static void print_card(struct cli *cli, json_t *card, json_t *calls)
{
	if (cli->out.format != FORMAT_PEOPLE) {
		json_object_set(card, "last_calls", calls);
		output_object(&cli->out, card);
		return;
	}
	output_object(&cli->out, card);
	if (!json_array_size(calls))
		return;
	puts("\nlast_calls:");
	cli->out.shape = &shape_last_calls;
	output_list_start(&cli->out);
	output_page(&cli->out, calls);
	output_list_end(&cli->out);
}

/* As the console's card: the customer, what the tenant says of the cap, and the newest calls. */
static int run_show(struct cli *cli)
{
	json_t *params = cli_params(cli), *customer = NULL, *tenant = NULL, *calls = NULL, *card;
	int status = params ? cli_call(cli, "customer.show", params, &customer) : (int)cli->err.code;

	if (!status)
		status = cli_call(cli, "tenant.show", NULL, &tenant);
	if (!status)
		status = cli_call(cli, "history.list", json_pack("{s:O, s:b, s:i}", "customer_id",
			json_object_get(customer, "id"), "newest", true, "limit", LAST_CALLS), &calls);
	if (!status) {
		card = with_cap(customer, tenant);
		print_card(cli, card, json_object_get(calls, "items"));
		json_decref(card);
	}
	json_decref(customer);
	json_decref(tenant);
	json_decref(calls);
	return status;
}

const struct command customer_commands[] = {
	{.verb = "add", .method = "customer.add", .help = "Adds a customer.", .options = add_options,
	 .shape = &shape_customer, .done = "customer {id} added: {name}"},
	{.verb = "list", .method = "customer.list", .help = "Lists the customers.", .options = list_options,
	 .shape = &shape_customer},
	{.verb = "show", .method = "customer.show",
	 .help = "Shows a customer by id, number or external id, with the last calls.", .args = maybe_id,
	 .options = show_options, .flags = COMMAND_ONE_OF, .shape = &shape_customer_card, .run = run_show},
	{.verb = "set", .method = "customer.set", .help = "Changes a customer; what is not named stays.", .args = id,
	 .options = set_options, .flags = COMMAND_SOME, .shape = &shape_customer,
	 .done = "customer {id} changed: {name}"},
	{.verb = "rm", .method = "customer.rm", .help = "Removes a customer; calls and audit rows stay.", .args = id,
	 .options = rm_options, .done = "customer {removed} removed"},
	{0},
};
