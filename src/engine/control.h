/* control.h - the engine's socket. */
#pragma once
#include "engine.h"

/* Makes the socket (private: 0600, service: 0660) and listens.  A socket that somebody answers on is ERR_CONFLICT, a stale one is replaced. */
int  control_open(struct engine *, struct err *);
void control_close(struct engine *);                /* removes the socket, drops every client */
void control_stop_listening(struct engine *);
size_t control_clients(const struct engine *);
/* Called whenever a client comes or goes. */
void control_on_change(struct engine *, void (*changed)(struct engine *));

/* handlers of control.c */
handler hello, events_subscribe;
