/* doctor_phone.c - baresip with our module and guard inside, and the ports that it is to use. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "../base/conf.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "child.h"
#include "doctor.h"
#include "phone_config.h"

static const char install_baresip[] = "Install Debian's package baresip-core.";
static const char install_spctl[] = "Install spctl anew: its own files belong together.";

/* ---- modules ---------------------------------------------------------------------------------------------------- */

/* What stations can be set to, and the modules that have it. */
static const struct { const char *module, *what;
} modules[] = {
	{"g711", "codecs PCMU and PCMA"},
	{"g722", "codec G722"},
	{"opus", "codec opus"},
	{"alsa", "sound"},
	{"srtp", "encryption sdes"},
	{"dtls_srtp", "encryption dtls"},
	{"stun", "STUN"},
	{"turn", "TURN"},
	{"ice", "ICE"},
};

static void say_needed(struct doctor *doctor, const struct station *station)
{
	if (phone_needs(station, doctor->module))
		doctor_say(doctor, DOCTOR_BARESIP, DOCTOR_ERROR, install_baresip,
			"baresip's module %s is missing in %s: station %s needs it",
			doctor->module, phone_module_folder(), station->name);
}

static bool modules_there(struct doctor *doctor)
{
	const size_t before = json_array_size(doctor->findings);

	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		char *path = xasprintf("%s/%s.so", phone_module_folder(), modules[i].module);
		const size_t said = json_array_size(doctor->findings);

		doctor->module = modules[i].module;
		if (access(path, R_OK))
			doctor_each_station(doctor, say_needed);
		if (access(path, R_OK) && json_array_size(doctor->findings) == said)
			doctor_say(doctor, DOCTOR_BARESIP, DOCTOR_WARNING, install_baresip,
				"baresip's module %s is missing in %s: no station can use %s", modules[i].module,
				phone_module_folder(), modules[i].what);
		free(path);
	}
	return json_array_size(doctor->findings) == before;
}

/* ---- a phone that says "ready" and ends -------------------------------------------------------------------------- */

struct probe {
	struct doctor *doctor;
	struct child *child;
	struct event *limit;
	char folder[PHONE_FOLDER_SIZE];
	char version[32];
};

enum { PROBE_SECONDS = 10 };

static void probe_free(void *arg)
{
	struct probe *probe = arg;
	struct doctor *doctor = probe->doctor;

	phone_folder_remove(probe->folder);
	event_free(probe->limit);
	free(probe);
	doctor_done(doctor);
}

static void on_event(void *arg, const char *event, const json_t *message)
{
	struct probe *probe = arg;
	const char *version = json_string_value(json_object_get(message, "baresip"));

	if (strcmp(event, "ready") || probe->version[0])
		return;
	str_copy(probe->version, sizeof(probe->version), version ? version : "?");
	if (modules_there(probe->doctor))
		doctor_say(probe->doctor, DOCTOR_BARESIP, DOCTOR_OK, NULL,
			"baresip %s runs with spctl.so and guard.so, and has all modules", probe->version);
	child_end(probe->child, probe_free, probe);
}

static void on_gone(void *arg, const char *why)
{
	struct probe *probe = arg;

	doctor_say(probe->doctor, DOCTOR_BARESIP, DOCTOR_ERROR, install_spctl, "baresip does not start: %s", why);
	probe_free(probe);
}

static void on_limit(evutil_socket_t fd, short what, void *arg)
{
	struct probe *probe = arg;

	(void)fd;
	(void)what;
	if (probe->version[0])
		return;                             /* it is ending */
	doctor_say(probe->doctor, DOCTOR_BARESIP, DOCTOR_ERROR, install_spctl, "baresip is not ready after %d seconds",
		PROBE_SECONDS);
	child_end(probe->child, probe_free, probe);
}

static int start_probe(struct probe *probe, struct err *err)
{
	static const struct child_kind kind = {"doctor", on_event, on_gone};
	const struct station station = {
		.name = "doctor", .transport = "udp", .media_enc = "none", .nat = "none", .tls_verify = true};
	const struct route route = {.local = "127.0.0.1"};
	const char *argv[] = {"baresip", "-f", probe->folder, NULL};
	char **env = phone_env(NULL, err);
	int status = env ? phone_folder_make(probe->doctor->engine, &station, &route, probe->folder, err) : ERR_CONFIG;

	if (!status)
		status = child_start(
			&probe->child, probe->doctor->engine->loop, &kind, probe, argv, (const char *const *)env, err);
	phone_env_free(env);
	return status;
}

