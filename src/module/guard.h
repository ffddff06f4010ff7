/* guard.h - what guard.so (preloaded) and spctl.so (loaded as a module) tell each other. */
#pragma once
#include <stdbool.h>

struct sipsess;
struct sip_msg;
struct rtp_sock;
struct uri;
struct mbuf;
struct sa;
struct srtp;

enum { GUARD_VERSION = 7 };

struct spctl_guard {
	int  version;           /* GUARD_VERSION */
	bool refuse_dialog;     /* module: the INVITE about to be made was never ordered */
	char ordered[256];      /* module: whom alone the INVITE about to be made may call; empty: not said */
	char tls_host[256];     /* module: whom the server's certificate must name; empty refuses all TLS */
	bool tls_unverified;    /* module: an admin took the check of certificates off */
	char tls_error[256];    /* guard: why the last TLS connection did not come about */
	/* module: the server ended TLS, maybe after its handshake (RFC 8446 section 4.4.2.4) */
	void (*tls_ended)(void);
	/* module: where a request to this host really goes */
	bool (*next_hop)(const struct uri *route, struct uri *hop);
	int  (*sdp)(const struct mbuf *);       /* module: 0, or the errno with which a peer's SDP is refused */
	struct srtp *(*decrypt)(struct srtp *);         /* module: what decrypts in the place of this */
	bool (*is_server)(const struct sa *);   /* module: is this address one of a line's servers? */
	unsigned formats;       /* guard: how often peer text came as a format */
	void (*rtp)(struct rtp_sock *, void *stream);   /* module: hears of a call's RTP socket, or NULL */
	/* module: a response before libre looks for its transaction, or (left_over) when there was none;
	 * true: no further */
	bool (*answer)(const struct sip_msg *, bool left_over);
	void (*dialog)(const struct sip_msg *); /* module: hears of a response that made a dialog, or NULL */
	void (*session)(struct sipsess *);      /* module: hears of a call's SIP session as it is made, or NULL */
};

extern struct spctl_guard spctl_guard;      /* of guard.so; the module finds it with dlsym, as it may be missing */
