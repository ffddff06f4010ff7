/* SIP messages for people: the text is UTF-8, and no digest response is left. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/base/mask.h"
#include "../../src/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *masked = mask_sip((const char *)data, size);
	const char *left = strstr(masked, "response=");

	if (!utf8_valid(masked, strlen(masked)))
		abort();
	if (left && left[9] && left[9] != ',' && left[9] != ';' && left[9] != '\n' && left[9] != ' ' && left[9] != '\t' &&
	    strncmp(left + 9, "***", 3) != 0)
		abort();
	free(masked);
	return 0;
}
