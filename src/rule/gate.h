/*
 * gate.h - may this call be placed, and why not.  Pure: the caller loads the facts, this decides.
 *
 * Hard reasons block, and nobody can override them.  Soft reasons must be acknowledged, every one.  All reasons are
 * reported, hard ones first, in the order of enum gate_code.  What is unknown is never allowed silently.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../base/tz.h"

enum gate_code {
	GATE_CEASE_AND_DESIST,      /* hard: FDCPA §1692c(c) */
	GATE_ATTORNEY_REPRESENTED,  /* hard: FDCPA §1692c(a)(2) */
	GATE_BANKRUPTCY_FILED,      /* hard: 11 USC §362 */
	GATE_DO_NOT_CALL,           /* hard: TCPA and tenant policy */
	GATE_DECEASED,              /* hard: internal policy */
	GATE_UNKNOWN_CUSTOMER_HARD, /* hard: tenant policy "unknown customers are blocked"; code unknown_customer */
	GATE_OUTSIDE_FDCPA_HOURS,   /* soft: FDCPA §1692c(a)(1) */
	GATE_MAX_CALLS_PER_WEEK,    /* soft: weekly cap */
	GATE_SOL_EXPIRED,           /* soft: statute of limitations */
	GATE_UNKNOWN_CUSTOMER,     /* soft: tenant policy; nobody has that number, so nothing is known about who does */
	GATE_CODES
};

enum gate_verdict { GATE_ALLOWED, GATE_NEEDS_ACK, GATE_BLOCKED };

/* One customer whom the number may reach: every customer of the tenant who has it, and the one named by the agent. */
struct gate_customer {
	int64_t id;
	bool named_only;            /* the number is not his: the agent named him, or a PBX may take it for his */
	bool cease_and_desist, attorney_represented, bankruptcy_filed, do_not_call, deceased;
	bool has_sol_date;
	int64_t sol_day;       /* the limitation period's last day, days since 1970-01-01; over from the day after it */
	int64_t calls_in_window;    /* attempts that count in the 7 x 24 hours before now, to any of his numbers */
	int64_t cap;                /* his own or the tenant's; >= 0 */
};

/* One zone in which the called person may be.  A call must be convenient in all of them. */
struct gate_zone {
	struct local_time now;
	int start_minute, end_minute;       /* minutes after midnight; allowed is start <= now < end; 0-1440 */
	const char *name;                   /* for the sentence: "America/New_York"; NULL leaves it out */
};

struct gate_facts {
	const struct gate_customer *customers;
	size_t customer_count;
	const struct gate_zone *zones;      /* none: the hours are unknown, which warns */
	size_t zone_count;
	bool block_unknown;                 /* tenant policy for numbers of nobody: block instead of warn */
};

struct gate_reason {
	enum gate_code code;
	int64_t customer_id;                /* whom it concerns; 0: the number itself, or several customers in one */
	char message[200];                  /* one sentence for the agent, with the figures */
};

enum { GATE_REASONS_MAX = 64 };

struct gate_decision {
	enum gate_verdict verdict;
	size_t count;
	struct gate_reason reasons[GATE_REASONS_MAX];       /* hard codes first, each code once per customer */
};

/* No code that applies is ever left out: where the customers are too many for the room, the last reason of a code
 * stands for the rest of them, and the soft codes give way to the hard ones. */
void gate_decide(const struct gate_facts *, struct gate_decision *);

const char *gate_code_name(enum gate_code);         /* "cease_and_desist", as in the contract */
bool        gate_code_hard(enum gate_code);
const char *gate_code_authority(enum gate_code);
bool        gate_code_by_name(const char *, enum gate_code *); /* "unknown_customer" gives the soft one of the two */
const char *gate_verdict_name(enum gate_verdict);   /* allowed, needs_ack, blocked */
