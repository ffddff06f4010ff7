/*
 * register.c - the registration of a line: a client of its own in place of baresip's (RFC 3261 section 10.2).
 *
 * baresip knows one registrar, tries again after 30 seconds to 30 minutes, and tells no Retry-After.  Here the servers
 * of a line are tried in order (locate.c), the next one as soon as one refuses service or is silent; when none is left,
 * all are tried again after a pause that doubles, with jitter, so that a floor of phones does not knock at once: 40
 * seconds at most where the server did not answer, for it may be back at any moment; half an hour where it said no.
 * A server's Retry-After stands above both.
 *
 * Whatever else goes to the line's server, its calls, goes to the one that took the registration: the guard asks
 * register_next_hop() before each request.
 */
#include "module.h"

#include <string.h>
#include <sys/socket.h>

#include <re_tcp.h>

#include "../base/str.h"

enum {
	NEXT_MS = 4000,                     /* for an answer, where there is another server to try */
	LAST_MS = 6000,                     /* for an answer, where there is none */
	PAUSE_MS = 2000, LONGEST_PAUSE_MS = 40000,                  /* nobody answers */
	REFUSED_MS = 30000, LONGEST_REFUSED_MS = 1800000,           /* the server says no */
	PING_MS = 20000,                    /* less than the 30 s after which NAT forgets UDP */
	RECONNECT_MS = 1500,
	WATCH_MS = 300000,                  /* between two look-ups of a line that does not register */
	HOME_MS = 300000,                   /* with a server further down in the list before the first is tried again */
	FLOW_S = 30 * 86400,                /* never: see watch_flow() */
	SHORTEST_S = 5                      /* a registration that the server grants for less is treated as this long */
};

struct registration {
	struct le le;                       /* of phone.registrations */
	struct line *line;                  /* NULL: the line is gone, and this goes with the answer */
	struct sip *sip;
	char *servers, *contact;            /* contact: its user part */
	char *host;                         /* of the requests that go to the server: its name as they have it */
	uint16_t port;                      /* likewise, 0 where they have none */
	enum sip_transp transport;
	uint32_t every;                     /* seconds asked for */
	struct sip_dialog *dialog;
	struct sip_auth *auth;
	struct sip_loopstate loop;
	struct sip_request *request;
	struct locate *locate;
	struct list targets;
	struct target *at;                  /* of targets: the one that is tried, or holds the registration */
	char address[64];                   /* at's, in figures */
	unsigned tried;                     /* targets since the last success or pause */
	unsigned failures;                  /* rounds through all targets */
	uint64_t since;                     /* when at took the registration first */
	struct sip_msg *flow;               /* over TCP and TLS: the last answer, which holds its connection */
	struct sip_keepalive *watch;
	struct tmr next, limit, ping;
	bool named;                         /* servers is a list of its own: each certificate must name its own host */
	bool wanted, registered;
};

static void look_up(struct registration *);
static void attempt(struct registration *, struct target *);

/* ---- the connection ---------------------------------------------------------------------------------------------- */

static uint64_t jitter(uint64_t ms)
{
	return ms / 2 + rand_u32() % (ms / 2 + 1);
}

static void drop_flow(struct registration *reg)
{
	tmr_cancel(&reg->ping);
	reg->watch = mem_deref(reg->watch);
	reg->flow = mem_deref(reg->flow);
}

static void on_next(void *arg)
{
	struct registration *reg = arg;
	const bool away = reg->at && reg->at != list_ledata(list_head(&reg->targets)) &&
			  tmr_jiffies() - reg->since > HOME_MS && list_isempty(&phone.legs);

	if (reg->registered && reg->at && !away)
		attempt(reg, reg->at);
	else
		look_up(reg);
}

/* Without its connection the server cannot reach us: as when it was started anew. */
static void on_flow_end(int err, void *arg)
{
	struct registration *reg = arg;
	(void)err;

	drop_flow(reg);
	if (reg->wanted && !reg->request && !reg->locate)
		tmr_start(&reg->next, jitter(RECONNECT_MS), on_next, reg);
}

/* RFC 5626 section 3.5.1: two line ends hold open what lies between, be it a NAT or a firewall.  An answer is not
 * asked for, as not every server gives one: that it is alive is seen at the next REGISTER. */
