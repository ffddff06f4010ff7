/* gate_ask.h - asks the gate about a number: loads the facts, decides, says the decision in the contract's words. */
#pragma once
#include "../base/e164.h"
#include "../rule/gate.h"
#include "engine.h"
#include "nouns.h"

struct gate_answer {
	struct tenant tenant;
	char number[E164_SIZE];
	int64_t customer_id;        /* the one named, else the first who has the number, else 0 */
	int64_t *customers;         /* all of them, ascending */
	size_t customer_count;
	struct gate_decision decision;
};

/* number as typed; customer_id 0: none named.  0, or a negative error: nothing unknown is allowed.  gate_answer_clear()
 * in any case. */
int gate_ask(struct engine *, int64_t tenant_id, const char *number, int64_t customer_id, struct gate_answer *,
	struct err *);
void gate_answer_clear(struct gate_answer *);
json_t *gate_json(const struct gate_answer *);          /* {decision, number, customer_id, reasons} */
