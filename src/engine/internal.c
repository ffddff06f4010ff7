/* internal.c - calls between two agents of one tenant. */
#include <string.h>
#include "../base/e164.h"
#include "../base/str.h"
#include "../rule/internal.h"
#include "audit_now.h"
#include "internal.h"
#include "nouns.h"
#include "route.h"

/* ---- whom a name means ------------------------------------------------------------------------------------------ */

static const struct session *session_at(const struct engine *engine, int64_t station_id)
{
	for (const struct session *s = engine->sessions->first; s; s = s->next)
		if (s->station_id == station_id && s->phase == SESSION_ON)
			return s;
	return NULL;
}

/* 1 with the session, or NULL for nobody logged in; 0: no such agent or station. */
static int lookup(struct request *request, const char *to, const struct session **found)
{
	struct engine *engine = request->engine;
	struct err err = {0};
	const int64_t user = user_by_login(engine, request->tenant_id, to, &err);
	int64_t station;

	if (user < 0 && err.code != ERR_NOT_FOUND)
		return err_set(&request->err, err.code, "%s", err.text);
	station = station_by_name(engine, request->tenant_id, to, &err);
	if (station < 0 && err.code != ERR_NOT_FOUND)
		return err_set(&request->err, err.code, "%s", err.text);
	*found = user > 0 ? session_of_user(engine, user) : station > 0 ? session_at(engine, station) : NULL;
	if (user > 0 && station > 0 && session_at(engine, station) && session_at(engine, station) != *found)
		return err_set(&request->err, ERR_CONFLICT, "%s is an agent and the station of another: name the"
			" station of the one, or the login of the other", to);
	return user > 0 || station > 0;
}

/* A station whose address could be a number's is nobody's colleague: the attempt is told for ever. */
static int refuse_number(
	struct request *request, const struct session *from, const struct session *to, const char *user)
{
	char detail[600];
	const struct audit_entry entry = {.tenant_id = from->tenant_id, .event = "ungated_leg", .severity = "hard",
		.user_id = from->user_id, .station_id = from->station_id, .number = user, .detail = detail};

	snprintf(detail, sizeof(detail),
		 "an internal call was refused: the address of station %s may be a telephone number's", to->station);
	audit_now(request->engine, &entry);
	return err_set(&request->err, ERR_CONFLICT, "station %s cannot be called without the gate: the user of its SIP"
		" address, %s, may be a telephone number", to->station, user);
}

static int address_of(struct request *request, const struct session *from, const struct session *to,
	struct colleague *out)
{
	struct station station = {0};
	struct sip_uri uri;
	int status = station_load(request->engine, to->tenant_id, to->station_id, false, &station, &request->err);

	if (status >= 0 && !sip_uri_split(station.sip_uri, &uri))
		status = err_set(&request->err, ERR_CONFIG, "sip_uri: %s is not sip:USER@HOST[:PORT]", station.sip_uri);
	else if (status >= 0 && !internal_may_call(uri.user))
		status = refuse_number(request, from, to, uri.user);
	else if (status >= 0 && !str_copy(out->uri, sizeof(out->uri), station.sip_uri))
		status = err_set(&request->err, ERR_CONFIG, "the address of station %s is too long", to->station);
	station_wipe(&station);
	return status;
}

int internal_find(struct request *request, const struct session *from, const char *to, struct colleague *out)
{
	const struct session *found = NULL;
	char number[E164_SIZE];
	struct tenant tenant;
	int status = lookup(request, to, &found);

	if (status <= 0)
		return status;
	if (tenant_load(request->engine, request->tenant_id, &tenant, &request->err) < 0)
		return request->err.code;
	if (e164_parse(to, tenant.country, number, NULL) >= 0)
		return err_set(&request->err, ERR_CONFLICT, "%s is a telephone number, and an agent or a station has"
			" that name: dial %s for the number", to, number);
	if (!found)
		return err_set(&request->err, ERR_CONFLICT, "%s is not logged in", to);
	if (found == from)
		return err_set(&request->err, ERR_CONFLICT, "%s is the one who calls", to);
	status = address_of(request, from, found, out);
	if (status < 0)
		return status;
	out->user_id = found->user_id;
	out->station_id = found->station_id;
	str_copy(out->login, sizeof(out->login), found->login);
	return 1;
}

/* ---- the other half --------------------------------------------------------------------------------------------- */

/* Is this From the caller's, by his station's address or the number that it shows? */
static bool is_from(const struct session *caller, const char *from)
{
	struct station station = {0};
	struct sip_uri theirs, own;
	bool same = false;

	if (!from || !sip_uri_split(from, &theirs))
		return false;
	theirs.user[strcspn(theirs.user, ";:")] = '\0';
	if (station_load(caller->engine, caller->tenant_id, caller->station_id, false, &station, NULL) >= 0 &&
		sip_uri_split(station.sip_uri, &own))
		same = !strcmp(theirs.user, own.user) || !strcmp(theirs.user, caller->did) ||
		       (caller->did[0] == '+' && !strcmp(theirs.user, caller->did + 1));
	station_wipe(&station);
	return same;
}

struct live *internal_match(const struct session *called, const json_t *message)
{
	const char *sip = json_string_value(json_object_get(message, "sip"));
	const char *from = json_string_value(json_object_get(message, "from"));
	const char *token = json_string_value(json_object_get(message, "token"));

	for (const struct session *s = called->engine->sessions->first; s; s = s->next) {
		if (s->tenant_id != called->tenant_id || s == called)
			continue;
		for (struct live *live = s->calls; live; live = live->next) {
			if (live->ended || live_is_up(live) || live->called_station != called->station_id || live->met)
				continue;
			if ((sip && live->sip_call_id && !strcmp(sip, live->sip_call_id)) ||
				(token && *live->token && !strcmp(token, live->token)) || is_from(s, from)) {
				live->met = true;
				return live;
			}
		}
	}
	return NULL;
}
