/*
 * guard_probe.c - a program on libre that does what baresip does wrong, to be run with guard.so before it.  Only for
 * tests: test_guard.py builds it.  Prints one line of TAP for each of the guard's functions.
 */
#include <errno.h>
#include <math.h>
#include <openssl/ssl.h>
#include <re.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "module/guard.h"

static unsigned count, failed;

static void ok(const char *what, bool good)
{
	count++;
	failed += !good;
	printf("%sok %u - %s\n", good ? "" : "not ", count, what);
}

static char in_data[] = "%s%n%p %d";

static void formats(void)
{
	char on_stack[] = "%s%n%p %d", out[64], *on_heap = strdup(in_data);
	const unsigned before = spctl_guard.formats;
	char *text = NULL;

	re_snprintf(out, sizeof(out), in_data);
	ok("a format in writable data is printed as it is", !strcmp(out, in_data));
	re_snprintf(out, sizeof(out), on_stack);
	ok("on the stack", !strcmp(out, on_stack));
	re_snprintf(out, sizeof(out), on_heap);
	ok("on the heap", !strcmp(out, on_heap));
	ok("and counted", spctl_guard.formats == before + 3);
	re_snprintf(out, 4, in_data);
	ok("cut to the place that there is", !strcmp(out, "%s%"));
	re_snprintf(out, sizeof(out), "%s-%u-%r", "a", 7u, &(struct pl){.p = "pl", .l = 2});
	ok("a literal is a format", !strcmp(out, "a-7-pl"));
	re_snprintf(out, sizeof(out), strcpy(on_heap, "plain"));
	ok("text without a % is what it is", !strcmp(out, "plain") && spctl_guard.formats == before + 4);
	re_sdprintf(&text, "%s", on_stack);
	ok("text in its place is no format", text && !strcmp(text, on_stack));
	mem_deref(text);
	free(on_heap);
}

static void pointers(void)
{
	struct pl user = {.p = "anna", .l = 4};
	char *one = NULL, *two = NULL, pointer[32];

	re_sdprintf(&one, "%r-%p", &user, &user);
	re_sdprintf(&two, "%r-%p", &user, &user);
	snprintf(pointer, sizeof(pointer), "%lx", (unsigned long)(uintptr_t)&user);
	ok("a Contact holds no address of memory", one && !strstr(one, pointer) && !strncmp(one, "anna-", 5));
	ok("and is another each time", one && two && strcmp(one, two));
	mem_deref(one);
	mem_deref(two);
}

static int dialog_make(struct sip_dialog **dialog)
{
	return sip_dialog_alloc(dialog, "sip:b@192.0.2.1", "sip:b@192.0.2.1", NULL, "sip:a@192.0.2.2", NULL, 0);
}

static void calls(void)
{
	struct sip_dialog *dialog = NULL;
	struct sip_msg message = {.scode = 302};

	spctl_guard.refuse_dialog = true;
	ok("an INVITE that was not ordered gets no dialog", dialog_make(&dialog) == EACCES && !dialog);
	ok("the next one does", !spctl_guard.refuse_dialog && !dialog_make(&dialog) && dialog);
	dialog = mem_deref(dialog);
	strcpy(spctl_guard.ordered, "sip:b@192.0.2.10");
	ok("nor does one to another address than the one ordered", dialog_make(&dialog) == EACCES && !dialog);
	strcpy(spctl_guard.ordered, "sip:b@192.0.2");
	ok("or to one that only begins like it", dialog_make(&dialog) == EACCES && !dialog);
	strcpy(spctl_guard.ordered, "sip:b@192.0.2.1");
	ok("nor where To is another's", sip_dialog_alloc(&dialog, "sip:b@192.0.2.1", "sip:c@192.0.2.1", NULL,
		"sip:a@192.0.2.2", NULL, 0) == EACCES && !dialog);
	strcpy(spctl_guard.ordered, "sip:b@192.0.2.1");
	ok("with a transport it is the one ordered", !sip_dialog_alloc(&dialog, "sip:b@192.0.2.1;transport=tcp", "sip:b@192.0.2.1",
		NULL, "sip:a@192.0.2.2", NULL, 0) && dialog);
	dialog = mem_deref(dialog);
	strcpy(spctl_guard.ordered, "sip:b@192.0.2.1");
	ok("and itself", !dialog_make(&dialog) && dialog && !spctl_guard.ordered[0]);
	for (message.scode = 300; message.scode < 400; message.scode += 33)
		ok("a redirection is not followed", sip_dialog_update(dialog, &message) == EACCES);
	mem_deref(dialog);
}

