/* sql_participants.h - who took part in a conference, and what became of a call that was transferred. */
#pragma once
#include "db.h"

extern const struct stmt
	sql_participant_agent,      /* conference, tenant, login, joined */
	sql_participant_call,       /* conference, tenant, the party's call, joined */
	sql_participant_left,       /* conference, tenant, the party's call or NULL for the agent, left */
	sql_participant_lost,       /* of all tenants: those whose call an engine before this one left open */
	sql_call_conference,        /* call, tenant, conference */
	sql_call_transferred,       /* call, tenant, to */
	sql_call_transferred_to_call,       /* call, tenant, the other call */
	sql_call_with;              /* tenant, user, the party as typed, as a number: the call in progress */
