/* Sealed secrets: the form on disk, what they are bound to, every way to change them, rotation. */
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../lib/unit.h"
#include "../../src/base/mem.h"
#include "../../src/crypto/keyring.h"

#define KEY_7 "7 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
#define KEY_9 "9 ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\n"
/* "s3cret" under key 7 for softphone_stations, tenant 3, row 41, made with Python's cryptography. */
static const uint8_t golden[] =
	"\x01\x00\x00\x00\x07\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"
	"\x3b\x28\xbd\x14\x1c\x9d\x22\xff\xbc\x0b\xc0\xa9\x8e\x53\xe1\x64\xf3\xf0\xfb\xde\xed\x10";
enum { GOLDEN = sizeof golden - 1, OVERHEAD = 33 };

static const struct seal_place here = {"softphone_stations", 3, 41};

/* A ring from this text; the file is gone when it returns. */
static struct keyring *ring_of(const char *text)
{
	char path[] = "/tmp/spctl-seal.XXXXXX";
	int fd = mkstemp(path);
	struct keyring *ring;
	struct err err = {0};
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	int bad = keyring_open(&ring, path, 0, &err);
	unlink(path);
	UNIT_CASE(!bad, "%s", err.text);
	return ring;
}

static void opens(const struct keyring *ring, const struct seal_place *place, const uint8_t *blob, size_t len,
	const char *want, size_t want_len)
{
	char *plain;
	size_t plain_len;
	struct err err = {0};
	UNIT_CASE(unseal(ring, place, blob, len, &plain, &plain_len, &err) == 0, "%s", err.text);
	assert_int_equal(plain_len, want_len);
	assert_memory_equal(plain, want, want_len);
	assert_int_equal(plain[plain_len], '\0');
	mem_wipe(plain, plain_len);
	free(plain);
}

/* Refused as ERR_CONFIG, with the place in the sentence, and nothing of the plain text anywhere. */
static void stays_shut(const struct keyring *ring, const struct seal_place *place, const uint8_t *blob, size_t len)
{
	char *plain = (char *)1;
	size_t plain_len = 99;
	struct err err = {0};
	uint8_t *exact = test_malloc(len + 1);      /* so that the sanitizer sees a read behind the end */
	memcpy(exact, blob, len);
	int got = unseal(ring, place, exact, len, &plain, &plain_len, &err);
	test_free(exact);
	UNIT_CASE(got == ERR_CONFIG, "%d %s", got, err.text);
	assert_null(plain);
	assert_int_equal(plain_len, 0);
	UNIT_CASE(strstr(err.text, place->table), "no table in: %s", err.text);
	UNIT_CASE(!strstr(err.text, "s3cret"), "the secret is in: %s", err.text);
}

static void form_on_disk(void **state)
{
	(void)state;
	struct keyring *ring = ring_of(KEY_7);
	opens(ring, &here, golden, GOLDEN, "s3cret", 6);
	assert_int_equal(sealed_key_id(golden, GOLDEN), 7);

	uint8_t *blob;
	size_t len;
	assert_int_equal(seal(ring, &here, "s3cret", 6, &blob, &len, NULL), 0);
	assert_int_equal(len, 6 + OVERHEAD);
	assert_memory_equal(blob, golden, 5);
	opens(ring, &here, blob, len, "s3cret", 6);
	free(blob);
	keyring_free(ring);
}

static void any_bytes_and_lengths(void **state)
{
	(void)state;
	struct keyring *ring = ring_of(KEY_7);
	static char plain[1 << 20];
	for (size_t i = 0; i < sizeof plain; i++)
		plain[i] = (char)(i * 7 + (i >> 8));
	static const size_t lengths[] = {0, 1, 15, 16, 17, 31, 32, 33, 255, 4096, 65537, sizeof plain};
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		uint8_t *blob;
		size_t len;
		assert_int_equal(seal(ring, &here, plain, lengths[i], &blob, &len, NULL), 0);
		assert_int_equal(len, lengths[i] + OVERHEAD);
		opens(ring, &here, blob, len, plain, lengths[i]);
		if (lengths[i] >= 16)
			assert_null(memmem(blob, len, plain, 16));
		free(blob);
	}
	uint8_t *blob = (uint8_t *)1;
	size_t len = 1;
	struct err err = {0};
	assert_int_equal(seal(ring, &here, plain, sizeof plain + 1, &blob, &len, &err), ERR_INVALID);
	assert_null(blob);
	assert_non_null(strstr(err.text, "1048577"));
	keyring_free(ring);
}

