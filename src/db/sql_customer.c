/* sql_customer.c - customers, what forbids calling them, their numbers; what the gate asks of them. */
#include "sql_customer.h"

/*
 * Attempts to reach a person: the calls placed for him, and those to any of his numbers that were placed for somebody
 * else, or before the number was known to be his.  Naming another customer does not dial around the cap.  The indexes
 * answer this alone.
 */
#define CALLS_SINCE(start) \
	"((SELECT count(*) FROM softphone_call_logs l WHERE l.customer_id = c.id AND l.counts_toward_cap = 1" \
	" AND l.started_at >= " start ")" \
	" + (SELECT count(*) FROM customer_phones p JOIN softphone_call_logs l ON l.tenant_id = p.tenant_id" \
	" AND l.number = p.number AND l.counts_toward_cap = 1 AND l.started_at >= " start \
	" AND l.customer_id IS DISTINCT FROM c.id WHERE p.customer_id = c.id))"

#define SELECT \
	"SELECT c.id, c.name, c.external_id, c.timezone, c.state, c.postcode," \
	" CASE WHEN c.do_not_call = 1 OR m.do_not_call = 1 THEN 1 ELSE 0 END, coalesce(m.cease_and_desist, 0)," \
	" coalesce(m.attorney_represented, 0), coalesce(m.bankruptcy_filed, 0), m.collections_status," \
	" m.sol_date, m.max_calls_per_week, " \
	CALLS_SINCE("$2") ", c.created_at, c.updated_at" \
	" FROM customers c LEFT JOIN customer_collections_metadata m ON m.customer_id = c.id" \
	" WHERE c.tenant_id = $1 AND c.removed_at IS NULL"
#define COLUMNS { \
	{"id", COL_INT}, {"name", COL_TEXT}, {"external_id", COL_TEXT}, {"timezone", COL_TEXT}, {"state", COL_TEXT}, \
	{"postcode", COL_TEXT}, {"do_not_call", COL_BOOL}, {"cease_and_desist", COL_BOOL}, \
	{"attorney_represented", COL_BOOL}, {"bankruptcy_filed", COL_BOOL}, {"collections_status", COL_TEXT}, \
	{"sol_date", COL_TEXT}, {"max_calls_per_week", COL_INT}, {"calls_this_week", COL_INT}, \
	{"created_at", COL_TIME}, {"updated_at", COL_TIME} }

const struct stmt sql_customer_list = {
	"customer.list",
	SELECT " AND (CAST($3 AS TEXT) IS NULL OR lower(c.name) LIKE lower($3) ESCAPE '\\' OR c.external_id = $4)"
	" AND c.id > $5 ORDER BY c.id LIMIT $6",
	COLUMNS,
};

const struct stmt sql_customer_list_phone = {
	"customer.list_phone",
	SELECT " AND c.id IN (SELECT customer_id FROM customer_phones WHERE tenant_id = $1 AND number = $3)"
	" AND c.id > $4 ORDER BY c.id LIMIT $5",
	COLUMNS,
};

const struct stmt sql_customer_get = {"customer.get", SELECT " AND c.id = $3", COLUMNS};

const struct stmt sql_customer_by_external = {
	"customer.by_external",
	"SELECT id FROM customers WHERE tenant_id = $1 AND external_id = $2 AND removed_at IS NULL",
	{{"id", COL_INT}},
};

const struct stmt sql_customer_by_phone = {
	"customer.by_phone",
	"SELECT c.id FROM customer_phones p JOIN customers c ON c.id = p.customer_id"
	" WHERE p.tenant_id = $1 AND p.number = $2 AND c.removed_at IS NULL ORDER BY c.id",
	{{"id", COL_INT}},
};

const struct stmt sql_customer_exists = {
	"customer.exists",
	"SELECT id FROM customers WHERE tenant_id = $1 AND id = $2 AND removed_at IS NULL",
	{{"id", COL_INT}},
};

