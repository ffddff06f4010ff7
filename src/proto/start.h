/* start.h - starting the private engine; for client.c alone. */
#pragma once
#include "../base/err.h"
#include "../base/home.h"

/* Makes the home's folders and takes the lock that lets one client at a time start an engine.  A descriptor; closing it
 * lets go. */
int start_lock(const struct home *, struct err *);
/*
 * Starts `PATH --private --ready-fd 3` as nobody's child, its output appended to run/spctld.log, and waits until it
 * says on descriptor 3 "ready", or "error CODE SENTENCE" with a wire name of err.h, which is then the error here.
 */
int start_engine(const struct home *, const char *path, struct err *);
