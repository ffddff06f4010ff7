/* stun.h - the question "which address do you see me at" (RFC 8489: a Binding request) and its answer. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STUN_REQUEST_SIZE = 20, STUN_ID_SIZE = 12, STUN_ADDRESS_SIZE = 64, STUN_PORT = 3478 };

/* The request with an id that nobody can guess. */
void stun_write_request(uint8_t out[STUN_REQUEST_SIZE]);
/* Is this the answer to that request?  Then address is "192.0.2.1:4242" or "[2001:db8::1]:4242", "" where it names
 * none. */
bool stun_read_answer(
	const uint8_t request[STUN_REQUEST_SIZE], const uint8_t *packet, size_t len, char address[STUN_ADDRESS_SIZE]);
