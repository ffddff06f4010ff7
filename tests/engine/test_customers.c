/* Customers by the methods of the protocol, and what the gate is told of them. */
#include "../../src/engine/customer.h"
#include "nouns_fixture.h"

static void adding(void **state)
{
	struct fixture *f = *state;

	works(f, "customer.add", "{'name':'Zoë Ba','phones':['(415) 555-0100','+1 415 555 0101','415.555.0100'],'external_id':'X-1',"
		"'timezone':'America/New_York','state':'ny','postcode':'10001'}");
	ANSWER(f, "phones", "['+14155550100','+14155550101']");
	ANSWER(f, "state", "'NY'");
	ANSWER(f, "do_not_call", "false");
	ANSWER(f, "max_calls_per_week", "null");
	ANSWER(f, "calls_this_week", "0");
	ANSWER(f, "sol_date", "null");
	refused(f, "customer.add", "{'name':'b','phones':['4155550102'],'external_id':'X-1'}", ERR_CONFLICT, "X-1");
	refused(f, "customer.add", "{'name':'b','phones':['12']}", ERR_INVALID, "phones");
	refused(f, "customer.add", "{'name':'b','phones':['4155550102','nonsense']}", ERR_INVALID, "nonsense");
	refused(f, "customer.add", "{'name':'b','phones':['4155550102'],'timezone':'Mars/Base'}", ERR_INVALID, "Mars/Base");
	refused(f, "customer.add", "{'name':'b','phones':['4155550102'],'state':'New York'}", ERR_INVALID, "state");
	refused(f, "customer.add", "{'name':'b','phones':['4155550102'],'sol_date':'2026-02-30'}", ERR_INVALID, "sol_date");
	refused(f, "customer.add", "{'name':' ','phones':['4155550102']}", ERR_INVALID, "name");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM customers"), 1);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM customer_phones"), 2);
	works(f, "customer.add", "{'name':'b','phones':['4155550100'],'do_not_call':true,'reason':'asked'}");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE event = 'flag_changed' AND customer_id = 2"
		" AND reason_code = 'do_not_call' AND detail = 'do_not_call: off -> on; asked'"), 1);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE event = 'customer.add'"), 2);
}

static void numbers_of_the_country(void **state)
{
	struct fixture *f = *state;

	works(f, "tenant.set", "{'country':'44'}");
	works(f, "customer.add", "{'name':'a','phones':['020 7946 0958']}");
	ANSWER(f, "phones", "['+442079460958']");
}

static void finding(void **state)
{
	struct fixture *f = *state;

	works(f, "customer.add", "{'name':'Ann 50% Off','phones':['4155550100'],'external_id':'X-1'}");
	works(f, "customer.add", "{'name':'Bob_Smith','phones':['4155550100','4155550101']}");
	works(f, "customer.add", "{'name':'Bobby','phones':['4155550102']}");
	works(f, "customer.show", "{'id':2}");
	ANSWER(f, "name", "'Bob_Smith'");
	works(f, "customer.show", "{'phone':'1 (415) 555-0101'}");
	ANSWER(f, "id", "2");
	works(f, "customer.show", "{'external_id':'X-1'}");
	ANSWER(f, "id", "1");
	refused(f, "customer.show", "{'phone':'4155550100'}", ERR_CONFLICT, "1, 2");
	refused(f, "customer.show", "{'phone':'4155550199'}", ERR_NOT_FOUND, "+14155550199");
	refused(f, "customer.show", "{'external_id':'X-2'}", ERR_NOT_FOUND, "X-2");
	refused(f, "customer.show", "{'id':9}", ERR_NOT_FOUND, "9");
	refused(f, "customer.show", "{}", ERR_INVALID, "one of");
	refused(f, "customer.show", "{'id':1,'phone':'4155550100'}", ERR_INVALID, "one of");

	static const struct { const char *params, *ids; } lists[] = {
		{"{}", "1 2 3 "}, {"{'search':'bob'}", "2 3 "}, {"{'search':'B_S'}", "2 "}, {"{'search':'b_s'}", "2 "},
		{"{'search':'50%'}", "1 "}, {"{'search':'%'}", "1 "}, {"{'search':'\\\\'}", ""}, {"{'search':'X-1'}", "1 "}, {"{'search':'X-'}", ""},
		{"{'phone':'4155550100'}", "1 2 "}, {"{'phone':'4155550100','after':1}", "2 "}, {"{'limit':2}", "1 2 "},
		{"{'limit':2,'after':2}", "3 "}, {"{'limit':0}", "1 2 3 "},
	};
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		char ids[64] = "";
		json_t *item;
		size_t at;
		works(f, "customer.list", lists[i].params);
		json_array_foreach(json_object_get(f->request.result, "items"), at, item)
			snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%lld ", json_integer_value(json_object_get(item, "id")));
		UNIT_CASE(!strcmp(ids, lists[i].ids), "%s: %s, not %s", lists[i].params, ids, lists[i].ids);
	}
	refused(f, "customer.list", "{'search':'a','phone':'4155550100'}", ERR_INVALID, "one of");
	works(f, "customer.list", "{'limit':2}");
	ANSWER(f, "next", "2");
	works(f, "customer.list", "{'limit':3}");
	ANSWER(f, "next", "null");
}

