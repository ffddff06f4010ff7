/* doctor_database.c - the database: looked over beside the loop, since that reads all of it. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "doctor.h"
#include "work.h"

static const char restore[] = "Restore the last backup (spctl db backup makes them), or let sqlite3's .recover save "
			      "what can be read.";

struct look {
	struct doctor *doctor;
	char *path, *faults;
	int status;
	struct err err;
};

static void look(void *arg, const atomic_bool *hurry)
{
	struct look *l = arg;

	l->status = db_check(l->path, hurry, &l->faults, &l->err);
}

/* The engine's own connection: can it write, and is the schema the one that it brought the file to? */
static bool say_own(struct doctor *doctor)
{
	struct db *db = doctor->engine->db;
	struct err err = {0};

	if (db_begin(db, &err) < 0) {
		doctor_say(doctor, DOCTOR_DATABASE, DOCTOR_ERROR,
			"See to it that the engine's account may write the file, and that the "
			"disk is not full.",
			"%s", err.text);
		return false;
	}
	db_rollback(db);
	if (db_schema_version(db) == db_schema_newest())
		return true;
	doctor_say(doctor, DOCTOR_DATABASE, DOCTOR_ERROR, "Run: spctl db migrate.", "%s has schema %d, not %d",
		db_path(db), db_schema_version(db), db_schema_newest());
	return false;
}

static void say_faults(struct doctor *doctor, const char *faults)
{
	const int first = (int)strcspn(faults, "\n");
	int more = 0;

	for (const char *at = faults + first; *at && at[1]; at = at + 1 + strcspn(at + 1, "\n"))
		more++;
	if (more)
		doctor_say(doctor, DOCTOR_DATABASE, DOCTOR_ERROR, restore, "%s: %.*s (and %d more)",
			db_path(doctor->engine->db), first, faults, more);
	else
		doctor_say(doctor, DOCTOR_DATABASE, DOCTOR_ERROR, restore, "%s: %.*s", db_path(doctor->engine->db),
			first, faults);
}

static void on_done(void *arg)
{
	struct look *l = arg;
	struct doctor *doctor = l->doctor;

	if (l->status < 0)
		doctor_say(doctor, DOCTOR_DATABASE, DOCTOR_ERROR, restore, "%s", l->err.text);
	else if (l->faults)
		say_faults(doctor, l->faults);
	else if (say_own(doctor))
		doctor_say(doctor, DOCTOR_DATABASE, DOCTOR_OK, NULL, "%s is whole: schema %d, %lld KB", l->path,
			db_schema_version(doctor->engine->db), (long long)(db_size(doctor->engine->db) >> 10));
	free(l->path);
	free(l->faults);
	free(l);
	doctor_done(doctor);
}

void doctor_database(struct doctor *doctor)
{
	struct look *l = xcalloc(1, sizeof(*l));

	l->doctor = doctor;
	l->path = xstrdup(db_path(doctor->engine->db));
	doctor_wait(doctor);
	work_do(doctor->engine, WORK_DATABASE, look, on_done, l);
}
