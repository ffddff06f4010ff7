/*
 * guard.c - preloaded into baresip: closes, from outside, what baresip and libre leave open.
 * Each function below stands in front of libre's function of the same name.
 *
 *   re_vsnprintf       peer-controlled text is used as a format
 *   re_sdprintf        the Contact of every REGISTER and INVITE holds a heap pointer
 *   tls_start_tcp      the server's certificate is not verified
 *   tcp_accept, tcp_connect    in guard_tcp.c: connections take every descriptor, or time and memory without end
 *   jbuf_get, jbuf_alloc, jbuf_flush, g722_decode      in guard_jbuf.c: packets that do not come are heard as a stumble
 *   sdp_decode         what a peer's SDP asks for is taken as it comes
 *   sip_dialog_update  a 302 is followed without asking
 *   sip_dialog_alloc   an INVITE that the engine did not order, or to another address than the one ordered
 *   sip_request        where a request goes: to the server that the line is registered at
 *   sip_listen, sip_dialog_create      a second far end that answers is left in a call with nobody
 *
 * Some are not closed but watched, as baresip has no way to what they know:
 *   sipsess_dialog     a call's session, which INFO needs
 *   rtp_listen         a call's RTP socket
 *   srtp_decrypt, srtcp_decrypt        packets after a peer has changed its key
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <re.h>
#include "guard.h"
#include "guard_next.h"

SEEN struct spctl_guard spctl_guard = {.version = GUARD_VERSION};

/* ---- formats ----------------------------------------------------------------------------------------------------- */

/* 1 when the address lies in a segment that its object maps read-only: a literal, not data. */
static int is_literal(struct dl_phdr_info *object, size_t size, void *arg)
{
	const uintptr_t p = *(uintptr_t *)arg;
	(void)size;

	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &object->dlpi_phdr[i];
		const uintptr_t start = object->dlpi_addr + h->p_vaddr;

		if (h->p_type == PT_LOAD && !(h->p_flags & PF_W) && p >= start && p - start < h->p_memsz)
			return 1;
	}
	return 0;
}

/* Text of a peer is printed as it is: baresip 1.0.0 and 1.1.0 hand URIs, reason phrases and Refer-To on as formats. */
SEEN int re_vsnprintf(char *out, size_t size, const char *format, va_list ap)
{
	NEXT(re_vsnprintf);
	uintptr_t p = (uintptr_t)format;

	if (!out || !size || !format || !strchr(format, '%') || dl_iterate_phdr(is_literal, &p))
		return next(out, size, format, ap);
	spctl_guard.formats++;
	str_ncpy(out, format, size);
	return (int)strlen(out);
}

/* ---- addresses of memory ----------------------------------------------------------------------------------------- */

/* src/ua.c makes its Contact's user part as "%r-%p" of the user and the user agent's address.  Any unique text does. */
SEEN int re_sdprintf(char **out, const char *format, ...)
{
	va_list ap;
	int status;

	va_start(ap, format);
	if (format && !strcmp(format, "%r-%p"))
		status = re_sdprintf(out, "%r-%016llx", va_arg(ap, const struct pl *), (unsigned long long)rand_u64());
	else
		status = re_vsdprintf(out, format, ap);
	va_end(ap);
	return status;
}

/* ---- TLS --------------------------------------------------------------------------------------------------------- */

/* What certificates and TLS must be is in the two functions that check_certificate() and prepare() call; a peer's words
 * in a sentence are cleaned by the module, which passes it on. */

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(spctl_guard.tls_error, sizeof(spctl_guard.tls_error), format, ap);
	va_end(ap);
}

/* A name of a certificate as text, or NULL where it is of another kind.  An address has 4 or 16 bytes. */
static const char *alternative_name(const GENERAL_NAME *name, char out[INET6_ADDRSTRLEN])
{
	if (name->type == GEN_DNS || name->type == GEN_URI)
		return (const char *)ASN1_STRING_get0_data(name->d.ia5);
	if (name->type != GEN_IPADD)
		return NULL;
	return inet_ntop(ASN1_STRING_length(name->d.ip) == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(name->d.ip),
			 out, INET6_ADDRSTRLEN);
}

