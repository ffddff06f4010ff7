/*
 * guard_tcp.c - connections for SIP that come from outside, and what comes in on any of them.
 *
 * libre has room for 1024 descriptors, keeps a connection that is silent for 32 seconds and one that sends line ends
 * for 15 minutes, reads a message anew with each piece of it that comes, and queues an answer of half a kilobyte's
 * memory for each four bytes of line ends.  Here an address has so many connections, strangers together half of the
 * room, and a message so many bytes, lines and pieces.  Who goes beyond that is cut off.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <re.h>
#include "guard.h"
#include "guard_next.h"
#include "guard_stream.h"

enum {
	ROOM = 256,                     /* a new descriptor gets the lowest number that is free: calls need some */
	ROOM_OF_STRANGERS = 128, ROOM_OF_ADDRESS = 32,
	UNSENT_MAX = 64 << 10,          /* bytes that it may leave unread */
	CONNECTIONS = 1024,
	LAYER = 10,                     /* above TLS, which is at 0 */
};

/* ---- what comes in ----------------------------------------------------------------------------------------------- */

/* There is one for each descriptor, as libre does not tell when a connection is closed. */
static struct watched {
	struct tcp_conn *connection;
	struct stream_reading reading;
} watched[CONNECTIONS];

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
	struct watched *w = arg;
	(void)established;

	if (!stream_take(&w->reading, (const char *)mbuf_buf(mb), mbuf_get_left(mb)))
		*status = EMSGSIZE;
	else if (tcp_conn_txqsz(w->connection) && is_ping(mb))
		mb->pos = mb->end;
	return false;
}

static void watch(struct tcp_conn *connection)
{
	const int fd = tcp_conn_fd(connection);

	if (fd < 0 || fd >= CONNECTIONS)
		return;
	watched[fd] = (struct watched){.connection = connection};
	tcp_register_helper(NULL, connection, LAYER, NULL, NULL, on_bytes, &watched[fd]);
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
