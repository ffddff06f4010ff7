/* settings.h - the console's part of spctl.conf: console.* and key.* lines; the rest is the engine's.
 * settings.c reads, settings_file.c writes. */
#pragma once
#include "../base/conf.h"
#include "keys.h"

struct settings {
	char theme[24];
	bool mouse, notify, title, bell;
	struct keys keys;
};

extern const struct conf_key settings_console[];    /* console.*; ends at a NULL name */

/* From the text of a file; for tests. */
int settings_parse(struct settings *, const char *name, const char *text, size_t len, struct err *);
/* Reads the user's spctl.conf; a missing one gives the presets.  ERR_CONFIG names file, line, setting and value. */
int settings_load(struct settings *, struct err *);

/* The text of a settings file in which `name` has this value (NULL: no line of it); all else is as it was. The caller
 * frees. */
char *settings_edit(const char *text, const char *name, const char *value);
/* Writes it into the user's spctl.conf, whole or not at all.  value NULL: its preset counts again. */
int settings_write(const char *name, const char *value, struct err *);
