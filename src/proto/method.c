/* method.c - the table of all methods and events. */
#include "method.h"
#include <stdlib.h>
#include <string.h>

enum { ID_MIN = 1, LIST_MAX = 1000000000, PATH_BYTES = 4096, PASSWORD_BYTES = 256 };

/* ---- parameters that several methods share ---- */

#define NEEDED .required = true
#define TEXT(n, most, h, ...) {.name = n, .type = PARAM_TEXT, .max = most, .help = h, ##__VA_ARGS__}
#define OPTION(n, most, h) TEXT(n, most, h, .clears = true)
#define CHOICE(n, c, h, ...) {.name = n, .type = PARAM_TEXT, .help = h, .choices = c, ##__VA_ARGS__}
#define INT(n, least, most, h, ...) {.name = n, .type = PARAM_INT, .min = least, .max = most, .help = h, ##__VA_ARGS__}
#define ID(n, h, ...) INT(n, ID_MIN, INT64_MAX, h, ##__VA_ARGS__)
#define BOOL(n, h) {.name = n, .type = PARAM_BOOL, .help = h}
#define TIME(n, h) {.name = n, .type = PARAM_TIME, .help = h}
#define END {.name = NULL}

#define PASSWORD(h, ...) TEXT("password", PASSWORD_BYTES, h, ##__VA_ARGS__)
#define NAME(n, h, ...) TEXT(n, 64, h, ##__VA_ARGS__)
#define CALL_OR_ONLY ID("call", "The call's id; without it the agent's only call that fits.")
#define GATED \
	ID("customer_id", "The customer who is meant."), \
	TEXT("ack", 128, "The one-use token of a decision that needs acknowledgement."), \
	{.name = "acknowledge", .type = PARAM_TEXTS, .max = 64, .help = "Codes of the warnings that are acknowledged."}
#define REASON(h, ...) TEXT("reason", 500, h, ##__VA_ARGS__)

#define TENANT_SETTINGS \
	TEXT("timezone", 64, "IANA time zone in which the calling hours count, such as America/New_York."), \
	INT("acw_seconds", 5, 300, "Seconds of after-call work before it counts as overdue."), \
	TEXT("hours", 11, "Calling hours in the tenant's time zone, HH:MM-HH:MM."), \
	INT("max_call_hours", 1, 24, "Hours after which a call is ended."), \
	INT("max_calls_per_week", 0, 1000, "Calls to one customer in 7 days before the gate warns."), \
	TEXT("country", 3, "Country calling code of numbers typed without one, digits only."), \
	INT("ring_seconds", 5, 300, "Seconds without an answer after which a call is given up."), \
	CHOICE("unknown_customer", "warn|block", "What the gate does with a number that belongs to no customer."), \
	BOOL("record", "Whether calls are recorded."), \
	BOOL("announce", "Whether who is recorded is told so; always where the law asks for all parties' consent."), \
	OPTION("announcement", PATH_BYTES, \
		"Absolute path of the WAV file that says it; empty: the one that comes along."), \
	BOOL("record_required", "Whether a call that cannot be recorded may not be placed, nor go on."), \
	INT("record_pause_seconds", 5, 600, "Seconds after which a paused recording goes on by itself."), \
	INT("retention_days", 1095, 36500, "Days that recordings are kept; three years at least."), \
	BOOL("internal_disposition", "Whether calls between agents owe a disposition."), \
	INT("busy_code", 400, 699, "SIP status for calls to an agent who takes none; 486 (busy) by default."), \
	INT("one_way_seconds", 5, 120, "Seconds without a packet of sound in a call before its agent is told."), \
	OPTION("agent_states", 200, "States in which agents work, as TX,NM, for the announcement; empty: not known.")