static void on_ping(void *arg)
{
	struct registration *reg = arg;
	struct mbuf *ends = mbuf_alloc(4);

	if (ends && reg->at && !mbuf_write_str(ends, "\r\n\r\n")) {
		ends->pos = 0;
		if (!reg->flow || sip_msg_tcpconn(reg->flow))
			sip_send(reg->sip, reg->flow ? reg->flow->sock : NULL, reg->transport, &reg->at->address, ends);
	}
	mem_deref(ends);
	tmr_start(&reg->ping, PING_MS - rand_u32() % (PING_MS / 5), on_ping, reg);
}

/* libre's keep-alive tells of the connection's end; its own pings would end a connection that does not answer them, so
 * they are put off for good. */
static void watch_flow(struct registration *reg, const struct sip_msg *msg)
{
	drop_flow(reg);
	tmr_start(&reg->ping, PING_MS - rand_u32() % (PING_MS / 5), on_ping, reg);
	if (msg->tp == SIP_TRANSP_UDP)
		return;
	reg->flow = mem_ref((void *)msg);
	sip_keepalive_start(&reg->watch, reg->sip, msg, FLOW_S, on_flow_end, reg);
}

/* A connection that stays silent may be dead beneath: the next REGISTER takes a new one. */
static void end_connection(struct registration *reg)
{
	struct tcp_conn *connection = reg->flow ? sip_msg_tcpconn(reg->flow) : NULL;

	if (connection)
		shutdown(tcp_conn_fd(connection), SHUT_RDWR);
	drop_flow(reg);
}

/* ---- telling ----------------------------------------------------------------------------------------------------- */

static void tell(const struct registration *reg, bool ok, unsigned code, json_t *reason, uint64_t wait_ms)
{
	json_t *members = json_pack("{s:s, s:i, s:o}", "line", reg->line->name, "code", (int)code, "reason", reason);
	char server[80];

	if (reg->at) {
		re_snprintf(server, sizeof(server), "%J", &reg->at->address);
		json_object_set_new(members, "server", json_string(server));
	}
	if (!ok) {
		json_object_set_new(members, "tls", peer_text(phone.guard->tls_error));
		json_object_set_new(members, "retry", json_integer((json_int_t)((wait_ms + 999) / 1000)));
	}
	phone.guard->tls_error[0] = '\0';
	say(ok ? "registered" : "register_failed", members);
}

/* Everybody who may be the line's server: the engine trusts calls from there. */
static void tell_servers(const struct registration *reg)
{
	json_t *addresses = json_array();
	char text[64];

	for (struct le *le = list_head(&reg->targets); le; le = le->next) {
		re_snprintf(text, sizeof(text), "%j", &((struct target *)le->data)->address);
		json_array_append_new(addresses, json_string(text));
	}
	say("servers", json_pack("{s:s, s:o}", "line", reg->line->name, "addresses", addresses));
}

/* ---- one answer -------------------------------------------------------------------------------------------------- */

static bool is_refusal(unsigned code)
{
	return code >= 300 && code != 408 && code != 480 && (code < 500 || code >= 600);
}

/* What the server asks for, or 0. */
static uint64_t retry_after(const struct sip_msg *msg)
{
	const struct sip_hdr *header = msg ? sip_msg_hdr(msg, SIP_HDR_RETRY_AFTER) : NULL;
	struct pl seconds = header ? header->val : pl_null;     /* a comment and parameters may follow */
	uint64_t ms;

	for (size_t i = 0; i < seconds.l; i++)
		if (seconds.p[i] < '0' || seconds.p[i] > '9')
			seconds.l = i;
	ms = pl_u32(&seconds) * 1000ull;

	return ms < LONGEST_REFUSED_MS ? ms : LONGEST_REFUSED_MS;
}

static uint64_t pause_after(const struct registration *reg, bool refusal, const struct sip_msg *msg)
{
	const uint64_t longest = refusal ? LONGEST_REFUSED_MS : LONGEST_PAUSE_MS, asked = retry_after(msg);
	uint64_t ms = refusal ? REFUSED_MS : PAUSE_MS;

	for (unsigned i = 1; i < reg->failures && ms < longest; i++)
		ms *= 2;
	ms = jitter(ms < longest ? ms : longest);
	return ms > asked ? ms : asked;
}

