/*
 * conf.h - settings files: `key = value` lines, comments on lines of their own that begin with `#`, typed by a table
 * that the caller gives.  Every mistake names file, line, key, value and what would be right; nothing is taken over
 * from a file with a mistake.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "err.h"

/* CONF_ELSEWHERE: the name is a beginning, "key.*"; settings that begin so are another reader's and are passed over. */
enum conf_type { CONF_TEXT, CONF_INT, CONF_BOOL, CONF_CHOICE, CONF_PATH, CONF_ELSEWHERE };

struct conf_key {
	const char *name;
	enum conf_type type;
	int64_t min, max;           /* CONF_INT: the range; CONF_TEXT, CONF_PATH: the length in bytes (max 0: 4096) */
	const char *choices;        /* CONF_CHOICE: "a|b|c" */
	const char *preset;         /* the value where the file says nothing, in the file's own form; NULL: none */
	const char *help;           /* one sentence; spctl.conf(5) is held to it */
};

/* Values by the index of their key. */
struct conf {
	const struct conf_key *keys;
	size_t count;
	char **values;
	int *lines;                 /* where in the file each stands; 0: it does not */
};

/* The text of the file `name`.  ERR_CONFIG leaves the presets.  Free with conf_free() in both cases. */
int  conf_parse(struct conf *, const struct conf_key *keys, size_t count, const char *name, const char *text,
	size_t len, struct err *);
/* Reads a file; a missing one gives the presets. */
int  conf_read(struct conf *, const struct conf_key *keys, size_t count, const char *path, struct err *);
void conf_free(struct conf *);
const char *conf_text(const struct conf *, const char *key);        /* NULL when unset */
int64_t     conf_int(const struct conf *, const char *key);
int         conf_line(const struct conf *, const char *key);        /* of the file; 0: the value is the preset */
bool        conf_bool(const struct conf *, const char *key);        /* yes|no, true|false, on|off, 1|0 */
