/*
 * module.h - what the files of spctl.so share.
 *
 * main.c starts and ends, control.c speaks with the engine, command.c reads its commands, lines.c keeps accounts,
 * register.c registers them at servers that locate.c finds, nat.c gets their media through NAT,
 * legs.c keeps calls and hears what baresip says of them, calls.c does what the engine orders of a call, trace.c
 * reads the SIP messages that pass, rtp.c (packet.c) the packets at media ports, secure.c sees that sound is encrypted
 * where it must be, sdp.c what a peer's SDP may hold, forks.c lets go of far ends that answer beside the call's.
 */
#pragma once
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_list.h>
#include <re_mem.h>
#include <re_sa.h>
#include <re_main.h>
#include <re_tmr.h>
#include <re_mod.h>
#include <re_msg.h>
#include <re_uri.h>
#include <re_sdp.h>
#include <re_rtp.h>
#include <re_hash.h>
#include <re_udp.h>
#include <re_dns.h>
#include <re_sys.h>
#include <re_sip.h>
#include <re_sipevent.h>
#include <re_sipsess.h>     /* not all of re.h: its JSON_STRING is not jansson's */
#include <jansson.h>
#include "../base/err.h"
#include "../proto/frame.h"
#include "baresip_abi.h"
#include "command.h"
#include "guard.h"
#include "version.h"

enum { SENTENCE_SIZE = 160 };
#define TOKEN_HEADER "X-Spctl-Call"     /* of an INVITE to a colleague; many a PBX passes on what begins with X- */

/* A line: one account, under the name the engine gave it. */
struct line {
	struct le le;
	char *name;
	struct ua *ua;
	bool secure;            /* its media are encrypted, or there are none */
	bool by_dtls;           /* their keys come by DTLS, not SDES */
	struct registration *registration;
	struct nat *nat;                    /* NULL: no server to ask */
};

/* So many packets a second are let through, and half of that at once. */
struct bucket { uint64_t at_ms; unsigned credit; };    /* credit: in thousandths of a packet */

/* What arrives at a call's media ports (rtp.c). */
struct leg_rtp {
	struct rtp_sock *socket;        /* baresip's; NULL: there is none yet */
	struct udp_helper *on_rtp, *on_rtcp;
	struct sa source, named;        /* who is heard; whom SDP named last */
	struct sa ours;
	bool has_source, has_ssrc;
	bool reported, timed;           /* RTCP of the peer tells of what we sent; and of when it did */
	uint32_t ssrc;
	int64_t lost_before;            /* with the SSRCs before this one */
	uint64_t last_ms;               /* tmr_jiffies() of the last packet that was let through */
	unsigned quiet_said;            /* seconds, of the last event */
	unsigned foreign;               /* packets of others */
	struct bucket rtp_bucket, rtcp_bucket;
	struct tmr tmr;
};

/* A leg: one call.  We own it alone: the call lies in our list, not its user agent's, and reports to us. */
struct leg {
	struct le le;
	struct call *call;
	struct line *line;
	uint32_t id;            /* our name for it, never used twice */
	int slot;               /* its sound is the ALSA device spctl:SLOT */
	bool incoming, up, held, muted;
	bool encrypted;         /* its sound is, by now */
	uint32_t key;           /* a hash of the peer's key or fingerprint; 0: not known */
	bool suite_known;
	int suite;              /* enum srtp_suite */
	struct srtp *srtp;      /* decrypts with a key that SDP brought later; NULL: baresip's does */
	struct udp_helper *below_rtp, *below_rtcp;
	struct tmr tmr_keys;
	const char *sdp_fault;  /* the last that was told */
	bool peer_left;         /* the peer said BYE or CANCEL */
	bool referring;         /* a transfer was asked for and its end is not known */
	uint32_t refer_cseq;    /* of the REFER that asked last */
	unsigned refer_code;    /* how it ended, as NOTIFY says */
	struct tmr tmr_refer;
	uint16_t end_code;      /* why it ends, where trace.c knows better than baresip: 0: no status */
	char *end_reason;
	char *ltag, *rtag;      /* our and the peer's dialog tag, once known (trace.c) */
	char digits[2 * DIGITS_MAX + 1];        /* still to be sent */
	bool by_info;           /* those go out as SIP INFO, not as RTP */
	struct sipsess *session;        /* the call's own; NULL until its INVITE is made */
	char *to;               /* whom the engine has ordered to call, or NULL */
	struct tmr tmr_digit;
	struct tmr tmr_unhold;
	struct leg_rtp rtp;
};

