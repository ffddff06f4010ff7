/*
 * calls.c - what the engine orders of a call.  The functions of baresip that act on one call are used throughout; the
 * commands of its user interface act on "the current call" and say that they worked when they did not.
 */
#include "module.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DIGIT_MS = 100, PAUSE_MS = 80 };

static int leg_up(int64_t id, struct leg **leg, struct err *err)
{
	const int status = leg_find(id, leg, err);

	if (status)
		return status;
	return (*leg)->up ? 0 : err_set(err, ERR_CONFLICT, "call %lld is not up", (long long)id);
}

/* What a function of baresip's or libre's returned, as ours. */
static int system_error(struct err *err, const char *what, int status)
{
	return status ? err_set(err, ERR_FAILED, "%s: %s", what, strerror(status)) : 0;
}

/* In which header the number stands that is to be shown: RFC 3325. */
static const char *identity_header(const struct command *c)
{
	if (!c->from || !c->identity || !strcmp(c->identity, "from"))
		return NULL;
	return strcmp(c->identity, "pai") ? "P-Preferred-Identity" : "P-Asserted-Identity";
}

static void add_header(struct list *headers, struct sip_hdr *header, const char *name, const char *value)
{
	*header = (struct sip_hdr){.id = SIP_HDR_NONE};
	pl_set_str(&header->name, name);
	pl_set_str(&header->val, value);
	list_append(headers, &header->le, header);
}

/* baresip takes an INVITE's further headers from the user agent, where they would stay for the calls after it. */
static int connect_shown(struct ua *ua, struct call **call, const struct command *c)
{
	const char *name = identity_header(c);
	struct list headers = LIST_INIT, none = LIST_INIT;
	struct sip_hdr shown, token;
	char value[300];
	int status;

	re_snprintf(value, sizeof(value), "<%s>", name ? c->from : "");
	if (name)
		add_header(&headers, &shown, name, value);
	if (c->token)
		add_header(&headers, &token, TOKEN_HEADER, c->token);
	if (list_isempty(&headers))
		return ua_connect(ua, call, c->from, c->to, ABI_VIDEO_OFF);
	status = ua_set_custom_hdrs(ua, &headers);
	if (!status)
		status = ua_connect(ua, call, name ? NULL : c->from, c->to, ABI_VIDEO_OFF);
	ua_set_custom_hdrs(ua, &none);
	return status;
}

int do_dial(const struct command *c, json_t *answer, struct err *err)
{
	const int slot = slot_free();
	struct line *line;
	struct call *call = NULL;
	struct leg *leg;
	int status;

	status = line_find(c->line, &line, err);
	if (status)
		return status;
	if (slot < 0)
		return err_set(err, ERR_CONFLICT, "dial: there are %d calls already, the most there can be", CALLS_MAX);
	phone.dialing = line;
	phone.guard->refuse_dialog = false;
	str_copy(phone.guard->ordered, sizeof(phone.guard->ordered), c->to);
	phone.session = NULL;
	phone.arriving = NULL;
	phone.inviting = NULL;
	status = connect_shown(line->ua, &call, c);
	phone.dialing = NULL;
	phone.guard->ordered[0] = '\0';         /* with NAT the INVITE is made later: legs.c */
	if (status)
		return system_error(err, "dial", status);
	leg = leg_take(call, line, slot);
	if (!leg || str_dup(&leg->to, c->to))
		return err_set(err, ERR_FAILED, "dial: out of memory");
	json_object_set_new(answer, "call", json_integer(leg->id));
	json_object_set_new(answer, "slot", json_integer(slot));
	json_object_set_new(answer, "sip", peer_text(call_id(call)));
	return 0;
}

int do_answer(const struct command *c, json_t *answer, struct err *err)
{
	struct leg *leg;
	const int status = leg_find(c->call, &leg, err);
	(void)answer;

	if (status)
		return status;
	if (!leg->incoming || leg->up)
		return err_set(err, ERR_CONFLICT, "answer: call %u does not ring here", leg->id);
	return system_error(err, "answer", call_answer(leg->call, 200, ABI_VIDEO_OFF));
}

static const char *phrase(int64_t code)
{
	switch (code) {
	case 404: return "Not Found";
	case 480: return "Temporarily Unavailable";
	case 486: return "Busy Here";
	case 488: return "Not Acceptable Here";
	case 600: return "Busy Everywhere";
	case 603: return "Decline";
	default:  return "Rejected";
	}
}

