/* station.c - stations: SIP accounts that agents sit at.  Their passwords are sealed, bound to purpose, tenant and
 * row. */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/e164.h"
#include "../base/mem.h"
#include "../db/sql_station.h"
#include "change.h"
#include "check.h"
#include "nouns.h"

/* ---- loading ---------------------------------------------------------------------------------------------------- */

/* Text settings: their parameter, place, column, and what they must look like (NULL: seen to in check_station()). */
static const struct field {
	const char *name;
	size_t at;
	enum station_column column;
	check_h *check;
	const char *choices, *preset;
} fields[] = {
	{"name", offsetof(struct station, name), STATION_NAME, check_line, NULL, NULL},
	{"did", offsetof(struct station, did), STATION_DID, NULL, NULL, NULL},
	{"sip_uri", offsetof(struct station, sip_uri), STATION_SIP_URI, check_sip_uri, NULL, NULL},
	{"auth_user", offsetof(struct station, auth_user), STATION_AUTH_USER, check_auth_user, NULL, NULL},
	{"transport", offsetof(struct station, transport), STATION_TRANSPORT, NULL, "udp|tcp|tls", "udp"},
	{"tls_ca", offsetof(struct station, tls_ca), STATION_TLS_CA, check_readable_file, NULL, NULL},
	{"media_enc", offsetof(struct station, media_enc), STATION_MEDIA_ENC, NULL, "none|sdes|dtls", "none"},
	{"codecs", offsetof(struct station, codecs), STATION_CODECS, NULL, NULL, NULL},
	{"outbound_proxy", offsetof(struct station, outbound_proxy), STATION_OUTBOUND_PROXY, check_sip_server, NULL,
		NULL},
	{"dial_prefix", offsetof(struct station, dial_prefix), STATION_DIAL_PREFIX, check_dial_prefix, NULL, NULL},
	{"conference_uri", offsetof(struct station, conference_uri), STATION_CONFERENCE_URI, check_sip_uri, NULL, NULL},
	{"location", offsetof(struct station, location), STATION_LOCATION, check_line, NULL, NULL},
	{"team", offsetof(struct station, team), STATION_TEAM, check_line, NULL, NULL},
	{"record", offsetof(struct station, record), STATION_RECORD, NULL, "tenant|on|off", "tenant"},
	{"hold", offsetof(struct station, hold), STATION_HOLD, NULL, "sip|local", "sip"},
	{"hold_music", offsetof(struct station, hold_music), STATION_HOLD_MUSIC, check_sound_file, NULL, NULL},
	{"dtmf", offsetof(struct station, dtmf), STATION_DTMF, NULL, "rtp|info", "rtp"},
	{"caller_id", offsetof(struct station, caller_id), STATION_CALLER_ID, NULL, "from|pai|ppi", "ppi"},
	{"nat", offsetof(struct station, nat), STATION_NAT, NULL, "none|stun|turn|ice", "none"},
	{"nat_server", offsetof(struct station, nat_server), STATION_NAT_SERVER, check_nat_server, NULL, NULL},
	{"nat_user", offsetof(struct station, nat_user), STATION_NAT_USER, check_auth_user, NULL, NULL},
	{"tls_cert", offsetof(struct station, tls_cert), STATION_TLS_CERT, check_readable_file, NULL, NULL},
	{"registrars", offsetof(struct station, registrars), STATION_REGISTRARS, NULL, NULL, NULL},
	{"sound_device", offsetof(struct station, sound_device), STATION_SOUND_DEVICE, check_line, NULL, NULL},
};

static const struct toggle {
	const char *name;
	size_t at;
	enum station_column column;
} toggles[] = {
	{"register", offsetof(struct station, registers), STATION_REGISTER},
	{"tls_verify", offsetof(struct station, tls_verify), STATION_TLS_VERIFY},
	{"intercom", offsetof(struct station, intercom), STATION_INTERCOM},
	{"noise_suppression", offsetof(struct station, noise_suppression), STATION_NOISE_SUPPRESSION},
	{"gain_control", offsetof(struct station, gain_control), STATION_GAIN_CONTROL},
	{"echo_cancellation", offsetof(struct station, echo_cancellation), STATION_ECHO_CANCELLATION},
};
enum { FIELDS = sizeof(fields) / sizeof(*fields), TOGGLES = sizeof(toggles) / sizeof(*toggles) };

static bool *bool_of(struct station *station, const struct toggle *toggle)
{
	return (bool *)((char *)station + toggle->at);
}

static char **text_of(struct station *station, const struct field *field)
{
	return (char **)((char *)station + field->at);
}

