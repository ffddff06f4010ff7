/* sql_participants.c - transfers and conferences: who took part, and what became of a call. */
#include "sql_participants.h"

const struct stmt sql_participant_agent = {
	"participant.agent",
	"INSERT INTO softphone_participants (call_id, tenant_id, party, joined_at) VALUES ($1, $2, $3, $4)",
	{{0}},
};

const struct stmt sql_participant_call = {
	"participant.call",
	"INSERT INTO softphone_participants (call_id, tenant_id, leg_id, party, joined_at)"
	" SELECT CAST($1 AS BIGINT), c.tenant_id, c.id, COALESCE(c.number, 'anonymous'), CAST($4 AS BIGINT)"
	" FROM softphone_call_logs c WHERE c.tenant_id = $2 AND c.id = $3",
	{{0}},
};

const struct stmt sql_participant_left = {
	"participant.left",
	"UPDATE softphone_participants SET left_at = $4 WHERE call_id = $1 AND tenant_id = $2 AND left_at IS NULL"
	" AND (leg_id = CAST($3 AS BIGINT) OR (leg_id IS NULL AND CAST($3 AS BIGINT) IS NULL))",
	{{0}},
};

/* The agent was there as long as the last call of the conference. */
const struct stmt sql_participant_lost = {
	"participant.lost",
	"UPDATE softphone_participants SET left_at = (SELECT MAX(c.ended_at) FROM softphone_call_logs c"
	" WHERE c.id = softphone_participants.leg_id"
	" OR (softphone_participants.leg_id IS NULL AND c.conference = softphone_participants.call_id))"
	" WHERE left_at IS NULL AND EXISTS (SELECT 1 FROM softphone_call_logs c WHERE c.cause = 'engine_restart'"
	" AND (c.id = softphone_participants.leg_id"
	" OR (softphone_participants.leg_id IS NULL AND c.conference = softphone_participants.call_id)))",
	{{0}},
};

const struct stmt sql_call_conference = {
	"call.conference",
	"UPDATE softphone_call_logs SET conference = $3 WHERE id = $1 AND tenant_id = $2",
	{{0}},
};

const struct stmt sql_call_transferred = {
	"call.transferred",
	"UPDATE softphone_call_logs SET transferred_to = $3 WHERE id = $1 AND tenant_id = $2",
	{{0}},
};

/* To whom that other call is with. */
const struct stmt sql_call_transferred_to_call = {
	"call.transferred_to_call",
	"UPDATE softphone_call_logs SET transferred_to = (SELECT o.number FROM softphone_call_logs o WHERE o.id = $3)"
	" WHERE id = $1 AND tenant_id = $2",
	{{0}},
};

const struct stmt sql_call_with = {
	"call.with",
	"SELECT id FROM softphone_call_logs WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL"
	" AND (number = $3 OR number = $4) AND answered_at IS NOT NULL ORDER BY id DESC LIMIT 1",
	{{"id", COL_INT}},
};
