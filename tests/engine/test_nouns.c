/* Tenants, users, stations and dispositions, by the methods of the protocol. */
#include "nouns_fixture.h"

/* ---- the first start and tenants ---- */

static void first_start(void **state)
{
	struct fixture *f = *state;

	works(f, "tenant.show", "{}");
	ANSWER(f, "name", "'default'");
	ANSWER(f, "hours", "'08:00-21:00'");
	ANSWER(f, "acw_seconds", "30");
	ANSWER(f, "max_calls_per_week", "7");
	ANSWER(f, "country", "'1'");
	ANSWER(f, "ring_seconds", "60");
	ANSWER(f, "unknown_customer", "'warn'");
	ANSWER(f, "record", "true");
	works(f, "dispo.list", "{}");
	static const char *const codes[] = {"sale", "callback", "no_answer", "voicemail", "busy", "wrong_number", "not_interested",
		"do_not_call", "escalation", "follow_up", "completed", "other"};
	json_t *items = json_object_get(f->request.result, "items");
	assert_int_equal(json_array_size(items), 12);
	for (size_t i = 0; i < 12; i++)
		assert_string_equal(json_string_value(json_object_get(json_array_get(items, i), "code")), codes[i]);
	fixture_close(f);
	if (db_open(&f->engine.db, f->engine.home.db, true, &f->err) < 0 || seed(&f->engine, &f->err) < 0)
		fail_msg("%s", f->err.text);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_tenants"), 1);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_dispositions"), 12);
}

static void tenants(void **state)
{
	struct fixture *f = *state;

	works(f, "tenant.set", "{'timezone':'America/New_York','acw_seconds':45,'hours':'09:30-24:00','unknown_customer':'block','record':false,"
		"'max_calls_per_week':0,'country':'44'}");
	ANSWER(f, "timezone", "'America/New_York'");
	ANSWER(f, "hours", "'09:30-24:00'");
	struct tenant t;
	assert_int_equal(tenant_load(&f->engine, 1, &t, &f->err), 0);
	assert_int_equal(t.hours_start_minute, 570);
	assert_int_equal(t.hours_end_minute, 1440);
	assert_true(t.block_unknown && !t.record);
	works(f, "tenant.set", "{'acw_seconds':60}");
	ANSWER(f, "timezone", "'America/New_York'");
	refused(f, "tenant.set", "{'timezone':'America/Nowhere'}", ERR_INVALID, "America/Nowhere");
	refused(f, "tenant.set", "{'timezone':'../../etc/passwd'}", ERR_INVALID, "timezone");
	refused(f, "tenant.set", "{'hours':'21:00-08:00'}", ERR_INVALID, "hours");
	refused(f, "tenant.set", "{'country':'0'}", ERR_INVALID, "country");
	refused(f, "tenant.set", "{'acw_seconds':301}", ERR_INVALID, "acw_seconds");
	works(f, "tenant.add", "{'name':'two'}");
	works(f, "dispo.list", "{}");
	refused(f, "tenant.add", "{'name':'two'}", ERR_CONFLICT, "two");
	refused(f, "tenant.set", "{'name':'two'}", ERR_CONFLICT, "two");
	works(f, "tenant.set", "{'name':'one'}");
	works(f, "tenant.list", "{}");
	ANSWER(f, "items.1.name", "'two'");
	assert_int_equal(tenant_by_name(&f->engine, "two", &f->err), 2);
	assert_int_equal(tenant_by_name(&f->engine, "three", &f->err), ERR_NOT_FOUND);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_dispositions WHERE tenant_id = 2"), 12);
	f->who.tenant_id = 2;           /* an admin of the second sees his own */
	works(f, "tenant.list", "{}");
	ANSWER(f, "items.0.name", "'two'");
	ANSWER(f, "items.1", "(none)");
	refused(f, "tenant.add", "{'name':'three'}", ERR_NOT_PERMITTED, "owner");
}