/* The target did not take us: the next is tried, or all of them again later. */
static void failed(struct registration *reg, unsigned code, json_t *reason, const struct sip_msg *msg)
{
	struct le *next = reg->at ? reg->at->le.next : NULL;
	const bool refusal = is_refusal(code);
	uint64_t wait;

	if (!next)
		next = list_head(&reg->targets);
	if (!refusal && reg->at && ++reg->tried < list_count(&reg->targets)) {
		json_decref(reason);
		attempt(reg, next->data);
		return;
	}
	reg->failures++;
	reg->registered = false;
	wait = pause_after(reg, refusal, msg);
	tmr_start(&reg->next, wait, on_next, reg);
	drop_flow(reg);
	tell(reg, false, code, reason, wait);
}

static bool is_ours(const struct sip_hdr *header, const struct sip_msg *msg, void *arg)
{
	const struct registration *reg = arg;
	struct sip_addr contact;
	(void)msg;

	return !sip_addr_decode(&contact, &header->val) && !pl_strcmp(&contact.uri.user, reg->contact);
}

/* Seconds that the server granted us. */
static uint32_t granted(const struct registration *reg, const struct sip_msg *msg)
{
	const struct sip_hdr *header = sip_msg_hdr_apply(msg, true, SIP_HDR_CONTACT, is_ours, (void *)reg);
	struct sip_addr contact;
	struct pl seconds = PL_INIT;

	if (!header || sip_addr_decode(&contact, &header->val) ||
	    msg_param_decode(&contact.params, "expires", &seconds))
		seconds = msg->expires;
	return pl_isset(&seconds) ? pl_u32(&seconds) : reg->every;
}

static void succeeded(struct registration *reg, const struct sip_msg *msg)
{
	uint64_t ms = granted(reg, msg);

	ms = (ms < reg->every ? ms : reg->every) * 1000;
	ms = ms > SHORTEST_S * 1000 ? ms : SHORTEST_S * 1000;
	if (!reg->registered || reg->tried)
		reg->since = tmr_jiffies();
	reg->registered = true;
	reg->tried = reg->failures = 0;
	watch_flow(reg, msg);
	tmr_start(&reg->next, ms * 3 / 4 + rand_u32() % (ms * 3 / 20 + 1), on_next, reg);      /* 75 to 90 % of it */
	tell(reg, true, msg->scode, peer_text_pl(&msg->reason), 0);
}

/* ---- one request ------------------------------------------------------------------------------------------------- */

static int add_contact(enum sip_transp transport, const struct sa *ours, const struct sa *theirs, struct mbuf *to,
		       void *arg)
{
	const struct registration *reg = arg;
	(void)theirs;

	return mbuf_printf(to, "Contact: <sip:%s@%J%s>;expires=%u\r\n", reg->contact, ours,
			   sip_transp_param(transport), reg->wanted ? reg->every : 0);
}

static void on_response(int err, const struct sip_msg *msg, void *arg);

static int send_request(struct registration *reg)
{
	return sip_drequestf(&reg->request, reg->sip, true, "REGISTER", reg->dialog, 0, reg->auth, add_contact,
			     on_response, reg, "Allow: INVITE,ACK,BYE,CANCEL,OPTIONS,NOTIFY,INFO,UPDATE\r\n"
			     "Supported: path\r\nContent-Length: 0\r\n\r\n");
}

/* Asks once more where the answer says how: 0 when it was sent. */
static int ask_again(struct registration *reg, const struct sip_msg *msg)
{
	const struct sip_hdr *least = sip_msg_hdr(msg, SIP_HDR_MIN_EXPIRES);
	const uint32_t seconds = least ? pl_u32(&least->val) : 0;
	int status = EACCES;

	if (msg->scode == 401 || msg->scode == 407) {
		sip_auth_reset(reg->auth);
		status = sip_auth_authenticate(reg->auth, msg);
	}
	else if (msg->scode == 423 && seconds > reg->every && seconds <= 86400) {
		reg->every = seconds;
		status = 0;
	}
	return status ? status : send_request(reg);
}

/* The registration was taken back, as far as that is possible. */
static void withdrawn(struct registration *reg)
{
	tmr_cancel(&reg->limit);
	reg->registered = false;
	drop_flow(reg);
	if (!reg->line)
		mem_deref(reg);
}

static void on_response(int err, const struct sip_msg *msg, void *arg)
{
	struct registration *reg = arg;

	if (msg && !err && msg->scode < 200)
		return;
	if (msg && !err && msg->scode >= 300 && !sip_request_loops(&reg->loop, msg->scode) && !ask_again(reg, msg))
		return;
	tmr_cancel(&reg->limit);
	if (!reg->wanted)
		withdrawn(reg);
	else if (err || !msg)
		failed(reg, 0, peer_text(strerror(err)), NULL);
	else if (msg->scode < 300)
		succeeded(reg, msg);
	else
		failed(reg, msg->scode, peer_text_pl(&msg->reason), msg);
}

