/* participants.c - who takes part in a conference, written with the times for its calls' record. */
#include "participants.h"
#include "../base/clock.h"
#include "../db/sql_participants.h"

static void check(const struct session *session, int64_t conference, int status, const struct err *err)
{
	if (status < 0)
		session_notice(session, "error", "who takes part in conference %lld is not written: %s",
			(long long)conference, err->text);
}

void participant_joined(const struct session *session, int64_t conference, int64_t leg)
{
	struct db *db = session->engine->db;
	const struct arg of = a_int(conference), tenant = a_int(session->tenant_id), now = a_int(clock_now_ms());
	struct err err;
	int status;

	if (leg) {
		status = db_run(db, &sql_call_conference, ARGS(a_int(leg), tenant, of), &err);
		if (status >= 0)
			status = db_run(db, &sql_participant_call, ARGS(of, tenant, a_int(leg), now), &err);
	}
	else
		status = db_run(db, &sql_participant_agent, ARGS(of, tenant, a_text(session->login), now), &err);
	check(session, conference, status, &err);
}

void participant_room(const struct session *session, int64_t conference, int64_t leg)
{
	struct err err;

	check(session, conference, db_run(session->engine->db, &sql_call_conference,
		ARGS(a_int(leg), a_int(session->tenant_id), a_int(conference)), &err), &err);
}

void participant_left(const struct session *session, int64_t conference, int64_t leg)
{
	struct err err;
	const int status = db_run(session->engine->db, &sql_participant_left,
		ARGS(a_int(conference), a_int(session->tenant_id), leg ? a_int(leg) : a_null(), a_int(clock_now_ms())),
		&err);

	check(session, conference, status, &err);
}
