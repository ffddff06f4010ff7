/* A disk that fills up at any point: a clear error, nothing half-written, and all is well once there is room again. */
#include "fixture.h"

/* The file may grow to so many bytes; writes beyond it fail with EFBIG, as a full disk's do with ENOSPC. */
static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static int remove_limit(void **state)
{
	limit_files(RLIM_INFINITY);
	return fixture_remove(state);
}

/* One tenant with its customers, all or nothing. */
static int add_all(struct db *db, struct err *err)
{
	char big[4000];
	int rc = db_begin(db, err);

	memset(big, 'n', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	if (rc < 0)
		return rc;
	for (int i = 0; i < 20 && rc >= 0; i++) {
		int64_t id = db_insert(db, &sql_customer_add,
			ARGS(a_int(1), a_int(1), a_text(big), a_null(), a_null(), a_null(), a_null(), a_int(0)), err);
		rc = id < 0 ? (int)id : 0;
	}
	if (rc >= 0)
		rc = db_commit(db, err);
	if (rc < 0)
		db_rollback(db);
	return rc;
}

static void every_point(void **state)
{
	struct fixture *f = *state;
	struct stat wal;
	char path[96];
	int failures = 0, successes = 0;

	make_tenant(f->db, "one");
	snprintf(path, sizeof(path), "%s-wal", f->path);
	assert_int_equal(stat(path, &wal), 0);
	for (int step = 0; step < 40; step++) {
		struct err err = {0};
		int64_t before = NUMBER(f->db, "SELECT count(*) FROM customers");
		limit_files((rlim_t)(wal.st_size + step * 3000));
		int rc = add_all(f->db, &err);
		limit_files(RLIM_INFINITY);
		int64_t after = NUMBER(f->db, "SELECT count(*) FROM customers");
		if (rc < 0) {
			failures++;
			assert_int_equal(rc, ERR_FAILED);
			UNIT_CASE(strstr(err.text, "cannot be written"), "step %d: %s", step, err.text);
			assert_int_equal(after, before);
		} else {
			successes++;
			assert_int_equal(after, before + 20);
		}
	}
	assert_true(failures > 5);
	assert_true(successes > 0);
	struct err err = {0};
	assert_int_equal(add_all(f->db, &err), 0);
	db_close(f->db);
	fixture_open(f);
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM customers") % 20, 0);
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
}

/* After an error that ended the transaction, nothing goes through as if it were a transaction of its own. */
static void nothing_slips_through(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	make_tenant(f->db, "one");
	assert_int_equal(db_begin(f->db, &err), 0);
	make_tenant(f->db, "two");
	/* What SQLite does by itself on some errors. */
	assert_int_equal(RUN(f->db, "ROLLBACK", &err), 0);
	assert_int_equal(RUN(f->db, "UPDATE softphone_tenants SET name = 'three'", &err), ERR_FAILED);
	assert_non_null(strstr(err.text, "given up"));
	assert_int_equal(db_commit(f->db, &err), ERR_FAILED);
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM softphone_tenants WHERE name = 'one'"), 1);
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM softphone_tenants"), 1);
}

static void no_room_for_a_new_one(void **state)
{
	struct fixture *f = *state;
	char path[96];
	struct db *db;
	bool made = false;

	snprintf(path, sizeof(path), "%s/new.db", f->folder);
	for (rlim_t room = 0; room < 4000000 && !made; room = room * 2 + 4096) {
		struct err err = {0};
		limit_files(room);
		made = db_open(&db, path, true, &err) == 0;
		limit_files(RLIM_INFINITY);
		if (!made) {
			UNIT_CASE(err.code == ERR_FAILED, "%s", err.text);
			assert_int_equal(access(path, F_OK), -1);
		}
	}
	assert_true(made);
	db_close(db);
}

static void backup_without_room(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	char path[96];

	make_tenant(f->db, "one");
	assert_int_equal(add_all(f->db, &err), 0);
	snprintf(path, sizeof(path), "%s/copies", f->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/copies/copy.db", f->folder);
	limit_files(20000);
	int rc = db_copy(db_path(f->db), path, NULL, &err);
	limit_files(RLIM_INFINITY);
	assert_int_equal(rc, ERR_FAILED);
	snprintf(path, sizeof(path), "%s/copies", f->folder);
	assert_int_equal(rmdir(path), 0);       /* nothing was left in it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_point, fixture_make, remove_limit),
		cmocka_unit_test_setup_teardown(nothing_slips_through, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(no_room_for_a_new_one, fixture_make, remove_limit),
		cmocka_unit_test_setup_teardown(backup_without_room, fixture_make, remove_limit),
	};

	signal(SIGXFSZ, SIG_IGN);
	return UNIT_RUN(tests);
}
