/*
 * change.h - the frame of every change that a client asks for: one transaction that holds the change and, where the
 * method's table says so, its row in the audit log; a dry run is the same transaction, rolled back.
 */
#pragma once
#include "engine.h"

int change_begin(struct request *);
/* status is how the change went: negative rolls it back.  about names whom it concerns beside tenant and asking user
 * (or NULL); what it leaves out is filled in: event is the method's name, detail its parameters without secrets.
 * Returns the handler's status. */
int change_end(struct request *, int status, const struct audit_entry *about);
/* Writes a row of the audit log inside of the change; what it leaves out is filled in as above. */
int change_audit(struct request *, const struct audit_entry *);
/* A transaction with nothing but the audit row: for a change that is made already, outside of this frame. */
int change_note(struct request *, const struct audit_entry *);

/* Takes a text parameter over where it was given: an empty one clears the field (NULL).  The field's old text is
 * freed. */
void take_text(const struct request *, const char *name, char **field);
