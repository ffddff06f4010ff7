/* frame.h - lines out of a stream of bytes: the framing of every socket of ours (one JSON object a line). */
#pragma once
#include <stddef.h>
#include "../base/str.h"

enum { FRAME_MAX = 1 << 20 };       /* bytes of a line with its newline */

struct frame {              /* starts as {0} */
	struct str in;
	size_t taken;           /* bytes of lines that were handed out */
	size_t seen;            /* bytes that hold no newline beyond taken, so that no byte is searched twice */
};

void frame_feed(struct frame *, const void *bytes, size_t len);
/* 1: *line is the next line, NUL-terminated, without its newline, valid until the next call of any of these;
 * 0: none complete; -1: the line is longer than FRAME_MAX (the connection is beyond repair). */
int  frame_next(struct frame *, const char **line, size_t *len);
/* Wipes the lines that were handed out, which may hold a password.  frame_feed() does so too, frame_free() with all. */
void frame_wipe(struct frame *);
void frame_free(struct frame *);
