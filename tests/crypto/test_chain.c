/* The audit chain: its hashes, and that every change of history shows; digests of files; tokens. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../lib/unit.h"
#include "../../src/crypto/chain.h"

/* Against Python's hashlib. */
static void known_hashes(void **state)
{
	(void)state;
	char one[CHAIN_HASH_SIZE], two[CHAIN_HASH_SIZE];
	assert_int_equal(chain_next(NULL, "", "first row", 9, one, NULL), 0);
	assert_string_equal(one, "9f27cc3808b6e54373eff59704b3b4ff8a4072345cccbea84aa509d472c9143f");
	assert_int_equal(chain_next(NULL, one, "second\0row", 10, two, NULL), 0);
	assert_string_equal(two, "d137a6e355d4a39de128c35e365cdc1f77ed33930ef3bdfa22d3eec0213d2980");
	assert_int_equal(chain_next(NULL, one, "second\0row", 10, one, NULL), 0);     /* in place */
	assert_string_equal(one, two);
	assert_int_equal(chain_next(NULL, "", "", 0, one, NULL), 0);
}

enum { ROWS = 6 };
typedef char hashes[ROWS][CHAIN_HASH_SIZE];

static void make(const char *const rows[], int count, hashes out)
{
	for (int i = 0; i < count; i++)
		assert_int_equal(chain_next(NULL, i ? out[i - 1] : "", rows[i], strlen(rows[i]), out[i], NULL), 0);
}

/* The first row whose kept hash does not follow from the row before, or count. */
static int first_bad(const char *const rows[], hashes kept, int count)
{
	for (int i = 0; i < count; i++) {
		char want[CHAIN_HASH_SIZE];
		assert_int_equal(chain_next(NULL, i ? kept[i - 1] : "", rows[i], strlen(rows[i]), want, NULL), 0);
		if (strcmp(want, kept[i]))
			return i;
	}
	return count;
}

static void changes_show(void **state)
{
	(void)state;
	const char *const good[ROWS] = {"blocked 1", "forced 2", "allowed 3", "allowed 3", "flag_changed 5", "kicked 6"};
	hashes kept;
	make(good, ROWS, kept);
	assert_int_equal(first_bad(good, kept, ROWS), ROWS);
	for (int i = 0; i < ROWS; i++) {
		const char *rows[ROWS];
		hashes less;
		/* Changed. */
		memcpy(rows, good, sizeof rows);
		rows[i] = "allowed 9";
		assert_int_equal(first_bad(rows, kept, ROWS), i);
		/* Removed; of a row that equals its neighbour, the one behind shows it. */
		for (int from = 0, to = 0; from < ROWS; from++)
			if (from != i) {
				rows[to] = good[from];
				memcpy(less[to++], kept[from], CHAIN_HASH_SIZE);
			}
		if (i < ROWS - 1)
			assert_int_equal(first_bad(rows, less, ROWS - 1), i);
	}
	/* Two rows exchanged, with or without their hashes. */
	const char *swapped[ROWS];
	hashes mixed;
	memcpy(swapped, good, sizeof swapped);
	memcpy(mixed, kept, sizeof mixed);
	swapped[1] = good[2];
	swapped[2] = good[1];
	assert_int_equal(first_bad(swapped, mixed, ROWS), 1);
	memcpy(mixed[1], kept[2], CHAIN_HASH_SIZE);
	memcpy(mixed[2], kept[1], CHAIN_HASH_SIZE);
	assert_int_equal(first_bad(swapped, mixed, ROWS), 1);
}

/* Against Python's hmac; and only who has the key comes to the same hash. */
static void keyed_hashes(void **state)
{
	(void)state;
	uint8_t bytes[CHAIN_KEY_BYTES], other[CHAIN_KEY_BYTES];
	char one[CHAIN_HASH_SIZE], two[CHAIN_HASH_SIZE];
	for (int i = 0; i < CHAIN_KEY_BYTES; i++)
		bytes[i] = (uint8_t)i;
	struct chain_key *key = chain_key_open(bytes, NULL);
	assert_non_null(key);
	assert_int_equal(chain_next(key, "", "first row", 9, one, NULL), 0);
	assert_string_equal(one, "7d2baff79a8fbe78a7472628eb932042992aec9c72bdf4d49c8a0a61313b4f2c");
	assert_int_equal(chain_next(key, one, "second\0row", 10, two, NULL), 0);
	assert_string_equal(two, "838b4468cfcb0f3da06f647fa73e34bdc6b5669db5c2067f5c3ca5ac64feae36");
	assert_int_equal(chain_seal(key, "a text", two, NULL), 0);
	assert_string_equal(two, "8dcfa2dc70779e9fab5339ae400555382176cb052e895f7e37a4ffa9ebc6d1ce");
	chain_key_close(key);
	assert_int_equal(chain_key_random(other, NULL), 0);
	assert_int_equal(chain_key_random(bytes, NULL), 0);
	assert_memory_not_equal(bytes, other, sizeof bytes);
	key = chain_key_open(bytes, NULL);
	assert_int_equal(chain_next(key, "", "first row", 9, two, NULL), 0);
	assert_string_not_equal(one, two);
	assert_int_equal(chain_next(NULL, "", "first row", 9, two, NULL), 0);
	assert_string_not_equal(one, two);
	chain_key_close(key);
	chain_key_close(NULL);
}

