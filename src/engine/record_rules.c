/*
 * record_rules.c - is a call recorded, may it go on when it cannot be, and does the far end hear that it is?
 *
 * What is not known speaks for the recording, and for the announcement.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/conf.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../base/where.h"
#include "../db/sql_recording.h"
#include "../rule/consent.h"
#include "audit_now.h"
#include "nouns.h"
#include "record.h"

enum { TABLE_MAX = 1 << 20, STATES_MAX = 64, DAY_MS = 24 * 60 * 60 * 1000 };
enum { ROOM_LEAST = 4 << 20 };          /* bytes: some minutes of sound */

/* ---- is it recorded? -------------------------------------------------------------------------------------------- */

static bool by_setting(const struct session *session, const struct tenant *tenant)
{
	struct station station = {0};
	struct err err;
	bool on = tenant->record;

	if (station_load(session->engine, session->tenant_id, session->station_id, false, &station, &err) < 0) {
		log_error("record", "the setting of station %s is not known: %s", session->station, err.text);
		on = true;
	}
	else if (strcmp(station.record, "tenant"))
		on = !strcmp(station.record, "on");
	station_wipe(&station);
	return on;
}

static bool refused(const struct request *request)
{
	return request && !param_bool(request, "record", true);
}

int record_check(struct request *request, const struct session *session, const struct tenant *tenant)
{
	if (!by_setting(session, tenant))
		return 0;
	if (refused(request) && request->who.role < ROLE_SUPERVISOR)
		return err_set(&request->err, ERR_NOT_PERMITTED,
			"record: only supervisors and admins may have a call go unrecorded");
	if (refused(request) && tenant->record_required)
		return err_set(&request->err, ERR_NOT_PERMITTED,
			"record: the tenant's setting record_required lets no call go unrecorded");
	if (refused(request) || !tenant->record_required)
		return 0;
	if (record_room(session->engine, session->tenant_id, &request->err) >= 0)
		return 0;
	err_prefix(&request->err, "the call is not placed, for it cannot be recorded");
	return request->err.code;
}

void record_take(struct live *live, const struct request *request, const struct tenant *tenant)
{
	const struct session *session = live->session;
	const bool on = by_setting(session, tenant);
	const struct audit_entry entry = {.tenant_id = session->tenant_id, .event = "recording_off",
		.user_id = session->user_id, .station_id = session->station_id, .call_id = live->id};

	live->record = on && !refused(request);
	live->record_required = tenant->record_required;
	if (on && !live->record)
		audit_now(session->engine, &entry);
}

int record_room(const struct engine *engine, int64_t tenant_id, struct err *err)
{
	char *folder = xasprintf("%s/%lld", engine->home.recordings, (long long)tenant_id);
	struct statvfs fs;
	int status = 0;

	mkdir(engine->home.recordings, 0700);
	if ((mkdir(folder, 0700) && errno != EEXIST) || access(folder, W_OK | X_OK))
		status = err_set(err, ERR_CANNOT_CREATE, "%s: %s", folder, strerror(errno));
	else if (!statvfs(folder, &fs) && (uint64_t)fs.f_bavail * fs.f_frsize < ROOM_LEAST)
		status = err_set(err, ERR_CANNOT_CREATE, "%s: %s", folder, strerror(ENOSPC));
	free(folder);
	return status;
}

/* ---- is it announced? ------------------------------------------------------------------------------------------- */

/* NULL with an error when it cannot be had. */
static struct consent_table *load_table(const struct engine *engine, struct err *err)
{
	const char *set = conf_text(engine->conf, "recording.consent_table");
	char *path = set ? xstrdup(set) : where_find(WHERE_SHARE, "rules/recording-consent.csv", err), *text;
	FILE *file = path ? fopen(path, "re") : NULL;
	struct consent_table *table = NULL;
	size_t n;

	if (file) {
		text = xcalloc(1, TABLE_MAX + 1);
		n = fread(text, 1, TABLE_MAX, file);
		if (ferror(file) || n == TABLE_MAX)
			err_set(err, ERR_CONFIG, "%s cannot be read, or is too long", path);
		else
			consent_parse(&table, path, text, err);
		free(text);
		fclose(file);
	}
	else if (path)
		err_set(err, ERR_CONFIG, "%s: %s", path, strerror(errno));
	free(path);
	return table;
}

int record_table_check(const struct engine *engine, struct err *err)
{
	struct consent_table *table = load_table(engine, err);

	if (!table)
		return err->code;
	consent_free(table);
	return 0;
}

struct parties {
	char *states[STATES_MAX];
	size_t count;
	char number[64];
};

static int take_state(const struct row *row, void *arg)
{
	struct parties *parties = arg;

	str_copy(parties->number, sizeof(parties->number), row_null(row, 0) ? "" : row_text(row, 0));
	if (row_null(row, 1))                       /* nobody has the number */
		return 0;
	if (parties->count == STATES_MAX)           /* one of whom nothing is known stands for the rest */
		parties->states[0][0] = '\0';
	else
		parties->states[parties->count++] = xstrdup(row_null(row, 2) ? "" : row_text(row, 2));
	return 0;
}

/* May the call go without the announcement?  why is the sentence for it. */
static bool may_go_without(const struct live *live, const struct tenant *tenant, char why[RECORD_WHY_SIZE])
{
	struct engine *engine = live->session->engine;
	struct err err = {0};
	struct consent_table *table = load_table(engine, &err);
	struct parties parties = {0};
	bool needed = true;

	if (!table)
		log_error("record", "every call is announced: %s", err.text);
	if (db_each(engine->db, &sql_recording_parties, ARGS(a_int(tenant->id), a_int(live->id)), take_state, &parties,
		    &err) < 0)
		str_copy(why, RECORD_WHY_SIZE, err.text);
	else {
		const struct consent_facts facts = {.customer_states = (const char *const *)parties.states,
			.customers = parties.count, .agents_only = live->internal, .number = parties.number,
			.agent_states = tenant->agent_states, .day = clock_now_ms() / DAY_MS};

		needed = consent_needed(table, &facts, why);
	}
	for (size_t i = 0; i < parties.count; i++)
		free(parties.states[i]);
	consent_free(table);
	return !needed;
}

/* The tenant's own announcement, or the one that comes along. */
static char *file_of(const struct session *session, const struct tenant *tenant, struct err *err)
{
	char *path;

	if (tenant->announcement[0] && access(tenant->announcement, R_OK) == 0)
		return xstrdup(tenant->announcement);
	if (tenant->announcement[0])
		session_notice(session, "warning", "the announcement %s cannot be read (%s): the one of spctl is said",
			tenant->announcement, strerror(errno));
	path = where_find(WHERE_SHARE, "sounds/announcement.wav", err);
	if (!path)
		err_prefix(err, "nothing says that the call is recorded");
	return path;
}

char *record_announcement(const struct live *live, char why[RECORD_WHY_SIZE], struct err *err)
{
	const struct session *session = live->session;
	struct tenant tenant;

	*why = '\0';
	if (tenant_load(session->engine, session->tenant_id, &tenant, err) < 0)
		return NULL;
	if (!tenant.announce && may_go_without(live, &tenant, why))
		return NULL;
	return file_of(session, &tenant, err);
}

char *record_announcement_file(const struct live *live, struct err *err)
{
	struct tenant tenant;

	return tenant_load(live->session->engine, live->session->tenant_id, &tenant, err) < 0 ? NULL :
		file_of(live->session, &tenant, err);
}
