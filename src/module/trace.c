/*
 * trace.c - reads every SIP message that passes, for what baresip does not tell: where a call comes from, the dialog's
 * tags (attended transfer), who redirects, who hung up, a re-INVITE that failed, an INVITE that nobody ordered.
 */
#include "module.h"

#include <stdlib.h>
#include <string.h>

#include "../base/mask.h"

enum { TOLD_MAX = 16 << 10 };       /* bytes of a message */

static void learn_tags(struct leg *leg, const struct sip_msg *msg, bool tx)
{
	leg->ltag = mem_deref(leg->ltag);
	leg->rtag = mem_deref(leg->rtag);
	pl_strdup(tx ? &leg->ltag : &leg->rtag, &msg->to.tag);          /* whoever answers owns the To tag */
	pl_strdup(tx ? &leg->rtag : &leg->ltag, &msg->from.tag);
}

/* The guard keeps libre from following it; baresip then closes the call with "Permission denied", not the cause. */
static void on_redirect(struct leg *leg, const struct sip_msg *msg)
{
	const struct sip_hdr *contact = sip_msg_hdr(msg, SIP_HDR_CONTACT);
	json_t *members;

	if (leg->end_code)
		return;                         /* told; another that fits no request of ours would not end the call */
	members = json_pack("{s:i}", "code", (int)msg->scode);
	leg->end_code = msg->scode;
	leg->end_reason = mem_deref(leg->end_reason);
	pl_strdup(&leg->end_reason, &msg->reason);
	json_object_set_new(members, "to", peer_text_pl(contact ? &contact->val : &pl_null));
	say_leg(leg, "redirected", members);
}

/* A refused hold leaves baresip thinking that it holds: it is told to resume, after this message is through. */
static void unhold(void *arg)
{
	struct leg *leg = arg;

	leg->held = false;
	call_hold(leg->call, false);
}

static void on_change_refused(struct leg *leg, const struct sip_msg *msg)
{
	say_leg(leg, "change_refused", json_pack("{s:i, s:b}", "code", (int)msg->scode, "held", 0));
	if (leg->held)
		tmr_start(&leg->tmr_unhold, 0, unhold, leg);
}

static bool is_change_refusal(uint16_t code)
{
	return code >= 400 && code != 401 && code != 407 && code != 491;        /* those are tried again by libre */
}

static void on_invite_response(struct leg *leg, const struct sip_msg *msg, bool tx)
{
	if (msg->scode >= 200 && msg->scode < 300 && !leg->up)
		learn_tags(leg, msg, tx);
	else if (!tx && msg->scode == 100 && !leg->up)
		say_leg(leg, "trying", NULL);   /* baresip tells nothing before 180; the engine waits longer then */
	else if (!tx && msg->scode >= 300 && msg->scode < 400)
		on_redirect(leg, msg);
	else if (!tx && leg->up && is_change_refusal(msg->scode))
		on_change_refused(leg, msg);
}

/* The transfer is under way; a refusal is baresip's to tell. */
static void on_refer_response(struct leg *leg, const struct sip_msg *msg)
{
	if (leg->referring && msg->scode >= 200 && msg->scode < 300)
		say_leg(leg, "transfer_progress", json_pack("{s:i}", "code", (int)msg->scode));
}

static json_t *one_pl(const char *member, const struct pl *value)
{
	json_t *members = json_object();

	json_object_set_new(members, member, peer_text_pl(value));
	return members;
}

static void on_request_sent(const struct sip_msg *msg, struct leg *leg)
{
	json_t *members;

	if (!pl_strcmp(&msg->met, "INVITE") && !pl_isset(&msg->to.tag))
		forks_learn(msg, leg ? leg->line : phone.inviting ? phone.inviting->line : phone.dialing);
	if (leg && !pl_strcmp(&msg->met, "REFER"))
		leg->refer_cseq = msg->cseq.num;
	if (phone.inviting && !phone.inviting->incoming && !leg && !pl_strcmp(&msg->met, "INVITE")) {
		leg_learn_id(phone.inviting, &msg->callid);
		return;
	}
	if (leg || phone.dialing || pl_strcmp(&msg->met, "INVITE") || call_was_ours(&msg->callid))
		return;
	members = one_pl("to", &msg->ruri);
	json_object_set_new(members, "sent", json_true());
	say("unordered", members);
}

/* True when a header of that name asks for an answer without anybody's doing: RFC 5373, and what telephones send:
 * Alert-Info: <...>;info=alert-autoanswer[;delay=0]   Call-Info: <...>;answer-after=0 */
