/* methods_page.c - prints the section METHODS of spctl-api(7) from the tables of the protocol: make pages. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "../../src/engine/engine.h"
#include "../../src/proto/method.h"

enum { WIDTH = 78 };

/* What methods.c needs of spctld's main.c, which is not linked here. */
void engine_stop_begin(struct engine *engine)
{
	(void)engine;
}

/* Fills lines with words; a sentence begins a line of its own, as mdoc wants it.  A line may not begin with a dot. */
static void put_text(const char *text)
{
	size_t column = 0;

	while (*text) {
		const size_t len = strcspn(text, " ");
		const char last = len ? text[len - 1] : ' ';

		if (column && column + 1 + len > WIDTH) {
			putchar('\n');
			column = 0;
		} else if (column) {
			putchar(' ');
			column++;
		}
		printf("%s%.*s", !column && *text == '.' ? "\\&" : "", (int)len, text);
		column += len;
		text += len;
		text += strspn(text, " ");
		if (last == '.' && *text && !islower((unsigned char)*text)) {
			putchar('\n');
			column = 0;
		}
	}
	putchar('\n');
}

static void put_type(const struct param *param)
{
	static const char *const names[] = {
		[PARAM_TEXT] = "text", [PARAM_BOOL] = "true or false", [PARAM_TIME] = "time", [PARAM_DATE] = "date",
		[PARAM_TEXTS] = "list of texts",
	};

	if (param->type != PARAM_INT)
		fputs(names[param->type], stdout);
	else if (param->max == INT64_MAX)
		printf("whole number from %" PRId64, param->min);
	else
		printf("whole number, %" PRId64 " to %" PRId64, param->min, param->max);
	for (const char *c = param->choices; c; c = strchr(c, '|') ? strchr(c, '|') + 1 : NULL)
		printf("%s%.*s", c == param->choices ? ": " : ", ", (int)strcspn(c, "|"), c);
}

static void put_params(const struct param *params)
{
	if (!params || !params->name)
		return;
	puts(".Bl -tag -width Ds");
	for (const struct param *param = params; param->name; param++) {
		printf(".It Va %s Pq ", param->name);
		put_type(param);
		printf("%s%s\n", param->required ? ", required" : "",
			!param->clears ? "" : param->type == PARAM_INT ? ", null clears" : ", empty clears");
		put_text(param->help);
	}
	puts(".El\n.Pp");
}

/* NULL: anybody. */
static const char *role_of(const char *name)
{
	static const char *const roles[] = {
		[ROLE_AGENT] = "agent", [ROLE_SUPERVISOR] = "supervisor", [ROLE_ADMIN] = "admin"};

	for (const struct engine_method *m = engine_methods; m->name; m++)
		if (!strcmp(m->name, name))
			return roles[m->needs];
	return NULL;
}

static void put_method(const struct method *method)
{
	const char *before = "Also takes\n.Va ", *role = role_of(method->name);
	char answer[4096];

	printf(".Ss %s\n", method->name);
	put_text(method->help);
	if (role)
		printf("Least role:\n.Cm %s .\n", role);
	put_params(method->params);
	for (const struct param *param = method_common; param->name; param++)
		if (method_param(method, param->name) == param) {
			printf("%s%s", before, param->name);
			before = " , ";
		}
	if (*before == ' ')
		puts(" .\n.br");
	snprintf(answer, sizeof(answer), "Answer: %s", method->answer);
	put_text(answer);
}

int main(void)
{
	puts(".Sh METHODS\nEach method has its parameters, the others that it takes, and its answer.");
	for (const struct method *method = methods; method->name; method++)
		put_method(method);
	return 0;
}
