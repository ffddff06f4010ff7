/* doctor_home.c - settings, key file, disk, recordings and clock. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/conf.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../base/tz.h"
#include "../db/sql_doctor.h"
#include "../db/sql_tenant.h"
#include "../rule/frequency.h"
#include "../rule/hours.h"
#include "doctor.h"
#include "key.h"
#include "record.h"
#include "recordings.h"
#include "settings.h"

/* ---- settings --------------------------------------------------------------------------------------------------- */

/* The engine keeps the settings that it read at its start. */
static bool say_changed(struct doctor *doctor, const struct conf *now)
{
	const struct conf *ours = doctor->engine->conf;
	bool any = false;

	for (size_t i = 0; i < settings_count; i++) {
		const char *key = settings_keys[i].name;
		const char *before = conf_text(ours, key), *after = conf_text(now, key);

		if (settings_keys[i].type == CONF_ELSEWHERE || !strcmp(before ? before : "", after ? after : ""))
			continue;
		any = true;
		doctor_say(doctor, DOCTOR_SETTINGS, DOCTOR_WARNING,
			"Restart the engine when no call is up: spctl engine stop.",
			"%s: %s = %s stands in the file, but the engine still runs with %s", doctor->engine->home.conf,
			key, after ? after : "nothing", before ? before : "nothing");
	}
	return any;
}

/* A tenant may let more pass without a warning than the law presumes to be right; nobody should have to guess it. */
static int look_at_gate(const struct row *row, void *arg)
{
	enum { LAW_START = 8 * 60, LAW_END = 21 * 60, LAW_RING_SECONDS = 15 };
	struct doctor *doctor = arg;
	const int start = (int)row_int(row, TENANT_HOURS_START), end = (int)row_int(row, TENANT_HOURS_END);
	const long long cap = row_int(row, TENANT_MAX_CALLS_PER_WEEK), ring = row_int(row, TENANT_RING_SECONDS);
	const char *name = row_text(row, TENANT_NAME);
	char hours[12];

	hours_format(start, end, hours);
	if (start < LAW_START || end > LAW_END)
		doctor_say(doctor, DOCTOR_SETTINGS, DOCTOR_OK,
			"For collection calls: spctl tenant set --hours 08:00-21:00.",
			"tenant %s: the gate warns outside of %s; 12 CFR 1006.6(b)(1) has 08:00-21:00", name, hours);
	if (cap > FREQUENCY_DEFAULT_CAP)
		doctor_say(doctor, DOCTOR_SETTINGS, DOCTOR_OK,
			"For collection calls: spctl tenant set --max-calls-per-week 7.",
			"tenant %s: the gate warns from %lld calls a week on; 12 CFR 1006.14(b)(2) has %d", name, cap,
			FREQUENCY_DEFAULT_CAP);
	if (ring < LAW_RING_SECONDS)
		doctor_say(doctor, DOCTOR_SETTINGS, DOCTOR_OK,
			"For telemarketing: spctl tenant set --ring-seconds 15, or more.",
			"tenant %s: calls that nobody answers end after %lld seconds; 47 CFR 64.1200(a)(6) has %d",
			name, ring, LAW_RING_SECONDS);
	return 0;
}

void doctor_settings(struct doctor *doctor)
{
	const struct home *home = &doctor->engine->home;
	struct conf now;
	struct err err = {0};
	struct stat st;
	const bool there = !stat(home->conf, &st);

	if (settings_read(&now, home, &err) < 0)
		doctor_say(doctor, DOCTOR_SETTINGS, DOCTOR_ERROR,
			"Correct the line: the engine cannot start again with it.", "%s", err.text);
	else if (there && st.st_mode & 022)
		doctor_say(doctor, DOCTOR_SETTINGS, DOCTOR_ERROR,
			"Take the right to write from group and others: chmod go-w FILE.",
			"%s may be written by others (mode %04o)", home->conf, (unsigned)(st.st_mode & 07777));
	else if (!say_changed(doctor, &now) && there)
		doctor_say(doctor, DOCTOR_SETTINGS, DOCTOR_OK, NULL, "%s is right", home->conf);
	else if (!there)
		doctor_say(doctor, DOCTOR_SETTINGS, DOCTOR_OK, NULL, "there is no %s: every setting has its default",
			home->conf);
	conf_free(&now);
	if (record_table_check(doctor->engine, &err) < 0)
		doctor_say(doctor, DOCTOR_SETTINGS, DOCTOR_WARNING,
			"Correct recording.consent_table or its file; until then every recorded call is announced.",
			"the table of consent to recordings cannot be used: %s", err.text);
	db_each(doctor->engine->db, &sql_tenant_get, ARGS(a_int(doctor->request->tenant_id)), look_at_gate, doctor,
		&err);
}

