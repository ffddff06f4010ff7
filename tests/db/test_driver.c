/* The SQLite driver: opening and refusing, arguments and rows, errors, transactions, nested statements. */
#include <errno.h>
#include <sqlite3.h>
#include "fixture.h"

/* ---- opening ---- */

static void opens_privately(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(db_schema_version(f->db), db_schema_newest());
	assert_true(db_size(f->db) > 0);
	assert_string_equal(db_path(f->db), f->path);
}

static void tightens_permissions(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	db_close(f->db);
	assert_int_equal(chmod(f->path, 0644), 0);
	fixture_open(f);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void missing_file(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db;
	char path[96];

	snprintf(path, sizeof(path), "%s/none.db", f->folder);
	assert_int_equal(db_open(&db, path, false, &err), ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, path));
	assert_null(db);
	assert_int_equal(access(path, F_OK), -1);
}

static void second_engine(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db;
	char pid[32];

	assert_int_equal(db_open(&db, f->path, true, &err), ERR_CONFLICT);
	snprintf(pid, sizeof(pid), "process %ld", (long)getpid());
	assert_non_null(strstr(err.text, pid));
	db_close(f->db);
	fixture_open(f);
}

static void set_in_file(const char *path, const char *sql)
{
	sqlite3 *conn;

	assert_int_equal(sqlite3_open(path, &conn), SQLITE_OK);
	assert_int_equal(sqlite3_exec(conn, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(conn);
}

static void newer_schema(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	db_close(f->db);
	set_in_file(f->path, "PRAGMA user_version = 9999");
	assert_int_equal(db_open(&f->db, f->path, true, &err), ERR_CONFIG);
	assert_non_null(strstr(err.text, "9999"));
	assert_int_equal(access(f->path, F_OK), 0);
}

static void foreign_database(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db;
	char path[96];

	snprintf(path, sizeof(path), "%s/other.db", f->folder);
	set_in_file(path, "CREATE TABLE songs (id INTEGER)");
	assert_int_equal(db_open(&db, path, true, &err), ERR_CONFIG);
	assert_non_null(strstr(err.text, "another program"));
	set_in_file(path, "INSERT INTO songs VALUES (1)");
}

static void not_a_database(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db;
	char path[96], text[4096];

	snprintf(path, sizeof(path), "%s/text.db", f->folder);
	memset(text, 'x', sizeof(text));
	FILE *file = fopen(path, "w");
	fwrite(text, 1, sizeof(text), file);
	fclose(file);
	assert_int_equal(db_open(&db, path, true, &err), ERR_CONFIG);
	assert_non_null(strstr(err.text, "is not a database"));
}

static void missing_folder(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db;
	char path[96];

	snprintf(path, sizeof(path), "%s/none/spctl.db", f->folder);
	assert_int_equal(db_open(&db, path, true, &err), ERR_CANNOT_CREATE);
	assert_non_null(strstr(err.text, path));
}

/* A folder that may not be written: as another user, since root may everything. */
static void read_only_folder(void **state)
{
	struct fixture *f = *state;
	char path[96];

	snprintf(path, sizeof(path), "%s/locked", f->folder);
	assert_int_equal(chmod(f->folder, 0755), 0);
	assert_int_equal(mkdir(path, 0555), 0);
	snprintf(path, sizeof(path), "%s/locked/spctl.db", f->folder);
	pid_t child = fork();
	if (child == 0) {
		struct err err = {0};
		struct db *db;
		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(2);
		int rc = db_open(&db, path, true, &err);
		_exit(rc == ERR_CANNOT_CREATE && strstr(err.text, strerror(EACCES)) ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- arguments and rows ---- */

static const struct stmt echo = {
	"test.echo", "SELECT $2, $1, $3, $4, $1", {{"text", COL_TEXT}, {"int", COL_INT}, {"blob", COL_HIDDEN}, {"null", COL_TEXT}, {"again", COL_INT}},
};

static int check_echo(const struct row *row, void *arg)
{
	size_t len;

	(*(int *)arg)++;
	assert_string_equal(row_text(row, 0), "grüße");
	assert_true(row_int(row, 1) == INT64_MIN);
	assert_memory_equal(row_blob(row, 2, &len), "a\0b", 3);
	assert_int_equal(len, 3);
	assert_true(row_null(row, 3));
	assert_null(row_text(row, 3));
	assert_int_equal(row_int(row, 3), 0);
	assert_true(row_int(row, 4) == INT64_MIN);
	assert_ptr_equal(row_stmt(row), &echo);
	return 0;
}

static void arguments(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	int seen = 0;

	for (int i = 0; i < 3; i++)
		assert_int_equal(db_each(f->db, &echo, ARGS(a_int(INT64_MIN), a_text("grüße"), a_blob("a\0b", 3), a_null()), check_echo, &seen, &err), 1);
	assert_int_equal(seen, 3);
	assert_int_equal(db_each(f->db, &echo, ARGS(a_int(1)), check_echo, &seen, &err), ERR_FAILED);
	assert_non_null(strstr(err.text, "takes 4 arguments, not 1"));
}

static void bad_statements(void **state)
{
	static const struct stmt syntax = {"test.syntax", "SELEKT 1", {{0}}};
	static const struct stmt gap = {"test.gap", "SELECT $1, $3", {{0}}};
	static const struct stmt columns = {"test.columns", "SELECT 1, 2", {{"one", COL_INT}}};
	struct fixture *f = *state;
	struct err err = {0};

	assert_int_equal(db_run(f->db, &syntax, NO_ARGS, &err), ERR_FAILED);
	assert_non_null(strstr(err.text, "test.syntax"));
	assert_int_equal(db_run(f->db, &gap, ARGS(a_int(1), a_int(2)), &err), ERR_FAILED);
	assert_non_null(strstr(err.text, "$3"));
	assert_int_equal(db_run(f->db, &columns, NO_ARGS, &err), ERR_FAILED);
	assert_non_null(strstr(err.text, "1 columns are named"));
	assert_int_equal(db_run(f->db, &syntax, NO_ARGS, NULL), ERR_FAILED);
}

static const struct stmt numbers = {
	"test.numbers", "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n", {{"i", COL_INT}},
};

struct nest { struct db *db; int depth, leaves; };

static int go_deeper(const struct row *row, void *arg)
{
	struct nest *nest = arg;
	int before = nest->leaves;

	if (nest->depth == 2) {
		nest->leaves++;
		return 0;
	}
	nest->depth++;
	assert_int_equal(db_each(nest->db, &numbers, NO_ARGS, go_deeper, nest, NULL), 3);
	nest->depth--;
	assert_true(nest->leaves > before);
	assert_in_range(row_int(row, 0), 1, 3);
	return 0;
}

static void nested_statement(void **state)
{
	struct fixture *f = *state;
	struct nest nest = {.db = f->db};

	assert_int_equal(db_each(f->db, &numbers, NO_ARGS, go_deeper, &nest, NULL), 3);
	assert_int_equal(nest.leaves, 27);
}

static int stop_at_two(const struct row *row, void *arg)
{
	*(int64_t *)arg = row_int(row, 0);
	return row_int(row, 0) == 2;
}

static int fail_at_two(const struct row *row, void *arg)
{
	(void)arg;
	return row_int(row, 0) == 2 ? ERR_CONFIG : 0;
}

static void handlers_end_early(void **state)
{
	struct fixture *f = *state;
	int64_t last = 0;

	assert_int_equal(db_each(f->db, &numbers, NO_ARGS, stop_at_two, &last, NULL), 2);
	assert_int_equal(last, 2);
	assert_int_equal(db_each(f->db, &numbers, NO_ARGS, fail_at_two, NULL, NULL), ERR_CONFIG);
	assert_int_equal(db_each(f->db, &numbers, NO_ARGS, stop_at_two, &last, NULL), 2);
}

/* ---- errors ---- */

static void constraints(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	int64_t tenant = make_tenant(f->db, "one");

	assert_int_equal(db_insert(f->db, &sql_dispo_add, ARGS(a_int(tenant), a_text("sale"), a_text("Sale"), a_null()), &err), 1);
	assert_int_equal(db_insert(f->db, &sql_dispo_add, ARGS(a_int(tenant), a_text("sale"), a_text("Sale"), a_null()), &err), ERR_CONFLICT);
	assert_non_null(strstr(err.text, "exists already"));
	assert_int_equal(db_insert(f->db, &sql_dispo_add, ARGS(a_int(99), a_text("sale"), a_text("Sale"), a_null()), &err), ERR_CONFLICT);
	assert_int_equal(db_insert(f->db, &sql_dispo_add, ARGS(a_int(tenant), a_null(), a_text("x"), a_null()), &err), ERR_INVALID);
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM softphone_dispositions"), 1);
}

static void busy(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	sqlite3 *other;

	assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(db_begin(f->db, &err), ERR_TRY_AGAIN);
	sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(other);
	assert_int_equal(db_begin(f->db, &err), 0);
	db_rollback(f->db);
}

/* ---- transactions ---- */

static void transactions(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	assert_int_equal(db_commit(f->db, &err), ERR_FAILED);
	assert_int_equal(db_begin(f->db, &err), 0);
	assert_int_equal(db_begin(f->db, &err), ERR_FAILED);
	make_tenant(f->db, "one");
	db_rollback(f->db);
	db_rollback(f->db);
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM softphone_tenants"), 0);
	assert_int_equal(db_begin(f->db, &err), 0);
	make_tenant(f->db, "two");
	assert_int_equal(db_commit(f->db, &err), 0);
	db_close(f->db);
	fixture_open(f);
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM softphone_tenants"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(opens_privately, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(tightens_permissions, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(missing_file, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(second_engine, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(newer_schema, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(foreign_database, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(not_a_database, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(missing_folder, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(read_only_folder, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(arguments, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(bad_statements, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(nested_statement, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(handlers_end_early, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(constraints, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(busy, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(transactions, fixture_make, fixture_remove),
	};

	return UNIT_RUN(tests);
}
