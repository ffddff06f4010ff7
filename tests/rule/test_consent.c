/* Which calls may go without the announcement, by tables made for that and by the one that is shipped; and how long
 * recordings are kept at least. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../lib/unit.h"
#include "../../src/base/clock.h"
#include "../../src/rule/consent.h"
#include "../../src/rule/retention.h"

#define HEAD "state,name,parties,since,until,area_codes,citation,sure,verified\n"

static const char small[] = HEAD
	"CA,California,all,,,415 510,x,read,2026-11-21\n"
	"TX,Texas,one,,,,x,read,2026-11-21\r\n"
	"\n"
	"AZ,Arizona,one,,2026-12-31,,x,read,2026-11-21\n"
	"AZ,Arizona,all,2027-01-01,,602,x,read,2026-11-21\n"
	"NM,New Mexico,one,,,,x,memory,";

static int64_t day_of(const char *date)
{
	int64_t day = 0;

	assert_true(date_parse(date, &day));
	return day;
}

static void asked(const struct consent_table *table, const char *customers, const char *number, const char *agents,
	const char *date, const char *wanted)
{
	const char *states[4] = {0};
	char copy[128], why[CONSENT_WHY_SIZE] = "";
	struct consent_facts facts = {.customer_states = states, .number = number, .agent_states = agents,
		.day = day_of(date)};
	bool needed;

	/* "TX|-|CA": "-" is a customer without a state */
	snprintf(copy, sizeof(copy), "%s", customers);
	for (char *at = copy, *end; *at; at = end) {
		end = strchrnul(at, '|');
		if (*end)
			*end++ = '\0';
		states[facts.customers++] = strcmp(at, "-") ? at : NULL;
	}
	needed = consent_needed(table, &facts, why);
	UNIT_CASE(needed == (wanted != NULL), "%s %s %s %s: %s", customers, number, agents, date, why);
	UNIT_CASE(*why, "%s %s %s: no reason is told", customers, number, agents);
	UNIT_CASE(!wanted || strstr(why, wanted), "%s %s %s: \"%s\" lacks \"%s\"", customers, number, agents, why, wanted);
}

static void who_hears_it(void **state)
{
	struct consent_table *table;
	struct err err = {0};
	const char *const now = "2026-11-21";
	(void)state;

	UNIT_CASE(consent_parse(&table, "small.csv", small, &err) == 0, "%s", err.text);
	asked(table, "TX", "+12145550100", "TX", now, NULL);
	asked(table, "texas", "+12145550100", " NM , Texas", now, NULL);
	asked(table, "TX|NM", "+12145550100", "TX", now, NULL);
	/* either party's state */
	asked(table, "CA", "+12145550100", "TX", now, "customer is in California");
	asked(table, "CALIFORNIA", "+12145550100", "TX", now, "California");
	asked(table, "TX", "+12145550100", "TX,ca", now, "agent is in California");
	asked(table, "TX|CA", "+12145550100", "TX", now, "California");
	/* the number adds, and never takes away */
	asked(table, "TX", "+15105550100", "TX", now, "number is in California");
	asked(table, "CA", "+12145550100", "TX", now, "California");
	asked(table, "TX", "+445105550100", "TX", now, "another country");
	asked(table, "TX", "ben", "TX", now, NULL);
	asked(table, "TX", "+1510555010", "TX", now, NULL);
	/* what is not known */
	asked(table, "", "+12145550100", "TX", now, "other party is not known");
	asked(table, "-", "+12145550100", "TX", now, "customer is not known");
	asked(table, "TX|-", "+12145550100", "TX", now, "not known");
	asked(table, "Ontario", "+12145550100", "TX", now, "not known");
	asked(table, "T", "+12145550100", "TX", now, "not known");
	asked(table, "TX", "+12145550100", NULL, now, "agents is not known");
	asked(table, "TX", "+12145550100", " , ", now, "agents is not known");
	asked(table, "TX", "+12145550100", "TX,ZZ", now, "not known");
	asked(NULL, "TX", "+12145550100", "TX", now, "table");
	/* dated rows */
	asked(table, "AZ", "+16025550100", "TX", "2026-12-31", NULL);
	asked(table, "AZ", "+12145550100", "TX", "2027-01-01", "Arizona");
	asked(table, "TX", "+16025550100", "TX", "2027-01-01", "Arizona");
	consent_free(table);
	consent_free(NULL);
}

