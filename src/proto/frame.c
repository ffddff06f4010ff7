/* frame.c - lines out of a stream. */
#include "frame.h"
#include <string.h>
#include "../base/mem.h"

void frame_wipe(struct frame *frame)
{
	const size_t before = frame->in.len;

	if (!frame->taken)
		return;
	str_cut(&frame->in, frame->taken);
	mem_wipe(frame->in.s + frame->in.len, before - frame->in.len);
	frame->taken = 0;
}

void frame_feed(struct frame *frame, const void *bytes, size_t len)
{
	frame_wipe(frame);
	str_addn(&frame->in, bytes, len);
}

int frame_next(struct frame *frame, const char **line, size_t *len)
{
	if (frame->taken == frame->in.len)
		return 0;
	char *start = frame->in.s + frame->taken;
	size_t have = frame->in.len - frame->taken;
	char *end = memchr(start + frame->seen, '\n', have - frame->seen);
	size_t size = end ? (size_t)(end - start) + 1 : have;
	if (size > FRAME_MAX || (!end && size == FRAME_MAX))
		return -1;
	if (!end) {
		frame->seen = have;
		return 0;
	}
	*end = '\0';
	*line = start;
	*len = size - 1;
	frame->taken += size;
	frame->seen = 0;
	return 1;
}

void frame_free(struct frame *frame)
{
	if (frame->in.size)
		mem_wipe(frame->in.s, frame->in.size);
	str_free(&frame->in);
	*frame = (struct frame){0};
}
