/* consent.c - the table of states, and what it says of a call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "consent.h"

enum { STATE, NAME, PARTIES, SINCE, UNTIL, AREA_CODES, CITATION, SURE, VERIFIED, FIELDS };
enum { NANP_NUMBER = 12 };              /* bytes of "+1" and ten digits */

static const char *const headings[FIELDS] = {
	"state", "name", "parties", "since", "until", "area_codes", "citation", "sure", "verified",
};

struct row {
	char *line, *field[FIELDS];         /* the fields lie in the line */
	bool all;
	int64_t since, until;
};

struct consent_table {
	struct row *rows;
	size_t count;
};

void consent_free(struct consent_table *table)
{
	for (size_t i = 0; table && i < table->count; i++)
		free(table->rows[i].line);
	if (table)
		free(table->rows);
	free(table);
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static bool cut(struct row *row)
{
	char *at = row->line;

	for (int i = 0; i < FIELDS; i++) {
		char *end = strchrnul(at, ',');

		if ((i == FIELDS - 1) != !*end)
			return false;
		row->field[i] = at;
		at = *end ? end + 1 : end;
		*end = '\0';
	}
	return true;
}

static bool codes_fit(const char *codes)
{
	for (; *codes; codes += 3 + (codes[3] == ' '))
		if (strspn(codes, "0123456789") != 3 || (codes[3] && (codes[3] != ' ' || !codes[4])))
			return false;
	return true;
}

/* What is wrong with the row, or NULL. */
static const char *check(struct row *row)
{
	char *const *f = row->field;

	row->all = !strcmp(f[PARTIES], "all");
	row->since = INT64_MIN;
	row->until = INT64_MAX;
	if (strlen(f[STATE]) != 2 || strspn(f[STATE], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
		return "state must be two capital letters";
	if (!*f[NAME])
		return "name is empty";
	if (!row->all && strcmp(f[PARTIES], "one") != 0)
		return "parties must be one or all";
	if (*f[SINCE] && !date_parse(f[SINCE], &row->since))
		return "since must be a date, YYYY-MM-DD, or empty";
	if (*f[UNTIL] && (!date_parse(f[UNTIL], &row->until) || row->until < row->since))
		return "until must be a date, YYYY-MM-DD, not before since, or empty";
	return codes_fit(f[AREA_CODES]) ? NULL : "area_codes must be numbers of three digits, separated by blanks";
}

static int add_line(struct consent_table *table, const char *name, size_t number, char *line, struct err *err)
{
	struct row row = {.line = line};
	const char *wrong = cut(&row) ? NULL : "it must have nine fields, separated by commas";

	for (int i = 0; number == 1 && !wrong && i < FIELDS; i++)
		if (strcmp(row.field[i], headings[i]))
			wrong = "the first line must be state,name,parties,since,until,area_codes,citation,sure,"
				"verified";
	if (number > 1 && !wrong)
		wrong = check(&row);
	if (number == 1 || wrong) {
		free(line);
		return wrong ? err_set(err, ERR_CONFIG, "%s, line %zu: %s", name, number, wrong) : 0;
	}
	table->rows = xrealloc(table->rows, (table->count + 1) * sizeof(*table->rows));
	table->rows[table->count++] = row;
	return 0;
}

int consent_parse(struct consent_table **out, const char *name, const char *text, struct err *err)
{
	struct consent_table *table = xcalloc(1, sizeof(*table));
	int status = 0;
	size_t number = 0;

	*out = NULL;
	while (*text && !status) {
		const size_t len = strcspn(text, "\r\n");

		number++;
		if (len)
			status = add_line(table, name, number, xstrndup(text, len), err);
		text += len;
		text += *text == '\r';
		text += *text == '\n';
	}
	if (!status && !table->count)
		status = err_set(err, ERR_CONFIG, "%s holds no state", name);
	if (status)
		consent_free(table);
	else
		*out = table;
	return status;
}

/* ---- asking ----------------------------------------------------------------------------------------------------- */

static bool holds(const struct row *row, int64_t day)
{
	return row->since <= day && day <= row->until;
}

/* The row of a state by its code or name, len bytes of text; NULL: it is not known.  Where rows contradict each other
 * the stricter one is the answer. */
static const struct row *row_of(const struct consent_table *table, const char *text, size_t len, int64_t day)
{
	const struct row *found = NULL;

	for (size_t i = 0; table && i < table->count; i++) {
		const struct row *row = &table->rows[i];
		const bool same = (strlen(row->field[STATE]) == len && !strncasecmp(row->field[STATE], text, len)) ||
				  (strlen(row->field[NAME]) == len && !strncasecmp(row->field[NAME], text, len));

		if (same && holds(row, day) && (!found || row->all))
			found = row;
	}
	return found;
}

static bool asks(char why[CONSENT_WHY_SIZE], const char *whose, const struct row *row)
{
	if (row && !row->all)
		return false;
	if (row)
		snprintf(why, CONSENT_WHY_SIZE, "%s is in %s, which needs the consent of all parties", whose,
			row->field[NAME]);
	else
		snprintf(why, CONSENT_WHY_SIZE, "the state of %s is not known", whose);
	return true;
}

/* A state "all" with the area code of this number, or NULL. */
static const struct row *row_of_number(const struct consent_table *table, const char *number, int64_t day)
{
	if (!number || strlen(number) != NANP_NUMBER || strncmp(number, "+1", 2))
		return NULL;
	for (size_t i = 0; i < table->count; i++) {
		const struct row *row = &table->rows[i];

		for (const char *code = row->field[AREA_CODES]; *code; code += 3 + (code[3] == ' '))
			if (!strncmp(code, number + 2, 3) && row->all && holds(row, day))
				return row;
	}
	return NULL;
}

/* Every state of the list, separated by commas; an empty list is one that is not known. */
static bool agents_ask(const struct consent_table *table, const char *list, int64_t day, char why[CONSENT_WHY_SIZE])
{
	bool any = false;

	for (const char *at = list ? list : ""; *at; at += *at == ',') {
		size_t len;

		at += strspn(at, " ");
		len = strcspn(at, ",");
		while (len && at[len - 1] == ' ')
			len--;
		if (len && asks(why, "an agent", row_of(table, at, len, day)))
			return true;
		any |= len > 0;
		at += strcspn(at, ",");
	}
	return !any && asks(why, "the agents", NULL);
}

bool consent_needed(const struct consent_table *table, const struct consent_facts *facts, char why[CONSENT_WHY_SIZE])
{
	const struct row *by_number;

	if (!table) {
		str_copy(why, CONSENT_WHY_SIZE, "the table of states cannot be read");
		return true;
	}
	by_number = row_of_number(table, facts->number, facts->day);
	if (by_number && asks(why, "the number", by_number))
		return true;
	if (facts->number && facts->number[0] == '+' && facts->number[1] != '1') {
		str_copy(why, CONSENT_WHY_SIZE, "the number is in another country, whose law is not known");
		return true;
	}
	for (size_t i = 0; i < facts->customers; i++) {
		const char *state = facts->customer_states[i] ? facts->customer_states[i] : "";

		if (asks(why, "the customer", row_of(table, state, strlen(state), facts->day)))
			return true;
	}
	if (!facts->customers && !facts->agents_only && asks(why, "the other party", NULL))
		return true;
	if (agents_ask(table, facts->agent_states, facts->day, why))
		return true;
	str_copy(why, CONSENT_WHY_SIZE, "every party is in a state where the consent of one is enough");
	return false;
}
