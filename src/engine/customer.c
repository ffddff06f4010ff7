/* customer.c - whom calls are made to, and what forbids it.  Every flag that changes leaves its own row in the audit
 * log. */
#include "customer.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/e164.h"
#include "../base/str.h"
#include "../db/sql_customer.h"
#include "../rule/frequency.h"
#include "change.h"
#include "check.h"
#include "nouns.h"

/* ---- answers ---------------------------------------------------------------------------------------------------- */

static int add_phone(const struct row *row, void *list)
{
	return json_array_append_new(list, json_string(row_text(row, 0)));
}

static int add_phones(struct request *request, const struct row *row, json_t *item)
{
	json_t *phones = json_array();

	json_object_set_new(item, "phones", phones);
	int rc = db_each(request->engine->db, &sql_customer_phones,
		ARGS(a_int(request->tenant_id), a_int(row_int(row, CUSTOMER_ID))), add_phone, phones, &request->err);
	return rc < 0 ? rc : 0;
}

static struct arg week_start(void)
{
	return a_int(frequency_window_start(clock_now_ms()));
}

static int answer(struct request *request, int64_t id)
{
	return one_answer(request, &sql_customer_get, ARGS(a_int(request->tenant_id), week_start(), a_int(id)),
		add_phones, "there is no customer %lld", (long long)id);
}

int customer_check(struct engine *engine, int64_t tenant_id, int64_t id, struct err *err)
{
	int64_t found = id_of(engine, &sql_customer_exists, ARGS(a_int(tenant_id), a_int(id)), err);

	return found ? (found < 0 ? (int)found : 0)
		     : err_set(err, ERR_NOT_FOUND, "there is no customer %lld", (long long)id);
}

static int parse_phone(struct request *request, const char *typed, char number[E164_SIZE])
{
	struct tenant tenant;
	int rc = tenant_load(request->engine, request->tenant_id, &tenant, &request->err);

	if (rc >= 0 && (rc = e164_parse(typed, tenant.country, number, &request->err)) < 0)
		err_prefix(&request->err, "phone");
	return rc;
}

/* ---- what changed ----------------------------------------------------------------------------------------------- */

struct change {
	struct request *request;
	int64_t id;
	int count;
};

static int flag_changed(struct change *change, const char *flag, const char *from, const char *to)
{
	const char *reason = param_text(change->request, "reason");
	struct str detail = {0};

	if (!strcmp(from, to))
		return 0;
	change->count++;
	str_addf(&detail, "%s: %s -> %s", flag, from, to);
	if (reason)
		str_addf(&detail, "; %s", reason);
	int rc = change_audit(change->request,
		&(struct audit_entry){
			.event = "flag_changed", .reason_code = flag, .customer_id = change->id, .detail = detail.s});
	str_free(&detail);
	return rc;
}

static void cap_text(const struct customer *customer, char out[24])
{
	if (customer->has_cap)
		snprintf(out, 24, "%" PRId64, customer->cap);
	else
		snprintf(out, 24, "none");
}

/* A row for each flag, and for the status, the date and the cap, that the two differ in.  Their number, or negative. */
static int audit_flags(struct request *request, const struct customer *old, const struct customer *new)
{
	static const char *const words[] = {"off", "on"};
	struct change change = {.request = request, .id = new->id};
	char old_cap[24], new_cap[24];
	int rc = 0;

	for (int i = 0; i < CUSTOMER_FLAGS && rc >= 0; i++)
		rc = flag_changed(&change, customer_flags[i], words[old->flags[i]], words[new->flags[i]]);
	for (int i = CUSTOMER_TEXTS - CUSTOMER_AUDITED_TEXTS; i < CUSTOMER_TEXTS && rc >= 0; i++)
		rc = flag_changed(&change, customer_texts[i], old->texts[i] ? old->texts[i] : "none",
			new->texts[i] ? new->texts[i] : "none");
	cap_text(old, old_cap);
	cap_text(new, new_cap);
	if (rc >= 0)
		rc = flag_changed(&change, "max_calls_per_week", old_cap, new_cap);
	return rc < 0 ? rc : change.count;
}

