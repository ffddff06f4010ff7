/* test_phone_side.c - the phone side's small parts: SIP addresses, whom a phone trusts, acknowledgement tokens. */
#include <stdio.h>
#include <string.h>
#include "../../src/engine/ack.h"
#include "../../src/engine/route.h"
#include "../../src/engine/session.h"
#include "../lib/unit.h"

static void uris_are_split(void **state)
{
	static const struct { const char *text, *user, *host; int port; } good[] = {
		{"sip:200@pbx.example", "200", "pbx.example", 0},
		{"sip:200@pbx.example:5062", "200", "pbx.example", 5062},
		{"sip:pbx.example;transport=tls", "", "pbx.example", 0},
		{"sip:a@b@192.0.2.1:5060;lr?x=y", "a@b", "192.0.2.1", 5060},
		{"sip:+1415@[2001:db8::1]:5061", "+1415", "2001:db8::1", 5061},
		{"sip:[::1]", "", "::1", 0},
	};
	static const char *const bad[] = {"", "sip:", "sip:@", "tel:+1", "sip:a@", "sip:a@b:", "sip:a@b:0", "sip:a@b:65536",
		"sip:a@b:5060x", "sip:a@[::1", "sip:a@b:999999999"};
	struct sip_uri uri;
	(void)state;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(sip_uri_split(good[i].text, &uri));
		assert_string_equal(uri.user, good[i].user);
		assert_string_equal(uri.host, good[i].host);
		assert_int_equal(uri.port, good[i].port);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(sip_uri_split(bad[i], &uri));
}

static void long_uris_are_refused(void **state)
{
	char text[2000] = "sip:";
	struct sip_uri uri;
	(void)state;

	memset(text + 4, 'a', 1000);
	assert_false(sip_uri_split(text, &uri));                /* a host of 1000 characters */
	memcpy(text + 1004, "@host", 6);
	assert_false(sip_uri_split(text, &uri));                /* a user of 1000 characters */
}

static void addresses_are_merged(void **state)
{
	struct route route = {.remote = {"192.0.2.1"}, .count = 1}, more = {.remote = {"192.0.2.1", "192.0.2.2"}, .count = 2};
	struct route nothing = {.count = 0};
	(void)state;

	assert_false(route_knows(&nothing, "203.0.113.9"));     /* a name without addresses: nobody is known to be it */
	assert_true(route_knows(&route, "192.0.2.1"));
	assert_false(route_knows(&route, "192.0.2.2"));
	route_merge(&route, &more);
	assert_int_equal(route.count, 2);
	assert_true(route_knows(&route, "192.0.2.2"));
	for (int i = 0; i < 100; i++) {                         /* a name that answers differently each time */
		struct route one = {.count = 1};
		snprintf(one.remote[0], sizeof(one.remote[0]), "198.51.100.%d", i);
		route_merge(&route, &one);
		assert_true(route.count >= 1 && route.count <= ROUTE_ADDRESSES_MAX);
		assert_true(route_knows(&route, one.remote[0]));
		route_add(&route, "192.0.2.1");                 /* named each time: it is not forgotten */
		assert_true(route_knows(&route, one.remote[0]) && route_knows(&route, "192.0.2.1"));
	}
	assert_int_equal(route.count, ROUTE_ADDRESSES_MAX);
	assert_false(route_knows(&route, "198.51.100.5"));
}

static struct gate_answer answer_for(const char *number, enum gate_code code)
{
	static int64_t customers[] = {7, 9};
	struct gate_answer answer = {.customer_id = 7, .customers = customers, .customer_count = 2};

	answer.tenant.id = 1;
	memcpy(answer.number, number, strlen(number) + 1);
	answer.decision.verdict = GATE_NEEDS_ACK;
	answer.decision.count = 1;
	answer.decision.reasons[0] = (struct gate_reason){.code = code, .customer_id = 9};
	return answer;
}

static void tokens_are_bound(void **state)
{
	struct sessions sessions = {0};
	struct engine engine = {.sessions = &sessions};
	struct gate_answer this = answer_for("+14155550100", GATE_SOL_EXPIRED);
	struct gate_answer other = answer_for("+14155550101", GATE_SOL_EXPIRED);
	struct gate_answer why = answer_for("+14155550100", GATE_MAX_CALLS_PER_WEEK);
	char token[ACK_TOKEN_SIZE], second[ACK_TOKEN_SIZE];
	struct err err;
	(void)state;

	assert_int_equal(ack_make(&engine, 5, &this, token, &err), 0);
	assert_true(ack_use(&engine, token, 5, &this));
	assert_false(ack_use(&engine, token, 5, &this));        /* once */
	assert_int_equal(ack_make(&engine, 5, &this, token, &err), 0);
	assert_false(ack_use(&engine, token, 6, &this));        /* another agent */
	assert_int_equal(ack_make(&engine, 5, &this, token, &err), 0);
	assert_false(ack_use(&engine, token, 5, &other));       /* another number */
	assert_int_equal(ack_make(&engine, 5, &this, token, &err), 0);
	assert_false(ack_use(&engine, token, 5, &why));         /* another reason */
	assert_false(ack_use(&engine, token, 5, &this));        /* which used it up */
	assert_int_equal(ack_make(&engine, 5, &this, token, &err), 0);
	this.customer_count = 1;
	assert_false(ack_use(&engine, token, 5, &this));        /* other customers */
	for (int i = 0; i < 3 * ACKS_MAX; i++)
		assert_int_equal(ack_make(&engine, 5, &other, second, &err), 0);
	assert_true(ack_use(&engine, second, 5, &other));       /* the newest is kept */
	acks_clear(&engine);
	assert_null(sessions.acks);
}

static void codes_must_cover(void **state)
{
	struct gate_answer answer = answer_for("+14155550100", GATE_SOL_EXPIRED);
	json_t *none = json_array(), *one = json_pack("[s]", "sol_expired"), *both = json_pack("[s,s]", "max_calls_per_week", "sol_expired");
	const char *missing = NULL;
	(void)state;

	answer.decision.reasons[answer.decision.count++] = (struct gate_reason){.code = GATE_MAX_CALLS_PER_WEEK};
	assert_false(ack_covers(NULL, &answer, &missing));
	assert_false(ack_covers(none, &answer, &missing));
	assert_string_equal(missing, "sol_expired");
	assert_false(ack_covers(one, &answer, &missing));
	assert_string_equal(missing, "max_calls_per_week");
	assert_true(ack_covers(both, &answer, &missing));
	json_decref(none);
	json_decref(one);
	json_decref(both);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uris_are_split), cmocka_unit_test(long_uris_are_refused), cmocka_unit_test(addresses_are_merged),
		cmocka_unit_test(tokens_are_bound), cmocka_unit_test(codes_must_cover),
	};
	return UNIT_RUN(tests);
}