static void bad_tables(void **state)
{
	static const struct { const char *text, *words; } cases[] = {
		{"", "holds no state"},
		{HEAD, "holds no state"},
		{"CA,California,all,,,415,x,read,y\n", "line 1: the first line"},
		{HEAD "CA,California,all,,,415,x,read\n", "line 2: it must have nine"},
		{HEAD "CA,California,all,,,415,x,read,y,z\n", "line 2: it must have nine"},
		{HEAD "\nCa,California,all,,,415,x,read,y\n", "line 3: state"},
		{HEAD "CA,,all,,,415,x,read,y\n", "name"},
		{HEAD "CA,California,two,,,415,x,read,y\n", "parties"},
		{HEAD "CA,California,all,2026-02-30,,415,x,read,y\n", "since"},
		{HEAD "CA,California,all,2026-02-02,2026-02-01,415,x,read,y\n", "until"},
		{HEAD "CA,California,all,,,4155,x,read,y\n", "area_codes"},
		{HEAD "CA,California,all,,,415 ,x,read,y\n", "area_codes"},
		{HEAD "CA,California,all,,,415  510,x,read,y\n", "area_codes"},
		{HEAD "CA,California,all,,,41,x,read,y\n", "area_codes"},
	};
	struct consent_table *table;
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = {0};

		UNIT_CASE(consent_parse(&table, "t.csv", cases[i].text, &err) == ERR_CONFIG, "case %zu is taken", i);
		assert_null(table);
		UNIT_CASE(strstr(err.text, "t.csv") && strstr(err.text, cases[i].words), "case %zu: %s", i, err.text);
	}
}

/* An area code stands in one row only, but those that several provinces of Canada share. */
static void codes_stand_once(const char *text)
{
	bool seen[1000] = {false};
	size_t count = 0;

	for (const char *line = strchr(text, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
		const char *codes = line + 1;

		for (int i = 0; i < 5; i++)
			codes = strchr(codes, ',') + 1;
		for (; *codes >= '0' && *codes <= '9'; codes += 3 + (codes[3] == ' ')) {
			const long code = strtol(codes, NULL, 10);
			const bool shared = code == 782 || code == 867 || code == 902;

			UNIT_CASE(shared || !seen[code], "%.2s: %ld stands in two rows", line + 1, code);
			seen[code] = true;
			count++;
		}
	}
	UNIT_CASE(count > 200, "only %zu area codes", count);
}

/* The states of the table that is shipped, and an area code of each. */
static void shipped(void **state)
{
	static const char *const all[][2] = {
		{"CA", "415"}, {"CT", "203"}, {"DE", "302"}, {"FL", "305"}, {"IL", "312"}, {"MD", "410"}, {"MA", "617"},
		{"MT", "406"}, {"NV", "702"}, {"NH", "603"}, {"PA", "215"}, {"WA", "206"}, {"MI", "313"}, {"PR", "787"},
		{"AB", "403"}, {"BC", "604"}, {"MB", "204"}, {"NB", "506"}, {"NL", "709"}, {"NS", "902"}, {"NT", "867"},
		{"NU", "867"}, {"ON", "416"}, {"PE", "782"}, {"QC", "514"}, {"SK", "306"}, {"YT", "867"},
	};
	static const char *const one[] = {
		"AL", "AK", "AZ", "AR", "CO", "DC", "GA", "HI", "ID", "IN", "IA", "KS", "KY", "LA", "ME", "MN", "MS",
		"MO", "NE", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "RI", "SC", "SD", "TN", "TX", "UT", "VT",
		"VA", "WV", "WI", "WY",
	};
	static const char *const unknown[] = {"AS", "GU", "MP", "VI", "AA", "AE", "AP"};
	char path[512], text[32768], number[16];
	const char *top = getenv("TOP");
	struct consent_table *table;
	struct err err = {0};
	(void)state;

	snprintf(path, sizeof(path), "%s/share/rules/recording-consent.csv", top ? top : ".");
	FILE *file = fopen(path, "re");
	UNIT_CASE(file, "%s cannot be opened", path);
	size_t n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	UNIT_CASE(consent_parse(&table, path, text, &err) == 0, "%s", err.text);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		snprintf(number, sizeof(number), "+1%s5550100", all[i][1]);
		asked(table, all[i][0], "+12145550100", "TX", "2026-11-21", "customer is in");
		asked(table, "TX", number, "TX", "2026-11-21", "number is in");
		asked(table, "TX", "+12145550100", all[i][0], "2026-11-21", "agent is in");
	}
	for (size_t i = 0; i < sizeof(one) / sizeof(*one); i++)
		asked(table, one[i], "+12145550100", one[i], "2026-11-21", NULL);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
		asked(table, unknown[i], "+12145550100", "TX", "2026-11-21", "not known");
	codes_stand_once(text);
	consent_free(table);
}

static void three_years(void **state)
{
	const int64_t day = 86400000, ended = day_of("2027-03-01") * day + 3600000;
	(void)state;

	/* 2028 is a leap year: 1095 days would be one too few */
	assert_false(retention_over(ended, 1095, day_of("2030-02-28") * day + 3600000 + 1));
	assert_false(retention_over(ended, 0, day_of("2030-03-01") * day + 3600000));
	assert_true(retention_over(ended, 1095, day_of("2030-03-01") * day + 3600000 + 1));
	assert_false(retention_over(ended, 2000, ended + 2000 * day));
	assert_true(retention_over(ended, 2000, ended + 2000 * day + 1));
	assert_false(retention_over(ended, INT64_MIN, ended));
	assert_int_equal(retention_before(1095, ended), ended - 1096 * day);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_hears_it),
		cmocka_unit_test(bad_tables),
		cmocka_unit_test(shipped),
		cmocka_unit_test(three_years),
	};

	return UNIT_RUN(tests);
}
