/*
 * rpc.h - JSON-RPC 2.0 messages, one a line.  Duplicate keys, unknown members, wrong types and invalid UTF-8 are
 * refused.  An error's "code" is JSON-RPC's integer; our stable code stands in error.data.code (spctl-api(7)).
 */
#pragma once
#include <jansson.h>
#include "../base/err.h"

enum { PROTOCOL_VERSION = 1 };      /* what hello says; grows when a method or field changes its meaning */

struct rpc {
	enum { RPC_REQUEST, RPC_RESULT, RPC_ERROR, RPC_EVENT } kind;
	json_int_t id;              /* of a request or its answer */
	char method[64];            /* of a request */
	json_t *body;               /* params, result, error object, or an event's params; never NULL; owned */
};

/* ERR_INVALID with a sentence when it is none of the four; ->id is then set when it could be read, else -1.  The
 * sentence never quotes the line, which may hold a password.  Free with rpc_clear() when it worked. */
int  rpc_parse(const char *line, size_t len, struct rpc *, struct err *);
void rpc_clear(struct rpc *);

/* Each returns a line with its newline (free it).  They take over (steal) the json_t. */
char *rpc_request(json_int_t id, const char *method, json_t *params);
char *rpc_result(json_int_t id, json_t *result);
/* data may be NULL or an object; "code" is put into it.  id -1: null, for a line that could not be read. */
char *rpc_error(json_int_t id, const struct err *, json_t *data);
char *rpc_event(const char *event, json_t *data);       /* method "event", params {event, at, data} */
/* Reads an error object back: code and sentence.  Its data (borrowed) or NULL. */
json_t *rpc_error_read(json_t *error, struct err *);
