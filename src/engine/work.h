/*
 * work.h - what takes long, beside the loop: no call waits for it.
 *
 * A job has two halves: run, in a thread, which touches nothing but its argument, and done, in the loop, which may
 * touch anything.  The jobs of a lane run one after the other, in their order; lanes run beside each other.  Threads
 * start no processes: a child dies with the thread that made it.
 */
#pragma once
#include <stdatomic.h>
#include "engine.h"

enum work_lane {
	WORK_PASSWORDS,     /* scrypt: a tenth of a second and 32 MiB each, so never two at once */
	WORK_FILES,         /* recordings, one after the other; nicer than the rest */
	WORK_DATABASE,      /* all of the database is read; likewise */
	WORK_ACCOUNTS,      /* the system's names of accounts, which may stand in a directory far away */
	WORK_NETWORK,       /* other machines are asked: seconds, where one does not answer */
	WORK_LANES
};

/* hurry: becomes true when the engine will not wait any longer; then it is to give up. */
typedef void (work_run_h)(void *arg, const atomic_bool *hurry);
typedef void (work_done_h)(void *arg);

/* Before the first job; work_free() in any case. */
int work_open(struct engine *, struct err *);
/* From the loop alone.  done is called exactly once, never from in here. */
void work_do(struct engine *, enum work_lane, work_run_h *, work_done_h *, void *arg);
/* For work in slices: calls back, once, when whatever else is due has had its turn.  (libevent runs an event of no time
 * at all before it looks at any socket again.)  0, or -1. */
int work_slice(struct engine *, event_callback_fn, void *arg);
/* Calls finished once no job and no slice is left; jobs that take longer than so many seconds are told to hurry, slices
 * are cut off then. */
void work_finish(struct engine *, int seconds, void (*finished)(struct engine *));
/* Hurries what is left, and calls its second halves.  Before what they touch is freed. */
void work_free(struct engine *);
