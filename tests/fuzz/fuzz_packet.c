/* What arrives at media ports: the head of RTP and RTCP, a peer's report. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/module/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size ? size : 1);       /* so that a byte behind its end is seen */
	struct packet packet;
	bool timed;

	memcpy(bytes, data, size);
	if (packet_read(bytes, size, &packet) && (size < 12 || (packet_is_rtcp(&packet) && packet.type < 192)))
		abort();
	if (packet_report(bytes, size, &timed) ? size < 32 : timed)
		abort();
	free(bytes);
	return 0;
}
