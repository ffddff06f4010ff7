/* cmd_customer.c - spctl customer. */
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

const struct command customer_commands[] = {
	{.verb = "add", .method = "customer.add", .help = "Adds a customer.", .options = add_options,
	 .shape = &shape_customer, .done = "customer {id} added: {name}"},
	{.verb = "list", .method = "customer.list", .help = "Lists the customers.", .options = list_options,
	 .shape = &shape_customer},
	{.verb = "show", .method = "customer.show", .help = "Shows a customer by id, number or external id.",
	 .args = maybe_id, .options = show_options, .flags = COMMAND_ONE_OF, .shape = &shape_customer},
	{.verb = "set", .method = "customer.set", .help = "Changes a customer; what is not named stays.", .args = id,
	 .options = set_options, .flags = COMMAND_SOME, .shape = &shape_customer,
	 .done = "customer {id} changed: {name}"},
	{.verb = "rm", .method = "customer.rm", .help = "Removes a customer; calls and audit rows stay.", .args = id,
	 .options = rm_options, .done = "customer {removed} removed"},
	{0},
};
