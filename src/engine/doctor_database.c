/* doctor_database.c - the database: looked over in a thread of its own, since that reads all of it and calls go on
 * meanwhile. */
#include <event2/event.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/mem.h"
#include "doctor.h"

static const char restore[] = "Restore the last backup (spctl db backup makes them), or let sqlite3's .recover save "
			      "what can be read.";

struct look {
	struct doctor *doctor;
	pthread_t thread;
	int done[2];                /* a pipe: the thread's end closes when it is through */
	struct event *on_done;
	char *path, *faults;
	int status;
	struct err err;
};

static void *look(void *arg)
{
	struct look *l = arg;

	l->status = db_check(l->path, &l->faults, &l->err);
	close(l->done[1]);
	return NULL;
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

static void on_done(evutil_socket_t fd, short what, void *arg)
{
	struct look *l = arg;
	struct doctor *doctor = l->doctor;

	(void)fd;
	(void)what;
	pthread_join(l->thread, NULL);
	if (l->status < 0)
		doctor_say(doctor, DOCTOR_DATABASE, DOCTOR_ERROR, restore, "%s", l->err.text);
	else if (l->faults)
		say_faults(doctor, l->faults);
	else if (say_own(doctor))
		doctor_say(doctor, DOCTOR_DATABASE, DOCTOR_OK, NULL, "%s is whole: schema %d, %lld KB", l->path,
			db_schema_version(doctor->engine->db), (long long)(db_size(doctor->engine->db) >> 10));
	event_free(l->on_done);
	close(l->done[0]);
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
	if (pipe2(l->done, O_CLOEXEC) < 0 || pthread_create(&l->thread, NULL, look, l)) {
		doctor_say(doctor, DOCTOR_DATABASE, DOCTOR_WARNING, "Close other programs.",
			"there is no room to look the database over");
		free(l->path);
		free(l);
		return;
	}
	l->on_done = event_new(doctor->engine->loop, l->done[0], EV_READ, on_done, l);
	event_add(l->on_done, NULL);
	doctor_wait(doctor);
}
