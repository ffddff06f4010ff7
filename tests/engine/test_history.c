/* Calls as history tells them, and the audit log. */
#include <locale.h>
#include "nouns_fixture.h"
#include "../../src/base/base64.h"
#include "../../src/engine/audit.h"

static void make_calls(struct fixture *f)
{
	works(f, "user.add", "{'login':'ann'}");
	works(f, "user.add", "{'login':'bob'}");
	works(f, "station.add", "{'name':'pod1','did':'4155550100','sip_uri':'sip:a@b'}");
	works(f, "customer.add", "{'name':'a','phones':['4155550111']}");
	/* 1: answered and saved; 2: busy, owed, another agent; 3: in progress */
	assert_int_equal(RUN(f, "INSERT INTO softphone_call_logs (tenant_id, direction, number, customer_id, user_id, station_id, did, state, forced,"
		" counts_toward_cap, started_at, answered_at, ended_at, cause, sip_code, sip_reason, encrypted, codec, owes_disposition, disposition,"
		" notes, acw_started_at, acw_ended_at) VALUES"
		" (1, 'outbound', '+14155550111', 1, 1, 1, '+14155550100', 'ended', 1, 1, 1000000, 1005000, 1019999, 'remote_hangup', 200, 'OK', 1,"
		" 'PCMU/8000/1', 0, 'sale', 'two\nlines', 1019999, 1050000),"
		" (1, 'outbound', '+14155550112', NULL, 2, 1, '+14155550100', 'ended', 0, 0, 2000000, NULL, 2001000, 'busy', 486, 'Busy', 0, NULL, 1,"
		" NULL, NULL, 2001000, NULL),"
		" (1, 'inbound', '+14155550111', 1, 1, 1, NULL, 'active', 0, 0, 3000000, 3001000, NULL, NULL, NULL, NULL, 0, NULL, 0, NULL, NULL, NULL,"
		" NULL)"), 3);
	assert_int_equal(RUN(f, "INSERT INTO softphone_recordings (tenant_id, call_id, path, started_at, ended_at) VALUES"
		" (1, 1, '2026/1-1.flac', 1005000, 1010000), (1, 1, '2026/1-2.flac', 1011000, 1019999)"), 2);
	assert_int_equal(RUN(f, "INSERT INTO softphone_participants (tenant_id, call_id, party, joined_at) VALUES (1, 1, '+14155550111', 1005000)"), 1);
}

static void one_call(void **state)
{
	struct fixture *f = *state;

	make_calls(f);
	works(f, "history.show", "{'call':1}");
	ANSWER(f, "user", "'ann'");
	ANSWER(f, "station", "'pod1'");
	ANSWER(f, "started_at", "'1970-01-01T00:16:40.000Z'");
	ANSWER(f, "talk_seconds", "14");
	ANSWER(f, "acw_seconds", "30");
	ANSWER(f, "sip_reason", "'OK'");
	ANSWER(f, "encrypted", "true");
	ANSWER(f, "forced", "true");
	ANSWER(f, "disposition", "'sale'");
	ANSWER(f, "notes", "'two\\nlines'");
	ANSWER(f, "participants.0.party", "'+14155550111'");
	ANSWER(f, "quality", "null");
	works(f, "history.show", "{'call':2}");
	ANSWER(f, "talk_seconds", "0");
	ANSWER(f, "customer_id", "null");
	ANSWER(f, "recordings", "[]");
	ANSWER(f, "acw_seconds", "null");
	works(f, "history.show", "{'call':3}");
	ANSWER(f, "talk_seconds", "null");
	static const char *const fields[] = {"id", "direction", "number", "customer_id", "user", "station", "did", "state", "started_at",
		"answered_at", "ended_at", "talk_seconds", "cause", "sip_code", "sip_reason", "encrypted", "codec", "forced", "disposition", "disposition_by", "notes",
		"acw_started_at", "acw_ended_at", "acw_seconds", "transferred_to", "consults", "conference", "placed", "redial_of", "recordings", "participants", "quality", "audit"};
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		UNIT_CASE(json_object_get(f->request.result, fields[i]), "%s is missing", fields[i]);
	assert_int_equal(json_object_size(f->request.result), sizeof(fields) / sizeof(*fields));
	refused(f, "history.show", "{'call':4}", ERR_NOT_FOUND, "4");
	assert_null(call_row_json(&f->engine, 2, 1, &f->err));
	assert_int_equal(f->err.code, ERR_NOT_FOUND);
}

