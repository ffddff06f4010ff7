/*
 * command.h - what the engine asks of the phone: one line of JSON, read strictly into a struct.
 *
 * Pure: it knows neither baresip nor libre, so that it can be tested and fuzzed alone.  Whatever passes here is safe to
 * hand on: integers are in range, URIs hold nothing but what a URI may hold, no text has a control character.
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "../base/err.h"
#include "../proto/audio.h"

enum { CALLS_MAX = AUDIO_SLOTS, /* calls at a time: one audio slot each */
       LINES_MAX = 16,
       DIGITS_MAX = 32,         /* of one dtmf command */
       TOKEN_SIZE = 33 };

enum command_kind {
	COMMAND_ANSWER, COMMAND_DIAL, COMMAND_DTMF, COMMAND_HANGUP, COMMAND_HOLD, COMMAND_LINE_CREATE,
	COMMAND_LINE_DELETE, COMMAND_LIST, COMMAND_MUTE, COMMAND_QUIT, COMMAND_REGISTER, COMMAND_RESUME, COMMAND_STATS,
	COMMAND_TRACE, COMMAND_TRANSFER, COMMAND_TRANSFER_TO, COMMAND_UNREGISTER, COMMAND_KINDS
};

/* Members that were not given are NULL, 0 or false.  All text belongs to doc. */
struct command {
	enum command_kind kind;
	json_int_t id;              /* -1 when it could not be read */
	json_t *doc;
	const char *line;           /* the engine's name for an account */
	const char *aor;            /* line_create: sip:USER@HOST[:PORT][;transport=...] */
	const char *user, *password;    /* line_create: for digest authentication */
	const char *outbound;       /* line_create: where every request goes first */
	const char *mediaenc;       /* line_create: one that never falls back to clear media, or NULL: clear media */
	const char *params;         /* line_create: further parameters of the account, "audio_codecs=PCMU,PCMA" */
	/* line_create: servers to register at, in this order, sip:A,sip:B; NULL: outbound or aor */
	const char *registrars;
	const char *tls_host;       /* line_create: whom the server's certificate must name */
	bool unverified;            /* line_create: an admin took the check of certificates off */
	const char *nat;            /* line_create: stun, turn, ice, or NULL */
	const char *nat_server;     /* line_create: stun:HOST[:PORT] or turn:HOST[:PORT] */
	const char *nat_user, *nat_password;
	int64_t every;              /* line_create: seconds a registration is good for; 0: it never registers */
	const char *to;             /* dial, transfer: a sip: URI */
	const char *from;           /* dial: who is shown to call, "sip:+14155550100@pbx", or NULL: the line */
	const char *identity;       /* dial: the header that shows from: from, pai, ppi, or NULL: from */
	const char *token;          /* dial: how the called side knows this call for a colleague's, or NULL */
	int64_t call, with;         /* ids that the module gave */
	int64_t code;               /* hangup: refuse a call that rings with this status, 400-699; 0: none given */
	const char *reason;         /* hangup: the phrase beside the code */
	const char *digits;         /* dtmf: of 0-9 * # A-D */
	const char *how;            /* dtmf: rtp or info, or NULL: rtp */
	bool on;                    /* mute, trace */
};

/* Reads one line.  0, or ERR_INVALID with a sentence naming member and value; id is set wherever it could be read.
 * Either way the caller ends with command_clear(). */
int  command_parse(const char *line, size_t len, struct command *, struct err *);
void command_clear(struct command *);
