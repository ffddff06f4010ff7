/* What the gate reads: who has a number, the count of a week, and that indexes answer it. */
#include <sqlite3.h>
#include "fixture.h"

struct found { int64_t ids[8], calls[8]; int count; };

static int take_found(const struct row *row, void *arg)
{
	struct found *found = arg;

	found->ids[found->count] = row_int(row, GATE_ID);
	found->calls[found->count++] = row_int(row, GATE_CALLS);
	return 0;
}

static struct found lookup(struct db *db, int64_t tenant, const char *number, int64_t named, int64_t since)
{
	struct found found = {.count = 0};
	struct err err = {0};

	if (db_each(db, &sql_gate_customers, ARGS(a_int(tenant), a_text(number), a_int(named), a_int(since)), take_found, &found, &err) < 0)
		fail_msg("%s", err.text);
	return found;
}

static void who_has_it(void **state)
{
	struct fixture *f = *state;
	int64_t one = make_tenant(f->db, "one"), two = make_tenant(f->db, "two");
	int64_t a = make_customer(f->db, one, "a", "+14155550100"), b = make_customer(f->db, one, "b", "+14155550100");
	int64_t c = make_customer(f->db, one, "c", "+14155550101"), theirs = make_customer(f->db, two, "d", "+14155550100");

	struct found found = lookup(f->db, one, "+14155550100", 0, 0);
	assert_int_equal(found.count, 2);
	assert_int_equal(found.ids[0], a);
	assert_int_equal(found.ids[1], b);
	assert_int_equal(lookup(f->db, one, "+14155550100", a, 0).count, 2);
	assert_int_equal(lookup(f->db, one, "+14155550100", c, 0).count, 3);
	assert_int_equal(lookup(f->db, one, "+14155550199", 0, 0).count, 0);
	assert_int_equal(lookup(f->db, one, "+14155550199", c, 0).count, 1);
	assert_int_equal(lookup(f->db, one, "+14155550199", theirs, 0).count, 0);
	assert_int_equal(lookup(f->db, two, "+14155550100", 0, 0).count, 1);
	assert_int_equal(db_run(f->db, &sql_customer_remove, ARGS(a_int(one), a_int(a), a_int(9)), NULL), 1);
	assert_int_equal(lookup(f->db, one, "+14155550100", a, 0).count, 1);
}

static void the_week(void **state)
{
	struct fixture *f = *state;
	int64_t tenant = make_tenant(f->db, "one"), user = make_user(f->db, tenant, "ann"), station = make_station(f->db, tenant, "pod1");
	int64_t a = make_customer(f->db, tenant, "a", "+14155550100"), b = make_customer(f->db, tenant, "b", "+14155550101");

	make_call(f->db, tenant, a, user, station, true, 999);      /* before the window */
	make_call(f->db, tenant, a, user, station, true, 1000);     /* its first instant */
	make_call(f->db, tenant, a, user, station, true, 5000);
	make_call(f->db, tenant, a, user, station, false, 5000);    /* busy: does not count */
	make_call(f->db, tenant, b, user, station, true, 5000);
	make_call(f->db, tenant, 0, user, station, true, 5000);
	assert_int_equal(lookup(f->db, tenant, "+14155550100", 0, 1000).calls[0], 2);
	assert_int_equal(lookup(f->db, tenant, "+14155550101", 0, 1000).calls[0], 1);
}

/* +14155550123 is the number of every call of the fixture. */
static void by_number(void **state)
{
	struct fixture *f = *state;
	int64_t tenant = make_tenant(f->db, "one"), user = make_user(f->db, tenant, "ann"), station = make_station(f->db, tenant, "pod1");
	int64_t a = make_customer(f->db, tenant, "a", "+14155550123"), b = make_customer(f->db, tenant, "b", "+14155550101");

	make_call(f->db, tenant, a, user, station, true, 5000);
	make_call(f->db, tenant, b, user, station, true, 5000);     /* his number, in another's name */
	make_call(f->db, tenant, 0, user, station, true, 5000);     /* nobody's, then */
	make_call(f->db, tenant, b, user, station, false, 5000);
	assert_int_equal(lookup(f->db, tenant, "+14155550123", 0, 1000).calls[0], 3);
	assert_int_equal(lookup(f->db, tenant, "+14155550101", 0, 1000).calls[0], 1);
	assert_int_equal(lookup(f->db, tenant, "+14155550123", 0, 5001).calls[0], 0);
}

static int take_plan(void *arg, int count, char **values, char **names)
{
	char *plan = arg;
	size_t len = strlen(plan);

	(void)names;
	snprintf(plan + len, 4096 - len, "%s\n", values[count - 1]);
	return 0;
}

/* No table is read from end to end, and the calls are counted from the index alone. */
static void plan(void **state)
{
	struct fixture *f = *state;
	char sql[4096], text[4096] = "";
	sqlite3 *conn;

	assert_int_equal(sqlite3_open(f->path, &conn), SQLITE_OK);
	snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", sql_gate_customers.text);
	assert_int_equal(sqlite3_exec(conn, sql, take_plan, text, NULL), SQLITE_OK);
	sqlite3_close(conn);
	UNIT_CASE(strstr(text, "COVERING INDEX call_logs_cap"), "%s", text);
	UNIT_CASE(strstr(text, "COVERING INDEX call_logs_number"), "%s", text);
	UNIT_CASE(strstr(text, "COVERING INDEX customer_phones_number"), "%s", text);
	UNIT_CASE(!strstr(text, "SCAN c") && !strstr(text, "SCAN m") && !strstr(text, "SCAN l"), "%s", text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_has_it, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(the_week, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(by_number, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(plan, fixture_make, fixture_remove),
	};

	return UNIT_RUN(tests);
}
