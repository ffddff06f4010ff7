/*
 * forks.c - answers to an INVITE of ours that nobody waits for (RFC 3261 sections 13.2.2.4 and 16.7).
 *
 * A proxy that asks several far ends passes on each 200, also after another one's, after a refusal, and after we gave
 * up.  libre takes the first alone: whoever else answered would be in a call with nobody.  Here such a far end hears
 * ACK, and BYE at once; its SDP is never read.  Each INVITE is remembered for some time after its call has ended.
 */
#include "module.h"

#include <string.h>

enum {
	INVITES_MAX = 64,               /* the oldest is forgotten first */
	OTHERS_MAX = 8,                 /* far ends of one INVITE, beside the call's */
	ACKS_MAX = 16,                  /* a 200 is sent eleven times in its 32 seconds */
	HEAD_MAX = 8 << 10,
};

/* An INVITE that left. */
struct placed {
	struct le le;
	struct line *line;              /* NULL: nobody's, so that no challenge can be answered */
	char *callid, *tag;             /* tag: ours */
	char *taken;                    /* the To tag of the answer that became the call, or NULL */
	uint32_t refused;               /* the CSeq whose final answer was no 200, or 0 */
	struct list others;
};

/* A far end that is let go of. */
struct other {
	struct le le;
	char *tag, *uri, *hop, *head;   /* hop: where requests go first; head: Route, To, From, Call-ID */
	uint32_t cseq;                  /* of the INVITE */
	unsigned acks;
	bool asked;                     /* its challenge was answered once */
	struct sip_auth *auth;
	struct sip_request *bye;
};

static struct list placed;

static void other_destroy(void *arg)
{
	struct other *other = arg;

	list_unlink(&other->le);
	mem_deref(other->bye);
	mem_deref(other->auth);
	mem_deref(other->tag);
	mem_deref(other->uri);
	mem_deref(other->hop);
	mem_deref(other->head);
}

static void placed_destroy(void *arg)
{
	struct placed *p = arg;

	list_unlink(&p->le);
	list_flush(&p->others);
	mem_deref(p->callid);
	mem_deref(p->tag);
	mem_deref(p->taken);
}

static struct placed *find(const struct sip_msg *msg)
{
	for (struct le *le = list_head(&placed); le; le = le->next) {
		struct placed *p = le->data;

		if (!pl_strcmp(&msg->callid, p->callid) && !pl_strcmp(&msg->from.tag, p->tag))
			return p;
	}
	return NULL;
}

/* ---- letting go -------------------------------------------------------------------------------------------------- */

static void on_bye_answer(int err, const struct sip_msg *msg, void *arg);

static int send_request(struct other *other, const char *method, uint32_t cseq)
{
	const bool bye = !strcmp(method, "BYE");
	struct pl text;
	struct uri hop;

	pl_set_str(&text, other->hop);
	if (uri_decode(&hop, &text))
		return EINVAL;
	return sip_requestf(bye ? &other->bye : NULL, uag_sip(), bye, method, other->uri, &hop, other->auth, NULL,
			    bye ? on_bye_answer : NULL, bye ? other : NULL,
			    "%sCSeq: %u %s\r\nContent-Length: 0\r\n\r\n", other->head, cseq, method);
}

static void on_bye_answer(int err, const struct sip_msg *msg, void *arg)
{
	struct other *other = arg;

	if (err || !msg || (msg->scode != 401 && msg->scode != 407) || other->asked || !other->auth)
		return;
	other->asked = true;
	if (!sip_auth_authenticate(other->auth, msg))
		send_request(other, "BYE", other->cseq + 2);
}

static bool add_route(const struct sip_hdr *header, const struct sip_msg *msg, void *arg)
{
	(void)msg;
	return mbuf_printf(arg, "Route: %r\r\n", &header->val) != 0;
}

/* What each request to it has in common, as in RFC 3261 section 12.2.1.1. */
static int write_head(struct other *other, const struct sip_msg *msg)
{
	struct mbuf *head = mbuf_alloc(512);
	int status;

	if (!head)
		return ENOMEM;
	sip_msg_hdr_apply(msg, false, SIP_HDR_RECORD_ROUTE, add_route, head);
	status = mbuf_printf(head, "To: %r\r\nFrom: %r\r\nCall-ID: %r\r\n", &msg->to.val, &msg->from.val, &msg->callid);
	head->pos = 0;
	if (!status)
		status = head->end > HEAD_MAX ? EMSGSIZE : mbuf_strdup(head, &other->head, head->end);
	mem_deref(head);
	return status;
}

static bool is_last_route(const struct sip_hdr *header, const struct sip_msg *msg, void *arg)
{
	(void)msg;
	*(const struct sip_hdr **)arg = header;
	return true;
}

