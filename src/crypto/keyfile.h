/* keyfile.h - the key file on disk, for keyring.c alone: "ID HEX" a line, ids ascending. */
#pragma once
#include "ring.h"

/* Reads ring->path into ring (empty before).  ERR_NOT_FOUND when nothing is there; all else is ERR_CONFIG. */
int keyfile_read(struct keyring *ring, struct err *);
/* Writes the ring's keys to ring->path, where nothing may be yet.  Not an error when somebody else was faster. */
int keyfile_create(const struct keyring *ring, struct err *);
/* As above, in place of what is there.  The file is the old or the new one at every instant, after a power cut too. */
int keyfile_replace(const struct keyring *ring, struct err *);
