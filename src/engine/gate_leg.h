/*
 * gate_leg.h - the gate before something leaves: a call, or a customer who is transferred to a number.
 *
 * gate_leg_ask() opens a transaction; when it lets pass, the caller writes what he does, then gate_leg_write() with the
 * call that it is for, and commits.  Nothing may leave before that.
 */
#pragma once
#include "gate_ask.h"
#include "session.h"

/* Reads the request's "ack" and "acknowledge".  0 with the transaction open: it may pass.  Else a negative error, and
 * the transaction is closed: ERR_BLOCKED and ERR_NEEDS_ACK have their rows in the audit log and the decision as the
 * error's data.  gate_answer_clear() in any case. */
int gate_leg_ask(struct request *, const struct session *, const char *number, int64_t customer_id,
	struct gate_answer *);
/* The rows of the audit log of a decision that let pass: "allowed", or "forced" for each warning acknowledged. */
int gate_leg_write(struct request *, const struct session *, const struct gate_answer *, int64_t call_id);
/* The decision as call.check answers it, with a token where it needs one.  NULL with the request's error. */
json_t *gate_leg_json(struct request *, const struct gate_answer *);
/* ERR_INVALID unless every code of the request's "acknowledge" is a reason's. */
int gate_leg_check_codes(struct request *);
