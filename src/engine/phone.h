/*
 * phone.h - one phone: a baresip child with spctl.so, its line, and its registration.  It is kept alive: when the
 * process dies, it is started and registered again, a little later each time.
 */
#pragma once
#include "child.h"
#include "engine.h"

struct phone;

/* What the phone tells its owner, who may close it in any of them.  None is called from inside of a function that the
 * owner called. */
struct phone_hooks {
	void (*usable)(void *arg); /* it registered; or its line is made, when it does not register */
	/* a registration failed; code 0: no SIP answer; negative: an enum err_code, nothing was sent. It is tried
	 * again */
	void (*refused)(void *arg, int code, const char *reason);
	void (*event)(void *arg, const char *event, const json_t *message);     /* whatever the module says of calls */
	void (*lost)(void *arg, const char *why); /* the process is gone, and every call with it */
	bool (*busy)(void *arg);                  /* has it calls?  Then it is not started anew for a new address */
};

/* audio: the socket of its media process, or NULL.  Everything else comes from the station's row, which is read at each
 * start.  arg may not go away before phone_close(). */
struct phone *phone_open(struct engine *, int64_t tenant_id, int64_t station_id, const char *audio,
	const struct phone_hooks *, void *arg);

/* From its start on it tells each SIP message, secrets masked: the module's event "sip". */
void phone_trace(struct phone *);

/* BYE, unregister, end.  The phone is freed; ended (or NULL) is told once the process is gone. */
void phone_close(struct phone *, void (*ended)(void *), void *ended_arg);

/* "sdes" or "dtls" where every call must be encrypted, else NULL. */
const char *phone_encryption(const struct phone *);

/* 0 when an order to dial can be given now; else ERR_UNAVAILABLE with the reason. */
int  phone_usable(const struct phone *, struct err *);

/* Gives the module a command (stolen).  Returns 0, or ERR_UNAVAILABLE when there is no process; then the handler is not
 * called, which otherwise gets the owner's arg. */
int  phone_do(struct phone *, json_t *command, child_answer_h *, int64_t tag, struct err *);

/* Is this the PBX or trunk that the station belongs to?  Nobody is while its addresses are not known.  A station that
 * speaks TLS trusts nothing that comes without it. */
bool phone_trusts(struct phone *, const char *address, const char *transport);
/* False: its look-up is over, and has found none. */
bool phone_knows_pbx(const struct phone *);

/* "sip:+14155550100@HOST:PORT", by the station's dial_prefix or sip_uri; baresip adds the transport, a parameter of
 * the line. */
int  phone_target(const struct phone *, const char *number, char *out, size_t size, struct err *);