#define STATION_SETTINGS \
	OPTION("auth_user", 128, "User name for digest authentication; without it the user of the SIP address."), \
	PASSWORD("SIP password; kept encrypted, never shown.", .clears = true), \
	CHOICE("transport", "udp|tcp|tls", "How SIP is sent."), \
	OPTION("tls_ca", PATH_BYTES, "File of the certificates that the server's certificate is checked against."), \
	CHOICE("media_enc", "none|sdes|dtls", "Encryption of the sound; when set, a call without it is refused."), \
	OPTION("codecs", 200, "Codecs in order of preference, separated by commas."), \
	BOOL("register", "Whether the station registers."), \
	OPTION("outbound_proxy", 255, "SIP address that requests are sent to."), \
	OPTION("dial_prefix", 255, "SIP address for outgoing calls with %s where the number goes."), \
	OPTION("conference_uri", 255, "SIP address of the conference room of the PBX."), \
	OPTION("location", 200, "Where the station stands."), \
	OPTION("team", 100, "The team that it belongs to."), \
	CHOICE("record", "tenant|on|off", "Whether its calls are recorded; tenant: as the tenant says."), \
	CHOICE("hold", "sip|local", "How calls are held: by SIP, or up, with music or silence from here."), \
	OPTION("hold_music", PATH_BYTES, \
		"Absolute path of the WAV file that a call held locally hears; empty: silence."), \
	CHOICE("dtmf", "rtp|info", "How digits are sent: RFC 4733 or SIP INFO."), \
	CHOICE("caller_id", "from|pai|ppi", \
		"What names the number shown: From, P-Asserted-Identity or P-Preferred-Identity."), \
	CHOICE("nat", "none|stun|turn|ice", "How sound passes a NAT."), \
	OPTION("nat_server", 255, "The server for it, stun:HOST[:PORT] or turn:HOST[:PORT]."), \
	OPTION("nat_user", 128, "User name at that server."), \
	TEXT("nat_password", PASSWORD_BYTES, "Password at that server; kept encrypted, never shown.", .clears = true), \
	BOOL("tls_verify", "Whether the server's certificate is checked."), \
	OPTION("tls_cert", PATH_BYTES, "File with the certificate and key (PEM) that the server is shown."), \
	OPTION("registrars", 1000, "SIP servers to register at, in this order, separated by commas."), \
	BOOL("intercom", "Whether internal calls that ask for it are answered at once."), \
	INT("voicemail_code", 400, 699, "SIP status after which the PBX takes a call to voicemail.", .clears = true), \
	OPTION("sound_device", 128, "The sound device, by its name in sound.list; empty: the default one."), \
	BOOL("noise_suppression", "Whether noise is taken from the microphone's sound."), \
	BOOL("gain_control", "Whether the microphone's level is kept even."), \
	BOOL("echo_cancellation", "Whether what the loudspeaker says is taken from the microphone's sound.")

#define CUSTOMER_FLAGS \
	OPTION("external_id", 128, "The customer's id in another system; unique in the tenant."), \
	OPTION("timezone", 64, "IANA time zone of the customer."), \
	OPTION("state", 64, "State or province of the customer."), \
	OPTION("postcode", 32, "Postal code of the customer."), \
	BOOL("do_not_call", "The customer asked not to be called."), \
	BOOL("cease_and_desist", "The customer asked in writing that contact stop."), \
	BOOL("attorney_represented", "The customer has an attorney."), \
	BOOL("bankruptcy_filed", "The customer has filed for bankruptcy."), \
	OPTION("collections_status", 64, "State of the collection, such as active or deceased."), \
	{.name = "sol_date", .type = PARAM_DATE, .help = "Last day of the limitation period, YYYY-MM-DD.", \
		.clears = true}, \
	INT("max_calls_per_week", 0, 1000, "Calls in 7 days before the gate warns, instead of the tenant's figure.", \
		.clears = true)

#define PHONES(...) {.name = "phones", .type = PARAM_TEXTS, .max = 64, \
	.help = "Telephone numbers, as typed or in E.164.", ##__VA_ARGS__}

const struct param method_common[] = {
	NAME("tenant", "The tenant's name; without it the user's own, or the only one there is."),
	NAME("as", "Login of the agent to act for."),
	INT("limit", 0, LIST_MAX, "Most items to answer with; 0: as many as fit into an answer; 100 by default."),
	INT("after", 0, INT64_MAX, "Answer with the items after this id."),
	BOOL("dry_run", "Check everything and change nothing."),
	END
};

/* The flag that lets a method take the parameter of method_common with the same index. */
static const unsigned common_flags[] = {METHOD_TENANT, METHOD_AS, METHOD_LIST, METHOD_LIST, METHOD_DRY_RUN};

/* ---- each method's own parameters ---- */

