/*
 * tls_look.h - a TLS server's certificate as it presents it: what it says, and what a phone would find wrong with it,
 * by the rules of module/guard.c, which decides for calls.
 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "../base/err.h"

struct tls_order {
	const char *address;        /* in figures */
	int port;
	const char *host;           /* whom the certificate must name: a host name or an address */
	const char *ca;             /* a PEM file of CAs */
	const char *own;            /* a PEM file with our certificate and its key, or NULL */
};

/* What is wrong with it: any of these. */
enum tls_fault {
	TLS_EXPIRED = 1 << 0, TLS_NOT_YET = 1 << 1,
	TLS_NAME = 1 << 2,          /* it does not name the host */
	TLS_UNKNOWN = 1 << 3,       /* no CA of the file vouches for it */
	TLS_OTHER = 1 << 4,         /* ->why says what */
};

struct tls_certificate {
	char subject[128], issuer[128];         /* common names */
	char names[256];            /* those of its subjectAltName, "a.test, 192.0.2.7"; "": it has none */
	int64_t expires_ms;         /* UTC: of it, or of one sent along that expires sooner */
	char first[128];            /* whose that is */
	unsigned faults;
	char why[128];              /* in OpenSSL's words: of TLS_UNKNOWN or TLS_OTHER */
	bool wants_own;             /* it asked for a certificate of ours */
};

/* Connects, shakes hands and takes leave: some seconds at most, for a thread beside the loop.  ERR_UNAVAILABLE: nobody
 * is there; ERR_FAILED: somebody who speaks no TLS that we do; ERR_TRY_AGAIN once *stop is true; ERR_CONFIG: ca or
 * own. */
int tls_look(const struct tls_order *, const atomic_bool *stop, int64_t now_ms, struct tls_certificate *, struct err *);
