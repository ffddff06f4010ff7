/*
 * stream.h - one direction of a call's sound: the plugin's connection, the way from its rate to 48 kHz or back, and a
 * queue.  What comes from the far side is asked for block by block, ahead of need; what goes there is sent in blocks.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "../proto/audio.h"
#include "fifo.h"
#include "mix.h"
#include "resample.h"

struct stream {
	int fd;                     /* -1: closed */
	int rate, channels, block;  /* the plugin's; block in frames */
	struct resampler *resampler;
	struct fifo queue;          /* from far: float at 48 kHz; to far: int16 at its rate, all channels */
	int asked;                  /* blocks asked for that have not come */
	int64_t asked_ms;           /* when the oldest of them was asked for */
	bool dry;                   /* nothing came for too long: the clock does not wait for this stream */
	unsigned blocks, under, over;       /* moved; times that it ran dry; blocks lost because nobody took them */
};

/* Takes over fd; the hello is a valid one. */
void stream_open(struct stream *, int fd, const struct audio_hello *);
void stream_close(struct stream *);

/* Takes in what has come.  False: the other side ended, or sent what is no block; the caller closes the stream. */
bool stream_receive(struct stream *, int64_t now_ms);
/* Asks for blocks until so many steps are covered. */
void stream_ask(struct stream *, int steps, int64_t now_ms);
bool stream_has_step(const struct stream *);
/* True when it has a step, or is not worth waiting for. */
bool stream_ready(struct stream *, int64_t now_ms);
/* The next step; silence when there is none. */
void stream_take(struct stream *, float out[MIX_TICK]);
/* Sends a step.  False: the other side ended. */
bool stream_send(struct stream *, const float in[MIX_TICK]);
