/* How calls sounded: a call's figures in history, and the summary by day and station. */
#include "nouns_fixture.h"
#include "../../src/db/sql_quality.h"

enum { MIDNIGHT_NEW_YORK = 1795237200 };            /* 2026-11-21T05:00:00Z, in seconds */

/* mos_x100 ... one_way, as the table has them; -1: NULL */
struct figures { int64_t mos, low, loss, loss_out, jitter, rtt, in, out, one_way; };

static struct arg known(int64_t value)
{
	return value < 0 ? a_null() : a_int(value);
}

/* A call that was answered at that second. */
static void add_call(struct fixture *f, int station, int user, int64_t at, struct figures q)
{
	static const struct stmt log = {"test.log",
		"INSERT INTO softphone_call_logs (tenant_id, direction, number, user_id, station_id, state, forced,"
		" counts_toward_cap, started_at, answered_at, ended_at, encrypted, owes_disposition)"
		" VALUES (1, 'outbound', '+1', $1, $2, 'ended', 0, 1, $3, $3, $3, 0, 0) RETURNING id",
		{{"id", COL_INT}}};
	const int64_t id = db_insert(f->engine.db, &log, ARGS(a_int(user), a_int(station), a_int(at * 1000)), &f->err);

	UNIT_CASE(id > 0, "%s", f->err.text);
	assert_int_equal(db_run(f->engine.db, &sql_quality_insert,
				 ARGS(a_int(1), a_int(id), a_int(station), a_int(at * 1000), known(q.mos), known(q.low),
					 known(q.loss), known(q.loss_out), known(q.jitter), known(q.rtt), known(q.in),
					 known(q.out), a_int(q.one_way)),
				 &f->err),
		1);
}

static void make(struct fixture *f)
{
	works(f, "tenant.set", "{'timezone':'America/New_York'}");
	works(f, "user.add", "{'login':'ann'}");
	works(f, "user.add", "{'login':'bob'}");
	works(f, "station.add", "{'name':'pod1','did':'4155550100','sip_uri':'sip:a@b'}");
	works(f, "station.add", "{'name':'pod2','did':'4155550100','sip_uri':'sip:a@b'}");
	/* the last second of the 20th and the first of the 21st in New York */
	add_call(f, 1, 1, MIDNIGHT_NEW_YORK - 1, (struct figures){440, 430, 1000, 0, 2000, 40000, 100, 100, 0});
	add_call(f, 1, 1, MIDNIGHT_NEW_YORK, (struct figures){400, 300, 10000, -1, 4000, -1, 1000, 1000, 0});
	add_call(f, 1, 2, MIDNIGHT_NEW_YORK + 3600, (struct figures){441, 441, 0, 0, 2000, 20000, 3000, 3000, 1});
	add_call(f, 2, 2, MIDNIGHT_NEW_YORK + 7200, (struct figures){-1, -1, -1, -1, -1, -1, 0, 500, 1});
	/* after the change to summer time: a day of 23 hours, its last and the next one's first second */
	add_call(f, 1, 1, 1805083199, (struct figures){440, 440, 0, 0, 1000, 1000, 10, 10, 0});
	add_call(f, 1, 1, 1805083200, (struct figures){440, 440, 0, 0, 1000, 1000, 10, 10, 0});
}

static void one_call(void **state)
{
	struct fixture *f = *state;

	make(f);
	works(f, "history.show", "{'call':1}");
	ANSWER(f, "quality.mos_low", "4.2999999999999998");         /* jansson's own figures; the wire has 4.3 */
	ANSWER(f, "quality.loss_pct", "0.10000000000000001");
	ANSWER(f, "quality.rtt_ms", "40.0");
	ANSWER(f, "quality.one_way", "false");
	works(f, "history.show", "{'call':2}");
	ANSWER(f, "quality.rtt_ms", "null");
	ANSWER(f, "quality.loss_out_pct", "null");
	works(f, "history.show", "{'call':4}");
	ANSWER(f, "quality.mos", "null");
	ANSWER(f, "quality.one_way", "true");
	works(f, "history.list", "{}");
	ANSWER(f, "items.1.quality.loss_pct", "1.0");
}

