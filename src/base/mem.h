/* mem.h - the one allocator wrapper: running out of memory ends the process with a sentence and exit 1 (abort-free). */
#pragma once
#include <stddef.h>

void *xmalloc(size_t);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *, size_t);
char *xstrdup(const char *);                       /* NULL gives NULL */
char *xstrndup(const char *, size_t);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void  mem_wipe(void *, size_t);                    /* overwrites secrets; not optimised away */
