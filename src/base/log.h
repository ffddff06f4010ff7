/*
 * log.h - the process's log, on standard error: "2026-11-21T01:02:03.004Z spctld warn phone: text", or with the
 * journal's <N> prefix and no time when standard error is the journal's.  One line a call; control characters in the
 * text are escaped, so that nobody from outside can write a line of his own.  Nothing secret is ever logged.
 */
#pragma once
#include <stdarg.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_open(const char *program, enum log_level most);          /* default: info */
int  log_level_by_name(const char *name);                          /* error|warn|info|debug, or -1 */
void log_error(const char *area, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_warn(const char *area, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_info(const char *area, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_debug(const char *area, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
