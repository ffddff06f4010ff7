/*
 * keyring.h - the master key file and what is encrypted with it.
 *
 * The file (0600 or 0400, its owner ours, no link) holds one line a key, "ID HEX" with 32 bytes, ids ascending from 1.
 * Secrets are sealed with AES-256-GCM (NIST SP 800-38D): version 1 | key id, 4 bytes big-endian | nonce, 12 |
 * ciphertext | tag, 16.  The associated data names table, tenant and row, so that a ciphertext copied elsewhere does
 * not open.
 * keyring.c keeps the keys, keyfile.c reads and writes the file, seal.c encrypts.
 */
#pragma once
#include <stdbool.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../base/err.h"

struct keyring;

/* Reads the file.  create: makes it with one new key when it does not exist (never when it exists and is bad).
 * A missing file, looser permissions, another owner or a bad line are ERR_CONFIG, with the file's name. */
int  keyring_open(struct keyring **, const char *path, bool create, struct err *);
void keyring_free(struct keyring *);        /* wipes */
int  keyring_add(struct keyring *, struct err *);           /* a new key, in file (atomically), then in memory */
int  keyring_drop_old(struct keyring *, struct err *);      /* leaves only the newest; all must be sealed with it */
uint32_t keyring_newest(const struct keyring *);
size_t   keyring_count(const struct keyring *);
uint32_t keyring_id(const struct keyring *, size_t i);      /* of the i-th key, oldest first; 0 behind the last */

/* Files with keys beside it, left by an engine that was killed while it wrote a new one: their number, *first (or NULL)
 * the caller's where there is one.  remove: those that cannot be removed.  Nobody may be writing one. */
size_t keyring_left(const char *path, bool remove, char **first);

enum { KEY_CHECK_SIZE = 65 };
/* Hex HMAC-SHA-256 of a fixed text under the key with that id, by which a database tells a wrong key file;
 * ERR_NOT_FOUND when the ring lacks it. */
int  keyring_check(const struct keyring *, uint32_t id, char out[KEY_CHECK_SIZE], struct err *);

/* What a row's secret is bound to. */
struct seal_place { const char *table; int64_t tenant_id, row_id; };

/* With the newest key; *out is the caller's (free).  At most 1 MiB, else ERR_INVALID. */
int  seal(const struct keyring *, const struct seal_place *, const void *plain, size_t len,
	uint8_t **out, size_t *out_len, struct err *);
/* The plain text gets a NUL behind it; wipe and free it.  A wrong key, place or changed byte is ERR_CONFIG. */
int  unseal(const struct keyring *, const struct seal_place *, const uint8_t *sealed, size_t len,
	char **plain, size_t *plain_len, struct err *);
/* The key id in a sealed blob, or 0 when it is none. */
uint32_t sealed_key_id(const uint8_t *sealed, size_t len);