static const struct param p_audit_verify[] = {
	TEXT("noted", 100, "ROWS:HASH as an earlier check told them: the log must have been so."),
	{.name = "rows", .type = PARAM_TEXTS, .max = 262144,
		.help = "Rows of an export, each a JSON object: these are checked, not the log; noted is not looked "
			"at."},
	TEXT("follows", 100, "Of rows: the last one that was checked before them, as the answer told it."),
	END
};
static const struct param p_audit_list[] = {
	CHOICE("severity", "hard|soft", "Only rows of this severity."),
	TEXT("reason", 64, "Only rows with this reason code."),
	BOOL("forced", "Only rows of calls that were acknowledged (true) or not (false)."),
	NAME("user", "Only rows of this user."),
	ID("customer_id", "Only rows of this customer."),
	TIME("since", "Only rows from this time on."),
	TIME("until", "Only rows before this time."),
	TEXT("event", 64, "Only rows of this event."),
	BOOL("newest", "The newest row first."),
	ID("call", "Only rows of this call."),
	TEXT("number", 64, "Only rows with this number, as typed."),
	TEXT("search", 100, "Only rows in which this text occurs: event, reason code, number, user, station, actor, "
		"detail, or the customer's name."),
	END
};
static const struct param p_call_one[] = {CALL_OR_ONLY, END};
static const struct param p_call_check[] = {
	TEXT("number", 64, "The number, as typed.", NEEDED),
	ID("customer_id", "The customer who is meant."),
	END
};
static const struct param p_call_conference_add[] = {
	TEXT("to", 64, "Whom to dial and add: a number, or a user's login or a station's name."),
	ID("with", "A second call that is up, instead of dialling."),
	ID("call", "The call that they are added to; without it the conference, or the agent's only call that fits."),
	GATED,
	INT("timeout", 1, 300, "Seconds to wait for an answer, instead of the tenant's figure."),
	END
};
static const struct param p_call_conference_drop[] = {ID("call", "The party's call.", NEEDED), END};
static const struct param p_call_conference_end[] = {
	CHOICE("how", "transfer|end", "transfer: the others go on with each other; end: everybody is hung up.", NEEDED),
	END
};
static const struct param p_call_dial[] = {
	TEXT("number", 64, "The number, as typed; or the login or station of an agent who is logged in: an internal "
		"call.", NEEDED),
	GATED,
	TEXT("play", PATH_BYTES, "WAV file that is sent instead of the microphone."),
	INT("hangup_after", 1, 86400, "Seconds after the answer at which the call is ended."),
	INT("timeout", 1, 300, "Seconds to wait for an answer, instead of the tenant's figure."),
	BOOL("record", "False: this call is not recorded, whatever the tenant's setting."),
	END
};
static const struct param p_call_dtmf[] = {
	TEXT("digits", 64, "Digits to send: 0-9, *, #, A-D.", NEEDED),
	CALL_OR_ONLY,
	END
};
static const struct param p_call_redial[] = {
	ID("call", "The agent's call that is made again; without it the last one that he placed or answered."),
	TEXT("ack", 128, "The one-use token of a decision that needs acknowledgement."),
	{.name = "acknowledge", .type = PARAM_TEXTS, .max = 64, .help = "Codes of the warnings that are acknowledged."},
	END
};
static const struct param p_call_reject[] = {
	INT("code", 400, 699, "SIP status to refuse with; 486 (busy) by default."),
	CALL_OR_ONLY,
	END
};
static const struct param p_call_show[] = {ID("call", "The call's id.", NEEDED), END};
static const struct param p_call_transfer[] = {
	TEXT("to", 64, "Whom the far end goes on with: a number, or a user's login or a station's name.", NEEDED),
	CALL_OR_ONLY,
	BOOL("attended",
		"Joins the far ends of two calls: with a call to them that is up, or one that is dialled first."),
	BOOL("consult", "Only dials them, with the call on hold; the transfer follows with attended."),
	GATED,
	INT("timeout", 1, 300, "Seconds to wait for an answer, instead of the tenant's figure."),
	END
};
static const struct param p_customer_add[] = {
	TEXT("name", 200, "The customer's name.", NEEDED),
	PHONES(NEEDED),
	CUSTOMER_FLAGS,
	REASON("Why the flags are set, for the audit."),
	END
};
static const struct param p_customer_list[] = {
	TEXT("phone", 64, "Only customers who have this number."),
	TEXT("search", 100, "Only customers whose name or external id holds this text."),
	END
};
static const struct param p_customer_rm[] = {
	ID("id", "The customer's id.", NEEDED),
	REASON("Why the customer is removed, for the audit.", NEEDED),
	END
};
static const struct param p_customer_set[] = {
	ID("id", "The customer's id.", NEEDED),
	TEXT("name", 200, "The customer's name."),
	PHONES(),
	CUSTOMER_FLAGS,
	REASON("Why, for the audit; required when a flag, the status, the date or the cap changes."),
	END
};
static const struct param p_customer_show[] = {
	ID("id", "The customer's id."),
	TEXT("phone", 64, "A number of the customer."),
	TEXT("external_id", 128, "The customer's id in another system."),
	END
};
static const struct param p_db_backup[] = {
	TEXT("path", PATH_BYTES, "Absolute path of the file to write; it must not exist.", NEEDED),
	END
};
static const struct param p_dispo_add[] = {
	TEXT("code", 64, "The code: small letters, digits, \"_\" and \"-\".", NEEDED),
	TEXT("label", 100, "What agents see.", NEEDED),
	INT("position", 1, 1000, "Place in the list; at its end by default."),
	END
};
static const struct param p_dispo_rm[] = {TEXT("code", 64, "The code.", NEEDED), END};
static const struct param p_dispo_save[] = {
	TEXT("code", 64, "The disposition's code.", NEEDED),
	{.name = "notes", .type = PARAM_TEXT, .max = 16384, .help = "Notes on the call.", .clears = true,
		.lines = true},
	ID("call", "The call's id; without it the agent's oldest call that owes a disposition."),
	END
};
static const struct param p_dispo_set[] = {
	TEXT("code", 64, "The code.", NEEDED),
	TEXT("label", 100, "What agents see."),
	INT("position", 1, 1000, "Place in the list."),
	TEXT("new_code", 64, "A new code; refused once a call has the old one."),
	BOOL("retired", "Whether agents can no longer choose it."),
	END
};
static const struct param p_doctor_run[] = {
	NAME("station", "Only this station; it is registered for a test unless somebody sits at it."),
	BOOL("register", "Register each station that nobody sits at for a test."),
	BOOL("trace", "Give the SIP messages of these registrations, secrets masked."),
	END
};
static const struct param p_engine_log[] = {
	CHOICE("level", "error|warn|info|debug", "The most that is logged from now on, until the engine ends."),
	CHOICE("area", LOG_AREAS, "Only of this area; without it of all."),
	END
};
static const struct param p_hello[] = {
	INT("version", 1, 1000, "The protocol's version: 1.", NEEDED),
	TEXT("client", 64, "The client's name.", NEEDED),
	END
};
static const struct param p_history_list[] = {
	NAME("user", "Only calls of this user."),
	ID("customer_id", "Only calls with this customer."),
	TIME("since", "Only calls that started at this time or later."),
	TIME("until", "Only calls that started before this time."),
	BOOL("owed", "Only calls that owe a disposition (true) or do not (false)."),
	BOOL("newest", "The newest call first."),
	TEXT("number", 64, "Only calls with this number, as typed; of internal calls a login."),
	TEXT("disposition", 64, "Only calls with this disposition's code."),
	TEXT("cause", 32, "Only calls that ended for this cause."),
	CHOICE("direction", "outbound|inbound|internal", "Only calls of this direction."),
	NAME("station", "Only calls of this station."),
	TEXT("search", 100, "Only calls in which this text occurs: number, notes, disposition (its code or label), "
		"cause, user, station, or the customer's name."),
	END
};
static const struct param p_history_quality[] = {
	TIME("since", "Only calls that were answered at this time or later."),
	TIME("until", "Only calls that were answered before this time."),
	NAME("station", "Only calls of this station."),
	NAME("user", "Only calls of this user."),
	END
};
static const struct param p_history_recording[] = {
	ID("call", "The call's id.", NEEDED),
	INT("part", 1, 10000,
		"Which part, where the sound process had to be started again during the call; 1 by default."),
	INT("offset", 0, INT64_MAX, "The byte of the file to go on from; 0 by default."),
	END
};
static const struct param p_recording_list[] = {
	ID("call", "Only those of this call."),
	TIME("since", "Only those that began at this time or later."),
	TIME("until", "Only those that began before this time."),
	END
};
static const struct param p_recording_play[] = {
	ID("call", "The call's id.", NEEDED),
	INT("part", 1, 10000, "Which part, of a call whose recording has several; 1 by default."),
	END
};
static const struct param p_session_dnd[] = {
	{.name = "on", .type = PARAM_BOOL, .help = "Whether calls are refused with the tenant's busy_code.",
		.required = true},
	END
};
static const struct param p_session_kick[] = {
	NAME("user", "The user to log out.", NEEDED),
	REASON("Why, for the audit."),
	END
};
static const struct param p_session_login[] = {
	NAME("user", "The user's login.", NEEDED),
	NAME("station", "The station's name.", NEEDED),
	PASSWORD("The user's password; not needed by the user's own system account or an admin."),
	BOOL("take_over", "Move a session that is at another station here."),
	END
};
static const struct param p_session_logout[] = {NAME("user", "The user's login; without it one's own session."), END};
static const struct param p_session_pause[] = {REASON("What the agent does meanwhile.", NEEDED), END};
static const struct param p_station_add[] = {
	NAME("name", "The station's name, unique in the tenant.", NEEDED),
	TEXT("did", 64, "The number that calls from it show.", NEEDED),
	TEXT("sip_uri", 255, "Its SIP address, sip:USER@HOST[:PORT].", NEEDED),
	STATION_SETTINGS,
	END
};
static const struct param p_station_one[] = {NAME("name", "The station's name.", NEEDED), END};
static const struct param p_station_set[] = {
	NAME("name", "The station's name.", NEEDED),
	TEXT("did", 64, "The number that calls from it show."),
	TEXT("sip_uri", 255, "Its SIP address, sip:USER@HOST[:PORT]."),
	STATION_SETTINGS,
	END
};
static const struct param p_team_add[] = {
	NAME("name", "The team's name, as stations name it.", NEEDED),
	TEXT("did", 64, "The number that its calls show.", NEEDED),
	END
};
static const struct param p_team_one[] = {NAME("name", "The team's name.", NEEDED), END};
static const struct param p_team_set[] = {
	NAME("name", "The team's name.", NEEDED),
	TEXT("did", 64, "The number that its calls show."),
	END
};
static const struct param p_tenant_add[] = {
	NAME("name", "The tenant's name.", NEEDED),
	TENANT_SETTINGS,
	END
};
static const struct param p_tenant_set[] = {
	NAME("name", "A new name for the tenant."),
	TENANT_SETTINGS,
	END
};
static const struct param p_user_add[] = {
	NAME("login", "The login, unique in the tenant.", NEEDED),
	OPTION("name", 200, "The user's full name."),
	CHOICE("role", "agent|supervisor|admin", "What the user may do; agent by default."),
	OPTION("os_user", 64, "The system account that is this user without a password."),
	PASSWORD("The password to log in with."),
	END
};
static const struct param p_user_one[] = {NAME("login", "The user's login.", NEEDED), END};
static const struct param p_user_set[] = {
	NAME("login", "The user's login.", NEEDED),
	OPTION("name", 200, "The user's full name."),
	CHOICE("role", "agent|supervisor|admin", "What the user may do."),
	OPTION("os_user", 64, "The system account that is this user without a password."),
	PASSWORD("A new password; empty: none, so that only the system account can log in.", .clears = true),
	END
};

