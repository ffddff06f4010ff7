/*
 * rtp.c - what arrives at a call's media ports, before baresip sees it.
 *
 * The guard tells each RTP socket as it is made.  A helper of ours reads every packet on it, above ICE and TURN and
 * above SRTP, so that the source is the peer's and what SRTP does not accept never comes here.  In this order:
 *
 *  1. A line that asks for encryption takes no sound before the call is encrypted.
 *  2. In the clear, sound is taken from one source.  The address that SDP named always may become it; another address
 *     only where nothing was heard yet (symmetric RTP), where it carries the SSRC that was heard and has fallen silent
 *     (a NAT that gave it a new port), or after a long silence.  Whoever else sends is left out, and told once.
 *  3. RTCP is taken from the address of that source or of SDP.
 *  4. More packets than any codec sends are left out: a flood costs no more than reading it.  So are larger ones:
 *     baresip's G.722 decodes 8 kB, a socket's most, into room for 2880 bytes.
 *
 * What is let through is counted, and told when it stops.  What leaves is encrypted where the line asks for it, and
 * goes to one address that is not this machine's.
 */
#include "module.h"
#include "packet.h"

#include <string.h>

enum {
	LAYER = 30,             /* SRTP is at 10 and 20 */
	REBIND_MS = 1000, FORGET_MS = 5000,
	RTP_PER_S = 500, RTCP_PER_S = 50,       /* Opus in frames of 2.5 ms are 400 */
	RTP_MAX = 2048,         /* bytes: 240 ms of G.711 and G.722, more than Opus ever has */
	QUIET_FIRST_S = 5,
	ODD_RTT_US = 60000000,  /* the peer's clock is odd */
};

static bool take_packet(const struct mbuf *mb, struct packet *packet)
{
	return packet_read(mbuf_buf(mb), mbuf_get_left(mb), packet);
}

static const struct sdp_media *leg_sdp(const struct leg *leg)
{
	const struct stream *stream = list_ledata(list_head(call_streaml(leg->call)));

	return stream ? stream_sdpmedia(stream) : NULL;
}

/* ---- who may send ------------------------------------------------------------------------------------------------ */

static void take_source(struct leg_rtp *rtp, const struct sa *from)
{
	rtp->source = *from;
	rtp->has_source = true;
}

static bool may_send(struct leg *leg, const struct sa *from, const struct packet *packet, uint64_t now)
{
	struct leg_rtp *rtp = &leg->rtp;
	const struct sdp_media *sdp = leg_sdp(leg);
	const uint64_t silent = now - rtp->last_ms;

	if (leg->line->secure)
		return leg->encrypted;
	if (rtp->has_source && sa_cmp(from, &rtp->source, SA_ALL))
		return true;
	if (!rtp->has_source || (sdp && sa_cmp(from, sdp_media_raddr(sdp), SA_ALL)) || silent >= FORGET_MS ||
	    (packet->ssrc == rtp->ssrc && silent >= REBIND_MS)) {
		take_source(rtp, from);
		return true;
	}
	return false;
}

static bool may_report(const struct leg *leg, const struct sa *from)
{
	const struct leg_rtp *rtp = &leg->rtp;
	const struct sdp_media *sdp = leg_sdp(leg);

	if (leg->line->secure)
		return leg->encrypted;
	return (rtp->has_source && sa_cmp(from, &rtp->source, SA_ADDR)) ||
	       (sdp && sa_cmp(from, sdp_media_raddr(sdp), SA_ADDR));
}

/* RFC 3264 section 8.4: 0.0.0.0 was how a peer held a call before there were directions. */
static bool is_held_by_peer(const struct sdp_media *sdp)
{
	return !(sdp_media_dir(sdp) & SDP_RECVONLY) || sa_is_any(sdp_media_raddr(sdp));
}

/* Nobody, everybody, ourselves; or this machine's other programs, where we speak to others. */
static bool is_nobody(const struct sa *to, const struct sa *ours)
{
	const uint8_t *v6 = to->u.in6.sin6_addr.s6_addr;

	if (sa_af(to) == AF_INET ? sa_in(to) >= 0xe0000000 : v6[0] == 0xff)
		return true;
	if (sa_is_any(to) || !sa_isset(ours, SA_ADDR))
		return sa_is_any(to);
	return sa_cmp(to, ours, SA_ALL) || (sa_is_loopback(to) && !sa_is_loopback(ours));
}

