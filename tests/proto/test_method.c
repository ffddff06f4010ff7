/* The table of methods, and the check of parameters against it. */
#include "../lib/unit.h"
#include <stdlib.h>
#include <string.h>
#include "../../src/base/str.h"
#include "../../src/proto/method.h"

static void check_param(const char *method, const struct param *p)
{
	UNIT_CASE(p->name[strspn(p->name, "abcdefghijklmnopqrstuvwxyz_")] == '\0', "%s: %s", method, p->name);
	UNIT_CASE(p->help && p->help[strlen(p->help) - 1] == '.', "%s: %s: help is no sentence", method, p->name);
	UNIT_CASE(p->type != PARAM_INT || p->min < p->max, "%s: %s: its range is empty", method, p->name);
	UNIT_CASE(!p->choices || p->type == PARAM_TEXT, "%s: %s: choices of what is no text", method, p->name);
	UNIT_CASE(!(p->required && p->clears), "%s: %s: is required and can be cleared", method, p->name);
}

static void test_table(void **state)
{
	(void)state;
	for (const struct method *m = methods; m->name; m++) {
		UNIT_CASE(m == methods || strcmp(m[-1].name, m->name) < 0, "%s is not in its place", m->name);
		UNIT_CASE(method_find(m->name) == m, "%s is not found", m->name);
		UNIT_CASE(m->help && m->help[strlen(m->help) - 1] == '.', "%s: help is no sentence", m->name);
		UNIT_CASE(m->answer && *m->answer, "%s: no answer", m->name);
		UNIT_CASE(!(m->flags & METHOD_AS) || (m->flags & METHOD_TENANT), "%s: \"as\" without \"tenant\"", m->name);
		for (const struct param *p = m->params; p && p->name; p++) {
			check_param(m->name, p);
			UNIT_CASE(method_param(m, p->name) == p, "%s: %s stands twice", m->name, p->name);
			for (const struct param *common = method_common; common->name; common++)
				UNIT_CASE(strcmp(p->name, common->name) != 0, "%s: %s is a common one", m->name, p->name);
		}
	}
	for (const struct param *common = method_common; common->name; common++)
		check_param("common", common);
	assert_null(method_find("no.such"));
	assert_null(method_find(""));
	assert_null(method_find("call.dial "));
}