/* ---- the key file ----------------------------------------------------------------------------------------------- */

static void look_for_left(struct doctor *doctor)
{
	char *first = NULL;
	const size_t left = keyring_left(doctor->engine->home.key, false, &first);

	if (left)
		doctor_say(doctor, DOCTOR_KEY, DOCTOR_WARNING,
			"It is removed at the engine's next start, or rotation of keys: spctl key rotate.",
			"%s, with keys in it, was left by a rotation that was cut off (%zu in all)", first, left);
	free(first);
}

void doctor_key(struct doctor *doctor)
{
	const char *path = doctor->engine->home.key;
	struct err err = {0};
	const int secrets = key_verify(doctor->engine, &err);

	if (secrets >= 0)
		doctor_say(doctor, DOCTOR_KEY, DOCTOR_OK, NULL, "%s opens what is sealed with it (%d passwords)", path,
			secrets);
	else if (err.code == ERR_NOT_FOUND)
		doctor_say(doctor, DOCTOR_KEY, DOCTOR_ERROR,
			"Put the key file back from its backup before the engine is stopped; without it all SIP "
			"passwords are lost.",
			"%s", err.text);
	else
		doctor_say(doctor, DOCTOR_KEY, DOCTOR_ERROR,
			"Give the file to the engine's account with chmod 600, or put the right one back; see "
			"spctl-key(1).",
			"%s", err.text);
	look_for_left(doctor);
}

/* ---- disk ------------------------------------------------------------------------------------------------------- */

/* Bytes: a day of recordings of ten agents, and the end of it. */
static const int64_t little = 1 << 30, least = 100 << 20;

static void look_at_disk(struct doctor *doctor, const char *what, const char *folder)
{
	struct statvfs fs;
	int64_t left;

	if (access(folder, W_OK | X_OK) || statvfs(folder, &fs)) {
		doctor_say(doctor, DOCTOR_DISK, DOCTOR_ERROR,
			"Make the folder, and give it to the engine's account with chmod 700.",
			"the folder of %s, %s, cannot be written in: %s", what, folder, strerror(errno));
		return;
	}
	left = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	if (fs.f_flag & ST_RDONLY)
		doctor_say(doctor, DOCTOR_DISK, DOCTOR_ERROR, "Mount it for writing.",
			"the folder of %s, %s, lies on a file system that is mounted read-only", what, folder);
	else if (left < little)
		doctor_say(doctor, DOCTOR_DISK, left < least ? DOCTOR_ERROR : DOCTOR_WARNING,
			"Make room: recordings need 4 MB a minute at most; old ones are moved away after a backup.",
			"the disk of %s, %s, has %lld MB left", what, folder, (long long)(left >> 20));
	else
		doctor_say(doctor, DOCTOR_DISK, DOCTOR_OK, NULL, "the disk of %s, %s, has %lld GB left", what, folder,
			(long long)(left >> 30));
}

void doctor_disk(struct doctor *doctor)
{
	const struct home *home = &doctor->engine->home;
	struct stat data, recordings;

	look_at_disk(doctor, "the database", home->data);
	if (stat(home->recordings, &recordings) || stat(home->data, &data) || data.st_dev != recordings.st_dev ||
	    access(home->recordings, W_OK | X_OK))
		look_at_disk(doctor, "the recordings", home->recordings);
}

/* ---- recordings ------------------------------------------------------------------------------------------------- */

enum { READ_MOST = 1 << 30 };       /* bytes: some seconds; `recording verify` reads all */

struct files { struct doctor *doctor; char first[300]; };

