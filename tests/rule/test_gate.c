/* The compliance gate: every reason alone and with all others, order, several customers, the unknown, borders. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "../lib/unit.h"
#include "../../src/base/clock.h"
#include "../../src/rule/gate.h"

enum { TODAY = 20778 };         /* 2026-11-21 */

static struct gate_zone zone_at(int hour, int minute)
{
	return (struct gate_zone){
		.now = {.year = 2026, .month = 11, .day = 21, .hour = hour, .minute = minute, .second = 30, .weekday = 6,
			.day_number = TODAY},
		.start_minute = 8 * 60, .end_minute = 21 * 60, .name = "America/New_York",
	};
}

/* Free to be called. */
static struct gate_customer plain(int64_t id)
{
	return (struct gate_customer){.id = id, .cap = 7};
}

static struct gate_decision decide(const struct gate_customer *who, size_t n, const struct gate_zone *zone)
{
	struct gate_decision out;
	memset(&out, 0x5a, sizeof out);
	const struct gate_facts facts = {.customers = who, .customer_count = n, .zones = zone, .zone_count = zone ? 1 : 0};
	gate_decide(&facts, &out);
	return out;
}

/* The one reason, with this sentence, and the verdict that belongs to its kind. */
static void only(const struct gate_decision *d, enum gate_code code, int64_t id, const char *message)
{
	assert_int_equal(d->count, 1);
	assert_string_equal(d->reasons[0].message, message);
	assert_int_equal(d->reasons[0].code, code);
	assert_int_equal(d->reasons[0].customer_id, id);
	assert_int_equal(d->verdict, gate_code_hard(code) ? GATE_BLOCKED : GATE_NEEDS_ACK);
}

static void nothing_against(void **state)
{
	(void)state;
	struct gate_zone noon = zone_at(12, 0);
	struct gate_customer who = plain(5);
	struct gate_decision d = decide(&who, 1, &noon);
	assert_int_equal(d.verdict, GATE_ALLOWED);
	assert_int_equal(d.count, 0);
}

static void each_flag_alone(void **state)
{
	(void)state;
	struct gate_zone noon = zone_at(12, 0);
	struct gate_customer who = plain(5);
	struct gate_decision d;

	who.cease_and_desist = true;
	d = decide(&who, 1, &noon);
	only(&d, GATE_CEASE_AND_DESIST, 5, "This person has demanded in writing that contact cease");
	who = plain(5);
	who.attorney_represented = true;
	d = decide(&who, 1, &noon);
	only(&d, GATE_ATTORNEY_REPRESENTED, 5, "This person is represented by an attorney, who must be contacted instead");
	who = plain(5);
	who.bankruptcy_filed = true;
	d = decide(&who, 1, &noon);
	only(&d, GATE_BANKRUPTCY_FILED, 5,
		"This person has filed for bankruptcy, and the automatic stay forbids collection calls");
	who = plain(5);
	who.do_not_call = true;
	d = decide(&who, 1, &noon);
	only(&d, GATE_DO_NOT_CALL, 5, "This person is on the do-not-call list");
	who = plain(5);
	who.deceased = true;
	d = decide(&who, 1, &noon);
	only(&d, GATE_DECEASED, 5, "This person is recorded as deceased");
}

