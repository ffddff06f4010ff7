/* Copies of a database that is in use. */
#include <sqlite3.h>
#include "fixture.h"

static void copies(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct stat st;
	char path[96], other[128];

	make_tenant(f->db, "one");
	snprintf(path, sizeof(path), "%s/copy.db", f->folder);
	assert_int_equal(backup(f->db, path, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	snprintf(other, sizeof(other), "%s-wal", path);
	assert_int_equal(access(other, F_OK), -1);

	make_tenant(f->db, "two");
	db_close(f->db);
	assert_int_equal(db_open(&f->db, path, false, &err), 0);
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM softphone_tenants"), 1);
	assert_int_equal(db_schema_version(f->db), db_schema_newest());
}

static void never_overwrites(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	char path[96];

	snprintf(path, sizeof(path), "%s/copy.db", f->folder);
	FILE *file = fopen(path, "w");
	fputs("precious", file);
	fclose(file);
	assert_int_equal(backup(f->db, path, &err), ERR_CONFLICT);
	assert_non_null(strstr(err.text, path));
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 8);
	snprintf(path, sizeof(path), "%s/none/copy.db", f->folder);
	assert_int_equal(backup(f->db, path, &err), ERR_CANNOT_CREATE);
}

/* Writes between two slices are in the copy, or it is from before them; never half. */
static void while_in_use(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db_copy *copy;
	char path[96], big[4000];
	int slices = 0, rc;

	memset(big, 'n', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	int64_t tenant = make_tenant(f->db, "one");
	assert_int_equal(db_begin(f->db, &err), 0);
	for (int i = 0; i < 1000; i++)
		make_customer(f->db, tenant, big, "+14155550100");
	assert_int_equal(db_commit(f->db, &err), 0);
	snprintf(path, sizeof(path), "%s/copy.db", f->folder);
	assert_int_equal(db_copy_start(f->db, path, &copy, &err), 0);
	while ((rc = db_copy_step(f->db, copy, &err)) > 0) {
		slices++;
		assert_int_equal(access(path, F_OK), -1);
		assert_int_equal(db_begin(f->db, &err), 0);
		make_customer(f->db, tenant, "late", "+14155550101");
		assert_int_equal(db_commit(f->db, &err), 0);
	}
	assert_int_equal(rc, 0);
	db_copy_end(f->db, copy);
	assert_true(slices > 2);
	db_close(f->db);
	assert_int_equal(db_open(&f->db, path, false, &err), 0);
	assert_true(NUMBER(f->db, "SELECT count(*) FROM customers") >= 1000);
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM customers c WHERE NOT EXISTS"
		" (SELECT 1 FROM customer_phones p WHERE p.customer_id = c.id)"), 0);
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
}

static void given_up(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db_copy *copy;
	char path[96];

	snprintf(path, sizeof(path), "%s/copies", f->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/copies/copy.db", f->folder);
	assert_int_equal(db_copy_start(f->db, path, &copy, &err), 0);
	db_copy_end(f->db, copy);
	snprintf(path, sizeof(path), "%s/copies", f->folder);
	assert_int_equal(rmdir(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(copies, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(never_overwrites, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(while_in_use, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(given_up, fixture_make, fixture_remove),
	};

	return UNIT_RUN(tests);
}