static int add_number(const struct row *row, void *text)
{
	str_addf(text, "%s%s", ((struct str *)text)->len ? " " : "", row_text(row, 0));
	return 0;
}

static int numbers_of(struct request *request, int64_t id, struct str *text)
{
	return db_each(request->engine->db, &sql_customer_phones, ARGS(a_int(request->tenant_id), a_int(id)),
		add_number, text, &request->err);
}

/* What forbids calling him; NULL: nothing. */
static const char *forbidden_by(const struct customer *customer)
{
	const char *flag = customer_is_deceased(customer->texts[TEXT_COLLECTIONS_STATUS]) ? "deceased" : NULL;

	for (int i = CUSTOMER_FLAGS - 1; i >= 0; i--)
		if (customer->flags[i])
			flag = customer_flags[i];
	return flag;
}

/* A row with the numbers before and after; a number that leaves somebody who may not be called is open to calls. */
static int audit_numbers(struct request *request, const struct customer *old, const struct str *before)
{
	struct change change = {.request = request, .id = old->id};
	struct str after = {0};
	int rc = numbers_of(request, old->id, &after);

	if (rc >= 0)
		rc = flag_changed(&change, "phones", before->s, after.s);
	if (rc >= 0 && change.count && forbidden_by(old) && !param_text(request, "reason"))
		rc = err_set(&request->err, ERR_INVALID,
			"reason: customer %lld may not be called (%s): say why his numbers change", (long long)old->id,
			forbidden_by(old));
	str_free(&after);
	return rc;
}

static int check_reason(struct request *request)
{
	const char *reason = param_text(request, "reason");

	return reason ? check_line("reason", reason, &request->err) : 0;
}

/* ---- handlers --------------------------------------------------------------------------------------------------- */

int customer_add(struct request *request)
{
	static const struct customer nobody = {0};
	struct customer customer = {0};
	int rc = customer_take(request, &customer);

	if (rc >= 0)
		rc = check_reason(request);
	if (rc >= 0 && (rc = change_begin(request)) >= 0) {
		rc = customer_store(request, &customer);
		if (rc >= 0)
			rc = audit_flags(request, &nobody, &customer);
		if (rc >= 0)
			rc = answer(request, customer.id);
		rc = change_end(request, rc, &(struct audit_entry){.customer_id = customer.id});
	}
	customer_free(&customer);
	return rc;
}

/* Something beside flags, which have rows of their own, and id and reason, which change nothing. */
static bool changes_others(const struct request *request)
{
	bool others = param_given(request, "phones");

	for (int i = 0; i < CUSTOMER_TEXTS - CUSTOMER_AUDITED_TEXTS; i++)
		others = others || param_given(request, customer_texts[i]);
	return others;
}

static int set(struct request *request, const struct customer *old, struct customer *new)
{
	struct str numbers = {0};
	int rc = customer_take(request, new);

	if (rc >= 0)
		rc = check_reason(request);
	if (rc >= 0)
		rc = numbers_of(request, old->id, &numbers);
	if (rc >= 0)
		rc = customer_store(request, new);
	if (rc >= 0 && new->phones_given)
		rc = audit_numbers(request, old, &numbers);
	str_free(&numbers);
	if (rc >= 0)
		rc = audit_flags(request, old, new);
	if (rc > 0 && !param_text(request, "reason"))
		rc = err_set(&request->err, ERR_INVALID,
			"reason: it is needed where a flag, the status, the date or the cap changes");
	if (rc >= 0 && changes_others(request))
		rc = change_audit(request, &(struct audit_entry){.event = "customer.set", .customer_id = new->id});
	return rc < 0 ? rc : answer(request, new->id);
}

int customer_set(struct request *request)
{
	int64_t id = param_int(request, "id", 0);
	struct customer old = {0}, new = {0};
	int rc = change_begin(request);

	if (rc < 0)
		return rc;
	rc = customer_load(request->engine, request->tenant_id, id, &old, &request->err);
	if (rc >= 0)
		rc = customer_load(request->engine, request->tenant_id, id, &new, &request->err);
	if (rc >= 0)
		rc = set(request, &old, &new);
	rc = change_end(request, rc, &(struct audit_entry){.customer_id = id});
	customer_free(&old);
	customer_free(&new);
	return rc;
}