static void hours_borders(void **state)
{
	(void)state;
	struct gate_customer who = plain(5);
	const struct { int hour, minute; bool open; } cases[] = {
		{0, 0, false}, {7, 59, false}, {8, 0, true}, {8, 1, true}, {20, 59, true}, {21, 0, false}, {21, 1, false},
		{23, 59, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct gate_zone zone = zone_at(cases[i].hour, cases[i].minute);
		struct gate_decision d = decide(&who, 1, &zone);
		UNIT_CASE(d.verdict == (cases[i].open ? GATE_ALLOWED : GATE_NEEDS_ACK), "%02d:%02d gives %s",
			cases[i].hour, cases[i].minute, gate_verdict_name(d.verdict));
	}
	struct gate_zone late = zone_at(22, 14);
	struct gate_decision d = decide(&who, 1, &late);
	only(&d, GATE_OUTSIDE_FDCPA_HOURS, 0, "It is 22:14 (America/New_York time) and calls are allowed 08:00-21:00");
	late.name = NULL;
	d = decide(&who, 1, &late);
	only(&d, GATE_OUTSIDE_FDCPA_HOURS, 0, "It is 22:14 (local time) and calls are allowed 08:00-21:00");
}

/* Hours that allow nothing, and hours that make no sense, are closed. */
static void hours_odd(void **state)
{
	(void)state;
	struct gate_customer who = plain(5);
	struct gate_zone zone = zone_at(12, 0);
	zone.start_minute = zone.end_minute = 12 * 60;
	assert_int_equal(decide(&who, 1, &zone).verdict, GATE_NEEDS_ACK);
	zone.start_minute = 21 * 60;
	zone.end_minute = 8 * 60;
	assert_int_equal(decide(&who, 1, &zone).verdict, GATE_NEEDS_ACK);
	zone = zone_at(23, 59);
	zone.start_minute = 0;
	zone.end_minute = 1440;
	assert_int_equal(decide(&who, 1, &zone).verdict, GATE_ALLOWED);
}

static void several_zones(void **state)
{
	(void)state;
	struct gate_customer who = plain(5);
	struct gate_zone zones[3] = {zone_at(12, 0), zone_at(9, 0), zone_at(8, 0)};
	struct gate_facts facts = {.customers = &who, .customer_count = 1, .zones = zones, .zone_count = 3};
	struct gate_decision d;
	gate_decide(&facts, &d);
	assert_int_equal(d.verdict, GATE_ALLOWED);

	zones[2].now.hour = 7;
	zones[2].name = "America/Phoenix";
	gate_decide(&facts, &d);
	only(&d, GATE_OUTSIDE_FDCPA_HOURS, 0, "It is 07:00 (America/Phoenix time) and calls are allowed 08:00-21:00");
	zones[1].now.hour = 6;
	gate_decide(&facts, &d);
	only(&d, GATE_OUTSIDE_FDCPA_HOURS, 0,
		"It is 06:00 (America/New_York time) and calls are allowed 08:00-21:00; 1 more possible zone is closed too");
	zones[0].now.hour = 5;
	gate_decide(&facts, &d);
	only(&d, GATE_OUTSIDE_FDCPA_HOURS, 0,
		"It is 05:00 (America/New_York time) and calls are allowed 08:00-21:00; 2 more possible zones are closed too");
}

static void no_zone_warns(void **state)
{
	(void)state;
	struct gate_customer who = plain(5);
	struct gate_decision d = decide(&who, 1, NULL);
	only(&d, GATE_OUTSIDE_FDCPA_HOURS, 0,
		"The local time of the called person is not known, so calling hours cannot be checked");

	/* Without a zone there is no "today" either. */
	who.has_sol_date = true;
	who.sol_day = TODAY + 1000;
	d = decide(&who, 1, NULL);
	assert_int_equal(d.count, 2);
	assert_int_equal(d.reasons[1].code, GATE_SOL_EXPIRED);
	assert_string_equal(d.reasons[1].message,
		"The limitation period ends on 2029-08-17 and the called person's date is not known");
}

static void cap_borders(void **state)
{
	(void)state;
	struct gate_zone noon = zone_at(12, 0);
	const struct { int64_t calls, cap; const char *message; } cases[] = {
		{0, 7, NULL}, {6, 7, NULL},
		{7, 7, "7 of 7 calls were placed to this person in the last 7 days"},
		{8, 7, "8 of 7 calls were placed to this person in the last 7 days"},
		{0, 1, NULL}, {1, 1, "1 of 1 calls was placed to this person in the last 7 days"},
		{0, 0, "The weekly cap of this person allows no calls; 0 were placed in the last 7 days"},
		{1, 0, "The weekly cap of this person allows no calls; 1 was placed in the last 7 days"},
		{999, 1000, NULL}, {1000, 1000, "1000 of 1000 calls were placed to this person in the last 7 days"},
		{0, -1, "The weekly cap of this person allows no calls; 0 were placed in the last 7 days"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct gate_customer who = plain(9);
		who.calls_in_window = cases[i].calls;
		who.cap = cases[i].cap;
		struct gate_decision d = decide(&who, 1, &noon);
		if (cases[i].message)
			only(&d, GATE_MAX_CALLS_PER_WEEK, 9, cases[i].message);
		else
			UNIT_CASE(d.verdict == GATE_ALLOWED, "%lld of %lld is not allowed", (long long)cases[i].calls,
				(long long)cases[i].cap);
	}
}

static void sol_borders(void **state)
{
	(void)state;
	struct gate_zone noon = zone_at(12, 0);
	struct gate_customer who = plain(3);
	who.has_sol_date = true;
	who.sol_day = TODAY;            /* its last day still counts */
	assert_int_equal(decide(&who, 1, &noon).verdict, GATE_ALLOWED);
	who.sol_day = TODAY + 1;
	assert_int_equal(decide(&who, 1, &noon).verdict, GATE_ALLOWED);
	who.sol_day = TODAY - 1;
	struct gate_decision d = decide(&who, 1, &noon);
	only(&d, GATE_SOL_EXPIRED, 3, "The statute of limitations ran out on 2026-11-20");
	who.sol_day = -1;
	d = decide(&who, 1, &noon);
	only(&d, GATE_SOL_EXPIRED, 3, "The statute of limitations ran out on 1969-12-31");
	who.has_sol_date = false;
	assert_int_equal(decide(&who, 1, &noon).verdict, GATE_ALLOWED);

	/* Over as soon as the day after it has begun in any zone. */
	struct gate_zone zones[2] = {noon, noon};
	zones[1].now.day_number = TODAY + 1;
	zones[1].now.hour = 8;
	who.has_sol_date = true;
	who.sol_day = TODAY;
	struct gate_facts facts = {.customers = &who, .customer_count = 1, .zones = zones, .zone_count = 2};
	gate_decide(&facts, &d);
	only(&d, GATE_SOL_EXPIRED, 3, "The statute of limitations ran out on 2026-11-21");
}

static void unknown_customer(void **state)
{
	(void)state;
	struct gate_zone noon = zone_at(12, 0);
	struct gate_decision d = decide(NULL, 0, &noon);
	only(&d, GATE_UNKNOWN_CUSTOMER, 0, "No customer has this number, so nothing is known about the person");

	struct gate_facts facts = {.zones = &noon, .zone_count = 1, .block_unknown = true};
	gate_decide(&facts, &d);
	only(&d, GATE_UNKNOWN_CUSTOMER_HARD, 0,
		"No customer has this number, and calls to unknown numbers are not allowed here");

	/* The policy is about unknown numbers only. */
	struct gate_customer who = plain(5);
	facts.customers = &who;
	facts.customer_count = 1;
	gate_decide(&facts, &d);
	assert_int_equal(d.verdict, GATE_ALLOWED);

	/* Nobody known and no zone known: both are said. */
	facts = (struct gate_facts){.block_unknown = false};
	gate_decide(&facts, &d);
	assert_int_equal(d.verdict, GATE_NEEDS_ACK);
	assert_int_equal(d.count, 2);
	assert_int_equal(d.reasons[0].code, GATE_OUTSIDE_FDCPA_HOURS);
	assert_int_equal(d.reasons[1].code, GATE_UNKNOWN_CUSTOMER);
	facts.block_unknown = true;
	gate_decide(&facts, &d);
	assert_int_equal(d.verdict, GATE_BLOCKED);
	assert_int_equal(d.count, 2);
	assert_int_equal(d.reasons[0].code, GATE_UNKNOWN_CUSTOMER_HARD);
	assert_int_equal(d.reasons[1].code, GATE_OUTSIDE_FDCPA_HOURS);
}

/* All 256 sets of the eight reasons that one customer can have. */
static void every_combination(void **state)
{
	(void)state;
	static const enum gate_code order[] = {
		GATE_CEASE_AND_DESIST, GATE_ATTORNEY_REPRESENTED, GATE_BANKRUPTCY_FILED, GATE_DO_NOT_CALL, GATE_DECEASED,
		GATE_OUTSIDE_FDCPA_HOURS, GATE_MAX_CALLS_PER_WEEK, GATE_SOL_EXPIRED,
	};
	for (unsigned set = 0; set < 256; set++) {
		struct gate_customer who = plain(11);
		who.cease_and_desist = set & 1;
		who.attorney_represented = set & 2;
		who.bankruptcy_filed = set & 4;
		who.do_not_call = set & 8;
		who.deceased = set & 16;
		who.calls_in_window = set & 64 ? 7 : 6;
		who.has_sol_date = true;
		who.sol_day = set & 128 ? TODAY - 1 : TODAY;
		struct gate_zone zone = zone_at(set & 32 ? 21 : 20, 0);
		struct gate_decision d = decide(&who, 1, &zone);

		size_t n = 0;
		for (int i = 0; i < 8; i++)
			if (set & 1u << i) {
				UNIT_CASE(n < d.count && d.reasons[n].code == order[i], "set %02x lacks %s at %zu", set,
					gate_code_name(order[i]), n);
				UNIT_CASE(d.reasons[n].customer_id == (i == 5 ? 0 : 11), "set %02x: wrong customer", set);
				UNIT_CASE(d.reasons[n].message[0], "set %02x: no sentence", set);
				n++;
			}
		UNIT_CASE(d.count == n, "set %02x has %zu reasons", set, d.count);
		enum gate_verdict want = set & 31 ? GATE_BLOCKED : set ? GATE_NEEDS_ACK : GATE_ALLOWED;
		UNIT_CASE(d.verdict == want, "set %02x gives %s", set, gate_verdict_name(d.verdict));
	}
}

/* The number's owners are united: whoever among them must not be called stops the call. */
static void all_customers_of_a_number(void **state)
{
	(void)state;
	struct gate_zone noon = zone_at(12, 0);
	struct gate_customer who[4] = {plain(1), plain(2), plain(3), plain(4)};
	who[1].calls_in_window = 7;
	who[2].bankruptcy_filed = true;
	who[3].cease_and_desist = true;
	who[3].bankruptcy_filed = true;
	struct gate_decision d = decide(who, 4, &noon);
	assert_int_equal(d.verdict, GATE_BLOCKED);
	assert_int_equal(d.count, 4);
	static const struct { enum gate_code code; int64_t id; } want[] = {
		{GATE_CEASE_AND_DESIST, 4}, {GATE_BANKRUPTCY_FILED, 3}, {GATE_BANKRUPTCY_FILED, 4}, {GATE_MAX_CALLS_PER_WEEK, 2},
	};
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(d.reasons[i].code, want[i].code);
		assert_int_equal(d.reasons[i].customer_id, want[i].id);
	}
	/* For every place in the list. */
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < 4; j++)
			who[j] = plain((int64_t)j + 1);
		who[i].do_not_call = true;
		d = decide(who, 4, &noon);
		only(&d, GATE_DO_NOT_CALL, (int64_t)i + 1, "This person is on the do-not-call list");
	}
}