/* The two files of call 1, as long as that. */
static void make_files(struct fixture *f, size_t first, size_t second)
{
	const size_t sizes[] = {first, second};
	char path[128];

	snprintf(path, sizeof(path), "%s/2026", f->engine.home.recordings);
	mkdir(f->engine.home.recordings, 0700);
	mkdir(path, 0700);
	for (int part = 0; part < 2; part++) {
		snprintf(path, sizeof(path), "%s/2026/1-%d.flac", f->engine.home.recordings, part + 1);
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		for (size_t i = 0; i < sizes[part]; i++)
			putc((int)(i * 7 + i / 251) & 255, file);
		assert_int_equal(fclose(file), 0);
	}
}

/* Reads all pieces of a part of call 1; their number. */
static int read_pieces(struct fixture *f, int part, size_t size)
{
	size_t got = 0, len;
	json_t *next = json_integer(0);
	int pieces = 0;

	while (json_is_integer(next)) {
		json_t *params = json_pack("{s:i, s:i, s:o}", "call", 1, "part", part, "offset", next);
		assert_int_equal(call_json_params(f, "history.recording", params), 0);
		unsigned char *bytes = base64_bytes(json_string_value(json_object_get(f->request.result, "data")), &len);
		assert_non_null(bytes);
		assert_true(len <= 512 << 10);
		for (size_t i = 0; i < len; i++)
			UNIT_CASE(bytes[i] == (((got + i) * 7 + (got + i) / 251) & 255), "byte %zu is wrong", got + i);
		free(bytes);
		got += len;
		pieces++;
		next = json_incref(json_object_get(f->request.result, "next"));
	}
	json_decref(next);
	assert_int_equal(got, size);
	return pieces;
}

static void recordings(void **state)
{
	struct fixture *f = *state;

	make_calls(f);
	refused(f, "history.recording", "{'call':1}", ERR_UNAVAILABLE, "is missing");
	make_files(f, (512 << 10) * 2 + 1, 512 << 10);
	assert_int_equal(read_pieces(f, 1, (512 << 10) * 2 + 1), 3);
	ANSWER(f, "call_id", "1");
	ANSWER(f, "part", "1");
	ANSWER(f, "parts", "2");
	ANSWER(f, "size", "1048577");
	assert_int_equal(read_pieces(f, 2, 512 << 10), 1);
	ANSWER(f, "sha256", "null");
	make_files(f, 0, 3);
	works(f, "history.recording", "{'call':1}");
	ANSWER(f, "data", "''");
	ANSWER(f, "next", "null");
	works(f, "history.recording", "{'call':1,'part':2,'offset':3}");
	ANSWER(f, "data", "''");
	refused(f, "history.recording", "{'call':1,'part':2,'offset':4}", ERR_INVALID, "offset");
	refused(f, "history.recording", "{'call':1,'part':3}", ERR_NOT_FOUND, "has 2, not 3");
	refused(f, "history.recording", "{'call':2}", ERR_NOT_FOUND, "no recording");
	assert_int_equal(RUN(f, "INSERT INTO softphone_recordings (tenant_id, call_id, path, started_at) VALUES (1, 2, 'x', 2)"), 1);
	refused(f, "history.recording", "{'call':2}", ERR_TRY_AGAIN, "still being written");
}

static void ids(struct fixture *f, const char *params, const char *wanted)
{
	char got[64] = "";
	json_t *item;
	size_t at;

	works(f, "history.list", params);
	json_array_foreach(json_object_get(f->request.result, "items"), at, item)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%lld ", json_integer_value(json_object_get(item, "id")));
	UNIT_CASE(!strcmp(got, wanted), "%s: %s, not %s", params, got, wanted);
}

