/* chain.c - SHA-256: the audit log's chain, files; and random tokens. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
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

/* Hashed are the hash before, a newline, and the row.  The newline keeps a first row from passing as a later one. */
int chain_next(const char *previous, const char *row, size_t len, char out[CHAIN_HASH_SIZE], struct err *err)
{
	if (*previous && !is_hash(previous))
		return err_set(err, ERR_INVALID, "the hash before this row must be 64 hexadecimal digits, not \"%s\"", previous);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1
		&& EVP_DigestUpdate(ctx, previous, strlen(previous)) == 1
		&& EVP_DigestUpdate(ctx, "\n", 1) == 1
		&& EVP_DigestUpdate(ctx, row, len) == 1;
	return finish(ctx, ok, out, err);
}

int digest_file(const char *path, char out[CHAIN_HASH_SIZE], struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_FAILED, "cannot read %s: %s", path, strerror(errno));
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
	uint8_t *block = xmalloc(FILE_BLOCK);
	ssize_t n = 0;
	while (ok && (n = read(fd, block, FILE_BLOCK)) != 0) {
		if (n > 0)
			ok = EVP_DigestUpdate(ctx, block, (size_t)n) == 1;
		else if (errno != EINTR)
			break;
	}
	int why = errno;
	free(block);
	close(fd);
	if (n < 0) {
		EVP_MD_CTX_free(ctx);
		return err_set(err, ERR_FAILED, "cannot read %s: %s", path, strerror(why));
	}
	return finish(ctx, ok, out, err);
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