static void flags(void **state)
{
	struct fixture *f = *state;

	works(f, "customer.add", "{'name':'a','phones':['4155550100']}");
	refused(f, "customer.set", "{'id':1,'do_not_call':true}", ERR_INVALID, "reason");
	works(f, "customer.show", "{'id':1}");
	ANSWER(f, "do_not_call", "false");
	works(f, "customer.set", "{'id':1,'do_not_call':false,'name':'b'}");        /* nothing of that kind changes */
	works(f, "customer.set", "{'id':1,'do_not_call':true,'cease_and_desist':true,'attorney_represented':true,'bankruptcy_filed':true,"
		"'collections_status':'Deceased','sol_date':'2026-12-31','max_calls_per_week':3,'reason':'letter of 1 May'}");
	ANSWER(f, "cease_and_desist", "true");
	ANSWER(f, "sol_date", "'2026-12-31'");
	ANSWER(f, "max_calls_per_week", "3");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE event = 'flag_changed' AND customer_id = 1"
		" AND detail LIKE '%; letter of 1 May'"), 7);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE detail LIKE 'max_calls_per_week: none -> 3;%'"), 1);
	works(f, "customer.set", "{'id':1,'sol_date':'','collections_status':'','reason':'paid'}");
	ANSWER(f, "sol_date", "null");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE detail = 'sol_date: 2026-12-31 -> none; paid'"), 1);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE event = 'flag_changed'"), 9);
	refused(f, "customer.set", "{'id':1,'max_calls_per_week':null}", ERR_INVALID, "reason");
	works(f, "customer.set", "{'id':1,'max_calls_per_week':null,'reason':'as the others'}");
	ANSWER(f, "max_calls_per_week", "null");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit"
		" WHERE detail = 'max_calls_per_week: 3 -> none; as the others'"), 1);
	works(f, "customer.set", "{'id':1,'max_calls_per_week':null}");            /* it is so already */
	works(f, "customer.set", "{'id':1,'do_not_call':false,'reason':'x','dry_run':true}");
	works(f, "customer.show", "{'id':1}");
	ANSWER(f, "do_not_call", "true");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE event = 'flag_changed'"), 10);
	refused(f, "customer.set", "{'id':2,'name':'x'}", ERR_NOT_FOUND, "2");
	refused(f, "customer.set", "{'id':1,'phones':['1']}", ERR_INVALID, "phones");
	refused(f, "customer.set", "{'id':1,'phones':['4155550177']}", ERR_INVALID, "say why his numbers change");
	works(f, "customer.set", "{'id':1,'phones':['(415) 555-0100']}");         /* they do not */
	works(f, "customer.set", "{'id':1,'phones':['4155550177'],'external_id':'E','reason':'not his any more'}");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE event = 'flag_changed' AND reason_code = 'phones'"
		" AND detail = 'phones: +14155550100 -> +14155550177; not his any more'"), 1);
	ANSWER(f, "phones", "['+14155550177']");
	ANSWER(f, "bankruptcy_filed", "true");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE event = 'customer.set' AND detail LIKE '%4155550177%'"), 1);
}

