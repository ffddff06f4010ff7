/* doctor_stun.c - does the station's STUN or TURN server answer?  Either answers a Binding request. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "../base/stun.h"
#include "doctor.h"
#include "route.h"

enum { TRIES = 4, WAIT_MS = 500 };

struct asking {
	struct doctor *doctor;
	char *station, *server;
	int port, fd, tries;
	struct event *on_packet, *again;
	uint8_t request[STUN_REQUEST_SIZE];
};

static void finish(struct asking *asking)
{
	struct doctor *doctor = asking->doctor;

	if (asking->on_packet)
		event_free(asking->on_packet);
	if (asking->again)
		event_free(asking->again);
	if (asking->fd >= 0)
		close(asking->fd);
	free(asking->station);
	free(asking->server);
	free(asking);
	doctor_done(doctor);
}

static void fail(struct asking *asking, const char *why)
{
	doctor_say(asking->doctor, DOCTOR_STUN, DOCTOR_ERROR,
		"Set the station's nat_server to one that runs, and let UDP to it through the firewall.",
		"station %s: its server %s %s", asking->station, asking->server, why);
	finish(asking);
}

static void on_packet(evutil_socket_t fd, short what, void *arg)
{
	struct asking *asking = arg;
	uint8_t packet[1500];
	char address[STUN_ADDRESS_SIZE];
	const ssize_t len = recv(fd, packet, sizeof(packet), MSG_DONTWAIT);

	(void)what;
	if (len <= 0 || !stun_read_answer(asking->request, packet, (size_t)len, address))
		return;
	doctor_say(asking->doctor, DOCTOR_STUN, DOCTOR_OK, NULL, "station %s: its server %s answers%s%s",
		asking->station, asking->server, address[0] ? ", and sees us at " : "", address);
	finish(asking);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval wait = {.tv_usec = WAIT_MS * 1000};
	struct asking *asking = arg;

	(void)fd;
	(void)what;
	if (asking->tries++ == TRIES) {
		fail(asking, "does not answer");
		return;
	}
	if (send(asking->fd, asking->request, sizeof(asking->request), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		asking->tries = TRIES;              /* unreachable: once more, and then no more */
	event_add(asking->again, &wait);
}

static int connect_to(const char *address, int port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	const bool v4 = inet_pton(AF_INET, address, &in.sin_addr) == 1;
	const int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (!v4)
		inet_pton(AF_INET6, address, &in6.sin6_addr);
	if (fd >= 0 &&
		!connect(fd, v4 ? (struct sockaddr *)&in : (struct sockaddr *)&in6, v4 ? sizeof(in) : sizeof(in6)))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void on_route(void *arg, const struct route *route, const struct err *err)
{
	struct asking *asking = arg;
	struct event_base *loop = asking->doctor->engine->loop;

	if (err->code || !route->count) {
		fail(asking, err->code ? err->text : "has no address");
		return;
	}
	asking->fd = connect_to(route->remote[0], asking->port);
	if (asking->fd < 0) {
		fail(asking, "cannot be reached");
		return;
	}
	stun_write_request(asking->request);
	asking->on_packet = event_new(loop, asking->fd, EV_READ | EV_PERSIST, on_packet, asking);
	asking->again = evtimer_new(loop, on_again, asking);
	event_add(asking->on_packet, NULL);
	on_again(-1, 0, asking);
}

void doctor_stun(struct doctor *doctor, const struct station *station)
{
	struct asking *asking = xcalloc(1, sizeof(*asking));
	const char *colon = strchr(station->nat_server, ':');
	char *uri = xasprintf("sip:%s", colon ? colon + 1 : station->nat_server);
	struct sip_uri server;

	asking->doctor = doctor;
	asking->fd = -1;
	asking->station = xstrdup(station->name);
	asking->server = xstrdup(station->nat_server);
	doctor_wait(doctor);
	if (sip_uri_split(uri, &server)) {
		asking->port = server.port ? server.port : STUN_PORT;
		route_find(doctor->engine->loop, server.host, on_route, asking);
	}
	else
		fail(asking, "is no server's name");
	free(uri);
}