static bool asks_auto_answer(const struct sip_hdr *header, const struct sip_msg *msg, void *arg)
{
	struct pl mode = header->val, info, delay = pl_null;
	const char *semicolon = pl_strchr(&mode, ';');
	(void)msg;

	if (*(const enum sip_hdrid *)arg == SIP_HDR_ANSWER_MODE) {
		mode.l = semicolon ? (size_t)(semicolon - mode.p) : mode.l;
		while (mode.l && strchr(" \t", mode.p[mode.l - 1]))
			mode.l--;
		return !pl_strcasecmp(&mode, "Auto");
	}
	if (!msg_param_decode(&header->val, "answer-after", &delay))
		return !pl_strcmp(&delay, "0");
	return !msg_param_decode(&header->val, "info", &info) && !pl_strcasecmp(&info, "alert-autoanswer") &&
	       (msg_param_decode(&header->val, "delay", &delay) || !pl_strcmp(&delay, "0"));
}

static bool is_auto_answer(const struct sip_msg *msg)
{
	static const enum sip_hdrid headers[] = {SIP_HDR_ANSWER_MODE, SIP_HDR_ALERT_INFO, SIP_HDR_CALL_INFO};

	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		if (sip_msg_hdr_apply(msg, true, headers[i], asks_auto_answer, (void *)&headers[i]))
			return true;
	return false;
}

/* libre gives a NOTIFY without an id to an older REFER's subscription, and baresip does not hear of it. */
static void on_refer_end(void *arg)
{
	struct leg *leg = arg;

	if (!leg->referring)
		return;                         /* baresip has told */
	leg->referring = false;
	if (leg->refer_code < 300)
		leg_end(leg, "transfer", NULL);
	else
		say_leg(leg, "transfer_failed", json_pack("{s:o}", "reason", json_sprintf("%u", leg->refer_code)));
}

/* How the transfer that we asked for goes on (RFC 3515): a status line of SIP in the body.  baresip tells the end
 * alone, and not even that where the peer's word stops before it.  An id is the CSeq of the REFER that is meant. */
static void on_notify(struct leg *leg, const struct sip_msg *msg)
{
	struct pl code = pl_null, state = pl_null;
	const struct sip_hdr *header = sip_msg_hdr(msg, SIP_HDR_SUBSCRIPTION_STATE);
	const struct sip_hdr *of = sip_msg_hdr(msg, SIP_HDR_EVENT);
	struct sipevent_event event;
	const bool told = !re_regex((const char *)mbuf_buf(msg->mb), mbuf_get_left(msg->mb), "SIP/2.0 [0-9]+", &code);

	if (!leg->referring || !of || sipevent_event_decode(&event, &of->val) || pl_strcasecmp(&event.event, "refer") ||
	    (pl_isset(&event.id) && pl_u32(&event.id) != leg->refer_cseq))
		return;
	if (told && pl_u32(&code) < 200)
		say_leg(leg, "transfer_progress", json_pack("{s:i}", "code", (int)pl_u32(&code)));
	if (told && pl_u32(&code) >= 200) {
		leg->refer_code = pl_u32(&code);
		tmr_start(&leg->tmr_refer, 0, on_refer_end, leg);
		return;
	}
	if (header && !re_regex(header->val.p, header->val.l, "[^; ]+", &state) &&
		!pl_strcasecmp(&state, "terminated")) {
		leg->referring = false;
		say_leg(leg, "transfer_failed", json_pack("{s:s}", "reason", "ended without a result"));
	}
}

/* Why, in the peer's words (RFC 3326), as in: Reason: SIP;cause=200;text="Call completed elsewhere" */
static void on_leaving(struct leg *leg, const struct sip_msg *msg)
{
	const struct sip_hdr *reason = sip_msg_hdr(msg, SIP_HDR_REASON);

	leg->peer_left = true;
	leg->end_reason = mem_deref(leg->end_reason);
	if (reason)
		pl_strdup(&leg->end_reason, &reason->val);
}

static bool is_new_invite(const struct sip_msg *msg)
{
	return msg->req && !pl_strcmp(&msg->met, "INVITE") && !pl_isset(&msg->to.tag);
}

/* A Call-ID alone says little: libre answers 481 where the tags are others. */
static bool is_of_dialog(const struct leg *leg, const struct sip_msg *msg)
{
	return leg && (!leg->rtag || !leg->ltag ||
		       (!pl_strcmp(&msg->from.tag, leg->rtag) && !pl_strcmp(&msg->to.tag, leg->ltag)));
}