/* A dry run answers as the real one would, and changes nothing: not a row, not an audit row. */
static void dry_runs(void **state)
{
	struct fixture *f = *state;

	works(f, "user.add", "{'login':'ann','dry_run':true}");
	ANSWER(f, "login", "'ann'");
	ANSWER(f, "dry_run", "true");
	works(f, "tenant.set", "{'acw_seconds':99,'dry_run':true}");
	ANSWER(f, "acw_seconds", "99");
	works(f, "station.add", "{'name':'p','did':'4155550100','sip_uri':'sip:a@b','password':'x','dry_run':true}");
	works(f, "dispo.rm", "{'code':'sale','dry_run':true}");
	works(f, "tenant.show", "{}");
	ANSWER(f, "acw_seconds", "30");
	assert_int_equal(NUMBER(f, "SELECT (SELECT count(*) FROM softphone_users) + (SELECT count(*) FROM softphone_stations)"
		" + (SELECT count(*) FROM softphone_compliance_audit)"), 0);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_dispositions"), 12);
	refused(f, "dispo.rm", "{'code':'none','dry_run':true}", ERR_NOT_FOUND, "none");
}

/* ---- users ---- */

static void users(void **state)
{
	struct fixture *f = *state;

	works(f, "user.add", "{'login':'ann','name':'Ann Ö','password':'s3cret','os_user':'daemon'}");
	static const char wanted[] = "{'id':1,'login':'ann','name':'Ann \xc3\x96','role':'agent','os_user':'daemon','has_password':true,'created_at':'";
	assert_memory_equal(answer_text(f, ""), wanted, sizeof(wanted) - 1);
}

static void user_changes(void **state)
{
	struct fixture *f = *state;

	works(f, "user.add", "{'login':'ann','password':'s3cret','os_user':'daemon'}");
	assert_null(strstr(answer_text(f, ""), "s3cret"));
	refused(f, "user.add", "{'login':'ann'}", ERR_CONFLICT, "ann");
	refused(f, "user.add", "{'login':'Bob'}", ERR_INVALID, "login");
	refused(f, "user.add", "{'login':'1bob'}", ERR_INVALID, "login");
	refused(f, "user.add", "{'login':'bob','role':'king'}", ERR_INVALID, "role");
	refused(f, "user.add", "{'login':'bob','os_user':'daemon'}", ERR_CONFLICT, "daemon");
	refused(f, "user.add", "{'login':'bob','os_user':'a:b'}", ERR_INVALID, "os_user");
	refused(f, "user.add", "{'login':'bob','os_user':'no-such-account'}", ERR_INVALID, "no account");
	works(f, "user.set", "{'login':'ann','role':'supervisor','name':'Ann'}");
	ANSWER(f, "role", "'supervisor'");
	ANSWER(f, "os_user", "'daemon'");
	ANSWER(f, "has_password", "true");
	works(f, "user.set", "{'login':'ann','name':'','os_user':'','password':''}");
	ANSWER(f, "name", "null");
	ANSWER(f, "os_user", "null");
	ANSWER(f, "has_password", "false");
	refused(f, "user.set", "{'login':'bob'}", ERR_NOT_FOUND, "bob");
	works(f, "user.rm", "{'login':'ann'}");
	ANSWER(f, "", "{'removed':'ann'}");
	refused(f, "user.show", "{'login':'ann'}", ERR_NOT_FOUND, "ann");
	refused(f, "user.rm", "{'login':'ann'}", ERR_NOT_FOUND, "ann");
	works(f, "user.add", "{'login':'ann'}");
	ANSWER(f, "id", "2");
	works(f, "user.list", "{'limit':1}");
	ANSWER(f, "next", "null");
}

struct told { bool over; int64_t id; struct err err; };

static void take_verdict(void *arg, int64_t id, const struct err *err)
{
	*(struct told *)arg = (struct told){true, id, *err};
}