void doctor_baresip(struct doctor *doctor)
{
	const struct timeval limit = {.tv_sec = PROBE_SECONDS};
	struct probe *probe = xcalloc(1, sizeof(*probe));
	struct err err = {0};

	probe->doctor = doctor;
	probe->limit = evtimer_new(doctor->engine->loop, on_limit, probe);
	doctor_wait(doctor);
	if (start_probe(probe, &err) < 0) {
		doctor_say(doctor, DOCTOR_BARESIP, DOCTOR_ERROR,
			err.code == ERR_CONFIG ? install_spctl : install_baresip, "%s", err.text);
		probe_free(probe);
		return;
	}
	evtimer_add(probe->limit, &limit);
}

/* ---- ports ------------------------------------------------------------------------------------------------------ */

enum { PORTS_TRIED = 64, PORTS_OF_A_CALL = 2, CALLS_WANTED = 8 };

/* 0, or why a UDP socket cannot be bound there (errno). */
static int cannot_bind(const char *address, int port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	const bool v4 = inet_pton(AF_INET, address, &in.sin_addr) == 1,
		   v6 = inet_pton(AF_INET6, address, &in6.sin6_addr) == 1;
	const int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int why = fd < 0 || !(v4 || v6) ? EINVAL : 0;

	if (!why && bind(fd, v4 ? (struct sockaddr *)&in : (struct sockaddr *)&in6, v4 ? sizeof(in) : sizeof(in6)))
		why = errno;
	if (fd >= 0)
		close(fd);
	return why;
}

static void look_at_range(struct doctor *doctor, const char *address, const char *range, int first, int last)
{
	const int pairs = (last - first + 1) / PORTS_OF_A_CALL, step = pairs > PORTS_TRIED ? pairs / PORTS_TRIED : 1;
	int tried = 0, taken = 0;

	for (int i = 0; i < pairs && tried < PORTS_TRIED; i += step, tried++)
		taken += cannot_bind(address, first + i * PORTS_OF_A_CALL) != 0;
	if (pairs < CALLS_WANTED)
		doctor_say(doctor, DOCTOR_PORTS, DOCTOR_WARNING,
			"Widen sip.rtp_ports: two ports for each call of each station.",
			"sip.rtp_ports = %s has room for %d calls", range, pairs);
	else if (taken == tried)
		doctor_say(doctor, DOCTOR_PORTS, DOCTOR_ERROR,
			"Choose another range for sip.rtp_ports, or end what uses it.",
			"none of the ports %s can be bound", range);
	else
		doctor_say(doctor, DOCTOR_PORTS, DOCTOR_OK, NULL, "ports %s can be bound (%d of %d tried are taken)",
			range, taken, tried);
}

void doctor_ports(struct doctor *doctor)
{
	const struct conf *conf = doctor->engine->conf;
	const char *address = conf_text(conf, "sip.address"), *range = conf_text(conf, "sip.rtp_ports");
	const char *bind_to = strcmp(address, "auto") ? address : "0.0.0.0", *dash = strchr(range, '-');
	char *start = xstrndup(range, strcspn(range, "-"));
	long long first = 0, last = 0;
	const int why = cannot_bind(bind_to, 0);

	if (why)
		doctor_say(doctor, DOCTOR_PORTS, DOCTOR_ERROR,
			"Set sip.address to an address of this machine, or to auto.",
			"sip.address = %s cannot be listened on: %s", address, strerror(why));
	else if (!str_int(start, 1, 65535, &first) || !dash || !str_int(dash + 1, first, 65535, &last))
		doctor_say(doctor, DOCTOR_PORTS, DOCTOR_ERROR, "Write FIRST-LAST, such as 16384-32767.",
			"sip.rtp_ports = %s is no range of ports", range);
	else
		look_at_range(doctor, bind_to, range, (int)first, (int)last);
	free(start);
}