static void on_arrival(const struct sip_msg *msg, enum sip_transp transport, const struct sa *from)
{
	const struct sip_hdr *token = sip_msg_xhdr(msg, TOKEN_HEADER);

	phone.arriving = &phone.arrivals[phone.arrived++ % ARRIVALS_MAX];
	*phone.arriving = (struct arrival){.source = *from, .transport = transport, .auto_answer = is_auto_answer(msg)};
	if (token && token->val.l == TOKEN_SIZE - 1)
		pl_strcpy(&token->val, phone.arriving->token, TOKEN_SIZE);
}

static void on_request_received(const struct sip_msg *msg, enum sip_transp transport, const struct sa *from,
				struct leg *leg)
{
	if (!pl_strcmp(&msg->met, "INVITE")) {
		phone.inviting = NULL;
		if (is_new_invite(msg))
			on_arrival(msg, transport, from);
	} else if (!pl_strcmp(&msg->met, "NOTIFY")) {
		if (is_of_dialog(leg, msg))
			on_notify(leg, msg);
	} else if (!pl_strcmp(&msg->met, "BYE")) {
		if (is_of_dialog(leg, msg))
			on_leaving(leg, msg);
	} else if (!pl_strcmp(&msg->met, "CANCEL")) {
		if (leg && leg->incoming && !leg->up)
			on_leaving(leg, msg);
	} else if (!pl_strcmp(&msg->met, "REFER")) {
		say_stranger("refer_refused", one_pl("from", &msg->from.auri));
	}
}

/* For whoever looks for a fault: the message without what is secret in it. */
static void tell_message(bool tx, enum sip_transp transport, const struct sa *peer, const uint8_t *packet, size_t len)
{
	char *text = mask_sip((const char *)packet, len < TOLD_MAX ? len : TOLD_MAX);
	char address[64];

	re_snprintf(address, sizeof(address), "%J", peer);
	say("sip", json_pack("{s:b, s:s, s:s, s:s}", "sent", tx, "peer", address, "transport",
		sip_transp_name(transport), "text", text));
	free(text);
}

int do_trace(const struct command *c, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	phone.tracing = c->on;
	return 0;
}

/* baresip has refused a call before it was one for us: no codec, or no encryption, that both would take. */
static void on_unacceptable(const struct sip_msg *msg)
{
	const uint32_t call = hash_joaat_pl(&msg->callid);
	const struct arrival *arrival = phone.arriving;
	json_t *members;
	char source[64];

	if (!arrival || phone.unacceptable == call)             /* it is sent again */
		return;
	phone.unacceptable = call;
	members = one_pl("from", &msg->from.auri);
	re_snprintf(source, sizeof(source), "%J", &arrival->source);    /* the caller chooses where the answer goes */
	json_object_set_new(members, "sip", peer_text_pl(&msg->callid));
	json_object_set_new(members, "source", peer_text(source));
	json_object_set_new(members, "transport", json_string(sip_transp_name(arrival->transport)));
	if (phone.sdp_refusal[0])
		json_object_set_new(members, "reason", peer_text(phone.sdp_refusal));
	say_stranger("unacceptable", members);
}

static void on_message(bool tx, enum sip_transp transport, const struct sa *src, const struct sa *dst,
		       const uint8_t *packet, size_t len, void *arg)
{
	struct mbuf *copy;
	struct sip_msg *msg = NULL;
	(void)arg;

	for (; len && (*packet == '\r' || *packet == '\n'); packet++)
		len--;
	if (phone.tracing && len)
		tell_message(tx, transport, tx ? dst : src, packet, len);
	if (!tx) {
		phone.hearing = NULL;
		phone.arriving = NULL;
	}
	copy = mbuf_alloc(len + 1);
	if (copy && !mbuf_write_mem(copy, packet, len)) {
		copy->pos = 0;
		if (!sip_msg_decode(&msg, copy)) {
			struct leg *leg = leg_by_sip_id(&msg->callid);

			if (!tx && !is_new_invite(msg))         /* which is of another call, whatever its Call-ID */
				phone.hearing = leg;
			if (!msg->req && leg && !pl_strcmp(&msg->cseq.met, "INVITE"))
				on_invite_response(leg, msg, tx);
			else if (!msg->req && leg && !tx && !pl_strcmp(&msg->cseq.met, "REFER"))
				on_refer_response(leg, msg);
			else if (!msg->req && !leg && tx && msg->scode == 488 && !pl_strcmp(&msg->cseq.met, "INVITE"))
				on_unacceptable(msg);
			else if (msg->req && tx)
				on_request_sent(msg, leg);
			else if (msg->req)
				on_request_received(msg, transport, src, leg);
		}
	}
	mem_deref(msg);
	mem_deref(copy);
}

void trace_init(void)
{
	sip_set_trace_handler(uag_sip(), on_message);
}

void trace_close(void)
{
	sip_set_trace_handler(uag_sip(), NULL);
}
