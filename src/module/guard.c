/*
 * guard.c - preloaded into baresip: closes, from outside, what baresip and libre leave open.
 * Each function below stands in front of libre's function of the same name.
 *
 *   re_vsnprintf       peer-controlled text is used as a format
 *   re_sdprintf        the Contact of every REGISTER and INVITE holds a heap pointer
 *   tls_start_tcp      the server's certificate is not verified
 *   sip_dialog_update  a 302 is followed without asking
 *   sip_dialog_alloc   an INVITE that the engine did not order
 *   sip_request        where a request goes: to the server that the line is registered at
 *   sipsess_dialog     not closed but watched: baresip 1.0.0 has no way to a call's session, which INFO needs
 */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdarg.h>
#include <string.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <re.h>
#include "guard.h"

#define SEEN __attribute__((visibility("default")))

SEEN struct spctl_guard spctl_guard = {.version = GUARD_VERSION};

#define NEXT(name) static __typeof__(&name) next; if (!next) *(void **)&next = dlsym(RTLD_NEXT, #name)

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

static int note_error(int ok, X509_STORE_CTX *x)
{
	if (!ok)
		str_ncpy(spctl_guard.tls_error, X509_verify_cert_error_string(X509_STORE_CTX_get_error(x)),
			 sizeof(spctl_guard.tls_error));
	return ok;
}

/* OpenSSL knows no server name per context: set it as each handshake starts, before the ClientHello. */
static void send_name(const SSL *ssl, int where, int ret)
{
	(void)ret;
	if ((where & SSL_CB_HANDSHAKE_START) && !SSL_is_server(ssl))
		SSL_set_tlsext_host_name((SSL *)ssl, spctl_guard.tls_host);
}

/* Sets whom the certificate must name: an address, or else a name. */
static bool expect_host(SSL_CTX *ctx, const char *host)
{
	X509_VERIFY_PARAM *want = SSL_CTX_get0_param(ctx);

	if (X509_VERIFY_PARAM_set1_ip_asc(want, host))
		return true;
	X509_VERIFY_PARAM_set_hostflags(want, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (!X509_VERIFY_PARAM_set1_host(want, host, 0))
		return false;
	SSL_CTX_set_info_callback(ctx, send_name);
	return true;
}

SEEN int tls_start_tcp(struct tls_conn **tc, struct tls *tls, struct tcp_conn *tcp, int layer)
{
	NEXT(tls_start_tcp);
	SSL_CTX *ctx = (SSL_CTX *)tls_openssl_context(tls);

	if (!ctx || !spctl_guard.tls_host[0] || !expect_host(ctx, spctl_guard.tls_host))
		return EACCES;
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, note_error);
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

SEEN int sip_dialog_alloc(struct sip_dialog **dialog, const char *uri, const char *to, const char *from_name,
			  const char *from, const char *routev[], uint32_t routec)
{
	NEXT(sip_dialog_alloc);

	if (spctl_guard.refuse_dialog) {
		spctl_guard.refuse_dialog = false;
		return EACCES;
	}
	return next(dialog, uri, to, from_name, from, routev, routec);
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
