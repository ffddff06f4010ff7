/* password.c - login passwords. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "password.h"
#include "../base/mem.h"

enum {
	COST_LOG2 = 15, BLOCK = 8, LANES = 1,       /* 32 MiB and about 0.1 s */
	SALT_BYTES = 16, HASH_BYTES = 32,
	SALT_TEXT = 24, HASH_TEXT = 44,             /* base64, padded */
	PASSWORD_MAX = 1024,
};

static const char prefix[] = "scrypt$15$8$1$";

static bool derive(const char *password, size_t len, const uint8_t salt[SALT_BYTES], uint8_t out[HASH_BYTES])
{
	const uint64_t memory = (uint64_t)128 * BLOCK * ((1 << COST_LOG2) + LANES + 2);
	return EVP_PBE_scrypt(password, len, salt, SALT_BYTES, 1 << COST_LOG2, BLOCK, LANES, memory, out,
		HASH_BYTES) == 1;
}

int password_hash(const char *password, char out[PASSWORD_HASH_SIZE], struct err *err)
{
	uint8_t salt[SALT_BYTES], hash[HASH_BYTES];
	char salt_text[SALT_TEXT + 1], hash_text[HASH_TEXT + 1];
	size_t len = strlen(password);
	*out = '\0';
	if (len == 0)
		return err_set(err, ERR_INVALID, "the password is empty: it needs at least one character");
	if (len > PASSWORD_MAX)
		return err_set(err, ERR_INVALID, "the password has %zu bytes: at most %d are allowed", len,
			PASSWORD_MAX);
	if (RAND_bytes(salt, sizeof salt) != 1)
		return err_set(err, ERR_FAILED, "the system gives no random bytes");
	if (!derive(password, len, salt, hash))
		return err_set(err, ERR_FAILED, "scrypt is not available from the crypto library, or memory is short");
	EVP_EncodeBlock((unsigned char *)salt_text, salt, sizeof salt);
	EVP_EncodeBlock((unsigned char *)hash_text, hash, sizeof hash);
	snprintf(out, PASSWORD_HASH_SIZE, "%s%s$%s", prefix, salt_text, hash_text);
	mem_wipe(hash, sizeof hash);
	mem_wipe(hash_text, sizeof hash_text);
	return 0;
}

/* Reads base64 of exactly that many bytes from exactly text_len characters; false when it is none. */
static bool base64_read(const char *text, size_t text_len, uint8_t *out, size_t bytes)
{
	uint8_t raw[HASH_TEXT / 4 * 3];
	char again[HASH_TEXT + 1];
	if (EVP_DecodeBlock(raw, (const unsigned char *)text, (int)text_len) < (int)bytes)
		return false;
	memcpy(out, raw, bytes);
	/* One spelling only: the decoder is lenient with blanks, padding and left-over bits. */
	EVP_EncodeBlock((unsigned char *)again, out, (int)bytes);
	return !memcmp(again, text, text_len);
}

bool password_matches(const char *password, const char *hash)
{
	const size_t start = sizeof prefix - 1;
	uint8_t salt[SALT_BYTES], want[HASH_BYTES], got[HASH_BYTES];
	size_t len = strlen(password);
	if (!hash || strlen(hash) != start + SALT_TEXT + 1 + HASH_TEXT || strncmp(hash, prefix, start))
		return false;
	const char *salt_text = hash + start, *hash_text = salt_text + SALT_TEXT + 1;
	if (hash_text[-1] != '$' || len == 0 || len > PASSWORD_MAX)
		return false;
	if (!base64_read(salt_text, SALT_TEXT, salt, sizeof salt) ||
		!base64_read(hash_text, HASH_TEXT, want, sizeof want))
		return false;
	bool same = derive(password, len, salt, got) && CRYPTO_memcmp(got, want, sizeof got) == 0;
	mem_wipe(got, sizeof got);
	return same;
}
