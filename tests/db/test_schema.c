/* The schema: migrations, and what is written once and never changed. */
#include "fixture.h"

static const struct stmt audit_row = {
	"test.audit",
	"INSERT INTO softphone_compliance_audit (tenant_id, at, event, forced, hash) VALUES ($1, 1, 'allowed', 0, 'x') RETURNING id",
	{{"id", COL_INT}},
};

static int64_t tenant, user, station;

static void make_people(struct fixture *f)
{
	tenant = make_tenant(f->db, "one");
	user = make_user(f->db, tenant, "ann");
	station = make_station(f->db, tenant, "pod1");
	assert_true(db_insert(f->db, &sql_dispo_add, ARGS(a_int(tenant), a_text("sale"), a_text("Sale"), a_null()), NULL) > 0);
	assert_true(db_insert(f->db, &sql_dispo_add, ARGS(a_int(tenant), a_text("other"), a_text("Other"), a_null()), NULL) > 0);
}

static void migrates_once(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	make_tenant(f->db, "one");
	assert_int_equal(db_migrate(f->db, &err), 0);
	db_close(f->db);
	fixture_open(f);
	assert_int_equal(db_schema_version(f->db), db_schema_newest());
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM softphone_tenants"), 1);
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

/* Every table has a tenant, and those of the product's vocabulary are there. */
static void tables(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM sqlite_schema s WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite%'"
		" AND s.name <> 'softphone_tenants' AND NOT EXISTS"
		" (SELECT 1 FROM pragma_table_info(s.name) c WHERE c.name = 'tenant_id' AND c.\"notnull\")"), 0);
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('softphone_tenants',"
		" 'softphone_users', 'softphone_stations', 'softphone_assignments', 'softphone_call_logs', 'softphone_compliance_audit',"
		" 'softphone_dispositions', 'customers', 'customer_collections_metadata', 'softphone_participants', 'softphone_recordings')"), 11);
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM pragma_table_xinfo('softphone_call_logs') WHERE name IN"
		" ('disposition', 'notes', 'acw_started_at', 'acw_ended_at', 'acw_seconds')"), 5);
}

static void refused(int rc, const struct err *err, const char *words)
{
	assert_int_equal(rc, ERR_CONFLICT);
	UNIT_CASE(strstr(err->text, words), "\"%s\" does not say \"%s\"", err->text, words);
}

static void audit_is_append_only(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	make_people(f);
	int64_t id = db_insert(f->db, &audit_row, ARGS(a_int(tenant)), &err);
	assert_true(id > 0);
	refused(RUN(f->db, "UPDATE softphone_compliance_audit SET forced = 1", &err), &err, "never changed");
	refused(RUN(f->db, "UPDATE softphone_compliance_audit SET hash = 'y' WHERE id = 1", &err), &err, "never changed");
	refused(RUN(f->db, "DELETE FROM softphone_compliance_audit", &err), &err, "never deleted");
	refused(RUN(f->db, "REPLACE INTO softphone_compliance_audit (id, tenant_id, at, event, forced, hash) VALUES (1, 1, 2, 'x', 0, 'z')",
		&err), &err, "never deleted");
	assert_int_equal(NUMBER(f->db, "SELECT count(*) FROM softphone_compliance_audit WHERE hash = 'x' AND event = 'allowed'"), 1);
}

static void calls_stay(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	make_people(f);
	make_call(f->db, tenant, 0, user, station, true, 1000);
	refused(RUN(f->db, "DELETE FROM softphone_call_logs", &err), &err, "never deleted");
	refused(RUN(f->db, "UPDATE softphone_call_logs SET number = '+14155550199'", &err), &err, "never changed");
	refused(RUN(f->db, "UPDATE softphone_call_logs SET started_at = 1", &err), &err, "never changed");
	refused(RUN(f->db, "UPDATE softphone_call_logs SET forced = 1", &err), &err, "never changed");
	assert_int_equal(RUN(f->db, "UPDATE softphone_call_logs SET state = 'ended', ended_at = 5, counts_toward_cap = 0", &err), 1);
}

