/* control.h - the engine's socket. */
#pragma once
#include "engine.h"

/* Makes the socket (private: 0600, service: 0660) and listens.  A socket that somebody answers on is ERR_CONFLICT, a
 * stale one is replaced. */
int  control_open(struct engine *, struct err *);
void control_stop_listening(struct engine *);        /* takes no more clients; the socket stays */
void control_close(struct engine *);                /* sends what clients are owed, within a second, and drops them */
/* Removes the socket.  Only once the database is closed: until then a new engine finds this one still there and waits,
 * instead of failing at the lock. */
void control_free(struct engine *);
size_t control_clients(const struct engine *);
/* Levels of calls go to the agent's own clients that asked for them, and to the owner's who is no user. */
bool control_wants_levels(const struct engine *, int64_t tenant_id, int64_t user_id);
void control_tell_level(struct engine *, int64_t tenant_id, int64_t user_id, json_t *data);     /* steals data */
/* Called whenever a client comes or goes. */
void control_on_change(struct engine *, void (*changed)(struct engine *));

/* handlers of control.c */
handler hello, events_subscribe;
