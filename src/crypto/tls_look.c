/* tls_look.c - see tls_look.h. */
#include "tls_look.h"
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/str.h"

enum { LIMIT_MS = 4000, SLICE_MS = 100 };

struct look {
	const struct tls_order *order;
	const atomic_bool *stop;
	struct tls_certificate *found;
	int64_t now_ms, until;      /* UTC; monotonic */
	int fd;
	SSL_CTX *ctx;
	SSL *ssl;
};

/* ---- what it says ----------------------------------------------------------------------------------------------- */

static void common_name(const X509_NAME *name, char out[128])
{
	if (X509_NAME_get_text_by_NID(name, NID_commonName, out, 128) < 0)
		X509_NAME_oneline(name, out, 128);
}

/* What lies too far off for a number of milliseconds never expires. */
static int64_t expiry_ms(const X509 *x, int64_t now_ms)
{
	int days = 0, seconds = 0;

	if (!ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(x)))
		return INT64_MAX;
	return now_ms - now_ms % 1000 + ((int64_t)days * 86400 + seconds) * 1000;
}

/* A name as text, or NULL where it is of another kind.  An address has 4 or 16 bytes. */
static const char *name_text(const GENERAL_NAME *name, char out[INET6_ADDRSTRLEN])
{
	if (name->type == GEN_DNS || name->type == GEN_URI)
		return (const char *)ASN1_STRING_get0_data(name->d.ia5);
	if (name->type != GEN_IPADD)
		return NULL;
	return inet_ntop(ASN1_STRING_length(name->d.ip) == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(name->d.ip),
		out, INET6_ADDRSTRLEN);
}

static void read_names(const X509 *x, char *out, size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	char address[INET6_ADDRSTRLEN];

	*out = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const char *text = name_text(sk_GENERAL_NAME_value(names, i), address);
		const size_t used = strlen(out);

		if (text)
			snprintf(out + used, size - used, "%s%s", used ? ", " : "", text);
	}
	GENERAL_NAMES_free(names);
}

static int read_certificate(struct look *look, struct err *err)
{
	struct tls_certificate *found = look->found;
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(look->ssl);
	const X509 *leaf = SSL_get0_peer_certificate(look->ssl);

	if (!leaf)
		return err_set(err, ERR_FAILED, "it presents no certificate");
	common_name(X509_get_subject_name(leaf), found->subject);
	common_name(X509_get_issuer_name(leaf), found->issuer);
	read_names(leaf, found->names, sizeof(found->names));
	found->expires_ms = INT64_MAX;
	for (int i = 0; i < sk_X509_num(chain); i++) {
		const X509 *x = sk_X509_value(chain, i);
		const int64_t expires = expiry_ms(x, look->now_ms);

		if (expires >= found->expires_ms)
			continue;
		found->expires_ms = expires;
		common_name(X509_get_subject_name(x), found->first);
	}
	return 0;
}

/* ---- what is wrong with it -------------------------------------------------------------------------------------- */

/* RFC 5922 section 7.1: a SIP domain may stand as sip:DOMAIN as well.  OpenSSL does not look there. */
static bool names_domain(const X509 *x, const char *host)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && !found; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const char *text = name->type == GEN_URI ? (const char *)ASN1_STRING_get0_data(name->d.ia5) : "";

		found = !strncasecmp(text, "sip:", 4) && !strcasecmp(text + 4, host);
	}
	GENERAL_NAMES_free(names);
	return found;
}

static enum tls_fault fault_of(int error)
{
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return TLS_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return TLS_NOT_YET;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return TLS_NAME;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return TLS_UNKNOWN;
	default:
		return TLS_OTHER;
	}
}

/* Everything that is wrong is noted, and the handshake goes on. */
static int on_verify(int ok, X509_STORE_CTX *x)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(x, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct look *look = SSL_get_app_data(ssl);
	const int error = X509_STORE_CTX_get_error(x);
	const enum tls_fault fault = fault_of(error);

	if (ok || (fault == TLS_NAME && names_domain(X509_STORE_CTX_get_current_cert(x), look->order->host)))
		return 1;
	look->found->faults |= fault;
	if ((fault == TLS_UNKNOWN || fault == TLS_OTHER) && !look->found->why[0])
		str_copy(look->found->why, sizeof(look->found->why), X509_verify_cert_error_string(error));
	return 1;
}

static int on_own_wanted(SSL *ssl, X509 **certificate, EVP_PKEY **key)
{
	struct look *look = SSL_get_app_data(ssl);
	(void)certificate;
	(void)key;

	look->found->wants_own = true;
	return 0;
}

static bool has_crl(SSL_CTX *ctx)
{
	STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(ctx));

	for (int i = 0; i < sk_X509_OBJECT_num(objects); i++)
		if (X509_OBJECT_get_type(sk_X509_OBJECT_value(objects, i)) == X509_LU_CRL)
			return true;
	return false;
}

/* ---- the connection --------------------------------------------------------------------------------------------- */

