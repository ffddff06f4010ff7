/*
 * nat.c - how a line's media gets through NAT: baresip's modules stun, turn and ice, kept from hanging a call.
 *
 * Each of them asks its server before an INVITE leaves and before a call that comes in is told: a silent server holds
 * both up for 10 to 40 seconds, and then they are lost.  So the server is asked from here, now and again; while it does
 * not answer, calls go on without it, and the engine is told.  ICE then offers its own addresses alone.
 *
 * ICE in baresip sends nothing until its checks are done, which with a peer that has no ICE is never: the peer would
 * hear nothing.  It is told not to wait: sound goes where SDP says, until ICE knows better.
 */
#include "module.h"

#include <string.h>

#include <re_stun.h>
#include <re_udp.h>

#include "../base/str.h"

enum { ALIVE_MS = 20000, SILENT_MS = 3000 };
static const struct stun_conf patience = {.rto = 300, .rc = 3, .rm = 3, .ti = 3000};      /* 1.8 s in all */

struct nat {
	struct line *line;
	char *kind, *server;        /* as the engine gave them */
	char *host;
	uint16_t port;
	bool turn;
	struct sa address;
	struct udp_sock *socket;
	struct stun *stun;
	struct stun_ctrans *request;
	struct stun_dns *lookup;
	struct tmr next;
	bool told, alive;
};

static void look(void *arg);

static void use(const struct nat *nat)
{
	struct account *account = ua_account(nat->line->ua);
	char uri[80];

	re_snprintf(uri, sizeof(uri), "%s:%J", nat->turn ? "turn" : "stun", &nat->address);
	account_set_stun_uri(account, nat->alive ? uri : NULL);
	account_set_medianat(account, nat->alive || !strcmp(nat->kind, "ice") ? nat->kind : NULL);
}

static void set_alive(struct nat *nat, bool alive, const char *reason)
{
	const bool changed = !nat->told || nat->alive != alive;

	nat->alive = alive;
	nat->told = true;
	use(nat);
	tmr_start(&nat->next, alive ? ALIVE_MS : SILENT_MS, look, nat);
	if (changed)
		say("nat", json_pack("{s:s, s:b, s:s, s:o}", "line", nat->line->name, "ok", alive, "server",
				     nat->server, "reason", peer_text(reason)));
}

/* Any answer shows that it is there.  Whether TURN takes our password is seen in a call. */
static void on_answer(int err, uint16_t code, const char *reason, const struct stun_msg *msg, void *arg)
{
	(void)code; (void)reason; (void)msg;
	set_alive(arg, !err, err ? "no answer" : "");
}

static void on_found(int err, const struct sa *server, void *arg)
{
	struct nat *nat = arg;

	nat->lookup = mem_deref(nat->lookup);
	if (!err) {
		nat->address = *server;
		nat->request = mem_deref(nat->request);
		err = stun_request(&nat->request, nat->stun, IPPROTO_UDP, nat->socket, server, 0, STUN_METHOD_BINDING,
				   NULL, 0, false, on_answer, nat, 1, STUN_ATTR_SOFTWARE, stun_software);
	}
	if (err)
		set_alive(nat, false, strerror(err));
}

static int family(void)
{
	const struct sa *v4 = net_laddr_af(baresip_network(), AF_INET);

	return v4 && sa_isset(v4, SA_ADDR) ? AF_INET : AF_INET6;
}

/* Its name is looked up each time: an address may change. */
static void look(void *arg)
{
	struct nat *nat = arg;
	int err;

	nat->lookup = mem_deref(nat->lookup);
	tmr_start(&nat->next, SILENT_MS, look, nat);        /* where no name server answers */
	err = stun_server_discover(&nat->lookup, net_dnsc(baresip_network()),
				   nat->turn ? stun_usage_relay : stun_usage_binding, stun_proto_udp, family(),
				   nat->host,
				   nat->port, on_found, nat);
	if (err)
		set_alive(nat, false, strerror(err));
}

static void on_packet(const struct sa *source, struct mbuf *packet, void *arg)
{
	struct nat *nat = arg;
	(void)source;

	stun_recv(nat->stun, packet);
}

static void nat_destroy(void *arg)
{
	struct nat *nat = arg;

	tmr_cancel(&nat->next);
	mem_deref(nat->lookup);
	mem_deref(nat->request);
	mem_deref(nat->stun);
	mem_deref(nat->socket);
	mem_deref(nat->kind);
	mem_deref(nat->server);
	mem_deref(nat->host);
}

static void never_wait(void)
{
	struct mnat_head *ice = mnat_find(baresip_mnatl(), "ice");

	if (ice && ice->id && !strcmp(ice->id, "ice") && ice->ftag && !strcmp(ice->ftag, "+sip.ice"))
		ice->wait_connected = false;
}

/* "stun:HOST[:PORT]" */
static int read_server(struct nat *nat, const char *server)
{
	struct pl text;
	struct uri uri;

	pl_set_str(&text, server);
	if (uri_decode(&uri, &text) || (pl_strcasecmp(&uri.scheme, "stun") && pl_strcasecmp(&uri.scheme, "turn")))
		return EINVAL;
	nat->turn = !pl_strcasecmp(&uri.scheme, "turn");
	nat->port = uri.port;
	return pl_strdup(&nat->host, &uri.host) || str_dup(&nat->server, server);
}

static int begin(struct nat *nat, const struct command *c)
{
	struct account *account = ua_account(nat->line->ua);
	struct sa any;

	sa_init(&any, family());
	if (read_server(nat, c->nat_server))
		return EINVAL;
	if (udp_listen(&nat->socket, &any, on_packet, nat) || stun_alloc(&nat->stun, &patience, NULL, NULL))
		return ENOMEM;
	account_set_stun_user(account, c->nat_user);
	account_set_stun_pass(account, c->nat_password);
	use(nat);
	look(nat);
	return 0;
}

int nat_make(struct nat **made, struct line *line, const struct command *c, struct err *err)
{
	struct nat *nat;

	if (account_set_medianat(ua_account(line->ua), c->nat))
		return err_set(err, ERR_INVALID, "line_create: \"nat\" is \"%s\", but its module is not loaded",
			c->nat);
	if (!strcmp(c->nat, "ice"))
		never_wait();
	else if (!c->nat_server)
		return err_set(err, ERR_INVALID, "line_create: \"nat\" is \"%s\", but there is no \"nat_server\"",
			c->nat);
	if (!c->nat_server)
		return 0;
	nat = mem_zalloc(sizeof(*nat), nat_destroy);
	if (!nat)
		return err_set(err, ERR_FAILED, "line_create: out of memory");
	nat->line = line;
	if (str_dup(&nat->kind, c->nat) || begin(nat, c)) {
		mem_deref(nat);
		return err_set(err, ERR_INVALID, "line_create: \"nat_server\" \"%s\" cannot be used", c->nat_server);
	}
	*made = nat;
	return 0;
}