/* The user's id, or negative with f->err. */
static int64_t who_is(struct fixture *f, int64_t tenant, const char *login, const char *password)
{
	struct told told = {0};

	assert_int_equal(user_verify(&f->engine, tenant, login, password, take_verdict, &told, &f->err), 0);
	assert_false(told.over);
	while (!told.over)
		assert_int_equal(event_base_loop(f->engine.loop, EVLOOP_ONCE), 0);
	f->err = told.err;
	return told.id;
}

static void passwords(void **state)
{
	struct fixture *f = *state;

	works(f, "user.add", "{'login':'ann','password':'s3cret'}");
	works(f, "user.add", "{'login':'bob'}");
	assert_int_equal(who_is(f, 1, "ann", "s3cret"), 1);
	assert_int_equal(who_is(f, 1, "ann", "s3cret "), ERR_NOT_PERMITTED);
	char wrong[sizeof(f->err.text)];
	snprintf(wrong, sizeof(wrong), "%s", f->err.text);
	assert_int_equal(who_is(f, 1, "nobody", "s3cret"), ERR_NOT_PERMITTED);
	assert_string_equal(f->err.text, wrong);
	assert_int_equal(who_is(f, 1, "bob", ""), ERR_NOT_PERMITTED);
	assert_int_equal(who_is(f, 2, "ann", "s3cret"), ERR_NOT_PERMITTED);
	/* Changed while it was being looked at: the new one counts. */
	struct told told = {0};
	assert_int_equal(user_verify(&f->engine, 1, "ann", "s3cret", take_verdict, &told, &f->err), 0);
	assert_int_equal(RUN(f, "UPDATE softphone_users SET password_hash = NULL WHERE login = 'ann'"), 1);
	while (!told.over)
		assert_int_equal(event_base_loop(f->engine.loop, EVLOOP_ONCE), 0);
	assert_int_equal(told.id, ERR_NOT_PERMITTED);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_users WHERE password_hash LIKE '%s3cret%'"), 0);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE detail LIKE '%s3cret%'"), 0);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE event = 'user.add'"), 2);
}

static void seated(void **state)
{
	struct fixture *f = *state;

	works(f, "user.add", "{'login':'ann'}");
	works(f, "station.add", "{'name':'pod1','did':'4155550100','sip_uri':'sip:a@b'}");
	assert_int_equal(RUN(f, "INSERT INTO softphone_assignments (tenant_id, user_id, station_id, assigned_at) VALUES (1, 1, 1, 1)"), 1);
	refused(f, "user.rm", "{'login':'ann'}", ERR_CONFLICT, "pod1");
	refused(f, "station.rm", "{'name':'pod1'}", ERR_CONFLICT, "ann");
	works(f, "station.show", "{'name':'pod1'}");
	ANSWER(f, "in_use_by", "'ann'");
	assert_int_equal(RUN(f, "UPDATE softphone_assignments SET released_at = 2"), 1);
	assert_int_equal(RUN(f, "INSERT INTO softphone_call_logs (tenant_id, direction, user_id, station_id, state, forced, counts_toward_cap,"
		" started_at, encrypted, owes_disposition) VALUES (1, 'inbound', 1, 1, 'ended', 0, 0, 1, 0, 1)"), 1);
	refused(f, "user.rm", "{'login':'ann'}", ERR_CONFLICT, "owes");
	works(f, "station.rm", "{'name':'pod1'}");
	works(f, "station.list", "{}");
	ANSWER(f, "items", "[]");
}

/* ---- stations ---- */