/* An INVITE that came.  Its call is told at once, or, where a server of NAT is asked before, after others have come. */
struct arrival {
	struct sa source;
	enum sip_transp transport;
	bool auto_answer;               /* it asks to be answered by itself */
	char token[TOKEN_SIZE];         /* which only the engine can tell for a colleague's; or empty */
	struct sipsess *session;
	struct rtp_sock *rtp_socket;
	void *rtp_stream;               /* by which it is found; NULL: it has made no call */
};
enum { ARRIVALS_MAX = 256 };

/* The module's one context. */
struct phone {
	enum baresip baresip;
	struct spctl_guard *guard;
	struct list lines, legs, registrations;
	struct list owned;      /* of struct call, linked through baresip's own element */
	uint32_t last_id;
	bool tracing;           /* each SIP message is told */
	struct line *dialing;   /* dial is at work on this line: an INVITE made now is ordered; else NULL */
	bool quitting, ending;  /* the end is ordered; has begun */
	struct tmr tmr_quit;
	struct leg *hearing;    /* of the message that came last, or NULL */
	struct leg *receiving;  /* of the packet that came last, where it is encrypted */
	uint32_t unacceptable;  /* a hash of the Call-ID that was refused with 488 last */
	char sdp_refusal[SENTENCE_SIZE];        /* of the SDP that came last, or empty */
	struct arrival arrivals[ARRIVALS_MAX];  /* a ring */
	unsigned arrived;
	/* the message that came last, where it is an INVITE for a new call; else NULL */
	struct arrival *arriving;
	uint32_t ours[4096];     /* hashes of the Call-IDs of the last calls, a ring by id */
	struct sipsess *session;        /* the last that was seen: of the call that is being made or told */
	struct rtp_sock *rtp_socket;    /* likewise, with the stream that it is of */
	void *rtp_stream;
	struct leg *inviting;   /* whose INVITE is made now, later than its leg: its address had to be found first */

	int sock;               /* the engine, or -1 */
	bool waits;             /* for the socket to take more */
	struct tmr tmr_lines;   /* further commands have arrived already */
	struct frame in;
	struct str out;         /* not sent yet */
	unsigned unsaid;        /* events of strangers left out since the last one that was said */
};
extern struct phone phone;

/* ---- main.c ------------------------------------------------------------------------------------------------------ */
void quit_soon(void);       /* ends every call, unregisters and leaves, once the stack is unwound */
void quit_in_time(void);    /* the end has begun: leaves within QUIT_MS, whoever does not answer */

/* ---- control.c --------------------------------------------------------------------------------------------------- */
int  control_open(const char *where, struct err *);
void control_close(void);
/* Each steals members (an object; NULL: none). */
void say(const char *event, json_t *members);
void say_leg(const struct leg *, const char *event, json_t *members);
void say_stranger(const char *event, json_t *members);     /* only counted while the engine is behind */
/* A JSON string of text from outside: always valid UTF-8, one line, at most 1 kB.  NULL gives "". */
json_t *peer_text(const char *);
json_t *peer_text_pl(const struct pl *);

/* What a command does: 0 with members put into the answer, or a negative enum err_code with a sentence. */
typedef int (perform_h)(const struct command *, json_t *answer, struct err *);

/* ---- lines.c ----------------------------------------------------------------------------------------------------- */
perform_h do_line_create, do_line_delete, do_register, do_unregister;
struct line *line_of(const struct ua *);
int  line_find(const char *name, struct line **, struct err *);
void lines_close(void);     /* each line ends its legs */
json_t *lines_json(void);
/* The machine's address changes: connections are let go of before, and lines register anew after libre has moved. */
void lines_leave_network(void);
void lines_move(void);

