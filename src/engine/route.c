/* route.c - which of our addresses reaches a SIP server. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/spawn.h"
#include "../base/str.h"
#include "route.h"

struct route_query {
	struct event_base *loop;
	char host[HOST_SIZE];
	route_h *handler;
	void *arg;
	pid_t pid;                  /* getent, or 0 */
	int output;
	struct str said;
	struct event *on_output, *deadline;
};

/* ---- URIs ------------------------------------------------------------------------------------------------------- */

bool sip_uri_split(const char *text, struct sip_uri *uri)
{
	const char *at, *host, *end;
	long long port = 0;
	char figures[8] = "";

	memset(uri, 0, sizeof(*uri));
	if (!str_starts(text, "sip:"))
		return false;
	text += 4;
	at = strrchr(text, '@');
	host = at ? at + 1 : text;
	if (at && (size_t)(at - text) >= sizeof(uri->user))
		return false;
	if (at)
		memcpy(uri->user, text, (size_t)(at - text));
	if (*host == '[') {
		end = strchr(++host, ']');
		if (!end)
			return false;
	}
	else
		end = host + strcspn(host, ":;?");
	if (end == host || (size_t)(end - host) >= sizeof(uri->host))
		return false;
	memcpy(uri->host, host, (size_t)(end - host));
	end += *end == ']';
	if (*end == ':') {
		const size_t n = strspn(++end, "0123456789");
		if (!n || n >= sizeof(figures))
			return false;
		memcpy(figures, end, n);
		if (!str_int(figures, 1, 65535, &port))
			return false;
		end += n;
	}
	uri->port = (int)port;
	return !*end || *end == ';' || *end == '?';
}

bool route_knows(const struct route *route, const char *address)
{
	for (size_t i = 0; i < route->count; i++)
		if (!strcmp(route->remote[i], address))
			return true;
	return false;
}

/* ---- addresses -------------------------------------------------------------------------------------------------- */

bool is_ip_address(const char *text)
{
	unsigned char any[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, text, any) == 1 || inet_pton(AF_INET6, text, any) == 1;
}

/* Connecting a datagram socket sends nothing: it only makes the kernel choose the source address. */
static bool local_for(const char *remote, char out[ADDRESS_SIZE])
{
	struct sockaddr_storage any = {0};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&any;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&any;
	const bool is4 = inet_pton(AF_INET, remote, &v4->sin_addr) == 1;
	socklen_t len = is4 ? sizeof(*v4) : sizeof(*v6);
	bool found;
	int fd;

	any.ss_family = is4 ? AF_INET : AF_INET6;
	v4->sin_port = htons(5060);                     /* the port lies at the same place in both */
	if (!is4 && inet_pton(AF_INET6, remote, &v6->sin6_addr) != 1)
		return false;
	fd = socket(any.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	found = !connect(fd, (struct sockaddr *)&any, len) && !getsockname(fd, (struct sockaddr *)&any, &len) &&
		inet_ntop(any.ss_family, is4 ? (void *)&v4->sin_addr : (void *)&v6->sin6_addr, out, ADDRESS_SIZE);
	close(fd);
	return found;
}

bool route_interface(const char *address, char name[INTERFACE_SIZE])
{
	struct ifaddrs *all = NULL;
	struct in_addr wanted;
	size_t count = 0;

	*name = '\0';
	if (inet_pton(AF_INET, address, &wanted) != 1 || getifaddrs(&all))
		return false;
	for (const struct ifaddrs *i = all; i; i = i->ifa_next)
		if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET &&
			((struct sockaddr_in *)i->ifa_addr)->sin_addr.s_addr == wanted.s_addr)
			str_copy(name, INTERFACE_SIZE, i->ifa_name);
	for (const struct ifaddrs *i = all; i; i = i->ifa_next)
		count += i->ifa_addr && i->ifa_addr->sa_family == AF_INET && !strcmp(i->ifa_name, name);
	freeifaddrs(all);
	return count == 1;
}