/* RFC 5922 section 7.1: a SIP domain may stand as sip:DOMAIN as well, with no user.  OpenSSL does not look there. */
static bool names_domain(const GENERAL_NAMES *names, const char *host)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const char *text = name->type == GEN_URI ? (const char *)ASN1_STRING_get0_data(name->d.ia5) : "";
		const size_t len = name->type == GEN_URI ? (size_t)ASN1_STRING_length(name->d.ia5) : 0;

		if (len == strlen(text) && len == 4 + strlen(host) && !strncasecmp(text, "sip:", 4) &&
		    !strcasecmp(text + 4, host))
			return true;
	}
	return false;
}

/* "hostname mismatch: the certificate is for a.test, 192.0.2.7, not for b.test" */
static void note_names(const GENERAL_NAMES *names, const char *host)
{
	char list[160] = "", address[INET6_ADDRSTRLEN];

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const char *text = alternative_name(sk_GENERAL_NAME_value(names, i), address);
		const size_t used = strlen(list);

		if (text)
			snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "", text);
	}
	if (*list)
		note("hostname mismatch: the certificate is for %s, not for %s", list, host);
	else
		note("hostname mismatch: the certificate has no subjectAltName (a CN alone does not count), %s is"
			" wanted", host);
}

/* After OpenSSL has looked at a certificate: its verdict stands, but for a SIP domain that is named as a URI. */
static int check_certificate(int ok, X509_STORE_CTX *x)
{
	const int error = X509_STORE_CTX_get_error(x);
	X509 *certificate = X509_STORE_CTX_get_current_cert(x);
	char subject[120] = "";

	if (ok)
		return ok;
	if (error == X509_V_ERR_HOSTNAME_MISMATCH || error == X509_V_ERR_IP_ADDRESS_MISMATCH) {
		GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
		const bool found = names_domain(names, spctl_guard.tls_host);

		if (!found)
			note_names(names, spctl_guard.tls_host);
		GENERAL_NAMES_free(names);
		if (found)
			X509_STORE_CTX_set_error(x, X509_V_OK);
		return found;
	}
	if (certificate)
		X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof(subject));
	note("%s (certificate of %s)", X509_verify_cert_error_string(error), *subject ? subject : "the server");
	return 0;
}

/* Two things that are told of a connection alone.  OpenSSL knows no server name per context: it is set as each
 * handshake starts, before the ClientHello.  And why TLS failed is known here, while libre forgets it. */
static void on_info(const SSL *ssl, int where, int value)
{
	const char *host = spctl_guard.tls_host;
	unsigned char any[sizeof(struct in6_addr)];
	const unsigned long error = ERR_peek_last_error();

	if ((where & SSL_CB_HANDSHAKE_START) && !SSL_is_server(ssl) && inet_pton(AF_INET, host, any) != 1 &&
	    inet_pton(AF_INET6, host, any) != 1)
		SSL_set_tlsext_host_name((SSL *)ssl, host);
	else if (where == SSL_CB_READ_ALERT && value >> 8 == SSL3_AL_FATAL && !*spctl_guard.tls_error) {
		note("the server ended TLS: %s", SSL_alert_desc_string_long(value));
		if (spctl_guard.tls_ended)
			spctl_guard.tls_ended();
	}
	else if ((where & SSL_CB_EXIT) && value <= 0 && error && !*spctl_guard.tls_error)
		note("TLS failed: %s",
			ERR_reason_error_string(error) ? ERR_reason_error_string(error) : "no reason told");
}

/* Asked for when the server wants a certificate and we have none: it may still let us in, so that this is only told
 * when it does not.  Its own alert is often lost, as it comes after the handshake (RFC 8446), with the end of the
 * connection. */