/* ---- register.c -------------------------------------------------------------------------------------------------- */
struct registration;
/* 0 or errno; sends nothing */
int  registration_make(struct registration **, struct line *, const struct command *);
void registration_watch(struct registration *);     /* looks its servers up, where it never registers, and tells them */
void registration_start(struct registration *);     /* nothing, where it never registers */
void registration_stop(struct registration *);      /* unregisters, and stays so */
void registration_close(struct registration *);     /* unregisters; freed with the answer.  NULL is fine */
bool registration_is_on(const struct registration *);
void registration_leave_network(struct registration *);
void registration_move(struct registration *);
void register_tls_ended(void);      /* for the guard */
/* For the guard: where a request to this host goes, if a line is registered there. */
bool register_is_server(const struct sa *);
bool register_next_hop(const struct uri *route, struct uri *hop);

/* ---- nat.c ------------------------------------------------------------------------------------------------------- */
struct nat;
/* 0, with *nat where there is a server to be asked now and again: free with mem_deref(). */
int  nat_make(struct nat **, struct line *, const struct command *, struct err *);

/* ---- locate.c ---------------------------------------------------------------------------------------------------- */
struct locate;
/* An address where a server may be, and the name by which it was asked for: its certificate's. */
struct target { struct le le; struct sa address; char *host; };
typedef void (locate_h)(struct list *targets, void *arg);   /* in the order to try; what it leaves there is freed */
/* Looks up sip: URIs, separated by commas.  The handler is called once, never from in here, and not after mem_deref().
 * Frees itself with that.  0 or errno. */
int  locate_start(struct locate **, const char *servers, enum sip_transp, locate_h *, void *arg);

/* ---- legs.c ------------------------------------------------------------------------------------------------------ */
int  legs_init(void);
void legs_close(void);
void legs_end(const struct line *, const char *reason);
struct leg *leg_by_sip_id(const struct pl *callid);
int  leg_find(int64_t id, struct leg **, struct err *);
int  slot_free(void);       /* -1: all are taken */
struct leg *leg_take(struct call *, struct line *, int slot);
void leg_end(struct leg *, const char *by, const char *reason);
bool call_was_ours(const struct pl *callid);
void leg_learn_id(const struct leg *, const struct pl *callid);     /* of an INVITE that is made after leg_take() */
json_t *legs_json(void);

/* ---- calls.c ----------------------------------------------------------------------------------------------------- */
perform_h do_answer, do_dial, do_dtmf, do_hangup, do_hold, do_mute, do_resume, do_stats, do_transfer, do_transfer_to;

/* ---- rtp.c ------------------------------------------------------------------------------------------------------- */
void rtp_watch(void);
void rtp_unwatch(void);
void leg_rtp_open(struct leg *);    /* as it begins */
void leg_rtp_up(struct leg *);
void leg_rtp_moved(struct leg *);
void leg_rtp_close(struct leg *);
int  leg_rtp_stats(const struct leg *, json_t *answer);     /* 0, or an errno */

/* ---- secure.c ---------------------------------------------------------------------------------------------------- */
void secure_watch(void);
void secure_unwatch(void);
void leg_secure_open(struct leg *);     /* after leg_rtp_open() */
void leg_secure_up(struct leg *);
void leg_secure_done(struct leg *);     /* there are keys */
void leg_secure_failed(struct leg *);   /* the call is about to end for it */
void leg_secure_close(struct leg *);

/* ---- forks.c ----------------------------------------------------------------------------------------------------- */
void forks_watch(void);
void forks_unwatch(void);
void forks_learn(const struct sip_msg *invite, struct line *);      /* it leaves; line: whose it is, or NULL */
void forks_forget(const struct line *);     /* it is being deleted */

/* ---- trace.c ----------------------------------------------------------------------------------------------------- */
perform_h do_trace;
void trace_init(void);
void trace_close(void);
