/*
 * baresip_abi.h - what spctl.so needs of baresip, in our own words.
 *
 * Debian ships no baresip headers.  Everything here is a function that the baresip executable exports, and every object
 * stays opaque.  All of these are the same in 1.0.0 (Debian 12) and 1.1.0 (Debian 13).  Two enums are not: events of a
 * user agent arrive as int and are recognised by name, those of a call by version.h.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct list; struct sip; struct dnsc; struct sa; struct sdp_media; struct rtcp_stats;   /* libre's */
struct ua; struct account; struct call; struct audio; struct stream; struct network;

enum { ABI_VIDEO_OFF = 0, ABI_KEY_RELEASE = 4 };

/* ---- the set of user agents -------------------------------------------------------------------------------------- */
typedef void (abi_ua_event_h)(struct ua *, int event, struct call *, const char *text, void *arg);
int          uag_event_register(abi_ua_event_h *, void *arg);
void         uag_event_unregister(abi_ua_event_h *);
const char  *uag_event_str(int event);
struct sip  *uag_sip(void);

/* ---- one user agent: an account and its registration ------------------------------------------------------------- */
int             ua_alloc(struct ua **, const char *address);
unsigned        ua_destroy(struct ua *);
struct account *ua_account(const struct ua *);
int             ua_connect(struct ua *, struct call **, const char *from, const char *to, int video);
int             ua_set_custom_hdrs(struct ua *, struct list *headers);     /* of struct sip_hdr, copied */
void            ua_stop_all(bool at_once);
int             account_set_mediaenc(struct account *, const char *name);  /* fails when its module is not loaded */
int             account_set_auth_user(struct account *, const char *);
int             account_set_auth_pass(struct account *, const char *);
int             account_set_outbound(struct account *, const char *uri, unsigned index);
int             account_set_medianat(struct account *, const char *name);  /* fails when its module is not loaded */
int             account_set_stun_uri(struct account *, const char *uri);
int             account_set_stun_user(struct account *, const char *);
int             account_set_stun_pass(struct account *, const char *);
/* Copies for the caller: mem_deref() both. */
int             account_auth(const struct account *, char **user, char **password, const char *realm);
const char     *ua_local_cuser(const struct ua *);                         /* the user part of our Contact */

/* ---- media through NAT ------------------------------------------------------------------------------------------- */
/* How a module's entry begins, in 1.0.0 and 1.1.0: the one struct of baresip's that is looked into (nat.c). */
struct mnat_head { struct le le; const char *id, *ftag; bool wait_connected; };
struct list      *baresip_mnatl(void);
struct mnat_head *mnat_find(const struct list *, const char *id);

/* ---- the machine's address changes ------------------------------------------------------------------------------- */
struct network  *baresip_network(void);
void             net_change(struct network *, uint32_t every_seconds, void (*handler)(void *), void *arg);
struct dnsc     *net_dnsc(const struct network *);
const struct sa *net_laddr_af(const struct network *, int af);
int              uag_reset_transp(bool reregister, bool reinvite);

/* ---- one call ---------------------------------------------------------------------------------------------------- */
typedef void (abi_call_event_h)(struct call *, int event, const char *text, void *arg);
typedef void (abi_dtmf_h)(struct call *, char key, void *arg);
void          call_set_handlers(struct call *, abi_call_event_h *, abi_dtmf_h *, void *arg);
void          call_set_current(struct list *, struct call *);      /* moves the call to the end of this list */
int           call_answer(struct call *, uint16_t code, int video);
void          call_hangup(struct call *, uint16_t code, const char *reason);
int           call_hold(struct call *, bool hold);
int           call_send_digit(struct call *, char key);
int           call_transfer(struct call *, const char *uri);
const char   *call_id(const struct call *);
const char   *call_peeruri(const struct call *);
const char   *call_peername(const struct call *);
bool          call_is_outgoing(const struct call *);
uint16_t      call_scode(const struct call *);
int           call_af(const struct call *);
int           call_reset_transp(struct call *, const struct sa *);        /* re-INVITE from this address */
struct audio *call_audio(const struct call *);
struct list  *call_streaml(const struct call *);

/* ---- the sound of one call --------------------------------------------------------------------------------------- */
int  audio_set_devicename(struct audio *, const char *source, const char *player);
void audio_mute(struct audio *, bool);
void audio_stop(struct audio *);       /* its threads have ended then */
struct sdp_media        *stream_sdpmedia(const struct stream *);
uint32_t stream_metric_get_rx_n_packets(const struct stream *);
uint32_t stream_metric_get_tx_n_packets(const struct stream *);
