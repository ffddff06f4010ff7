/*
 * participants.h - who takes part in a conference, written with the times for its calls' record.
 *
 * The rows belong to the conference's first call, and are told with each of its calls.  A row that cannot be written is
 * told to the agent; the conference goes on.
 */
#pragma once
#include "session.h"

/* leg: the party's own call; 0: the agent. */
void participant_joined(const struct session *, int64_t conference, int64_t leg);
/* The agent's own call into a room of the PBX. */
void participant_room(const struct session *, int64_t conference, int64_t leg);
void participant_left(const struct session *, int64_t conference, int64_t leg);
