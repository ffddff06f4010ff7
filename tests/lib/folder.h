/* folder.h - a private temporary folder of a unit test, and its removal with all that is in it. */
#pragma once
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline int folder_remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

static inline void folder_remove(const char *path)
{
	nftw(path, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Its path is written to out; NULL when it cannot be made. */
static inline char *folder_new(char out[32])
{
	memcpy(out, "/tmp/spctl-test-XXXXXX", sizeof "/tmp/spctl-test-XXXXXX");
	return mkdtemp(out);
}
