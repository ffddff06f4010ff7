/* guard_stream.h - SIP over TCP, as it comes: how long a message is, before libre reads it (guard_tcp.c). */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct stream_reading {             /* zero at the start */
	unsigned head, lines, pieces;   /* bytes, lines and pieces of this message */
	unsigned body;                  /* bytes of its body that are still to come */
	unsigned ends;                  /* line ends between messages in this piece */
	bool has_length;
	char line[32];                  /* how this line begins */
	unsigned at;                    /* bytes of this line */
};

/* False: the message is longer, in more pieces, or of another length than it may be. */
bool stream_take(struct stream_reading *, const char *bytes, size_t len);