static const struct param p_events_subscribe[] = {
	BOOL("levels", "Whether call.level comes, too, for one's own calls."),
	END
};
static const struct param p_sound_use[] = {TEXT("device", 127, "Its name in sound.list.", NEEDED), END};
static const struct param p_sound_test[] = {
	CHOICE("kind", "tone|echo",
		"A tone for a second, which is the default; or what is said for three seconds, played back."),
	END
};
static const struct param p_sound_set[] = {
	BOOL("noise_suppression", "Whether noise is taken from the microphone's sound."),
	BOOL("gain_control", "Whether a quiet voice is raised."),
	BOOL("echo_cancellation", "Whether the speaker's echo is taken from the microphone's sound."),
	END
};

/* ---- the methods ---- */

#define ONE_CONFERENCE "The conference: {id, where, calls, participants: [{party, name, call_id, joined_at, left_at}]}."

enum { T = METHOD_TENANT, AS = METHOD_TENANT | METHOD_AS, LIST = METHOD_TENANT | METHOD_LIST,
       CHANGE = METHOD_TENANT | METHOD_DRY_RUN };

#define ONE_CALL "The call."
#define ONE_SESSION "The session: {id, user, station, did, state, since, registered, registration, call_id, " \
	"calls, paused_reason, dnd, owed, wrap_up}."
