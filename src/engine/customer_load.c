/* customer_load.c - a customer out of the database, changed by a request, and back. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "../base/clock.h"
#include "../base/e164.h"
#include "../base/mem.h"
#include "../db/sql_customer.h"
#include "../rule/frequency.h"
#include "change.h"
#include "check.h"
#include "customer.h"
#include "nouns.h"

const char *const customer_texts[CUSTOMER_TEXTS] = {
	"name", "external_id", "timezone", "state", "postcode", "collections_status", "sol_date",
};
const char *const customer_flags[CUSTOMER_FLAGS] = {
	"do_not_call", "cease_and_desist", "attorney_represented", "bankruptcy_filed",
};

static check_h *const checks[CUSTOMER_TEXTS] = {
	check_line, check_line, check_timezone, check_state, check_line, check_line, check_date,
};
static const enum customer_column text_columns[CUSTOMER_TEXTS] = {
	CUSTOMER_NAME,
	CUSTOMER_EXTERNAL_ID,
	CUSTOMER_TIMEZONE,
	CUSTOMER_STATE,
	CUSTOMER_POSTCODE,
	CUSTOMER_COLLECTIONS_STATUS,
	CUSTOMER_SOL_DATE,
};
static const enum customer_column flag_columns[CUSTOMER_FLAGS] = {
	CUSTOMER_DO_NOT_CALL, CUSTOMER_CEASE_AND_DESIST, CUSTOMER_ATTORNEY_REPRESENTED, CUSTOMER_BANKRUPTCY_FILED,
};

bool customer_is_deceased(const char *collections_status)
{
	static const char word[] = "deceased";
	const char *at = collections_status ? collections_status + strspn(collections_status, " ") : "";

	return !strncasecmp(at, word, sizeof(word) - 1) && !isalpha((unsigned char)at[sizeof(word) - 1]);
}

static void free_phones(struct customer *customer)
{
	for (size_t i = 0; i < customer->phone_count; i++)
		free(customer->phones[i]);
	free(customer->phones);
	customer->phones = NULL;
	customer->phone_count = 0;
}

void customer_free(struct customer *customer)
{
	for (int i = 0; i < CUSTOMER_TEXTS; i++)
		free(customer->texts[i]);
	free_phones(customer);
	*customer = (struct customer){0};
}

static int take_row(const struct row *row, void *arg)
{
	struct customer *customer = arg;

	customer->id = row_int(row, CUSTOMER_ID);
	for (int i = 0; i < CUSTOMER_TEXTS; i++)
		customer->texts[i] = xstrdup(row_text(row, text_columns[i]));
	for (int i = 0; i < CUSTOMER_FLAGS; i++)
		customer->flags[i] = row_int(row, flag_columns[i]) != 0;
	customer->has_cap = !row_null(row, CUSTOMER_MAX_CALLS_PER_WEEK);
	customer->cap = row_int(row, CUSTOMER_MAX_CALLS_PER_WEEK);
	return 1;
}

int customer_load(struct engine *engine, int64_t tenant_id, int64_t id, struct customer *customer, struct err *err)
{
	*customer = (struct customer){0};
	int rc = db_each(engine->db, &sql_customer_get,
		ARGS(a_int(tenant_id), a_int(frequency_window_start(clock_now_ms())), a_int(id)), take_row, customer,
		err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no customer %lld", (long long)id);
	return rc < 0 ? rc : 0;
}

/* ---- what a request gives --------------------------------------------------------------------------------------- */

static bool has_phone(const struct customer *customer, const char *number)
{
	for (size_t i = 0; i < customer->phone_count; i++)
		if (!strcmp(customer->phones[i], number))
			return true;
	return false;
}

static int take_phones(struct request *request, struct customer *customer)
{
	json_t *list = json_object_get(request->params, "phones"), *item;
	char number[E164_SIZE];
	struct tenant tenant;
	size_t i;

	if (!list)
		return 0;
	int rc = tenant_load(request->engine, request->tenant_id, &tenant, &request->err);
	if (rc < 0)
		return rc;
	free_phones(customer);
	customer->phones_given = true;
	customer->phones = xcalloc(json_array_size(list) + 1, sizeof(*customer->phones));
	json_array_foreach(list, i, item) {
		rc = e164_parse(json_string_value(item), tenant.country, number, &request->err);
		if (rc < 0) {
			err_prefix(&request->err, "phones");
			return rc;
		}
		if (!has_phone(customer, number))
			customer->phones[customer->phone_count++] = xstrdup(number);
	}
	return customer->phone_count ? 0 : err_set(&request->err, ERR_INVALID, "phones: give at least one number");
}

