/* command.c - reads the engine's commands: a table says which members each takes and what they may hold. */
#include "command.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../base/str.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define FIGURES "0123456789"

enum kind { TEXT, SECRET, CHOICE, NUMBER, SWITCH };

/* What a member may hold.  `what` ends the sentence "MEMBER must be ...". */
struct type {
	enum kind kind;
	int64_t min, max;           /* NUMBER: the value; TEXT, SECRET: the length in bytes */
	const char *begin;          /* TEXT: how it must begin, or NULL */
	const char *only;           /* TEXT: the characters it may hold; NULL: any but control characters */
	const char *never;          /* TEXT: characters it may not hold, or NULL */
	const char *what;
};

static const struct type
	a_name = {TEXT, 1, 64, NULL, LETTERS FIGURES "_.-", NULL,
		  "a name of 1 to 64 letters, digits, '_', '.' and '-'"},
	/* RFC 3261 section 25.1: nothing but what a URI may hold gets near a header.  sips: breaks in baresip 1.0.0. */
	a_uri = {TEXT, 5, 255, "sip:", LETTERS FIGURES "-_.!~*'()%&=+$,;?/:@#[]", NULL,
		 "a SIP URI of at most 255 characters that begins with \"sip:\""},
	/* Who is called: no headers, which would go into the INVITE, and one address alone. */
	a_callee = {TEXT, 5, 255, "sip:", LETTERS FIGURES "-_.!~*'()%&=+$;/:@[]", NULL,
		 "a SIP URI of at most 255 characters that has no headers and begins with \"sip:\""},
	/* It goes into a header of its own: no parameters, nothing that would need escaping. */
	a_caller = {TEXT, 5, 255, "sip:", LETTERS FIGURES "-_.!~*'()&=+$/:@[]", NULL,
		    "a SIP URI of at most 255 characters, sip:USER@HOST[:PORT]"},
	a_token = {TEXT, TOKEN_SIZE - 1, TOKEN_SIZE - 1, NULL, "0123456789abcdef", NULL, "32 figures of 0-9 a-f"},
	a_identity = {CHOICE, 0, 0, NULL, "from|pai|ppi", NULL, "from, pai or ppi"},
	/* It stands between quotes in the Authorization header, and libre escapes nothing there. */
	a_user = {TEXT, 1, 128, NULL, NULL, "\"\\", "text of 1 to 128 bytes with neither quotes nor backslashes"},
	a_password = {SECRET, 0, 256, NULL, NULL, NULL, "text of at most 256 bytes with no control character"},
	a_params = {TEXT, 1, 512, NULL, LETTERS FIGURES "_.,:;=/+@-", NULL,
		    "account parameters as NAME=VALUE;NAME=VALUE"},
	a_mediaenc = {CHOICE, 0, 0, NULL, "srtp-mand|srtp-mandf|dtls_srtp", NULL, "srtp-mand, srtp-mandf or dtls_srtp"},
	a_uris = {TEXT, 5, 511, "sip:", LETTERS FIGURES "-_.!~*'()%&=+$,;?/:@#[]", NULL,
		  "SIP URIs that begin with \"sip:\", separated by commas"},
	a_nat = {CHOICE, 0, 0, NULL, "stun|turn|ice", NULL, "stun, turn or ice"},
	a_nat_server = {TEXT, 6, 255, NULL, LETTERS FIGURES "-.:[]", NULL, "stun:HOST[:PORT] or turn:HOST[:PORT]"},
	a_host = {TEXT, 1, 255, NULL, LETTERS FIGURES ".:-", NULL, "a host name or an address"},
	a_seconds = {NUMBER, 0, 86400, NULL, NULL, NULL, "a number of seconds from 0 to 86400"},
	a_call = {NUMBER, 1, UINT32_MAX, NULL, NULL, NULL, "the number of a call"},
	a_status = {NUMBER, 400, 699, NULL, NULL, NULL, "a SIP status from 400 to 699"},
	a_phrase = {TEXT, 1, 128, NULL, NULL, NULL, "text of 1 to 128 bytes with no control character"},
	a_dtmf = {CHOICE, 0, 0, NULL, "rtp|info", NULL, "rtp or info"},
	a_digits = {TEXT, 1, DIGITS_MAX, NULL, FIGURES "*#ABCD", NULL, "1 to 32 of the digits 0-9 * # A B C D"},
	a_on_off = {SWITCH, 0, 0, NULL, NULL, NULL, "true or false"};