/* The same secret never looks the same: no nonce comes twice. */
static void nonces_differ(void **state)
{
	(void)state;
	enum { N = 500 };
	struct keyring *ring = ring_of(KEY_7);
	static uint8_t nonces[N][12];
	for (int i = 0; i < N; i++) {
		uint8_t *blob;
		size_t len;
		assert_int_equal(seal(ring, &here, "s3cret", 6, &blob, &len, NULL), 0);
		memcpy(nonces[i], blob + 5, 12);
		free(blob);
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(nonces[i], nonces[j], 12);
	}
	keyring_free(ring);
}

/* A ciphertext that was copied to another row, tenant or table does not open there. */
static void bound_to_its_place(void **state)
{
	(void)state;
	struct keyring *ring = ring_of(KEY_7);
	static const struct seal_place elsewhere[] = {
		{"softphone_stations", 3, 42}, {"softphone_stations", 3, 40}, {"softphone_stations", 4, 41},
		{"softphone_stations", 41, 3}, {"softphone_users", 3, 41}, {"softphone_station", 3, 41},
		{"softphone_stationss", 3, 41}, {"", 3, 41}, {"softphone_stations", 0, 41}, {"softphone_stations", 3, 0},
		{"softphone_stations", -3, 41}, {"softphone_stations", 3, 41 + (INT64_C(1) << 32)},
		{"softphone_stations", 3 + (INT64_C(1) << 56), 41},
	};
	for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
		stays_shut(ring, &elsewhere[i], golden, GOLDEN);
	/* And the other way round: what is sealed there does not open here. */
	for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
		uint8_t *blob;
		size_t len;
		assert_int_equal(seal(ring, &elsewhere[i], "s3cret", 6, &blob, &len, NULL), 0);
		opens(ring, &elsewhere[i], blob, len, "s3cret", 6);
		stays_shut(ring, &here, blob, len);
		free(blob);
	}
	keyring_free(ring);
}

static void each_bit_flipped(void **state)
{
	(void)state;
	/* 7 and its neighbours by one bit all exist in this ring, so that a changed key id is tried too. */
	static const char hex[] = " 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
	char text[600];
	int n = 0;
	for (int id = 1; id <= 7; id++)
		n += snprintf(text + n, sizeof text - (size_t)n, "%d%s", id, hex);
	struct keyring *ring = ring_of(text);
	opens(ring, &here, golden, GOLDEN, "s3cret", 6);
	for (size_t i = 0; i < GOLDEN; i++)
		for (int bit = 0; bit < 8; bit++) {
			uint8_t blob[GOLDEN];
			memcpy(blob, golden, GOLDEN);
			blob[i] ^= (uint8_t)(1 << bit);
			stays_shut(ring, &here, blob, GOLDEN);
		}
	keyring_free(ring);
}

static void each_byte_replaced(void **state)
{
	(void)state;
	struct keyring *ring = ring_of(KEY_7);
	for (size_t i = 0; i < GOLDEN; i++)
		for (int value = 0; value < 256; value++) {
			uint8_t blob[GOLDEN];
			if (value == golden[i])
				continue;
			memcpy(blob, golden, GOLDEN);
			blob[i] = (uint8_t)value;
			stays_shut(ring, &here, blob, GOLDEN);
		}
	keyring_free(ring);
}