static void certificates(void)
{
	struct tls *tls = NULL;
	struct tls_conn *connection = NULL;

	tls_alloc(&tls, TLS_METHOD_SSLV23, NULL, NULL);
	ok("no TLS where nobody is expected", tls_start_tcp(&connection, tls, NULL, 0) == EACCES);
	strcpy(spctl_guard.tls_host, "pbx.test");
	tls_start_tcp(&connection, tls, NULL, 0);
	ok("TLS 1.2 at least", SSL_CTX_get_min_proto_version((SSL_CTX *)tls_openssl_context(tls)) == TLS1_2_VERSION);
	ok("the server is verified", SSL_CTX_get_verify_mode((SSL_CTX *)tls_openssl_context(tls)) & SSL_VERIFY_PEER);
	ok("112 bits at least", SSL_CTX_get_security_level((SSL_CTX *)tls_openssl_context(tls)) >= 2);
	spctl_guard.tls_unverified = true;
	tls_start_tcp(&connection, tls, NULL, 0);
	ok("or not, by order", SSL_CTX_get_verify_mode((SSL_CTX *)tls_openssl_context(tls)) == SSL_VERIFY_NONE);
	mem_deref(tls);
}

static void on_connection(const struct sa *peer, void *arg)
{
	(void)peer; (void)arg;
}

static void connections(void)
{
	struct tcp_sock *listener = NULL;
	struct tcp_conn *accepted = NULL;
	struct sa any;
	int taken[300], n = 0;

	sa_set_str(&any, "127.0.0.1", 0);
	tcp_listen(&listener, &any, on_connection, NULL);
	while (n < 300)
		taken[n++] = dup(STDIN_FILENO);
	ok("no connection when descriptors run short", tcp_accept(&accepted, listener, NULL, NULL, NULL, NULL) == EMFILE);
	while (n)
		close(taken[--n]);
	ok("libre is asked when there are enough", tcp_accept(&accepted, listener, NULL, NULL, NULL, NULL) == EINVAL);
	mem_deref(listener);
}

static bool elsewhere(const struct uri *route, struct uri *hop)
{
	*hop = *route;
	pl_set_str(&hop->host, "127.0.0.1");
	hop->port = 9;
	return !pl_strcmp(&route->host, "pbx.test");
}

static char sent_to[64];

static void on_trace(bool tx, enum sip_transp transport, const struct sa *source, const struct sa *to, const uint8_t *packet,
		     size_t len, void *arg)
{
	(void)tx; (void)transport; (void)source; (void)arg;
	re_snprintf(sent_to, sizeof(sent_to), "%J %b", to, packet, len < 26 ? len : 26);
}

