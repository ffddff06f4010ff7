/* audio.c - what may be believed of a connection between the plugin and spctl-media. */
#include <string.h>
#include "audio.h"

enum { BLOCKS_PER_S_MAX = 400, BLOCKS_PER_S_MIN = 5 };

bool audio_hello_valid(const struct audio_hello *h)
{
	return !memcmp(h->magic, AUDIO_MAGIC, sizeof(h->magic)) &&
	       (h->dir == AUDIO_PLAYBACK || h->dir == AUDIO_CAPTURE) &&
	       h->slot >= 0 && h->slot < AUDIO_SLOTS && h->rate >= AUDIO_RATE_MIN && h->rate <= AUDIO_RATE_MAX &&
	       (h->channels == 1 || h->channels == 2) && h->block >= h->rate / BLOCKS_PER_S_MAX &&
	       h->block <= AUDIO_BLOCK_MAX / (int)sizeof(int16_t) / h->channels &&
	       h->block <= h->rate / BLOCKS_PER_S_MIN;
}
