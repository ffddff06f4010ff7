/*
 * gate.c - may this call be placed, and why not.
 *
 * Each code, in the order of the enum, is asked of each customer whom the number may reach; the hours and the unknown
 * customer concern the number itself.  Whatever is not known counts as a reason:
 *   1. five flags of the customer block, each with its authority;
 *   2. the called person's local time lies outside of the calling hours in any of his zones, or no zone is known;
 *   3. the calls of the last seven days have reached the cap;
 *   4. the limitation period's last day has passed in any of his zones, or today's date there is not known;
 *   5. nobody has that number, whomever the agent names: blocks or warns, as the tenant says.
 */
#include <stdio.h>
#include <string.h>
#include "gate.h"
#include "hours.h"
#include "../base/clock.h"

static const struct { const char *name, *authority; } codes[GATE_CODES] = {
	[GATE_CEASE_AND_DESIST]      = {"cease_and_desist", "FDCPA §1692c(c)"},
	[GATE_ATTORNEY_REPRESENTED]  = {"attorney_represented", "FDCPA §1692c(a)(2)"},
	[GATE_BANKRUPTCY_FILED]      = {"bankruptcy_filed", "11 USC §362"},
	[GATE_DO_NOT_CALL]           = {"do_not_call", "TCPA and tenant policy"},
	[GATE_DECEASED]              = {"deceased", "internal policy"},
	[GATE_UNKNOWN_CUSTOMER_HARD] = {"unknown_customer", "tenant policy"},
	[GATE_OUTSIDE_FDCPA_HOURS]   = {"outside_fdcpa_hours", "FDCPA §1692c(a)(1)"},
	[GATE_MAX_CALLS_PER_WEEK]    = {"max_calls_per_week", "weekly cap"},
	[GATE_SOL_EXPIRED]           = {"sol_expired", "statute of limitations"},
	[GATE_UNKNOWN_CUSTOMER]      = {"unknown_customer", "tenant policy"},
};

static bool of_number(enum gate_code code)
{
	return code == GATE_OUTSIDE_FDCPA_HOURS || code == GATE_UNKNOWN_CUSTOMER || code == GATE_UNKNOWN_CUSTOMER_HARD;
}

static bool zone_closed(const struct gate_zone *zone)
{
	return !hours_open(&zone->now, zone->start_minute, zone->end_minute);
}

/* The limitation period is over in one of the zones, or nobody can tell. */
static bool sol_over(const struct gate_facts *facts, const struct gate_customer *who)
{
	if (!who->has_sol_date)
		return false;
	for (size_t i = 0; i < facts->zone_count; i++)
		if (facts->zones[i].now.day_number > who->sol_day)
			return true;
	return facts->zone_count == 0;
}

static bool holds_for_customer(const struct gate_facts *facts, enum gate_code code, const struct gate_customer *who)
{
	switch (code) {
	case GATE_CEASE_AND_DESIST:     return who->cease_and_desist;
	case GATE_ATTORNEY_REPRESENTED: return who->attorney_represented;
	case GATE_BANKRUPTCY_FILED:     return who->bankruptcy_filed;
	case GATE_DO_NOT_CALL:          return who->do_not_call;
	case GATE_DECEASED:             return who->deceased;
	case GATE_MAX_CALLS_PER_WEEK:   return who->calls_in_window >= who->cap;
	case GATE_SOL_EXPIRED:          return sol_over(facts, who);
	default:                        return false;
	}
}

/* As before, but only for the first of several entries of one customer. */
static bool holds_first(const struct gate_facts *facts, enum gate_code code, size_t i)
{
	const struct gate_customer *all = facts->customers;
	if (!holds_for_customer(facts, code, &all[i]))
		return false;
	for (size_t j = 0; j < i; j++)
		if (all[j].id == all[i].id && holds_for_customer(facts, code, &all[j]))
			return false;
	return true;
}

static bool number_of_nobody(const struct gate_facts *facts)
{
	for (size_t i = 0; i < facts->customer_count; i++)
		if (!facts->customers[i].named_only)
			return false;
	return true;
}

