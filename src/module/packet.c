/* packet.c - reads what arrives at media ports. */
#include "packet.h"

enum { HEAD = 12, SENDER_REPORT = 200, RECEIVER_REPORT = 201, BLOCK = 24, LSR = 16 /* in a block */ };

bool packet_read(const uint8_t *bytes, size_t len, struct packet *packet)
{
	if (len < HEAD || bytes[0] >> 6 != 2)
		return false;
	packet->type = bytes[1];
	packet->ssrc = (uint32_t)bytes[8] << 24 | (uint32_t)bytes[9] << 16 | (uint32_t)bytes[10] << 8 | bytes[11];
	return true;
}

bool packet_is_rtcp(const struct packet *packet)
{
	return packet->type >= 192 && packet->type <= 223;
}

bool packet_report(const uint8_t *bytes, size_t len, bool *timed)
{
	const size_t block = len > 1 && bytes[1] == SENDER_REPORT ? 28 : 8;

	*timed = false;
	if (len < block + BLOCK || (bytes[1] != SENDER_REPORT && bytes[1] != RECEIVER_REPORT) || !(bytes[0] & 31))
		return false;
	for (size_t i = 0; i < 4; i++)
		*timed = *timed || bytes[block + LSR + i];
	return true;
}