struct member {
	const char *name;
	const struct type *type;
	bool required;
	size_t at;                  /* offset in struct command */
};
#define NEEDS(member, type) {#member, &a_##type, true, offsetof(struct command, member)}
#define TAKES(member, type) {#member, &a_##type, false, offsetof(struct command, member)}
enum { MEMBERS_MAX = 15 };

static const struct { const char *name; struct member members[MEMBERS_MAX + 1]; } commands[COMMAND_KINDS] = {
	[COMMAND_ANSWER] = {"answer", {NEEDS(call, call)}},
	[COMMAND_DIAL] = {"dial", {NEEDS(line, name), NEEDS(to, callee), TAKES(from, caller),
		TAKES(identity, identity), TAKES(token, token)}},
	[COMMAND_DTMF] = {"dtmf", {NEEDS(call, call), NEEDS(digits, digits), TAKES(how, dtmf)}},
	[COMMAND_HANGUP] = {"hangup", {NEEDS(call, call), TAKES(code, status), TAKES(reason, phrase)}},
	[COMMAND_HOLD] = {"hold", {NEEDS(call, call)}},
	[COMMAND_LINE_CREATE] = {"line_create", {
		NEEDS(line, name), NEEDS(aor, uri), TAKES(user, user), TAKES(password, password), TAKES(every, seconds),
		TAKES(outbound, uri), TAKES(mediaenc, mediaenc), TAKES(params, params), TAKES(tls_host, host),
		TAKES(registrars, uris), TAKES(unverified, on_off), TAKES(nat, nat), TAKES(nat_server, nat_server),
		TAKES(nat_user, user), TAKES(nat_password, password)}},
	[COMMAND_LINE_DELETE] = {"line_delete", {NEEDS(line, name)}},
	[COMMAND_LIST] = {.name = "list"},
	[COMMAND_MUTE] = {"mute", {NEEDS(call, call), NEEDS(on, on_off)}},
	[COMMAND_QUIT] = {.name = "quit"},
	[COMMAND_REGISTER] = {"register", {NEEDS(line, name)}},
	[COMMAND_RESUME] = {"resume", {NEEDS(call, call)}},
	[COMMAND_STATS] = {"stats", {NEEDS(call, call)}},
	[COMMAND_TRANSFER] = {"transfer", {NEEDS(call, call), NEEDS(to, uri)}},
	[COMMAND_TRACE] = {"trace", {NEEDS(on, on_off)}},
	[COMMAND_TRANSFER_TO] = {"transfer_to", {NEEDS(call, call), NEEDS(with, call)}},
	[COMMAND_UNREGISTER] = {"unregister", {NEEDS(line, name)}},
};

static bool has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

static bool text_fits(const struct type *type, const char *s)
{
	const int64_t len = (int64_t)strlen(s);

	if (type->kind == CHOICE)
		return str_is_choice(s, type->only);
	return len >= type->min && len <= type->max && (!type->begin || str_starts(s, type->begin)) &&
	       (!type->only || strspn(s, type->only) == (size_t)len) && (!type->never || !strpbrk(s, type->never)) &&
	       !has_control(s);
}

