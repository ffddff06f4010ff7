/* keyring.c - the keys in memory, and which file they come from. */
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include "hex.h"
#include "keyfile.h"
#include "ring.h"
#include "../base/mem.h"

static void wipe_keys(struct ring_key *keys, size_t count)
{
	if (keys)
		mem_wipe(keys, count * sizeof *keys);
	free(keys);
}

void keyring_free(struct keyring *ring)
{
	if (!ring)
		return;
	wipe_keys(ring->keys, ring->count);
	free(ring->path);
	free(ring);
}

int keyring_open(struct keyring **out, const char *path, bool create, struct err *err)
{
	*out = NULL;
	struct keyring *ring = xcalloc(1, sizeof *ring);
	ring->path = xstrdup(path);
	int bad = keyfile_read(ring, err);
	if (bad == ERR_NOT_FOUND && create) {
		struct ring_key first = {.id = 1};
		struct keyring one = {.path = ring->path, .count = 1, .keys = &first};
		bad = RAND_priv_bytes(first.bytes, KEY_BYTES) == 1 ? keyfile_create(&one, err)
			: err_set(err, ERR_FAILED, "the system gives no random bytes for a new key");
		mem_wipe(&first, sizeof first);
		/* Read back, whoever made it: two engines that start at once must come to the same key. */
		if (!bad)
			bad = keyfile_read(ring, err);
	}
	if (bad) {
		keyring_free(ring);
		/* The only way to be told "not found" is a missing file; for the caller that is a wrong setting. */
		return bad == ERR_NOT_FOUND ? err_set(err, ERR_CONFIG, "the key file %s does not exist", path) : bad;
	}
	*out = ring;
	return 0;
}

/* Puts new keys (taken over) into the file, and into the ring once the file has them. */
static int replace(struct keyring *ring, struct ring_key *keys, size_t count, struct err *err)
{
	struct keyring next = {.path = ring->path, .count = count, .keys = keys};
	int bad = keyfile_replace(&next, err);
	if (bad) {
		wipe_keys(keys, count);
		return bad;
	}
	wipe_keys(ring->keys, ring->count);
	ring->keys = keys;
	ring->count = count;
	return 0;
}

int keyring_add(struct keyring *ring, struct err *err)
{
	if (ring->count >= KEYS_MAX || keyring_newest(ring) == UINT32_MAX)
		return err_set(err, ERR_FAILED, "the key file %s is full", ring->path);
	struct ring_key *keys = xcalloc(ring->count + 1, sizeof *keys);
	memcpy(keys, ring->keys, ring->count * sizeof *keys);
	keys[ring->count].id = keyring_newest(ring) + 1;
	if (RAND_priv_bytes(keys[ring->count].bytes, KEY_BYTES) != 1) {
		wipe_keys(keys, ring->count + 1);
		return err_set(err, ERR_FAILED, "the system gives no random bytes for a new key");
	}
	return replace(ring, keys, ring->count + 1, err);
}

int keyring_drop_old(struct keyring *ring, struct err *err)
{
	if (ring->count == 1)
		return 0;
	struct ring_key *keys = xcalloc(1, sizeof *keys);
	*keys = ring->keys[ring->count - 1];
	return replace(ring, keys, 1, err);
}

uint32_t keyring_newest(const struct keyring *ring)
{
	return ring->keys[ring->count - 1].id;
}

size_t keyring_count(const struct keyring *ring)
{
	return ring->count;
}

uint32_t keyring_id(const struct keyring *ring, size_t i)
{
	return i < ring->count ? ring->keys[i].id : 0;
}

const struct ring_key *ring_find(const struct keyring *ring, uint32_t id)
{
	for (size_t i = 0; i < ring->count; i++)
		if (ring->keys[i].id == id)
			return &ring->keys[i];
	return NULL;
}

int keyring_check(const struct keyring *ring, uint32_t id, char out[KEY_CHECK_SIZE], struct err *err)
{
	static const char text[] = "spctl key check 1";
	uint8_t mac[32];
	size_t len = 0;
	const struct ring_key *key = ring_find(ring, id);
	*out = '\0';
	if (!key)
		return err_set(err, ERR_NOT_FOUND, "the key file %s holds no key %u", ring->path, (unsigned)id);
	if (!EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key->bytes, KEY_BYTES, (const unsigned char *)text,
			sizeof text - 1, mac, sizeof mac, &len) || len != sizeof mac)
		return err_set(err, ERR_FAILED, "HMAC-SHA-256 is not available from the crypto library");
	hex_write(mac, sizeof mac, out);
	return 0;
}