static void stations(void **state)
{
	struct fixture *f = *state;
	struct station station;

	works(f, "station.add", "{'name':'pod 1','did':'(415) 555-0100','sip_uri':'sip:100@pbx.example.com:5060','password':'p\\\\a;ss'}");
	ANSWER(f, "did", "'+14155550100'");
	ANSWER(f, "transport", "'udp'");
	ANSWER(f, "media_enc", "'none'");
	ANSWER(f, "register", "true");
	ANSWER(f, "has_password", "true");
	ANSWER(f, "in_use_by", "null");
	assert_null(strstr(answer_text(f, ""), "a;ss"));
	refused(f, "station.add", "{'name':'pod 1','did':'4155550100','sip_uri':'sip:a@b'}", ERR_CONFLICT, "pod 1");

	assert_int_equal(station_load(&f->engine, 1, 1, true, &station, &f->err), 0);
	assert_string_equal(station.password, "p\\a;ss");
	assert_string_equal(station.sip_uri, "sip:100@pbx.example.com:5060");
	assert_true(station.registers && station.has_password);
	station_wipe(&station);
	assert_int_equal(station_load(&f->engine, 1, 1, false, &station, &f->err), 0);
	assert_null(station.password);
	station_wipe(&station);
	assert_int_equal(station_load(&f->engine, 2, 1, true, &station, &f->err), ERR_NOT_FOUND);
	station_wipe(&station);

	works(f, "station.set", "{'name':'pod 1','codecs':'opus, pcmu','register':false,'team':'night','dial_prefix':'sip:9%s@trunk'}");
	ANSWER(f, "codecs", "'opus,PCMU'");
	ANSWER(f, "has_password", "true");
	works(f, "station.set", "{'name':'pod 1','codecs':'','team':'','password':''}");
	ANSWER(f, "codecs", "null");
	ANSWER(f, "team", "null");
	ANSWER(f, "has_password", "false");
	ANSWER(f, "dial_prefix", "'sip:9%s@trunk'");
	ANSWER(f, "register", "false");
	works(f, "station.set", "{'name':'pod 1','password':'new'}");
	works(f, "station.rm", "{'name':'pod 1'}");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_stations WHERE sip_credentials_encrypted IS NOT NULL"), 0);
	works(f, "station.add", "{'name':'pod 1','did':'4155550100','sip_uri':'sip:a@b'}");
}

/* What a complete phone has beside: each kind of setting, its preset, and that what is not named stays. */
static void station_settings(void **state)
{
	struct fixture *f = *state;
	struct station station;

	works(f, "station.add", "{'name':'pod1','did':'4155550100','sip_uri':'sip:a@b'}");
	ANSWER(f, "record", "'tenant'");
	ANSWER(f, "hold", "'sip'");
	ANSWER(f, "dtmf", "'rtp'");
	ANSWER(f, "caller_id", "'ppi'");
	ANSWER(f, "nat", "'none'");
	ANSWER(f, "tls_verify", "true");
	ANSWER(f, "intercom", "false");
	ANSWER(f, "voicemail_code", "null");
	ANSWER(f, "has_nat_password", "false");
	works(f, "station.set", "{'name':'pod1','nat':'turn','nat_server':'turn:[::1]:3478','nat_user':'u','nat_password':'t0p','voicemail_code':480,"
		"'registrars':'sip:a.example, sip:b.example:5070','noise_suppression':true,'password':'sip'}");
	ANSWER(f, "registrars", "'sip:a.example,sip:b.example:5070'");
	ANSWER(f, "has_nat_password", "true");
	assert_null(strstr(answer_text(f, ""), "t0p"));
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE detail LIKE '%t0p%'"), 0);
	assert_int_equal(station_load(&f->engine, 1, 1, true, &station, &f->err), 0);
	assert_string_equal(station.nat_password, "t0p");
	assert_string_equal(station.password, "sip");
	assert_int_equal(station.voicemail_code, 480);
	assert_true(station.noise_suppression && station.tls_verify && !station.gain_control);
	station_wipe(&station);
	works(f, "station.set", "{'name':'pod1','voicemail_code':null,'registrars':'','noise_suppression':false}");
	ANSWER(f, "voicemail_code", "null");
	ANSWER(f, "registrars", "null");
	ANSWER(f, "nat_server", "'turn:[::1]:3478'");
	works(f, "key.rotate", "{}");
	ANSWER(f, "sealed", "{'2':2}");
	assert_int_equal(station_load(&f->engine, 1, 1, true, &station, &f->err), 0);
	assert_string_equal(station.nat_password, "t0p");
	station_wipe(&station);
	/* Each of the two opens in its own place alone. */
	assert_int_equal(RUN(f, "UPDATE softphone_stations SET sip_credentials_encrypted = nat_credentials_encrypted"), 1);
	assert_int_equal(station_load(&f->engine, 1, 1, true, &station, &f->err), ERR_CONFIG);
	station_wipe(&station);
	works(f, "station.rm", "{'name':'pod1'}");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_stations WHERE nat_credentials_encrypted IS NOT NULL"), 0);
}

