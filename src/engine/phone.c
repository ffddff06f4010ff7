/*
 * phone.c - one phone: process, line, registration, and starting anew.
 *
 * Its way: find the route to the PBX, make the folder, start baresip, wait for "ready", make the line, register.
 * Whatever fails on it is told to the owner and tried again later, but for what only a person can mend it keeps trying
 * just as well: the PBX may be back at any time.
 */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/conf.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "phone.h"
#include "phone_config.h"
#include "route.h"

enum { FIRST_PAUSE_MS = 200, LONGEST_PAUSE_MS = 30000, STEADY_MS = 60000, ROUTE_AGE_MS = 60000, LOOK_AGAIN_MS = 1000 };

enum step { STEP_PAUSE, STEP_ROUTE, STEP_START, STEP_LINE, STEP_REGISTER, STEP_USABLE };

struct phone {
	struct engine *engine;
	int64_t tenant_id, station_id;
	char *audio;
	const struct phone_hooks *hooks;
	void *arg;
	enum step step;
	struct station station;             /* without its password */
	struct route route;
	struct route_query *query;          /* of the start, or of the look whether our address is still the same */
	struct child *child;
	char folder[PHONE_FOLDER_SIZE];
	struct event *pause;
	int64_t pause_ms, started_ms;       /* the next pause; monotonic: of the process */
	int64_t looked_ms;                  /* monotonic: when the route was looked up last */
	char refusal[512];                  /* why it is not usable */
	bool traces;                        /* SIP messages are told */
	bool closing;                       /* the owner is not called any more */
};

static void begin(struct phone *);
static void start_over(struct phone *);

/* ---- trying again ----------------------------------------------------------------------------------------------- */

static void on_pause(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	begin(arg);
}

static void start_over(struct phone *phone)
{
	struct timeval wait;

	if (phone->started_ms && clock_mono_ms() - phone->started_ms > STEADY_MS)
		phone->pause_ms = FIRST_PAUSE_MS;
	phone->step = STEP_PAUSE;
	phone->started_ms = 0;
	wait = (struct timeval){.tv_sec = phone->pause_ms / 1000, .tv_usec = phone->pause_ms % 1000 * 1000};
	event_add(phone->pause, &wait);
	phone->pause_ms = phone->pause_ms * 2 < LONGEST_PAUSE_MS ? phone->pause_ms * 2 : LONGEST_PAUSE_MS;
}

/* The owner may close the phone in its hooks: whoever calls this, or usable(), does so last. */
static void refused(struct phone *phone, int code, const char *reason)
{
	if (code > 0)
		snprintf(phone->refusal, sizeof(phone->refusal), "%d %s", code, reason);
	else
		str_copy(phone->refusal, sizeof(phone->refusal), reason);
	if (!phone->closing)
		phone->hooks->refused(phone->arg, code, reason);
}

/* ---- the line --------------------------------------------------------------------------------------------------- */

static void usable(struct phone *phone)
{
	phone->step = STEP_USABLE;
	phone->refusal[0] = '\0';
	phone->hooks->usable(phone->arg);
}

static void on_register_order(void *arg, int64_t tag, const json_t *answer, const struct err *err)
{
	(void)tag;
	if (!answer)
		refused(arg, 0, err->text);
}

static void on_line_made(void *arg, int64_t tag, const json_t *answer, const struct err *err)
{
	struct phone *phone = arg;
	(void)tag;

	if (!answer) {
		refused(phone, 0, err->text);
		return;
	}
	if (!phone->station.registers) {
		usable(phone);
		return;
	}
	phone->step = STEP_REGISTER;
	child_do(phone->child, json_pack("{s:s, s:s}", "do", "register", "line", "line"), on_register_order, phone, 0);
}

static void make_line(struct phone *phone)
{
	struct station station = {0};
	struct err err = {0};
	const int status = station_load(phone->engine, phone->tenant_id, phone->station_id, true, &station, &err);

	phone->step = STEP_LINE;
	if (status < 0)
		refused(phone, err.code, err.text);
	else
		child_do(phone->child, phone_line(&station), on_line_made, phone, 0);
	station_wipe(&station);
}

/* ---- registration ----------------------------------------------------------------------------------------------- */

static const char *server_of(const struct station *station, struct sip_uri *uri)
{
	const char *first = station->registrars ? station->registrars :
			    station->outbound_proxy ? station->outbound_proxy : station->sip_uri;
	char text[HOST_SIZE + 64];

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(first, ","), first);
	return sip_uri_split(text, uri) ? uri->host : first;
}

/* The setting sip.address stands above what the kernel would choose. */
static int choose_local(const struct phone *phone, struct route *route, struct err *err)
{
	const char *wanted = conf_text(phone->engine->conf, "sip.address");

	if (err->code || !strcmp(wanted, "auto"))
		return err->code;
	if (!is_ip_address(wanted))
		return err_set(err, ERR_CONFIG, "sip.address: %s is neither auto nor an IP address", wanted);
	str_copy(route->local, sizeof(route->local), wanted);
	return 0;
}

