/*
 * err.h - how a function says what went wrong.
 *
 * A function that can fail takes a `struct err *` last, returns 0 (or a count) when it worked and a negative
 * enum err_code when not, and has then written one sentence for a person into it.  Callers add to it or pass it
 * on; only the edges (main functions, the engine's socket) print.  A NULL err is allowed and drops the sentence.
 */
#pragma once
#include <stddef.h>

/* What went wrong, in the words of the contract.  Each has a wire name and an exit status (err.c). */
enum err_code {
	ERR_NONE = 0,
	ERR_FAILED = -1,            /* "failed"         exit 1   */
	ERR_USAGE = -2,             /* "usage"          exit 64  the command line is wrong */
	ERR_INVALID = -3,           /* "invalid"        exit 65  a value is wrong */
	ERR_NOT_FOUND = -4,         /* "not_found"      exit 65 */
	ERR_CONFLICT = -5,          /* "conflict"       exit 65  the thing exists, or its state forbids it */
	ERR_UNAVAILABLE = -6,       /* "unavailable"    exit 69  engine, PBX, phone */
	ERR_CANNOT_CREATE = -7,     /* "cannot_create"  exit 73  a file, folder or socket */
	ERR_TRY_AGAIN = -8,         /* "try_again"      exit 75  busy, locked, timed out */
	ERR_NOT_PERMITTED = -9,     /* "not_permitted"  exit 77 */
	ERR_CONFIG = -10,           /* "config"         exit 78  settings, key, schema */
	ERR_BLOCKED = -11,          /* "blocked"        exit 10  by compliance */
	ERR_NEEDS_ACK = -12,        /* "needs_ack"      exit 11 */
	ERR_NOT_ANSWERED = -13,     /* "not_answered"   exit 12 */
};

struct err {
	enum err_code code;
	char text[1024];        /* one sentence, UTF-8, cut at a character's end when too long; no control characters */
};

/* Sets code and sentence (replacing what was there) and returns code, so that `return err_set(...)` reads well. */
int err_set(struct err *, enum err_code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "PREFIX: " before the sentence; the code stays.  Returns the code. */
int err_prefix(struct err *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

const char *err_name(enum err_code);               /* the wire name; never NULL */
enum err_code err_by_name(const char *name);       /* ERR_FAILED for a name nobody knows */
int err_exit_status(enum err_code);                /* the process's exit status */