/* Bytes cannot be moved between the hash before and the row. */
static void no_first_row_passes_as_a_later_one(void **state)
{
	(void)state;
	char first[CHAIN_HASH_SIZE], later[CHAIN_HASH_SIZE], trick[CHAIN_HASH_SIZE], text[200];
	assert_int_equal(chain_next(NULL, "", "row", 3, first, NULL), 0);
	assert_int_equal(chain_next(NULL, first, "row", 3, later, NULL), 0);
	int len = snprintf(text, sizeof text, "%s\nrow", first);
	assert_int_equal(chain_next(NULL, "", text, (size_t)len, trick, NULL), 0);
	assert_string_not_equal(later, trick);
	len = snprintf(text, sizeof text, "%srow", first);
	assert_int_equal(chain_next(NULL, "", text, (size_t)len, trick, NULL), 0);
	assert_string_not_equal(later, trick);
}

static void bad_previous(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"x", "9f27cc38", "9F27CC3808B6E54373EFF59704B3B4FF8A4072345CCCBEA84AA509D472C9143F",
		"9f27cc3808b6e54373eff59704b3b4ff8a4072345cccbea84aa509d472c9143",
		"9f27cc3808b6e54373eff59704b3b4ff8a4072345cccbea84aa509d472c9143f0",
		"9f27cc3808b6e54373eff59704b3b4ff8a4072345cccbea84aa509d472c9143\n",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char out[CHAIN_HASH_SIZE];
		struct err err = {0};
		UNIT_CASE(chain_next(NULL, bad[i], "row", 3, out, &err) == ERR_INVALID, "\"%s\" is taken", bad[i]);
		assert_non_null(strstr(err.text, "64"));
	}
}

static void files(void **state)
{
	(void)state;
	char path[] = "/tmp/spctl-digest.XXXXXX", out[CHAIN_HASH_SIZE];
	struct err err = {0};
	int fd = mkstemp(path);
	assert_int_equal(digest_file(path, NULL, out, NULL), 0);
	assert_string_equal(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_int_equal(write(fd, "abc", 3), 3);
	assert_int_equal(digest_file(path, NULL, out, NULL), 0);
	assert_string_equal(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	/* FIPS 180-2's million of 'a', over many blocks of reading. */
	static char many[1000000];
	memset(many, 'a', sizeof many);
	assert_int_equal(pwrite(fd, many, sizeof many, 0), sizeof many);
	assert_int_equal(digest_file(path, NULL, out, NULL), 0);
	assert_string_equal(out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	close(fd);
	unlink(path);
	assert_int_equal(digest_file(path, NULL, out, &err), ERR_FAILED);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(digest_file("/tmp", NULL, out, &err), ERR_FAILED);
	assert_non_null(strstr(err.text, "/tmp"));
}

static void tokens(void **state)
{
	(void)state;
	char one[129], two[129];
	assert_int_equal(random_hex(one, 16, NULL), 0);
	assert_int_equal(random_hex(two, 16, NULL), 0);
	assert_int_equal(strlen(one), 32);
	assert_int_equal(strspn(one, "0123456789abcdef"), 32);
	assert_string_not_equal(one, two);
	assert_int_equal(random_hex(one, 64, NULL), 0);
	assert_int_equal(strlen(one), 128);
	assert_int_equal(random_hex(one, 0, NULL), 0);
	assert_string_equal(one, "");
	struct err err = {0};
	assert_int_equal(random_hex(one, 65, &err), ERR_FAILED);
	assert_string_equal(one, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_hashes),
		cmocka_unit_test(changes_show),
		cmocka_unit_test(keyed_hashes),
		cmocka_unit_test(no_first_row_passes_as_a_later_one),
		cmocka_unit_test(bad_previous),
		cmocka_unit_test(files),
		cmocka_unit_test(tokens),
	};
	return UNIT_RUN(tests);
}
