/*
 * doctor_tls.c - the servers that stations reach by TLS: the CA file, and the certificate that the server presents.
 *
 * Stations of a floor mostly have one server.  What is the same for several is looked at once, beside the loop: a file
 * of all the CAs there are takes some milliseconds to read, and a server that is not there some seconds to find out.
 */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../crypto/certificate.h"
#include "../crypto/tls_look.h"
#include "doctor.h"
#include "route.h"
#include "work.h"

enum { TLS_PORT = 5061, DAY_MS = 86400000, SERVER_SOON_DAYS = 21, CA_SOON_DAYS = 30 };

static const char system_ca[] = "/etc/ssl/certs/ca-certificates.crt";

/* A server as some stations see it. */
struct doctor_server {
	struct doctor_server *next;
	struct doctor *doctor;
	char who[200];                      /* "station a", "station a and 12 others" */
	char *station;
	size_t others;
	char host[HOST_SIZE];
	int port;
	char *ca, *own;                     /* ca: as the station has it, or NULL */
	bool verify, first_of_ca;
	struct route route;
	struct err no_route;

	struct certificates cas;            /* what the thread found */
	struct err ca_err, err;
	struct tls_certificate found;
};

/* ---- which there are -------------------------------------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void add(struct doctor *doctor, const struct station *station, const struct sip_uri *uri)
{
	const int port = uri->port ? uri->port : TLS_PORT;
	struct doctor_server **at = &doctor->servers, *server;
	bool first_of_ca = true;

	for (; *at; at = &(*at)->next) {
		server = *at;
		first_of_ca &= !server->verify || !same(server->ca, station->tls_ca);
		if (!strcmp(server->host, uri->host) && server->port == port && same(server->ca, station->tls_ca) &&
		    same(server->own, station->tls_cert) && server->verify == station->tls_verify) {
			server->others += strcmp(server->station, station->name) != 0;
			return;
		}
	}
	*at = server = xcalloc(1, sizeof(*server));
	server->doctor = doctor;
	server->station = xstrdup(station->name);
	str_copy(server->host, sizeof(server->host), uri->host);
	server->port = port;
	server->ca = xstrdup(station->tls_ca);
	server->own = xstrdup(station->tls_cert);
	server->verify = station->tls_verify;
	server->first_of_ca = first_of_ca;
}

void doctor_tls_add(struct doctor *doctor, const struct station *station)
{
	const char *list = station->registrars ? station->registrars :
			   station->outbound_proxy ? station->outbound_proxy : station->sip_uri;
	struct sip_uri uri;

	for (const char *at = list; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		char *one = xstrndup(at, strcspn(at, ","));

		if (sip_uri_split(one, &uri))
			add(doctor, station, &uri);
		free(one);
	}
}

/* ---- beside the loop -------------------------------------------------------------------------------------------- */

static void look(void *arg, const atomic_bool *hurry)
{
	struct doctor_server *server = arg;
	const struct tls_order order = {.address = server->route.remote[0], .port = server->port, .host = server->host,
		.ca = server->ca ? server->ca : system_ca, .own = server->own};

	if (server->verify)
		certificates_read(order.ca, false, clock_now_ms(), &server->cas, &server->ca_err);
	if (!server->ca_err.code && server->route.count)
		tls_look(&order, hurry, clock_now_ms(), &server->found, &server->err);
}

/* ---- what is said of it ----------------------------------------------------------------------------------------- */

/* "in 12 days", "3 days ago"; of what is to come a day that has begun counts. */
static const char *days_text(int64_t ms, char out[40])
{
	const long long days = ms < -DAY_MS ? -ms / DAY_MS : ms < 0 ? 1 : (ms + DAY_MS - 1) / DAY_MS;

	snprintf(out, 40, ms < 0 ? "%lld day%s ago" : "in %lld day%s", days, days == 1 ? "" : "s");
	return out;
}

/* Fault is never said of a CA file of the system: some of many are always expired. */
static bool say_ca(struct doctor_server *server, int64_t now)
{
	const struct certificates *cas = &server->cas;
	const int64_t left = cas->first_expiry_ms - now;
	char at[RFC3339_SIZE], days[40];

	if (server->ca_err.code) {
		doctor_say(server->doctor, DOCTOR_CERTIFICATE, DOCTOR_ERROR,
			server->ca ? "Put the PBX's CA certificate there (PEM), or set tls_ca anew." :
				     "Install Debian's package ca-certificates, or set the station's tls_ca.",
			"%s: %s", server->who, server->ca_err.text);
		return false;
	}
	if (!server->ca && cas->expired < cas->count)
		return true;
	if (left <= 0)
		doctor_say(server->doctor, DOCTOR_CERTIFICATE, DOCTOR_ERROR, "Put a new certificate into the file.",
			"%s: the certificate of %s in %s has expired on %s, %s", server->who, cas->first,
			server->ca ? server->ca : system_ca, time_format(cas->first_expiry_ms, at),
			days_text(left, days));
	else if (left < CA_SOON_DAYS * (int64_t)DAY_MS)
		doctor_say(server->doctor, DOCTOR_CERTIFICATE, DOCTOR_WARNING,
			"Put a new certificate into the file before that day.",
			"%s: the certificate of %s in %s expires on %s, %s", server->who, cas->first, server->ca,
			time_format(cas->first_expiry_ms, at), days_text(left, days));
	else
		doctor_say(server->doctor, DOCTOR_CERTIFICATE, DOCTOR_OK, NULL, "%s: %s is good (%zu certificates)",
			server->who, server->ca, cas->count);
	return left > 0;
}

