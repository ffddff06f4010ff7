/*
 * fifo.h - a bounded queue of bytes with one writer and one reader, which may be two threads.  Neither ever waits.
 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct fifo {
	char *bytes;
	size_t size;
	_Atomic size_t put, taken;  /* counted from the beginning, never reset */
};

void fifo_init(struct fifo *, size_t size);
void fifo_free(struct fifo *);
size_t fifo_fill(const struct fifo *);      /* bytes waiting */
/* All of it or, when there is no room for all, nothing: false. */
bool fifo_put(struct fifo *, const void *bytes, size_t len);
/* As many bytes as there are, len at most.  A NULL bytes throws them away. */
size_t fifo_take(struct fifo *, void *bytes, size_t len);
