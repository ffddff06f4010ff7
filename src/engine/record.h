/*
 * record.h - recordings of calls in progress: whether a call is recorded and announced (record_rules.c), its files
 * (record.c), and what is ordered of them (record_orders.c).  What is done with files that are whole: recordings.h.
 */
#pragma once
#include "session.h"

struct tenant;

/* ---- record_rules.c ---- */
/* Can the table of the states' consent be read?  While it cannot, every recorded call is announced. */
int  record_table_check(const struct engine *, struct err *);
/* May this call be placed as far as its recording goes?  ERR_NOT_PERMITTED where an agent wants none, ERR_CANNOT_CREATE
 * where one is required and cannot be made. */
int  record_check(struct request *, const struct session *, const struct tenant *);
/* The call's settings, as the order (NULL: none), its station and its tenant have them. */
void record_take(struct live *, const struct request *, const struct tenant *);
/* Can a file be made in the tenant's folder, which is made where there is none? */
int  record_room(const struct engine *, int64_t tenant_id, struct err *);
/* What says to the far end of a call that it is recorded, in whichever call's file, the caller's to free.  NULL: it
 * goes without, for why; or, with an error, it must not go without, and there is nothing to play. */
enum { RECORD_WHY_SIZE = 200 };
char *record_announcement(const struct live *, char why[RECORD_WHY_SIZE], struct err *);
/* The file alone, whatever the rules say. */
char *record_announcement_file(const struct live *, struct err *);

/* ---- record.c ---- */
void record_begin(struct live *);
void record_end(struct live *);
/* The media process has died: no call of the session is being recorded until it is back. */
void record_lost(struct session *);
/* It is back: it goes on in a new file. */
void record_again(struct live *);
/* Of spctl-media: record_error, announce_end. */
void record_event(struct session *, const char *event, const json_t *message);
/* A call that is freed. */
void record_clear(struct live *);
/* Calls of the session's conference are about to hear each other: each party is in the files of all.  Where one of
 * them is paused all are, and who has not heard that he is recorded hears it first.  Negative: somebody must, and there
 * is nothing to play. */
int  record_conference(struct session *, struct err *);
/* recording, paused, off, failed; NULL before the answer and after the end. */
const char *record_state_name(const struct live *);
/* Tells the media process; answered (or NULL) hears of it, unless it is not there: then false, and it is told when it
 * is back. */
bool record_pause(struct live *, bool on, child_answer_h *answered, int64_t tag);
