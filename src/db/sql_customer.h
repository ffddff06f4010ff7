/* sql_customer.h - statements of engine/customer.c and gate_customers.c.  $1 is the tenant. */
#pragma once
#include "db.h"

extern const struct stmt
	/* tenant, window start, pattern (LIKE, \ escapes) or NULL, external id or NULL, after, limit */
	sql_customer_list,
	sql_customer_list_phone,    /* tenant, window start, number, after, limit */
	sql_customer_get,           /* tenant, window start, id */
	sql_customer_by_external,   /* tenant, external id */
	sql_customer_by_phone,      /* tenant, number */
	sql_customer_exists,        /* tenant, id */
	sql_customer_add,           /* tenant, now, name, external_id, timezone, state, postcode, do_not_call */
	sql_customer_set,           /* tenant, id, now, then the same */
	sql_customer_flags,         /* customer, tenant, cease_and_desist ... max_calls_per_week: insert or update */
	sql_customer_remove,        /* tenant, id, removed_at */
	sql_customer_phones,        /* tenant, customer: number */
	sql_customer_phone_add,     /* tenant, customer, number */
	sql_customer_phones_clear,  /* tenant, customer */
	sql_gate_customers;         /* tenant, number, a customer's id or 0, window start */

/* Columns of the first three. */
enum customer_column {
	CUSTOMER_ID, CUSTOMER_NAME, CUSTOMER_EXTERNAL_ID, CUSTOMER_TIMEZONE, CUSTOMER_STATE, CUSTOMER_POSTCODE,
	CUSTOMER_DO_NOT_CALL, CUSTOMER_CEASE_AND_DESIST, CUSTOMER_ATTORNEY_REPRESENTED, CUSTOMER_BANKRUPTCY_FILED,
	CUSTOMER_COLLECTIONS_STATUS, CUSTOMER_SOL_DATE, CUSTOMER_MAX_CALLS_PER_WEEK, CUSTOMER_CALLS_THIS_WEEK,
	CUSTOMER_CREATED_AT, CUSTOMER_UPDATED_AT,
};

/* Columns of sql_gate_customers. */
enum gate_column {
	GATE_ID, GATE_DNC, GATE_CEASE, GATE_ATTORNEY, GATE_BANKRUPTCY, GATE_STATUS, GATE_SOL_DATE, GATE_CAP, GATE_CALLS,
	GATE_NAMED_ONLY,            /* he is $3, and $2 is not one of his numbers */
};