#define ONE_TENANT "The tenant: {id, name, timezone, acw_seconds, hours, max_call_hours, max_calls_per_week, " \
	"country, ring_seconds, unknown_customer, record, announce, announcement, record_required, " \
	"record_pause_seconds, retention_days, internal_disposition, busy_code, one_way_seconds, " \
	"agent_states, created_at}."
#define ONE_USER "The user: {id, login, name, role, os_user, has_password, created_at}."
#define ONE_STATION "The station: {id, name, did, sip_uri, auth_user, has_password, transport, tls_ca, media_enc, " \
	"codecs, register, outbound_proxy, dial_prefix, conference_uri, location, team, record, hold, hold_music, " \
	"dtmf, caller_id, nat, nat_server, nat_user, has_nat_password, tls_verify, tls_cert, registrars, intercom, " \
	"voicemail_code, sound_device, noise_suppression, gain_control, echo_cancellation, in_use_by, created_at}."
#define ONE_SOUND "The station's sound: {station, sound_device, noise_suppression, gain_control, echo_cancellation"
#define ONE_TEAM "The team: {id, name, did, stations, created_at}; stations: how many name it."
#define ONE_CUSTOMER "The customer: {id, name, external_id, phones, timezone, state, postcode, do_not_call, " \
	"cease_and_desist, attorney_represented, bankruptcy_filed, collections_status, sol_date, max_calls_per_week, " \
	"calls_this_week, created_at, updated_at}."
#define ONE_DISPO "The disposition: {id, code, label, position, retired}."

