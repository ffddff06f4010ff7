/* SIP messages without what is secret in them. */
#include "../lib/unit.h"
#include <stdlib.h>
#include <string.h>
#include "../../src/base/mask.h"

static void masks(const char *message, const char *wanted)
{
	char *masked = mask_sip(message, strlen(message));

	assert_string_equal(masked, wanted);
	free(masked);
}

static void digest(void **state)
{
	(void)state;
	masks("REGISTER sip:pbx SIP/2.0\r\nAuthorization: Digest username=\"200\", realm=\"x\", nonce=\"n\", "
	      "uri=\"sip:pbx\", "
	      "response=\"0123456789abcdef\", algorithm=MD5\r\n\r\n",
		"REGISTER sip:pbx SIP/2.0\nAuthorization: Digest username=\"200\", realm=\"x\", nonce=\"n\", "
		"uri=\"sip:pbx\", "
		"response=***, algorithm=MD5\n\n");
	masks("Proxy-Authorization: Digest RESPONSE = \"a\\\"b,c\",qop=auth",
		"Proxy-Authorization: Digest RESPONSE = ***,qop=auth");
	masks("Authorization: Digest\r\n response\r\n =\r\n  abc;x=1",
		"Authorization: Digest\n response\n =\n  ***;x=1");
	masks("Authentication-Info: rspauth=\"77\", cnonce=\"1\"", "Authentication-Info: rspauth=***, cnonce=\"1\"");
	masks("Authorization: Basic YTpi\r\nX: y", "Authorization: Basic ***\nX: y");
	masks("a: response=\"never ends", "a: response=***");
	masks("Reason: no response within 5 s", "Reason: no response within 5 s");
}

static void addresses(void **state)
{
	(void)state;
	masks("To: <sip:bob:secret@pbx:5060;transport=tcp>", "To: <sip:bob:***@pbx:5060;transport=tcp>");
	masks("To: <SIPS:bob:@pbx>", "To: <SIPS:bob:@pbx>");
	masks("Contact: <sip:10.0.0.1:5060>, \"sip:x\" <sip:a@b>", "Contact: <sip:10.0.0.1:5060>, \"sip:x\" <sip:a@b>");
}

static void keys(void **state)
{
	(void)state;
	masks("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4",
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***|2^20|1:4");
	masks("a=ice-ufrag:8hhY\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\nm=audio",
		"a=ice-ufrag:8hhY\na=ice-pwd:***\nm=audio");
	masks("Signal=5\r\nDuration=100\r\n", "Signal=***\nDuration=100\n");
}

static void odd(void **state)
{
	(void)state;
	masks("", "");
	masks("\x1b[2J\r\n\xff", "\xef\xbf\xbd[2J\n\xef\xbf\xbd");
	masks("response=", "response=");
	char *masked = mask_sip("a\0response=b\r", 13);
	assert_string_equal(masked, "a\xef\xbf\xbdresponse=***");
	free(masked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digest), cmocka_unit_test(addresses), cmocka_unit_test(keys), cmocka_unit_test(odd),
	};
	return UNIT_RUN(tests);
}