static void on_limit(void *arg)
{
	struct registration *reg = arg;
	char text[96];

	reg->request = mem_deref(reg->request);
	if (!reg->wanted) {
		withdrawn(reg);
		return;
	}
	end_connection(reg);
	re_snprintf(text, sizeof(text), "no answer from %J", &reg->at->address);
	failed(reg, 0, peer_text(text), NULL);
}

static void begin_request(struct registration *reg, uint64_t limit_ms)
{
	int status;

	reg->request = mem_deref(reg->request);
	sip_loopstate_reset(&reg->loop);
	sip_auth_reset(reg->auth);
	tmr_start(&reg->limit, limit_ms, on_limit, reg);
	status = send_request(reg);
	if (status)
		on_response(status, NULL, reg);
}

static void attempt(struct registration *reg, struct target *target)
{
	const bool more = reg->tried + 1 < list_count(&reg->targets);

	if (target != reg->at)
		drop_flow(reg);
	reg->at = target;
	re_snprintf(reg->address, sizeof(reg->address), "%j", &target->address);
	if (reg->named && phone.guard->tls_host[0])
		str_copy(phone.guard->tls_host, sizeof(phone.guard->tls_host), target->host);
	begin_request(reg, more ? NEXT_MS : LAST_MS);
}

/* ---- finding the servers ----------------------------------------------------------------------------------------- */

static void take_targets(struct registration *reg, struct list *found)
{
	struct le *le;

	reg->at = NULL;
	list_flush(&reg->targets);
	while ((le = list_head(found)) != NULL) {
		struct target *target = le->data;

		list_unlink(&target->le);
		list_append(&reg->targets, &target->le, target);
	}
	tell_servers(reg);
}

/* Where no name server answers, what was known before still holds. */
static void on_located(struct list *found, void *arg)
{
	struct registration *reg = arg;
	char text[300];

	reg->locate = NULL;
	if (!list_isempty(found))
		take_targets(reg, found);
	reg->tried = 0;
	if (!reg->wanted) {
		tmr_start(&reg->next, list_isempty(&reg->targets) ? LONGEST_PAUSE_MS : WATCH_MS, on_next, reg);
		return;
	}
	if (!list_isempty(&reg->targets)) {
		attempt(reg, list_ledata(list_head(&reg->targets)));
		return;
	}
	re_snprintf(text, sizeof(text), "no address is known for %s", reg->host);
	failed(reg, 0, peer_text(text), NULL);
}

static void look_up(struct registration *reg)
{
	if (!reg->locate && locate_start(&reg->locate, reg->servers, reg->transport, on_located, reg))
		tmr_start(&reg->next, LONGEST_PAUSE_MS, on_next, reg);
}

/* ---- for the line ------------------------------------------------------------------------------------------------ */

static void registration_destroy(void *arg)
{
	struct registration *reg = arg;

	list_unlink(&reg->le);
	tmr_cancel(&reg->next);
	tmr_cancel(&reg->limit);
	drop_flow(reg);
	mem_deref(reg->request);
	mem_deref(reg->locate);
	list_flush(&reg->targets);
	mem_deref(reg->dialog);
	mem_deref(reg->auth);
	mem_deref(reg->servers);
	mem_deref(reg->contact);
	mem_deref(reg->host);
	mem_deref(reg->sip);
}

static int on_challenge(char **user, char **password, const char *realm, void *arg)
{
	return account_auth(arg, user, password, realm);
}

static enum sip_transp transport_of(const struct uri *uri)
{
	struct pl name;

	if (msg_param_decode(&uri->params, "transport", &name))
		return SIP_TRANSP_UDP;
	return !pl_strcasecmp(&name, "tls") ? SIP_TRANSP_TLS :
	       !pl_strcasecmp(&name, "tcp") ? SIP_TRANSP_TCP : SIP_TRANSP_UDP;
}

