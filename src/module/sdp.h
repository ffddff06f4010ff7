/* sdp.h - what a peer's SDP may hold before libre reads it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sdp_keys { SDP_KEYS_ANY, SDP_KEYS_SDES, SDP_KEYS_DTLS };

/* Part of an SDP; s is NULL where there is none. */
struct sdp_text { const char *s; size_t len; };

/* What it says of sound. */
struct sdp_facts {
	bool sound;             /* a stream of sound is wanted: one whose port is not 0 */
	bool encrypted;         /* such a stream is encrypted, with a key that can be used */
	uint32_t key;           /* a hash of that key or fingerprint; 0: there is none */
	struct sdp_text suite, inline_key;      /* of SDES: its name, and the key in base64 */
};

/* NULL, or what is wrong with it, as the end of "the far end's SDP ...".  keys: what such streams must bring. */
const char *sdp_fault(const char *text, size_t len, enum sdp_keys keys, struct sdp_facts *);
