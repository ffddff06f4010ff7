/*
 * secure.c - a line that asks for encryption gets it, or has no sound.
 *
 *  1. A peer's SDP is looked at before libre reads it: one that takes the encryption back, or brings no key, is refused
 *     like one that asks too much of us (sdp.c).  A re-INVITE then hears 488, and the call goes on as it was.
 *  2. A call that is up without keys ends.
 *  3. baresip 1.0.0 keeps a peer's first SDES key: where SDP brings another, packets are decrypted with that.  A
 *     fingerprint that changes would need a new handshake, which baresip does not make: such an SDP is refused.
 *
 * What leaves and what arrives before there are keys is dropped in rtp.c.
 */
#include "module.h"

#include <errno.h>
#include <string.h>

#include <re_base64.h>
#include <re_srtp.h>

#include "sdp.h"

enum {
	SDES_KEYS_MS = 2000,            /* they come with SDP, before the call is up */
	DTLS_KEYS_MS = 8000,            /* for three lost packets of a handshake */
	LAYER_BELOW_SRTP = 5,
	KEY_MAX = 64
};

static enum sdp_keys keys_of(const struct line *line)
{
	return !line->secure ? SDP_KEYS_ANY : line->by_dtls ? SDP_KEYS_DTLS : SDP_KEYS_SDES;
}

static void tell(struct leg *leg, const char *sentence)
{
	json_t *members = json_object();

	json_object_set_new(members, "reason", peer_text(sentence));
	say_leg(leg, "media_refused", members);
	if (leg->up)
		return;
	leg->end_reason = mem_deref(leg->end_reason);
	str_dup(&leg->end_reason, sentence);
}

static void sdp_sentence(const char *fault, char *out, size_t size)
{
	re_snprintf(out, size, "the far end's SDP %s", fault);
}

/* The same fault of the same call is told once. */
static void tell_fault(struct leg *leg, const char *fault)
{
	char sentence[SENTENCE_SIZE];

	if (!leg || leg->sdp_fault == fault)
		return;
	leg->sdp_fault = fault;
	sdp_sentence(fault, sentence, sizeof(sentence));
	tell(leg, sentence);
}

/* ---- another key ------------------------------------------------------------------------------------------------- */

static bool find_suite(const struct sdp_text *name, enum srtp_suite *suite)
{
	static const struct { const char *name; enum srtp_suite suite; } suites[] = {
		{"AES_CM_128_HMAC_SHA1_80", SRTP_AES_CM_128_HMAC_SHA1_80},
		{"AES_CM_128_HMAC_SHA1_32", SRTP_AES_CM_128_HMAC_SHA1_32},
		{"AEAD_AES_128_GCM", SRTP_AES_128_GCM}, {"AEAD_AES_256_GCM", SRTP_AES_256_GCM}};
	struct pl text = {name->s, name->len};

	for (size_t i = 0; i < ARRAY_SIZE(suites); i++)
		if (!pl_strcasecmp(&text, suites[i].name)) {
			*suite = suites[i].suite;
			return true;
		}
	return false;
}

/* NULL, or what is wrong. */
static const char *take_key(struct leg *leg, const struct sdp_facts *facts)
{
	uint8_t key[KEY_MAX];
	size_t len = sizeof(key);
	enum srtp_suite suite;
	struct srtp *srtp = NULL;
	int status;

	if (!find_suite(&facts->suite, &suite) || (leg->suite_known && leg->suite != (int)suite))
		return "changes the cipher in mid-call";
	leg->suite = (int)suite;
	leg->suite_known = true;
	if (!leg->key || leg->key == facts->key)
		return NULL;
	status = base64_decode(facts->inline_key.s, facts->inline_key.len, key, &len);
	if (!status)
		status = srtp_alloc(&srtp, suite, key, len, 0);
	explicit_bzero(key, sizeof(key));
	if (status)
		return "changes the key to one that cannot be used";
	mem_deref(leg->srtp);
	leg->srtp = srtp;
	return NULL;
}

