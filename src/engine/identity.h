/* identity.h - who is asking, for which tenant, and for which agent. */
#pragma once
#include "engine.h"

/* The system's name of a uid, "" where it has none.  It may take long, where accounts stand in a directory: for a
 * thread beside the loop. */
void identity_account(uid_t, char out[ACCOUNT_SIZE]);
/* By the peer's uid (SO_PEERCRED), whose name that is.  Role none: nobody we know, who may only log in.  A private
 * engine knows its owner and root alone. */
int identity_of_uid(struct engine *, uid_t, const char *account, struct identity *, struct err *);
/* Takes a row of sql_identity_user or sql_identity_os_user into a struct identity; for db_each(). */
int identity_take(const struct row *, void *identity);
/* Fills tenant_id and as_user of the request from its parameters and identity. */
int identity_resolve(struct request *);
const char *role_name(enum role);
enum role role_by_name(const char *);               /* ROLE_NONE for anything else */
