/* stun.c - see stun.h. */
#include "stun.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum {
	BINDING_REQUEST = 0x0001,
	BINDING_ANSWER = 0x0101,
	MAPPED = 0x0001,
	XOR_MAPPED = 0x0020,
	HEAD = 4,
	COOKIE_AT = 4
};

static const uint8_t cookie[] = {0x21, 0x12, 0xa4, 0x42};

void stun_write_request(uint8_t out[STUN_REQUEST_SIZE])
{
	memset(out, 0, STUN_REQUEST_SIZE);
	out[1] = BINDING_REQUEST;
	memcpy(out + COOKIE_AT, cookie, sizeof cookie);
	if (getrandom(out + STUN_REQUEST_SIZE - STUN_ID_SIZE, STUN_ID_SIZE, GRND_NONBLOCK) < 0)
		out[STUN_REQUEST_SIZE - 1] = 1;         /* early at boot: the source's address has to do */
}

static unsigned number(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* An address attribute: 0, family, port, address; XORed with the cookie and the id (section 14.2) or not. */
static void read_address(const uint8_t *value, size_t len, const uint8_t *mask, char address[STUN_ADDRESS_SIZE])
{
	const size_t size = len >= 20 && value[1] == 2 ? 16 : 4;
	uint8_t bytes[16];
	char text[INET6_ADDRSTRLEN];
	unsigned port = number(value + 2);

	if (len < 4 + size || (value[1] != 1 && size == 4))
		return;
	memcpy(bytes, value + 4, size);
	for (size_t i = 0; mask && i < size; i++)
		bytes[i] ^= mask[i];
	if (mask)
		port ^= number(mask);
	if (inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, text, sizeof text))
		snprintf(address, STUN_ADDRESS_SIZE, size == 4 ? "%s:%u" : "[%s]:%u", text, port);
}

bool stun_read_answer(
	const uint8_t request[STUN_REQUEST_SIZE], const uint8_t *packet, size_t len, char address[STUN_ADDRESS_SIZE])
{
	address[0] = '\0';
	if (len < STUN_REQUEST_SIZE || number(packet) != BINDING_ANSWER ||
		number(packet + 2) + STUN_REQUEST_SIZE > len ||
		memcmp(packet + COOKIE_AT, request + COOKIE_AT, STUN_REQUEST_SIZE - COOKIE_AT) != 0)
		return false;
	len = number(packet + 2) + STUN_REQUEST_SIZE;
	for (size_t at = STUN_REQUEST_SIZE; at + HEAD <= len; ) {
		const unsigned type = number(packet + at), size = number(packet + at + 2);

		at += HEAD;
		if (at + size > len)
			break;
		if (size >= 8 && (type == XOR_MAPPED || (type == MAPPED && !address[0])))
			read_address(packet + at, size, type == XOR_MAPPED ? packet + COOKIE_AT : NULL, address);
		at += (size + 3) & ~3u;
	}
	return true;
}