static int prepare(struct look *look, struct err *err)
{
	const struct tls_order *order = look->order;
	X509_VERIFY_PARAM *want;

	look->ctx = SSL_CTX_new(TLS_client_method());
	if (!look->ctx || !SSL_CTX_load_verify_file(look->ctx, order->ca))
		return err_set(err, ERR_CONFIG, "%s holds no certificates that can be used", order->ca);
	if (order->own && (SSL_CTX_use_certificate_chain_file(look->ctx, order->own) != 1 ||
		SSL_CTX_use_PrivateKey_file(look->ctx, order->own, SSL_FILETYPE_PEM) != 1))
		return err_set(err, ERR_CONFIG, "%s holds no certificate with its key", order->own);
	want = SSL_CTX_get0_param(look->ctx);
	X509_VERIFY_PARAM_set_hostflags(
		want, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (!X509_VERIFY_PARAM_set1_ip_asc(want, order->host) && !X509_VERIFY_PARAM_set1_host(want, order->host, 0))
		return err_set(err, ERR_CONFIG, "%s is no host's name", order->host);
	if (has_crl(look->ctx))
		X509_VERIFY_PARAM_set_flags(want, X509_V_FLAG_CRL_CHECK);
	SSL_CTX_set_security_level(look->ctx, 2);
	SSL_CTX_set_min_proto_version(look->ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(look->ctx, SSL_VERIFY_PEER, on_verify);
	if (!order->own)
		SSL_CTX_set_client_cert_cb(look->ctx, on_own_wanted);
	return 0;
}

/* Until the socket can be read from, or written to; false: the time is over. */
static bool wait_for(const struct look *look, short events)
{
	struct pollfd wait = {.fd = look->fd, .events = events};

	while (!atomic_load(look->stop) && clock_mono_ms() < look->until)
		if (poll(&wait, 1, SLICE_MS) > 0)
			return true;
	return false;
}

static int connect_to(struct look *look, struct err *err)
{
	const struct tls_order *order = look->order;
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)order->port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)order->port)};
	const bool v4 = inet_pton(AF_INET, order->address, &in.sin_addr) == 1;
	int why = ETIMEDOUT;
	socklen_t len = sizeof(why);

	if (!v4)
		inet_pton(AF_INET6, order->address, &in6.sin6_addr);
	look->fd = socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (look->fd < 0)
		return err_set(err, ERR_UNAVAILABLE, "%s", strerror(errno));
	if (!connect(look->fd, v4 ? (struct sockaddr *)&in : (struct sockaddr *)&in6, v4 ? sizeof(in) : sizeof(in6)))
		return 0;
	if (errno != EINPROGRESS)
		why = errno;
	else if (wait_for(look, POLLOUT))
		getsockopt(look->fd, SOL_SOCKET, SO_ERROR, &why, &len);
	return why ? err_set(err, ERR_UNAVAILABLE, "%s", strerror(why)) : 0;
}

static int no_tls(const struct look *look, int status, struct err *err)
{
	const unsigned long error = ERR_peek_last_error();
	const char *why = error ? ERR_reason_error_string(error) : NULL;

	if (clock_mono_ms() >= look->until)
		why = "no answer";
	return err_set(err, ERR_FAILED, "%s", why ? why : status == SSL_ERROR_SYSCALL && errno ? strerror(errno) :
		"the connection was closed");
}

static int shake_hands(struct look *look, struct err *err)
{
	unsigned char any[sizeof(struct in6_addr)];
	const char *host = look->order->host;
	int rc, status;

	look->ssl = SSL_new(look->ctx);
	if (!look->ssl || !SSL_set_fd(look->ssl, look->fd))
		return err_set(err, ERR_FAILED, "TLS is not available from the crypto library");
	SSL_set_app_data(look->ssl, look);
	if (inet_pton(AF_INET, host, any) != 1 && inet_pton(AF_INET6, host, any) != 1)
		SSL_set_tlsext_host_name(look->ssl, host);
	for (;;) {
		ERR_clear_error();
		errno = 0;
		rc = SSL_connect(look->ssl);
		if (rc == 1)
			return 0;
		status = SSL_get_error(look->ssl, rc);
		if (status == SSL_ERROR_WANT_READ ? !wait_for(look, POLLIN) :
		    status == SSL_ERROR_WANT_WRITE ? !wait_for(look, POLLOUT) : true)
			return no_tls(look, status, err);
	}
}

int tls_look(const struct tls_order *order, const atomic_bool *stop, int64_t now_ms, struct tls_certificate *found,
	struct err *err)
{
	struct look look = {.order = order, .stop = stop, .found = found, .now_ms = now_ms, .fd = -1,
		.until = clock_mono_ms() + LIMIT_MS};
	int rc;

	*found = (struct tls_certificate){0};
	rc = prepare(&look, err);
	if (!rc)
		rc = connect_to(&look, err);
	if (!rc)
		rc = shake_hands(&look, err);
	if (!rc) {
		rc = read_certificate(&look, err);
		SSL_shutdown(look.ssl);
	}
	SSL_free(look.ssl);
	SSL_CTX_free(look.ctx);
	ERR_clear_error();
	if (look.fd >= 0)
		close(look.fd);
	return rc && atomic_load(stop) ? err_set(err, ERR_TRY_AGAIN, "the look at %s was given up", order->host) : rc;
}