static int take_texts(struct request *request, struct customer *customer)
{
	int rc = 0;

	for (int i = 0; i < CUSTOMER_TEXTS && rc >= 0; i++) {
		const char *name = customer_texts[i];
		take_text(request, name, &customer->texts[i]);
		if (param_given(request, name) && customer->texts[i])
			rc = checks[i](name, customer->texts[i], &request->err);
	}
	if (rc >= 0 && !customer->texts[TEXT_NAME])
		rc = err_set(&request->err, ERR_INVALID, "name: it is empty");
	for (char *p = customer->texts[TEXT_STATE]; rc >= 0 && p && *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return rc;
}

int customer_take(struct request *request, struct customer *customer)
{
	int rc = take_texts(request, customer);

	if (rc >= 0)
		rc = take_phones(request, customer);
	for (int i = 0; i < CUSTOMER_FLAGS; i++)
		customer->flags[i] = param_bool(request, customer_flags[i], customer->flags[i]);
	if (param_given(request, "max_calls_per_week")) {
		/* null: the tenant's figure again */
		const struct arg cap = arg_param_int(request, "max_calls_per_week");
		customer->has_cap = cap.kind == ARG_INT;
		customer->cap = cap.i;
	}
	return rc;
}

/* ---- and back --------------------------------------------------------------------------------------------------- */

static int check_external_free(struct request *request, const struct customer *customer)
{
	const char *external = customer->texts[TEXT_EXTERNAL_ID];
	int64_t other = 0;

	if (external)
		other = id_of(request->engine, &sql_customer_by_external,
			ARGS(a_int(request->tenant_id), a_text(external)), &request->err);
	if (other > 0 && other != customer->id)
		return err_set(&request->err, ERR_CONFLICT, "external_id: %s is that of customer %lld already",
			external, (long long)other);
	return other < 0 ? (int)other : 0;
}

static int store_row(struct request *request, struct customer *customer)
{
	struct db *db = request->engine->db;
	const struct arg tenant = a_int(request->tenant_id), now = a_int(clock_now_ms()),
			 dnc = a_int(customer->flags[FLAG_DO_NOT_CALL]);
	char *const *t = customer->texts;

	if (customer->id)
		return db_run(db, &sql_customer_set,
			ARGS(tenant, a_int(customer->id), now, a_text(t[TEXT_NAME]), a_text(t[TEXT_EXTERNAL_ID]),
				a_text(t[TEXT_TIMEZONE]), a_text(t[TEXT_STATE]), a_text(t[TEXT_POSTCODE]), dnc),
			&request->err);
	int64_t id = db_insert(db, &sql_customer_add,
		ARGS(tenant, now, a_text(t[TEXT_NAME]), a_text(t[TEXT_EXTERNAL_ID]), a_text(t[TEXT_TIMEZONE]),
			a_text(t[TEXT_STATE]), a_text(t[TEXT_POSTCODE]), dnc),
		&request->err);
	if (id < 0)
		return (int)id;
	customer->id = id;
	return 0;
}

static int store_flags(struct request *request, const struct customer *customer)
{
	const bool *f = customer->flags;

	return db_run(request->engine->db, &sql_customer_flags,
		ARGS(a_int(customer->id), a_int(request->tenant_id), a_int(f[FLAG_CEASE_AND_DESIST]),
			a_int(f[FLAG_ATTORNEY_REPRESENTED]), a_int(f[FLAG_BANKRUPTCY_FILED]),
			a_int(f[FLAG_DO_NOT_CALL]), a_text(customer->texts[TEXT_COLLECTIONS_STATUS]),
			a_text(customer->texts[TEXT_SOL_DATE]), customer->has_cap ? a_int(customer->cap) : a_null()),
		&request->err);
}

static int store_phones(struct request *request, const struct customer *customer)
{
	const struct arg tenant = a_int(request->tenant_id), id = a_int(customer->id);
	struct db *db = request->engine->db;
	int rc = 0;

	if (customer->phones_given)
		rc = db_run(db, &sql_customer_phones_clear, ARGS(tenant, id), &request->err);
	for (size_t i = 0; i < customer->phone_count && rc >= 0; i++)
		rc = db_run(db, &sql_customer_phone_add, ARGS(tenant, id, a_text(customer->phones[i])), &request->err);
	return rc;
}

int customer_store(struct request *request, struct customer *customer)
{
	int rc = check_external_free(request, customer);

	if (rc >= 0)
		rc = store_row(request, customer);
	if (rc >= 0)
		rc = store_flags(request, customer);
	return rc < 0 ? rc : store_phones(request, customer);
}
