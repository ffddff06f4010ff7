/*
 * child.h - a child process that speaks JSON lines over its descriptor 3: baresip with spctl.so, and spctl-media.
 *
 * Commands go out as {"id":N,"do":...} and come back as {"re":N,"ok":...}; events come as {"event":...}.  Its standard
 * output and error are drained into the log.  A child that leaves a command unanswered for CHILD_ANSWER_SECONDS hangs,
 * and is killed.
 */
#pragma once
#include <event2/event.h>
#include <jansson.h>
#include <stdint.h>
#include "../base/err.h"

enum { CHILD_ANSWER_SECONDS = 5, CHILD_TERM_SECONDS = 2, CHILD_KILL_SECONDS = 3 };

struct child;

struct child_kind {
	const char *area;           /* for the log: "phone" */
	void (*event)(void *arg, const char *name, const json_t *message);
	/* It ended by itself, or hung and was killed.  The child is freed when this returns: forget the pointer in
	 * here. */
	void (*gone)(void *arg, const char *why);
};

/* Starts it.  argv and env as in spawn.h; neither is kept. */
int child_start(struct child **, struct event_base *, const struct child_kind *, void *arg, const char *const *argv,
	const char *const *env, struct err *);

/* The answer to a command: answer is NULL and err set when it was refused (ERR_FAILED), or the child is gone
 * (ERR_UNAVAILABLE).  arg and tag are the asker's own. */
typedef void (child_answer_h)(void *arg, int64_t tag, const json_t *answer, const struct err *err);

/* Steals the command, wipes a member "password" of it.  The handler may be NULL; it is called exactly once, never from
 * in here. */
void child_do(struct child *, json_t *command, child_answer_h *, void *arg, int64_t tag);

/* Asks it to quit, then says SIGTERM, then SIGKILL, and frees it.  Commands that wait fail at once, in here; from then
 * on nobody is called, but ended (or NULL) when the process is gone. */
void child_end(struct child *, void (*ended)(void *ended_arg), void *ended_arg);