/* Our address may have changed, as when a notebook changes networks: baresip stays on the one it was started with. */
static void on_route_again(void *arg, const struct route *found, const struct err *err)
{
	struct phone *phone = arg;
	struct route route = *found;
	struct err why = *err;

	phone->query = NULL;
	if (choose_local(phone, &route, &why) < 0)
		return;
	route_merge(&phone->route, &route);
	if (!strcmp(route.local, phone->route.local) || !phone->child || phone->hooks->busy(phone->arg))
		return;
	log_info("phone", "our address is now %s (was %s): starting anew", route.local, phone->route.local);
	child_end(phone->child, NULL, NULL);
	phone->child = NULL;
	phone_folder_remove(phone->folder);
	phone->pause_ms = FIRST_PAUSE_MS;
	phone->started_ms = 0;
	start_over(phone);
}

/* The PBX may have moved as well: who may call us is known by its addresses. */
static void look_again(struct phone *phone)
{
	struct sip_uri server;

	if (phone->query)
		return;
	phone->looked_ms = clock_mono_ms();
	phone->query = route_find(phone->engine->loop, server_of(&phone->station, &server), on_route_again, phone);
}

static void on_register_failed(struct phone *phone, const json_t *message)
{
	const int code = (int)json_integer_value(json_object_get(message, "code"));
	const char *reason = json_string_value(json_object_get(message, "reason"));
	const char *tls = json_string_value(json_object_get(message, "tls"));
	char text[384];

	phone->step = STEP_REGISTER;
	if (!code)
		look_again(phone);
	if (tls && (str_starts(tls, "the server ") || str_starts(tls, "TLS failed")))
		str_copy(text, sizeof(text), tls);
	else if (tls && *tls)
		snprintf(text, sizeof(text), "the server's certificate is not accepted: %s", tls);
	else
		str_copy(text, sizeof(text), reason && *reason ? reason : "no answer");
	refused(phone, code, text);
}

/* All addresses that the line's servers may have, by DNS: who may call us. */
static void on_servers(struct phone *phone, const json_t *message)
{
	const json_t *address;
	size_t i;

	json_array_foreach(json_object_get(message, "addresses"), i, address)
		if (json_is_string(address) && is_ip_address(json_string_value(address)))
			route_add(&phone->route, json_string_value(address));
}

/* The phone follows its interface to a new address, with its calls. */
static void on_network(struct phone *phone, const json_t *message)
{
	const char *address = json_string_value(json_object_get(message, "address"));

	log_info("phone", "our address is now %s (was %s)", address ? address : "none", phone->route.local);
	if (address && is_ip_address(address))
		str_copy(phone->route.local, sizeof(phone->route.local), address);
}

static void on_event(void *arg, const char *event, const json_t *message)
{
	struct phone *phone = arg;

	if (!strcmp(event, "ready")) {
		if (phone->traces)
			child_do(phone->child, json_pack("{s:s, s:b}", "do", "trace", "on", 1), NULL, NULL, 0);
		make_line(phone);
	}
	else if (!strcmp(event, "registered")) {
		if (clock_mono_ms() - phone->looked_ms > ROUTE_AGE_MS)
			look_again(phone);
		usable(phone);
	}
	else if (!strcmp(event, "register_failed"))
		on_register_failed(phone, message);
	else if (!strcmp(event, "servers"))
		on_servers(phone, message);
	else if (!strcmp(event, "network"))
		on_network(phone, message);
	else
		phone->hooks->event(phone->arg, event, message);
}

/* ---- the process ------------------------------------------------------------------------------------------------ */

static void on_gone(void *arg, const char *why)
{
	struct phone *phone = arg;

	phone->child = NULL;
	phone_folder_remove(phone->folder);
	snprintf(phone->refusal, sizeof(phone->refusal), "the phone is being started again: %s", why);
	start_over(phone);
	phone->hooks->lost(phone->arg, why);
}

static const struct child_kind kind = {"phone", on_event, on_gone};

static int start_child(struct phone *phone, struct err *err)
{
	const char *argv[] = {"baresip", "-f", phone->folder, NULL};
	char **env = phone_env(phone->audio, err);
	int status = env ? phone_folder_make(phone->engine, &phone->station, &phone->route, phone->folder, err) :
			   ERR_CONFIG;

	if (!status) {
		status = child_start(
			&phone->child, phone->engine->loop, &kind, phone, argv, (const char *const *)env, err);
		if (status)
			phone_folder_remove(phone->folder);
	}
	phone_env_free(env);
	return status;
}

static void on_route(void *arg, const struct route *route, const struct err *err)
{
	struct phone *phone = arg;
	struct err why = *err;

	phone->query = NULL;
	phone->looked_ms = clock_mono_ms();
	phone->step = STEP_START;
	phone->route = *route;
	if (!choose_local(phone, &phone->route, &why) && !start_child(phone, &why)) {
		phone->started_ms = clock_mono_ms();
		return;
	}
	start_over(phone);
	refused(phone, why.code, why.text);
}

