/* ack.c - acknowledgement of the gate's warnings. */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../crypto/chain.h"
#include "ack.h"
#include "session.h"

struct ack {
	struct ack *next;           /* the newest first */
	char token[ACK_TOKEN_SIZE];
	char *meaning;
	int64_t expires_ms;         /* monotonic */
};

/* Everything that a token is bound to, as one text. */
static char *meaning_of(int64_t agent, const struct gate_answer *answer)
{
	struct str text = {0};

	str_addf(&text, "tenant %lld agent %lld number %s customer %lld of", (long long)answer->tenant.id,
		(long long)agent, answer->number, (long long)answer->customer_id);
	for (size_t i = 0; i < answer->customer_count; i++)
		str_addf(&text, " %lld", (long long)answer->customers[i]);
	str_add(&text, " reasons");
	for (size_t i = 0; i < answer->decision.count; i++)
		str_addf(&text, " %s:%lld", gate_code_name(answer->decision.reasons[i].code),
			 (long long)answer->decision.reasons[i].customer_id);
	return str_take(&text);
}

static void ack_free(struct ack *ack)
{
	mem_wipe(ack->token, sizeof(ack->token));
	free(ack->meaning);
	free(ack);
}

/* Drops what has expired, and the oldest beyond the room there is. */
static void drop_old(struct sessions *sessions)
{
	const int64_t now = clock_mono_ms();
	size_t n = 0;

	for (struct ack **at = &sessions->acks; *at; ) {
		struct ack *ack = *at;

		if (ack->expires_ms > now && ++n < ACKS_MAX) {
			at = &ack->next;
			continue;
		}
		*at = ack->next;
		ack_free(ack);
	}
}

int ack_make(struct engine *engine, int64_t agent, const struct gate_answer *answer, char token[ACK_TOKEN_SIZE],
	struct err *err)
{
	struct ack *ack = xcalloc(1, sizeof(*ack));
	const int status = random_hex(ack->token, (ACK_TOKEN_SIZE - 1) / 2, err);

	if (status < 0) {
		free(ack);
		return status;
	}
	drop_old(engine->sessions);
	ack->meaning = meaning_of(agent, answer);
	ack->expires_ms = clock_mono_ms() + ACK_SECONDS * 1000;
	ack->next = engine->sessions->acks;
	engine->sessions->acks = ack;
	memcpy(token, ack->token, ACK_TOKEN_SIZE);
	return 0;
}

bool ack_use(struct engine *engine, const char *token, int64_t agent, const struct gate_answer *answer)
{
	struct ack **at = &engine->sessions->acks, *ack;
	char *meaning;
	bool good;

	drop_old(engine->sessions);
	while (*at && strcmp((*at)->token, token))
		at = &(*at)->next;
	ack = *at;
	if (!ack)
		return false;
	meaning = meaning_of(agent, answer);
	good = !strcmp(meaning, ack->meaning);
	free(meaning);
	*at = ack->next;
	ack_free(ack);
	return good;
}

void acks_clear(struct engine *engine)
{
	struct ack *ack;

	while ((ack = engine->sessions->acks)) {
		engine->sessions->acks = ack->next;
		ack_free(ack);
	}
}

static bool has_text(const json_t *texts, const char *text)
{
	size_t i;
	const json_t *item;

	json_array_foreach(texts, i, item)
		if (!strcmp(json_string_value(item), text))
			return true;
	return false;
}

bool ack_covers(const json_t *codes, const struct gate_answer *answer, const char **missing)
{
	for (size_t i = 0; i < answer->decision.count; i++) {
		const enum gate_code code = answer->decision.reasons[i].code;

		if (!gate_code_hard(code) && !has_text(codes, gate_code_name(code))) {
			*missing = gate_code_name(code);
			return false;
		}
	}
	return true;
}
