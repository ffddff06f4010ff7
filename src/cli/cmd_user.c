/* cmd_user.c - spctl user. */
#include "commands.h"

#define USER_OPTIONS \
	{"name", "NAME", "name", 0, "The person's name."}, \
	{"role", "agent|supervisor|admin", "role", 0, "What the user may do; agent where nothing is said."}, \
	{"os-user", "NAME", "os_user", 0, "The account of this machine that is this user; empty: none."}, \
	{"password-file", "FILE", "password", ITEM_SECRET | ITEM_FILE, \
	 "The password stands in this file; - reads standard input, or asks without echo on a terminal."}

static const struct item new_login[] = {
	{"LOGIN", NULL, "login", ITEM_REQUIRED, "The new user's login."},
	{0},
};
static const struct item login[] = {
	{"LOGIN", NULL, "login", ITEM_REQUIRED | ITEM_USER, "The user's login."},
	{0},
};
static const struct item options[] = {USER_OPTIONS, {0}};

const struct command user_commands[] = {
	{.verb = "add", .method = "user.add", .help = "Adds a user.", .args = new_login, .options = options,
	 .shape = &shape_user, .done = "user {login} added"},
	{.verb = "list", .method = "user.list", .help = "Lists the users.", .shape = &shape_user},
	{.verb = "show", .method = "user.show", .help = "Shows a user.", .args = login, .shape = &shape_user},
	{.verb = "set", .method = "user.set", .help = "Changes a user; what is not named stays.", .args = login,
	 .options = options, .flags = COMMAND_SOME, .shape = &shape_user, .done = "user {login} changed"},
	{.verb = "rm", .method = "user.rm", .help = "Removes a user; calls and audit rows keep the name.",
	 .args = login, .done = "user {removed} removed"},
	{0},
};
