/* gate_ask.c - asks the gate about a number: whose it is, where it may ring, what the tenant says. */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../base/tz.h"
#include "../rule/frequency.h"
#include "../rule/place.h"
#include "gate_ask.h"
#include "session.h"

/* ---- where he may be -------------------------------------------------------------------------------------------- */

enum { ZONES_MAX = 32 };

/* A time zone, opened once. */
struct zone { struct zone *next; struct tz *tz; char name[64]; };

void gate_zones_clear(struct sessions *sessions)
{
	struct zone *zone;

	while ((zone = sessions->zones)) {
		sessions->zones = zone->next;
		tz_free(zone->tz);
		free(zone);
	}
}

/* NULL for one that the tz database does not have (any more): it is looked for again the next time. */
static const struct zone *zone_of(struct sessions *sessions, const char *name)
{
	struct zone *zone = sessions->zones;
	struct tz *tz;

	while (zone && strcmp(zone->name, name))
		zone = zone->next;
	if (zone || tz_open(&tz, name, NULL) < 0)
		return zone;
	zone = xcalloc(1, sizeof(*zone));
	zone->tz = tz;
	str_copy(zone->name, sizeof(zone->name), name);
	zone->next = sessions->zones;
	sessions->zones = zone;
	return zone;
}

/* What is asked for: the customers found so far, and every zone in which the called person may be. */
struct asking {
	struct sessions *sessions;
	const struct tenant *tenant;
	int64_t now;
	struct gate_customer *all;
	size_t count;
	struct gate_zone zones[ZONES_MAX];
	size_t zone_count;
	size_t placeless;           /* customers whose record does not say where they are */
	bool zone_lost;             /* one could not be looked at */
};

static void add_zone(struct asking *asking, const char *name)
{
	const struct zone *zone;
	struct gate_zone *place = &asking->zones[asking->zone_count];

	for (size_t i = 0; i < asking->zone_count; i++)
		if (!strcmp(asking->zones[i].name, name))
			return;
	zone = asking->zone_count < ZONES_MAX ? zone_of(asking->sessions, name) : NULL;
	if (!zone) {
		asking->zone_lost = true;
		return;
	}
	*place = (struct gate_zone){.start_minute = asking->tenant->hours_start_minute,
		.end_minute = asking->tenant->hours_end_minute, .name = zone->name};
	tz_local(zone->tz, asking->now, &place->now);
	asking->zone_count++;
}

static void add_zones(struct asking *asking, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add_zone(asking, names[i]);
}

/* The zone of his record is where he is; without one, all of his state's. */
static void take_customer(const struct gate_customer *customer, const char *timezone, const char *state, void *arg)
{
	struct asking *asking = arg;
	const char *names[PLACE_ZONES_MAX];
	const size_t n = timezone || !state ? 0 : place_of_state(state, names);

	if ((asking->count & (asking->count + 1)) == 0)         /* 0, 1, 3, 7 ...: full, make twice the room */
		asking->all = xrealloc(asking->all, (asking->count + 1) * 2 * sizeof(*asking->all));
	asking->all[asking->count++] = *customer;
	if (timezone)
		add_zone(asking, timezone);
	add_zones(asking, names, n);
	asking->placeless += !timezone && !n;
}

/* The number's own zones are added whatever the records say.  False where nothing at all tells where it may ring: a
 * toll-free number, say, or one of another country than the tenant's. */
static bool take_number(struct asking *asking, const char *number)
{
	const char *names[PLACE_ZONES_MAX], *country = asking->tenant->country;
	const size_t n = place_of_number(number, names);

	add_zones(asking, names, n);
	if (n || (strcmp(country, "1") != 0 && str_starts(number + 1, country)))
		return true;
	return asking->count && !asking->placeless;
}

static void decide(struct asking *asking, struct gate_answer *answer)
{
	const struct tenant *tenant = asking->tenant;
	const bool always = tenant->hours_start_minute == 0 && tenant->hours_end_minute == 24 * 60;

	add_zone(asking, tenant->timezone);
	const bool placed = take_number(asking, answer->number) && !asking->zone_lost;
	const struct gate_facts facts = {.customers = asking->all,
		.customer_count = asking->count,
		.zones = asking->zones,
		.zone_count = asking->zone_count,
		.place_unknown = !placed && !always,    /* where any hour will do, the place does not matter */
		.block_unknown = tenant->block_unknown};

	gate_decide(&facts, &answer->decision);
}

/* ---- asking ----------------------------------------------------------------------------------------------------- */

int gate_ask(struct engine *engine, int64_t tenant_id, const char *number, int64_t customer_id,
	struct gate_answer *answer, struct err *err)
{
	struct asking asking = {.sessions = engine->sessions, .tenant = &answer->tenant, .now = clock_now_ms()};
	int status;

	memset(answer, 0, sizeof(*answer));
	status = tenant_load(engine, tenant_id, &answer->tenant, err);
	if (status >= 0)
		status = e164_parse(number, answer->tenant.country, answer->number, err);
	if (status >= 0 && customer_id)
		status = customer_check(engine, tenant_id, customer_id, err);
	if (status >= 0)
		status = customers_for_number(engine, &answer->tenant, answer->number, customer_id,
			frequency_window_start(asking.now), take_customer, &asking, err);
	if (status >= 0) {
		answer->customers = xcalloc(asking.count + 1, sizeof(*answer->customers));
		for (size_t i = 0; i < asking.count; i++)
			answer->customers[i] = asking.all[i].id;
		answer->customer_count = asking.count;
		answer->customer_id = customer_id ? customer_id : answer->customers[0];
		decide(&asking, answer);
	}
	free(asking.all);
	return status < 0 ? status : 0;
}

void gate_answer_clear(struct gate_answer *answer)
{
	free(answer->customers);
	answer->customers = NULL;
}

static json_t *id_json(int64_t id)
{
	return id ? json_integer(id) : json_null();
}

json_t *gate_json(const struct gate_answer *answer)
{
	const struct gate_decision *decision = &answer->decision;
	json_t *reasons = json_array();

	for (size_t i = 0; i < decision->count; i++) {
		const struct gate_reason *reason = &decision->reasons[i];

		json_array_append_new(reasons,
			json_pack("{s:s, s:s, s:s, s:s, s:o}", "code", gate_code_name(reason->code), "severity",
				gate_code_hard(reason->code) ? "hard" : "soft", "authority",
				gate_code_authority(reason->code), "message", reason->message, "customer_id",
				id_json(reason->customer_id)));
	}
	return json_pack("{s:s, s:s, s:o, s:o}", "decision", gate_verdict_name(decision->verdict), "number",
		answer->number, "customer_id", id_json(answer->customer_id), "reasons", reasons);
}