static void tenant_settings(void **state)
{
	struct fixture *f = *state;

	works(f, "tenant.show", "{}");
	ANSWER(f, "announce", "true");
	ANSWER(f, "announcement", "null");
	ANSWER(f, "retention_days", "1095");
	ANSWER(f, "busy_code", "486");
	works(f, "tenant.set", "{'announce':false,'record_required':true,'retention_days':2000,'busy_code':480,'internal_disposition':true,"
		"'record_pause_seconds':60,'one_way_seconds':30}");
	works(f, "tenant.show", "{}");
	ANSWER(f, "announce", "false");
	ANSWER(f, "record_required", "true");
	ANSWER(f, "retention_days", "2000");
	ANSWER(f, "busy_code", "480");
	ANSWER(f, "internal_disposition", "true");
	ANSWER(f, "record_pause_seconds", "60");
	ANSWER(f, "one_way_seconds", "30");
	ANSWER(f, "acw_seconds", "30");
	refused(f, "tenant.set", "{'retention_days':1094}", ERR_INVALID, "1095");
	refused(f, "tenant.set", "{'busy_code':200}", ERR_INVALID, "busy_code");
	refused(f, "tenant.set", "{'announcement':'/etc/passwd'}", ERR_INVALID, "not a WAV file");
	refused(f, "tenant.set", "{'announcement':'/nonexistent'}", ERR_INVALID, "No such file");
}

static void bad_stations(void **state)
{
	struct fixture *f = *state;
	static const struct { const char *params, *words; } cases[] = {
		{"'did':'12'", "did"},
		{"'sip_uri':'sip:a'", "sip_uri"},
		{"'transport':'sctp'", "transport"},
		{"'media_enc':'sdes'", "transport"},
		{"'media_enc':'sdes','transport':'tcp'", "tcp"},
		{"'tls_ca':'/etc/passwd'", "tls_ca"},
		{"'transport':'tls','tls_ca':'/nonexistent'", "No such file"},
		{"'transport':'tls','tls_ca':'/etc'", "not a file"},
		{"'transport':'tls','tls_ca':'etc/passwd'", "absolute"},
		{"'codecs':'PCMU,PCMU'", "codecs"},
		{"'codecs':'mp3'", "codecs"},
		{"'dial_prefix':'sip:%s%s@h'", "dial_prefix"},
		{"'conference_uri':'http://x'", "conference_uri"},
		{"'outbound_proxy':'sip:u@h'", "outbound_proxy"},
		{"'auth_user':'a\\\"b'", "auth_user"},
		{"'password':'a\\nb'", "password"},
		{"'name':'  '", "name"},
		{"'record':'maybe'", "record"},
		{"'hold_music':'/etc/passwd'", "WAV"},
		{"'nat':'stun'", "nat_server"},
		{"'nat':'turn','nat_server':'stun:h'", "turn:HOST"},
		{"'nat_server':'stun:h'", "nat is none"},
		{"'nat':'ice','nat_server':'http://h'", "STUN or TURN"},
		{"'tls_verify':false", "tls_verify"},
		{"'tls_cert':'/etc/passwd'", "tls_cert"},
		{"'registrars':'sip:a,sip:a'", "each once"},
		{"'registrars':'sip:a','outbound_proxy':'sip:b'", "sip:b: what registrars name is where its calls go"},
		{"'registrars':'a'", "registrars"},
		{"'voicemail_code':200", "voicemail_code"},
		{"'sound_device':'a\\nb'", "sound_device"},
	};

	works(f, "station.add", "{'name':'pod1','did':'4155550100','sip_uri':'sip:a@b'}");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char add[512], set[512];
		bool name = strstr(cases[i].params, "'name'");
		snprintf(add, sizeof(add), "{%s%s%s%s}", name ? "" : "'name':'new',", strstr(cases[i].params, "'did'") ? "" : "'did':'4155550100',",
			strstr(cases[i].params, "'sip_uri'") ? "" : "'sip_uri':'sip:a@b',", cases[i].params);
		snprintf(set, sizeof(set), "{'name':'pod1',%s}", cases[i].params);
		refused(f, "station.add", add, ERR_INVALID, cases[i].words);
		if (!name)
			refused(f, "station.set", set, ERR_INVALID, cases[i].words);
	}
	works(f, "station.set", "{'name':'pod1','transport':'tls','media_enc':'sdes','tls_ca':'/etc/passwd'}");
	refused(f, "station.set", "{'name':'pod1','transport':'udp'}", ERR_INVALID, "media_enc");
	refused(f, "station.set", "{'name':'pod1','sip_uri':''}", ERR_INVALID, "sip_uri");
	refused(f, "station.set", "{'name':'none','team':'x'}", ERR_NOT_FOUND, "none");
	works(f, "station.list", "{}");
	ANSWER(f, "items.1", "(none)");
	ANSWER(f, "items.0.transport", "'tls'");
}

