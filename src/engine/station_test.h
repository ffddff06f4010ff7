/* station_test.h - registering a station once, with a phone of its own, to see how it goes. */
#pragma once
#include "engine.h"

/* Called once.  code: the SIP status of a refusal, 0 where none came, or a
 * negative err_code that says more; reason: "" when it registered.  trace: the SIP messages
 * that passed, [{at, sent, peer, transport, text}], secrets masked; NULL where none were asked for. */
typedef void (station_tried_h)(void *arg, bool registered, int code, const char *reason, json_t *trace);
void station_try(struct engine *, int64_t tenant_id, int64_t station_id, bool trace, station_tried_h *, void *arg);
