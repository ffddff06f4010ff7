/* cmd_tenant.c - spctl tenant. */
#include "commands.h"

#define TENANT_OPTIONS \
	{"timezone", "ZONE", "timezone", 0, "The tenant's time zone by its IANA name, for its hours."}, \
	{"acw-seconds", "SECONDS", "acw_seconds", 0, "After-call work allowed after each call, 5 to 300."}, \
	{"hours", "HH:MM-HH:MM", "hours", 0, "When calls are convenient, in the tenant's time zone."}, \
	{"max-call-hours", "HOURS", "max_call_hours", 0, "A call is ended after this many hours, 1 to 24."}, \
	{"max-calls-per-week", "N", "max_calls_per_week", 0, \
	 "Calls to one customer in 7 days before the gate warns; 0 warns before every call."}, \
	{"country", "CODE", "country", 0, "The calling code of numbers typed without one: 1 for North America."}, \
	{"ring-seconds", "SECONDS", "ring_seconds", 0, "How long an outgoing call may ring, 5 to 300."}, \
	{"unknown-customer", "warn|block", "unknown_customer", 0, \
	 "What the gate does about a number of nobody known."}, \
	{"record", "on|off", "record", 0, "Whether calls are recorded."}, \
	{"announce", "on|off", "announce", 0, \
	 "Whether who is recorded is told so; where the law asks for all parties' consent, always."}, \
	{"announcement", "FILE", "announcement", ITEM_PATH | ITEM_FILE, \
	 "The WAV file that says it; an empty text: the one that comes with spctl."}, \
	{"record-required", "on|off", "record_required", 0, \
	 "Whether a call that cannot be recorded is not placed, and ended."}, \
	{"record-pause-seconds", "SECONDS", "record_pause_seconds", 0, \
	 "A paused recording goes on by itself after so long, 5 to 600."}, \
	{"retention-days", "DAYS", "retention_days", 0, "How long recordings are kept, 1095 (three years) at least."}, \
	{"internal-disposition", "on|off", "internal_disposition", 0, \
		"Whether calls between agents owe a disposition."}, \
	{"busy-code", "CODE", "busy_code", 0, "The SIP status for calls to an agent who takes none; 486 by default."}, \
	{"one-way-seconds", "SECONDS", "one_way_seconds", 0, \
	 "After so long without sound from the far end the agent is told, 5 to 120."}, \
	{"agent-states", "STATE[,STATE...]", "agent_states", 0, \
	 "The states in which agents work, as TX,NM; an empty text: not known, so that every recorded call is " \
	 "announced."}

static const struct item add_args[] = {
	{"NAME", NULL, "name", ITEM_REQUIRED, "The new tenant's name."},
	{0},
};
static const struct item add_options[] = {TENANT_OPTIONS, {0}};
static const struct item set_options[] = {
	{"name", "NAME", "name", 0, "A new name."},
	TENANT_OPTIONS,
	{0},
};

const struct command tenant_commands[] = {
	{.verb = "add", .method = "tenant.add", .help = "Adds a tenant, with the default dispositions.",
	 .args = add_args, .options = add_options, .shape = &shape_tenant, .done = "tenant {name} added"},
	{.verb = "list", .method = "tenant.list", .help = "Lists the tenants.", .shape = &shape_tenant},
	{.verb = "show", .method = "tenant.show", .help = "Shows the tenant and its settings.", .shape = &shape_tenant},
	{.verb = "set", .method = "tenant.set", .help = "Changes the tenant's settings; what is not named stays.",
	 .options = set_options, .flags = COMMAND_SOME, .shape = &shape_tenant, .done = "tenant {name} changed"},
	{0},
};