/* A password that is copied to another row or tenant does not open. */
static void sealed_to_the_row(void **state)
{
	struct fixture *f = *state;
	struct station station;

	works(f, "station.add", "{'name':'one','did':'4155550100','sip_uri':'sip:a@b','password':'first'}");
	works(f, "station.add", "{'name':'two','did':'4155550100','sip_uri':'sip:a@b','password':'second'}");
	assert_int_equal(RUN(f, "UPDATE softphone_stations SET sip_credentials_encrypted ="
		" (SELECT sip_credentials_encrypted FROM softphone_stations WHERE id = 1) WHERE id = 2"), 1);
	assert_int_equal(station_load(&f->engine, 1, 2, true, &station, &f->err), ERR_CONFIG);
	assert_non_null(strstr(f->err.text, "two"));
	station_wipe(&station);
	works(f, "tenant.add", "{'name':'other'}");
	assert_int_equal(RUN(f, "UPDATE softphone_stations SET tenant_id = 2 WHERE id = 1"), 1);
	assert_int_equal(station_load(&f->engine, 2, 1, true, &station, &f->err), ERR_CONFIG);
	station_wipe(&station);
}

/* ---- dispositions ---- */

static void dispositions(void **state)
{
	struct fixture *f = *state;

	works(f, "dispo.add", "{'code':'promise_to_pay','label':'Promise to pay'}");
	ANSWER(f, "", "{'id':13,'code':'promise_to_pay','label':'Promise to pay','position':13,'retired':false}");
	refused(f, "dispo.add", "{'code':'sale','label':'x'}", ERR_CONFLICT, "sale");
	refused(f, "dispo.add", "{'code':'Sale!','label':'x'}", ERR_INVALID, "code");
	works(f, "dispo.set", "{'code':'promise_to_pay','position':1,'label':'Promise'}");
	works(f, "dispo.list", "{'limit':2}");
	ANSWER(f, "items.0.code", "'sale'");
	ANSWER(f, "items.1.code", "'promise_to_pay'");
	ANSWER(f, "next", "13");
	works(f, "dispo.list", "{'limit':2,'after':13}");
	ANSWER(f, "items.0.code", "'callback'");
	works(f, "dispo.set", "{'code':'promise_to_pay','new_code':'ptp'}");
	refused(f, "dispo.set", "{'code':'ptp','new_code':'sale'}", ERR_CONFLICT, "sale");
	refused(f, "dispo.set", "{'code':'none','label':'x'}", ERR_NOT_FOUND, "none");
	works(f, "dispo.set", "{'code':'ptp','retired':true}");
	ANSWER(f, "retired", "true");
	assert_int_equal(dispo_check(&f->engine, 1, "ptp", &f->err), ERR_INVALID);
	assert_int_equal(dispo_check(&f->engine, 1, "sale", &f->err), 0);
	assert_int_equal(dispo_check(&f->engine, 1, "nonsense", &f->err), ERR_INVALID);
	assert_non_null(strstr(f->err.text, "wrong_number"));
	works(f, "dispo.set", "{'code':'ptp','retired':false}");
	works(f, "dispo.rm", "{'code':'ptp'}");
	ANSWER(f, "", "{'removed':'ptp'}");
	works(f, "user.add", "{'login':'ann'}");
	works(f, "station.add", "{'name':'pod1','did':'4155550100','sip_uri':'sip:a@b'}");
	assert_int_equal(RUN(f, "INSERT INTO softphone_call_logs (tenant_id, direction, user_id, station_id, state, forced, counts_toward_cap,"
		" started_at, encrypted, owes_disposition, disposition) VALUES (1, 'inbound', 1, 1, 'ended', 0, 0, 1, 0, 0, 'sale')"), 1);
	refused(f, "dispo.rm", "{'code':'sale'}", ERR_CONFLICT, "retire it");
	refused(f, "dispo.set", "{'code':'sale','new_code':'sold'}", ERR_CONFLICT, "sale");
	works(f, "dispo.set", "{'code':'sale','label':'Sold','retired':true}");
}

