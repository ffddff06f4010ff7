/*
 * ack.h - acknowledgement of the gate's warnings: one-use tokens, in memory only.
 *
 * A token stands for "this agent has seen these warnings about this number and these customers".  It is good for five
 * minutes, once, and for nothing else: another agent, number or customer, or one more warning, needs a new one.
 */
#pragma once
#include "gate_ask.h"

enum { ACK_SECONDS = 300, ACK_TOKEN_SIZE = 33, ACKS_MAX = 1000 };

int  ack_make(struct engine *, int64_t agent, const struct gate_answer *, char token[ACK_TOKEN_SIZE], struct err *);
/* True when the token was good for exactly this; it is used up either way. */
bool ack_use(struct engine *, const char *token, int64_t agent, const struct gate_answer *);
void acks_clear(struct engine *);
/* Does this list of codes (JSON texts) name every warning?  Otherwise *missing is one that it does not. */
bool ack_covers(const json_t *codes, const struct gate_answer *, const char **missing);
