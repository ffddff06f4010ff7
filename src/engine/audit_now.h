/* audit_now.h - audit rows that are no part of a larger change, and telling of those that were written. */
#pragma once
#include "engine.h"

/* Writes one row in a transaction of its own and tells it.  A failure is logged; what the row is about happened all the
 * same. */
void audit_now(struct engine *, const struct audit_entry *);
/* Tells audit.added of every row that was committed since the last call. */
void audit_tell(struct engine *);