/* Each change has its row, with its parameters and without secrets, in the same transaction. */
static void audited(void **state)
{
	struct fixture *f = *state;

	works(f, "user.add", "{'login':'ann'}");
	f->who.user_id = 1;
	works(f, "station.add", "{'name':'pod1','did':'4155550100','sip_uri':'sip:a@b','password':'hidden'}");
	works(f, "tenant.add", "{'name':'two'}");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE event = 'station.add' AND user_id = 1"
		" AND station_id = 1 AND tenant_id = 1 AND detail LIKE '%pod1%' AND detail LIKE '%password_changed%' AND detail NOT LIKE '%hidden%'"), 1);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE event = 'tenant.add' AND tenant_id = 2"), 1);
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE actor = 'root (uid 0)'"), 3);
	f->who.uid = 4294967294;
	f->who.account[0] = '\0';
	works(f, "user.add", "{'login':'ned'}");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit WHERE actor = 'uid 4294967294' AND user_id = 1"), 1);
	works(f, "audit.list", "{'event':'user.add','after':1}");
	ANSWER(f, "items.0.actor", "'uid 4294967294'");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_compliance_audit"), 4);
	/* Where the row cannot be written, the change is not made. */
	assert_int_equal(RUN(f, "CREATE TRIGGER no_audit BEFORE INSERT ON softphone_compliance_audit"
		" BEGIN SELECT RAISE(ABORT, 'the log is broken'); END"), 0);
	refused(f, "user.add", "{'login':'bob'}", ERR_CONFLICT, "the log is broken");
	assert_int_equal(NUMBER(f, "SELECT count(*) FROM softphone_users"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(first_start, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(tenants, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(dry_runs, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(users, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(user_changes, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(passwords, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(seated, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(stations, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(station_settings, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(tenant_settings, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(bad_stations, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(sealed_to_the_row, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(dispositions, fixture_make, fixture_remove),
		cmocka_unit_test_setup_teardown(audited, fixture_make, fixture_remove),
	};

	return UNIT_RUN(tests);
}
