/* fifo.c - a bounded queue of bytes with one writer and one reader. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "fifo.h"

void fifo_init(struct fifo *f, size_t size)
{
	f->bytes = xcalloc(1, size);
	f->size = size;
	atomic_init(&f->put, 0);
	atomic_init(&f->taken, 0);
}

void fifo_free(struct fifo *f)
{
	free(f->bytes);
	f->bytes = NULL;
	f->size = 0;
}

size_t fifo_fill(const struct fifo *f)
{
	/* first: it never overtakes put */
	const size_t taken = atomic_load_explicit(&f->taken, memory_order_acquire);

	return atomic_load_explicit(&f->put, memory_order_acquire) - taken;
}

bool fifo_put(struct fifo *f, const void *bytes, size_t len)
{
	const size_t put = atomic_load_explicit(&f->put, memory_order_relaxed);
	const size_t taken = atomic_load_explicit(&f->taken, memory_order_acquire);
	size_t first;

	if (len > f->size - (put - taken))
		return false;
	first = f->size - put % f->size;
	if (first > len)
		first = len;
	memcpy(f->bytes + put % f->size, bytes, first);
	memcpy(f->bytes, (const char *)bytes + first, len - first);
	atomic_store_explicit(&f->put, put + len, memory_order_release);
	return true;
}

size_t fifo_take(struct fifo *f, void *bytes, size_t len)
{
	const size_t put = atomic_load_explicit(&f->put, memory_order_acquire);
	const size_t taken = atomic_load_explicit(&f->taken, memory_order_relaxed);
	size_t first;

	if (len > put - taken)
		len = put - taken;
	first = len ? f->size - taken % f->size : 0;
	if (first > len)
		first = len;
	if (bytes && len) {
		memcpy(bytes, f->bytes + taken % f->size, first);
		memcpy((char *)bytes + first, f->bytes, len - first);
	}
	atomic_store_explicit(&f->taken, taken + len, memory_order_release);
	return len;
}