const struct stmt sql_customer_add = {
	"customer.add",
	"INSERT INTO customers (tenant_id, created_at, updated_at, name, external_id, timezone, state, postcode,"
	" do_not_call)"
	" VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
	{{"id", COL_INT}},
};

const struct stmt sql_customer_set = {
	"customer.set",
	"UPDATE customers SET updated_at = $3, name = $4, external_id = $5, timezone = $6, state = $7,"
	" postcode = $8, do_not_call = $9"
	" WHERE tenant_id = $1 AND id = $2 AND removed_at IS NULL",
	{{0}},
};

const struct stmt sql_customer_flags = {
	"customer.flags",
	"INSERT INTO customer_collections_metadata (customer_id, tenant_id, cease_and_desist,"
	" attorney_represented, bankruptcy_filed, do_not_call, collections_status, sol_date, max_calls_per_week)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
	" ON CONFLICT (customer_id) DO UPDATE SET cease_and_desist = excluded.cease_and_desist,"
	" attorney_represented = excluded.attorney_represented, bankruptcy_filed = excluded.bankruptcy_filed,"
	" do_not_call = excluded.do_not_call, collections_status = excluded.collections_status,"
	" sol_date = excluded.sol_date, max_calls_per_week = excluded.max_calls_per_week",
	{{0}},
};

const struct stmt sql_customer_remove = {
	"customer.rm",
	"UPDATE customers SET removed_at = $3 WHERE tenant_id = $1 AND id = $2 AND removed_at IS NULL",
	{{0}},
};

const struct stmt sql_customer_phones = {
	"customer.phones", "SELECT number FROM customer_phones WHERE tenant_id = $1 AND customer_id = $2 ORDER BY id",
	{{"number", COL_TEXT}},
};

const struct stmt sql_customer_phone_add = {
	"customer.phone_add", "INSERT INTO customer_phones (tenant_id, customer_id, number) VALUES ($1, $2, $3)", {{0}},
};

const struct stmt sql_customer_phones_clear = {
	"customer.phones_clear", "DELETE FROM customer_phones WHERE tenant_id = $1 AND customer_id = $2", {{0}},
};

/* Two searches that are merged: whoever has the number, and the one named where he does not have it.  One search
 * with OR or IN would need a table of its own at each call, at twice the cost. */
#define GATE_SELECT \
	"SELECT c.id, CASE WHEN c.do_not_call = 1 OR m.do_not_call = 1 THEN 1 ELSE 0 END, m.cease_and_desist," \
	" m.attorney_represented, m.bankruptcy_filed, m.collections_status, m.sol_date, m.max_calls_per_week, " \
	CALLS_SINCE("$4") ", "
#define GATE_JOIN \
	" LEFT JOIN customer_collections_metadata m ON m.customer_id = c.id WHERE c.tenant_id = $1" \
	" AND c.removed_at IS NULL"

const struct stmt sql_gate_customers = {
	"gate.customers",
	GATE_SELECT "0 FROM (SELECT customer_id FROM customer_phones WHERE tenant_id = $1 AND number = $2) n"
	" JOIN customers c ON c.id = n.customer_id" GATE_JOIN
	" UNION ALL "
	GATE_SELECT "1 FROM customers c" GATE_JOIN " AND c.id = $3"
	" AND NOT EXISTS (SELECT 1 FROM customer_phones p WHERE p.tenant_id = $1 AND p.number = $2"
	" AND p.customer_id = c.id)"
	" ORDER BY 1",
	{{"id", COL_INT}, {"do_not_call", COL_BOOL}, {"cease_and_desist", COL_BOOL},
	 {"attorney_represented", COL_BOOL}, {"bankruptcy_filed", COL_BOOL}, {"collections_status", COL_TEXT},
	 {"sol_date", COL_TEXT}, {"max_calls_per_week", COL_INT}, {"calls_in_window", COL_INT},
	 {"named_only", COL_BOOL}},
};
