/* ring.h - the inside of a key ring, for keyring.c and seal.c alone. */
#pragma once
#include "keyring.h"

enum { KEY_BYTES = 32, KEYS_MAX = 1000 };

struct ring_key {
	uint32_t id;                /* 1 and up */
	uint8_t bytes[KEY_BYTES];
};

struct keyring {
	char *path;
	size_t count;
	struct ring_key *keys;      /* ascending ids: the newest last */
};

/* The key with that id, or NULL. */
const struct ring_key *ring_find(const struct keyring *, uint32_t id);
