/* Which users of SIP addresses may be called without the gate. */
#include "../lib/unit.h"
#include "../../src/rule/internal.h"

static void names_and_extensions(void **state)
{
	static const char *const good[] = {"anna", "a", "200", "12345", "2-0-0", "sip.user4155550100x", "200a", "_a",
		"2911", "9000", "911a0", "emergency911"};
	(void)state;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		UNIT_CASE(internal_may_call(good[i]), "%s is a colleague's", good[i]);
}

static void numbers(void **state)
{
	static const char *const bad[] = {"", "+", "123456", "4155550100", "+14155550100", "914155550100", "011442079460958",
		"415-555-0100", "(415)5550100", "9*4155550100", "1.4.1.5.5.5", "4155550100a", "+14155550100x",
		"911", "9-1-1", "9*11", "988", "112", "999", "000", "9911", "9.911"};
	(void)state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		UNIT_CASE(!internal_may_call(bad[i]), "%s could be a telephone number, or is an emergency line's", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names_and_extensions), cmocka_unit_test(numbers)};

	return UNIT_RUN(tests);
}
