/* password.h - login passwords: scrypt (RFC 7914, N 2^15, r 8, p 1), stored as "scrypt$15$8$1$SALT$HASH" (base64). */
#pragma once
#include <stdbool.h>
#include "../base/err.h"

enum { PASSWORD_HASH_SIZE = 160 };
/* An empty password, or one of more than 1024 bytes, is ERR_INVALID. */
int  password_hash(const char *password, char out[PASSWORD_HASH_SIZE], struct err *);
/* Constant time; a malformed hash never matches, and neither does NULL. */
bool password_matches(const char *password, const char *hash);