static bool on_packet(struct sa *from, struct mbuf *mb, void *arg)
{
	(void)from; (void)mb;
	phone.receiving = arg;
	return false;
}

/* For the guard: the context that decrypts the packet which on_packet() saw last. */
static struct srtp *on_decrypt(struct srtp *first)
{
	return phone.receiving && phone.receiving->srtp ? phone.receiving->srtp : first;
}

/* ---- SDP --------------------------------------------------------------------------------------------------------- */

static const char *look(struct leg *leg, const struct mbuf *mb)
{
	const enum sdp_keys keys = leg ? keys_of(leg->line) : SDP_KEYS_ANY;
	struct sdp_facts facts;
	const char *fault = sdp_fault((const char *)mbuf_buf(mb), mbuf_get_left(mb), keys, &facts);

	if (fault || keys == SDP_KEYS_ANY)
		return fault;
	if (facts.sound && !facts.encrypted)
		return "offers sound that is not encrypted";
	if (keys == SDP_KEYS_DTLS && leg->key && facts.key && leg->key != facts.key)
		return "changes the fingerprint in mid-call";
	if (keys == SDP_KEYS_SDES && facts.key)
		fault = take_key(leg, &facts);
	if (!fault && facts.key)
		leg->key = facts.key;
	return fault;
}

/* For the guard: 0, or the errno with which libre refuses it. */
static int on_sdp(const struct mbuf *mb)
{
	const char *fault = look(phone.hearing, mb);

	phone.sdp_refusal[0] = '\0';
	if (!fault)
		return 0;
	sdp_sentence(fault, phone.sdp_refusal, sizeof(phone.sdp_refusal));
	tell_fault(phone.hearing, fault);
	return EPROTO;
}

/* ---- for legs.c and trace.c -------------------------------------------------------------------------------------- */

static void on_no_keys(void *arg)
{
	struct leg *leg = arg;

	const char *why = "the far end brought no keys: the sound cannot be encrypted";

	tell(leg, why);
	leg->end_reason = mem_deref(leg->end_reason);
	call_hangup(leg->call, 0, NULL);
	leg_end(leg, "error", why);
}

void leg_secure_failed(struct leg *leg)
{
	leg->up = false;                /* so that it ends with this reason */
	tell(leg, "the encryption of the sound failed: the far end's keys are not those that its SDP names");
}

void leg_secure_up(struct leg *leg)
{
	if (leg->line->secure && !leg->encrypted)
		tmr_start(&leg->tmr_keys, leg->line->by_dtls ? DTLS_KEYS_MS : SDES_KEYS_MS, on_no_keys, leg);
}

void leg_secure_done(struct leg *leg)
{
	leg->encrypted = true;
	tmr_cancel(&leg->tmr_keys);
}

void leg_secure_open(struct leg *leg)
{
	if (!leg->line->secure || !leg->rtp.socket)
		return;
	udp_register_helper(&leg->below_rtp, rtp_sock(leg->rtp.socket), LAYER_BELOW_SRTP, NULL, on_packet, leg);
	udp_register_helper(&leg->below_rtcp, rtcp_sock(leg->rtp.socket), LAYER_BELOW_SRTP, NULL, on_packet, leg);
}

void leg_secure_close(struct leg *leg)
{
	tmr_cancel(&leg->tmr_keys);
	leg->below_rtp = mem_deref(leg->below_rtp);
	leg->below_rtcp = mem_deref(leg->below_rtcp);
	leg->srtp = mem_deref(leg->srtp);
	if (phone.receiving == leg)
		phone.receiving = NULL;
	if (phone.hearing == leg)
		phone.hearing = NULL;
}

void secure_watch(void)
{
	phone.guard->sdp = on_sdp;
	phone.guard->decrypt = on_decrypt;
}

void secure_unwatch(void)
{
	phone.guard->sdp = NULL;
	phone.guard->decrypt = NULL;
}
