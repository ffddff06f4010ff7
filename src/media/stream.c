/* stream.c - one direction of a call's sound. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "sample.h"
#include "stream.h"

enum {
	QUEUE_MS = 500,
	ASKED_MAX = 32,             /* blocks under way */
	PATIENCE_MS = 80,           /* the clock waits so long for a block; less than what is caught up (main.c) */
	FRAMES_MAX = AUDIO_BLOCK_MAX / (int)sizeof(int16_t),
};

void stream_open(struct stream *s, int fd, const struct audio_hello *h)
{
	const bool from_far = h->dir == AUDIO_PLAYBACK;
	const size_t second = from_far ? MIX_RATE * sizeof(float) : (size_t)(h->rate * h->channels) * sizeof(int16_t);

	*s = (struct stream){.fd = fd, .rate = h->rate, .channels = h->channels, .block = h->block};
	s->resampler = from_far ? resampler_open(h->rate, MIX_RATE) : resampler_open(MIX_RATE, h->rate);
	fifo_init(&s->queue, second * QUEUE_MS / 1000);
	s->dry = true;              /* until its first block */
}

void stream_close(struct stream *s)
{
	if (s->fd < 0)
		return;
	close(s->fd);
	s->fd = -1;
	resampler_close(s->resampler);
	s->resampler = NULL;
	fifo_free(&s->queue);
}

/* ---- from the far side ------------------------------------------------------------------------------------------- */

static void take_in(struct stream *s, const int16_t *block, size_t frames)
{
	float in[FRAMES_MAX], out[RESAMPLE_ROOM(MIX_RATE / 5, MIX_RATE, MIX_RATE)];
	size_t got;

	for (size_t i = 0; i < frames; i++)
		in[i] = s->channels == 1 ? sample_float(block[i])
			: (sample_float(block[2 * i]) + sample_float(block[2 * i + 1])) / 2;
	got = resample(s->resampler, in, frames, out, sizeof(out) / sizeof(*out));
	s->blocks++;
	if (!fifo_put(&s->queue, out, got * sizeof(*out)))
		s->over++;
}

bool stream_receive(struct stream *s, int64_t now_ms)
{
	int16_t block[FRAMES_MAX + 1];
	const size_t frame = (size_t)s->channels * sizeof(*block);

	for (;;) {
		const ssize_t n = recv(s->fd, block, sizeof(block), MSG_DONTWAIT);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if (n == 0 || (size_t)n % frame || (size_t)n > (size_t)s->block * frame || !s->asked)
			return false;
		s->asked--;
		s->asked_ms = now_ms;
		take_in(s, block, (size_t)n / frame);
	}
}

void stream_ask(struct stream *s, int steps, int64_t now_ms)
{
	const long block = (long)s->block * MIX_RATE / s->rate;
	/* at a rate that does not divide 48 kHz a block may be a sample short of its nominal length */
	const long need = (long)steps * MIX_TICK + (MIX_RATE % s->rate ? 2 : 0);
	long have = (long)(fifo_fill(&s->queue) / sizeof(float)) + s->asked * block;

	for (; have < need && s->asked < ASKED_MAX; have += block) {
		if (send(s->fd, "p", 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1)
			return;
		if (!s->asked++)
			s->asked_ms = now_ms;
	}
}

bool stream_has_step(const struct stream *s)
{
	return fifo_fill(&s->queue) >= MIX_TICK * sizeof(float);
}

bool stream_ready(struct stream *s, int64_t now_ms)
{
	if (stream_has_step(s)) {
		s->dry = false;
		return true;
	}
	if (!s->dry && s->asked && now_ms - s->asked_ms > PATIENCE_MS) {
		s->dry = true;
		s->under++;
	}
	return s->dry;
}

void stream_take(struct stream *s, float out[MIX_TICK])
{
	memset(out, 0, MIX_TICK * sizeof(*out));
	if (s->fd >= 0 && stream_has_step(s))
		fifo_take(&s->queue, out, MIX_TICK * sizeof(*out));
}

/* ---- to the far side --------------------------------------------------------------------------------------------- */

bool stream_send(struct stream *s, const float in[MIX_TICK])
{
	float out[RESAMPLE_ROOM(MIX_TICK, MIX_RATE, AUDIO_RATE_MAX)];
	int16_t frames[sizeof(out) / sizeof(*out) * 2], block[FRAMES_MAX];
	const size_t bytes = (size_t)(s->block * s->channels) * sizeof(*block);
	const size_t n = resample(s->resampler, in, MIX_TICK, out, sizeof(out) / sizeof(*out));

	for (size_t i = 0; i < n; i++)
		for (int c = 0; c < s->channels; c++)
			frames[i * (size_t)s->channels + (size_t)c] = sample_s16(out[i]);
	if (!fifo_put(&s->queue, frames, n * (size_t)s->channels * sizeof(*frames)))
		s->over++;
	while (fifo_fill(&s->queue) >= bytes) {
		fifo_take(&s->queue, block, bytes);
		if (send(s->fd, block, bytes, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)bytes)
			s->blocks++;
		else if (errno == EAGAIN)
			s->over++;
		else
			return false;
	}
	return true;
}