static void by_day(void **state)
{
	struct fixture *f = *state;

	make(f);
	works(f, "history.quality", "{'until':'2026-12-01'}");
	ANSWER(f, "items.0.day", "'2026-11-20'");
	ANSWER(f, "items.0.station", "'pod1'");
	ANSWER(f, "items.0.calls", "1");
	ANSWER(f, "items.1.day", "'2026-11-21'");
	ANSWER(f, "items.1.calls", "2");
	ANSWER(f, "items.1.mos", "4.2000000000000002");
	ANSWER(f, "items.1.mos_low", "3.0");
	ANSWER(f, "items.1.loss_pct", "0.25"); /* 10 of 4000 packets: not the mean of 1 % and 0 % */
	ANSWER(f, "items.1.jitter_ms", "3.0");
	ANSWER(f, "items.1.rtt_ms", "20.0");                        /* of the one call that knows it */
	ANSWER(f, "items.1.one_way_calls", "1");
	ANSWER(f, "items.2.station", "'pod2'");
	ANSWER(f, "items.2.mos", "null");
	ANSWER(f, "items.2.loss_pct", "null");
	ANSWER(f, "items.2.one_way_calls", "1");
	ANSWER(f, "items.3", "(none)");
	ANSWER(f, "next", "null");
	works(f, "history.quality", "{'since':'2027-01-01'}");
	ANSWER(f, "items.0.day", "'2027-03-14'");
	ANSWER(f, "items.1.day", "'2027-03-15'");
}

static void filters(void **state)
{
	struct fixture *f = *state;

	make(f);
	works(f, "history.quality", "{'user':'bob'}");
	ANSWER(f, "items.0.calls", "1");
	ANSWER(f, "items.0.mos", "4.4100000000000001");
	ANSWER(f, "items.1.station", "'pod2'");
	ANSWER(f, "items.2", "(none)");
	works(f, "history.quality", "{'station':'pod2'}");
	ANSWER(f, "items.0.station", "'pod2'");
	ANSWER(f, "items.1", "(none)");
	works(f, "history.quality", "{'since':'2026-11-21T05:30:00Z','until':'2026-11-21T06:30:00Z'}");
	ANSWER(f, "items.0.calls", "1");
	ANSWER(f, "items.1", "(none)");
	works(f, "history.quality", "{'since':'2030-01-01'}");
	ANSWER(f, "items", "[]");
	refused(f, "history.quality", "{'station':'nowhere'}", ERR_NOT_FOUND, "nowhere");
	refused(f, "history.quality", "{'user':'nobody'}", ERR_NOT_FOUND, "nobody");
	refused(f, "history.quality", "{'since':'yesterday'}", ERR_INVALID, "yesterday");
}

/* One by one, page by page, is what all at once are. */
static void pages(void **state)
{
	struct fixture *f = *state;
	char params[128] = "{'limit':1}";
	json_t *all, *each = json_array();

	make(f);
	works(f, "history.quality", "{}");
	all = json_incref(json_object_get(f->request.result, "items"));
	assert_int_equal(json_array_size(all), 5);
	for (int page = 0; page < 5; page++) {
		works(f, "history.quality", params);
		assert_int_equal(json_array_size(json_object_get(f->request.result, "items")), 1);
		json_array_extend(each, json_object_get(f->request.result, "items"));
		snprintf(params, sizeof(params), "{'limit':1,'after':%lld}",
			(long long)json_integer_value(json_object_get(f->request.result, "next")));
	}
	ANSWER(f, "next", "null");
	assert_true(json_equal(all, each));
	json_decref(all);
	json_decref(each);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_call, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(by_day, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(filters, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(pages, fixture_make, fixture_remove),
	};
	return UNIT_RUN(tests);
}