/* Whom nobody may call is not forgotten: his number would be open again. */
static void removing(void **state)
{
	struct fixture *f = *state;

	works(f, "customer.add", "{'name':'a','phones':['4155550100'],'external_id':'X','cease_and_desist':true}");
	refused(f, "customer.rm", "{'id':1,'reason':'cleaning up'}", ERR_CONFLICT, "cease_and_desist");
	works(f, "customer.set", "{'id':1,'cease_and_desist':false,'collections_status':'DECEASED','reason':'x'}");
	refused(f, "customer.rm", "{'id':1,'reason':'cleaning up'}", ERR_CONFLICT, "deceased");
	works(f, "customer.set", "{'id':1,'collections_status':'','reason':'x'}");
	refused(f, "customer.rm", "{'id':1}", ERR_INVALID, "reason");
	works(f, "customer.rm", "{'id':1,'reason':'twice in the list'}");
	ANSWER(f, "", "{'removed':1}");
	refused(f, "customer.show", "{'id':1}", ERR_NOT_FOUND, "1");
	refused(f, "customer.rm", "{'id':1,'reason':'x'}", ERR_NOT_FOUND, "1");
	assert_int_equal(customer_check(&f->engine, 1, 1, &f->err), ERR_NOT_FOUND);
	works(f, "customer.add", "{'name':'a','phones':['4155550100'],'external_id':'X'}");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE event = 'customer.rm' AND customer_id = 1"
		" AND detail LIKE '%twice in the list%'"), 1);
}

/* ---- the gate ---- */

struct seen { struct gate_customer all[4]; int count; };

static void see(const struct gate_customer *customer, void *arg)
{
	struct seen *seen = arg;

	seen->all[seen->count++] = *customer;
}

static struct seen look(struct fixture *f, const char *number, int64_t named)
{
	struct seen seen = {.count = 0};
	struct tenant tenant;

	assert_int_equal(tenant_load(&f->engine, 1, &tenant, &f->err), 0);
	int n = customers_for_number(&f->engine, &tenant, number, named, 1000, see, &seen, &f->err);
	UNIT_CASE(n == seen.count, "%d: %s", n, f->err.text);
	return seen;
}

