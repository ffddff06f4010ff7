/*
 * consent.h - may a recorded call go without the announcement that it is recorded?
 *
 * Some states need the consent of everybody on the line, others that of one.  Which is which is a table of dated rows
 * (share/rules/recording-consent.csv, whose README tells its form) that an installation may replace.  Whatever is not
 * known needs the announcement.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../base/err.h"

struct consent_table;

/* Reads the table's text; name is the file's, for errors.  ERR_CONFIG names its line.  Free with consent_free(). */
int  consent_parse(struct consent_table **, const char *name, const char *text, struct err *);
void consent_free(struct consent_table *);

/* Who may hear the call, as texts that people typed; NULL or empty: not known. */
struct consent_facts {
	const char *const *customer_states;         /* of everybody whom the number may reach */
	size_t customers;                           /* none: nobody is known by the number */
	bool agents_only;                           /* between two agents */
	const char *number;         /* E.164; its area code adds a state, and never takes one away; of a number
				     * outside of country code 1 nothing is known */
	const char *agent_states;                   /* all in which agents work, separated by commas */
	int64_t day;                                /* of the call, days since 1970-01-01 */
};

enum { CONSENT_WHY_SIZE = 160 };

/* Does the announcement have to play?  why: a sentence, for either answer.  Without a table (NULL) it has to. */
bool consent_needed(const struct consent_table *, const struct consent_facts *, char why[CONSENT_WHY_SIZE]);