static int on_certificate_wanted(SSL *ssl, X509 **certificate, EVP_PKEY **key)
{
	(void)ssl; (void)certificate; (void)key;
	note("the server asks for a certificate, and this station has none (tls_cert)");
	return 0;
}

/* Sets whom the certificate must name: an address, or else a name, in its subjectAltName (RFC 6125; the CN is history).
 * A wildcard stands for one whole label: RFC 5922 section 7.2 takes none, but trunks are run with them. */
static bool expect_host(SSL_CTX *ctx, const char *host)
{
	X509_VERIFY_PARAM *want = SSL_CTX_get0_param(ctx);

	X509_VERIFY_PARAM_set1_host(want, NULL, 0);
	X509_VERIFY_PARAM_set1_ip(want, NULL, 0);
	X509_VERIFY_PARAM_set_hostflags(want,
		X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	return X509_VERIFY_PARAM_set1_ip_asc(want, host) || X509_VERIFY_PARAM_set1_host(want, host, 0);
}

/* Lists of revoked certificates are looked at where the CA file holds any. */
static bool has_crl(SSL_CTX *ctx)
{
	STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(ctx));

	for (int i = 0; i < sk_X509_OBJECT_num(objects); i++)
		if (X509_OBJECT_get_type(sk_X509_OBJECT_value(objects, i)) == X509_LU_CRL)
			return true;
	return false;
}

static bool prepare(SSL_CTX *ctx)
{
	enum { BITS_112 = 2 };      /* OpenSSL's level: no RSA below 2048, no SHA-1 or MD5 in signatures */

	if (SSL_CTX_get_security_level(ctx) < BITS_112)
		SSL_CTX_set_security_level(ctx, BITS_112);
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);              /* who was verified stays who it is */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);        /* each connection is verified anew */
	SSL_CTX_set_info_callback(ctx, on_info);
	SSL_CTX_set_client_cert_cb(ctx, on_certificate_wanted);
	if (spctl_guard.tls_unverified) {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
		return true;
	}
	if (has_crl(ctx))
		X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_CRL_CHECK);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, check_certificate);
	return expect_host(ctx, spctl_guard.tls_host);
}