static bool holds_for_number(const struct gate_facts *facts, enum gate_code code)
{
	if (code != GATE_OUTSIDE_FDCPA_HOURS)
		return facts->block_unknown == (code == GATE_UNKNOWN_CUSTOMER_HARD) && number_of_nobody(facts);
	for (size_t i = 0; i < facts->zone_count; i++)
		if (zone_closed(&facts->zones[i]))
			return true;
	return facts->zone_count == 0;
}

/* To how many it applies. */
static size_t count_holds(const struct gate_facts *facts, enum gate_code code)
{
	if (of_number(code))
		return holds_for_number(facts, code);
	size_t n = 0;
	for (size_t i = 0; i < facts->customer_count; i++)
		n += holds_first(facts, code, i);
	return n;
}

static void say_hours(const struct gate_facts *facts, char *out, size_t size)
{
	const struct gate_zone *first = NULL;
	size_t others = 0;
	for (size_t i = 0; i < facts->zone_count; i++)
		if (zone_closed(&facts->zones[i])) {
			others += first != NULL;
			first = first ? first : &facts->zones[i];
		}
	if (!first) {
		snprintf(out, size,
			"The local time of the called person is not known, so calling hours cannot be checked");
		return;
	}
	char hours[HOURS_SIZE], more[80] = "";
	hours_format(first->start_minute, first->end_minute, hours);
	if (others)
		snprintf(more, sizeof more, "; %zu more possible zone%s closed too", others,
			others == 1 ? " is" : "s are");
	snprintf(out, size, "It is %02d:%02d (%.60s time) and calls are allowed %s%s", first->now.hour,
		first->now.minute, first->name ? first->name : "local", hours, more);
}

static void say_sol(const struct gate_facts *facts, const struct gate_customer *who, char *out, size_t size)
{
	int year, month, day;
	civil_from_days(who->sol_day, &year, &month, &day);
	if (facts->zone_count)
		snprintf(out, size, "The statute of limitations ran out on %04d-%02d-%02d", year, month, day);
	else
		snprintf(out, size,
			"The limitation period ends on %04d-%02d-%02d and the called person's date is not known", year,
			month, day);
}

static void say_cap(const struct gate_customer *who, char *out, size_t size)
{
	long long n = (long long)who->calls_in_window, cap = (long long)who->cap;
	const char *verb = n == 1 ? "was" : "were";
	if (cap > 0)
		snprintf(out, size, "%lld of %lld calls %s placed to this person in the last 7 days", n, cap, verb);
	else
		snprintf(out, size, "The weekly cap of this person allows no calls; %lld %s placed in the last 7 days",
			n, verb);
}

/* The sentence about one customer, or the number when who is NULL. */
static void say(const struct gate_facts *facts, enum gate_code code, const struct gate_customer *who,
	char *out, size_t size)
{
	static const char *const fixed[GATE_CODES] = {
		[GATE_CEASE_AND_DESIST] = "This person has demanded in writing that contact cease",
		[GATE_ATTORNEY_REPRESENTED] =
			"This person is represented by an attorney, who must be contacted instead",
		[GATE_BANKRUPTCY_FILED] =
			"This person has filed for bankruptcy, and the automatic stay forbids collection calls",
		[GATE_DO_NOT_CALL] = "This person is on the do-not-call list",
		[GATE_DECEASED] = "This person is recorded as deceased",
		[GATE_UNKNOWN_CUSTOMER_HARD] =
			"No customer has this number, and calls to unknown numbers are not allowed here",
		[GATE_UNKNOWN_CUSTOMER] = "No customer has this number, so nothing is known about the person",
	};
	if (code == GATE_OUTSIDE_FDCPA_HOURS)
		say_hours(facts, out, size);
	else if (code == GATE_MAX_CALLS_PER_WEEK)
		say_cap(who, out, size);
	else if (code == GATE_SOL_EXPIRED)
		say_sol(facts, who, out, size);
	else
		snprintf(out, size, "%s", fixed[code]);
}

