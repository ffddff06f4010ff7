/* gate_customers.c - what the gate must know of the customers whom a number may reach. */
#include "../base/clock.h"
#include "../db/sql_customer.h"
#include "customer.h"
#include "nouns.h"

struct loading {
	const struct tenant *tenant;
	gate_customer_h *found;
	void *arg;
	struct err *err;
};

static int take_customer(const struct row *row, void *arg)
{
	const struct loading *loading = arg;
	const char *sol_date = row_text(row, GATE_SOL_DATE);
	struct gate_customer customer = {
		.id = row_int(row, GATE_ID),
		.named_only = row_int(row, GATE_NAMED_ONLY) != 0,
		.cease_and_desist = row_int(row, GATE_CEASE) != 0,
		.attorney_represented = row_int(row, GATE_ATTORNEY) != 0,
		.bankruptcy_filed = row_int(row, GATE_BANKRUPTCY) != 0,
		.do_not_call = row_int(row, GATE_DNC) != 0,
		.deceased = customer_is_deceased(row_text(row, GATE_STATUS)),
		.has_sol_date = sol_date != NULL,
		.calls_in_window = row_int(row, GATE_CALLS),
		.cap = row_null(row, GATE_CAP) ? loading->tenant->max_calls_per_week : row_int(row, GATE_CAP),
	};

	/* What cannot be read is not taken for "none". */
	if (sol_date && !date_parse(sol_date, &customer.sol_day))
		return err_set(loading->err, ERR_FAILED,
			"customer %lld: sol_date is no date in the database; set it anew", (long long)customer.id);
	loading->found(&customer, loading->arg);
	return 0;
}

int customers_for_number(struct engine *engine, const struct tenant *tenant, const char *number, int64_t customer_id,
	int64_t window_start, gate_customer_h *found, void *arg, struct err *err)
{
	struct loading loading = {.tenant = tenant, .found = found, .arg = arg, .err = err};

	return db_each(engine->db, &sql_gate_customers,
		ARGS(a_int(tenant->id), a_text(number), a_int(customer_id), a_int(window_start)), take_customer,
		&loading, err);
}
