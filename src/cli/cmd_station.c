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
	{"team", "TEAM", "team", 0, "The team that works there."}

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
