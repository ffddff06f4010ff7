/*
 * link.h - the connection to the engine, asynchronous: requests with what to do with their answers, events, and
 * connecting again by itself.  Connecting happens in a thread, since finding or starting an engine takes time.
 */
#pragma once
#include <jansson.h>
#include <poll.h>
#include <stdint.h>
#include "../proto/client.h"

struct link;

/* err is NULL when it worked; result and data are borrowed.  arg and tag are those of link_ask(). */
struct answer { const json_t *result, *data; const struct err *err; };
typedef void link_answer_h(void *arg, int64_t tag, const struct answer *);

struct link_hooks {
	void (*up)(void *arg, const json_t *hello);
	void (*down)(void *arg, const struct err *why);     /* also after each attempt that failed */
	void (*event)(void *arg, const char *event, const json_t *data);
};

/* Begins to connect.  The options must stay. */
struct link *link_open(const struct client_options *, const struct link_hooks *, void *arg);
void link_close(struct link *);
/* What to wait for: one descriptor, and a time in ms (-1: none); then link_work(). */
struct pollfd link_poll(const struct link *);
int  link_timeout(const struct link *);
void link_work(struct link *, short revents);
/* Steals params (NULL: {}).  The answer comes later; when the connection is lost first, as ERR_UNAVAILABLE. */
void link_ask(struct link *, const char *method, json_t *params, link_answer_h *, void *arg, int64_t tag);
/* Answers for this arg are dropped from now on. */
void link_forget(struct link *, const void *arg);
