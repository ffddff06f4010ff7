/* console.h - spctl console: the agent's screen. */
#pragma once
#include "../base/err.h"

struct console_options {
	const char *socket;         /* --socket, or NULL */
	const char *tenant;         /* --tenant, or NULL */
	const char *user, *station; /* to log in with, or NULL: the screen asks */
	int no_start;               /* start no private engine */
};

/*
 * Runs until the agent leaves, and gives the exit status.  ERR_UNAVAILABLE (exit 69) when standard input and output
 * are no terminal that can show it, ERR_CONFIG for a mistake in spctl.conf.  Whatever ends it, the terminal is left as
 * it was found; calls go on.
 */
int console_run(const struct console_options *, struct err *);
