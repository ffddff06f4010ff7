/* Copies of a database that is in use. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include "fixture.h"

static void copies(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct stat st;
	char path[96], other[128];

	make_tenant(f->db, "one");
	snprintf(path, sizeof(path), "%s/copy.db", f->folder);
	assert_int_equal(db_copy(db_path(f->db), path, NULL, &err), 0);
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
	assert_int_equal(db_copy(db_path(f->db), path, NULL, &err), ERR_CONFLICT);
	assert_non_null(strstr(err.text, path));
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 8);
	snprintf(path, sizeof(path), "%s/none/copy.db", f->folder);
	assert_int_equal(db_copy(db_path(f->db), path, NULL, &err), ERR_CANNOT_CREATE);
}

struct copying { const char *from, *to; int rc; struct err err; _Atomic bool over; };

static void *copy(void *arg)
{
	struct copying *c = arg;

	c->rc = db_copy(c->from, c->to, NULL, &c->err);
	atomic_store(&c->over, true);
	return NULL;
}

/* What is written meanwhile is not in the copy, and does not make it begin anew for ever; never half. */
static void while_in_use(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	char path[96], big[4000];
	pthread_t thread;
	int late = 0;

	memset(big, 'n', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	int64_t tenant = make_tenant(f->db, "one");
	assert_int_equal(db_begin(f->db, &err), 0);
	for (int i = 0; i < 5000; i++)
		make_customer(f->db, tenant, big, "+14155550100");
	assert_int_equal(db_commit(f->db, &err), 0);
	snprintf(path, sizeof(path), "%s/copy.db", f->folder);
	struct copying copying = {.from = db_path(f->db), .to = path};
	assert_int_equal(pthread_create(&thread, NULL, copy, &copying), 0);
	do {
		assert_int_equal(db_begin(f->db, &err), 0);
		make_customer(f->db, tenant, "late", "+14155550101");
		assert_int_equal(db_commit(f->db, &err), 0);
		late++;
	} while (!atomic_load(&copying.over));
	pthread_join(thread, NULL);
	UNIT_CASE(copying.rc == 0, "%s", copying.err.text);
	db_close(f->db);
	assert_int_equal(db_open(&f->db, path, false, &err), 0);
	int64_t count = NUMBER(f->db, "SELECT count(*) FROM customers");
	UNIT_CASE(count >= 5000 && count <= 5000 + late, "%lld of %d", (long long)count, 5000 + late);
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM customers c WHERE NOT EXISTS"
		" (SELECT 1 FROM customer_phones p WHERE p.customer_id = c.id)"), 0);
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
}

static void given_up(void **state)
{
	struct fixture *f = *state;
	const atomic_bool stop = true;
	struct err err = {0};
	char path[96], *faults;

	snprintf(path, sizeof(path), "%s/copies", f->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/copies/copy.db", f->folder);
	assert_int_equal(db_copy(db_path(f->db), path, &stop, &err), ERR_TRY_AGAIN);
	snprintf(path, sizeof(path), "%s/copies", f->folder);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(db_check(db_path(f->db), &stop, &faults, &err), ERR_TRY_AGAIN);
	free(faults);
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
