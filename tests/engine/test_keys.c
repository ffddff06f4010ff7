/* The key file and its database: a wrong one is refused, and a rotation may be cut off anywhere. */
#include "nouns_fixture.h"

static int start_again(struct fixture *f)
{
	fixture_close(f);
	int rc = db_open(&f->engine.db, f->engine.home.db, true, &f->err);

	return rc < 0 ? rc : seed(&f->engine, &f->err);
}

static void copy_file(const char *from, const char *to)
{
	char text[4096];
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	size_t n = fread(text, 1, sizeof(text), in);

	assert_int_equal(fwrite(text, 1, n, out), n);
	fclose(in);
	fclose(out);
	assert_int_equal(chmod(to, 0600), 0);
}

static void make_stations(struct fixture *f)
{
	works(f, "station.add", "{'name':'one','did':'4155550100','sip_uri':'sip:a@b','password':'first'}");
	works(f, "station.add", "{'name':'two','did':'4155550100','sip_uri':'sip:a@b','password':'second'}");
	works(f, "station.add", "{'name':'none','did':'4155550100','sip_uri':'sip:a@b'}");
	works(f, "tenant.add", "{'name':'other'}");
	f->who.tenant_id = 2;
	works(f, "station.add", "{'name':'one','did':'4155550100','sip_uri':'sip:a@b','password':'third'}");
	f->who.tenant_id = 0;
}

static void passwords_open(struct fixture *f)
{
	static const struct { int64_t tenant, id; const char *password; } all[] = {{1, 1, "first"}, {1, 2, "second"}, {2, 4, "third"}};

	for (size_t i = 0; i < 3; i++) {
		struct station station;
		if (station_load(&f->engine, all[i].tenant, all[i].id, true, &station, &f->err) < 0)
			fail_msg("%s", f->err.text);
		assert_string_equal(station.password, all[i].password);
		station_wipe(&station);
	}
}

static void status(void **state)
{
	struct fixture *f = *state;

	make_stations(f);
	works(f, "key.status", "{}");
	ANSWER(f, "keys", "[1]");
	ANSWER(f, "newest", "1");
	ANSWER(f, "sealed", "{'1':3}");
	works(f, "key.init", "{}");
	ANSWER(f, "keys", "[1]");
	works(f, "db.status", "{}");
	ANSWER(f, "schema", answer_text(f, "newest"));
	works(f, "db.init", "{}");
	works(f, "db.migrate", "{'dry_run':true}");
	ANSWER(f, "dry_run", "true");
	works(f, "db.migrate", "{}");
	refused(f, "db.backup", "{'path':'copy.db'}", ERR_INVALID, "absolute");
}

static void rotation(void **state)
{
	struct fixture *f = *state;

	make_stations(f);
	works(f, "key.rotate", "{}");
	ANSWER(f, "keys", "[2]");
	ANSWER(f, "sealed", "{'2':3}");
	passwords_open(f);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_keys WHERE id = 2"), 1);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_keys"), 1);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE event = 'key.rotate' AND tenant_id = 1"), 1);
	assert_int_equal(start_again(f), 0);
	passwords_open(f);
	works(f, "key.rotate", "{}");
	ANSWER(f, "keys", "[3]");
	passwords_open(f);
}

/* Cut off behind the first step: the file has the new key, the database does not know it. */
static void cut_off_early(void **state)
{
	struct fixture *f = *state;

	make_stations(f);
	assert_int_equal(keyring_add(f->engine.keys, &f->err), 0);
	assert_int_equal(start_again(f), 0);
	works(f, "key.status", "{}");
	ANSWER(f, "keys", "[2]");
	ANSWER(f, "sealed", "{'2':3}");
	passwords_open(f);
}

