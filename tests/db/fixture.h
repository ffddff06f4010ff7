/* fixture.h - a fresh database in a private folder, for the tests of this room. */
#pragma once
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../lib/unit.h"
#include "../lib/folder.h"
#include "../../src/db/db.h"
#include "../../src/db/sql_customer.h"
#include "../../src/db/sql_dispo.h"
#include "../../src/db/sql_station.h"
#include "../../src/db/sql_tenant.h"
#include "../../src/db/sql_user.h"

struct fixture {
	char folder[32];
	char path[64];
	struct db *db;
};

static inline void fixture_open(struct fixture *f)
{
	struct err err = {0};

	if (db_open(&f->db, f->path, true, &err) < 0)
		fail_msg("%s", err.text);
}

static inline int fixture_make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(folder_new(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/spctl.db", f->folder);
	fixture_open(f);
	*state = f;
	return 0;
}

static inline int fixture_remove(void **state)
{
	struct fixture *f = *state;

	db_close(f->db);
	folder_remove(f->folder);
	free(f);
	return 0;
}

/* ---- rows that many tests need ---- */

/* Settings that came later have presets in the schema. */
static const struct stmt fixture_tenant = {
	"test.tenant",
	"INSERT INTO softphone_tenants (name, timezone, acw_seconds, hours_start_minute, hours_end_minute, max_call_hours,"
	" max_calls_per_week, country_code, ring_seconds, unknown_customer, record_calls, created_at)"
	" VALUES ($1, 'UTC', 30, 480, 1260, 6, 7, '1', 60, 'warn', 1, 1) RETURNING id",
	{{"id", COL_INT}},
};

static const struct stmt fixture_station = {
	"test.station",
	"INSERT INTO softphone_stations (tenant_id, name, did, sip_uri, transport, media_enc, register_line, created_at)"
	" VALUES ($1, $2, '+14155550100', 'sip:a@example.com', 'udp', 'none', 1, 1) RETURNING id",
	{{"id", COL_INT}},
};

static inline int64_t make_tenant(struct db *db, const char *name)
{
	struct err err = {0};
	int64_t id = db_insert(db, &fixture_tenant, ARGS(a_text(name)), &err);

	if (id < 0)
		fail_msg("%s", err.text);
	return id;
}

static inline int64_t make_user(struct db *db, int64_t tenant, const char *login)
{
	return db_insert(db, &sql_user_add,
		ARGS(a_int(tenant), a_text(login), a_null(), a_text("agent"), a_null(), a_null(), a_int(1)), NULL);
}

static inline int64_t make_station(struct db *db, int64_t tenant, const char *name)
{
	return db_insert(db, &fixture_station, ARGS(a_int(tenant), a_text(name)), NULL);
}

static inline int64_t make_customer(struct db *db, int64_t tenant, const char *name, const char *number)
{
	int64_t id = db_insert(db, &sql_customer_add,
		ARGS(a_int(tenant), a_int(1), a_text(name), a_null(), a_null(), a_null(), a_null(), a_int(0)), NULL);

	if (number)
		assert_int_equal(db_run(db, &sql_customer_phone_add, ARGS(a_int(tenant), a_int(id), a_text(number)), NULL), 1);
	return id;
}

static const struct stmt fixture_call = {
	"test.call",
	"INSERT INTO softphone_call_logs (tenant_id, direction, number, customer_id, user_id, station_id, state, forced,"
	" counts_toward_cap, started_at, encrypted, owes_disposition)"
	" VALUES ($1, 'outbound', '+14155550123', $2, $3, $4, 'ended', 0, $5, $6, 0, 1) RETURNING id",
	{{"id", COL_INT}},
};

static inline int64_t make_call(struct db *db, int64_t tenant, int64_t customer, int64_t user, int64_t station, bool counts, int64_t at)
{
	struct err err = {0};
	int64_t id = db_insert(db, &fixture_call,
		ARGS(a_int(tenant), customer ? a_int(customer) : a_null(), a_int(user), a_int(station), a_int(counts), a_int(at)), &err);

	if (id < 0)
		fail_msg("%s", err.text);
	return id;
}

static inline int take_first(const struct row *row, void *arg)
{
	*(int64_t *)arg = row_int(row, 0);
	return 1;
}

static inline int64_t number_of(struct db *db, const struct stmt *stmt)
{
	struct err err = {0};
	int64_t n = -1;

	if (db_each(db, stmt, NO_ARGS, take_first, &n, &err) < 0)
		fail_msg("%s", err.text);
	return n;
}

/* The first column of the first row; a statement lives as long as the program, since the driver knows it by its address. */
#define NUMBER(db, sql) __extension__ ({ static const struct stmt stmt_ = {"test.number", sql, {{0}}}; number_of(db, &stmt_); })
/* Runs a text; the rows changed, or a negative error. */
#define RUN(db, sql, err) __extension__ ({ static const struct stmt stmt_ = {"test.run", sql, {{0}}}; db_run(db, &stmt_, NO_ARGS, err); })
