/* After-call work: rounding, the instant of 0, overdue, odd clocks and settings. */
#include "../lib/unit.h"
#include "../../src/rule/acw.h"

static void countdown(void **state)
{
	(void)state;
	const int64_t start = 1795000000123;
	static const struct { int64_t after_ms, remaining; bool overdue; } cases[] = {
		{0, 30, false}, {1, 30, false}, {999, 30, false}, {1000, 29, false}, {1001, 29, false}, {28999, 2, false},
		{29000, 1, false}, {29001, 1, false}, {29999, 1, false}, {30000, 0, false}, {30001, -1, true}, {30999, -1, true},
		{31000, -1, true}, {31001, -2, true}, {32000, -2, true}, {90000, -60, true}, {86430000, -86400, true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct acw acw = acw_at(start, start + cases[i].after_ms, 30);
		UNIT_CASE(acw.remaining == cases[i].remaining, "after %lld ms: %lld left", (long long)cases[i].after_ms,
			(long long)acw.remaining);
		assert_int_equal(acw.overdue, cases[i].overdue);
		assert_int_equal(acw.seconds, 30);
	}
}

/* Over the whole range, step by step: never up, never two seconds at once, overdue exactly when negative. */
static void steady(void **state)
{
	(void)state;
	int64_t before = 5;
	for (int64_t ms = 0; ms <= 12000; ms++) {
		struct acw acw = acw_at(0, ms, 5);
		assert_true(acw.remaining == before || acw.remaining == before - 1);
		assert_int_equal(acw.overdue, acw.remaining < 0);
		before = acw.remaining;
	}
	assert_int_equal(before, -7);
}

static void clock_set_back(void **state)
{
	(void)state;
	struct acw acw = acw_at(1000000, 1, 30);
	assert_int_equal(acw.remaining, 30);
	assert_false(acw.overdue);
}

static void allowance_is_held(void **state)
{
	(void)state;
	assert_int_equal(acw_at(0, 0, 300).remaining, 300);
	assert_int_equal(acw_at(0, 0, 301).seconds, ACW_MAX_SECONDS);
	assert_int_equal(acw_at(0, 0, INT64_MAX).remaining, 300);
	assert_int_equal(acw_at(0, 0, 0).remaining, 0);
	assert_false(acw_at(0, 0, 0).overdue);
	assert_true(acw_at(0, 1, 0).overdue);
	assert_int_equal(acw_at(0, 0, -5).seconds, 0);
	assert_int_equal(acw_at(0, 0, INT64_MIN).remaining, 0);
	assert_int_equal(ACW_DEFAULT_SECONDS, 30);
	assert_int_equal(ACW_MAX_SECONDS, 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(countdown),
		cmocka_unit_test(steady),
		cmocka_unit_test(clock_set_back),
		cmocka_unit_test(allowance_is_held),
	};
	return UNIT_RUN(tests);
}
