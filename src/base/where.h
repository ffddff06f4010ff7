/*
 * where.h - our own files at run time.  A tree of ours has the same shape built or installed: bin/, lib/spctl/,
 * libexec/spctl/, share/spctl/.  The tree of this executable comes first, then the folders that were compiled in.
 */
#pragma once
#include "err.h"

enum where_kind {
	WHERE_PROGRAM,              /* spctl, spctld, spctl-media */
	WHERE_MODULE,               /* spctl.so, guard.so, libasound_module_pcm_spctl.so */
	WHERE_SHARE,                /* asound.conf, sounds/... */
};

/* The absolute path of the first one that exists, the caller's; NULL with ERR_CONFIG, naming the places looked at. */
char *where_find(enum where_kind, const char *name, struct err *);
