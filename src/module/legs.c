/*
 * legs.c - the calls: their life, and what baresip says of them.
 *
 * Every call is taken from baresip as soon as it exists: its events come to us instead of to src/ua.c, and it moves
 * from its user agent's list to ours.  So src/ua.c can neither resume a held call when another ends, nor drop a call
 * whose transfer failed, and the last reference is ours to let go.  What src/ua.c did for its calls is now done here:
 * the limit of calls at a time, the end under SHUTDOWN, the re-INVITE when the machine's address changes.
 */
#include "module.h"

#include <stdlib.h>
#include <string.h>

#include "../base/str.h"

enum { NETWORK_CHECK_S = 5 };       /* how often baresip looks for a change of address */

/* ---- finding ----------------------------------------------------------------------------------------------------- */

static struct leg *leg_of(const struct call *call)
{
	for (struct le *le = list_head(&phone.legs); call && le; le = le->next)
		if (((struct leg *)le->data)->call == call)
			return le->data;
	return NULL;
}

struct leg *leg_by_sip_id(const struct pl *callid)
{
	for (struct le *le = list_head(&phone.legs); le; le = le->next)
		if (!pl_strcmp(callid, call_id(((struct leg *)le->data)->call)))
			return le->data;
	return NULL;
}

int leg_find(int64_t id, struct leg **leg, struct err *err)
{
	for (struct le *le = list_head(&phone.legs); le; le = le->next) {
		*leg = le->data;
		if ((*leg)->id == id)
			return 0;
	}
	*leg = NULL;
	err_set(err, ERR_NOT_FOUND, "there is no call %lld", (long long)id);
	return ERR_NOT_FOUND;
}

int slot_free(void)
{
	for (int slot = 0; slot < CALLS_MAX; slot++) {
		struct le *le = list_head(&phone.legs);

		while (le && ((struct leg *)le->data)->slot != slot)
			le = le->next;
		if (!le)
			return slot;
	}
	return -1;
}

static uint32_t *ours_at(uint32_t id)
{
	return &phone.ours[id % ARRAY_SIZE(phone.ours)];
}

void leg_learn_id(const struct leg *leg, const struct pl *callid)
{
	*ours_at(leg->id) = hash_joaat_pl(callid);
}

/* An INVITE is sent again for some time after its leg has ended, until the peer answers. */
bool call_was_ours(const struct pl *callid)
{
	const uint32_t hash = hash_joaat_pl(callid);

	for (size_t i = 0; i < ARRAY_SIZE(phone.ours); i++)
		if (phone.ours[i] == hash)
			return true;
	return false;
}

/* ---- the life of a leg ------------------------------------------------------------------------------------------- */

static void leg_destroy(void *arg)
{
	struct leg *leg = arg;

	if (phone.inviting == leg)
		phone.inviting = NULL;
	tmr_cancel(&leg->tmr_digit);
	tmr_cancel(&leg->tmr_unhold);
	tmr_cancel(&leg->tmr_refer);
	audio_stop(call_audio(leg->call));      /* its thread sends through what rtp.c takes away */
	leg_rtp_close(leg);
	leg_secure_close(leg);
	list_unlink(&leg->le);
	mem_deref(leg->to);
	mem_deref(leg->end_reason);
	mem_deref(leg->ltag);
	mem_deref(leg->rtag);
	mem_deref(leg->call);           /* says CANCEL or BYE where due; ua_hangup() would free the call under us */
}

/* by: "engine", "peer", "transfer" (the peer took the new call) or "error". */
void leg_end(struct leg *leg, const char *by, const char *reason)
{
	const unsigned code = leg->end_code ? leg->end_code : call_scode(leg->call);
	json_t *members = json_pack("{s:i, s:s}", "code", (int)code, "by", by);
	char status[8];

	if (leg->end_reason)
		reason = leg->end_reason;
	re_snprintf(status, sizeof(status), "%u ", code);
	if (reason && str_starts(reason, status))       /* baresip writes "486 Busy Here" */
		reason += strlen(status);
	json_object_set_new(members, "reason", peer_text(reason));
	if (leg->referring && strcmp(by, "transfer"))
		json_object_set_new(members, "referring", json_true());
	say_leg(leg, "closed", members);
	mem_deref(leg);
}

