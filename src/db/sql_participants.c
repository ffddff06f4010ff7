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