/* The customer whom the agent named is often also the one found by number: he is reported once, by the worse facts. */
static void same_customer_twice(void **state)
{
	(void)state;
	struct gate_zone noon = zone_at(12, 0);
	struct gate_customer who[3] = {plain(8), plain(8), plain(8)};
	who[1].deceased = who[2].deceased = true;
	struct gate_decision d = decide(who, 3, &noon);
	only(&d, GATE_DECEASED, 8, "This person is recorded as deceased");
}

static size_t count_code(const struct gate_decision *d, enum gate_code code)
{
	size_t n = 0;
	for (size_t i = 0; i < d->count; i++)
		n += d->reasons[i].code == code;
	return n;
}

static bool in_order(const struct gate_decision *d)
{
	for (size_t i = 1; i < d->count; i++)
		if (d->reasons[i].code < d->reasons[i - 1].code)
			return false;
	return true;
}

static void crowd_of_hard_and_soft(void **state)
{
	(void)state;
	struct gate_customer who[50];
	struct gate_zone late = zone_at(3, 0);
	for (int i = 0; i < 50; i++) {
		who[i] = plain(i + 1);
		who[i].do_not_call = true;
		who[i].calls_in_window = 9;
		who[i].has_sol_date = true;
		who[i].sol_day = 0;
	}
	struct gate_decision d = decide(who, 50, &late);
	assert_int_equal(d.verdict, GATE_BLOCKED);
	assert_int_equal(d.count, GATE_REASONS_MAX);
	assert_true(in_order(&d));
	assert_int_equal(count_code(&d, GATE_DO_NOT_CALL), 50);
	for (int i = 0; i < 50; i++)
		assert_int_equal(d.reasons[i].customer_id, i + 1);
	assert_int_equal(count_code(&d, GATE_OUTSIDE_FDCPA_HOURS), 1);
	assert_int_equal(count_code(&d, GATE_MAX_CALLS_PER_WEEK), 12);
	assert_int_equal(count_code(&d, GATE_SOL_EXPIRED), 1);
	assert_string_equal(d.reasons[62].message, "39 more customers with this number have reached their weekly cap");
	assert_int_equal(d.reasons[62].customer_id, 0);
	assert_string_equal(d.reasons[63].message,
		"50 customers with this number have a limitation period that is over or cannot be checked");
}