const struct method methods[] = {
	{"audit.export", "Gives the audit's rows as their hashes cover them.", NULL, LIST,
		"A page of rows: {id, tenant_id, at, event, severity, reason_code, forced, user_id, actor, station_id, "
		"customer_id, number, call_id, detail, hash, keyed}."},
	{"audit.list", "Lists the compliance audit.", p_audit_list, LIST,
		"A page of rows: {id, at, event, severity, reason_code, forced, user, actor, station, customer_id, "
		"number, call_id, detail, hash}."},
	{"audit.verify", "Checks the audit's chain of hashes from its first row to its sealed head.", p_audit_verify, T,
		"{rows, intact, first_bad, problem, unkeyed_rows, last_id, last_hash}: problem is a sentence or null, "
		"unkeyed_rows how many rows are from before the hashes had a key.  Of rows {rows, intact, problem, "
		"faults: [{id, text}], follows, earlier_rows, later_rows}: how many rows of the log stand before the "
		"first of them and behind the last."},
	{"call.answer", "Answers an incoming call.", p_call_one, AS, ONE_CALL},
	{"call.check", "Asks the gate about a number, and dials nothing.", p_call_check, AS | METHOD_ANYBODY,
		"The decision: {decision, number, customer_id, reasons: [{code, severity, authority, message, "
		"customer_id}], ack_token}."},
	{"call.conference_add", "Adds somebody to a call: all hear each other.", p_call_conference_add, AS,
		ONE_CONFERENCE},
	{"call.conference_drop", "Hangs up one party of a conference.", p_call_conference_drop, AS, ONE_CALL},
	{"call.conference_end", "Leaves a conference, or ends it.", p_call_conference_end, AS, ONE_CONFERENCE},
	{"call.conference_show", "Shows the agent's conference.", NULL, AS, ONE_CONFERENCE},
	{"call.dial", "Dials a number, when the gate allows it.", p_call_dial, AS,
		"The call; when blocked or in need of acknowledgement an error whose data is the decision."},
	{"call.dtmf", "Sends digits into a call.", p_call_dtmf, AS, ONE_CALL},
	{"call.hangup", "Ends a call.", p_call_one, AS, ONE_CALL},
	{"call.hold", "Puts a call on hold.", p_call_one, AS, ONE_CALL},
	{"call.list", "Lists the calls in progress.", NULL, LIST, "A page of calls."},
	{"call.mute", "Sends silence into a call instead of the microphone.", p_call_one, AS, ONE_CALL},
	{"call.record_pause",
		"Writes silence into a call's recording until it is resumed, or the tenant's limit is over.",
		p_call_one, AS, ONE_CALL},
	{"call.record_resume", "Lets a paused recording go on.", p_call_one, AS, ONE_CALL},
	{"call.redial", "Calls the number of an earlier call again, when the gate allows it; in wrap-up as well, and "
		"then both calls owe a disposition.", p_call_redial, AS, "As call.dial."},
	{"call.reject", "Refuses an incoming call.", p_call_reject, AS, ONE_CALL},
	{"call.resume", "Takes a call back from hold.", p_call_one, AS, ONE_CALL},
	{"call.show", "Shows a call, in progress or ended.", p_call_show, T,
		"The call: {id, direction, placed, number, customer_id, user, station, did, state, forced, muted, "
		"transfer, ends_at, started_at, answered_at, "
		"ended_at, talk_seconds, cause, sip_code, sip_reason, encrypted, codec, disposition, disposition_by, "
		"notes, acw_started_at, acw_ended_at, acw_seconds, transferred_to, consults, redial_of, conference, "
		"recordings: [{path, started_at, ended_at, sha256, size_bytes, pruned_at}], recording (while it is up: "
		"recording, paused, off or failed), participants: [{party, name, call_id, joined_at, left_at}], "
		"quality: {mos, mos_low, loss_pct, loss_out_pct, jitter_ms, rtt_ms, one_way}}: of a call that is up "
		"the last five seconds, else the whole call.  What could not be measured is null, quality itself for a "
		"call that was never up."},
	{"call.swap", "Makes a held call the active one, and holds the one that was.", p_call_one, AS, ONE_CALL},
	{"call.transfer", "Sends the far end of a call on to somebody else; the gate decides about a number.",
		p_call_transfer, AS, "The call, once it has gone; not_answered when it is still the agent's."},
	{"call.unmute", "Sends the microphone into a call again.", p_call_one, AS, ONE_CALL},
	{"call.voicemail", "Sends an incoming call to voicemail: refuses it with the station's voicemail_code.",
		p_call_one, AS, ONE_CALL},
	{"customer.add", "Adds a customer.", p_customer_add, CHANGE, ONE_CUSTOMER},
	{"customer.list", "Lists customers.", p_customer_list, LIST, "A page of customers."},
	{"customer.rm", "Removes a customer; calls and audit rows stay.", p_customer_rm, CHANGE, "{removed}."},
	{"customer.set", "Changes a customer; every changed flag leaves a row in the audit.", p_customer_set, CHANGE,
		ONE_CUSTOMER},
	{"customer.show", "Shows the customer with this id, number or external id.", p_customer_show, T, ONE_CUSTOMER},
	{"db.backup", "Writes a copy of the database while the engine runs.", p_db_backup, METHOD_MACHINE,
		"{path, size_bytes}."},
	{"db.init", "Makes the database where there is none.", NULL, METHOD_MACHINE, "As db.status."},
	{"db.migrate", "Brings the database to this engine's schema.", NULL, METHOD_DRY_RUN | METHOD_MACHINE,
		"As db.status."},
	{"db.status", "Tells about the database.", NULL, 0, "{path, schema, newest, size_bytes}."},
	{"dispo.add", "Adds a disposition.", p_dispo_add, CHANGE, ONE_DISPO},
	{"dispo.list", "Lists dispositions in their order.", NULL, LIST, "A page of dispositions."},
	{"dispo.rm", "Removes a disposition that no call has; one in use can only be retired.", p_dispo_rm, CHANGE,
		"{removed}."},
	{"dispo.save", "Saves a call's disposition, once and for all.", p_dispo_save, AS, ONE_CALL},
	{"dispo.set", "Changes or retires a disposition.", p_dispo_set, CHANGE, ONE_DISPO},
	{"doctor.run", "Looks for what is wrong with this installation.", p_doctor_run, T,
		"{findings: [{area, level, text, fix}]}: level is ok, warning or error; fix says what to do, or is "
		"null. A registration that was tried has trace: [{at, sent, peer, transport, text}] where that was "
		"asked for."},
	{"engine.log", "Shows or changes what the engine logs.", p_engine_log, METHOD_MACHINE,
		"{level, areas}: areas has those with a level of their own."},
	{"engine.status", "Tells about the engine.", NULL, 0,
		"{version, pid, private, home, uptime_seconds, sessions, clients}."},
	{"engine.stop", "Stops the engine; every call is ended.", NULL, METHOD_MACHINE, "{}, then the engine leaves."},
	{"events.subscribe", "Turns events on for this connection.", p_events_subscribe, METHOD_TENANT,
		"{}, then events."},
	{"hello", "Begins a connection; nothing else is answered before.", p_hello, 0,
		"{version, engine, private, user, role}."},
	{"history.list", "Lists calls.", p_history_list, LIST, "A page of calls."},
	{"history.quality", "Sums up how calls sounded, by day and station.", p_history_quality, LIST,
		"A page of {id, day, station, calls, mos, mos_low, loss_pct, jitter_ms, rtt_ms, one_way_calls}: calls "
		"that were answered on that day of the tenant's time zone, the mean of their scores, the lowest, and "
		"of how many nothing was heard for some time."},
	{"history.recording", "Gives a call's recording, piece by piece, from its first byte on.", p_history_recording,
		T,
		"{call_id, part, parts, started_at, size, sha256, data, next}: data is up to 512 KiB of the FLAC file "
		"in base64, next the offset to go on from or null, size and sha256 those of the whole file."},
	{"history.show", "Shows a call, in progress or ended.", p_call_show, T,
		"The call; for supervisors with audit: [{id, at, event, severity, reason_code, forced, actor, "
		"detail}], its rows of the audit log, the gate's decision among them."},
	{"key.init", "Makes the key file where there is none.", NULL, METHOD_MACHINE, "As key.status."},
	{"key.rotate", "Makes a new key and seals every secret anew.", NULL, METHOD_MACHINE, "As key.status."},
	{"key.status", "Tells about the keys, never what they are.", NULL, 0, "{path, keys, newest, sealed}."},
	{"recording.list", "Lists recordings, with those whose files are gone by retention.", p_recording_list, LIST,
		"A page of recordings: {id, call_id, user, path, started_at, ended_at, size_bytes, sha256, "
		"pruned_at}."},
	{"recording.play",
		"Plays a recording on the sound card of the agent's station; recording.played tells its end.",
		p_recording_play, AS, "{}, once it plays."},
	{"recording.prune", "Deletes the files of recordings that are past the tenant's retention.", NULL, CHANGE,
		"{pruned, bytes, failed, before}: of calls that ended before that time."},
	{"recording.stop", "Stops what recording.play plays.", NULL, AS, "{}."},
	{"recording.verify", "Holds every recording against its digest.", NULL, T,
		"{files, wrong, faults: [{call_id, text}]}, at most 1000 faults."},
	{"session.dnd", "Lets no call ring, or lets calls ring again; kept until the agent logs out.", p_session_dnd,
		AS, ONE_SESSION},
	{"session.kick", "Logs another user out.", p_session_kick, T, ONE_SESSION},
	{"session.list", "Lists who is logged in.", NULL, LIST, "A page of sessions."},
	{"session.login", "Logs a user in at a station.", p_session_login, T, ONE_SESSION},
	{"session.logout", "Logs a user out.", p_session_logout, T, ONE_SESSION},
	{"session.pause", "Takes an agent out of the ready state.", p_session_pause, AS, ONE_SESSION},
	{"session.ready", "Makes an agent ready.", NULL, AS, ONE_SESSION},
	{"session.show", "Shows an agent's session.", NULL, AS, ONE_SESSION},
	{"sound.list", "Lists the sound cards of the engine's machine.", NULL, LIST,
		"A page of all of them: {name, text, capture, playback}; \"auto\" comes first, \"none\" last."},
	{"sound.set", "Sets what is done to the microphone of the agent's station, from now on.", p_sound_set,
		AS | METHOD_DRY_RUN, ONE_SOUND "}."},
	{"sound.test", "Tests the sound card of the agent's station, while there is no call.", p_sound_test, AS,
		"When it is over {device, kind, peak_dbfs}: the microphone's peak, 0 is full scale, -90 silence."},
	{"sound.use", "Makes the agent's station use another sound card, at once, in a call or not.", p_sound_use, AS,
		ONE_SOUND ", state, text}: ok, none or lost, and a sentence."},
	{"station.add", "Adds a station: a SIP account that an agent sits at.", p_station_add, CHANGE, ONE_STATION},
	{"station.list", "Lists stations.", NULL, LIST, "A page of stations."},
	{"station.rm", "Removes a station that nobody sits at.", p_station_one, CHANGE, "{removed}."},
	{"station.set", "Changes a station; what is not given stays.", p_station_set, CHANGE, ONE_STATION},
	{"station.show", "Shows a station.", p_station_one, T, ONE_STATION},
	{"station.test", "Registers a station once and tells how it went.", p_station_one, T, "{registered}."},
	{"team.add", "Adds a team: its number is what calls from its stations show.", p_team_add, CHANGE, ONE_TEAM},
	{"team.list", "Lists teams.", NULL, LIST, "A page of teams."},
	{"team.rm", "Removes a team that no station names.", p_team_one, CHANGE, "{removed}."},
	{"team.set", "Changes a team's number, from the next call on.", p_team_set, CHANGE, ONE_TEAM},
	{"team.show", "Shows a team.", p_team_one, T, ONE_TEAM},
	{"tenant.add", "Adds a tenant.", p_tenant_add, METHOD_DRY_RUN, ONE_TENANT},
	{"tenant.list", "Lists tenants.", NULL, METHOD_LIST, "A page of tenants."},
	{"tenant.set", "Changes the tenant; what is not given stays.", p_tenant_set, CHANGE, ONE_TENANT},
	{"tenant.show", "Shows the tenant.", NULL, T, ONE_TENANT},
	{"user.add", "Adds a user.", p_user_add, CHANGE, ONE_USER},
	{"user.list", "Lists users.", NULL, LIST, "A page of users."},
	{"user.rm", "Removes a user who is not logged in; calls and audit rows stay.", p_user_one, CHANGE,
		"{removed}."},
	{"user.set", "Changes a user; what is not given stays.", p_user_set, CHANGE, ONE_USER},
	{"user.show", "Shows a user.", p_user_one, T, ONE_USER},
	{.name = NULL}
};

