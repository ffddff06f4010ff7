/* Answers of STUN servers: the first 20 bytes are made to fit the request, so that the rest is looked at. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/base/stun.h"
#include "../../src/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t request[STUN_REQUEST_SIZE], packet[600];
	char address[STUN_ADDRESS_SIZE];

	if (size > sizeof packet)
		return 0;
	stun_write_request(request);
	memcpy(packet, data, size);
	if (size >= STUN_REQUEST_SIZE)
		memcpy(packet + 4, request + 4, STUN_REQUEST_SIZE - 4);
	stun_read_answer(request, packet, size, address);
	if (strlen(address) >= STUN_ADDRESS_SIZE || !utf8_valid(address, strlen(address)))
		abort();
	return 0;
}
