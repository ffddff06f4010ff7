/*
 * refer.h - the far end of a call is told to call somebody else (REFER, RFC 3515), or to take the agent's place in a
 * second call (REFER with Replaces, RFC 3891).
 *
 * The agent keeps the call, on hold, until the far end has said that it worked.  Then it ends with the cause
 * `transferred` and its row says to whom; the second call ends the same way.  What a failure means is for who asked.
 */
#pragma once
#include "session.h"

enum refer_outcome {
	REFER_GONE,                 /* it worked; the call's row is closed */
	REFER_FAILED,               /* the call is still the agent's, on hold */
	/* the call ended meanwhile, its row is closed: nobody knows what became of the other */
	REFER_CALL_ENDED,
};

enum { REFER_NOT_TAKEN = -1 };       /* as a code: the far end has not called anybody */

/* code: a SIP status, 0 for no answer, or REFER_NOT_TAKEN; why: a clause, "486 Busy Here".  The call is not freed
 * before it returns. */
typedef void (refer_h)(struct live *, enum refer_outcome, int code, const char *why, void *arg);

struct refer_order {
	const char *to;             /* whom, for the record */
	const char *uri;            /* the SIP address to call; NULL: */
	const struct live *with;    /* ... the second call whose far end it is to go on with */
	int64_t seconds;            /* how long it may take */
	refer_h *done;              /* called once */
	void *arg;
};
/* The call is up and has no REFER under way. */
void refer_start(struct live *, const struct refer_order *);
/* One is under way.  False once it was given up, though the far end may still do it. */
bool refer_pending(const struct live *);
json_t *refer_json(const struct live *);        /* {to, code} while one is under way, else JSON null */

/* ---- for live.c ---- */
void refer_progressed(struct live *, int code);
void refer_failed(struct live *, const char *reason);
/* Its phone has closed it.  True when its end has to wait for what becomes of a REFER. */
bool refer_closed(struct live *, const char *by);
/* It is being freed. */
void refer_call_ended(struct live *);
