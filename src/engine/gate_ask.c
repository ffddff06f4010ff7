/* gate_ask.c - asks the gate about a number. */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/tz.h"
#include "../rule/frequency.h"
#include "gate_ask.h"
#include "session.h"

struct found { struct gate_customer *all; size_t count; };

static void take_customer(const struct gate_customer *customer, void *arg)
{
	struct found *found = arg;

	if ((found->count & (found->count + 1)) == 0)           /* 0, 1, 3, 7 ...: full, make twice the room */
		found->all = xrealloc(found->all, (found->count + 1) * 2 * sizeof(*found->all));
	found->all[found->count++] = *customer;
}

/* The tenant's zone is opened once: every tenant has one, and engines have few tenants that call at the same time. */
static const struct tz *zone_of(struct sessions *sessions, const struct tenant *tenant)
{
	if (sessions->zone && strcmp(sessions->zone_name, tenant->timezone)) {
		tz_free(sessions->zone);
		sessions->zone = NULL;
	}
	if (!sessions->zone && tz_open(&sessions->zone, tenant->timezone, NULL) < 0)
		sessions->zone = NULL;
	snprintf(sessions->zone_name, sizeof(sessions->zone_name), "%s", tenant->timezone);
	return sessions->zone;
}

static void decide(struct engine *engine, struct gate_answer *answer, const struct found *found, int64_t now)
{
	const struct tz *tz = zone_of(engine->sessions, &answer->tenant);
	struct gate_zone zone = {.start_minute = answer->tenant.hours_start_minute,
		.end_minute = answer->tenant.hours_end_minute,
		.name = answer->tenant.timezone};
	const struct gate_facts facts = {.customers = found->all,
		.customer_count = found->count,
		.zones = &zone,
		.zone_count = tz ? 1 : 0,
		.block_unknown = answer->tenant.block_unknown};

	if (tz)
		tz_local(tz, now, &zone.now);
	gate_decide(&facts, &answer->decision);
}

static void take_other(const struct gate_customer *customer, void *arg)
{
	struct gate_customer other = *customer;

	other.named_only = true;
	take_customer(&other, arg);
}

/* A number of another country that has ten digits after its "+" may be one of country code 1 whose 1 was forgotten, and
 * a PBX that drops the "+" dials that: whoever has it may be reached as well. */
static int take_without_plus(struct engine *engine, const struct gate_answer *answer, int64_t since,
	struct found *found, struct err *err)
{
	char other[E164_SIZE];

	if (strcmp(answer->tenant.country, "1") || strlen(answer->number) != 11 ||
		e164_parse(answer->number + 1, "1", other, NULL) < 0)
		return 0;
	return customers_for_number(engine, &answer->tenant, other, 0, since, take_other, found, err);
}

int gate_ask(struct engine *engine, int64_t tenant_id, const char *number, int64_t customer_id,
	struct gate_answer *answer, struct err *err)
{
	const int64_t now = clock_now_ms(), since = frequency_window_start(now);
	struct found found = {0};
	int status;

	memset(answer, 0, sizeof(*answer));
	status = tenant_load(engine, tenant_id, &answer->tenant, err);
	if (status >= 0)
		status = e164_parse(number, answer->tenant.country, answer->number, err);
	if (status >= 0 && customer_id)
		status = customer_check(engine, tenant_id, customer_id, err);
	if (status >= 0)
		status = customers_for_number(engine, &answer->tenant, answer->number, customer_id, since,
			take_customer, &found, err);
	if (status >= 0)
		status = take_without_plus(engine, answer, since, &found, err);
	if (status >= 0) {
		answer->customers = xcalloc(found.count + 1, sizeof(*answer->customers));
		for (size_t i = 0; i < found.count; i++)
			answer->customers[i] = found.all[i].id;
		answer->customer_count = found.count;
		answer->customer_id = customer_id ? customer_id : answer->customers[0];
		decide(engine, answer, &found, now);
	}
	free(found.all);
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