static void lists(void **state)
{
	struct fixture *f = *state;

	make_calls(f);
	ids(f, "{}", "1 2 3 ");
	ids(f, "{'newest':true}", "3 2 1 ");
	ids(f, "{'newest':true,'limit':1}", "3 ");
	ANSWER(f, "next", "3");
	ids(f, "{'newest':true,'limit':2,'after':3}", "2 1 ");
	ANSWER(f, "next", "null");
	ids(f, "{'user':'ann'}", "1 3 ");
	ids(f, "{'user':'ann','newest':true}", "3 1 ");
	ids(f, "{'customer_id':1}", "1 3 ");
	ids(f, "{'customer_id':1,'newest':true,'user':'bob'}", "");
	ids(f, "{'owed':true}", "2 ");
	ids(f, "{'owed':false,'user':'ann','limit':1}", "1 ");
	ids(f, "{'since':'1970-01-01T00:33:20Z'}", "2 3 ");
	ids(f, "{'until':'1970-01-01T00:33:20Z'}", "1 ");
	ids(f, "{'since':'1970-01-01T00:33:20Z','until':'1970-01-01T00:33:20.001Z','newest':true}", "2 ");
	refused(f, "history.list", "{'user':'carl'}", ERR_NOT_FOUND, "carl");
	refused(f, "history.list", "{'since':'yesterday'}", ERR_INVALID, "since");

	/* An agent sees his own. */
	f->who = (struct identity){.role = ROLE_AGENT, .tenant_id = 1, .user_id = 2, .login = "bob"};
	ids(f, "{}", "2 ");
	ids(f, "{'customer_id':1}", "");
	ids(f, "{'user':'bob'}", "2 ");
	refused(f, "history.list", "{'user':'ann'}", ERR_NOT_PERMITTED, "own");
	works(f, "history.show", "{'call':2}");
	refused(f, "history.show", "{'call':1}", ERR_NOT_FOUND, "1");
	refused(f, "history.recording", "{'call':1}", ERR_NOT_FOUND, "1");
	f->who.role = ROLE_SUPERVISOR;
	ids(f, "{}", "1 2 3 ");
}

