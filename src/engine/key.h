/* key.h - the keys at the engine's start. */
#pragma once
#include "engine.h"

/* Refuses a key file that is not this database's (ERR_CONFIG), takes a fresh one on, and finishes a rotation that
 * was cut off. */
int key_settle(struct engine *, struct err *);
