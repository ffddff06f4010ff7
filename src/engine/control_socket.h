/* control_socket.h - the Unix socket at which the engine awaits its clients. */
#pragma once
#include "../base/err.h"
#include "../base/home.h"

/* A listening socket at home->socket, which does not block: of mode 0660 for the service, 0600 for a private engine.
 * One that a killed engine left there is replaced.  The descriptor, which the caller closes; or negative: ERR_CONFLICT
 * where another engine answers, ERR_CANNOT_CREATE. */
int control_socket(const struct home *, struct err *);
