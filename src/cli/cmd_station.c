/* cmd_station.c - spctl station. */
#include "commands.h"

#define STATION_OPTIONS(need) \
	{"did", "NUMBER", "did", need, "The number that called people see."}, \
	{"sip-uri", "URI", "sip_uri", need, "The address of record, sip:USER@HOST[:PORT]."}, \
	{"auth-user", "USER", "auth_user", 0, \
	 "The user name for digest authentication; that of the SIP URI where nothing is said."}, \
	{"password-file", "FILE", "password", ITEM_SECRET | ITEM_FILE, \
	 "The SIP password stands in this file; - reads standard input, or asks without echo on a terminal."}, \
	{"transport", "udp|tcp|tls", "transport", 0, "How SIP travels; udp where nothing is said."}, \
	{"tls-ca", "FILE", "tls_ca", ITEM_PATH | ITEM_FILE, \
	 "The certificates (PEM) that the registrar's must be signed by."}, \
	{"media-enc", "none|sdes|dtls", "media_enc", 0, "How media is encrypted; none where nothing is said."}, \
	{"codecs", "LIST", "codecs", 0, "The codecs offered, by preference, separated by commas."}, \
	{"no-register", NULL, "register", 0, "Calls without registering."}, \
	{"register", NULL, "register", 0, "Registers, which is the default."}, \
	{"outbound-proxy", "URI", "outbound_proxy", 0, "Requests are sent to this proxy, sip:HOST[:PORT]."}, \
	{"dial-prefix", "URI", "dial_prefix", 0, \
	 "What is dialled for a number: a SIP URI with %s where the number goes."}, \
	{"conference-uri", "URI", "conference_uri", 0, "The PBX's conference room."}, \
	{"location", "TEXT", "location", 0, "Where the station stands."}, \
	{"team", "TEAM", "team", 0, "The team that works there."}, \
	{"record", "tenant|on|off", "record", 0, "Whether its calls are recorded; tenant: as the tenant says."}, \
	{"hold", "sip|local", "hold", 0, \
	 "Holds by SIP, where the PBX plays music, or keeps the call up and plays it from here."}, \
	{"hold-music", "FILE", "hold_music", ITEM_PATH | ITEM_FILE, \
	 "The WAV file that a call held locally hears; silence where nothing is said."}, \
	{"dtmf", "rtp|info", "dtmf", 0, "How digits are sent: in the sound's stream (RFC 4733) or by SIP INFO."}, \
	{"caller-id", "from|pai|ppi", "caller_id", 0, \
	 "The number shown stands in From, P-Asserted-Identity or P-Preferred-Identity; ppi where nothing is said."}, \
	{"nat", "none|stun|turn|ice", "nat", 0, "How sound passes a NAT; none where nothing is said."}, \
	{"nat-server", "SERVER", "nat_server", 0, "The server for it: stun:HOST[:PORT] or turn:HOST[:PORT]."}, \
	{"nat-user", "USER", "nat_user", 0, "The user name at that server."}, \
	{"nat-password-file", "FILE", "nat_password", ITEM_SECRET | ITEM_FILE, \
	 "The password at that server stands in this file; - reads standard input."}, \
	{"tls-verify", "on|off", "tls_verify", 0, \
	 "Whether the server's certificate is checked; off lets anybody pose as the PBX."}, \
	{"tls-cert", "FILE", "tls_cert", ITEM_PATH | ITEM_FILE, \
	 "The certificate and key (PEM) that the server is shown."}, \
	{"registrars", "LIST", "registrars", 0, \
	 "The servers to register at, sip:HOST[:PORT], separated by commas; the next one when one fails."}, \
	{"intercom", "on|off", "intercom", 0, "Whether internal calls that ask for it are answered at once."}, \
	{"voicemail-code", "CODE", "voicemail_code", 0, \
	 "The SIP status after which the PBX takes a call to voicemail; default: there is none."}, \
	{"sound-device", "NAME", "sound_device", 0, "The sound device; an empty text: the default one."}, \
	{"noise-suppression", "on|off", "noise_suppression", 0, "Takes noise from the microphone's sound."}, \
	{"gain-control", "on|off", "gain_control", 0, "Keeps the microphone's level even."}, \
	{"echo-cancellation", "on|off", "echo_cancellation", 0, \
	 "Takes what the loudspeaker says from the microphone's sound."}

static const struct item new_name[] = {
	{"NAME", NULL, "name", ITEM_REQUIRED, "The new station's name."},
	{0},
};
static const struct item name[] = {
	{"NAME", NULL, "name", ITEM_REQUIRED | ITEM_STATION, "The station's name."},
	{0},
};
static const struct item add_options[] = {STATION_OPTIONS(ITEM_REQUIRED), {0}};
static const struct item set_options[] = {STATION_OPTIONS(0), {0}};

const struct command station_commands[] = {
	{.verb = "add", .method = "station.add", .help = "Adds a station: a place with a SIP account.",
	 .args = new_name, .options = add_options, .shape = &shape_station, .done = "station {name} added"},
	{.verb = "list", .method = "station.list", .help = "Lists the stations.", .shape = &shape_station},
	{.verb = "show", .method = "station.show", .help = "Shows a station; its password is never shown.",
	 .args = name, .shape = &shape_station},
	{.verb = "set", .method = "station.set",
	 .help = "Changes a station; what is not named stays, an empty text clears.", .args = name,
	 .options = set_options, .flags = COMMAND_SOME, .shape = &shape_station, .done = "station {name} changed"},
	{.verb = "rm", .method = "station.rm", .help = "Removes a station that nobody is logged in at.", .args = name,
	 .done = "station {removed} removed"},
	{.verb = "test", .method = "station.test",
	 .help = "Registers the station once and says what the registrar answers.", .args = name,
	 .done = "the registrar accepts the station"},
	{0},
};
