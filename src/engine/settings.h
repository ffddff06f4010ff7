/* settings.h - the engine's settings file, spctl.conf(5). */
#pragma once
#include "../base/conf.h"
#include "../base/home.h"

/* Reads the home's spctl.conf; a missing file gives the presets.  The caller frees with conf_free(). */
int settings_read(struct conf *, const struct home *, struct err *);
extern const struct conf_key settings_keys[];
extern const size_t settings_count;
