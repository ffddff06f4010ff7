/*
 * internal.h - calls between two agents of one tenant: whom a name means, and which incoming call is the other half
 * of one that was placed here.
 *
 * They pass no gate, so nothing but a colleague's station may be reached: its SIP address is an admin's, and one that
 * a PBX could take for a telephone number is refused (rule/internal.h).
 */
#pragma once
#include "session.h"

/* An agent who is logged in, and the address of his station. */
struct colleague {
	int64_t user_id, station_id;
	char login[SESSION_NAME_SIZE];
	char uri[512];
};

/* Does `to` name an agent, by login or station?  1: yes; 0: no, so it should be a number; negative: with a sentence
 * why he cannot be called, or because it is both. */
int internal_find(struct request *, const struct session *from, const char *to, struct colleague *);

/* The call that some agent's phone is placing to this session, and whose other half this is ("incoming" or "busy" of
 * the module, from a trusted source); NULL: none.  A From that anybody could write does not make one: the call must
 * be on its way at this moment, and each is found once.  Where a PBX changes both Call-ID and From, the token that
 * our INVITE carries tells it, if the PBX passes that on. */
struct live *internal_match(const struct session *called, const json_t *message);
