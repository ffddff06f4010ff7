/*
 * guard_tcp.c - connections for SIP that come from outside, and what comes in on any of them.
 *
 * libre has room for 1024 descriptors, keeps a connection that is silent for 32 seconds and one that sends line ends for 15
 * minutes, reads a message anew with each piece of it that comes, and queues an answer of half a kilobyte's memory for each
 * four bytes of line ends.  Here an address has so many connections, strangers together half of the room, and a message so
 * many bytes, lines and pieces.  Who goes beyond that is cut off.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include <re.h>
#include "guard.h"
#include "guard_next.h"

enum {
	ROOM = 256,                     /* each new descriptor gets the lowest number that is free: calls need some, too */
	ROOM_OF_STRANGERS = 128, ROOM_OF_ADDRESS = 32,
	UNSENT_MAX = 64 << 10,          /* bytes that it may leave unread */
	HEAD_MAX = 24 << 10, BODY_MAX = 32 << 10, LINES_MAX = 250, PIECES_MAX = 200,
	ENDS_MAX = 8,                   /* line ends between messages, in one piece: two hold NAT open */
	CONNECTIONS = 1024,
	LAYER = 10,                     /* above TLS, which is at 0 */
};

/* ---- what comes in ----------------------------------------------------------------------------------------------- */

/* How far a message has come on a connection.  There is one for each descriptor, as libre does not tell when one is closed. */
static struct stream_reading {
	struct tcp_conn *connection;
	unsigned head, lines, pieces;   /* bytes, lines and pieces of this message */
	unsigned body;                  /* bytes of its body that are still to come */
	unsigned ends;                  /* line ends between messages in this piece */
	bool has_length;
	char line[32];                  /* how this line begins */
	unsigned at;                    /* bytes of this line */
} streams[CONNECTIONS];

static void begin_message(struct stream_reading *s)
{
	*s = (struct stream_reading){.connection = s->connection, .ends = s->ends};
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

static bool take_piece(struct stream_reading *s, const char *bytes, size_t len)
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

/* Line ends that would be answered, and cannot be sent, are left out. */
static bool is_ping(const struct mbuf *mb)
{
	const char *p = (const char *)mbuf_buf(mb);
	size_t i = 0;

	while (i < mbuf_get_left(mb) && (p[i] == '\r' || p[i] == '\n'))
		i++;
	return i == mbuf_get_left(mb);
}

static bool on_bytes(int *status, struct mbuf *mb, bool *established, void *arg)
{
	struct stream_reading *s = arg;
	(void)established;

	if (!take_piece(s, (const char *)mbuf_buf(mb), mbuf_get_left(mb)))
		*status = EMSGSIZE;
	else if (tcp_conn_txqsz(s->connection) && is_ping(mb))
		mb->pos = mb->end;
	return false;
}

static void watch(struct tcp_conn *connection)
{
	const int fd = tcp_conn_fd(connection);

	if (fd < 0 || fd >= CONNECTIONS)
		return;
	streams[fd] = (struct stream_reading){.connection = connection};
	tcp_register_helper(NULL, connection, LAYER, NULL, NULL, on_bytes, &streams[fd]);
}

/* ---- who may connect --------------------------------------------------------------------------------------------- */

static bool is_stranger(const struct sa *peer)
{
	return !spctl_guard.is_server || !spctl_guard.is_server(peer);
}

/* Whether there is room for one more like this one, which is connected already. */
static bool has_room(const struct sa *peer)
{
	unsigned strangers = 0, same = 0;
	const bool stranger = is_stranger(peer);

	for (int i = 0; i < ROOM; i++) {
		struct sa other;

		sa_init(&other, AF_UNSPEC);
		other.len = sizeof(other.u);
		if (getpeername(i, &other.u.sa, &other.len) || (sa_af(&other) != AF_INET && sa_af(&other) != AF_INET6))
			continue;
		same += sa_cmp(&other, peer, SA_ADDR);
		strangers += stranger && is_stranger(&other);
	}
	return same <= ROOM_OF_ADDRESS && strangers <= ROOM_OF_STRANGERS;
}

SEEN int tcp_accept(struct tcp_conn **tcp, struct tcp_sock *sock, tcp_estab_h *established, tcp_recv_h *received,
		    tcp_close_h *closed, void *arg)
{
	NEXT(tcp_accept);
	const int lowest = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	struct sa peer;
	int status;

	if (lowest >= 0)
		close(lowest);
	if (lowest < 0 || lowest >= ROOM)
		return EMFILE;
	status = next(tcp, sock, established, received, closed, arg);
	if (status)
		return status;
	if (tcp_conn_peer_get(*tcp, &peer) || !has_room(&peer)) {
		*tcp = mem_deref(*tcp);
		return EMFILE;
	}
	tcp_conn_txqsz_set(*tcp, UNSENT_MAX);
	watch(*tcp);
	return 0;
}

/* To a server of SIP.  TURN over TCP is not used, DNS is. */
SEEN int tcp_connect(struct tcp_conn **tcp, const struct sa *peer, tcp_estab_h *established, tcp_recv_h *received,
		     tcp_close_h *closed, void *arg)
{
	NEXT(tcp_connect);
	const int status = next(tcp, peer, established, received, closed, arg);

	if (!status && sa_port(peer) != DNS_PORT)
		watch(*tcp);
	return status;
}
