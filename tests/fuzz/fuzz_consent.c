/* The table of states that need consent, as an installation may replace it; a state and a number that people typed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/base/mem.h"
#include "../../src/base/utf8.h"
#include "../../src/rule/consent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct consent_table *table = NULL;
	struct err err = {0};
	char *text = xstrndup((const char *)data, size), why[CONSENT_WHY_SIZE];
	const char *states[] = {text};

	if (consent_parse(&table, "fuzz", text, &err) < 0 && (err.code != ERR_CONFIG || !utf8_valid(err.text, strlen(err.text))))
		abort();
	consent_needed(table, &(struct consent_facts){.customer_states = states, .customers = 1, .number = "+14155550100",
		.agent_states = text, .day = 20000}, why);
	if (!*why)
		abort();
	consent_free(table);
	free(text);
	return 0;
}
