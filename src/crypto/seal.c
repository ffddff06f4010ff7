/*
 * seal.c - AES-256-GCM over one secret of one row.
 *
 * Nonces are random: NIST SP 800-38D section 8.3 allows 2^32 seals under one key that way, far more than there are
 * passwords.  The associated data is the table's name with its NUL, tenant and row as 8 bytes big-endian each, and the
 * blob's own version and key id, so that none of them can be changed.
 */
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include "ring.h"
#include "../base/mem.h"
#include "../base/str.h"

enum {
	VERSION = 1,
	HEAD = 5, NONCE = 12, TAG = 16,
	OVERHEAD = HEAD + NONCE + TAG,
	PLAIN_MAX = 1 << 20,
};

static void put_be(uint8_t *out, uint64_t value, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--, value >>= 8)
		out[i] = (uint8_t)value;
}

static void place_data(struct str *out, const struct seal_place *place, const uint8_t head[HEAD])
{
	uint8_t number[16];
	put_be(number, (uint64_t)place->tenant_id, 8);
	put_be(number + 8, (uint64_t)place->row_id, 8);
	str_addn(out, place->table, strlen(place->table) + 1);
	str_addn(out, (const char *)number, sizeof number);
	str_addn(out, (const char *)head, HEAD);
}

int seal(const struct keyring *ring, const struct seal_place *place, const void *plain, size_t len,
	uint8_t **out, size_t *out_len, struct err *err)
{
	*out = NULL;
	*out_len = 0;
	if (len > PLAIN_MAX)
		return err_set(err, ERR_INVALID, "a secret has at most %d bytes, not %zu", PLAIN_MAX, len);
	const struct ring_key *key = &ring->keys[ring->count - 1];
	uint8_t *blob = xmalloc(len + OVERHEAD), *nonce = blob + HEAD, *cipher = nonce + NONCE;
	struct str aad = {0};
	blob[0] = VERSION;
	put_be(blob + 1, key->id, 4);
	place_data(&aad, place, blob);

	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;
	bool ok = ctx && RAND_bytes(nonce, NONCE) == 1
		&& EVP_EncryptInit_ex2(ctx, EVP_aes_256_gcm(), key->bytes, nonce, NULL) == 1
		&& EVP_EncryptUpdate(ctx, NULL, &n, (const uint8_t *)aad.s, (int)aad.len) == 1
		&& (len == 0 || EVP_EncryptUpdate(ctx, cipher, &n, plain, (int)len) == 1)
		&& EVP_EncryptFinal_ex(ctx, cipher + len, &n) == 1
		&& EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, cipher + len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	str_free(&aad);
	if (!ok) {
		free(blob);
		return err_set(err, ERR_FAILED, "AES-256-GCM is not available from the crypto library");
	}
	*out = blob;
	*out_len = len + OVERHEAD;
	return 0;
}

/* False when the tag does not fit; plain is then worth nothing. */
static bool open_blob(const struct ring_key *key, const struct str *aad, const uint8_t *blob, char *plain, size_t len)
{
	const uint8_t *nonce = blob + HEAD, *cipher = nonce + NONCE;
	uint8_t tag[TAG];
	memcpy(tag, cipher + len, TAG);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;
	bool ok = ctx && EVP_DecryptInit_ex2(ctx, EVP_aes_256_gcm(), key->bytes, nonce, NULL) == 1
		&& EVP_DecryptUpdate(ctx, NULL, &n, (const uint8_t *)aad->s, (int)aad->len) == 1
		&& (len == 0 || EVP_DecryptUpdate(ctx, (uint8_t *)plain, &n, cipher, (int)len) == 1)
		&& EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1
		&& EVP_DecryptFinal_ex(ctx, (uint8_t *)plain + len, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

int unseal(const struct keyring *ring, const struct seal_place *place, const uint8_t *sealed, size_t len,
	char **plain, size_t *plain_len, struct err *err)
{
	*plain = NULL;
	*plain_len = 0;
	uint32_t id = sealed_key_id(sealed, len);
	if (!id)
		return err_set(err, ERR_CONFIG, "the secret of %s row %lld is not a sealed one", place->table,
			(long long)place->row_id);
	const struct ring_key *key = ring_find(ring, id);
	if (!key)
		return err_set(err, ERR_CONFIG,
			"the secret of %s row %lld is sealed with key %u, which %s does not hold",
			place->table, (long long)place->row_id, (unsigned)id, ring->path);

	size_t text_len = len - OVERHEAD;
	char *text = xmalloc(text_len + 1);
	struct str aad = {0};
	place_data(&aad, place, sealed);
	bool ok = open_blob(key, &aad, sealed, text, text_len);
	str_free(&aad);
	if (!ok) {
		mem_wipe(text, text_len);
		free(text);
		return err_set(err, ERR_CONFIG,
			"the secret of %s row %lld does not open with key %u: it was changed or copied"
			" here, or %s is another database's key file", place->table, (long long)place->row_id,
			(unsigned)id, ring->path);
	}
	text[text_len] = '\0';
	*plain = text;
	*plain_len = text_len;
	return 0;
}

uint32_t sealed_key_id(const uint8_t *sealed, size_t len)
{
	if (!sealed || len < OVERHEAD || len > (size_t)PLAIN_MAX + OVERHEAD || sealed[0] != VERSION)
		return 0;
	return (uint32_t)sealed[1] << 24 | (uint32_t)sealed[2] << 16 | (uint32_t)sealed[3] << 8 | sealed[4];
}
