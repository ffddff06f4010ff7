/* settings.h - the console's part of spctl.conf: console.* and key.* lines; the rest is the engine's. */
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
