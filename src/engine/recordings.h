/* recordings.h - recordings that are whole: are the files what was recorded, and how long are they kept? */
#pragma once
#include "engine.h"

/* What is wrong with a file, as "1/7.flac is missing". */
struct recording_fault { int64_t call_id; const char *path, *text; };
struct recordings_count { int64_t files, read, faults; };        /* read: those whose contents were compared */

typedef void (recording_fault_h)(const struct recording_fault *, void *arg);
/* err: NULL, or why the check broke off. */
typedef void (recordings_checked_h)(const struct recordings_count *, const struct err *err, void *arg);

/*
 * Looks at every file of the tenant: is it there, as long as it was, and, until so many bytes were read, the same byte
 * for byte?  They are read beside the loop; found (or NULL) is called for each fault, done once at the end.
 */
void recordings_check(struct engine *, int64_t tenant_id, int64_t bytes, recording_fault_h *found,
	recordings_checked_h *done, void *arg);

/* retention.c: deletes what is past its retention, of every tenant, now and each day from now on. */
void retention_start(struct engine *);
void retention_stop(struct engine *);