/* From any thread.  True: it does not leave. */
static bool on_send(int *status, struct sa *to, struct mbuf *mb, void *arg)
{
	const struct leg *leg = arg;
	struct packet packet;
	(void)status;

	if (!take_packet(mb, &packet) && mbuf_get_left(mb) && mbuf_buf(mb)[0] >> 6 != 2)
		return false;                   /* STUN */
	return (leg->line->secure && !leg->encrypted) || is_nobody(to, &leg->rtp.ours);
}

static void on_foreign(struct leg *leg, const struct sa *from)
{
	char source[64];

	if (leg->rtp.foreign++)
		return;
	re_snprintf(source, sizeof(source), "%J", from);
	say_leg(leg, "foreign", json_pack("{s:s}", "source", source));
}

/* A bucket that holds half a second's packets: after a stall of ours as many wait in the socket. */
static bool is_flood(struct bucket *bucket, unsigned per_s, uint64_t now)
{
	const unsigned most = per_s / 2 * 1000;
	const uint64_t filled = bucket->credit + (now - bucket->at_ms) * per_s;

	bucket->credit = filled > most ? most : (unsigned)filled;
	bucket->at_ms = now;
	if (bucket->credit < 1000)
		return true;
	bucket->credit -= 1000;
	return false;
}

/* ---- counting ---------------------------------------------------------------------------------------------------- */

/* libre counts by SSRC; a peer that changes it in a call begins anew there. */
static void take_ssrc(struct leg_rtp *rtp, uint32_t ssrc)
{
	struct rtcp_stats stats;

	if (rtp->has_ssrc && rtp->ssrc == ssrc)
		return;
	if (rtp->has_ssrc && !rtcp_stats(rtp->socket, rtp->ssrc, &stats) && stats.rx.lost > 0)
		rtp->lost_before += stats.rx.lost;
	rtp->ssrc = ssrc;
	rtp->has_ssrc = true;
}

static void on_heard(struct leg *leg, uint32_t ssrc, uint64_t now)
{
	struct leg_rtp *rtp = &leg->rtp;

	take_ssrc(rtp, ssrc);
	rtp->last_ms = now;
	if (rtp->quiet_said)
		say_leg(leg, "heard", NULL);
	rtp->quiet_said = 0;
}

/* True: baresip does not get it. */
static bool take_rtcp(struct leg *leg, const struct sa *from, const struct mbuf *mb, uint64_t now)
{
	struct leg_rtp *rtp = &leg->rtp;
	bool timed;

	if (!may_report(leg, from) || is_flood(&rtp->rtcp_bucket, RTCP_PER_S, now))
		return true;
	if (packet_report(mbuf_buf(mb), mbuf_get_left(mb), &timed)) {
		rtp->reported = true;
		rtp->timed = rtp->timed || timed;
	}
	return false;
}

/* True: baresip does not get it. */
static bool on_rtp(struct sa *from, struct mbuf *mb, void *arg)
{
	struct leg *leg = arg;
	struct packet packet;
	const uint64_t now = tmr_jiffies();

	if (!take_packet(mb, &packet))
		return false;                   /* STUN, a keep-alive; or libre refuses it */
	if (packet_is_rtcp(&packet))
		return take_rtcp(leg, from, mb, now);
	if (!may_send(leg, from, &packet, now)) {
		on_foreign(leg, from);
		return true;
	}
	if (mbuf_get_left(mb) > RTP_MAX || is_flood(&leg->rtp.rtp_bucket, RTP_PER_S, now))
		return true;
	on_heard(leg, packet.ssrc, now);
	return false;
}

static bool on_rtcp(struct sa *from, struct mbuf *mb, void *arg)
{
	return take_rtcp(arg, from, mb, tmr_jiffies());
}

/* ---- silence ----------------------------------------------------------------------------------------------------- */

/* Once a second while the call is up.  Who is on hold, on either side, is owed no sound. */
static void look(void *arg)
{
	struct leg *leg = arg;
	struct leg_rtp *rtp = &leg->rtp;
	const struct sdp_media *sdp = leg_sdp(leg);
	const uint64_t now = tmr_jiffies();
	unsigned seconds;

	tmr_start(&rtp->tmr, 1000, look, leg);
	if (!sdp || is_held_by_peer(sdp)) {
		rtp->last_ms = now;
		return;
	}
	seconds = (unsigned)((now - rtp->last_ms) / 1000);
	if (seconds < QUIET_FIRST_S || seconds <= rtp->quiet_said)
		return;
	rtp->quiet_said = seconds;
	say_leg(leg, "quiet", json_pack("{s:i}", "seconds", (int)seconds));
}

/* ---- for legs.c and calls.c -------------------------------------------------------------------------------------- */

