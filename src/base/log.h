/*
 * log.h - the process's log, on standard error: "2026-11-21T01:02:03.004Z spctld warn phone: text".  Where standard
 * error is the journal's, each line goes to the journal's own socket instead, with PRIORITY and SPCTL_AREA as fields
 * (systemd.journal-fields(7)), or where that is not there to standard error behind the journal's <N>.  One line a call;
 * control characters in the text are escaped, so that nobody from outside can write a line of his own.  Nothing secret
 * is ever logged.
 */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include "err.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum { LOG_AREAS_MAX = 24 };        /* that have a level of their own */

void log_open(const char *program, enum log_level most);          /* default: info; no area has a level of its own */
int  log_level_by_name(const char *name);                          /* error|warn|info|debug, or -1 */
const char *log_level_name(enum log_level);

/* The most that is logged of an area; of all, NULL, which takes their own levels away. */
void log_limit(const char *area, enum log_level most);
/* The same for a list, "phone=debug,call=warn"; known: the areas there are, "call|phone".  set: else it is only looked
 * at. ERR_INVALID changes nothing. */
int  log_limits(const char *list, const char *known, bool set, struct err *);
/* The i-th area that has a level of its own; NULL behind the last.  level, or NULL. */
const char *log_limit_at(size_t i, enum log_level *level);
enum log_level log_limit_of(const char *area);                     /* NULL: of those without one of their own */

/* Where the journal listens, instead of /run/systemd/journal/socket; before log_open(). */
void log_journal(const char *socket);

void log_error(const char *area, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_warn(const char *area, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_info(const char *area, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_debug(const char *area, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
