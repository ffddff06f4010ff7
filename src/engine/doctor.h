/*
 * doctor.h - doctor.run: looks for what is wrong with this installation, and says how to mend it.
 *
 * doctor.c is the frame, doctor_*.c are the checks.  A check says at least one sentence in its area, and judges for
 * itself: "warning" is what will bite, "error" what bites.  Nothing is changed.
 */
#pragma once
#include "engine.h"
#include "nouns.h"

enum doctor_level { DOCTOR_OK, DOCTOR_WARNING, DOCTOR_ERROR };

struct doctor {
	struct engine *engine;
	struct request *request;
	int64_t only;               /* this station alone is looked at; 0: each of the tenant */
	bool registers;             /* stations that nobody sits at are registered for a test */
	bool traces;                /* with the SIP messages */
	json_t *findings;
	const json_t *cards;        /* doctor_sound.c: while it looks at stations */
	struct doctor_server *servers;          /* doctor_tls.c: those that are to be looked at */
	const char *module;         /* doctor_phone.c: which one stations are asked about */
	int waiting;                /* checks that are not through */
};

/* The areas, in the order in which they are told. */
#define DOCTOR_SETTINGS     "settings"
#define DOCTOR_KEY          "key"
#define DOCTOR_DATABASE     "database"
#define DOCTOR_DISK         "disk"
#define DOCTOR_RECORDINGS   "recordings"
#define DOCTOR_CLOCK        "clock"
#define DOCTOR_BARESIP      "baresip"
#define DOCTOR_PORTS        "ports"
#define DOCTOR_SOUND        "sound"
#define DOCTOR_CERTIFICATE  "certificate"
#define DOCTOR_REGISTRATION "registration"
#define DOCTOR_STUN         "stun"

/* One finding.  fix: what to do about it, a sentence; NULL with DOCTOR_OK.  The finding is the list's. */
json_t *doctor_say(struct doctor *, const char *area, enum doctor_level, const char *fix, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Around a check that answers later: the answer waits for it. */
void doctor_wait(struct doctor *);
void doctor_done(struct doctor *);

typedef void (doctor_check)(struct doctor *);
doctor_check doctor_settings, doctor_key, doctor_disk, doctor_recordings, doctor_clock;     /* doctor_home.c */
doctor_check doctor_database;       /* doctor_database.c */
doctor_check doctor_baresip, doctor_ports;      /* doctor_phone.c */
doctor_check doctor_sound;          /* doctor_sound.c */
doctor_check doctor_stations;       /* doctor_station.c: client certificates, registrations */
/* doctor_tls.c: notes the servers of a station with TLS; when all are noted, looks at each with its CA file. */
void doctor_tls_add(struct doctor *, const struct station *);
void doctor_tls_begin(struct doctor *);
/* doctor_stun.c: asks the station's STUN or TURN server for our address as it sees it. */
void doctor_stun(struct doctor *, const struct station *);

/* The stations that are looked at: their ids, the caller's to free. */
size_t doctor_station_ids(struct doctor *, int64_t **ids);
/* Calls back with each of them. */
typedef void (doctor_station_h)(struct doctor *, const struct station *);
void doctor_each_station(struct doctor *, doctor_station_h *);

handler doctor_run;