static void next_hop(void)
{
	struct dnsc *dns = NULL;
	struct sip *sip = NULL;
	struct sa any, server;

	sa_set_str(&any, "127.0.0.1", 0);
	sa_set_str(&server, "127.0.0.1", 53);
	dnsc_alloc(&dns, NULL, &server, 1);
	sip_alloc(&sip, dns, 32, 32, 32, "probe", NULL, NULL);
	sip_transp_add(sip, SIP_TRANSP_UDP, &any);
	sip_set_trace_handler(sip, on_trace);
	spctl_guard.next_hop = elsewhere;
	sip_requestf(NULL, sip, false, "OPTIONS", "sip:a@pbx.test:5070", NULL, NULL, NULL, NULL, NULL, "Content-Length: 0\r\n\r\n");
	ok("a request goes where the registration is, and says what it said",
		!strcmp(sent_to, "127.0.0.1:9 OPTIONS sip:a@pbx.test:507"));
	sip_requestf(NULL, sip, false, "OPTIONS", "sip:a@127.0.0.1:10", NULL, NULL, NULL, NULL, NULL, "Content-Length: 0\r\n\r\n");
	ok("others go where they say", !strncmp(sent_to, "127.0.0.1:10 ", 13));
	sip_close(sip, true);
	mem_deref(sip);
	mem_deref(dns);
}

static int ulaw(uint8_t byte)
{
	const uint8_t code = (uint8_t)~byte;
	const int size = (((code & 15) * 8 + 132) << (code >> 4 & 7)) - 132;

	return code & 128 ? -size : size;
}

/* The nearest of all. */
static uint8_t to_ulaw(double x)
{
	uint8_t best = 0;

	for (int byte = 0; byte < 256; byte++)
		if (fabs(ulaw((uint8_t)byte) - x) < fabs(ulaw(best) - x))
			best = (uint8_t)byte;
	return best;
}

/* A tone of 8 kHz PCMU in packets of 20 ms, of which some do not come: how far the sound that is left is from the tone,
 * in dB below it; -1: it is not as long as it was. */
static double heard_without(uint16_t first, unsigned lost, bool late)
{
	enum { PACKETS = 24, SAMPLES = 160 };
	struct jbuf *jb = NULL;
	double noise = 0, tone = 0;
	size_t at = 0;
	uint16_t expected = 1000;
	bool in_order = true;

	jbuf_alloc(&jb, 1, 10);
	for (uint16_t seq = 0; seq < PACKETS; seq++) {
		const bool swap = late && (seq == first || seq == first + 1);
		const uint16_t sent = swap ? (uint16_t)(2 * first + 1 - seq) : seq;
		struct rtp_header hdr = {.ver = 2, .pt = 0, .seq = (uint16_t)(1000 + sent)};
		struct mbuf *mb = mbuf_alloc(SAMPLES), *got = NULL;

		if (!late && seq >= first && seq < first + lost) {
			mem_deref(mb);
			continue;
		}
		for (int i = 0; i < SAMPLES; i++)
			mbuf_write_u8(mb, to_ulaw(8000 * sin(2 * M_PI * 217 * (sent * SAMPLES + i) / 8000)));
		mb->pos = 0;
		jbuf_put(jb, &hdr, mb);
		mem_deref(mb);
		if (jbuf_get(jb, &hdr, (void **)&got))
			continue;
		in_order &= hdr.seq == expected++;
		for (; mbuf_get_left(got); at++) {
			const double wanted = 8000 * sin(2 * M_PI * 217 * (double)at / 8000);
			const double x = ulaw(mbuf_read_u8(got));

			noise += (x - wanted) * (x - wanted);
			tone += wanted * wanted;
		}
		mem_deref(got);
	}
	mem_deref(jb);
	return at == (PACKETS - 1) * SAMPLES && in_order ? 10 * log10(tone / noise) : -1;
}

static void lost_packets(void)
{
	ok("sound with no packet lost is what it was", heard_without(10, 0, false) > 30);
	ok("a packet that is lost is hardly heard", heard_without(10, 1, false) > 18);
	ok("two are filled", heard_without(10, 2, false) > 12);
	ok("five fade away", heard_without(10, 5, false) > 6);
	ok("a packet that is overtaken is in its place", heard_without(10, 0, true) > 30);
}

int main(void)
{
	libre_init();
	formats();
	pointers();
	calls();
	certificates();
	connections();
	next_hop();
	lost_packets();
	libre_close();
	printf("1..%u\n", count);
	return failed > 0;
}
