/* SIP over TCP, in pieces of any size: what is a message's end does not hang on them, and nothing grows without end. */
#include <stdint.h>
#include <stdlib.h>
#include "../../src/module/guard_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The state at the end; false where the connection had to go before. */
static bool read_all(struct stream_reading *s, const uint8_t *data, size_t size, size_t piece)
{
	*s = (struct stream_reading){0};
	for (size_t at = 0; at < size; at += piece) {
		s->pieces = 0;
		if (!stream_take(s, (const char *)data + at, size - at < piece ? size - at : piece))
			return false;
		if (s->head > 60 << 10 || s->body > 32 << 10 || s->lines > 250)
			abort();
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stream_reading whole, parts;
	const size_t piece = size ? data[0] % 16 + 1 : 1;

	/* Many line ends are too many in one piece alone. */
	if (read_all(&whole, data, size, size ? size : 1) && (!read_all(&parts, data, size, piece) || whole.head != parts.head ||
	    whole.lines != parts.lines || whole.body != parts.body || whole.at != parts.at))
		abort();
	return 0;
}