static void disposition_is_saved_once(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	make_people(f);
	make_call(f->db, tenant, 0, user, station, true, 1000);
	refused(RUN(f->db, "UPDATE softphone_call_logs SET disposition = 'nonsense'", &err), &err, "refer");
	assert_int_equal(RUN(f->db, "UPDATE softphone_call_logs SET notes = 'draft'", &err), 1);
	assert_int_equal(RUN(f->db, "UPDATE softphone_call_logs SET disposition = 'sale', notes = 'x', acw_started_at = 1000,"
		" acw_ended_at = 43000", &err), 1);
	refused(RUN(f->db, "UPDATE softphone_call_logs SET disposition = 'other'", &err), &err, "saved already");
	refused(RUN(f->db, "UPDATE softphone_call_logs SET disposition = NULL", &err), &err, "saved already");
	refused(RUN(f->db, "UPDATE softphone_call_logs SET notes = 'y'", &err), &err, "saved already");
	assert_int_equal(RUN(f->db, "UPDATE softphone_call_logs SET disposition = 'sale', notes = 'x'", &err), 1);
	refused(RUN(f->db, "UPDATE softphone_call_logs SET disposition_by = 'eve'", &err), &err, "never changed");
	assert_int_equal(NUMBER(f->db, "SELECT acw_seconds FROM softphone_call_logs"), 42);
}

static void code_in_use_stays(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	make_people(f);
	make_call(f->db, tenant, 0, user, station, true, 1000);
	assert_int_equal(RUN(f->db, "UPDATE softphone_call_logs SET disposition = 'sale'", &err), 1);
	assert_int_equal(db_run(f->db, &sql_dispo_remove, ARGS(a_int(tenant), a_text("sale")), &err), ERR_CONFLICT);
	assert_int_equal(RUN(f->db, "UPDATE softphone_dispositions SET code = 'sold' WHERE code = 'sale'", &err), ERR_CONFLICT);
	assert_int_equal(RUN(f->db, "UPDATE softphone_dispositions SET label = 'Sold' WHERE code = 'sale'", &err), 1);
	assert_int_equal(db_run(f->db, &sql_dispo_remove, ARGS(a_int(tenant), a_text("other")), &err), 1);
}

/* A code of another tenant is none. */
static void codes_belong_to_tenants(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	make_people(f);
	int64_t other = make_tenant(f->db, "two");
	assert_true(db_insert(f->db, &sql_dispo_add, ARGS(a_int(other), a_text("theirs"), a_text("Theirs"), a_null()), &err) > 0);
	make_call(f->db, tenant, 0, user, station, true, 1000);
	assert_int_equal(RUN(f->db, "UPDATE softphone_call_logs SET disposition = 'theirs'", &err), ERR_CONFLICT);
}

static void one_seat(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	make_people(f);
	assert_int_equal(RUN(f->db, "INSERT INTO softphone_assignments (tenant_id, user_id, station_id, assigned_at) VALUES (1, 1, 1, 1)", &err), 1);
	assert_int_equal(RUN(f->db, "INSERT INTO softphone_assignments (tenant_id, user_id, station_id, assigned_at) VALUES (1, 1, 1, 2)", &err),
		ERR_CONFLICT);
	assert_int_equal(RUN(f->db, "UPDATE softphone_assignments SET released_at = 3", &err), 1);
	assert_int_equal(RUN(f->db, "INSERT INTO softphone_assignments (tenant_id, user_id, station_id, assigned_at) VALUES (1, 1, 1, 4)", &err), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(migrates_once, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(tables, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(audit_is_append_only, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(calls_stay, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(disposition_is_saved_once, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(code_in_use_stays, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(codes_belong_to_tenants, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(one_seat, fixture_make, fixture_remove),
	};

	return UNIT_RUN(tests);
}