/* "sip:HOST:PORT" of the address of record, which a REGISTER is sent to; hop: the server that it goes to first. */
static int read_uris(struct registration *reg, const struct command *c, struct uri *home)
{
	struct pl aor, first;
	struct uri hop;

	pl_set_str(&aor, c->aor);
	pl_set_str(&first, c->outbound ? c->outbound : c->aor);
	if (uri_decode(home, &aor) || uri_decode(&hop, &first))
		return EINVAL;
	reg->transport = transport_of(&hop);
	reg->port = hop.port;
	home->user = home->password = home->headers = pl_null;
	return pl_strdup(&reg->host, &hop.host);
}

int registration_make(struct registration **made, struct line *line, const struct command *c)
{
	struct registration *reg = mem_zalloc(sizeof(*reg), registration_destroy);
	const char *routes[] = {c->outbound};
	struct account *account = ua_account(line->ua);
	struct uri home = {0};
	char *to = NULL, *aor = NULL;
	int status = ENOMEM;

	if (!reg)
		return ENOMEM;
	list_append(&phone.registrations, &reg->le, reg);
	reg->line = line;
	reg->sip = mem_ref(uag_sip());
	reg->every = (uint32_t)c->every;
	reg->named = c->registrars;
	status = read_uris(reg, c, &home);
	if (!status)
		status = str_dup(&reg->servers, c->registrars ? c->registrars : c->outbound ? c->outbound : c->aor) ||
			 str_dup(&reg->contact, ua_local_cuser(line->ua)) ||
			 re_sdprintf(&to, "%H", uri_encode, &home) ||
			 str_dup(&aor, c->aor);
	if (!status) {
		phone.guard->refuse_dialog = false;         /* a registration is a dialog to libre */
		phone.guard->ordered[0] = '\0';
		status = sip_dialog_alloc(&reg->dialog, to, aor, NULL, aor, c->outbound ? routes : NULL,
					  c->outbound ? 1 : 0);
	}
	if (!status)
		status = sip_auth_alloc(&reg->auth, on_challenge, account, true);
	mem_deref(to);
	mem_deref(aor);
	if (status)
		mem_deref(reg);
	else
		*made = reg;
	return status;
}

void registration_watch(struct registration *reg)
{
	if (!reg->every)
		look_up(reg);
}

void registration_start(struct registration *reg)
{
	if (!reg->every)
		return;
	reg->wanted = true;
	reg->failures = reg->tried = 0;
	tmr_cancel(&reg->next);
	look_up(reg);
}

void registration_stop(struct registration *reg)
{
	if (!reg->every)
		return;
	reg->wanted = false;
	tmr_cancel(&reg->next);
	reg->locate = mem_deref(reg->locate);
	if (reg->registered)
		begin_request(reg, LAST_MS);
}

void registration_close(struct registration *reg)
{
	if (!reg)
		return;
	reg->line = NULL;
	tmr_cancel(&reg->next);
	tmr_cancel(&reg->limit);
	reg->locate = mem_deref(reg->locate);
	reg->wanted = false;
	if (reg->registered)
		begin_request(reg, LAST_MS);        /* and gone with the answer */
	else
		mem_deref(reg);
}

bool registration_is_on(const struct registration *reg)
{
	return reg && reg->registered;
}

void registration_leave_network(struct registration *reg)
{
	if (reg)
		drop_flow(reg);
}

void registration_move(struct registration *reg)
{
	if (!reg || !reg->wanted)
		return;
	reg->request = mem_deref(reg->request);
	tmr_cancel(&reg->limit);
	tmr_cancel(&reg->next);
	look_up(reg);
}

void register_tls_ended(void)
{
	for (struct le *le = list_head(&phone.registrations); le; le = le->next) {
		struct registration *reg = le->data;

		if (reg->transport == SIP_TRANSP_TLS && reg->request)
			tmr_start(&reg->limit, 0, on_limit, reg);       /* libre would wait for an answer */
	}
}

bool register_is_server(const struct sa *address)
{
	for (struct le *le = list_head(&phone.registrations); le; le = le->next)
		for (struct le *t = list_head(&((struct registration *)le->data)->targets); t; t = t->next)
			if (sa_cmp(&((struct target *)t->data)->address, address, SA_ADDR))
				return true;
	return false;
}

bool register_next_hop(const struct uri *route, struct uri *hop)
{
	for (struct le *le = list_head(&phone.registrations); le; le = le->next) {
		const struct registration *reg = le->data;

		if (!reg->at || route->port != reg->port || pl_strcasecmp(&route->host, reg->host))
			continue;
		*hop = *route;
		pl_set_str(&hop->host, reg->address);
		hop->port = sa_port(&reg->at->address);
		return true;
	}
	return false;
}
