/* guard_stream.c - how far a SIP message has come on a connection, and who goes too far. */
#include "guard_stream.h"

#include <string.h>
#include <strings.h>

enum {
	HEAD_MAX = 60 << 10, BODY_MAX = 32 << 10, LINES_MAX = 250, PIECES_MAX = 200,
	ENDS_MAX = 8,                   /* line ends between messages, in one piece: two hold NAT open */
};

static void begin_message(struct stream_reading *s)
{
	*s = (struct stream_reading){.ends = s->ends};
}

/* False: it is not one number that we would wait for, or the second one. */
static bool take_length(struct stream_reading *s)
{
	const char *p = s->line, *end = s->line + (s->at < sizeof(s->line) ? s->at : sizeof(s->line));
	const size_t name = !strncasecmp(p, "Content-Length", 14) ? 14 : *p == 'l' || *p == 'L' ? 1 : 0;

	if (s->at <= name || !name)
		return true;
	for (p += name; p < end && (*p == ' ' || *p == '\t'); p++)
		;
	if (p == end || *p != ':')
		return true;
	for (p++; p < end && (*p == ' ' || *p == '\t'); p++)
		;
	if (s->has_length || p == end || *p < '0' || *p > '9')
		return false;
	for (s->body = 0; p < end && *p >= '0' && *p <= '9' && s->body <= BODY_MAX; p++)
		s->body = s->body * 10 + (unsigned)(*p - '0');
	for (; p < end && (*p == ' ' || *p == '\t' || *p == '\r'); p++)
		;
	s->has_length = true;
	return p == end && s->body <= BODY_MAX;
}

/* One byte of a message's head.  False: the connection has to go. */
static bool take_byte(struct stream_reading *s, char byte)
{
	if (++s->head > HEAD_MAX)
		return false;
	if (byte != '\n') {
		if (s->at < sizeof(s->line))
			s->line[s->at] = byte;
		s->at++;
		return true;
	}
	if (!s->at || (s->at == 1 && *s->line == '\r')) {       /* the head's end, or line ends between messages */
		const unsigned body = s->lines ? s->body : 0;

		s->ends += !s->lines;
		begin_message(s);
		s->body = body;
		return s->ends <= ENDS_MAX;
	}
	if (++s->lines > LINES_MAX || !take_length(s))
		return false;
	s->at = 0;
	return true;
}

bool stream_take(struct stream_reading *s, const char *bytes, size_t len)
{
	s->ends = 0;
	if (++s->pieces > PIECES_MAX)
		return false;
	while (len) {
		const unsigned body = s->body;

		if (s->at || s->head || !body) {
			if (!take_byte(s, *bytes++))
				return false;
			len--;
			continue;
		}
		if (body > len) {
			s->body -= (unsigned)len;
			return true;
		}
		bytes += body;
		len -= body;
		begin_message(s);
	}
	return true;
}
