/* tenant.c - tenants: their settings. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_dispo.h"
#include "../db/sql_tenant.h"
#include "../rule/acw.h"
#include "../rule/frequency.h"
#include "../rule/hours.h"
#include "change.h"
#include "check.h"
#include "nouns.h"

void tenant_presets(struct tenant *tenant)
{
	*tenant = (struct tenant){
		.timezone = "UTC",
		.country = "1",
		.acw_seconds = ACW_DEFAULT_SECONDS,
		.ring_seconds = 60,
		.max_call_hours = 6,
		.max_calls_per_week = FREQUENCY_DEFAULT_CAP,
		.hours_start_minute = 8 * 60,
		.hours_end_minute = 21 * 60,
		.record = true,
		.announce = true,
		.record_pause_seconds = 120,
		.retention_days = RETENTION_LEAST_DAYS,
		.busy_code = 486,
		.one_way_seconds = 20,
	};
}

static int take_tenant(const struct row *row, void *arg)
{
	struct tenant *tenant = arg;

	tenant->id = row_int(row, TENANT_ID);
	str_copy(tenant->name, sizeof(tenant->name), row_text(row, TENANT_NAME));
	str_copy(tenant->timezone, sizeof(tenant->timezone), row_text(row, TENANT_TIMEZONE));
	str_copy(tenant->country, sizeof(tenant->country), row_text(row, TENANT_COUNTRY));
	tenant->acw_seconds = row_int(row, TENANT_ACW_SECONDS);
	tenant->ring_seconds = row_int(row, TENANT_RING_SECONDS);
	tenant->max_call_hours = row_int(row, TENANT_MAX_CALL_HOURS);
	tenant->max_calls_per_week = row_int(row, TENANT_MAX_CALLS_PER_WEEK);
	tenant->hours_start_minute = (int)row_int(row, TENANT_HOURS_START);
	tenant->hours_end_minute = (int)row_int(row, TENANT_HOURS_END);
	tenant->block_unknown = !strcmp(row_text(row, TENANT_UNKNOWN_CUSTOMER), "block");
	tenant->record = row_int(row, TENANT_RECORD) != 0;
	tenant->announce = row_int(row, TENANT_ANNOUNCE) != 0;
	str_copy(tenant->announcement, sizeof(tenant->announcement),
		row_null(row, TENANT_ANNOUNCEMENT) ? "" : row_text(row, TENANT_ANNOUNCEMENT));
	tenant->record_required = row_int(row, TENANT_RECORD_REQUIRED) != 0;
	tenant->record_pause_seconds = row_int(row, TENANT_RECORD_PAUSE_SECONDS);
	tenant->retention_days = row_int(row, TENANT_RETENTION_DAYS);
	tenant->internal_disposition = row_int(row, TENANT_INTERNAL_DISPOSITION) != 0;
	tenant->busy_code = row_int(row, TENANT_BUSY_CODE);
	tenant->one_way_seconds = row_int(row, TENANT_ONE_WAY_SECONDS);
	str_copy(tenant->agent_states, sizeof(tenant->agent_states),
		row_null(row, TENANT_AGENT_STATES) ? "" : row_text(row, TENANT_AGENT_STATES));
	return 1;
}

int tenant_load(struct engine *engine, int64_t id, struct tenant *tenant, struct err *err)
{
	int rc = db_each(engine->db, &sql_tenant_get, ARGS(a_int(id)), take_tenant, tenant, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no tenant %lld", (long long)id);
	return rc < 0 ? rc : 0;
}

int64_t tenant_by_name(struct engine *engine, const char *name, struct err *err)
{
	char text[SHOWN_SIZE];
	int64_t id = id_of(engine, &sql_tenant_by_name, ARGS(a_text(name)), err);

	return id ? id : err_set(err, ERR_NOT_FOUND, "there is no tenant \"%s\"", shown(name, text));
}

/* ---- making and changing ---------------------------------------------------------------------------------------- */

static const char *unknown_customer(const struct tenant *tenant)
{
	return tenant->block_unknown ? "block" : "warn";
}