/* A call that rings here is refused, with 486 where no code is given. */
int do_hangup(const struct command *c, json_t *answer, struct err *err)
{
	struct leg *leg;
	bool rings;
	const int status = leg_find(c->call, &leg, err);
	(void)answer;

	if (status)
		return status;
	rings = leg->incoming && !leg->up;
	if ((c->code || c->reason) && !rings)
		return err_set(err, ERR_CONFLICT, "hangup: call %u does not ring here: it takes no code or reason",
			       leg->id);
	if (rings) {
		const uint16_t code = c->code ? (uint16_t)c->code : 486;

		call_hangup(leg->call, code, c->reason ? c->reason : phrase(code));
		leg->end_code = code;
		leg_end(leg, "engine", c->reason ? c->reason : phrase(code));
		return 0;
	}
	call_hangup(leg->call, 0, NULL);
	leg_end(leg, "engine", "hung up");
	return 0;
}

/* ---- digits ------------------------------------------------------------------------------------------------------ */

static void next_digit(void *arg);

/* What is left of the digits is not sent; a key that is pressed is let go. */
static void drop_digits(struct leg *leg)
{
	tmr_cancel(&leg->tmr_digit);
	if (leg->digits[0] == 'r')
		call_send_digit(leg->call, ABI_KEY_RELEASE);
	leg->digits[0] = '\0';
}

static void shift_digits(struct leg *leg)
{
	memmove(leg->digits, leg->digits + 1, strlen(leg->digits));
	tmr_start(&leg->tmr_digit, PAUSE_MS, next_digit, leg);
}

/* code 0: there was no answer, or no request. */
static void info_answered(struct leg *leg, unsigned code, const struct pl *reason)
{
	const char key[] = {leg->digits[0], '\0'};
	json_t *members;

	if (!key[0])                            /* dropped meanwhile */
		return;
	members = json_pack("{s:s, s:i}", "key", key, "code", (int)code);
	json_object_set_new(members, "reason", peer_text_pl(reason));
	say_leg(leg, "digit_answer", members);
	if (code >= 200 && code < 300)
		shift_digits(leg);
	else
		leg->digits[0] = '\0';         /* who refuses one refuses all */
}

/* libre answers 401 and 407 itself; 408, 481 and no answer at all end the dialog (RFC 5057), and this is not called. */
static void on_info_answer(int status, const struct sip_msg *msg, void *arg)
{
	if (status || !msg)
		info_answered(arg, 0, &pl_null);
	else
		info_answered(arg, msg->scode, &msg->reason);
}

/* One key as application/dtmf-relay, which no RFC defines but all that take digits by INFO (RFC 6086) know. */
static void send_info(struct leg *leg)
{
	struct mbuf *body = mbuf_alloc(64);
	int status = body ? mbuf_printf(body, "Signal=%c\r\nDuration=%u\r\n", leg->digits[0], DIGIT_MS) : ENOMEM;

	if (!status) {
		body->pos = 0;
		status = sipsess_info(leg->session, "application/dtmf-relay", body, on_info_answer, leg);
	}
	mem_deref(body);
	if (status)
		info_answered(leg, 0, &pl_null);
}

/* The next of leg->digits, where 'r' stands for letting go of a key.  By INFO each waits for the answer to the last. */
static void next_digit(void *arg)
{
	struct leg *leg = arg;
	const char next = leg->digits[0];

	if (!next)
		return;
	if (leg->by_info) {
		send_info(leg);
	} else if (next != 'r') {
		call_send_digit(leg->call, next);
		leg->digits[0] = 'r';
		tmr_start(&leg->tmr_digit, DIGIT_MS, next_digit, leg);
	} else {
		call_send_digit(leg->call, ABI_KEY_RELEASE);
		shift_digits(leg);
	}
}

int do_dtmf(const struct command *c, json_t *answer, struct err *err)
{
	const bool by_info = c->how && !strcmp(c->how, "info");
	struct leg *leg;
	size_t waiting;
	const int status = leg_up(c->call, &leg, err);
	(void)answer;

	if (status)
		return status;
	waiting = strlen(leg->digits);
	if (leg->held)
		return err_set(err, ERR_CONFLICT, "dtmf: call %u is on hold: the far end hears no digits", leg->id);
	if (waiting + strlen(c->digits) >= sizeof(leg->digits) || (waiting && by_info != leg->by_info))
		return err_set(err, ERR_TRY_AGAIN, "dtmf: %zu digits are still to be sent on call %u", waiting,
			       leg->id);
	memcpy(leg->digits + waiting, c->digits, strlen(c->digits) + 1);
	leg->by_info = by_info;
	if (!waiting && !tmr_isrunning(&leg->tmr_digit))
		next_digit(leg);
	return 0;
}

