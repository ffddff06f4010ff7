/*
 * chain.h - the audit log's chain: each row's hash is SHA-256 over the hash before it, a newline and the row's text, so
 * that a row that was changed, removed or put in later shows.
 */
#pragma once
#include <stddef.h>
#include "../base/err.h"

enum { CHAIN_HASH_SIZE = 65 };      /* hex and NUL */
/* previous is "" for a tenant's first row, else that row's hash (ERR_INVALID when it is none). */
int chain_next(const char *previous, const char *row, size_t len, char out[CHAIN_HASH_SIZE], struct err *);
/* SHA-256 of a file, hex. */
int digest_file(const char *path, char out[CHAIN_HASH_SIZE], struct err *);
/* Random bytes (64 at most) as hex (2 * bytes digits and a NUL), for one-use tokens. */
int random_hex(char *out, size_t bytes, struct err *);