void legs_end(const struct line *line, const char *reason)
{
	struct le *le = list_head(&phone.legs);

	while (le) {
		struct leg *leg = le->data;

		le = le->next;
		if (leg->line == line) {
			call_hangup(leg->call, 0, NULL);
			leg_end(leg, "engine", reason);
		}
	}
}

static struct sdp_media *leg_media(const struct leg *leg)
{
	const struct stream *stream = list_ledata(list_head(call_streaml(leg->call)));

	return stream ? stream_sdpmedia(stream) : NULL;
}

/* The codec that we send: the peer's first format that we have as well ("PCMU/8000/1"). */
static json_t *codec_json(const struct leg *leg)
{
	const struct sdp_media *media = leg_media(leg);
	const struct sdp_format *format = media ? sdp_media_rformat(media, NULL) : NULL;
	char codec[64];
	json_t *members;

	if (format && !format->name)        /* a static payload type needs no name in SDP (RFC 3551) */
		format = sdp_media_lformat(media, format->pt);
	if (!format || !format->name)
		return NULL;
	re_snprintf(codec, sizeof(codec), "%s/%u/%u", format->name, format->srate, format->ch);
	members = json_object();
	json_object_set_new(members, "codec", peer_text(codec));
	return members;
}

static json_t *one_text(const char *member, const char *value)
{
	json_t *members = json_object();

	json_object_set_new(members, member, peer_text(value));
	return members;
}

/* how: "0,audio,SUITE", where 0 is MENC_EVENT_SECURE; dtls_srtp says "RTP" and then "RTCP" instead of a suite */
static void on_encrypted(struct leg *leg, const char *how)
{
	const char *const secure = "0,audio,";

	if (!how || !str_starts(how, secure) || !strcmp(how + strlen(secure), "RTCP"))
		return;
	how += strlen(secure);
	leg_secure_done(leg);
	say_leg(leg, "encrypted", one_text("how", strcmp(how, "RTP") ? how : "DTLS-SRTP"));
}

static void on_closed(struct leg *leg, const char *reason)
{
	const char *by = leg->peer_left || leg->end_code || call_scode(leg->call) ? "peer" : "error";

	if (reason && str_starts(reason, "mediaenc failed"))
		leg_secure_failed(leg);
	if (reason && !strcmp(reason, "Call transfered"))
		by = "transfer";
	else if (leg->peer_left)
		reason = leg->up ? "hung up by the far end" : "cancelled by the caller";
	leg_end(leg, by, reason);
}

static void on_call(struct call *call, int event, const char *text, void *arg)
{
	struct leg *leg = arg;
	(void)call;

	switch (call_happening(phone.baresip, event)) {
	/* The last of these two that was said holds: "ringing" after "early" has switched early media off, and the
	 * engine rings.  Each "early" closes and opens the sound of the call, for 30 ms at most. */
	case RINGING:         say_leg(leg, "ringing", NULL); break;
	case PROGRESS:        say_leg(leg, "early", NULL); break;
	case ESTABLISHED:
		leg->up = true;
		leg_rtp_up(leg);
		leg_secure_up(leg);
		say_leg(leg, "up", codec_json(leg));
		break;
	case ENCRYPTED:       on_encrypted(leg, text); break;
	case TRANSFER_FAILED:
		leg->referring = false;
		say_leg(leg, "transfer_failed", one_text("reason", text));
		break;
	case CLOSED:          on_closed(leg, text); break;
	default:              break;
	}
}

static void on_digit(struct call *call, char key, void *arg)
{
	const char digit[] = {key, '\0'};
	(void)call;

	if (key && strchr("0123456789*#ABCD", key))     /* the peer may say anything in an INFO; key 4 is the release */
		say_leg(arg, "digit", json_pack("{s:s}", "key", digit));
}

struct leg *leg_take(struct call *call, struct line *line, int slot)
{
	struct leg *leg = mem_zalloc(sizeof(*leg), leg_destroy);
	char device[16];

