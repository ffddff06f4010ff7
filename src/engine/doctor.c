/* doctor.c - see doctor.h: the frame of the checks. */
#include "doctor.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/utf8.h"
#include "../db/sql_station.h"
#include "work.h"

static const char *const areas[] = {DOCTOR_SETTINGS, DOCTOR_KEY, DOCTOR_DATABASE, DOCTOR_DISK, DOCTOR_RECORDINGS,
	DOCTOR_CLOCK, DOCTOR_BARESIP, DOCTOR_PORTS, DOCTOR_SOUND, DOCTOR_CERTIFICATE, DOCTOR_REGISTRATION, DOCTOR_STUN};
static const char *const levels[] = {"ok", "warning", "error"};

static doctor_check *const checks[] = {doctor_settings, doctor_key, doctor_database, doctor_disk, doctor_recordings,
	doctor_clock, doctor_baresip, doctor_ports, doctor_sound, doctor_stations};

json_t *doctor_say(
	struct doctor *doctor, const char *area, enum doctor_level level, const char *fix, const char *fmt, ...)
{
	char text[1024], *clean;
	va_list ap;
	json_t *finding;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	clean = utf8_clean(text, strlen(text), false);          /* it may hold words of a server */
	finding = json_pack("{s:s, s:s, s:s, s:s?}", "area", area, "level", levels[level], "text", clean, "fix", fix);
	free(clean);
	json_array_append_new(doctor->findings, finding);
	return finding;
}

/* ---- waiting ---------------------------------------------------------------------------------------------------- */

/* Checks end in any order; they are told in the order of their areas. */
static json_t *in_order(const json_t *findings)
{
	json_t *all = json_array(), *finding;
	size_t n;

	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
		json_array_foreach(findings, n, finding)
			if (!strcmp(json_string_value(json_object_get(finding, "area")), areas[i]))
				json_array_append(all, finding);
	return all;
}

void doctor_wait(struct doctor *doctor)
{
	doctor->waiting++;
}

void doctor_done(struct doctor *doctor)
{
	struct request *request = doctor->request;

	if (--doctor->waiting)
		return;
	request->result = json_pack("{s:o}", "findings", in_order(doctor->findings));
	json_decref(doctor->findings);
	free(doctor);
	request_answer(request, 0);
}

/* ---- stations --------------------------------------------------------------------------------------------------- */

enum { STATIONS_MAX = 1000 };

struct ids { int64_t all[STATIONS_MAX]; size_t count; };

static int take_id(const struct row *row, void *arg)
{
	struct ids *ids = arg;

	if (ids->count < STATIONS_MAX)
		ids->all[ids->count++] = row_int(row, STATION_ID);
	return 0;
}

size_t doctor_station_ids(struct doctor *doctor, int64_t **out)
{
	struct ids *ids = xcalloc(1, sizeof(*ids));
	size_t count;
	struct err err = {0};

	if (doctor->only)
		ids->all[ids->count++] = doctor->only;
	else if (db_each(doctor->engine->db, &sql_station_list,
			 ARGS(a_int(doctor->request->tenant_id), a_int(0), a_int(STATIONS_MAX)), take_id, ids,
			 &err) < 0)
		doctor_say(doctor, DOCTOR_DATABASE, DOCTOR_ERROR, "Repair the database, or restore a backup.",
			"the stations cannot be read: %s", err.text);
	count = ids->count;
	*out = xcalloc(count, sizeof(**out));
	memcpy(*out, ids->all, count * sizeof(**out));
	free(ids);
	return count;
}

void doctor_each_station(struct doctor *doctor, doctor_station_h *look)
{
	struct err err;
	int64_t *ids;
	const size_t count = doctor_station_ids(doctor, &ids);

	for (size_t i = 0; i < count; i++) {
		struct station station = {0};

		if (station_load(doctor->engine, doctor->request->tenant_id, ids[i], false, &station, &err) >= 0)
			look(doctor, &station);
		station_wipe(&station);
	}
	free(ids);
}

/* ---- the request ------------------------------------------------------------------------------------------------ */

static void on_begin(evutil_socket_t fd, short what, void *arg)
{
	struct doctor *doctor = arg;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](doctor);
	doctor_done(doctor);
}

int doctor_run(struct request *request)
{
	const char *name = param_text(request, "station");
	const int64_t only = name ? station_by_name(request->engine, request->tenant_id, name, &request->err) : 0;
	struct doctor *doctor;

	if (only < 0)
		return (int)only;
	doctor = xcalloc(1, sizeof(*doctor));
	*doctor = (struct doctor){.engine = request->engine, .request = request, .only = only,
		.traces = param_bool(request, "trace", false),
		.registers = only || param_bool(request, "register", false), .findings = json_array(), .waiting = 1};
	if (work_slice(request->engine, on_begin, doctor) == 0)
		return REQUEST_PENDING;
	json_decref(doctor->findings);
	free(doctor);
	return err_set(&request->err, ERR_FAILED, "the checks cannot begin: no timer");
}