static bool is_uri(const struct pl *text)
{
	for (size_t i = 0; i < text->l; i++)
		if ((unsigned char)text->p[i] <= ' ' || text->p[i] == 0x7f)
			return false;
	return text->l > 0;
}

static int fill(struct other *other, const struct sip_msg *msg)
{
	const struct sip_hdr *contact = sip_msg_hdr(msg, SIP_HDR_CONTACT), *route = NULL;
	struct sip_addr address, hop;

	sip_msg_hdr_apply(msg, false, SIP_HDR_RECORD_ROUTE, is_last_route, &route);
	if (!contact || sip_addr_decode(&address, &contact->val) || !is_uri(&address.auri))
		return EBADMSG;
	if (route && (sip_addr_decode(&hop, &route->val) || !is_uri(&hop.auri)))
		return EBADMSG;
	other->cseq = msg->cseq.num;
	return pl_strdup(&other->tag, &msg->to.tag) || pl_strdup(&other->uri, &address.auri) ||
	       pl_strdup(&other->hop, route ? &hop.auri : &address.auri) || write_head(other, msg);
}

static int on_challenge(char **user, char **password, const char *realm, void *arg)
{
	return account_auth(arg, user, password, realm);
}

static struct other *other_of(struct placed *p, const struct sip_msg *msg)
{
	struct other *other;

	for (struct le *le = list_head(&p->others); le; le = le->next) {
		other = le->data;
		if (!pl_strcmp(&msg->to.tag, other->tag))
			return other;
	}
	other = list_count(&p->others) < OTHERS_MAX ? mem_zalloc(sizeof(*other), other_destroy) : NULL;
	if (!other)
		return NULL;
	if (fill(other, msg) ||
	    (p->line && sip_auth_alloc(&other->auth, on_challenge, ua_account(p->line->ua), true)))
		return mem_deref(other);
	list_append(&p->others, &other->le, other);
	return other;
}

static void tell(const struct sip_msg *msg, const struct other *other)
{
	json_t *members = json_object();

	json_object_set_new(members, "sip", peer_text_pl(&msg->callid));
	json_object_set_new(members, "who", peer_text(other->uri));
	say_stranger("second_answer", members);
}

static void let_go(struct placed *p, const struct sip_msg *msg)
{
	struct other *other = other_of(p, msg);

	if (!other || other->acks >= ACKS_MAX)
		return;
	send_request(other, "ACK", other->cseq);
	if (other->acks++)
		return;
	send_request(other, "BYE", other->cseq + 1);
	tell(msg, other);
}

/* ---- for the guard and trace.c ----------------------------------------------------------------------------------- */

/* A response, before libre looks for its transaction; left_over: there was none.  True: it is dealt with. */
static bool on_answer(const struct sip_msg *msg, bool left_over)
{
	struct placed *p;

	if (msg->scode < 200 || pl_strcmp(&msg->cseq.met, "INVITE"))
		return false;
	p = find(msg);
	if (!p)
		return false;
	if (msg->scode >= 300) {
		p->refused = msg->cseq.num;
		return false;
	}
	if (p->taken ? !pl_strcmp(&msg->to.tag, p->taken) : !left_over && p->refused != msg->cseq.num)
		return false;
	let_go(p, msg);
	return true;
}

/* libre has made a dialog of an answer: that is the call. */
static void on_dialog(const struct sip_msg *msg)
{
	struct placed *p = msg->req ? NULL : find(msg);

	if (p && !p->taken)
		pl_strdup(&p->taken, &msg->to.tag);
}

void forks_learn(const struct sip_msg *msg, struct line *line)
{
	struct placed *p = find(msg);

	if (p)
		return;
	if (list_count(&placed) >= INVITES_MAX)
		mem_deref(list_ledata(list_head(&placed)));
	p = mem_zalloc(sizeof(*p), placed_destroy);
	if (!p)
		return;
	p->line = line;
	if (pl_strdup(&p->callid, &msg->callid) || pl_strdup(&p->tag, &msg->from.tag))
		mem_deref(p);
	else
		list_append(&placed, &p->le, p);
}

void forks_forget(const struct line *line)
{
	for (struct le *le = list_head(&placed); le; le = le->next) {
		struct placed *p = le->data;

		if (p->line == line)
			p->line = NULL;
	}
}

void forks_watch(void)
{
	phone.guard->answer = on_answer;
	phone.guard->dialog = on_dialog;
}

void forks_unwatch(void)
{
	phone.guard->answer = NULL;
	phone.guard->dialog = NULL;
	list_flush(&placed);
}
