/*
 * join.h - the far ends of two calls are to go on with each other (REFER with Replaces, RFC 3891): which of the two
 * is told to take our place in the other's call.
 *
 * A far end that knows no Replaces calls the other's number anew, at our order.  So whoever came in is told to take
 * our place in a call that was dialled, and so has passed the gate; where both came in, the gate is asked about the
 * one who would be called.
 */
#pragma once
#include "session.h"

/* *live is told, *with is the call whose place it takes: they change places where only *with came in.  0; else
 * negative, with the gate's answer as gate_leg_ask() leaves it, or a sentence where the caller's address may be a
 * number's and is none. */
int join_turn(struct request *, struct live **live, struct live **with);
