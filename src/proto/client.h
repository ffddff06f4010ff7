/*
 * client.h - the client's side: finds the engine's socket, starts a private engine where none answers, asks, listens.
 * Blocking, one request at a time; events that arrive meanwhile are kept in order.
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include "../base/err.h"

struct client;

struct client_options {
	const char *socket;         /* --socket, or NULL: SPCTL_SOCKET, SPCTL_HOME's, the service's, the private one */
	bool no_start;              /* do not start a private engine */
	/* the spctld to start; NULL: SPCTL_ENGINE, beside this executable, the installed one */
	const char *engine_path;
};

/* Connects and says hello.  ERR_UNAVAILABLE with the paths tried and why. */
int  client_open(struct client **, const struct client_options *, struct err *);
void client_close(struct client *);
/* Gives the connection away, for who does not want to block: the descriptor is the caller's, *hello as well; the client
 * is gone.  Only before anything but hello was asked. */
int  client_take(struct client *, json_t **hello);
int  client_fd(const struct client *);
/* The engine's answer to hello: {version, engine, private, user, role}; borrowed. */
const json_t *client_hello(const struct client *);

/* Asks and waits for the answer.  Steals params (NULL: {}).  0: *result is the caller's.  Negative: err is the
 * engine's own code and sentence, *result is NULL, and *data (where asked for) the error's data, the caller's, or
 * NULL. */
int  client_call(struct client *, const char *method, json_t *params, json_t **result, json_t **data, struct err *);
/* The next event: 1 and *event {event, at, data}, the caller's; 0 after timeout_ms (-1: waits for ever) or when a
 * signal came; negative when the engine is gone. */
int  client_event(struct client *, int timeout_ms, json_t **event, struct err *);
