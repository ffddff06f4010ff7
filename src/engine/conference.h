/*
 * conference.h - calls of an agent that hear each other.
 *
 * Where the station names a room of the PBX, its calls are moved there, and the agent is in it by a call of his own:
 * the others go on whoever leaves.  Else they meet in the agent's mixer, and hear each other as long as he is there.
 * A conference is known by the id of its first call.  It lasts until its last call has ended, so that a party that
 * leaves can come back, or another be added; who was there when is in its participants.
 */
#pragma once
#include "session.h"

struct joining;             /* session->joining: somebody is being added */

/* Do calls of this agent hear each other now, in his mixer? */
bool conference_on(const struct session *);
json_t *conference_live_json(const struct live *);       /* its id while this call is in one, else JSON null */
/* The mixer joins those that are to hear each other; again after its process was lost. */
void conference_sound(const struct session *);
/* A call leaves it, as it is over. */
void conference_left(struct live *);
/* A call was taken back from hold: when the whole conference was put on hold for another call, it comes back whole. */
void conference_resumed(const struct live *);
/* The agent is silent to all of them, or not. */
void conference_mute(struct session *, bool on);
