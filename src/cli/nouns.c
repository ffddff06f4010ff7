/* nouns.c - the table of nouns, and finding things in it. */
#include <ctype.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "commands.h"

const struct noun nouns[] = {
	{"console", "The screen for agents.", "spctl-console(1)", console_commands},
	{"login", "Logs a user in at a station.", "spctl-session(1)", login_commands},
	{"logout", "Logs a user out.", "spctl-session(1)", logout_commands},
	{"session", "Who is logged in where, and in what state.", "spctl-session(1)", session_commands},
	{"sound", "The sound card, and what is done to the microphone.", "spctl-sound(1)", sound_commands},
	{"call", "Places, takes and follows calls.", "spctl-call(1)", call_commands},
	{"dispo", "Dispositions: what became of a call.", "spctl-dispo(1)", dispo_commands},
	{"history", "Calls that were.", "spctl-history(1)", history_commands},
	{"recording", "Recordings: are they whole, and how long are they kept?", "spctl-recording(1)",
		recording_commands},
	{"customer", "Customers, their numbers and what forbids calling them.", "spctl-customer(1)", customer_commands},
	{"audit", "The compliance audit log.", "spctl-audit(1)", audit_commands},
	{"station", "Stations: places with a SIP account.", "spctl-station(1)", station_commands},
	{"team", "Teams: a number that is shown whoever of them calls.", "spctl-team(1)", team_commands},
	{"user", "Users: agents, supervisors, admins.", "spctl-user(1)", user_commands},
	{"tenant", "The tenant's settings.", "spctl-tenant(1)", tenant_commands},
	{"events", "Prints what happens, as it happens.", "spctl-events(1)", events_commands},
	{"doctor", "Finds what is wrong, and says how to mend it.", "spctl-doctor(1)", doctor_commands},
	{"db", "The database.", "spctl-db(1)", db_commands},
	{"key", "The key that seals SIP passwords.", "spctl-key(1)", key_commands},
	{"engine", "The engine itself.", "spctl-engine(1)", engine_commands},
	{"help", "Explains the commands.", "spctl(1)", help_commands},
	{0},
};

const struct item common_items[] = {
	{"json", NULL, NULL, 0, "Prints one JSON document; errors as well."},
	{"ndjson", NULL, NULL, 0, "Prints one JSON object a line."},
	{"csv", NULL, NULL, 0, "Prints CSV (RFC 4180)."},
	{"no-header", NULL, NULL, 0, "Leaves out the header of a table or of CSV."},
	{"quiet", NULL, NULL, 0, "Prints no word about what was done, only what was asked for and errors; also -q."},
	{"tenant", "NAME", NULL, ITEM_TENANT, "The tenant; without it, one's own or the only one."},
	{"socket", "PATH", NULL, ITEM_FILE, "The engine's socket."},
	{"no-start", NULL, NULL, 0, "Starts no engine where none answers."},
	{"help", NULL, NULL, 0, "Explains the command; also -h."},
	{"version", NULL, NULL, 0, "Prints the version."},
	{0},
};
const struct item listing_items[] = {
	{"limit", "N", NULL, 0, "At most so many; 100 where nothing is said, 0 for all."},
	{"after", "ID", NULL, 0, "Starts after this id."},
	{0},
};
const struct item as_item = {"as", "USER", NULL, ITEM_USER, "Acts for this agent."};
const struct item dry_run_item = {"dry-run", NULL, NULL, 0, "Checks everything and changes nothing."};

const struct noun *noun_find(const char *name)
{
	for (const struct noun *noun = nouns; noun->name; noun++)
		if (!strcmp(noun->name, name))
			return noun;
	return NULL;
}

const struct command *command_find(const struct noun *noun, const char *verb)
{
	for (const struct command *command = noun->commands; command->help; command++)
		if (verb ? command->verb && !strcmp(command->verb, verb) : !command->verb)
			return command;
	return NULL;
}

bool command_takes(const struct command *command, const struct item *item)
{
	const struct method *method = command->method ? method_find(command->method) : NULL;
	unsigned needs = item == &as_item ? METHOD_AS : item == &dry_run_item ? METHOD_DRY_RUN : METHOD_LIST;

	return method && method->flags & needs;
}

char *verbs_of(const struct noun *noun)
{
	struct str list = {0};

	for (const struct command *command = noun->commands; command->help; command++)
		if (command->verb)
			str_addf(&list, "%s%s", list.len ? ", " : "", command->verb);
	return str_take(&list);
}

enum { WORD_MAX = 40 };

/* Levenshtein's distance from what was typed, in any case, one row at a time. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], len = strlen(b);

	if (strlen(a) > WORD_MAX || len > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t before = row[0];

		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			size_t best = before + (tolower((unsigned char)a[i - 1]) != b[j - 1]);

			before = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[len];
}

const char *nearest(const char *typed, const char *const *names)
{
	size_t best = 2 + strlen(typed) / 4;       /* as many slips as still look like that word */
	const char *name = NULL;

	if (best > strlen(typed))
		best = strlen(typed);
	for (; *names; names++) {
		size_t far = distance(typed, *names);

		if (str_starts(*names, typed))
			far = 1;
		if (far < best) {
			best = far;
			name = *names;
		}
	}
	return name;
}
