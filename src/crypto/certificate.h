/* certificate.h - what a file of certificates (PEM) says of itself.  Whether one is to be trusted is decided in
 * module/guard.c. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../base/err.h"

struct certificates {
	size_t count;
	size_t expired;             /* so many have expired */
	int64_t own_expiry_ms;      /* UTC: of the first in the file, whose key may follow */
	int64_t first_expiry_ms;    /* UTC: of the one that expires first */
	char first[256];            /* whose that one is: its subject's common name */
};

/* Reads the certificates; with_key: the file must hold the private key of the first one as well, which no password may
 * lock.  ERR_INVALID with a sentence naming the file. */
int certificates_read(const char *path, bool with_key, int64_t now_ms, struct certificates *, struct err *);