static void for_the_gate(void **state)
{
	struct fixture *f = *state;

	works(f, "customer.add", "{'name':'a','phones':['4155550100']}");
	works(f, "customer.add", "{'name':'b','phones':['4155550100'],'cease_and_desist':true,'attorney_represented':true,'bankruptcy_filed':true,"
		"'do_not_call':true,'collections_status':'deCeased','sol_date':'1970-01-02','max_calls_per_week':0}");
	struct seen seen = look(f, "+14155550100", 0);
	assert_int_equal(seen.count, 2);
	const struct gate_customer *a = &seen.all[0], *b = &seen.all[1];
	assert_int_equal(a->id, 1);
	assert_false(a->cease_and_desist || a->attorney_represented || a->bankruptcy_filed || a->do_not_call || a->deceased || a->has_sol_date);
	assert_int_equal(a->cap, 7);
	assert_true(b->cease_and_desist && b->attorney_represented && b->bankruptcy_filed && b->do_not_call && b->deceased && b->has_sol_date);
	assert_int_equal(b->sol_day, 1);
	assert_int_equal(b->cap, 0);
	assert_int_equal(look(f, "+14155550199", 2).count, 1);
	assert_true(look(f, "+14155550199", 2).all[0].named_only);
	assert_false(look(f, "+14155550100", 2).all[1].named_only);
	assert_int_equal(look(f, "+14155550199", 9).count, 0);

	/* Either of the two do_not_call columns blocks, and a customer without a metadata row is a customer. */
	assert_int_equal(RUN(f, "UPDATE customer_collections_metadata SET do_not_call = 1 WHERE customer_id = 1"), 1);
	assert_true(look(f, "+14155550100", 0).all[0].do_not_call);
	assert_int_equal(RUN(f, "DELETE FROM customer_collections_metadata WHERE customer_id = 1"), 1);
	assert_int_equal(RUN(f, "UPDATE customers SET do_not_call = 1 WHERE id = 1"), 1);
	seen = look(f, "+14155550100", 0);
	assert_int_equal(seen.count, 2);
	assert_true(seen.all[0].do_not_call);
	assert_int_equal(seen.all[0].cap, 7);
	works(f, "customer.set", "{'id':1,'do_not_call':false,'reason':'x'}");
	assert_false(look(f, "+14155550100", 0).all[0].do_not_call);

	/* Whatever stands behind the word. */
	static const struct { const char *status; bool deceased; } words[] = {
		{"DECEASED", true}, {" deceased", true}, {"Deceased (letter of 3 March)", true}, {"deceased.", true},
		{"deceasedness", false}, {"not deceased", false}, {"open", false},
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		UNIT_CASE(customer_is_deceased(words[i].status) == words[i].deceased, "%s", words[i].status);
	assert_false(customer_is_deceased(NULL));

	/* What cannot be read is an error, not an absence. */
	assert_int_equal(RUN(f, "UPDATE customer_collections_metadata SET sol_date = 'soon' WHERE customer_id = 2"), 1);
	struct tenant tenant;
	struct seen none = {.count = 0};
	assert_int_equal(tenant_load(&f->engine, 1, &tenant, &f->err), 0);
	assert_int_equal(customers_for_number(&f->engine, &tenant, "+14155550100", 0, 1000, see, &none, &f->err), ERR_FAILED);
	assert_non_null(strstr(f->err.text, "sol_date"));
}

/* Another tenant's customers are not there. */
static void tenants_apart(void **state)
{
	struct fixture *f = *state;

	works(f, "customer.add", "{'name':'a','phones':['4155550100'],'external_id':'X'}");
	works(f, "tenant.add", "{'name':'two'}");
	f->who.tenant_id = 2;
	works(f, "customer.list", "{}");
	ANSWER(f, "items", "[]");
	refused(f, "customer.show", "{'id':1}", ERR_NOT_FOUND, "1");
	refused(f, "customer.show", "{'external_id':'X'}", ERR_NOT_FOUND, "X");
	refused(f, "customer.set", "{'id':1,'name':'mine'}", ERR_NOT_FOUND, "1");
	refused(f, "customer.rm", "{'id':1,'reason':'x'}", ERR_NOT_FOUND, "1");
	works(f, "customer.add", "{'name':'b','phones':['4155550100'],'external_id':'X'}");
	f->who.tenant_id = 1;
	assert_int_equal(look(f, "+14155550100", 2).count, 1);
}

/* A page of the protocol is one line of at most 1 MiB, however long the rows are. */
static void long_lists(void **state)
{
	struct fixture *f = *state;
	int64_t seen = 0, after = 0;
	int pages = 0;

	assert_int_equal(RUN(f, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) INSERT INTO customers"
		" (tenant_id, name, do_not_call, created_at, updated_at) SELECT 1, printf('%1000d', i), 0, 1, 1 FROM n"), 2500);
	do {
		json_t *params = json_pack("{s:i, s:I}", "limit", 0, "after", (json_int_t)after);
		assert_int_equal(call_json_params(f, "customer.list", params), 0);
		assert_true(json_dumpb(f->request.result, NULL, 0, JSON_COMPACT) < 1 << 20);
		seen += (int64_t)json_array_size(json_object_get(f->request.result, "items"));
		after = json_integer_value(json_object_get(f->request.result, "next"));
		pages++;
	} while (after && pages < 100);
	assert_int_equal(seen, 2500);
	assert_in_range(pages, 3, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(adding, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(numbers_of_the_country, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(finding, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(flags, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(removing, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(for_the_gate, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(tenants_apart, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(long_lists, fixture_make, fixture_remove),
	};

	return UNIT_RUN(tests);
}
