/* What the engine may send to the phone: any bytes, in pieces of any size, through framing and the commands' reader. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/base/utf8.h"
#include "../../src/module/command.h"
#include "../../src/proto/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever text was taken can be put into a SIP header. */
static void check_text(const char *text, bool is_uri)
{
	if (!text)
		return;
	if (!utf8_valid(text, strlen(text)) || strlen(text) > 512 || strpbrk(text, "\r\n\t\x1b\x7f"))
		abort();
	if (is_uri && (strncmp(text, "sip:", 4) != 0 || strpbrk(text, " <>\"\\")))
		abort();
}

static void check_command(const struct command *c)
{
	if ((unsigned)c->kind >= COMMAND_KINDS || c->id < 0 || c->every < 0 || c->every > 86400 || c->call < 0 || c->call > UINT32_MAX ||
	    c->with < 0 || c->with > UINT32_MAX || (c->code && (c->code < 400 || c->code > 699)))
		abort();
	if ((c->kind == COMMAND_DIAL && (!c->line || !c->to)) || (c->kind == COMMAND_DTMF && (!c->call || !c->digits)) ||
	    (c->kind == COMMAND_LINE_CREATE && (!c->line || !c->aor)))
		abort();
	check_text(c->line, false);
	check_text(c->aor, true);
	check_text(c->to, true);
	check_text(c->outbound, true);
	check_text(c->user, false);
	check_text(c->password, false);
	check_text(c->params, false);
	check_text(c->tls_host, false);
	check_text(c->registrars, true);
	check_text(c->nat, false);
	check_text(c->nat_server, false);
	check_text(c->nat_user, false);
	check_text(c->nat_password, false);
	check_text(c->mediaenc, false);
	check_text(c->reason, false);
	check_text(c->digits, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame frame = {0};
	const size_t piece = size > 0 ? data[0] % 64 + 1 : 1;

	for (size_t at = 0; at < size; at += piece) {
		const char *line;
		size_t len;

		frame_feed(&frame, data + at, size - at < piece ? size - at : piece);
		while (frame_next(&frame, &line, &len) == 1) {
			struct command c;
			struct err err = {0};

			if (!command_parse(line, len, &c, &err))
				check_command(&c);
			else if (err.code != ERR_INVALID || !*err.text || !utf8_valid(err.text, strlen(err.text)) || strpbrk(err.text, "\r\n"))
				abort();
			command_clear(&c);
		}
	}
	frame_free(&frame);
	return 0;
}