enum { METHODS = sizeof methods / sizeof methods[0] - 1 };

const struct event_kind event_kinds[] = {
	{"audit.added", "A row was added to the audit; data is the row, as audit.list gives it."},
	{"call.changed", "A call began, changed or ended; data is the call."},
	{"call.level", "How loud a call of one's own is, ten times a second, for whom events.subscribe has levels; "
		"data is {id, sent, heard}, dB of which 0 is a full-scale sine and -90 silence."},
	{"engine.stopping", "The engine is about to leave; data is {}."},
	{"notice", "Something that people at the screen should know; data is {level, text}."},
	{"recording.played", "What recording.play played has ended; data is {user}."},
	{"session.changed", "A session began, changed or ended; data is the session. One that somebody else has ended "
		"has ended: {by, reason, now_at}."},
	{.name = NULL}
};

static int compare_name(const void *name, const void *method)
{
	return strcmp(name, ((const struct method *)method)->name);
}

const struct method *method_find(const char *name)
{
	return bsearch(name, methods, METHODS, sizeof methods[0], compare_name);
}

const struct param *method_param(const struct method *method, const char *name)
{
	for (const struct param *p = method->params; p && p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	for (size_t i = 0; method_common[i].name; i++)
		if ((method->flags & common_flags[i]) && strcmp(method_common[i].name, name) == 0)
			return &method_common[i];
	return NULL;
}