static void on_socket(struct rtp_sock *socket, void *stream)
{
	phone.rtp_socket = socket;
	phone.rtp_stream = stream;
	if (phone.arriving) {
		phone.arriving->rtp_socket = socket;
		phone.arriving->rtp_stream = stream;
	}
}

void rtp_watch(void)
{
	phone.guard->rtp = on_socket;
}

void rtp_unwatch(void)
{
	phone.guard->rtp = NULL;
}

/* The socket is the last that was seen: both callers come from where the call was made, or on_incoming() has found
 * it. */
void leg_rtp_open(struct leg *leg)
{
	struct leg_rtp *rtp = &leg->rtp;
	const struct sa *ours;

	rtp->last_ms = rtp->rtp_bucket.at_ms = rtp->rtcp_bucket.at_ms = tmr_jiffies();
	rtp->rtp_bucket.credit = RTP_PER_S / 2 * 1000;
	rtp->rtcp_bucket.credit = RTCP_PER_S / 2 * 1000;
	if (!phone.rtp_stream || phone.rtp_stream != list_ledata(list_head(call_streaml(leg->call))))
		return;
	rtp->socket = phone.rtp_socket;
	ours = net_laddr_af(baresip_network(), call_af(leg->call));
	if (ours)
		rtp->ours = *ours;
	sa_set_port(&rtp->ours, sa_port(rtp_local(rtp->socket)));
	udp_register_helper(&rtp->on_rtp, rtp_sock(rtp->socket), LAYER, on_send, on_rtp, leg);
	udp_register_helper(&rtp->on_rtcp, rtcp_sock(rtp->socket), LAYER, on_send, on_rtcp, leg);
	phone.rtp_stream = NULL;
}

void leg_rtp_close(struct leg *leg)
{
	tmr_cancel(&leg->rtp.tmr);
	leg->rtp.on_rtp = mem_deref(leg->rtp.on_rtp);
	leg->rtp.on_rtcp = mem_deref(leg->rtp.on_rtcp);
	leg->rtp.socket = NULL;
}

void leg_rtp_up(struct leg *leg)
{
	if (!leg->rtp.last_ms || !leg->rtp.has_ssrc)
		leg->rtp.last_ms = tmr_jiffies();
	tmr_start(&leg->rtp.tmr, 1000, look, leg);
}

/* SDP came.  Where it names another address than before, what was heard before says nothing of it. */
void leg_rtp_moved(struct leg *leg)
{
	struct leg_rtp *rtp = &leg->rtp;
	const struct sdp_media *sdp = leg_sdp(leg);

	if (!sdp || sa_cmp(sdp_media_raddr(sdp), &rtp->named, SA_ALL))
		return;
	rtp->named = *sdp_media_raddr(sdp);
	rtp->has_source = false;
}

static json_t *known(bool is_known, int64_t value)
{
	return is_known ? json_integer(value) : json_null();
}

/* What the packets that arrived say, at this moment; what the peer's RTCP says, or null where it says nothing of
 * that. */
int leg_rtp_stats(const struct leg *leg, json_t *answer)
{
	const struct leg_rtp *rtp = &leg->rtp;
	const struct stream *stream = list_ledata(list_head(call_streaml(leg->call)));
	struct rtcp_stats stats = {{0}, {0}, 0};

	if (!stream)
		return ENOENT;
	if (rtp->socket && rtp->has_ssrc)
		rtcp_stats(rtp->socket, rtp->ssrc, &stats);
	json_object_set_new(answer, "rx", json_integer(stream_metric_get_rx_n_packets(stream)));
	json_object_set_new(answer, "tx", json_integer(stream_metric_get_tx_n_packets(stream)));
	json_object_set_new(answer, "rx_lost",
		json_integer(rtp->lost_before + (stats.rx.lost > 0 ? stats.rx.lost : 0)));
	json_object_set_new(answer, "tx_lost", known(rtp->reported, stats.tx.lost > 0 ? stats.tx.lost : 0));
	json_object_set_new(answer, "rx_jitter_us", known(rtp->has_ssrc, stats.rx.jit));
	json_object_set_new(answer, "tx_jitter_us", known(rtp->reported, stats.tx.jit));
	json_object_set_new(answer, "rtt_us", known(rtp->timed && stats.rtt < ODD_RTT_US, stats.rtt));
	json_object_set_new(answer, "quiet_ms", json_integer((json_int_t)(tmr_jiffies() - rtp->last_ms)));
	json_object_set_new(answer, "foreign", json_integer(rtp->foreign));
	return 0;
}
