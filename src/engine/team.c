/* team.c - teams, and what number a call shows: a team's is shown whoever of it calls, from any of its stations. */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/e164.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_team.h"
#include "change.h"
#include "check.h"
#include "nouns.h"
#include "route.h"
#include "session.h"

static int answer(struct request *request, int64_t id)
{
	return one_answer(request, &sql_team_get, ARGS(a_int(request->tenant_id), a_int(id)), NULL,
		"there is no team %lld", (long long)id);
}

/* The id of the team that the request names, or ERR_NOT_FOUND. */
static int64_t named(struct request *request)
{
	const char *name = param_text(request, "name");
	char text[SHOWN_SIZE];
	int64_t id = id_of(
		request->engine, &sql_team_by_name, ARGS(a_int(request->tenant_id), a_text(name)), &request->err);

	return id ? id : err_set(&request->err, ERR_NOT_FOUND, "there is no team \"%s\"", shown(name, text));
}

static int number_given(struct request *request, char did[E164_SIZE])
{
	struct tenant tenant;
	int rc = tenant_load(request->engine, request->tenant_id, &tenant, &request->err);

	if (rc >= 0 && (rc = e164_parse(param_text(request, "did"), tenant.country, did, &request->err)) < 0)
		err_prefix(&request->err, "did");
	return rc;
}

/* ---- handlers --------------------------------------------------------------------------------------------------- */

int team_list(struct request *request)
{
	return list_answer(request, &sql_team_list, ARGS(a_int(request->tenant_id)), NULL);
}

int team_show(struct request *request)
{
	int64_t id = named(request);

	return id < 0 ? (int)id : answer(request, id);
}

static int add(struct request *request, const char *name, const char *did)
{
	int64_t id = id_of(
		request->engine, &sql_team_by_name, ARGS(a_int(request->tenant_id), a_text(name)), &request->err);

	if (id > 0)
		return err_set(&request->err, ERR_CONFLICT, "name: there is a team \"%s\" already", name);
	if (id == 0)
		id = db_insert(request->engine->db, &sql_team_add,
			ARGS(a_int(request->tenant_id), a_text(name), a_text(did), a_int(clock_now_ms())),
			&request->err);
	return id < 0 ? (int)id : answer(request, id);
}

int team_add(struct request *request)
{
	const char *name = param_text(request, "name");
	char did[E164_SIZE];
	int rc = check_line("name", name, &request->err);

	if (rc >= 0)
		rc = number_given(request, did);
	if (rc < 0 || (rc = change_begin(request)) < 0)
		return rc;
	return change_end(request, add(request, name, did), NULL);
}

int team_set(struct request *request)
{
	char did[E164_SIZE];
	int64_t id = named(request);
	int rc = id < 0 ? (int)id : param_given(request, "did") ? number_given(request, did) : 0;

	if (rc < 0 || (rc = change_begin(request)) < 0)
		return rc;
	if (param_given(request, "did"))
		rc = db_run(request->engine->db, &sql_team_set,
			ARGS(a_int(request->tenant_id), a_int(id), a_text(did)), &request->err);
	return change_end(request, rc < 0 ? rc : answer(request, id), NULL);
}

static int take_name(const struct row *row, void *arg)
{
	*(char **)arg = xstrdup(row_text(row, 0));
	return 1;
}

/* Its stations would show their own numbers again, with nobody told. */
static int check_not_named(struct request *request, const char *name)
{
	char *station = NULL;
	int rc = db_each(request->engine->db, &sql_team_station, ARGS(a_int(request->tenant_id), a_text(name)),
		take_name, &station, &request->err);

	if (rc > 0)
		rc = err_set(&request->err, ERR_CONFLICT,
			"station %s is of team %s: give it another team or none first", station, name);
	free(station);
	return rc;
}

int team_rm(struct request *request)
{
	const char *name = param_text(request, "name");
	int64_t id = named(request);
	int rc = id < 0 ? (int)id : change_begin(request);

	if (rc < 0)
		return rc;
	rc = check_not_named(request, name);
	if (rc >= 0)
		rc = db_run(request->engine->db, &sql_team_remove,
			ARGS(a_int(request->tenant_id), a_int(id), a_int(clock_now_ms())), &request->err);
	if (rc >= 0)
		request->result = json_pack("{s:s}", "removed", name);
	return change_end(request, rc, NULL);
}

/* ---- what a call shows ------------------------------------------------------------------------------------------ */

static int take_did(const struct row *row, void *arg)
{
	str_copy(arg, E164_SIZE, row_text(row, 0));
	return 1;
}

static int fill(struct engine *engine, const struct station *station, struct caller_id *shown_as, struct err *err)
{
	struct sip_uri uri;
	char port[8] = "";

	str_copy(shown_as->did, sizeof(shown_as->did), station->did);
	str_copy(shown_as->header, sizeof(shown_as->header), station->caller_id);
	if (station->team && db_each(engine->db, &sql_team_number,
		ARGS(a_int(station->tenant_id), a_text(station->team)),
				     take_did, shown_as->did, err) < 0)
		return err->code;
	if (!sip_uri_split(station->sip_uri, &uri))
		return err_set(err, ERR_CONFIG, "sip_uri: %s is not sip:USER@HOST[:PORT]", station->sip_uri);
	if (uri.port)
		snprintf(port, sizeof(port), ":%d", uri.port);
	snprintf(shown_as->uri, sizeof(shown_as->uri), strchr(uri.host, ':') ? "sip:%s@[%s]%s" : "sip:%s@%s%s",
		shown_as->did,
		 uri.host, port);
	return 0;
}

int caller_id_of(
	struct engine *engine, int64_t tenant_id, int64_t station_id, struct caller_id *shown_as, struct err *err)
{
	struct station station = {0};
	int rc = station_load(engine, tenant_id, station_id, false, &station, err);

	*shown_as = (struct caller_id){0};
	if (rc >= 0)
		rc = fill(engine, &station, shown_as, err);
	station_wipe(&station);
	return rc;
}
