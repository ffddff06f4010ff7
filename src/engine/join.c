/* join.c - see join.h. */
#include "join.h"
#include "../base/e164.h"
#include "../rule/internal.h"
#include "audit_now.h"
#include "gate_leg.h"

/* The gate, before somebody who came in is maybe called anew. */
static int ask_gate(struct request *request, const struct live *with)
{
	struct gate_answer gate = {0};
	int status;

	if (!e164_valid(with->caller))
		return internal_may_call(with->caller) ? 0 :
			err_set(&request->err, ERR_CONFLICT, "call %lld came in from \"%s\", which may be a telephone"
				" number that nobody can check: it may be called anew, and is not joined",
				(long long)with->id, with->caller);
	if (gate_leg_check_codes(request) < 0)
		return request->err.code;
	status = gate_leg_ask(request, with->session, with->caller, param_int(request, "customer_id", 0), &gate);
	if (status >= 0) {
		status = gate_leg_write(request, with->session, &gate, with->id);
		if (status >= 0)
			status = db_commit(request->engine->db, &request->err);
		if (status < 0)
			db_rollback(request->engine->db);
		else
			audit_tell(request->engine);
	}
	gate_answer_clear(&gate);
	return status;
}

int join_turn(struct request *request, struct live **live, struct live **with)
{
	struct live *told = *live;

	if (!(*with)->inbound || (*with)->internal)
		return 0;
	if ((*live)->inbound && !(*live)->internal)
		return ask_gate(request, *with);
	*live = *with;
	*with = told;
	return 0;
}