static void begin(struct phone *phone)
{
	struct err err = {0};
	struct sip_uri server;

	station_wipe(&phone->station);
	if (station_load(phone->engine, phone->tenant_id, phone->station_id, false, &phone->station, &err) < 0) {
		start_over(phone);
		refused(phone, err.code, err.text);
		return;
	}
	phone->step = STEP_ROUTE;
	route_cancel(phone->query);                     /* a look whether our address is still the same */
	phone->query = route_find(phone->engine->loop, server_of(&phone->station, &server), on_route, phone);
}

/* ---- for the owner ---------------------------------------------------------------------------------------------- */

struct phone *phone_open(struct engine *engine, int64_t tenant_id, int64_t station_id, const char *audio,
	const struct phone_hooks *hooks, void *arg)
{
	struct phone *phone = xcalloc(1, sizeof(*phone));
	const struct timeval at_once = {0};

	phone->engine = engine;
	phone->tenant_id = tenant_id;
	phone->station_id = station_id;
	phone->audio = xstrdup(audio);
	phone->hooks = hooks;
	phone->arg = arg;
	phone->pause_ms = FIRST_PAUSE_MS;
	phone->pause = evtimer_new(engine->loop, on_pause, phone);
	str_copy(phone->refusal, sizeof(phone->refusal), "the phone is being started");
	event_add(phone->pause, &at_once);
	return phone;
}

void phone_trace(struct phone *phone)
{
	phone->traces = true;
}

/* What is left of a phone while its process ends. */
struct leaving { char folder[PHONE_FOLDER_SIZE]; void (*ended)(void *); void *arg; };

static void on_left(void *arg)
{
	struct leaving *leaving = arg;

	phone_folder_remove(leaving->folder);
	if (leaving->ended)
		leaving->ended(leaving->arg);
	free(leaving);
}

void phone_close(struct phone *phone, void (*ended)(void *), void *ended_arg)
{
	struct leaving *leaving;

	phone->closing = true;
	route_cancel(phone->query);
	if (phone->child) {
		leaving = xcalloc(1, sizeof(*leaving));
		str_copy(leaving->folder, sizeof(leaving->folder), phone->folder);
		leaving->ended = ended;
		leaving->arg = ended_arg;
		child_end(phone->child, on_left, leaving);
	}
	else if (ended)
		ended(ended_arg);
	event_free(phone->pause);
	station_wipe(&phone->station);
	free(phone->audio);
	free(phone);
}

const char *phone_encryption(const struct phone *phone)
{
	const char *wanted = phone->station.media_enc;

	return wanted && strcmp(wanted, "none") ? wanted : NULL;
}

int phone_usable(const struct phone *phone, struct err *err)
{
	if (phone->step == STEP_USABLE)
		return 0;
	if (!phone->station.registers || !phone->child)
		return err_set(err, ERR_UNAVAILABLE, "the phone is not ready: %s", phone->refusal);
	return err_set(err, ERR_UNAVAILABLE, "station %s is not registered: %s", phone->station.name,
		       phone->refusal[0] ? phone->refusal : "the PBX has not answered yet");
}

int phone_do(struct phone *phone, json_t *command, child_answer_h *answered, int64_t tag, struct err *err)
{
	if (!phone->child) {
		json_decref(command);
		return err_set(err, ERR_UNAVAILABLE, "the phone is not ready: %s", phone->refusal);
	}
	child_do(phone->child, command, answered, phone->arg, tag);
	return 0;
}

bool phone_trusts(struct phone *phone, const char *address, const char *transport)
{
	if (!strcmp(phone->station.transport, "tls") && (!transport || strcmp(transport, "TLS")))
		return false;                           /* an address alone can be made up */
	if (route_knows(&phone->route, address))
		return true;
	if (!phone->route.count)
		log_warn("phone",
			"station %s: no address of its PBX is known, so that nobody who calls can be told to be it",
			phone->station.name);
	if (clock_mono_ms() - phone->looked_ms > LOOK_AGAIN_MS)
		look_again(phone);                      /* for the next one */
	return false;
}

bool phone_knows_pbx(const struct phone *phone)
{
	return phone->route.count > 0 || phone->step < STEP_LINE;
}

int phone_target(const struct phone *phone, const char *number, char *out, size_t size, struct err *err)
{
	const struct station *station = &phone->station;
	const char *prefix = station->dial_prefix && *station->dial_prefix ? station->dial_prefix : NULL;
	const char *place = prefix ? strstr(prefix, "%s") : NULL;
	struct sip_uri uri;
	char port[8] = "";
	int n;

	if (place)
		n = snprintf(out, size, "%.*s%s%s", (int)(place - prefix), prefix, number, place + 2);
	else {
		if (!sip_uri_split(station->sip_uri, &uri))
			return err_set(err, ERR_CONFIG, "sip_uri: %s is not sip:USER@HOST[:PORT]", station->sip_uri);
		if (uri.port)
			snprintf(port, sizeof(port), ":%d", uri.port);
		n = snprintf(
			out, size, strchr(uri.host, ':') ? "sip:%s@[%s]%s" : "sip:%s@%s%s", number, uri.host, port);
	}
	if (n < 0 || (size_t)n >= size)
		return err_set(err, ERR_CONFIG, "the address of %s is longer than %zu bytes", number, size - 1);
	return 0;
}
