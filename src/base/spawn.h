/* spawn.h - child processes: environment from nothing, no core dumps, die with the parent. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>
#include "err.h"

struct spawn {
	const char *const *argv;    /* argv[0] is a path, or a name looked up in /usr/bin:/bin:/usr/local/bin */
	const char *const *env;     /* the whole environment, "NAME=value", NULL-terminated */
	int pass_fd;                /* becomes descriptor 3 of the child, or -1; every other above 2 is closed */
	int out_fd;                 /* becomes its standard output and error, or -1 for /dev/null */
	int death_signal;           /* PR_SET_PDEATHSIG, or 0 */
	bool detach;              /* a session of its own, and nobody's child: it outlives us and is never waited for */
};

/* Standard input is /dev/null, cwd is /, RLIMIT_CORE is 0 (hard), all signals are set back to default and unblocked.
 * An exec that fails is told here, not by a vanished child.  Returns the pid (> 0) or a negative err_code. */
pid_t spawn_run(const struct spawn *, struct err *);

/* Standard input, output or error that this process was started without become descriptors of /dev/null that fail when
 * they are used: a socket or file that is opened later must not be taken for one of them.  -1 with errno. */
int spawn_standard_files(void);