static void cut_and_longer(void **state)
{
	(void)state;
	struct keyring *ring = ring_of(KEY_7);
	uint8_t longer[GOLDEN + 16] = {0};
	for (size_t len = 0; len < GOLDEN; len++) {
		stays_shut(ring, &here, golden, len);                       /* its end is missing */
		stays_shut(ring, &here, golden + GOLDEN - len, len);        /* its start is */
	}
	memcpy(longer, golden, GOLDEN);
	for (size_t len = GOLDEN + 1; len <= sizeof longer; len++)
		stays_shut(ring, &here, longer, len);
	stays_shut(ring, &here, (const uint8_t *)"s3cret, as it was once kept in the clear, by mistake", 52);
	char *plain;
	size_t plain_len;
	assert_int_equal(unseal(ring, &here, NULL, 0, &plain, &plain_len, NULL), ERR_CONFIG);
	keyring_free(ring);
}

static void wrong_key(void **state)
{
	(void)state;
	/* The same id with other bytes: another database's file.  And a ring that lacks the id. */
	struct keyring *other = ring_of("7 ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\n");
	stays_shut(other, &here, golden, GOLDEN);
	keyring_free(other);
	other = ring_of(KEY_9);
	stays_shut(other, &here, golden, GOLDEN);
	struct err err = {0};
	char *plain;
	size_t plain_len;
	unseal(other, &here, golden, GOLDEN, &plain, &plain_len, &err);
	assert_non_null(strstr(err.text, "key 7"));
	keyring_free(other);
}

static void rotation(void **state)
{
	(void)state;
	char path[] = "/tmp/spctl-seal.XXXXXX";
	int fd = mkstemp(path);
	assert_int_equal(write(fd, KEY_7, strlen(KEY_7)), strlen(KEY_7));
	close(fd);
	struct keyring *ring;
	assert_int_equal(keyring_open(&ring, path, 0, NULL), 0);
	assert_int_equal(keyring_add(ring, NULL), 0);
	uint8_t *blob;
	size_t len;
	assert_int_equal(seal(ring, &here, "s3cret", 6, &blob, &len, NULL), 0);
	assert_int_equal(sealed_key_id(blob, len), 8);          /* new ones with the new key */
	opens(ring, &here, golden, GOLDEN, "s3cret", 6);        /* old ones still open */
	assert_int_equal(keyring_drop_old(ring, NULL), 0);
	opens(ring, &here, blob, len, "s3cret", 6);
	stays_shut(ring, &here, golden, GOLDEN);
	free(blob);
	keyring_free(ring);
	unlink(path);
}

static void key_id_of(void **state)
{
	(void)state;
	uint8_t blob[GOLDEN];
	memcpy(blob, golden, GOLDEN);
	memcpy(blob + 1, "\xfe\xdc\xba\x98", 4);
	assert_true(sealed_key_id(blob, GOLDEN) == 0xfedcba98u);
	memset(blob + 1, 0, 4);
	assert_int_equal(sealed_key_id(blob, GOLDEN), 0);
	assert_int_equal(sealed_key_id(golden, OVERHEAD), 7);
	assert_int_equal(sealed_key_id(golden, OVERHEAD - 1), 0);
	assert_int_equal(sealed_key_id(golden, 0), 0);
	assert_int_equal(sealed_key_id(NULL, 0), 0);
	assert_int_equal(sealed_key_id(golden, SIZE_MAX), 0);
	memcpy(blob, golden, GOLDEN);
	blob[0] = 2;
	assert_int_equal(sealed_key_id(blob, GOLDEN), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(form_on_disk),
		cmocka_unit_test(any_bytes_and_lengths),
		cmocka_unit_test(nonces_differ),
		cmocka_unit_test(bound_to_its_place),
		cmocka_unit_test(each_bit_flipped),
		cmocka_unit_test(each_byte_replaced),
		cmocka_unit_test(cut_and_longer),
		cmocka_unit_test(wrong_key),
		cmocka_unit_test(rotation),
		cmocka_unit_test(key_id_of),
	};
	return UNIT_RUN(tests);
}
