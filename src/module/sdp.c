/*
 * sdp.c - what a peer's SDP may hold before libre reads it (RFC 8866, 4568, 8122).
 *
 * libre takes as many lines, streams and ICE candidates as come, and asks each candidate; baresip calls a stream secure
 * whose SDES key is too short, and sends in the clear where RTP/SAVP comes without any key.
 */
#include "sdp.h"

#include <string.h>
#include <strings.h>

enum {
	BYTES_MAX = 16 << 10,
	LINES_MAX = 400,                /* a browser's offer of sound and picture has some 150 */
	STREAMS_MAX = 8,
	CANDIDATES_MAX = 40,
};

/* One m= line with what belongs to it. */
struct stream {
	bool sound, on, secure;
	struct sdp_text suite, inline_key;  /* of the first a=crypto whose suite baresip has: it takes that */
	uint32_t key;
};

struct reading {
	enum sdp_keys keys;
	unsigned lines, streams, candidates;
	uint32_t fingerprint;           /* of the session, for the streams that bring none */
	struct stream at;
	struct sdp_facts *facts;
};

static struct sdp_text word(struct sdp_text *rest)
{
	struct sdp_text found;

	while (rest->len && *rest->s == ' ') {
		rest->s++;
		rest->len--;
	}
	found = (struct sdp_text){rest->s, 0};
	while (rest->len && *rest->s != ' ') {
		found.len++;
		rest->s++;
		rest->len--;
	}
	return found;
}

static bool is(struct sdp_text text, const char *word)
{
	return text.len == strlen(word) && !strncasecmp(text.s, word, text.len);
}

static bool holds(struct sdp_text text, const char *part)
{
	const size_t len = strlen(part);

	for (size_t i = 0; i + len <= text.len; i++)
		if (!strncasecmp(text.s + i, part, len))
			return true;
	return false;
}

/* The text after this beginning, or one with s NULL. */
static struct sdp_text after(struct sdp_text text, const char *begin)
{
	const size_t len = strlen(begin);

	if (text.len < len || strncasecmp(text.s, begin, len))
		return (struct sdp_text){NULL, 0};
	return (struct sdp_text){text.s + len, text.len - len};
}

/* FNV-1a, of capitals and small letters alike: it is only compared with another one. */
static uint32_t hash(struct sdp_text text)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < text.len; i++)
		h = (h ^ ((unsigned char)text.s[i] | 32)) * 16777619u;
	return h ? h : 1;
}

/* ---- keys -------------------------------------------------------------------------------------------------------- */

/* Bytes of key and salt (RFC 4568 section 6.2, RFC 7714 section 12), or 0: baresip does not have it. */
static size_t suite_bytes(struct sdp_text suite)
{
	static const struct { const char *name; size_t bytes; } suites[] = {
		{"AES_CM_128_HMAC_SHA1_80", 30}, {"AES_CM_128_HMAC_SHA1_32", 30},
		{"AEAD_AES_128_GCM", 28}, {"AEAD_AES_256_GCM", 44}};

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (is(suite, suites[i].name))
			return suites[i].bytes;
	return 0;
}

static size_t base64_bytes(struct sdp_text text)
{
	static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t figures = 0;

	while (text.len && text.s[text.len - 1] == '=')
		text.len--;
	for (; figures < text.len; figures++)
		if (!memchr(all, text.s[figures], sizeof(all) - 1))
			return 0;
	return figures * 3 / 4;
}