/* What a call is found by, however it is typed; what LIKE means by % and _ is nothing special. */
static void searches(void **state)
{
	struct fixture *f = *state;

	setlocale(LC_CTYPE, "C.UTF-8");
	make_calls(f);
	works(f, "customer.add", "{'name':'Jürgen O\\u0027Ärmel 50%_off','phones':['4155550177']}");
	assert_int_equal(RUN(f, "INSERT INTO softphone_call_logs (tenant_id, direction, number, customer_id, user_id, station_id, state, forced,"
		" counts_toward_cap, started_at, encrypted, owes_disposition, ended_at, cause, disposition, notes) VALUES"
		" (1, 'outbound', '+14155550177', 2, 2, 1, 'ended', 0, 1, 4000000, 0, 0, 4001000, 'no_answer', 'not_interested', 'SOLD a_b'),"
		" (1, 'internal', 'ann', NULL, 2, 1, 'ended', 0, 0, 5000000, 0, 0, 5001000, 'remote_hangup', NULL, NULL)"), 2);
	static const struct { const char *params, *wanted; } cases[] = {
		{"{'search':'(415) 555-0177'}", "4 "}, {"{'search':'+1 415.555.0177'}", "4 "}, {"{'search':'0177'}", "4 "},
		{"{'search':'5550111','newest':true}", "3 1 "}, {"{'search':'011 1 415 555 0112'}", "2 "},
		{"{'search':'jÜRGEN'}", "4 "}, {"{'search':'o\\u0027ärmel'}", "4 "}, {"{'search':'50%'}", "4 "}, {"{'search':'5%'}", ""},
		{"{'search':'_'}", "1 4 5 "}, {"{'search':'%'}", "4 "}, {"{'search':'a\\\\b'}", ""}, {"{'search':'\\\\'}", ""}, {"{'search':'A_B'}", "4 "},
		{"{'search':'axb'}", ""}, {"{'search':'TWO'}", "1 "}, {"{'search':'Not int'}", "4 "}, {"{'search':'not_int'}", "4 "},
		{"{'search':'BUSY'}", "2 "}, {"{'search':'No answer'}", "4 "}, {"{'search':'POD1','limit':2}", "1 2 "}, {"{'search':'bob'}", "2 4 5 "},
		{"{'search':'bob','after':2}", "4 5 "}, {"{'search':'bob','newest':true,'limit':2}", "5 4 "},
		{"{'search':'bob','newest':true,'after':4}", "2 "}, {"{'search':'pod1','user':'ann','customer_id':1,'since':'1970-01-01T00:33:20Z'}", "3 "},
		{"{'search':'\\u0027 OR 1=1'}", ""}, {"{'number':'415 555 0111'}", "1 3 "}, {"{'number':'4155550111','user':'bob'}", ""},
		{"{'number':'ann'}", "5 "}, {"{'number':'4155559999'}", ""}, {"{'number':'4155550111','newest':true,'limit':1}", "3 "},
		{"{'disposition':'sale'}", "1 "}, {"{'disposition':'sale','number':'4155550112'}", ""}, {"{'cause':'busy'}", "2 "},
		{"{'direction':'inbound'}", "3 "}, {"{'direction':'internal','station':'pod1'}", "5 "}, {"{'station':'pod1','cause':'busy'}", "2 "},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ids(f, cases[i].params, cases[i].wanted);
	refused(f, "history.list", "{'number':'555-0111'}", ERR_INVALID, "number");
	refused(f, "history.list", "{'disposition':'sael'}", ERR_INVALID, "sael");
	refused(f, "history.list", "{'cause':'bussy'}", ERR_INVALID, "no_answer");
	refused(f, "history.list", "{'direction':'out'}", ERR_INVALID, "direction");
	refused(f, "history.list", "{'station':'pod9'}", ERR_NOT_FOUND, "pod9");
	refused(f, "history.list", "{'search':''}", ERR_INVALID, "search");

	/* Calls of who has left are found; whoever has the login next sees them no more than others'. */
	assert_int_equal(RUN(f, "UPDATE softphone_call_logs SET owes_disposition = 0 WHERE id = 2"), 1);
	works(f, "user.rm", "{'login':'bob'}");
	works(f, "user.add", "{'login':'bob'}");
	ids(f, "{'user':'bob'}", "2 4 5 ");
	f->who = (struct identity){.role = ROLE_AGENT, .tenant_id = 1, .user_id = 3, .login = "bob"};
	ids(f, "{'search':'4155550112'}", "");
	ids(f, "{'user':'bob','search':'pod1'}", "");
	ids(f, "{'after':9223372036854775807}", "");
	ids(f, "{'newest':true,'after':0}", "");
	refused(f, "history.show", "{'call':2}", ERR_NOT_FOUND, "2");
	f->who = (struct identity){.role = ROLE_AGENT, .tenant_id = 1, .user_id = 1, .login = "ann"};
	ids(f, "{'search':'pod1'}", "1 3 ");
	works(f, "history.show", "{'call':1}");
}

/* ---- the audit log ---- */

static void add(struct fixture *f, struct audit_entry entry)
{
	if (audit_add(&f->engine, &entry, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

static void audit_rows(struct fixture *f, const char *params, int wanted)
{
	works(f, "audit.list", params);
	int got = (int)json_array_size(json_object_get(f->request.result, "items"));
	UNIT_CASE(got == wanted, "%s: %d rows, not %d", params, got, wanted);
}

static void audit_lists(void **state)
{
	struct fixture *f = *state;

	make_calls(f);
	add(f, (struct audit_entry){.tenant_id = 1, .event = "blocked", .severity = "hard", .reason_code = "do_not_call", .user_id = 1,
		.station_id = 1, .customer_id = 1, .number = "+14155550111"});
	add(f, (struct audit_entry){.tenant_id = 1, .event = "forced", .severity = "soft", .reason_code = "sol_expired", .forced = true,
		.user_id = 2, .call_id = 2, .detail = "acknowledged"});
	audit_rows(f, "{'event':'blocked'}", 1);
	ANSWER(f, "items.0.user", "'ann'");
	ANSWER(f, "items.0.station", "'pod1'");
	ANSWER(f, "items.0.severity", "'hard'");
	ANSWER(f, "items.0.call_id", "null");
	ANSWER(f, "items.0.forced", "false");
	audit_rows(f, "{'severity':'soft'}", 1);
	audit_rows(f, "{'severity':'soft','event':'blocked'}", 0);
	audit_rows(f, "{'reason':'sol_expired'}", 1);
	audit_rows(f, "{'forced':true}", 1);
	audit_rows(f, "{'user':'bob'}", 1);
	audit_rows(f, "{'customer_id':1}", 2);      /* with its customer.add */
	audit_rows(f, "{'since':'2020-01-01','customer_id':1}", 2);
	audit_rows(f, "{'until':'2020-01-01'}", 0);
	refused(f, "audit.list", "{'user':'carl'}", ERR_NOT_FOUND, "carl");
	refused(f, "audit.list", "{'reason':'cease_and_desit'}", ERR_INVALID, "cease_and_desit");
	works(f, "audit.list", "{'reason':'phones'}");
	works(f, "customer.set", "{'id':1,'name':'Ärmel 100%'}");
	audit_rows(f, "{'search':'BLOCKED'}", 1);
	audit_rows(f, "{'search':'do not call'}", 1);
	audit_rows(f, "{'search':'do_not_CALL'}", 1);
	audit_rows(f, "{'search':'do%call'}", 0);
	audit_rows(f, "{'search':'(415) 555-0111','severity':'hard'}", 1);
	audit_rows(f, "{'search':'100%'}", 3);      /* whose it is, and what it was set to */
	audit_rows(f, "{'search':'Acknow'}", 1);
	audit_rows(f, "{'search':'bob','forced':true,'newest':true,'limit':1}", 1);
	audit_rows(f, "{'search':'acknow','call':2}", 1);
	audit_rows(f, "{'call':2}", 1);
	audit_rows(f, "{'call':1}", 0);
	audit_rows(f, "{'number':'415-555-0111'}", 1);
	audit_rows(f, "{'customer_id':1,'search':'sol'}", 0);
	refused(f, "audit.list", "{'number':'0111'}", ERR_INVALID, "number");
	works(f, "tenant.add", "{'name':'two'}");
	f->who.tenant_id = 2;
	audit_rows(f, "{}", 1);
}

static int take_text(const struct row *row, void *arg)
{
	snprintf(arg, CHAIN_HASH_SIZE, "%s", row_text(row, 0));
	return 1;
}

/* The hash is what audit.c says of it, under the log's key: two rows written out by hand. */
static void audit_chain(void **state)
{
	static const struct stmt hash_of = {"test.hash", "SELECT hash FROM softphone_compliance_audit WHERE id = $1", {{0}}};
	const struct identity root = {.uid = 0, .account = "root"};
	struct fixture *f = *state;
	char text[512], first[CHAIN_HASH_SIZE], second[CHAIN_HASH_SIZE], got[CHAIN_HASH_SIZE], at[32];
	struct audit_head head;

	works(f, "tenant.add", "{'name':'two','dry_run':true}");
	add(f, (struct audit_entry){.tenant_id = 1, .event = "allowed", .forced = true, .number = "+14155550111", .detail = "gr\xc3\xbc\xc3\x9f, 1:x"});
	add(f, (struct audit_entry){.tenant_id = 1, .event = "kicked", .user_id = 12, .by = &root, .detail = ""});
	assert_int_equal(audit_head_load(&f->engine, 1, &head, &f->err), 0);
	snprintf(at, sizeof(at), "%lld", (long long)NUMBER(f, "SELECT at FROM softphone_compliance_audit WHERE id = 1"));
	snprintf(text, sizeof(text), "1:1,13:%s,7:allowed,-,-,1:1,-,-,-,-,12:+14155550111,-,11:gr\xc3\xbc\xc3\x9f, 1:x,", at);
	assert_int_equal(chain_next(head.key, "", text, strlen(text), first, &f->err), 0);
	snprintf(at, sizeof(at), "%lld", (long long)NUMBER(f, "SELECT at FROM softphone_compliance_audit WHERE id = 2"));
	snprintf(text, sizeof(text), "1:1,13:%s,6:kicked,-,-,1:0,2:12,12:root (uid 0),-,-,-,-,0:,", at);
	assert_int_equal(chain_next(head.key, first, text, strlen(text), second, &f->err), 0);
	db_each(f->engine.db, &hash_of, ARGS(a_int(1)), take_text, got, &f->err);
	assert_string_equal(got, first);
	db_each(f->engine.db, &hash_of, ARGS(a_int(2)), take_text, got, &f->err);
	assert_string_equal(got, second);
	assert_string_equal(head.last_hash, second);
	assert_int_equal(head.rows, 2);
	assert_false(head.altered);
	audit_head_clear(&head);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_call, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(recordings, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(lists, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(searches, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(audit_lists, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(audit_chain, fixture_make, fixture_remove),
	};

	return UNIT_RUN(tests);
}