struct seal_place station_seal_place(const char *what, int64_t tenant_id, int64_t id)
{
	return (struct seal_place){.table = what, .tenant_id = tenant_id, .row_id = id};
}

struct loading {
	struct engine *engine;
	struct station *station;
	struct err *err;
	bool with_password;
};

static int open_secret(
	const struct row *row, struct loading *loading, enum station_column column, const char *table, char **plain)
{
	const struct station *station = loading->station;
	const struct seal_place place = station_seal_place(table, station->tenant_id, station->id);
	size_t len, plain_len;
	const void *sealed = row_blob(row, column, &len);
	int rc = unseal(loading->engine->keys, &place, sealed, len, plain, &plain_len, loading->err);

	if (rc < 0)
		err_prefix(loading->err, "station %s: its password cannot be read", station->name);
	return rc;
}

static int open_secrets(const struct row *row, struct loading *loading)
{
	struct station *station = loading->station;
	int rc = 0;

	if (station->has_password)
		rc = open_secret(row, loading, STATION_SEALED, SEALED_SIP, &station->password);
	if (rc >= 0 && station->has_nat_password)
		rc = open_secret(row, loading, STATION_NAT_SEALED, SEALED_NAT, &station->nat_password);
	return rc;
}

static int take_station(const struct row *row, void *arg)
{
	struct loading *loading = arg;
	struct station *station = loading->station;

	station->id = row_int(row, STATION_ID);
	for (size_t i = 0; i < FIELDS; i++)
		*text_of(station, &fields[i]) = xstrdup(row_text(row, fields[i].column));
	for (size_t i = 0; i < TOGGLES; i++)
		*bool_of(station, &toggles[i]) = row_int(row, toggles[i].column) != 0;
	station->voicemail_code = row_int(row, STATION_VOICEMAIL_CODE);
	station->has_password = row_int(row, STATION_HAS_PASSWORD) != 0;
	station->has_nat_password = row_int(row, STATION_HAS_NAT_PASSWORD) != 0;
	if (loading->with_password && open_secrets(row, loading) < 0)
		return ERR_CONFIG;
	return 1;
}

int station_load(struct engine *engine, int64_t tenant_id, int64_t id, bool with_password, struct station *station,
	struct err *err)
{
	struct loading loading = {.engine = engine, .station = station, .err = err, .with_password = with_password};