/* The sentence that stands for several customers when there is no room for one each. */
static void say_crowd(enum gate_code code, size_t n, bool others, char *out, size_t size)
{
	static const char *const what[GATE_CODES] = {
		[GATE_CEASE_AND_DESIST] = "have demanded in writing that contact cease",
		[GATE_ATTORNEY_REPRESENTED] = "are represented by attorneys",
		[GATE_BANKRUPTCY_FILED] = "have filed for bankruptcy",
		[GATE_DO_NOT_CALL] = "are on the do-not-call list",
		[GATE_DECEASED] = "are recorded as deceased",
		[GATE_MAX_CALLS_PER_WEEK] = "have reached their weekly cap",
		[GATE_SOL_EXPIRED] = "have a limitation period that is over or cannot be checked",
	};
	snprintf(out, size, "%zu %scustomers with this number %s", n, others ? "more " : "", what[code]);
}

static struct gate_reason *add(struct gate_decision *out, enum gate_code code, int64_t customer_id)
{
	struct gate_reason *reason = &out->reasons[out->count++];
	reason->code = code;
	reason->customer_id = customer_id;
	return reason;
}

/* Adds a code for n customers in at most room (>= 1) reasons. */
static void add_code(const struct gate_facts *facts, enum gate_code code, size_t n, size_t room,
	struct gate_decision *out)
{
	if (of_number(code)) {
		struct gate_reason *reason = add(out, code, 0);
		say(facts, code, NULL, reason->message, sizeof reason->message);
		return;
	}
	size_t alone = n <= room ? n : room - 1, added = 0;
	for (size_t i = 0; i < facts->customer_count && added < alone; i++)
		if (holds_first(facts, code, i)) {
			struct gate_reason *reason = add(out, code, facts->customers[i].id);
			say(facts, code, &facts->customers[i], reason->message, sizeof reason->message);
			added++;
		}
	if (n > alone) {
		struct gate_reason *reason = add(out, code, 0);
		say_crowd(code, n - alone, alone > 0, reason->message, sizeof reason->message);
	}
}

void gate_decide(const struct gate_facts *facts, struct gate_decision *out)
{
	size_t holds[GATE_CODES], later = 0;
	for (int code = 0; code < GATE_CODES; code++) {
		holds[code] = count_holds(facts, (enum gate_code)code);
		later += holds[code] > 0;
	}
	out->verdict = GATE_ALLOWED;
	out->count = 0;
	for (int code = 0; code < GATE_CODES; code++) {
		if (!holds[code])
			continue;
		later--;            /* one place stays for each code that follows */
		add_code(facts, (enum gate_code)code, holds[code], GATE_REASONS_MAX - later - out->count, out);
		if (gate_code_hard((enum gate_code)code))
			out->verdict = GATE_BLOCKED;
		else if (out->verdict == GATE_ALLOWED)
			out->verdict = GATE_NEEDS_ACK;
	}
}

const char *gate_code_name(enum gate_code code)
{
	return (unsigned)code < GATE_CODES ? codes[code].name : "unknown";
}

/* What is no code at all is hard. */
bool gate_code_hard(enum gate_code code)
{
	return !(code >= GATE_OUTSIDE_FDCPA_HOURS && code < GATE_CODES);
}

const char *gate_code_authority(enum gate_code code)
{
	return (unsigned)code < GATE_CODES ? codes[code].authority : "unknown";
}

bool gate_code_by_name(const char *name, enum gate_code *code)
{
	for (int i = GATE_CODES - 1; name && i >= 0; i--)       /* from the end: "unknown_customer" is the soft one */
		if (!strcmp(codes[i].name, name)) {
			*code = (enum gate_code)i;
			return true;
		}
	return false;
}

const char *gate_verdict_name(enum gate_verdict verdict)
{
	static const char *const names[] = {
		[GATE_ALLOWED] = "allowed", [GATE_NEEDS_ACK] = "needs_ack", [GATE_BLOCKED] = "blocked",
	};
	return (unsigned)verdict <= GATE_BLOCKED ? names[verdict] : "unknown";
}