static void crowd_of_hard_alone(void **state)
{
	(void)state;
	static struct gate_customer who[1000];
	struct gate_zone late = zone_at(3, 0);
	for (int i = 0; i < 1000; i++) {
		who[i] = plain(i + 1);
		who[i].cease_and_desist = who[i].attorney_represented = who[i].bankruptcy_filed = true;
		who[i].do_not_call = who[i].deceased = true;
		who[i].calls_in_window = 9;
	}
	struct gate_decision d = decide(who, 1000, &late);
	assert_int_equal(d.verdict, GATE_BLOCKED);
	assert_int_equal(d.count, GATE_REASONS_MAX);
	assert_true(in_order(&d));
	assert_int_equal(count_code(&d, GATE_CEASE_AND_DESIST), 58);
	assert_string_equal(d.reasons[57].message,
		"943 more customers with this number have demanded in writing that contact cease");
	for (int code = GATE_ATTORNEY_REPRESENTED; code <= GATE_MAX_CALLS_PER_WEEK; code++)
		if (code != GATE_UNKNOWN_CUSTOMER_HARD)
			assert_int_equal(count_code(&d, (enum gate_code)code), 1);
	assert_string_equal(d.reasons[61].message, "1000 customers with this number are recorded as deceased");
}

/* As many reasons as there is room for: nobody is summed up. */
static void crowd_that_just_fits(void **state)
{
	(void)state;
	struct gate_zone noon = zone_at(12, 0);
	struct gate_customer who[GATE_REASONS_MAX + 1];
	for (int i = 0; i <= GATE_REASONS_MAX; i++) {
		who[i] = plain(i + 1);
		who[i].deceased = true;
	}
	struct gate_decision d = decide(who, GATE_REASONS_MAX, &noon);
	assert_int_equal(d.count, GATE_REASONS_MAX);
	assert_int_equal(d.reasons[GATE_REASONS_MAX - 1].customer_id, GATE_REASONS_MAX);
	d = decide(who, GATE_REASONS_MAX + 1, &noon);
	assert_int_equal(d.count, GATE_REASONS_MAX);
	assert_int_equal(d.reasons[GATE_REASONS_MAX - 2].customer_id, GATE_REASONS_MAX - 1);
	assert_string_equal(d.reasons[GATE_REASONS_MAX - 1].message,
		"2 more customers with this number are recorded as deceased");
}