	*station = (struct station){.tenant_id = tenant_id};
	int rc = db_each(engine->db, &sql_station_get, ARGS(a_int(tenant_id), a_int(id)), take_station, &loading, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no station %lld", (long long)id);
	return rc < 0 ? rc : 0;
}

static void wipe_secret(char *secret)
{
	if (secret)
		mem_wipe(secret, strlen(secret));
	free(secret);
}

void station_wipe(struct station *station)
{
	for (size_t i = 0; i < FIELDS; i++)
		free(*text_of(station, &fields[i]));
	wipe_secret(station->password);
	wipe_secret(station->nat_password);
	*station = (struct station){0};
}

int64_t station_by_name(struct engine *engine, int64_t tenant_id, const char *name, struct err *err)
{
	char text[SHOWN_SIZE];
	int64_t id = id_of(engine, &sql_station_by_name, ARGS(a_int(tenant_id), a_text(name)), err);

	return id ? id : err_set(err, ERR_NOT_FOUND, "there is no station \"%s\"", shown(name, text));
}

int station_check(struct request *request, const char *name)
{
	char text[SHOWN_SIZE];
	const int64_t id = id_of(request->engine, &sql_station_ever, ARGS(a_int(request->tenant_id), a_text(name)),
		&request->err);

	return id > 0 ? 0 : id < 0 ? (int)id :
		err_set(&request->err, ERR_NOT_FOUND, "there is no station \"%s\", and there was none",
			shown(name, text));
}

/* ---- settings --------------------------------------------------------------------------------------------------- */

static int set_did(struct request *request, struct station *station)
{
	struct tenant tenant;
	char number[E164_SIZE];
	int rc = tenant_load(request->engine, request->tenant_id, &tenant, &request->err);

	if (rc < 0)
		return rc;
	rc = e164_parse(station->did, tenant.country, number, &request->err);
	if (rc < 0) {
		err_prefix(&request->err, "did");
		return rc;
	}
	free(station->did);
	station->did = xstrdup(number);
	return 0;
}

static int set_codecs(struct request *request, struct station *station)
{
	char *list = NULL;
	int rc = check_codecs("codecs", station->codecs, &list, &request->err);

	if (rc < 0)
		return rc;
	free(station->codecs);
	station->codecs = list;
	return 0;
}

static int set_registrars(struct request *request, struct station *station)
{
	char *list = NULL;
	int rc = check_sip_servers("registrars", station->registrars, &list, &request->err);

	if (rc < 0)
		return rc;
	free(station->registrars);
	station->registrars = list;
	return 0;
}

static int check_nat(struct request *request, const struct station *station)
{
	const char *nat = station->nat, *server = station->nat_server;
	const bool needs = !strcmp(nat, "stun") || !strcmp(nat, "turn");

	if (needs && (!server || strncmp(server, nat, strlen(nat))))
		return err_set(&request->err, ERR_INVALID,
			"nat_server: nat %s needs the server's address, %s:HOST[:PORT]", nat, nat);
	if (server && !strcmp(nat, "none"))
		return err_set(&request->err, ERR_INVALID,
			"nat_server: nat is none: set nat to stun, turn or ice, or clear nat_server");
	return 0;
}

/* What each setting is by itself was checked; this is what they are together. */
static int check_station(struct request *request, const struct station *station)
{
	bool tls = !strcmp(station->transport, "tls");

	if (!strcmp(station->media_enc, "sdes") && !tls)
		return err_set(&request->err, ERR_INVALID,
			"media_enc: sdes sends the key inside of SIP, which transport %s shows: set transport to tls",
			station->transport);
	if ((station->tls_ca || station->tls_cert) && !tls)
		return err_set(&request->err, ERR_INVALID,
			"%s: transport %s uses no certificates: set transport to tls, or clear %s",
			station->tls_ca ? "tls_ca" : "tls_cert", station->transport,
			station->tls_ca ? "tls_ca" : "tls_cert");
	if (!station->tls_verify && !tls)
		return err_set(&request->err, ERR_INVALID,
			"tls_verify: transport %s uses no certificates: leave it on, or set transport to tls",
			station->transport);
	if (station->registrars && station->outbound_proxy)
		return err_set(&request->err, ERR_INVALID,
			"registrars: the station has an outbound_proxy, %s: what registrars name is where its calls go "
			"as well; clear one of the two", station->outbound_proxy);
	return check_nat(request, station);
}

static int take_field(struct request *request, struct station *station, const struct field *field)
{
	char **text = text_of(station, field);
	const char *given = param_text(request, field->name);

	take_text(request, field->name, text);
	if (!*text && field->preset)
		*text = xstrdup(field->preset);
	if (!given || !*text)
		return 0;
	if (field->choices)
		return check_choice(field->name, *text, field->choices, &request->err);
	return field->check ? field->check(field->name, *text, &request->err) : 0;
}

static int check_secret(struct request *request, const char *name)
{
	const char *secret = param_text(request, name);

	return secret && *secret ? check_password(name, secret, &request->err) : 0;
}

static int take_settings(struct request *request, struct station *station)
{
	int rc = 0;

	for (size_t i = 0; i < FIELDS && rc >= 0; i++)
		rc = take_field(request, station, &fields[i]);
	if (rc >= 0 && param_given(request, "did") && station->did)
		rc = set_did(request, station);
	if (rc >= 0 && param_given(request, "codecs") && station->codecs)
		rc = set_codecs(request, station);
	if (rc >= 0 && param_given(request, "registrars") && station->registrars)
		rc = set_registrars(request, station);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < 3; i++)          /* name, did, sip_uri */
		if (!*text_of(station, &fields[i]))
			return err_set(&request->err, ERR_INVALID, "%s: it is empty", fields[i].name);
	for (size_t i = 0; i < TOGGLES; i++)
		*bool_of(station, &toggles[i]) = param_bool(request, toggles[i].name, *bool_of(station, &toggles[i]));
	if (param_given(request, "voicemail_code"))
		station->voicemail_code = param_int(request, "voicemail_code", 0);
	if (check_secret(request, "password") < 0 || check_secret(request, "nat_password") < 0)
		return request->err.code;
	return check_station(request, station);
}

/* ---- storing ---------------------------------------------------------------------------------------------------- */

static int store_settings(
	struct request *request, const struct stmt *stmt, int64_t second, struct station *station, int64_t *id)
{
	enum { COUNT = 2 + FIELDS + TOGGLES + 1 };
	struct arg args[COUNT] = {a_int(request->tenant_id), a_int(second)}, *next = args + 2;

	for (size_t i = 0; i < FIELDS; i++)
		*next++ = a_text(*text_of(station, &fields[i]));
	for (size_t i = 0; i < TOGGLES; i++)
		*next++ = a_int(*bool_of(station, &toggles[i]));
	*next = station->voicemail_code ? a_int(station->voicemail_code) : a_null();
	if (!id)
		return db_run(request->engine->db, stmt, args, COUNT, &request->err);
	*id = db_insert(request->engine->db, stmt, args, COUNT, &request->err);
	return *id < 0 ? (int)*id : 0;
}