/* Puts the value where it belongs.  False when it is not what the type says. */
static bool take(const struct type *type, const json_t *value, void *at)
{
	switch (type->kind) {
	case NUMBER:
		*(int64_t *)at = json_integer_value(value);
		return json_is_integer(value) && *(int64_t *)at >= type->min && *(int64_t *)at <= type->max;
	case SWITCH:
		*(bool *)at = json_is_true(value);
		return json_is_boolean(value);
	default:
		if (!json_is_string(value) || !text_fits(type, json_string_value(value)))
			return false;
		*(const char **)at = json_string_value(value);
		return true;
	}
}

enum { SHOWN_MAX = 80 };

/* A value as it stands in a sentence: JSON in ASCII, cut. */
static const char *show(const json_t *value, char out[SHOWN_MAX])
{
	char *json = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII);

	if (!str_copy(out, SHOWN_MAX, json ? json : "?"))
		memcpy(out + SHOWN_MAX - 4, "...", 4);
	free(json);
	return out;
}

static int refuse_member(struct err *err, const char *command, const struct member *m, const json_t *value)
{
	char shown[SHOWN_MAX];

	if (m->type->kind == SECRET)
		return err_set(err, ERR_INVALID, "%s: \"%s\" must be %s", command, m->name, m->type->what);
	return err_set(err, ERR_INVALID, "%s: \"%s\" must be %s, not %s", command, m->name, m->type->what,
		       show(value, shown));
}

/* The names in such sentences are the engine's own words: where they are wrong, they may be anything. */
static int refuse_name(struct err *err, const char *sentence, const char *name)
{
	char shown[SHOWN_MAX];
	json_t *value = json_string(name);

	err_set(err, ERR_INVALID, "%s %s", sentence, show(value, shown));
	json_decref(value);
	return ERR_INVALID;
}

static const struct member *member_find(const struct member *members, const char *key)
{
	for (const struct member *m = members; m->name; m++)
		if (!strcmp(m->name, key))
			return m;
	return NULL;
}

static int members_take(struct command *c, struct err *err)
{
	const char *what = commands[c->kind].name, *key;
	const struct member *members = commands[c->kind].members;
	json_t *value;

	json_object_foreach(c->doc, key, value) {
		const struct member *m = member_find(members, key);

		if (!strcmp(key, "id") || !strcmp(key, "do"))
			continue;
		if (!m) {
			refuse_name(err, "it takes no", key);
			err_prefix(err, "%s", what);
			return ERR_INVALID;
		}
		if (!take(m->type, value, (char *)c + m->at))
			return refuse_member(err, what, m, value);
	}
	for (const struct member *m = members; m->name; m++)
		if (m->required && !json_object_get(c->doc, m->name))
			return err_set(err, ERR_INVALID, "%s: \"%s\" is missing: it must be %s", what, m->name,
				       m->type->what);
	return 0;
}

static bool kind_find(const char *what, enum command_kind *kind)
{
	for (int i = 0; i < COMMAND_KINDS; i++)
		if (!strcmp(commands[i].name, what)) {
			*kind = i;
			return true;
		}
	return false;
}

int command_parse(const char *line, size_t len, struct command *c, struct err *err)
{
	json_error_t why;
	const json_t *id;
	const char *what;

	*c = (struct command){.id = -1};
	/* jansson's own sentence quotes the input, where a password may be: only the place is told */
	c->doc = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
	if (!c->doc)
		return err_set(err, ERR_INVALID, "the line is not a JSON object: the fault is at byte %d",
			       why.position);
	id = json_object_get(c->doc, "id");
	if (!json_is_integer(id) || json_integer_value(id) < 0)
		return err_set(err, ERR_INVALID, "\"id\" must be a number from 0 on");
	c->id = json_integer_value(id);
	what = json_string_value(json_object_get(c->doc, "do"));
	if (!what)
		return err_set(err, ERR_INVALID, "\"do\" must be the name of a command");
	if (!kind_find(what, &c->kind))
		return refuse_name(err, "there is no command", what);
	return members_take(c, err);
}

void command_clear(struct command *c)
{
	json_decref(c->doc);
	*c = (struct command){.id = -1};
}
