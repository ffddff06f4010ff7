/* A peer's SDP, for a line without encryption and for either kind of it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/module/sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool lies_in(struct sdp_text part, const char *text, size_t size)
{
	return !part.s || (part.s >= text && part.s + part.len <= text + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size ? size : 1);       /* so that a byte behind its end is seen */

	memcpy(text, data, size);
	for (enum sdp_keys keys = SDP_KEYS_ANY; keys <= SDP_KEYS_DTLS; keys++) {
		struct sdp_facts facts;
		const char *fault = sdp_fault(text, size, keys, &facts);

		if (fault && !*fault)
			abort();
		if (!fault && ((facts.encrypted && (!facts.key || !facts.sound)) || (!facts.encrypted && facts.key)))
			abort();
		if (!lies_in(facts.suite, text, size) || !lies_in(facts.inline_key, text, size))
			abort();
		if (!fault && keys == SDP_KEYS_SDES && facts.encrypted && (!facts.suite.len || facts.inline_key.len < 37))
			abort();
	}
	free(text);
	return 0;
}