static int store_secret(
	struct request *request, int64_t id, const char *name, const char *table, const struct stmt *stmt)
{
	const char *secret = param_text(request, name);
	const struct seal_place place = station_seal_place(table, request->tenant_id, id);
	uint8_t *sealed = NULL;
	size_t len = 0;
	int rc = 0;

	if (!secret)
		return 0;
	if (*secret)
		rc = seal(request->engine->keys, &place, secret, strlen(secret), &sealed, &len, &request->err);
	if (rc >= 0)
		rc = db_run(request->engine->db, stmt,
			ARGS(a_int(request->tenant_id), a_int(id), a_blob(sealed, len)), &request->err);
	free(sealed);
	return rc;
}

/* The row's id is part of what the passwords are sealed with, so that the row comes first. */
static int store_secrets(struct request *request, int64_t id)
{
	int rc = store_secret(request, id, "password", SEALED_SIP, &sql_station_seal);

	return rc < 0 ? rc : store_secret(request, id, "nat_password", SEALED_NAT, &sql_station_seal_nat);
}

static int answer(struct request *request, int64_t id)
{
	return one_answer(request, &sql_station_get, ARGS(a_int(request->tenant_id), a_int(id)), NULL,
		"there is no station %lld", (long long)id);
}

static int64_t named(struct request *request)
{
	return station_by_name(request->engine, request->tenant_id, param_text(request, "name"), &request->err);
}

/* ---- handlers --------------------------------------------------------------------------------------------------- */

static int add(struct request *request, struct station *station)
{
	int64_t id = id_of(request->engine, &sql_station_by_name,
		ARGS(a_int(request->tenant_id), a_text(station->name)), &request->err);

	int rc = (int)id;
	if (id > 0)
		rc = err_set(&request->err, ERR_CONFLICT, "name: there is a station \"%s\" already", station->name);
	if (rc >= 0)
		rc = store_settings(request, &sql_station_add, clock_now_ms(), station, &id);
	if (rc >= 0)
		rc = store_secrets(request, id);
	if (rc >= 0)
		rc = answer(request, id);
	return change_end(request, rc, &(struct audit_entry){.station_id = rc < 0 ? 0 : id});
}

int station_add(struct request *request)
{
	struct station station = {.registers = true, .tls_verify = true};
	int rc = take_settings(request, &station);

	if (rc >= 0 && (rc = change_begin(request)) >= 0)
		rc = add(request, &station);
	station_wipe(&station);
	return rc;
}

int station_set(struct request *request)
{
	struct station station = {0};
	int64_t id = named(request);
	int rc = id < 0 ? (int)id
			: station_load(request->engine, request->tenant_id, id, false, &station, &request->err);

	if (rc >= 0)
		rc = take_settings(request, &station);
	if (rc >= 0 && (rc = change_begin(request)) >= 0) {
		rc = store_settings(request, &sql_station_set, id, &station, NULL);
		if (rc >= 0)
			rc = store_secrets(request, id);
		if (rc >= 0)
			rc = answer(request, id);
		rc = change_end(request, rc, &(struct audit_entry){.station_id = id});
	}
	station_wipe(&station);
	return rc;
}

static int check_not_in_use(struct request *request, int64_t id)
{
	int rc = answer(request, id);
	if (rc < 0)
		return rc;

	const char *user = json_string_value(json_object_get(request->result, "in_use_by"));
	if (user)
		return err_set(&request->err, ERR_CONFLICT, "%s is logged in at station %s: log out first", user,
			param_text(request, "name"));
	return 0;
}

int station_rm(struct request *request)
{
	int64_t id = named(request);
	int rc = id < 0 ? (int)id : change_begin(request);

	if (rc < 0)
		return rc;
	rc = check_not_in_use(request, id);
	if (rc >= 0)
		rc = db_run(request->engine->db, &sql_station_remove,
			ARGS(a_int(request->tenant_id), a_int(id), a_int(clock_now_ms())), &request->err);
	if (rc >= 0) {
		json_decref(request->result);
		request->result = json_pack("{s:s}", "removed", param_text(request, "name"));
	}
	return change_end(request, rc, &(struct audit_entry){.station_id = id});
}

int station_show(struct request *request)
{
	int64_t id = named(request);

	return id < 0 ? (int)id : answer(request, id);
}

int station_list(struct request *request)
{
	return list_answer(request, &sql_station_list, ARGS(a_int(request->tenant_id)), NULL);
}
