/* Login passwords: the stored form, matching, malformed hashes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../lib/unit.h"
#include "../../src/crypto/password.h"

/* Of "Pässwort 🔑", made with Python's hashlib.scrypt. */
#define GOLDEN "scrypt$15$8$1$AAECAwQFBgcICQoLDA0ODw==$/8Ag8LY5g/1nTj7eNoySBqhoHzN3/vbiy5KBEFsDJso="
static const char secret[] = "P\u00e4sswort \U0001f511";

static void form(void **state)
{
	(void)state;
	char one[PASSWORD_HASH_SIZE], two[PASSWORD_HASH_SIZE];
	assert_int_equal(password_hash("s3cret", one, NULL), 0);
	assert_int_equal(password_hash("s3cret", two, NULL), 0);
	assert_int_equal(strncmp(one, "scrypt$15$8$1$", 14), 0);
	assert_int_equal(strlen(one), strlen(GOLDEN));
	assert_string_not_equal(one, two);              /* each has a salt of its own */
	assert_null(strstr(one, "s3cret"));
	assert_true(password_matches("s3cret", one));
	assert_true(password_matches("s3cret", two));
	assert_false(password_matches("s3cres", one));
}

static void matches(void **state)
{
	(void)state;
	assert_true(password_matches(secret, GOLDEN));
	static const char *const wrong[] = {
		"P\u00e4sswort \U0001f511 ", " P\u00e4sswort \U0001f511", "P\u00e4sswort ", "p\u00e4sswort \U0001f511",
		"Passwort \U0001f511", "Pa\u0308sswort \U0001f511", "", "x",
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		UNIT_CASE(!password_matches(wrong[i], GOLDEN), "\"%s\" matches", wrong[i]);
}

static void bounds(void **state)
{
	(void)state;
	char hash[PASSWORD_HASH_SIZE], long_one[1026];
	struct err err = {0};
	assert_int_equal(password_hash("", hash, &err), ERR_INVALID);
	assert_string_equal(hash, "");
	assert_non_null(strstr(err.text, "empty"));
	memset(long_one, 'x', 1025);
	long_one[1025] = '\0';
	assert_int_equal(password_hash(long_one, hash, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "1025"));
	assert_false(password_matches(long_one, GOLDEN));
	long_one[1024] = '\0';
	assert_int_equal(password_hash(long_one, hash, &err), 0);
	assert_true(password_matches(long_one, hash));
	long_one[1023] = 'y';                           /* the last byte counts as well */
	assert_false(password_matches(long_one, hash));
}

static void malformed(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "x", "scrypt", "scrypt$", "scrypt$15$8$1$", "scrypt$15$8$1$$", "*", "!", "$6$salt$hash",
		"scrypt$15$8$1$AAECAwQFBgcICQoLDA0ODw==",
		"scrypt$15$8$1$AAECAwQFBgcICQoLDA0ODw==$",
		"scrypt$14$8$1$AAECAwQFBgcICQoLDA0ODw==$/8Ag8LY5g/1nTj7eNoySBqhoHzN3/vbiy5KBEFsDJso=",
		"scrypt$31$8$1$AAECAwQFBgcICQoLDA0ODw==$/8Ag8LY5g/1nTj7eNoySBqhoHzN3/vbiy5KBEFsDJso=",
		"SCRYPT$15$8$1$AAECAwQFBgcICQoLDA0ODw==$/8Ag8LY5g/1nTj7eNoySBqhoHzN3/vbiy5KBEFsDJso=",
		"scrypt$15$8$1$AAECAwQFBgcICQoLDA0ODw==:/8Ag8LY5g/1nTj7eNoySBqhoHzN3/vbiy5KBEFsDJso=",
		"scrypt$15$8$1$AAECAwQFBgcICQoLDA0ODx==$/8Ag8LY5g/1nTj7eNoySBqhoHzN3/vbiy5KBEFsDJso=",
		"scrypt$15$8$1$AAECAwQFBgcICQoLDA0O====$/8Ag8LY5g/1nTj7eNoySBqhoHzN3/vbiy5KBEFsDJso=",
		"scrypt$15$8$1$AAECAwQFBgcICQoLDA0O\nw==$/8Ag8LY5g/1nTj7eNoySBqhoHzN3/vbiy5KBEFsDJso=",
		"scrypt$15$8$1$                        $/8Ag8LY5g/1nTj7eNoySBqhoHzN3/vbiy5KBEFsDJso=",
		"scrypt$15$8$1$AAECAwQFBgcICQoLDA0ODw==$\377\376Ag8LY5g/1nTj7eNoySBqhoHzN3/vbiy5KBEFsDJs=",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		UNIT_CASE(!password_matches(secret, bad[i]), "\"%s\" matches", bad[i]);
	assert_false(password_matches(secret, NULL));
}

/* Every cut of a good hash, and every character of it replaced by its neighbour. */
static void damaged(void **state)
{
	(void)state;
	const size_t len = strlen(GOLDEN);
	char hash[PASSWORD_HASH_SIZE];
	for (size_t cut = 0; cut < len; cut++) {
		char *exact = test_malloc(cut + 1);
		memcpy(exact, GOLDEN, cut);
		exact[cut] = '\0';
		assert_false(password_matches(secret, exact));
		test_free(exact);
	}
	assert_false(password_matches(secret, GOLDEN "="));
	/* Those in the base64 parts derive a key each: one in three is enough. */
	for (size_t i = 0; i < len; i += i < 14 ? 1 : 3) {
		memcpy(hash, GOLDEN, len + 1);
		hash[i]++;
		UNIT_CASE(!password_matches(secret, hash), "\"%s\" matches", hash);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(form),
		cmocka_unit_test(matches),
		cmocka_unit_test(bounds),
		cmocka_unit_test(malformed),
		cmocka_unit_test(damaged),
	};
	return UNIT_RUN(tests);
}
