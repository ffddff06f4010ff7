/* key.h - the keys at the engine's start. */
#pragma once
#include "engine.h"

/* Refuses a key file that is not this database's (ERR_CONFIG), takes a fresh one on, and finishes a rotation that
 * was cut off. */
int key_settle(struct engine *, struct err *);
/* Reads the key file anew: is it this database's, and does it open every password?  Their number, or negative:
 * ERR_NOT_FOUND without a file, ERR_CONFIG for all else. */
int key_verify(const struct engine *, struct err *);