void route_add(struct route *route, const char *address)
{
	size_t at = 0;

	while (at < route->count && strcmp(route->remote[at], address))
		at++;
	if (at == route->count && route->count == ROUTE_ADDRESSES_MAX)
		at = 0;
	if (at < route->count) {
		route->count--;
		memmove(route->remote[at], route->remote[at + 1], (route->count - at) * ADDRESS_SIZE);
	}
	str_copy(route->remote[route->count++], ADDRESS_SIZE, address);
}

void route_merge(struct route *route, const struct route *other)
{
	for (size_t i = 0; i < other->count; i++)
		route_add(route, other->remote[i]);
}

/* getent's lines: "192.0.2.7      STREAM pbx.example".  A phone speaks one family: IPv4 wherever there is any. */
static void read_addresses(struct route *route, const char *said, bool v6)
{
	for (const char *line = said; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		char address[ADDRESS_SIZE] = "";
		const size_t len = strcspn(line, " \t\n");

		if (len < sizeof(address))
			memcpy(address, line, len);
		if (is_ip_address(address) && v6 == !!strchr(address, ':'))
			route_add(route, address);
	}
}

/* ---- the query -------------------------------------------------------------------------------------------------- */

static void query_free(struct route_query *query)
{
	if (query->pid > 0) {
		kill(query->pid, SIGKILL);
		waitpid(query->pid, NULL, 0);
	}
	if (query->output >= 0)
		close(query->output);
	if (query->on_output)
		event_free(query->on_output);
	event_free(query->deadline);
	str_free(&query->said);
	free(query);
}

static void finish(struct route_query *query)
{
	struct route route = {.count = 0};
	struct err err = {0};
	route_h *handler = query->handler;
	void *arg = query->arg;
	/* 198.51.100.0/24 is documentation (RFC 5737): it takes the default route, and there is nobody there. */
	const char *target = "198.51.100.1";

	if (is_ip_address(query->host))
		route_add(&route, query->host);
	else if (query->said.len)
		read_addresses(&route, query->said.s, false);
	if (!route.count && query->said.len)
		read_addresses(&route, query->said.s, true);
	if (route.count)
		target = route.remote[0];
	if (!local_for(target, route.local))
		err_set(&err, ERR_UNAVAILABLE, "%s: this machine has no network route to it", query->host);
	query_free(query);
	handler(arg, &route, &err);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	finish(arg);
}

static void on_output(evutil_socket_t fd, short what, void *arg)
{
	struct route_query *query = arg;
	char bytes[1024];
	const ssize_t n = read(fd, bytes, sizeof(bytes));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0 && query->said.len < 65536)
		str_addn(&query->said, bytes, (size_t)n);
	else
		finish(query);
}

static void start_resolver(struct route_query *query)
{
	const char *const argv[] = {"/usr/bin/getent", "ahosts", query->host, NULL};
	const char *const env[] = {"PATH=/usr/bin:/bin", NULL};
	struct err err = {0};
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC))
		return;
	query->pid = spawn_run(
		&(struct spawn){.argv = argv, .env = env, .pass_fd = -1, .out_fd = pipes[1], .death_signal = SIGKILL},
		&err);
	close(pipes[1]);
	query->output = pipes[0];
	if (query->pid < 0) {
		log_warn("phone", "%s", err.text);
		return;
	}
	fcntl(query->output, F_SETFL, O_NONBLOCK);
	query->on_output = event_new(query->loop, query->output, EV_READ | EV_PERSIST, on_output, query);
	event_add(query->on_output, NULL);
}

struct route_query *route_find(struct event_base *loop, const char *host, route_h *handler, void *arg)
{
	struct route_query *query = xcalloc(1, sizeof(*query));
	struct timeval limit = {.tv_sec = ROUTE_SECONDS};

	query->loop = loop;
	query->handler = handler;
	query->arg = arg;
	query->output = -1;
	str_copy(query->host, sizeof(query->host), host);
	if (!is_ip_address(host))
		start_resolver(query);
	if (!query->on_output)
		limit.tv_sec = 0;
	query->deadline = evtimer_new(loop, on_deadline, query);
	evtimer_add(query->deadline, &limit);
	return query;
}

void route_cancel(struct route_query *query)
{
	if (query)
		query_free(query);
}
