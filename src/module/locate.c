/*
 * locate.c - where SIP servers are (RFC 3263): from their names to the addresses to try, in order.
 *
 * An address in figures is taken as it is.  A name with a port has addresses.  A name alone may have SRV records for
 * the transport, by priority and weight, else addresses, with the transport's port.  NAPTR is not asked: the
 * transport is a setting.  All servers of a list are looked up one after the other; what is known after LOCATE_MS is
 * what is told, for a name server may be silent.
 */
#include "module.h"

#include <string.h>

enum { LOCATE_MS = 4000, TARGETS_MAX = 16 };

/* An SRV record whose addresses are not known yet. */
struct service { struct le le; char *host; uint16_t port; };

struct locate {
	char *servers;
	const char *rest;           /* of servers: still to be looked up */
	char *host;                 /* the server at work */
	enum sip_transp transport;
	uint16_t port;              /* of the name whose addresses are asked for */
	struct list services, targets;
	struct dns_query *query;
	struct tmr limit;
	locate_h *handler;
	void *arg;
};

static void next_name(struct locate *);

static void target_destroy(void *arg)
{
	struct target *target = arg;

	list_unlink(&target->le);
	mem_deref(target->host);
}

static void service_destroy(void *arg)
{
	struct service *service = arg;

	list_unlink(&service->le);
	mem_deref(service->host);
}

static void locate_destroy(void *arg)
{
	struct locate *locate = arg;

	tmr_cancel(&locate->limit);
	mem_deref(locate->query);
	list_flush(&locate->services);
	list_flush(&locate->targets);
	mem_deref(locate->host);
	mem_deref(locate->servers);
}

/* An address of a family that the phone does not speak is no target. */
static void add_target(struct locate *locate, const struct sa *address)
{
	struct target *target;
	struct sa ours;

	if (list_count(&locate->targets) >= TARGETS_MAX ||
	    sip_transp_laddr(uag_sip(), &ours, locate->transport, address))
		return;
	target = mem_zalloc(sizeof(*target), target_destroy);
	if (!target)
		return;
	target->address = *address;
	str_dup(&target->host, locate->host);
	list_append(&locate->targets, &target->le, target);
}

static void finish(struct locate *locate)
{
	locate_h *handler = locate->handler;
	void *arg = locate->arg;
	struct list found = LIST_INIT;
	struct le *le;

	while ((le = list_head(&locate->targets)) != NULL) {
		struct target *target = le->data;

		list_unlink(&target->le);
		list_append(&found, &target->le, target);
	}
	mem_deref(locate);
	handler(&found, arg);
	list_flush(&found);
}

static void on_limit(void *arg)
{
	finish(arg);
}

static bool on_address(struct dnsrr *rr, void *arg)
{
	struct locate *locate = arg;
	struct sa address;

	if (rr->type == DNS_TYPE_A)
		sa_set_in(&address, rr->rdata.a.addr, locate->port);
	else
		sa_set_in6(&address, rr->rdata.aaaa.addr, locate->port);
	add_target(locate, &address);
	return false;
}

static void on_addresses(int err, const struct dnshdr *header, struct list *answers, struct list *authorities,
			 struct list *more, void *arg)
{
	struct locate *locate = arg;
	(void)header; (void)authorities; (void)more;

	if (!err)
		dns_rrlist_apply2(answers, NULL, DNS_TYPE_A, DNS_TYPE_AAAA, DNS_CLASS_IN, false, on_address, locate);
	next_name(locate);
}

/* The phone listens in one family: only addresses of that one are of use. */
static int ask_addresses(struct locate *locate, const char *name, uint16_t port)
{
	const struct sa *v4 = net_laddr_af(baresip_network(), AF_INET);
	const uint16_t type = v4 && sa_isset(v4, SA_ADDR) ? DNS_TYPE_A : DNS_TYPE_AAAA;

	locate->port = port;
	return dnsc_query(&locate->query, net_dnsc(baresip_network()), name, type, DNS_CLASS_IN, true, on_addresses,
			  locate);
}

static bool on_service(struct dnsrr *rr, void *arg)
{
	struct locate *locate = arg;
	struct service *service = mem_zalloc(sizeof(*service), service_destroy);

	if (!service)
		return true;
	str_dup(&service->host, rr->rdata.srv.target);
	service->port = rr->rdata.srv.port;
	list_append(&locate->services, &service->le, service);
	return false;
}

static void on_services(int err, const struct dnshdr *header, struct list *answers, struct list *authorities,
			struct list *more, void *arg)
{
	struct locate *locate = arg;
	(void)header; (void)authorities; (void)more;

	if (!err) {
		dns_rrlist_sort(answers, DNS_TYPE_SRV, (size_t)rand_u32() << 5);
		dns_rrlist_apply(answers, NULL, DNS_TYPE_SRV, DNS_CLASS_IN, true, on_service, locate);
	}
	if (list_isempty(&locate->services) &&
	    !ask_addresses(locate, locate->host, sip_transp_port(locate->transport, 0)))
		return;
	next_name(locate);
}

static int ask_services(struct locate *locate)
{
	const char *service = locate->transport == SIP_TRANSP_TLS ? "_sips._tcp" :
			      locate->transport == SIP_TRANSP_TCP ? "_sip._tcp" : "_sip._udp";
	char name[300];

	if (re_snprintf(name, sizeof(name), "%s.%s", service, locate->host) < 0)
		return EINVAL;
	return dnsc_query(&locate->query, net_dnsc(baresip_network()), name, DNS_TYPE_SRV, DNS_CLASS_IN, true,
			  on_services, locate);
}

/* The next of the list: true when an answer is being waited for. */
static bool next_server(struct locate *locate)
{
	struct pl text = {.p = locate->rest, .l = strcspn(locate->rest, ",")};
	struct uri uri;
	struct sa address;

	locate->rest += text.l + (locate->rest[text.l] == ',');
	locate->host = mem_deref(locate->host);
	if (uri_decode(&uri, &text) || pl_strdup(&locate->host, &uri.host))
		return false;
	if (!sa_set_str(&address, locate->host, sip_transp_port(locate->transport, uri.port))) {
		add_target(locate, &address);
		return false;
	}
	return !(uri.port ? ask_addresses(locate, locate->host, uri.port) : ask_services(locate));
}

static void next_name(struct locate *locate)
{
	while (!list_isempty(&locate->services)) {
		struct service *service = list_ledata(list_head(&locate->services));
		const int status = ask_addresses(locate, service->host, service->port);

		mem_deref(service);
		if (!status)
			return;
	}
	while (*locate->rest)
		if (next_server(locate))
			return;
	tmr_start(&locate->limit, 0, on_limit, locate);         /* never from within locate_start() */
}

int locate_start(struct locate **at, const char *servers, enum sip_transp transport, locate_h *handler, void *arg)
{
	struct locate *locate = mem_zalloc(sizeof(*locate), locate_destroy);

	if (!locate || str_dup(&locate->servers, servers)) {
		mem_deref(locate);
		return ENOMEM;
	}
	locate->rest = locate->servers;
	locate->transport = transport;
	locate->handler = handler;
	locate->arg = arg;
	*at = locate;
	tmr_start(&locate->limit, LOCATE_MS, on_limit, locate);
	next_name(locate);
	return 0;
}
