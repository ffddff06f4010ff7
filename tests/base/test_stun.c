/* STUN's Binding: RFC 5769's sample answers, and what is no answer. */
#include "../lib/unit.h"
#include <string.h>
#include "../../src/base/stun.h"

/* RFC 5769 2.2 and 2.3, without MESSAGE-INTEGRITY and FINGERPRINT: SOFTWARE, XOR-MAPPED-ADDRESS 192.0.2.1:32853. */
static const uint8_t ipv4[] = {
	0x01,
	0x01,
	0x00,
	0x1c,
	0x21,
	0x12,
	0xa4,
	0x42,
	0xb7,
	0xe7,
	0xa7,
	0x01,
	0xbc,
	0x34,
	0xd6,
	0x86,
	0xfa,
	0x87,
	0xdf,
	0xae,
	0x80,
	0x22,
	0x00,
	0x0b,
	0x74,
	0x65,
	0x73,
	0x74,
	0x20,
	0x76,
	0x65,
	0x63,
	0x74,
	0x6f,
	0x72,
	0x20,
	0x00,
	0x20,
	0x00,
	0x08,
	0x00,
	0x01,
	0xa1,
	0x47,
	0xe1,
	0x12,
	0xa6,
	0x43,
};
static const uint8_t ipv6[] = {
	0x01,
	0x01,
	0x00,
	0x18,
	0x21,
	0x12,
	0xa4,
	0x42,
	0xb7,
	0xe7,
	0xa7,
	0x01,
	0xbc,
	0x34,
	0xd6,
	0x86,
	0xfa,
	0x87,
	0xdf,
	0xae,
	0x00,
	0x20,
	0x00,
	0x14,
	0x00,
	0x02,
	0xa1,
	0x47,
	0x01,
	0x13,
	0xa9,
	0xfa,
	0xa5,
	0xd3,
	0xf1,
	0x79,
	0xbc,
	0x25,
	0xf4,
	0xb5,
	0xbe,
	0xd2,
	0xb9,
	0xd9,
};

static void request_of(const uint8_t *answer, uint8_t request[STUN_REQUEST_SIZE])
{
	stun_write_request(request);
	memcpy(request + 8, answer + 8, STUN_ID_SIZE);
}

static void answers(void **state)
{
	(void)state;
	uint8_t request[STUN_REQUEST_SIZE];
	char address[STUN_ADDRESS_SIZE];

	request_of(ipv4, request);
	assert_true(stun_read_answer(request, ipv4, sizeof ipv4, address));
	assert_string_equal(address, "192.0.2.1:32853");
	assert_true(stun_read_answer(request, ipv6, sizeof ipv6, address));
	assert_string_equal(address, "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}

static void no_answers(void **state)
{
	(void)state;
	uint8_t request[STUN_REQUEST_SIZE], other[STUN_REQUEST_SIZE], packet[sizeof ipv4];
	char address[STUN_ADDRESS_SIZE];

	request_of(ipv4, request);
	for (size_t len = 0; len < sizeof ipv4; len++)
		assert_false(stun_read_answer(request, ipv4, len, address));
	stun_write_request(other);
	assert_false(stun_read_answer(other, ipv4, sizeof ipv4, address));
	assert_memory_not_equal(request + 8, other + 8, STUN_ID_SIZE);
	memcpy(packet, ipv4, sizeof packet);
	packet[1] = 0x11;                               /* an error response */
	packet[0] = 0x01;
	assert_false(stun_read_answer(request, packet, sizeof packet, address));
	memcpy(packet, ipv4, sizeof packet);
	packet[37] = 0x21;                              /* no attribute that is known */
	assert_true(stun_read_answer(request, packet, sizeof packet, address));
	assert_string_equal(address, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(answers), cmocka_unit_test(no_answers)};
	return UNIT_RUN(tests);
}