	if (!leg)
		return NULL;
	leg->call = call;
	leg->line = line;
	leg->id = ++phone.last_id;
	leg->slot = slot;
	leg->incoming = !call_is_outgoing(call);
	leg->session = phone.session;
	if (call_id(call))      /* with NAT an INVITE is made later: trace.c */
		*ours_at(leg->id) = hash_joaat_str(call_id(call));
	list_append(&phone.legs, &leg->le, leg);
	call_set_handlers(call, on_call, on_digit, leg);
	call_set_current(&phone.owned, call);
	leg_rtp_open(leg);
	leg_secure_open(leg);
	re_snprintf(device, sizeof(device), "spctl:%d", slot);
	audio_set_devicename(call_audio(call), device, device);
	return leg;
}

json_t *legs_json(void)
{
	json_t *all = json_array();

	for (struct le *le = list_head(&phone.legs); le; le = le->next) {
		const struct leg *leg = le->data;

		json_array_append_new(all, json_pack("{s:I, s:s, s:i, s:b, s:b, s:b, s:b}", "call", (json_int_t)leg->id,
			"line", leg->line->name, "slot", leg->slot, "incoming", leg->incoming, "up", leg->up,
			"held", leg->held, "muted", leg->muted));
	}
	return all;
}

/* ---- what baresip says ------------------------------------------------------------------------------------------- */

/* source lets the engine refuse strangers: 1.1.0 offers INVITEs for nobody to any account that does not register. */
static json_t *caller_json(const struct line *line, const struct call *call, const struct arrival *arrival)
{
	json_t *members = json_object();
	char source[64];

	re_snprintf(source, sizeof(source), "%J", &arrival->source);
	json_object_set_new(members, "line", peer_text(line ? line->name : ""));
	json_object_set_new(members, "from", peer_text(call_peeruri(call)));
	json_object_set_new(members, "name", peer_text(call_peername(call)));
	json_object_set_new(members, "sip", peer_text(call_id(call)));
	json_object_set_new(members, "source", peer_text(source));
	json_object_set_new(members, "transport", json_string(sip_transp_name(arrival->transport)));
	if (arrival->token[0])
		json_object_set_new(members, "token", peer_text(arrival->token));
	return members;
}

/* The INVITE that made this call; NULL: so many have come since that it is forgotten. */
static const struct arrival *arrival_of(const struct call *call)
{
	const void *stream = list_ledata(list_head(call_streaml(call)));

	for (unsigned n = 1; stream && n <= ARRIVALS_MAX && n <= phone.arrived; n++) {
		const struct arrival *arrival = &phone.arrivals[(phone.arrived - n) % ARRIVALS_MAX];

		if (arrival->rtp_stream == stream)
			return arrival;
	}
	return NULL;
}

/* baresip's call_max_calls counts the calls in a user agent's list, where ours are not: the slots are the limit. */
static void on_incoming(struct ua *ua, struct call *call)
{
	static const struct arrival unknown;
	const struct arrival *found = arrival_of(call), *arrival = found ? found : &unknown;
	struct line *line = line_of(ua);
	const int slot = slot_free();
	struct leg *leg = NULL;
	json_t *members;
	struct pl id;

	pl_set_str(&id, call_id(call));
	phone.session = arrival->session;
	phone.rtp_socket = arrival->rtp_socket;
	phone.rtp_stream = arrival->rtp_stream;
	if (found && line && slot >= 0 && !phone.quitting && !leg_by_sip_id(&id))
		leg = leg_take(call, line, slot);
	members = caller_json(line, call, arrival);
	if (arrival->auto_answer)
		json_object_set_new(members, "auto_answer", json_true());
	if (!leg) {
		say_stranger("busy", members);
		call_hangup(call, 486, "Busy Here");
		mem_deref(call);
		return;
	}
	json_object_set_new(members, "slot", json_integer(slot));
	say_leg(leg, "incoming", members);
}

