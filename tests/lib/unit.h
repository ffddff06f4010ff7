/*
 * unit.h - what every test_*.c includes: cmocka with what it needs, TAP as its output.
 *
 *	static void test_name(void **state) { (void)state; ... }
 *	int main(void) { const struct CMUnitTest tests[] = {cmocka_unit_test(test_name)}; return UNIT_RUN(tests); }
 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define UNIT_RUN(tests) UNIT_RUN_FIXTURE(tests, NULL, NULL)
#define UNIT_RUN_FIXTURE(tests, setup, teardown) \
	(cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_run_group_tests(tests, setup, teardown))

/* Says which row of a table failed; for loops over cases. */
#define UNIT_CASE(cond, ...) \
	do { \
		if (!(cond)) { \
			print_error(__VA_ARGS__); \
			print_error("\n"); \
			fail(); \
		} \
	} while (0)
