/* sql_station.c - stations and their sealed passwords. */
#include "sql_station.h"

#define SELECT \
	"SELECT s.id, s.name, s.did, s.sip_uri, s.auth_user, s.transport, s.tls_ca, s.media_enc, s.codecs," \
	" s.outbound_proxy, s.dial_prefix, s.conference_uri, s.location, s.team, s.record_calls, s.hold," \
	" s.hold_music, s.dtmf, s.caller_id, s.nat, s.nat_server, s.nat_user, s.tls_cert, s.registrars," \
	" s.sound_device, s.register_line, s.tls_verify, s.intercom, s.noise_suppression, s.gain_control," \
	" s.echo_cancellation, s.voicemail_code, s.sip_credentials_encrypted IS NOT NULL," \
	" s.nat_credentials_encrypted IS NOT NULL, u.login, s.created_at, s.sip_credentials_encrypted," \
	" s.nat_credentials_encrypted" \
	" FROM softphone_stations s" \
	" LEFT JOIN softphone_assignments a ON a.station_id = s.id AND a.released_at IS NULL" \
	" LEFT JOIN softphone_users u ON u.id = a.user_id" \
	" WHERE s.tenant_id = $1 AND s.removed_at IS NULL"
#define COLUMNS { \
	{"id", COL_INT}, {"name", COL_TEXT}, {"did", COL_TEXT}, {"sip_uri", COL_TEXT}, {"auth_user", COL_TEXT}, \
	{"transport", COL_TEXT}, {"tls_ca", COL_TEXT}, {"media_enc", COL_TEXT}, {"codecs", COL_TEXT}, \
	{"outbound_proxy", COL_TEXT}, {"dial_prefix", COL_TEXT}, {"conference_uri", COL_TEXT}, \
	{"location", COL_TEXT}, {"team", COL_TEXT}, {"record", COL_TEXT}, {"hold", COL_TEXT}, \
	{"hold_music", COL_TEXT}, {"dtmf", COL_TEXT}, {"caller_id", COL_TEXT}, {"nat", COL_TEXT}, \
	{"nat_server", COL_TEXT}, {"nat_user", COL_TEXT}, {"tls_cert", COL_TEXT}, {"registrars", COL_TEXT}, \
	{"sound_device", COL_TEXT}, {"register", COL_BOOL}, {"tls_verify", COL_BOOL}, {"intercom", COL_BOOL}, \
	{"noise_suppression", COL_BOOL}, {"gain_control", COL_BOOL}, {"echo_cancellation", COL_BOOL}, \
	{"voicemail_code", COL_INT}, {"has_password", COL_BOOL}, {"has_nat_password", COL_BOOL}, \
	{"in_use_by", COL_TEXT}, {"created_at", COL_TIME}, {"sealed", COL_HIDDEN}, {"nat_sealed", COL_HIDDEN} }

const struct stmt sql_station_list = {"station.list", SELECT " AND s.id > $2 ORDER BY s.id LIMIT $3", COLUMNS};
const struct stmt sql_station_get = {"station.get", SELECT " AND s.id = $2", COLUMNS};

const struct stmt sql_station_by_name = {
	"station.by_name",
	"SELECT id FROM softphone_stations WHERE tenant_id = $1 AND name = $2 AND removed_at IS NULL",
	{{"id", COL_INT}},
};

const struct stmt sql_station_ever = {
	"station.ever", "SELECT id FROM softphone_stations WHERE tenant_id = $1 AND name = $2 LIMIT 1",
	{{"id", COL_INT}},
};

const struct stmt sql_station_add = {
	"station.add",
	"INSERT INTO softphone_stations (tenant_id, created_at, name, did, sip_uri, auth_user, transport, tls_ca,"
	" media_enc, codecs, outbound_proxy, dial_prefix, conference_uri, location, team, record_calls, hold,"
	" hold_music, dtmf, caller_id, nat, nat_server, nat_user, tls_cert, registrars, sound_device,"
	" register_line, tls_verify, intercom, noise_suppression, gain_control, echo_cancellation, voicemail_code)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,"
	" $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33) RETURNING id",
	{{"id", COL_INT}},
};

const struct stmt sql_station_set = {
	"station.set",
	"UPDATE softphone_stations SET name = $3, did = $4, sip_uri = $5, auth_user = $6, transport = $7,"
	" tls_ca = $8, media_enc = $9, codecs = $10, outbound_proxy = $11, dial_prefix = $12, conference_uri = $13,"
	" location = $14, team = $15, record_calls = $16, hold = $17, hold_music = $18, dtmf = $19,"
	" caller_id = $20, nat = $21, nat_server = $22, nat_user = $23, tls_cert = $24, registrars = $25,"
	" sound_device = $26, register_line = $27, tls_verify = $28, intercom = $29, noise_suppression = $30,"
	" gain_control = $31, echo_cancellation = $32, voicemail_code = $33"
	" WHERE tenant_id = $1 AND id = $2 AND removed_at IS NULL",
	{{0}},
};

const struct stmt sql_station_sound = {
	"station.sound",
	"UPDATE softphone_stations SET sound_device = $3, noise_suppression = $4, gain_control = $5,"
	" echo_cancellation = $6 WHERE tenant_id = $1 AND id = $2 AND removed_at IS NULL",
	{{0}},
};

const struct stmt sql_station_seal = {
	"station.seal",
	"UPDATE softphone_stations SET sip_credentials_encrypted = $3 WHERE tenant_id = $1 AND id = $2",
	{{0}},
};

const struct stmt sql_station_seal_nat = {
	"station.seal_nat",
	"UPDATE softphone_stations SET nat_credentials_encrypted = $3 WHERE tenant_id = $1 AND id = $2",
	{{0}},
};

const struct stmt sql_station_remove = {
	"station.rm",
	"UPDATE softphone_stations SET removed_at = $3, sip_credentials_encrypted = NULL,"
	" nat_credentials_encrypted = NULL"
	" WHERE tenant_id = $1 AND id = $2 AND removed_at IS NULL",
	{{0}},
};

const struct stmt sql_station_sealed = {
	"station.sealed",
	"SELECT tenant_id, id, sip_credentials_encrypted, name, 0 FROM softphone_stations"
	" WHERE sip_credentials_encrypted IS NOT NULL"
	" UNION ALL SELECT tenant_id, id, nat_credentials_encrypted, name, 1 FROM softphone_stations"
	" WHERE nat_credentials_encrypted IS NOT NULL ORDER BY 2",
	{{"tenant_id", COL_HIDDEN}, {"id", COL_INT}, {"sealed", COL_HIDDEN}, {"name", COL_TEXT}, {"nat", COL_BOOL}},
};
