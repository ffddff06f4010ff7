/* Where a number or a state may be: every zone exists, codes that lie in two, what nobody knows. */
#include <stdio.h>
#include <string.h>
#include "../lib/unit.h"
#include "../../src/base/tz.h"
#include "../../src/rule/place.h"

/* "America/New_York America/Chicago", in the order of the table. */
static const char *joined(const char *const *zones, size_t n)
{
	static char text[300];

	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "", zones[i]);
	return text;
}

static const char *of_number(const char *number)
{
	const char *zones[PLACE_ZONES_MAX];

	return joined(zones, place_of_number(number, zones));
}

static const char *of_state(const char *state)
{
	const char *zones[PLACE_ZONES_MAX];

	return joined(zones, place_of_state(state, zones));
}

static void numbers(void **state)
{
	static const struct { const char *number, *zones; } cases[] = {
		{"+12125550100", "America/New_York"}, {"+13125550100", "America/Chicago"}, {"+13035550100", "America/Denver"},
		{"+16025550100", "America/Phoenix"}, {"+14155550100", "America/Los_Angeles"}, {"+18085550100", "Pacific/Honolulu"},
		{"+19075550100", "America/Anchorage America/Adak"}, {"+12085550100", "America/Denver America/Los_Angeles"},
		{"+15415550100", "America/Denver America/Los_Angeles"}, {"+18505550100", "America/New_York America/Chicago"},
		{"+12705550100", "America/New_York America/Chicago"}, {"+16055550100", "America/Chicago America/Denver"},
		{"+17015550100", "America/Chicago America/Denver"}, {"+19285550100", "America/Denver America/Phoenix"},
		{"+19155550100", "America/Denver"}, {"+17095550100", "America/St_Johns America/Halifax"},
		{"+17875550100", "America/Puerto_Rico"}, {"+16715550100", "Pacific/Guam"}, {"+14165550100", "America/Toronto"},
		{"+18005550100", ""}, {"+19005550100", ""}, {"+12995550100", ""}, {"+442079460958", ""}, {"+1415555010", ""},
		{"+141555501000", ""}, {"", ""}, {"4155550100", ""}, {"+", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		UNIT_CASE(!strcmp(of_number(cases[i].number), cases[i].zones), "%s: %s", cases[i].number,
			of_number(cases[i].number));
}

/* A code added by an overlay is where those are that it was laid over. */
static void overlays(void **state)
{
	static const char *const pairs[][2] = {
		{"209", "350"}, {"213", "738"}, {"530", "837"}, {"559", "357"}, {"707", "369"}, {"970", "748"}, {"904", "324"},
		{"561", "728"}, {"870", "327"}, {"573", "235"}, {"845", "329"}, {"516", "363"}, {"716", "624"}, {"440", "436"},
		{"513", "283"}, {"318", "457"}, {"662", "471"}, {"713", "621"}, {"423", "729"}, {"804", "686"}, {"540", "826"},
		{"864", "821"}, {"507", "924"}, {"608", "353"}, {"920", "274"}, {"309", "861"}, {"718", "465"}, {"313", "679"},
		{"850", "448"}, {"814", "582"}, {"812", "930"}, {"270", "364"}, {"541", "458"}, {"208", "986"}, {"303", "983"},
		{"416", "942"}, {"250", "257"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		char old[16], new[16], zones[300];

		snprintf(old, sizeof old, "+1%s5550100", pairs[i][0]);
		snprintf(new, sizeof new, "+1%s5550100", pairs[i][1]);
		snprintf(zones, sizeof zones, "%s", of_number(old));
		UNIT_CASE(zones[0] && !strcmp(of_number(new), zones), "%s: %s, not %s", new, of_number(new), zones);
	}
}

static void states(void **state)
{
	static const struct { const char *state, *zones; } cases[] = {
		{"CA", "America/Los_Angeles"}, {"ca", "America/Los_Angeles"}, {"TX", "America/Chicago America/Denver"},
		{"FL", "America/New_York America/Chicago"}, {"AZ", "America/Denver America/Phoenix"},
		{"NV", "America/Denver America/Los_Angeles"}, {"HI", "Pacific/Honolulu"}, {"PR", "America/Puerto_Rico"},
		{"NU", "America/Toronto America/Winnipeg America/Edmonton"}, {"AE", ""}, {"ZZ", ""}, {"", ""}, {"C", ""},
		{"CAL", ""}, {"  ", ""}, {"A ", ""},
	};
	static const char all[] = "ALAKAZARCACOCTDEFLGAHIIDILINIAKSKYLAMEMDMAMIMNMSMOMTNENVNHNJNMNYNCNDOHOKORPARISCSDTNTXUTVTVAWA"
		"WVWIWYDCASGUMPPRVIABBCMBNBNLNSNTNUONPEQCSKYT";

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		UNIT_CASE(!strcmp(of_state(cases[i].state), cases[i].zones), "%s: %s", cases[i].state, of_state(cases[i].state));
	for (const char *s = all; *s; s += 2) {
		const char code[3] = {s[0], s[1], '\0'};

		UNIT_CASE(*of_state(code), "%s is nowhere", code);
	}
}

/* No name is misspelt: the tz database has each. */
static void zones_exist(void **state)
{
	size_t known = 0;

	(void)state;
	for (int code = 200; code < 1000; code++) {
		const char *zones[PLACE_ZONES_MAX];
		char number[16];
		size_t n;

		snprintf(number, sizeof number, "+1%d5550100", code);
		n = place_of_number(number, zones);
		known += n > 0;
		for (size_t i = 0; i < n; i++) {
			struct tz *tz = NULL;
			struct err err = {0};

			UNIT_CASE(tz_open(&tz, zones[i], &err) >= 0, "%s", err.text);
			tz_free(tz);
		}
	}
	UNIT_CASE(known > 440, "only %zu area codes are known", known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(overlays),
		cmocka_unit_test(states),
		cmocka_unit_test(zones_exist),
	};

	return UNIT_RUN(tests);
}
