/* Base64 and SHA-256, against the vectors of RFC 4648 and FIPS 180-4. */
#include "../lib/unit.h"
#include <stdlib.h>
#include <string.h>
#include "../../src/base/base64.h"
#include "../../src/base/sha256.h"

static void base64_vectors(void **state)
{
	(void)state;
	static const char *const plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar", "\xff\xfe\xfd\xfb\xef\xbe"};
	static const char *const coded[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy", "//79++++"};
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		size_t len = 99;
		char *text = base64_text(plain[i], strlen(plain[i]));
		unsigned char *bytes = base64_bytes(coded[i], &len);
		UNIT_CASE(!strcmp(text, coded[i]), "%s: %s", plain[i], text);
		assert_non_null(bytes);
		assert_int_equal(len, strlen(plain[i]));
		assert_memory_equal(bytes, plain[i], len + 1);
		free(text);
		free(bytes);
	}
}

static void base64_all_bytes(void **state)
{
	(void)state;
	unsigned char all[600];
	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (unsigned char)(i * 7 + i / 256);
	for (size_t from = 0; from < sizeof all; from++) {
		size_t len;
		char *text = base64_text(all + from, sizeof all - from);
		unsigned char *bytes = base64_bytes(text, &len);
		assert_non_null(bytes);
		assert_int_equal(len, sizeof all - from);
		assert_memory_equal(bytes, all + from, len);
		free(text);
		free(bytes);
	}
}

static void base64_others(void **state)
{
	(void)state;
	static const char *const wrong[] = {"Z", "Zg", "Zg=", "Zg===", "====", "=", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "Zg==Zg==", "Zm-_", "Z===",
		"Zm9vZm9v=", "Z\xc3\xa4=="};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		size_t len;
		unsigned char *bytes = base64_bytes(wrong[i], &len);
		UNIT_CASE(!bytes, "\"%s\" is taken", wrong[i]);
	}
}

static void digest(const char *text, size_t len, size_t step, char out[SHA256_TEXT])
{
	struct sha256 hash;
	sha256_start(&hash);
	for (size_t i = 0; i < len; i += step)
		sha256_add(&hash, text + i, i + step < len ? step : len - i);
	sha256_end(&hash, out);
}

static void sha256_vectors(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "abc", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"};
	static const char *const digests[] = {
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
	};
	char got[SHA256_TEXT];
	for (size_t i = 0; i < 3; i++) {
		digest(texts[i], strlen(texts[i]), 64, got);
		assert_string_equal(got, digests[i]);
	}
	char *million = malloc(1000000);
	memset(million, 'a', 1000000);
	static const size_t steps[] = {1, 3, 63, 64, 65, 4096, 1000000};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		digest(million, 1000000, steps[i], got);
		assert_string_equal(got, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	}
	free(million);
}

/* Every place of the text's end in its last block. */
static void sha256_padding(void **state)
{
	(void)state;
	char text[130], one[SHA256_TEXT], many[SHA256_TEXT];
	memset(text, 'x', sizeof text);
	for (size_t len = 0; len <= sizeof text; len++) {
		digest(text, len, 200, one);
		digest(text, len, 1, many);
		assert_string_equal(one, many);
	}
	static const size_t lengths[] = {55, 56, 64, 119, 120};
	static const char *const digests[] = {              /* sha256sum */
		"d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072",
		"04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e",
		"7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c",
		"000b48d4edf0fa7bee3c6236ecd2785baa5db4eeb8bb54341b029e0d9fa5fb0c",
		"13f05a0b594787f5ecd315edc96141bd3243203d1b7d4f0836f37308b276ba98",
	};
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		digest(text, lengths[i], 200, one);
		assert_string_equal(one, digests[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_vectors), cmocka_unit_test(base64_all_bytes), cmocka_unit_test(base64_others),
		cmocka_unit_test(sha256_vectors), cmocka_unit_test(sha256_padding),
	};
	return UNIT_RUN(tests);
}
