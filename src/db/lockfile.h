/* lockfile.h - one process at a time: a file that is locked as long as its owner lives (flock(2)). */
#pragma once
#include "../base/err.h"

/* Makes the file (0600), locks it and writes this process's id into it.  Returns the descriptor, which holds the
 * lock until it is closed.  ERR_CONFLICT names the process that holds it already. */
int  lockfile_take(const char *path, struct err *);
