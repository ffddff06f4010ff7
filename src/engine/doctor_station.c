/*
 * doctor_station.c - each station: its own certificate, what it leaves unprotected, its registration.
 *
 * One station a turn of the loop, and a few test registrations at a time: each is a phone that starts.
 */
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
	if (tls && station->tls_cert)
		look_at_own(doctor, station);
	if (tls)
		doctor_tls_add(doctor, station);
}

/* ---- registration ----------------------------------------------------------------------------------------------- */

enum { TRIALS_MOST = 8 };

/* Through the stations, one after the other. */
struct walk {
	struct doctor *doctor;
	int64_t *ids;
	size_t count, at, trying;
	struct event *turn;
};

struct trial { struct walk *walk; char *name; };

static void go_on(struct walk *walk)
{
	static const struct timeval now = {0};

	event_add(walk->turn, &now);
}

static const char look_at_account[] =
	"Compare sip_uri, auth_user, password, transport and proxy with the PBX; --trace shows the messages.";

static void on_tried(void *arg, bool registered, int code, const char *reason, json_t *trace)
{
	struct trial *trial = arg;
	struct doctor *doctor = trial->walk->doctor;
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
	trial->walk->trying--;
	go_on(trial->walk);
	free(trial->name);
	free(trial);
}

static void try_station(struct walk *walk, const struct station *station)
{
	struct doctor *doctor = walk->doctor;
	struct trial *trial = xcalloc(1, sizeof(*trial));

	trial->walk = walk;
	trial->name = xstrdup(station->name);
	walk->trying++;
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

static void look_at_station(struct walk *walk, const struct station *station)
{
	struct doctor *doctor = walk->doctor;
	const struct session *session = session_at(doctor->engine, station->id);

	look_at_protection(doctor, station);
	if (strcmp(station->nat, "none") && station->nat_server)
		doctor_stun(doctor, station);
	if (session && !phone_knows_pbx(session->phone))
		doctor_say(doctor, DOCTOR_REGISTRATION, DOCTOR_WARNING,
			"Look the host of sip_uri, or of the proxy, up with getent ahosts HOST, and mend the name "
			"server.",
			"station %s: no address of its PBX is known, and until one is, calls that come in are refused",
			station->name);
	if (!station->registers)
		return;
	if (session)
		say_session(doctor, station, session);
	else if (doctor->registers)
		try_station(walk, station);
}

static void end(struct walk *walk)
{
	struct doctor *doctor = walk->doctor;

	doctor_tls_begin(doctor);
	event_free(walk->turn);
	free(walk->ids);
	free(walk);
	doctor_done(doctor);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct walk *walk = arg;
	struct doctor *doctor = walk->doctor;
	struct station station = {0};
	struct err err;

	(void)fd;
	(void)what;
	if (walk->trying == TRIALS_MOST || (walk->at == walk->count && walk->trying))
		return;                             /* the next one that is through comes back here */
	if (walk->at == walk->count) {
		end(walk);
		return;
	}
	if (station_load(doctor->engine, doctor->request->tenant_id, walk->ids[walk->at++], false, &station, &err) >= 0)
		look_at_station(walk, &station);
	station_wipe(&station);
	go_on(walk);
}

void doctor_stations(struct doctor *doctor)
{
	struct walk *walk = xcalloc(1, sizeof(*walk));

	walk->doctor = doctor;
	walk->count = doctor_station_ids(doctor, &walk->ids);
	walk->turn = evtimer_new(doctor->engine->loop, on_turn, walk);
	doctor_wait(doctor);
	go_on(walk);
}
