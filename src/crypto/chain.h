/*
 * chain.h - the audit log's chain: each row's hash covers the hash before it, a newline and the row's text, so that a
 * row that was changed, removed or put in later shows.  With a key (HMAC-SHA-256, RFC 2104) only who has it can make
 * hashes; without one (SHA-256) anybody can: rows from before the log had a key are so.
 */
#pragma once
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include "../base/err.h"

enum { CHAIN_HASH_SIZE = 65,        /* hex and NUL */
       CHAIN_KEY_BYTES = 32 };

struct chain_key;
/* NULL with an error where the crypto library has no HMAC-SHA-256. */
struct chain_key *chain_key_open(const uint8_t bytes[CHAIN_KEY_BYTES], struct err *);
void chain_key_close(struct chain_key *);
int  chain_key_random(uint8_t bytes[CHAIN_KEY_BYTES], struct err *);

/* previous is "" for a tenant's first row, else that row's hash (ERR_INVALID when it is none).  key: NULL for none. */
int chain_next(const struct chain_key *key, const char *previous, const char *row, size_t len,
	char out[CHAIN_HASH_SIZE], struct err *);
/* The seal of a text that is no row: never equal to a row's hash. */
int chain_seal(const struct chain_key *key, const char *text, char out[CHAIN_HASH_SIZE], struct err *);

/* SHA-256 of a file, hex.  It takes as long as reading does: it is for threads beside the loop.  ERR_TRY_AGAIN once
 * *stop is true (NULL: it never is). */
int digest_file(const char *path, const atomic_bool *stop, char out[CHAIN_HASH_SIZE], struct err *);
/* Random bytes (64 at most) as hex (2 * bytes digits and a NUL), for one-use tokens. */
int random_hex(char *out, size_t bytes, struct err *);
