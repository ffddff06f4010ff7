/*
 * sha256.h - SHA-256 (FIPS 180-4), for the client: it checks what it copied without the crypto library, whose start
 * takes longer than most commands.  The engine uses that library (crypto/chain.h).
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { SHA256_TEXT = 65 };          /* hexadecimal digits and a NUL */

struct sha256 {
	uint32_t state[8];
	uint64_t bytes;
	unsigned char block[64];
};

void sha256_start(struct sha256 *);
void sha256_add(struct sha256 *, const void *, size_t);
void sha256_end(struct sha256 *, char out[SHA256_TEXT]);