/* ---- hold -------------------------------------------------------------------------------------------------------- */

/* While a call is held no RTP leaves at all, and NAT bindings idle: music on hold comes from the PBX. */
static int hold(const struct command *c, bool want, struct err *err)
{
	struct leg *leg;
	const int status = leg_up(c->call, &leg, err);

	if (status)
		return status;
	tmr_cancel(&leg->tmr_unhold);
	leg->held = want;
	if (want)
		drop_digits(leg);
	return system_error(err, want ? "hold" : "resume", call_hold(leg->call, want));
}

int do_hold(const struct command *c, json_t *answer, struct err *err)
{
	(void)answer;
	return hold(c, true, err);
}

int do_resume(const struct command *c, json_t *answer, struct err *err)
{
	(void)answer;
	return hold(c, false, err);
}

int do_mute(const struct command *c, json_t *answer, struct err *err)
{
	struct leg *leg;
	const int status = leg_find(c->call, &leg, err);
	(void)answer;

	if (status)
		return status;
	leg->muted = c->on;
	audio_mute(call_audio(leg->call), c->on);
	return 0;
}

/* ---- transfer ---------------------------------------------------------------------------------------------------- */

/* target: a name-addr.  Without angle brackets Refer-To's own parameters would begin at the first semicolon, and a
 * question mark is not allowed at all (RFC 3261 section 20.10). */
static int refer(struct leg *leg, const char *target)
{
	const int status = call_transfer(leg->call, target);

	leg->referring = !status;
	return status;
}

int do_transfer(const struct command *c, json_t *answer, struct err *err)
{
	struct leg *leg;
	char *target = NULL;
	int status = leg_up(c->call, &leg, err);
	(void)answer;

	if (status)
		return status;
	status = re_sdprintf(&target, "<%s>", c->to);
	if (!status)
		status = refer(leg, target);
	mem_deref(target);
	return system_error(err, "transfer", status);
}

/* %H: what a header within a URI may not hold, escaped (RFC 3261 section 19.1.1). */
static int escaped(struct re_printf *pf, const char *s)
{
	int status = 0;

	for (; *s && !status; s++)
		status = strchr("-_.!~*'()", *s) || (*s >= '0' && *s <= '9') || ((*s | 32) >= 'a' && (*s | 32) <= 'z') ?
			 re_hprintf(pf, "%c", *s) : re_hprintf(pf, "%%%02X", (unsigned char)*s);
	return status;
}

/* The far end of call is told to take the place of ours in the call `with` (RFC 3891): attended transfer. */
int do_transfer_to(const struct command *c, json_t *answer, struct err *err)
{
	struct leg *leg, *consult;
	char *target = NULL;
	const char *to;
	int status;
	(void)answer;

	status = leg_up(c->call, &leg, err);
	if (!status)
		status = leg_up(c->with, &consult, err);
	if (status)
		return status;
	if (leg == consult)
		return err_set(err, ERR_CONFLICT, "transfer_to: \"call\" and \"with\" are the same call %u", leg->id);
	if (!consult->ltag || !consult->rtag)
		return err_set(err, ERR_CONFLICT, "transfer_to: the dialog of call %u is not known", consult->id);
	to = call_peeruri(consult->call);
	status = re_sdprintf(&target, "<%b?Replaces=%H%%3Bto-tag%%3D%H%%3Bfrom-tag%%3D%H>", to, strcspn(to, "?>"),
			     escaped, call_id(consult->call), escaped, consult->rtag, escaped, consult->ltag);
	if (!status)
		status = refer(leg, target);
	mem_deref(target);
	return system_error(err, "transfer_to", status);
}

int do_stats(const struct command *c, json_t *answer, struct err *err)
{
	struct leg *leg;
	const int status = leg_find(c->call, &leg, err);

	if (status)
		return status;
	return leg_rtp_stats(leg, answer) ? err_set(err, ERR_CONFLICT, "stats: call %u has no media", leg->id) : 0;
}