/* Cut off behind the second: all is sealed with the new key, the file still has both. */
static void cut_off_late(void **state)
{
	struct fixture *f = *state;
	char both[96];

	make_stations(f);
	snprintf(both, sizeof(both), "%s/both", f->folder);
	assert_int_equal(keyring_add(f->engine.keys, &f->err), 0);
	copy_file(f->engine.home.key, both);
	assert_int_equal(start_again(f), 0);        /* the rest of it */
	copy_file(both, f->engine.home.key);        /* but the last */
	assert_int_equal(start_again(f), 0);
	works(f, "key.status", "{}");
	ANSWER(f, "keys", "[2]");
	passwords_open(f);
}

/* Killed while a new file was being written: what is left of it goes, and nothing else. */
static void leftovers(void **state)
{
	struct fixture *f = *state;
	static const char *const ends[] = {".new-Ab12cD", ".backup", ".old-Ab12cD", ".new-Ab12cDe", ".new-", ".new-ZZZZZZ"};
	char path[6][128], *first = NULL;

	make_stations(f);
	for (size_t i = 0; i < 6; i++) {
		snprintf(path[i], sizeof(path[i]), "%s%s", f->engine.home.key, ends[i]);
		if (i == 5)
			assert_int_equal(symlink("/etc/passwd", path[i]), 0);
		else
			copy_file(f->engine.home.key, path[i]);
	}
	assert_int_equal(keyring_left(f->engine.home.key, false, &first), 1);
	assert_string_equal(first, path[0]);
	free(first);
	works(f, "key.rotate", "{}");
	assert_int_equal(access(path[0], F_OK), -1);
	for (size_t i = 1; i < 6; i++)
		assert_int_equal(access(path[i], F_OK), 0);
	copy_file(f->engine.home.key, path[0]);
	assert_int_equal(start_again(f), 0);
	assert_int_equal(access(path[0], F_OK), -1);
	passwords_open(f);
}

/* A password that does not open ends the rotation, everything is as before, and the engine starts. */
static void broken_password(void **state)
{
	struct fixture *f = *state;

	make_stations(f);
	assert_int_equal(RUN(f, "UPDATE softphone_stations SET sip_credentials_encrypted ="
		" (SELECT sip_credentials_encrypted FROM softphone_stations WHERE id = 1) WHERE id = 2"), 1);
	refused(f, "key.rotate", "{}", ERR_CONFIG, "station two: set its password anew");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_keys WHERE id = 1"), 1);
	works(f, "key.status", "{}");
	ANSWER(f, "sealed", "{'1':3}");
	assert_int_equal(start_again(f), 0);        /* else nobody could set it */
	works(f, "station.set", "{'name':'two','password':'second'}");
	works(f, "key.rotate", "{}");
	passwords_open(f);
}

static void wrong_file(void **state)
{
	struct fixture *f = *state;
	char saved[96];

	make_stations(f);
	works(f, "key.rotate", "{}");
	snprintf(saved, sizeof(saved), "%s/saved", f->folder);
	copy_file(f->engine.home.key, saved);

	FILE *file = fopen(f->engine.home.key, "w");        /* the same id, another key */
	fprintf(file, "2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
	fclose(file);
	assert_int_equal(start_again(f), ERR_CONFIG);
	assert_non_null(strstr(f->err.text, "is not the key file"));

	file = fopen(f->engine.home.key, "w");
	fprintf(file, "7 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
	fclose(file);
	assert_int_equal(start_again(f), ERR_CONFIG);
	assert_non_null(strstr(f->err.text, "lacks key 2"));

	assert_int_equal(unlink(f->engine.home.key), 0);    /* none: a new one is not made in its place */
	assert_int_equal(start_again(f), ERR_CONFIG);
	assert_int_equal(access(f->engine.home.key, F_OK), -1);

	copy_file(saved, f->engine.home.key);
	assert_int_equal(start_again(f), 0);
	passwords_open(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(status, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(rotation, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(cut_off_early, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(cut_off_late, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(leftovers, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(broken_password, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(wrong_file, fixture_make, fixture_remove),
	};

	return UNIT_RUN(tests);
}