static void take_fault(const struct recording_fault *found, void *arg)
{
	struct files *files = arg;

	if (!files->first[0])
		str_copy(files->first, sizeof(files->first), found->text);
}

static void checked(const struct recordings_count *count, const struct err *err, void *arg)
{
	struct files *files = arg;
	struct doctor *doctor = files->doctor;

	if (err)
		doctor_say(doctor, DOCTOR_RECORDINGS, DOCTOR_ERROR, "Repair the database, or restore a backup.", "%s",
			err->text);
	else if (count->faults)
		doctor_say(doctor, DOCTOR_RECORDINGS, DOCTOR_ERROR,
			"Put the files back from a backup: they must be kept.",
			"%lld of %lld recordings are not what was recorded; the first: %s", (long long)count->faults,
			(long long)count->files, files->first);
	else if (count->read < count->files)
		doctor_say(doctor, DOCTOR_RECORDINGS, DOCTOR_OK, "spctl recording verify reads all of them.",
			"all %lld recordings are there, as long as they were; %lld were read and are unchanged",
			(long long)count->files, (long long)count->read);
	else
		doctor_say(doctor, DOCTOR_RECORDINGS, DOCTOR_OK, NULL, "all %lld recordings are there, and unchanged",
			(long long)count->files);
	free(files);
	doctor_done(doctor);
}

void doctor_recordings(struct doctor *doctor)
{
	struct files *files = xcalloc(1, sizeof(*files));

	files->doctor = doctor;
	doctor_wait(doctor);
	recordings_check(doctor->engine, doctor->request->tenant_id, READ_MOST, take_fault, checked, files);
}

/* ---- clock ------------------------------------------------------------------------------------------------------ */

static int take_newest(const struct row *row, void *arg)
{
	*(int64_t *)arg = row_int(row, 0);
	return 1;
}

static int look_at_zone(const struct row *row, void *arg)
{
	struct doctor *doctor = arg;
	struct tz *tz = NULL;
	struct err err = {0};

	if (tz_open(&tz, row_text(row, TENANT_TIMEZONE), &err) < 0)
		doctor_say(doctor, DOCTOR_CLOCK, DOCTOR_ERROR,
			"Install tzdata: without the zone no calling hours are known.", "%s", err.text);
	tz_free(tz);
	return 0;
}

enum { BUILT_YEAR = 2026, A_MINUTE_MS = 60000, DAY_MS = 86400000 };
static const char set_it[] = "Set the clock, and let an NTP service such as chrony keep it.";

/* Calling hours and the weekly cap are counted by this clock. */
void doctor_clock(struct doctor *doctor)
{
	struct timex state = {0};
	struct err err = {0};
	char text[RFC3339_SIZE], last[RFC3339_SIZE];
	const int64_t now = clock_now_ms();
	int64_t newest = 0;
	int year, month, day;

	civil_from_days(now / DAY_MS, &year, &month, &day);
	db_each(doctor->engine->db, &sql_doctor_newest, NO_ARGS, take_newest, &newest, &err);
	if (year < BUILT_YEAR)
		doctor_say(
			doctor, DOCTOR_CLOCK, DOCTOR_ERROR, set_it, "the clock stands at %s", time_format(now, text));
	else if (newest > now + A_MINUTE_MS)
		doctor_say(doctor, DOCTOR_CLOCK, DOCTOR_ERROR, set_it,
			"the clock stands at %s, before the newest entry of the audit log (%s)",
			time_format(now, text), time_format(newest, last));
	else if (adjtimex(&state) == TIME_ERROR || state.status & STA_UNSYNC)
		doctor_say(doctor, DOCTOR_CLOCK, DOCTOR_OK, "Where nothing else keeps the clock, install chrony.",
			"the clock stands at %s; no NTP service has told the kernel that it is right",
			time_format(now, text));
	else
		doctor_say(doctor, DOCTOR_CLOCK, DOCTOR_OK, NULL, "the clock stands at %s and is kept by NTP",
			time_format(now, text));
	db_each(doctor->engine->db, &sql_tenant_get, ARGS(a_int(doctor->request->tenant_id)), look_at_zone, doctor,
		&err);
}
