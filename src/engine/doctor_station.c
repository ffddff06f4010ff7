/* doctor_station.c - each station: its certificates, what it leaves unprotected, its registration. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../crypto/certificate.h"
#include "doctor.h"
#include "session.h"
#include "station_test.h"

/* ---- certificates ----------------------------------------------------------------------------------------------- */

static const int64_t soon_ms = 30 * INT64_C(86400000);
static const char system_ca[] = "/etc/ssl/certs/ca-certificates.crt";

static void say_expiry(struct doctor *doctor, const struct station *station, const char *path,
	const struct certificates *found, int64_t now)
{
	char at[RFC3339_SIZE];

	if (found->first_expiry_ms <= now)
		doctor_say(doctor, DOCTOR_CERTIFICATE, DOCTOR_ERROR, "Put a new certificate into the file.",
			"station %s: the certificate of %s in %s has expired on %s", station->name, found->first, path,
			time_format(found->first_expiry_ms, at));
	else if (found->first_expiry_ms - now < soon_ms)
		doctor_say(doctor, DOCTOR_CERTIFICATE, DOCTOR_WARNING,
			"Put a new certificate into the file before that day.",
			"station %s: the certificate of %s in %s expires on %s", station->name, found->first, path,
			time_format(found->first_expiry_ms, at));
	else
		doctor_say(doctor, DOCTOR_CERTIFICATE, DOCTOR_OK, NULL, "station %s: %s is good (%zu certificates)",
			station->name, path, found->count);
}

/* The servers' own expiry shows in the registration: a server with an expired one is refused. */
static void look_at_ca(struct doctor *doctor, const struct station *station)
{
	const char *path = station->tls_ca ? station->tls_ca : system_ca;
	const int64_t now = clock_now_ms();
	struct certificates found;
	struct err err = {0};

	if (certificates_read(path, false, now, &found, &err) < 0)
		doctor_say(doctor, DOCTOR_CERTIFICATE, DOCTOR_ERROR,
			station->tls_ca ? "Put the PBX's CA certificate there (PEM), or set tls_ca anew." :
					  "Install Debian's package ca-certificates, or set the station's tls_ca.",
			"station %s: %s", station->name, err.text);
	else if (station->tls_ca)
		say_expiry(doctor, station, path, &found, now);
	else if (found.expired == found.count)
		say_expiry(doctor, station, path, &found, now);
}

static void look_at_own(struct doctor *doctor, const struct station *station)
{
	const int64_t now = clock_now_ms();
	struct certificates found;
	struct err err = {0};
	struct stat st;

	if (certificates_read(station->tls_cert, true, now, &found, &err) < 0)
		doctor_say(doctor, DOCTOR_CERTIFICATE, DOCTOR_ERROR,
			"Put certificate and key into the file (PEM), or set tls_cert anew.", "station %s: %s",
			station->name, err.text);
	else if (!stat(station->tls_cert, &st) && st.st_mode & 077)
		doctor_say(doctor, DOCTOR_CERTIFICATE, DOCTOR_WARNING,
			"Give the file to the engine's account with chmod 600.",
			"station %s: %s holds a private key and may be read by others (mode %04o)", station->name,
			station->tls_cert, (unsigned)(st.st_mode & 07777));
	else
		say_expiry(doctor, station, station->tls_cert, &found, now);
}

static void look_at_protection(struct doctor *doctor, const struct station *station)
{
	const bool tls = !strcmp(station->transport, "tls");

	if (tls && !station->tls_verify)
		doctor_say(doctor, DOCTOR_CERTIFICATE, DOCTOR_WARNING,
			"Give it the PBX's CA with --tls-ca, and then: spctl station set NAME --tls-verify on.",
			"station %s does not verify the server's certificate: anybody between may play the PBX",
			station->name);
	else if (tls)
		look_at_ca(doctor, station);
	if (tls && station->tls_cert)
		look_at_own(doctor, station);
}

/* ---- registration ----------------------------------------------------------------------------------------------- */

struct trial { struct doctor *doctor; char *name; };

static const char look_at_account[] =
	"Compare sip_uri, auth_user, password, transport and proxy with the PBX; --trace shows the messages.";

static void on_tried(void *arg, bool registered, int code, const char *reason, json_t *trace)
{
	struct trial *trial = arg;
	struct doctor *doctor = trial->doctor;
	json_t *finding;

	if (registered)
		finding = doctor_say(doctor, DOCTOR_REGISTRATION, DOCTOR_OK, NULL, "station %s registers", trial->name);
	else if (code > 0)
		finding = doctor_say(doctor, DOCTOR_REGISTRATION, DOCTOR_ERROR, look_at_account,
			"station %s is refused by the PBX: %d %s", trial->name, code, reason);
	else
		finding = doctor_say(doctor, DOCTOR_REGISTRATION, DOCTOR_ERROR, look_at_account,
			"station %s cannot register: %s", trial->name, reason);
	if (trace)
		json_object_set(finding, "trace", trace);
	free(trial->name);
	free(trial);
	doctor_done(doctor);
}

static void try_station(struct doctor *doctor, const struct station *station)
{
	struct trial *trial = xcalloc(1, sizeof(*trial));

	trial->doctor = doctor;
	trial->name = xstrdup(station->name);
	doctor_wait(doctor);
	station_try(doctor->engine, station->tenant_id, station->id, doctor->traces, on_tried, trial);
}

static const struct session *session_at(const struct engine *engine, int64_t station_id)
{
	for (const struct session *session = engine->sessions->first; session; session = session->next)
		if (session->station_id == station_id)
			return session;
	return NULL;
}

static void say_session(struct doctor *doctor, const struct station *station, const struct session *session)
{
	if (session->registered)
		doctor_say(doctor, DOCTOR_REGISTRATION, DOCTOR_OK, NULL, "station %s is registered, %s sits at it",
			station->name, session->login);
	else
		doctor_say(doctor, DOCTOR_REGISTRATION, DOCTOR_ERROR, look_at_account,
			"station %s is not registered, %s sits at it: %s", station->name, session->login,
			session->register_reason ? session->register_reason : "no answer yet");
}

static void look_at_station(struct doctor *doctor, const struct station *station)
{
	const struct session *session = session_at(doctor->engine, station->id);

	look_at_protection(doctor, station);
	if (strcmp(station->nat, "none") && station->nat_server)
		doctor_stun(doctor, station);
	if (!station->registers)
		return;
	if (session)
		say_session(doctor, station, session);
	else if (doctor->registers)
		try_station(doctor, station);
}

void doctor_stations(struct doctor *doctor)
{
	doctor_each_station(doctor, look_at_station);
}