/* "1 AES_CM_128_HMAC_SHA1_80 inline:KEY|2^31|1:4 UNENCRYPTED_SRTCP" */
static const char *take_crypto(struct stream *stream, struct sdp_text value)
{
	const struct sdp_text tag = word(&value), suite = word(&value);
	struct sdp_text key = after(word(&value), "inline:");
	const size_t bytes = suite_bytes(suite);
	const char *bar;

	if (!tag.len || !bytes || stream->suite.s)
		return NULL;
	stream->suite = suite;
	bar = key.s ? memchr(key.s, '|', key.len) : NULL;
	if (bar)
		key.len = (size_t)(bar - key.s);
	if (!key.s || base64_bytes(key) != bytes)
		return "holds an SRTP key of a wrong length";
	if (holds(value, "UNENCRYPTED") || holds(value, "UNAUTHENTICATED"))
		return "asks for SRTP that is not encrypted or not authenticated";
	stream->inline_key = key;
	stream->key = hash(key);
	return NULL;
}

/* "sha-256 AB:CD:..."; 0: none that baresip takes. */
static uint32_t fingerprint(struct sdp_text value)
{
	const struct sdp_text kind = word(&value), figures = word(&value);

	return is(kind, "sha-256") && figures.len == 32 * 3 - 1 ? hash(figures) : 0;
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static const char *end_stream(struct reading *r)
{
	struct stream *at = &r->at;

	if (!at->sound || !at->on)
		return NULL;
	if (!at->key)
		at->key = r->fingerprint;
	if (at->secure && !at->key)
		return "offers encrypted sound without a key that this phone can use";
	r->facts->sound = true;
	if (!at->secure || r->facts->encrypted)
		return NULL;
	r->facts->encrypted = true;
	r->facts->key = at->key;
	r->facts->suite = at->suite;
	r->facts->inline_key = at->inline_key;
	return NULL;
}

/* "audio 49170 RTP/SAVP 0 8"; the port may be followed by /COUNT. */
static const char *take_stream(struct reading *r, struct sdp_text value)
{
	const char *fault = end_stream(r);
	const struct sdp_text kind = word(&value), port = word(&value), protocol = word(&value);

	if (fault)
		return fault;
	if (++r->streams > STREAMS_MAX)
		return "holds more streams than 8";
	r->at = (struct stream){.sound = is(kind, "audio"), .secure = holds(protocol, "/SAVP")};
	for (size_t i = 0; i < port.len && port.s[i] != '/'; i++)
		r->at.on = r->at.on || port.s[i] != '0';
	return NULL;
}

static const char *take_attribute(struct reading *r, struct sdp_text value)
{
	struct sdp_text rest;

	if (after(value, "candidate:").s && ++r->candidates > CANDIDATES_MAX)
		return "holds more ICE candidates than 40";
	rest = after(value, "crypto:");
	if (rest.s && r->streams && r->at.sound && r->at.on && r->keys != SDP_KEYS_DTLS)
		return take_crypto(&r->at, rest);
	rest = after(value, "fingerprint:");
	if (!rest.s || r->keys == SDP_KEYS_SDES)
		return NULL;
	if (!r->streams)
		r->fingerprint = fingerprint(rest);
	else if (r->keys == SDP_KEYS_DTLS || !r->at.key)
		r->at.key = fingerprint(rest);
	return NULL;
}

static const char *take_line(struct reading *r, struct sdp_text line)
{
	const struct sdp_text value = {line.s + (line.len > 2 ? 2 : 0), line.len > 2 ? line.len - 2 : 0};

	if (++r->lines > LINES_MAX)
		return "has more lines than 400";
	if (after(line, "m=").s)
		return take_stream(r, value);
	return after(line, "a=").s ? take_attribute(r, value) : NULL;
}

const char *sdp_fault(const char *text, size_t len, enum sdp_keys keys, struct sdp_facts *facts)
{
	struct reading r = {.keys = keys, .facts = facts};
	const char *fault = NULL;

	*facts = (struct sdp_facts){0};
	if (len > BYTES_MAX)
		return "is longer than 16 kB";
	while (len && !fault) {
		size_t end = 0;

		while (end < len && text[end] != '\r' && text[end] != '\n')
			end++;
		if (end)
			fault = take_line(&r, (struct sdp_text){text, end});
		end += end < len;
		text += end;
		len -= end;
	}
	return fault ? fault : end_stream(&r);
}