/* The guard's word: just after the INVITE of a call was made, or just before its CALL_INCOMING. */
static void on_session(struct sipsess *session)
{
	if (phone.inviting)
		phone.inviting->session = session;
	else
		phone.session = session;
	if (!phone.inviting && phone.arriving && !phone.arriving->session)
		phone.arriving->session = session;
	phone.inviting = NULL;
}

/* The direction is the one of our own side: recvonly in `theirs` means that the peer holds us, as does the address
 * 0.0.0.0 (RFC 3264 section 8.4). */
static void on_media(struct leg *leg)
{
	const struct sdp_media *media = leg_media(leg);
	enum sdp_dir theirs;
	json_t *members, *codec;

	leg_rtp_moved(leg);
	if (!media)
		return;
	theirs = sdp_media_rdir(media);
	if (sa_is_any(sdp_media_raddr(media)) && (theirs & SDP_SENDONLY))
		theirs = SDP_RECVONLY;
	members = json_pack("{s:s, s:s}", "ours", sdp_dir_name(sdp_media_ldir(media)), "theirs", sdp_dir_name(theirs));
	codec = codec_json(leg);
	if (codec)
		json_object_update(members, codec);
	json_decref(codec);
	say_leg(leg, "media", members);
}

/* The moment before an INVITE is made that is not do_dial()'s: the guard will not let it be. */
static void on_unordered(const struct call *call)
{
	json_t *members = one_text("to", call_peeruri(call));

	phone.guard->refuse_dialog = true;
	json_object_set_new(members, "sent", json_false());
	say("unordered", members);
}

/* baresip destroys the user agent, on SIGTERM or at our own order: end its calls first. */
static void on_shutdown(struct line *line)
{
	quit_in_time();
	line->ua = NULL;
	mem_deref(line);
}

static void on_event(struct ua *ua, int event, struct call *call, const char *text, void *arg)
{
	const char *name = uag_event_str(event);
	struct line *line = line_of(ua);
	struct leg *leg = leg_of(call);
	(void)arg;

	if (!strcmp(name, "CALL_INCOMING"))
		on_incoming(ua, call);
	else if (!strcmp(name, "CALL_LOCAL_SDP") && call && !leg && !phone.dialing && call_is_outgoing(call))
		on_unordered(call);
	else if (!strcmp(name, "CALL_LOCAL_SDP") && leg && !leg->session) {
		phone.inviting = leg;
		str_copy(phone.guard->ordered, sizeof(phone.guard->ordered), leg->to ? leg->to : "");
	}
	else if (!strcmp(name, "SHUTDOWN") && line)
		on_shutdown(line);
	else if (!strcmp(name, "CALL_REMOTE_SDP") && leg)
		on_media(leg);
	else if (!strcmp(name, "CALL_RTPESTAB") && leg)
		say_leg(leg, "heard", NULL);
	else if (!strcmp(name, "AUDIO_ERROR") && leg)
		say_leg(leg, "sound_error", one_text("reason", text));
}

/* Takes the place of baresip's own handler, which re-INVITEs only the calls that lie in a user agent's list. */
static void on_network(void *arg)
{
	const struct sa *v4 = net_laddr_af(baresip_network(), AF_INET);
	const struct sa *address = sa_isset(v4, SA_ADDR) ? v4 : net_laddr_af(baresip_network(), AF_INET6);
	char text[64] = "";
	(void)arg;

	if (address)
		re_snprintf(text, sizeof(text), "%j", address);
	say("network", one_text("address", text));
	lines_leave_network();
	uag_reset_transp(false, false);
	lines_move();
	for (struct le *le = list_head(&phone.legs); le; le = le->next) {
		const struct leg *leg = le->data;

		if (leg->up)
			call_reset_transp(leg->call, net_laddr_af(baresip_network(), call_af(leg->call)));
	}
}

int legs_init(void)
{
	phone.guard->session = on_session;
	rtp_watch();
	secure_watch();
	forks_watch();
	net_change(baresip_network(), NETWORK_CHECK_S, on_network, NULL);
	return uag_event_register(on_event, NULL);
}

void legs_close(void)
{
	uag_event_unregister(on_event);
	phone.guard->session = NULL;
	rtp_unwatch();
	secure_unwatch();
	forks_unwatch();
}