/* Naming somebody who does not have the number makes nobody known: his own flags count all the same. */
static void named_for_a_number_of_nobody(void **state)
{
	(void)state;
	struct gate_zone noon = zone_at(12, 0);
	struct gate_customer who[2] = {plain(5), plain(6)};
	who[0].named_only = true;
	struct gate_decision d = decide(who, 1, &noon);
	only(&d, GATE_UNKNOWN_CUSTOMER, 0, "No customer has this number, so nothing is known about the person");
	struct gate_facts facts = {.customers = who, .customer_count = 1, .zones = &noon, .zone_count = 1, .block_unknown = true};
	gate_decide(&facts, &d);
	only(&d, GATE_UNKNOWN_CUSTOMER_HARD, 0,
		"No customer has this number, and calls to unknown numbers are not allowed here");
	who[0].do_not_call = true;
	gate_decide(&facts, &d);
	assert_int_equal(d.count, 2);
	assert_int_equal(d.reasons[0].code, GATE_DO_NOT_CALL);
	assert_int_equal(d.reasons[0].customer_id, 5);

	/* Beside somebody who has it. */
	who[0].do_not_call = false;
	facts.customer_count = 2;
	gate_decide(&facts, &d);
	assert_int_equal(d.verdict, GATE_ALLOWED);
}