static void say_unreachable(struct doctor_server *server)
{
	if (server->no_route.code || !server->route.count)
		doctor_say(server->doctor, DOCTOR_CERTIFICATE, DOCTOR_WARNING,
			"Correct the name, or look at the station's registration, which asks for SRV records as well: "
			"spctl doctor STATION.",
			"%s: its server %s has no address%s%s", server->who, server->host,
			server->no_route.code ? ": " : "", server->no_route.text);
	else if (server->err.code == ERR_UNAVAILABLE)
		doctor_say(server->doctor, DOCTOR_CERTIFICATE, DOCTOR_ERROR,
			"See to it that the server runs, that it listens for TLS at that port, and that no firewall is "
			"between.",
			"%s: its server %s, port %d, cannot be reached: %s", server->who, server->host, server->port,
			server->err.text);
	else
		doctor_say(server->doctor, DOCTOR_CERTIFICATE, DOCTOR_ERROR,
			"See to it that the port is the one for TLS, and that the server takes TLS 1.2 or newer.",
			"%s: its server %s, port %d, does not come to TLS with us: %s", server->who, server->host,
			server->port, server->err.text);
}

static void say_fault(struct doctor_server *server, const char *fix, const char *what)
{
	doctor_say(server->doctor, DOCTOR_CERTIFICATE, DOCTOR_ERROR, fix, "%s: the certificate of its server %s %s",
		server->who, server->host, what);
}

/* Each that there is, since mending one shows the next otherwise. */
static void say_faults(struct doctor_server *server, const char *days)
{
	const struct tls_certificate *found = &server->found;
	const unsigned faults = found->faults;
	char what[1024];

	if (faults & TLS_UNKNOWN) {
		snprintf(what, sizeof(what), "is by %s, and no CA in %s vouches for it (%s)", found->issuer,
			server->ca ? server->ca : system_ca, found->why);
		say_fault(server,
			"Give the station the PBX's CA with --tls-ca, or have the server send its whole chain.", what);
	}
	if (faults & TLS_NAME) {
		snprintf(what, sizeof(what), "is for %s, not for %s", *found->names ? found->names :
			"nobody (it has no subjectAltName)", server->host);
		say_fault(server,
			"Name the server as its certificate does, in sip_uri, outbound_proxy or registrars, or have "
			"one made for that name.", what);
	}
	if (faults & TLS_EXPIRED) {
		snprintf(what, sizeof(what), "has expired: that of %s, %s", found->first, days);
		say_fault(server, "Have a new one put on the server.", what);
	}
	if (faults & TLS_NOT_YET)
		say_fault(server, "Compare the clocks of this machine and of the server.", "is not valid yet");
	if (faults & TLS_OTHER) {
		snprintf(what, sizeof(what), "is refused: %s", found->why);
		say_fault(server, "Have the server's certificate made anew.", what);
	}
}

static void say_server(struct doctor_server *server, int64_t now)
{
	const struct tls_certificate *found = &server->found;
	const int64_t left = found->expires_ms - now;
	const bool soon = left < SERVER_SOON_DAYS * (int64_t)DAY_MS;
	const char *wants =
		found->wants_own ? "; it asks for a certificate of the station, which has none (tls_cert)" : "";
	char at[RFC3339_SIZE], days[40];

	days_text(left, days);
	if (server->verify && found->faults)
		say_faults(server, days);
	else if (left == INT64_MAX - now)
		doctor_say(server->doctor, DOCTOR_CERTIFICATE, DOCTOR_OK, NULL,
			"%s: its server %s has a certificate for %s by %s, which does not expire%s", server->who,
			server->host, found->subject, found->issuer, wants);
	else
		doctor_say(server->doctor, DOCTOR_CERTIFICATE, soon && server->verify ? DOCTOR_WARNING : DOCTOR_OK,
			soon ? "Have a new one put on the server before that day: from then on nobody reaches it." :
			       NULL,
			"%s: its server %s has a certificate for %s by %s, which %s %s, on %.10s%s%s%s", server->who,
			server->host, found->subject, found->issuer, left < 0 ? "expired" : "expires", days,
			time_format(found->expires_ms, at), strcmp(found->first, found->subject) ? ", as that of " : "",
			strcmp(found->first, found->subject) ? found->first : "", wants);
}

/* ---- one after the other ---------------------------------------------------------------------------------------- */

static void server_free(struct doctor_server *server)
{
	free(server->station);
	free(server->ca);
	free(server->own);
	free(server);
}

static void on_looked(void *arg)
{
	struct doctor_server *server = arg;
	struct doctor *doctor = server->doctor;
	const int64_t now = clock_now_ms();
	const bool ca_good = !server->verify || (server->first_of_ca ? say_ca(server, now) : !server->ca_err.code);

	if (ca_good && (!server->route.count || (server->err.code && server->err.code != ERR_CONFIG)))
		say_unreachable(server);
	else if (ca_good && !server->err.code)      /* else a file of ours is wrong, which is told already */
		say_server(server, now);
	server_free(server);
	doctor_done(doctor);
}

static void on_route(void *arg, const struct route *route, const struct err *err)
{
	struct doctor_server *server = arg;

	server->route = *route;
	if (err->code) {
		server->no_route = *err;
		server->route.count = 0;
	}
	work_do(server->doctor->engine, WORK_NETWORK, look, on_looked, server);
}

void doctor_tls_begin(struct doctor *doctor)
{
	struct doctor_server *server;

	while ((server = doctor->servers)) {
		doctor->servers = server->next;
		if (server->others)
			snprintf(server->who, sizeof(server->who), "station %.128s and %zu other%s", server->station,
				server->others, server->others > 1 ? "s" : "");
		else
			snprintf(server->who, sizeof(server->who), "station %.128s", server->station);
		doctor_wait(doctor);
		route_find(doctor->engine->loop, server->host, on_route, server);
	}
}
