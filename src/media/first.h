/* first.h - sound does not wait. */
#pragma once

/* The calling thread goes before others on the machine, where that is allowed (RLIMIT_RTPRIO); where not, nothing
 * changes.  Threads that it makes do not. */
void go_first(void);