/* ---- whatever the facts ----------------------------------------------------------------------------------------- */

static uint64_t dice = 88172645463325252u;

/* 0 to n - 1, the same ones each time (xorshift64). */
static unsigned roll(unsigned n)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (unsigned)((dice >> 32) % n);
}

static struct gate_customer any_customer(void)
{
	return (struct gate_customer){
		.id = 1 + roll(90), .named_only = !roll(6), .cease_and_desist = !roll(9), .attorney_represented = !roll(9),
		.bankruptcy_filed = !roll(9), .do_not_call = !roll(9), .deceased = !roll(9), .has_sol_date = !roll(3),
		.sol_day = TODAY - 2 + roll(5), .calls_in_window = roll(9), .cap = roll(9),
	};
}

/* One more fact against the call. */
static void make_worse(struct gate_facts *facts, struct gate_customer *who, struct gate_zone *zones)
{
	struct gate_customer *one = facts->customer_count ? &who[roll((unsigned)facts->customer_count)] : NULL;

	switch (roll(one ? 10 : 3)) {
	case 0:  facts->block_unknown = true; break;
	case 1:  zones[facts->zone_count++] = zone_at(roll(24), 0); break;
	case 2:  /* the named one: whoever has the number is another matter, as then it is no longer nobody's */
		who[facts->customer_count] = any_customer();
		who[facts->customer_count++].named_only = true;
		break;
	case 3:  one->cease_and_desist = true; break;
	case 4:  one->attorney_represented = true; break;
	case 5:  one->bankruptcy_filed = one->do_not_call = true; break;
	case 6:  one->deceased = true; break;
	case 7:  one->calls_in_window++; break;
	case 8:  one->cap--; break;
	default: one->has_sol_date = true; one->sol_day -= 2; break;
	}
}

/* Nothing that speaks against a call ever makes the gate milder, nor takes a reason away; a verdict is that of its reasons. */
static void never_milder(void **state)
{
	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct gate_customer who[80];
		struct gate_zone zones[6];
		struct gate_facts facts = {.customers = who, .zones = zones, .customer_count = roll(round % 10 ? 5 : 70),
			.zone_count = 1 + roll(4), .block_unknown = roll(2)};
		struct gate_decision before, after;

		for (size_t i = 0; i < facts.customer_count; i++)
			who[i] = any_customer();
		for (size_t i = 0; i < facts.zone_count; i++)
			zones[i] = zone_at(roll(4) ? 12 : roll(24), roll(60));
		gate_decide(&facts, &before);
		make_worse(&facts, who, zones);
		gate_decide(&facts, &after);

		UNIT_CASE(after.verdict >= before.verdict, "round %d: %s became %s", round, gate_verdict_name(before.verdict),
			gate_verdict_name(after.verdict));
		bool hard = false, in_order = true;
		for (size_t i = 0; i < after.count; i++) {
			hard |= gate_code_hard(after.reasons[i].code);
			in_order &= !i || after.reasons[i - 1].code <= after.reasons[i].code;
			UNIT_CASE(after.reasons[i].message[0], "round %d: no sentence", round);
		}
		UNIT_CASE(in_order && after.count <= GATE_REASONS_MAX, "round %d: out of order, or %zu", round, after.count);
		UNIT_CASE(after.verdict == (hard ? GATE_BLOCKED : after.count ? GATE_NEEDS_ACK : GATE_ALLOWED),
			"round %d: %s with %zu reasons", round, gate_verdict_name(after.verdict), after.count);
		for (size_t i = 0; i < before.count; i++) {
			bool kept = before.reasons[i].code == GATE_UNKNOWN_CUSTOMER && facts.block_unknown;
			for (size_t j = 0; j < after.count; j++)
				kept |= after.reasons[j].code == before.reasons[i].code;
			UNIT_CASE(kept, "round %d: %s was lost", round, gate_code_name(before.reasons[i].code));
		}
	}
}

static void long_zone_name(void **state)
{
	(void)state;
	char name[500];
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	struct gate_customer who = plain(5);
	struct gate_zone late = zone_at(3, 0);
	late.name = name;
	struct gate_decision d = decide(&who, 1, &late);
	assert_non_null(strstr(d.reasons[0].message, "calls are allowed 08:00-21:00"));
}