/* contract.md: in this order. */
static int add_dispositions(struct engine *engine, int64_t tenant_id, struct err *err)
{
	static const char *const presets[][2] = {
		{"sale", "Sale"},
		{"callback", "Callback"},
		{"no_answer", "No answer"},
		{"voicemail", "Voicemail"},
		{"busy", "Busy"},
		{"wrong_number", "Wrong number"},
		{"not_interested", "Not interested"},
		{"do_not_call", "Do not call"},
		{"escalation", "Escalation"},
		{"follow_up", "Follow up"},
		{"completed", "Completed"},
		{"other", "Other"},
	};

	for (size_t i = 0; i < sizeof(presets) / sizeof(*presets); i++) {
		int64_t id = db_insert(engine->db, &sql_dispo_add,
			ARGS(a_int(tenant_id), a_text(presets[i][0]), a_text(presets[i][1]), a_int((int64_t)i + 1)),
			err);
		if (id < 0)
			return (int)id;
	}
	return 0;
}

/* Behind the id, in the order of both statements. */
enum { SETTINGS = 20 };
static void settings_of(const struct tenant *t, struct arg *out)
{
	const struct arg settings[SETTINGS] = {a_text(t->name), a_text(t->timezone), a_int(t->acw_seconds),
		a_int(t->hours_start_minute), a_int(t->hours_end_minute), a_int(t->max_call_hours),
		a_int(t->max_calls_per_week), a_text(t->country), a_int(t->ring_seconds), a_text(unknown_customer(t)),
		a_int(t->record), a_int(t->announce), a_text(t->announcement[0] ? t->announcement : NULL),
		a_int(t->record_required), a_int(t->record_pause_seconds), a_int(t->retention_days),
		a_int(t->internal_disposition), a_int(t->busy_code), a_int(t->one_way_seconds),
		a_text(t->agent_states[0] ? t->agent_states : NULL)};

	memcpy(out, settings, sizeof(settings));
}

int64_t tenant_make(struct engine *engine, const struct tenant *t, struct err *err)
{
	struct arg args[SETTINGS + 1];
	settings_of(t, args);
	args[SETTINGS] = a_int(clock_now_ms());

	int64_t id = db_insert(engine->db, &sql_tenant_add, args, SETTINGS + 1, err);
	int rc = id < 0 ? (int)id : add_dispositions(engine, id, err);

	if (rc >= 0)
		rc = audit_begin(engine, id, err);
	engine->preset_tenant = 0;
	return rc < 0 ? rc : id;
}

static int take_checked(struct request *request, const char *name, check_h *check, char *field, size_t size)
{
	const char *text = param_text(request, name);

	if (!text)
		return 0;
	int rc = check(name, text, &request->err);
	if (rc >= 0 && !str_copy(field, size, text))
		rc = err_set(&request->err, ERR_INVALID, "%s: it is longer than %zu bytes", name, size - 1);
	return rc;
}

/* States as people write them, "tx, NM", become "TX,NM". */
static int take_states(struct request *request, struct tenant *tenant)
{
	const char *text = param_text(request, "agent_states");
	struct str list = {0};
	int rc = 0;

	for (const char *at = text ? text : ""; *at && rc >= 0; at += *at == ',') {
		char *state;
		size_t len;

		at += strspn(at, " ");
		len = strcspn(at, ", ");
		state = xstrndup(at, len);
		rc = check_state("agent_states", state, &request->err);
		if (rc >= 0)
			str_addf(&list, "%s%c%c", list.len ? "," : "", toupper(state[0]), toupper(state[1]));
		free(state);
		at += len;
		at += strspn(at, " ");
		if (rc >= 0 && *at && (*at != ',' || !at[1]))
			rc = err_set(&request->err, ERR_INVALID, "agent_states: states are separated by commas: TX,NM");
	}
	if (rc >= 0 && text)
		str_copy(tenant->agent_states, sizeof(tenant->agent_states), list.s ? list.s : "");
	str_free(&list);
	return rc;
}

