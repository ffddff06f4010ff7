/* search.c - texts and numbers that lists are searched for. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "../base/e164.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "nouns.h"

/* "50% off" to "%50\% off%". */
static char *pattern_of(const char *text, char blank)
{
	struct str pattern = {0};

	str_add(&pattern, "%");
	for (; *text; text++) {
		const char c = *text == ' ' ? blank : *text;

		str_addf(&pattern, "%s%c", strchr("%_\\", c) ? "\\" : "", c);
	}
	str_add(&pattern, "%");
	return str_take(&pattern);
}

/* The digits of what is nothing but digits and what stands between them; NULL: it is no number.  What is dialled before
 * a number from here, such as the 0 of another country's national ones, is no part of it. */
static char *digits_of(const char *text, const char *country)
{
	char number[E164_SIZE];
	struct str digits = {0};

	if (text[strspn(text, "0123456789+-()./ ")])
		return NULL;
	for (const char *c = text; *c; c++)
		if (isdigit((unsigned char)*c))
			str_addn(&digits, c, 1);
	if (digits.len && digits.s[0] == '0' && e164_parse(text, country, number, NULL) == 0) {
		str_free(&digits);
		str_add(&digits, number + 1);
	}
	return digits.len ? str_take(&digits) : NULL;
}

void search_take(struct search *search, const char *text, const char *country)
{
	char *digits = text ? digits_of(text, country) : NULL;

	*search = (struct search){0};
	if (!text)
		return;
	search->text = pattern_of(text, ' ');
	search->code = pattern_of(text, '_');
	search->digits = digits ? xasprintf("%%%s%%", digits) : NULL;
	free(digits);
}

void search_clear(struct search *search)
{
	free(search->text);
	free(search->code);
	free(search->digits);
}

bool arg_param_number(
	struct request *request, const char *name, const struct stmt *has_number, char out[NUMBER_SIZE],
	struct arg *arg)
{
	const char *typed = param_text(request, name);
	char number[E164_SIZE];
	struct tenant tenant;
	int64_t found;

	*arg = a_null();
	if (!typed)
		return true;
	if (tenant_load(request->engine, request->tenant_id, &tenant, &request->err) < 0)
		return false;
	str_copy(out, NUMBER_SIZE, typed);
	*arg = a_text(out);
	if (e164_parse(typed, tenant.country, number, &request->err) == 0) {
		str_copy(out, NUMBER_SIZE, number);
		return true;
	}
	found = id_of(request->engine, has_number, ARGS(a_int(request->tenant_id), a_text(typed)), NULL);
	if (found <= 0)
		err_prefix(&request->err, "%s", name);
	return found > 0;
}