static void names_and_authorities(void **state)
{
	(void)state;
	static const struct { enum gate_code code; const char *name; bool hard; const char *authority; } want[] = {
		{GATE_CEASE_AND_DESIST, "cease_and_desist", true, "FDCPA §1692c(c)"},
		{GATE_ATTORNEY_REPRESENTED, "attorney_represented", true, "FDCPA §1692c(a)(2)"},
		{GATE_BANKRUPTCY_FILED, "bankruptcy_filed", true, "11 USC §362"},
		{GATE_DO_NOT_CALL, "do_not_call", true, "TCPA and tenant policy"},
		{GATE_DECEASED, "deceased", true, "internal policy"},
		{GATE_UNKNOWN_CUSTOMER_HARD, "unknown_customer", true, "tenant policy"},
		{GATE_OUTSIDE_FDCPA_HOURS, "outside_fdcpa_hours", false, "FDCPA §1692c(a)(1)"},
		{GATE_MAX_CALLS_PER_WEEK, "max_calls_per_week", false, "weekly cap"},
		{GATE_SOL_EXPIRED, "sol_expired", false, "statute of limitations"},
		{GATE_UNKNOWN_CUSTOMER, "unknown_customer", false, "tenant policy"},
	};
	assert_int_equal(sizeof want / sizeof *want, GATE_CODES);
	for (int i = 0; i < GATE_CODES; i++) {
		assert_int_equal(want[i].code, i);
		assert_string_equal(gate_code_name(want[i].code), want[i].name);
		assert_string_equal(gate_code_authority(want[i].code), want[i].authority);
		assert_int_equal(gate_code_hard(want[i].code), want[i].hard);
		enum gate_code back = GATE_CODES;
		assert_true(gate_code_by_name(want[i].name, &back));
		assert_int_equal(back, i == GATE_UNKNOWN_CUSTOMER_HARD ? GATE_UNKNOWN_CUSTOMER : i);
	}
	enum gate_code untouched = GATE_SOL_EXPIRED;
	assert_false(gate_code_by_name("", &untouched));
	assert_false(gate_code_by_name(NULL, &untouched));
	assert_false(gate_code_by_name("Deceased", &untouched));
	assert_false(gate_code_by_name("deceased ", &untouched));
	assert_int_equal(untouched, GATE_SOL_EXPIRED);
	assert_true(gate_code_hard(GATE_CODES));
	assert_string_equal(gate_code_name(GATE_CODES), "unknown");
	assert_string_equal(gate_code_authority(GATE_CODES), "unknown");

	assert_string_equal(gate_verdict_name(GATE_ALLOWED), "allowed");
	assert_string_equal(gate_verdict_name(GATE_NEEDS_ACK), "needs_ack");
	assert_string_equal(gate_verdict_name(GATE_BLOCKED), "blocked");
	assert_string_equal(gate_verdict_name((enum gate_verdict)3), "unknown");
}

/* The day that the tests call today. */
static void today(void **state)
{
	(void)state;
	assert_int_equal(days_from_civil(2026, 11, 21), TODAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(today),
		cmocka_unit_test(nothing_against),
		cmocka_unit_test(each_flag_alone),
		cmocka_unit_test(hours_borders),
		cmocka_unit_test(hours_odd),
		cmocka_unit_test(several_zones),
		cmocka_unit_test(no_zone_warns),
		cmocka_unit_test(cap_borders),
		cmocka_unit_test(sol_borders),
		cmocka_unit_test(unknown_customer),
		cmocka_unit_test(named_for_a_number_of_nobody),
		cmocka_unit_test(every_combination),
		cmocka_unit_test(all_customers_of_a_number),
		cmocka_unit_test(same_customer_twice),
		cmocka_unit_test(crowd_of_hard_and_soft),
		cmocka_unit_test(crowd_of_hard_alone),
		cmocka_unit_test(crowd_that_just_fits),
		cmocka_unit_test(never_milder),
		cmocka_unit_test(long_zone_name),
		cmocka_unit_test(names_and_authorities),
	};
	return UNIT_RUN(tests);
}