/* Takes what the request gives over into the settings. */
static int take_settings(struct request *request, struct tenant *tenant)
{
	const char *hours = param_text(request, "hours"), *unknown = param_text(request, "unknown_customer");
	const char *announcement = param_text(request, "announcement");
	int rc = take_checked(request, "name", check_line, tenant->name, sizeof(tenant->name));

	if (rc >= 0)
		rc = take_checked(request, "timezone", check_timezone, tenant->timezone, sizeof(tenant->timezone));
	if (rc >= 0)
		rc = take_checked(request, "country", check_country, tenant->country, sizeof(tenant->country));
	if (rc >= 0 && hours)
		rc = check_hours("hours", hours, &request->err);
	if (rc >= 0 && unknown)
		rc = check_choice("unknown_customer", unknown, "warn|block", &request->err);
	if (rc >= 0)
		rc = take_states(request, tenant);
	if (rc >= 0 && announcement && *announcement)
		rc = check_sound_file("announcement", announcement, &request->err);
	if (rc < 0)
		return rc;
	if (announcement)
		str_copy(tenant->announcement, sizeof(tenant->announcement), announcement);
	if (hours)
		hours_parse(hours, &tenant->hours_start_minute, &tenant->hours_end_minute, NULL);
	if (unknown)
		tenant->block_unknown = !strcmp(unknown, "block");
	tenant->acw_seconds = param_int(request, "acw_seconds", tenant->acw_seconds);
	tenant->ring_seconds = param_int(request, "ring_seconds", tenant->ring_seconds);
	tenant->max_call_hours = param_int(request, "max_call_hours", tenant->max_call_hours);
	tenant->max_calls_per_week = param_int(request, "max_calls_per_week", tenant->max_calls_per_week);
	tenant->record = param_bool(request, "record", tenant->record);
	tenant->announce = param_bool(request, "announce", tenant->announce);
	tenant->record_required = param_bool(request, "record_required", tenant->record_required);
	tenant->record_pause_seconds = param_int(request, "record_pause_seconds", tenant->record_pause_seconds);
	tenant->retention_days = param_int(request, "retention_days", tenant->retention_days);
	tenant->internal_disposition = param_bool(request, "internal_disposition", tenant->internal_disposition);
	tenant->busy_code = param_int(request, "busy_code", tenant->busy_code);
	tenant->one_way_seconds = param_int(request, "one_way_seconds", tenant->one_way_seconds);
	return 0;
}

/* Another tenant's name is taken. */
static int check_free(struct request *request, const struct tenant *tenant)
{
	int64_t other = id_of(request->engine, &sql_tenant_by_name, ARGS(a_text(tenant->name)), &request->err);

	if (other > 0 && other != tenant->id)
		return err_set(&request->err, ERR_CONFLICT, "name: there is a tenant \"%s\" already", tenant->name);
	return other < 0 ? (int)other : 0;
}

static int add_hours(struct request *request, const struct row *row, json_t *item)
{
	char hours[12];

	(void)request;
	hours_format((int)row_int(row, TENANT_HOURS_START), (int)row_int(row, TENANT_HOURS_END), hours);
	return json_object_set_new(item, "hours", json_string(hours));
}

static int answer(struct request *request, int64_t id)
{
	return one_answer(
		request, &sql_tenant_get, ARGS(a_int(id)), add_hours, "there is no tenant %lld", (long long)id);
}

/* ---- handlers --------------------------------------------------------------------------------------------------- */

int tenant_add(struct request *request)
{
	struct tenant tenant;
	struct audit_entry about = {0};
	int rc;

	if (request->who.tenant_id)
		return err_set(&request->err, ERR_NOT_PERMITTED,
			"tenants are added by the engine's owner, not by a tenant's admin");
	tenant_presets(&tenant);
	rc = take_settings(request, &tenant);
	if (rc < 0 || (rc = change_begin(request)) < 0)
		return rc;
	rc = check_free(request, &tenant);
	if (rc >= 0) {
		about.tenant_id = tenant_make(request->engine, &tenant, &request->err);
		rc = about.tenant_id < 0 ? (int)about.tenant_id : answer(request, about.tenant_id);
	}
	return change_end(request, rc, &about);
}

int tenant_set(struct request *request)
{
	struct arg args[SETTINGS + 1];
	struct tenant t;
	int rc = tenant_load(request->engine, request->tenant_id, &t, &request->err);

	if (rc >= 0)
		rc = take_settings(request, &t);
	if (rc < 0 || (rc = change_begin(request)) < 0)
		return rc;
	rc = check_free(request, &t);
	args[0] = a_int(t.id);
	settings_of(&t, args + 1);
	request->engine->preset_tenant = 0;     /* it goes by names */
	if (rc >= 0)
		rc = db_run(request->engine->db, &sql_tenant_set, args, SETTINGS + 1, &request->err);
	if (rc >= 0)
		rc = answer(request, t.id);
	return change_end(request, rc, NULL);
}

int tenant_show(struct request *request)
{
	return answer(request, request->tenant_id);
}

/* A tenant's own admin sees his own. */
int tenant_list(struct request *request)
{
	if (!request->who.tenant_id)
		return list_answer(request, &sql_tenant_list, NO_ARGS, add_hours);
	int rc = answer(request, request->who.tenant_id);
	if (rc >= 0)
		request->result = json_pack("{s:[o], s:n}", "items", request->result, "next");
	return rc;
}
