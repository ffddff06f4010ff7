/* What a client may send: any bytes, in pieces of any size, through framing, messages and the check of parameters. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/base/utf8.h"
#include "../../src/proto/frame.h"
#include "../../src/proto/method.h"
#include "../../src/proto/rpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A refusal has a code and a printable sentence, and can be sent. */
static void check_refusal(const struct err *err, json_int_t id)
{
	struct rpc back;
	if (err->code != ERR_INVALID || !*err->text || !utf8_valid(err->text, strlen(err->text)))
		abort();
	char *line = rpc_error(id, err, NULL);
	if (rpc_parse(line, strlen(line), &back, NULL) < 0 || back.kind != RPC_ERROR || back.id != id)
		abort();
	rpc_clear(&back);
	free(line);
}

/* A request that was read is the same when it is written and read again. */
static void check_request(const struct rpc *rpc)
{
	struct rpc back;
	char *line = rpc_request(rpc->id, rpc->method, json_incref(rpc->body));
	if (rpc_parse(line, strlen(line), &back, NULL) < 0 || back.id != rpc->id || strcmp(back.method, rpc->method) != 0 ||
	    !json_equal(back.body, rpc->body))
		abort();
	rpc_clear(&back);
	free(line);
}

static void take_line(const char *line, size_t len)
{
	struct rpc rpc;
	struct err err = {0};
	if (rpc_parse(line, len, &rpc, &err) < 0) {
		check_refusal(&err, rpc.id);
		return;
	}
	const struct method *method = rpc.kind == RPC_REQUEST ? method_find(rpc.method) : NULL;
	if (rpc.kind == RPC_REQUEST)
		check_request(&rpc);
	if (rpc.kind == RPC_ERROR)
		rpc_error_read(rpc.body, &err);
	if (method && method_check(method, rpc.body, &err) < 0)
		check_refusal(&err, rpc.id);
	rpc_clear(&rpc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame frame = {0};
	size_t piece = size > 0 ? data[0] % 64 + 1 : 1;
	for (size_t at = 0; at < size; at += piece) {
		const char *line;
		size_t len;
		frame_feed(&frame, data + at, size - at < piece ? size - at : piece);
		while (frame_next(&frame, &line, &len) == 1) {
			if (line[len] != '\0' || memchr(line, '\n', len))
				abort();
			take_line(line, len);
		}
	}
	frame_free(&frame);
	return 0;
}
