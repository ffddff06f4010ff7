/* join.h - several files of one recording become one. */
#pragma once
#include "../base/err.h"

/* Writes `out` anew, FLAC, from pairs of a file and the millisecond of the whole at which it begins, in order; silence
 * lies between them.  All must be recordings (16 kHz, two channels). */
int join_files(const char *out, char *const *pairs, int count, struct err *);