static void test_common(void **state)
{
	(void)state;
	static const struct { const char *method, *param; bool takes; } cases[] = {
		{"station.list", "limit", true}, {"station.list", "after", true}, {"station.list", "tenant", true},
		{"station.list", "as", false}, {"station.list", "dry_run", false}, {"station.add", "dry_run", true},
		{"station.add", "limit", false}, {"call.dial", "as", true}, {"call.dial", "dry_run", false},
		{"tenant.list", "tenant", false}, {"engine.stop", "tenant", false}, {"hello", "tenant", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		UNIT_CASE(!!method_param(method_find(cases[i].method), cases[i].param) == cases[i].takes, "%s: %s", cases[i].method,
			cases[i].param);
}

/* Checks params written as JSON with ' for ". */
static int check(const char *method, const char *text, struct err *err)
{
	char *json = strdup(text);
	for (char *p = json; *p; p++)
		if (*p == '\'')
			*p = '"';
	json_t *params = json_loads(json, JSON_DECODE_ANY, NULL);
	free(json);
	assert_non_null(params);
	const struct method *m = method_find(method);
	UNIT_CASE(m, "%s", method);
	int status = method_check(m, params, err);
	json_decref(params);
	return status;
}

static void test_taken(void **state)
{
	(void)state;
	static const struct { const char *method, *params; } cases[] = {
		{"hello", "{'version': 1, 'client': 'test'}"},
		{"station.add", "{'name': 'desk-1', 'did': '+14155550100', 'sip_uri': 'sip:a@b', 'transport': 'tls', 'register': false,"
			"'tenant': 'default', 'dry_run': true}"},
		{"station.set", "{'name': 'desk-1', 'auth_user': '', 'password': '', 'team': ''}"},
		{"customer.add", "{'name': 'A', 'phones': ['1', '2'], 'sol_date': '2028-02-29', 'max_calls_per_week': 0}"},
		{"customer.set", "{'id': 9223372036854775807, 'sol_date': '', 'do_not_call': true, 'reason': 'asked'}"},
		{"dispo.save", "{'code': 'sale', 'notes': 'two\\nlines\\tand \xc3\xa9', 'as': 'anna'}"},
		{"dispo.save", "{'code': 'sale', 'notes': ''}"},
		{"history.list", "{'since': '2026-11-21', 'until': '2026-11-21T10:00:00+01:00', 'limit': 0, 'after': 0}"},
		{"engine.stop", "{}"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err err = {0};
		UNIT_CASE(check(cases[i].method, cases[i].params, &err) == 0, "%s", err.text);
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const struct { const char *method, *params, *says; } cases[] = {
		{"station.add", "{'name': 'x', 'did': 5, 'sip_uri': 'sip:a@b'}", "station.add: \"did\" must be text"},
		{"station.add", "{'name': null}", "station.add: \"name\" must be text"},
		{"station.show", "{'name': 'x', 'colour': 1}",
			"station.show: \"colour\" is not a parameter of this method (it takes name, tenant)"},
		{"engine.stop", "{'now': true}", "engine.stop: \"now\" is not a parameter of this method (it takes none)"},
		{"engine.stop", "{'tenant': 'x'}", "engine.stop: \"tenant\" is not a parameter of this method (it takes none)"},
		{"station.show", "{}", "station.show: \"name\" is missing: The station's name."},
		{"station.show", "{'name': ''}", "station.show: \"name\" must not be empty"},
		{"station.show", "[]", "station.show: the parameters must be an object"},
		{"station.add", "{'transport': 'sctp'}", "station.add: \"transport\" is \"sctp\": it must be udp, tcp or tls"},
		{"station.add", "{'transport': 'udp|tcp'}", "station.add: \"transport\" is \"udp|tcp\": it must be udp, tcp or tls"},
		{"station.add", "{'transport': ''}", "station.add: \"transport\" is \"\": it must be udp, tcp or tls"},
		{"station.add", "{'register': 1}", "station.add: \"register\" must be true or false"},
		{"tenant.set", "{'acw_seconds': 301}", "tenant.set: \"acw_seconds\" is 301: it must be from 5 to 300"},
		{"tenant.set", "{'acw_seconds': '30'}", "tenant.set: \"acw_seconds\" must be a whole number"},
		{"tenant.set", "{'acw_seconds': 30.0}", "tenant.set: \"acw_seconds\" must be a whole number"},
		{"tenant.set", "{'acw_seconds': null}", "tenant.set: \"acw_seconds\" must be a whole number"},
		{"customer.set", "{'max_calls_per_week': ''}",
			"customer.set: \"max_calls_per_week\" must be a whole number or null"},
		{"tenant.set", "{'country': '1234'}", "tenant.set: \"country\" has 4 bytes: it may have 1 to 3"},
		{"call.show", "{'call': 0}", "call.show: \"call\" is 0: it must be 1 or more"},
		{"call.show", "{'call': -9223372036854775808}",
			"call.show: \"call\" is -9223372036854775808: it must be 1 or more"},
		{"customer.add", "{'name': 'A', 'phones': []}", "customer.add: \"phones\" has 0 entries: it must have 1 to 100"},
		{"customer.add", "{'name': 'A', 'phones': '1'}", "customer.add: \"phones\" must be a list of texts"},
		{"customer.add", "{'name': 'A', 'phones': [1]}", "customer.add: \"phones\" must be text"},
		{"customer.add", "{'name': 'A', 'phones': ['']}", "customer.add: \"phones\" must not be empty"},
		{"customer.add", "{'name': 'A\\nB'}", "customer.add: \"name\" holds a control character, which is not allowed there"},
		{"customer.add", "{'name': 'A\\u009bB'}",
			"customer.add: \"name\" holds a control character, which is not allowed there"},
		{"dispo.save", "{'notes': 'a\\u001bB'}",
			"dispo.save: \"notes\" holds a control character, which is not allowed there"},
		{"customer.set", "{'sol_date': '2026-02-29'}",
			"customer.set: \"sol_date\" is \"2026-02-29\": it must be a date such as 2026-11-21"},
		{"history.list", "{'since': 'yesterday'}", "history.list: \"since\" is \"yesterday\": it must be a time such as "
			"2026-11-21T09:00:00Z or a date"},
		{"history.list", "{'since': ''}", "history.list: \"since\" is \"\": it must be a time such as "
			"2026-11-21T09:00:00Z or a date"},
		{"history.list", "{'since': 5}", "history.list: \"since\" must be text"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err err = {0};
		int status = check(cases[i].method, cases[i].params, &err);
		UNIT_CASE(status == ERR_INVALID && strcmp(err.text, cases[i].says) == 0, "%s %s: %s", cases[i].method,
			cases[i].params, err.text);
	}
}

/* A refused password is not repeated. */
static void test_password_is_not_quoted(void **state)
{
	(void)state;
	struct err err = {0};
	char text[400] = "{'name': 'x', 'password': 'hunter2";
	memset(text + strlen(text), 'x', 300);
	memcpy(text + 334, "'}", 3);
	assert_int_equal(check("station.set", text, &err), ERR_INVALID);
	assert_null(strstr(err.text, "hunter2"));
	assert_int_equal(check("station.set", "{'name': 'x', 'password': 'hunter2\\n'}", &err), ERR_INVALID);
	assert_null(strstr(err.text, "hunter2"));
}

static void test_events(void **state)
{
	(void)state;
	for (const struct event_kind *e = event_kinds; e->name; e++) {
		assert_true(e->help && *e->help);
		UNIT_CASE(e == event_kinds || strcmp(e[-1].name, e->name) < 0, "%s is not in its place", e->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table), cmocka_unit_test(test_common), cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_password_is_not_quoted), cmocka_unit_test(test_events),
	};
	return UNIT_RUN(tests);
}
