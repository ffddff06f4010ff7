/* chain.c - the audit log's chain; SHA-256 of files; random tokens. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "chain.h"
#include "hex.h"
#include "../base/mem.h"

enum { HASH_BYTES = 32, FILE_BLOCK = 64 * 1024, RANDOM_MAX = 64 };

static bool is_hash(const char *s)
{
	return strlen(s) == CHAIN_HASH_SIZE - 1 && strspn(s, "0123456789abcdef") == CHAIN_HASH_SIZE - 1;
}

/* Ends a digest (consumes ctx) as hex; ok tells whether all before it worked. */
static int finish(EVP_MD_CTX *ctx, int ok, char out[CHAIN_HASH_SIZE], struct err *err)
{
	uint8_t hash[HASH_BYTES];
	ok = ok && EVP_DigestFinal_ex(ctx, hash, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	if (!ok)
		return err_set(err, ERR_FAILED, "SHA-256 is not available from the crypto library");
	hex_write(hash, sizeof hash, out);
	return 0;
}

/* ---- the chain -------------------------------------------------------------------------------------------------- */

/* start is keyed, and copied for each row: setting a key costs more than a row. */
struct chain_key { EVP_MAC_CTX *start; };

struct chain_key *chain_key_open(const uint8_t bytes[CHAIN_KEY_BYTES], struct err *err)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	struct chain_key *key = xcalloc(1, sizeof *key);

	key->start = mac ? EVP_MAC_CTX_new(mac) : NULL;
	EVP_MAC_free(mac);
	if (key->start && EVP_MAC_init(key->start, bytes, CHAIN_KEY_BYTES, params) == 1)
		return key;
	chain_key_close(key);
	err_set(err, ERR_FAILED, "HMAC-SHA-256 is not available from the crypto library");
	return NULL;
}

void chain_key_close(struct chain_key *key)
{
	if (key)
		EVP_MAC_CTX_free(key->start);
	free(key);
}

int chain_key_random(uint8_t bytes[CHAIN_KEY_BYTES], struct err *err)
{
	return RAND_priv_bytes(bytes, CHAIN_KEY_BYTES) == 1 ? 0
		: err_set(err, ERR_FAILED, "the system gives no random bytes for a new key");
}

/* Of one text, a newline, and another. */
static int keyed(const struct chain_key *key, const char *first, const char *second, size_t len,
	char out[CHAIN_HASH_SIZE], struct err *err)
{
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(key->start);
	uint8_t mac[HASH_BYTES];
	size_t n = 0;
	bool ok = ctx && EVP_MAC_update(ctx, (const uint8_t *)first, strlen(first)) == 1
		&& EVP_MAC_update(ctx, (const uint8_t *)"\n", 1) == 1
		&& EVP_MAC_update(ctx, (const uint8_t *)second, len) == 1
		&& EVP_MAC_final(ctx, mac, &n, sizeof mac) == 1 && n == sizeof mac;
	EVP_MAC_CTX_free(ctx);
	if (!ok)
		return err_set(err, ERR_FAILED, "HMAC-SHA-256 is not available from the crypto library");
	hex_write(mac, sizeof mac, out);
	return 0;
}

static int unkeyed(const char *previous, const char *row, size_t len, char out[CHAIN_HASH_SIZE], struct err *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1
		&& EVP_DigestUpdate(ctx, previous, strlen(previous)) == 1
		&& EVP_DigestUpdate(ctx, "\n", 1) == 1
		&& EVP_DigestUpdate(ctx, row, len) == 1;
	return finish(ctx, ok, out, err);
}

/* The newline behind the hash before keeps a first row from passing as a later one. */
int chain_next(const struct chain_key *key, const char *previous, const char *row, size_t len,
	char out[CHAIN_HASH_SIZE], struct err *err)
{
	if (*previous && !is_hash(previous))
		return err_set(err, ERR_INVALID, "the hash before this row must be 64 hexadecimal digits, not \"%s\"",
			previous);
	return key ? keyed(key, previous, row, len, out, err) : unkeyed(previous, row, len, out, err);
}

/* A row's text begins with a hash or a newline, this with a word. */
int chain_seal(const struct chain_key *key, const char *text, char out[CHAIN_HASH_SIZE], struct err *err)
{
	return keyed(key, "seal", text, strlen(text), out, err);
}

/* ---- files and tokens ------------------------------------------------------------------------------------------- */

static int read_into(EVP_MD_CTX *ctx, int fd, const char *path, const atomic_bool *stop, struct err *err)
{
	uint8_t *block = xmalloc(FILE_BLOCK);
	ssize_t n = 1;
	int ok = 1, status = 0;
	while (ok && n && !status) {
		n = read(fd, block, FILE_BLOCK);
		if (n > 0)
			ok = EVP_DigestUpdate(ctx, block, (size_t)n) == 1;
		else if (n < 0 && errno != EINTR)
			status = err_set(err, ERR_FAILED, "cannot read %s: %s", path, strerror(errno));
		if (!status && stop && atomic_load(stop))
			status = err_set(err, ERR_TRY_AGAIN, "%s was not read to its end", path);
	}
	free(block);
	return ok ? status : err_set(err, ERR_FAILED, "SHA-256 is not available from the crypto library");
}

int digest_file(const char *path, const atomic_bool *stop, char out[CHAIN_HASH_SIZE], struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_FAILED, "cannot read %s: %s", path, strerror(errno));
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
	int status = ok ? read_into(ctx, fd, path, stop, err) : 0;
	close(fd);
	if (!status)
		return finish(ctx, ok, out, err);
	EVP_MD_CTX_free(ctx);
	return status;
}

int random_hex(char *out, size_t bytes, struct err *err)
{
	uint8_t raw[RANDOM_MAX];
	*out = '\0';
	if (bytes > sizeof raw)
		return err_set(err, ERR_FAILED, "at most %d random bytes at once, not %zu", RANDOM_MAX, bytes);
	if (RAND_bytes(raw, (int)bytes) != 1)
		return err_set(err, ERR_FAILED, "the system gives no random bytes");
	hex_write(raw, bytes, out);
	mem_wipe(raw, sizeof raw);
	return 0;
}
