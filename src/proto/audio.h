/*
 * audio.h - what the ALSA plugin inside baresip and spctl-media say to each other: one SOCK_SEQPACKET connection for
 * each direction of each call's sound.
 *
 * The plugin connects and sends one struct audio_hello.  Then, S16 in the machine's byte order, interleaved:
 *   playback (far side to us):  spctl-media sends a byte for each block it wants, the plugin answers each with a block;
 *   capture (us to far side):   spctl-media sends a block whenever one is due.
 * So spctl-media sets the pace of both.  A packet is one block or less.  End of file on either side is the end; the
 * plugin then keeps its own pace with silence, and connects anew.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define AUDIO_MAGIC "SP1"

enum {
	AUDIO_SLOTS = 8,            /* calls at a time */
	AUDIO_RATE_MIN = 8000, AUDIO_RATE_MAX = 48000,
	AUDIO_BLOCK_MAX = 11520,    /* bytes: 60 ms of 48 kHz stereo */
	AUDIO_PATIENCE_MS = 120,    /* the plugin goes on alone when nothing came for so long */
};

enum audio_dir { AUDIO_PLAYBACK = 0, AUDIO_CAPTURE = 1 };      /* as baresip sees it */

struct audio_hello {
	char magic[4];              /* AUDIO_MAGIC with its NUL */
	int32_t dir;
	int32_t slot;               /* 0 to AUDIO_SLOTS-1 */
	int32_t rate;               /* Hz */
	int32_t channels;           /* 1 or 2 */
	int32_t block;              /* frames */
};

/* audio.c: true when it could be from the plugin, so that what it says can be calculated with. */
bool audio_hello_valid(const struct audio_hello *);