/* Removing a customer who may not be called would open his numbers again. */
static int check_callable(struct request *request, const struct customer *customer)
{
	if (forbidden_by(customer))
		return err_set(&request->err, ERR_CONFLICT,
			"customer %lld may not be called (%s), and that must stay known: keep the customer",
			(long long)customer->id, forbidden_by(customer));
	return 0;
}

int customer_rm(struct request *request)
{
	int64_t id = param_int(request, "id", 0);
	struct customer customer = {0};
	int rc = change_begin(request);

	if (rc < 0)
		return rc;
	rc = check_reason(request);
	if (rc >= 0)
		rc = customer_load(request->engine, request->tenant_id, id, &customer, &request->err);
	if (rc >= 0)
		rc = check_callable(request, &customer);
	if (rc >= 0)
		rc = db_run(request->engine->db, &sql_customer_remove,
			ARGS(a_int(request->tenant_id), a_int(id), a_int(clock_now_ms())), &request->err);
	if (rc >= 0)
		request->result = json_pack("{s:I}", "removed", (json_int_t)id);
	customer_free(&customer);
	return change_end(request, rc, &(struct audit_entry){.customer_id = id});
}

struct matches {
	int64_t first;
	int count;
	struct str ids;
};

static int take_match(const struct row *row, void *arg)
{
	struct matches *matches = arg;

	if (!matches->count++)
		matches->first = row_int(row, 0);
	str_addf(&matches->ids, "%s%" PRId64, matches->ids.len ? ", " : "", row_int(row, 0));
	return 0;
}

static int show_by_phone(struct request *request)
{
	struct matches matches = {0};
	char number[E164_SIZE];
	int rc = parse_phone(request, param_text(request, "phone"), number);

	if (rc >= 0)
		rc = db_each(request->engine->db, &sql_customer_by_phone,
			ARGS(a_int(request->tenant_id), a_text(number)), take_match, &matches, &request->err);
	if (rc == 0)
		rc = err_set(&request->err, ERR_NOT_FOUND, "there is no customer with the number %s", number);
	else if (rc == 1)
		rc = answer(request, matches.first);
	else if (rc > 1)
		rc = err_set(&request->err, ERR_CONFLICT, "%d customers have the number %s: show one of the ids %s", rc,
			number, matches.ids.s);
	str_free(&matches.ids);
	return rc;
}

int customer_show(struct request *request)
{
	const char *external = param_text(request, "external_id");
	char text[SHOWN_SIZE];

	if (param_given(request, "id") + param_given(request, "phone") + param_given(request, "external_id") != 1)
		return err_set(&request->err, ERR_INVALID, "which customer: give one of id, phone, external_id");
	if (param_given(request, "phone"))
		return show_by_phone(request);
	if (!external)
		return answer(request, param_int(request, "id", 0));
	int64_t id = id_of(request->engine, &sql_customer_by_external,
		ARGS(a_int(request->tenant_id), a_text(external)), &request->err);
	if (id == 0)
		return err_set(&request->err, ERR_NOT_FOUND, "there is no customer with the external id \"%s\"",
			shown(external, text));
	return id < 0 ? (int)id : answer(request, id);
}

int customer_list(struct request *request)
{
	const char *phone = param_text(request, "phone"), *search = param_text(request, "search");
	char number[E164_SIZE];

	if (phone && search)
		return err_set(&request->err, ERR_INVALID, "phone and search: give one of them");
	if (phone) {
		int rc = parse_phone(request, phone, number);
		return rc < 0 ? rc : list_answer(request, &sql_customer_list_phone,
			ARGS(a_int(request->tenant_id), week_start(), a_text(number)), add_phones);
	}
	struct search patterns;
	search_take(&patterns, search, "");
	int rc = list_answer(request, &sql_customer_list,
		ARGS(a_int(request->tenant_id), week_start(), a_text(patterns.text), a_text(search)), add_phones);
	search_clear(&patterns);
	return rc;
}