SEEN int tls_start_tcp(struct tls_conn **tc, struct tls *tls, struct tcp_conn *tcp, int layer)
{
	NEXT(tls_start_tcp);
	SSL_CTX *ctx = (SSL_CTX *)tls_openssl_context(tls);

	if (!ctx || !spctl_guard.tls_host[0] || !prepare(ctx))
		return EACCES;
	return next(tc, tls, tcp, layer);
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

SEEN int sip_dialog_update(struct sip_dialog *dialog, const struct sip_msg *msg)
{
	NEXT(sip_dialog_update);

	if (msg && !msg->req && msg->scode >= 300 && msg->scode < 400)
		return EACCES;
	return next(dialog, msg);
}

/* Parameters may follow, which say by which transport. */
static bool is_ordered(const char *uri)
{
	const size_t n = strlen(spctl_guard.ordered);

	return !n || (!strncmp(uri, spctl_guard.ordered, n) && (!uri[n] || uri[n] == ';'));
}

SEEN int sip_dialog_alloc(struct sip_dialog **dialog, const char *uri, const char *to, const char *from_name,
			  const char *from, const char *routev[], uint32_t routec)
{
	NEXT(sip_dialog_alloc);
	const bool refused = spctl_guard.refuse_dialog || !is_ordered(uri) || !is_ordered(to);

	spctl_guard.refuse_dialog = false;
	spctl_guard.ordered[0] = '\0';
	if (refused)
		return EACCES;
	return next(dialog, uri, to, from_name, from, routev, routec);
}

static bool on_answer(const struct sip_msg *msg, void *arg)
{
	(void)arg;
	return spctl_guard.answer && spctl_guard.answer(msg, false);
}

static bool on_left_over(const struct sip_msg *msg, void *arg)
{
	(void)arg;
	return spctl_guard.answer && spctl_guard.answer(msg, true);
}

/* libre's client transactions listen to responses first of all, and they alone without a handle.  Ours stand around. */
SEEN int sip_listen(struct sip_lsnr **listener, struct sip *sip, bool requests, sip_msg_h *handler, void *arg)
{
	NEXT(sip_listen);
	const bool transactions = !listener && !requests;
	int status = transactions ? next(NULL, sip, false, on_answer, NULL) : 0;

	if (!status)
		status = next(listener, sip, requests, handler, arg);
	if (!status && transactions)
		status = next(NULL, sip, false, on_left_over, NULL);
	return status;
}

SEEN int sip_dialog_create(struct sip_dialog *dialog, const struct sip_msg *msg)
{
	NEXT(sip_dialog_create);
	const int status = next(dialog, msg);

	if (!status && spctl_guard.dialog)
		spctl_guard.dialog(msg);
	return status;
}

/* baresip asks for the dialog of each session that it makes, for the Call-ID. */
SEEN struct sip_dialog *sipsess_dialog(const struct sipsess *session)
{
	NEXT(sipsess_dialog);

	if (spctl_guard.session)
		spctl_guard.session((struct sipsess *)session);
	return next(session);
}

/* The request stays as it is; it only goes elsewhere than its host's name says. */
SEEN int sip_request(struct sip_request **req, struct sip *sip, bool stateful, const char *method, int method_len,
		     const char *uri, int uri_len, const struct uri *route, struct mbuf *rest, size_t sortkey,
		     sip_send_h *sending, sip_resp_h *answered, void *arg)
{
	NEXT(sip_request);
	struct uri hop;

	if (route && spctl_guard.next_hop && spctl_guard.next_hop(route, &hop))
		route = &hop;
	return next(req, sip, stateful, method, method_len, uri, uri_len, route, rest, sortkey, sending, answered, arg);
}

/* Each audio stream of baresip makes one, with itself as the handlers' argument. */
SEEN int rtp_listen(struct rtp_sock **socket, int proto, const struct sa *ip, uint16_t min_port, uint16_t max_port,
		    bool rtcp, rtp_recv_h *on_rtp, rtcp_recv_h *on_rtcp, void *stream)
{
	NEXT(rtp_listen);
	const int status = next(socket, proto, ip, min_port, max_port, rtcp, on_rtp, on_rtcp, stream);

	if (!status && spctl_guard.rtp)
		spctl_guard.rtp(*socket, stream);
	return status;
}

/* ---- SDP and keys ------------------------------------------------------------------------------------------------ */

/* baresip answers 500 where an INVITE's SDP is refused: that would be tried again elsewhere. */
static bool refused;

SEEN int sdp_decode(struct sdp_session *session, struct mbuf *mb, bool offer)
{
	NEXT(sdp_decode);
	const int status = spctl_guard.sdp && mb ? spctl_guard.sdp(mb) : 0;

	refused = status;
	return status ? status : next(session, mb, offer);
}

SEEN int sip_treply(struct sip_strans **transaction, struct sip *sip, const struct sip_msg *msg, uint16_t code,
		    const char *reason)
{
	NEXT(sip_treply);
	const bool unacceptable = refused && code == 500;

	refused = false;
	if (unacceptable)
		return next(transaction, sip, msg, 488, "Not Acceptable Here");
	return next(transaction, sip, msg, code, reason);
}

SEEN int srtp_decrypt(struct srtp *srtp, struct mbuf *mb)
{
	NEXT(srtp_decrypt);

	return next(spctl_guard.decrypt ? spctl_guard.decrypt(srtp) : srtp, mb);
}

SEEN int srtcp_decrypt(struct srtp *srtp, struct mbuf *mb)
{
	NEXT(srtcp_decrypt);

	return next(spctl_guard.decrypt ? spctl_guard.decrypt(srtp) : srtp, mb);
}
