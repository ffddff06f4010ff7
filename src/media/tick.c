/*
 * tick.c - one step of 10 ms.
 *
 * A step is taken when the clock has asked for it and every call has sent its part, or has been waited for in vain
 * (stream.c).  So a late clock, or a late thread of baresip's, shifts a step by some milliseconds, and nothing is
 * dropped or said twice; both sides' jitter buffers take the shift.
 */
#include <string.h>
#include "../base/clock.h"
#include "media.h"

enum { AHEAD = 1 };     /* steps asked for beyond those that are due: a block is on its way before it is needed */

bool media_active(const struct media *m)
{
	bool active = m->ring.kind != RING_OFF;

	for (int slot = 0; slot < AUDIO_SLOTS; slot++) {
		const struct slot *s = &m->slots[slot];

		active |= s->from_far.fd >= 0 || s->to_far.fd >= 0 || s->record;
	}
	return active;
}

/* Takes in what has come from calls that have no step left. */
static void receive(struct media *m, int64_t now)
{
	for (int slot = 0; slot < AUDIO_SLOTS; slot++) {
		struct stream *s = &m->slots[slot].from_far;

		if (s->fd >= 0 && !stream_has_step(s) && !stream_receive(s, now))
			slot_stream_end(m, slot, s);
	}
}

void media_ask(struct media *m)
{
	const int64_t now = clock_mono_ms();

	for (int slot = 0; slot < AUDIO_SLOTS; slot++) {
		struct stream *s = &m->slots[slot].from_far;

		if (s->fd >= 0)
			stream_ask(s, m->due + AHEAD, now);
	}
}

bool media_ready(struct media *m)
{
	const int64_t now = clock_mono_ms();

	receive(m, now);
	for (int slot = 0; slot < AUDIO_SLOTS; slot++) {
		struct stream *s = &m->slots[slot].from_far;

		if (s->fd >= 0 && !stream_ready(s, now))
			return false;
	}
	return true;
}

/* What is said to this call besides the agent's microphone.  Files wait for somebody to hear them. */
static void say_files(struct slot *s, float own[MIX_TICK])
{
	memset(own, 0, MIX_TICK * sizeof(*own));
	if (s->to_far.fd < 0)
		return;
	if (s->mic && !s->muted)
		play_add(s->mic, own, MIX_TICK);
	if (s->announce && s->record && record_state(s->record) == RECORD_RUNNING)
		play_add(s->announce, own, MIX_TICK);
}

static void give_to_slot(struct media *m, int slot)
{
	struct slot *s = &m->slots[slot];
	float out[MIX_TICK];

	if (s->to_far.fd >= 0) {
		mix_to_far(&m->mix, slot, out);
		limiter_run(&s->limiter, out, MIX_TICK);
		if (!stream_send(&s->to_far, out))
			slot_stream_end(m, slot, &s->to_far);
	}
	else
		memset(out, 0, sizeof(out));    /* nobody hears us: on hold, or not yet there */
	if (s->record && !record_add(s->record, out, m->mix.far[slot], MIX_TICK))
		control_event(m, "record_error", json_pack("{s:i, s:s}", "slot", slot, "text",
							   "The disk does not keep up: a part of the recording is silent"));
}

static void give_to_card(struct media *m)
{
	float out[MIX_TICK];

	mix_to_card(&m->mix, out);
	ring_add(&m->ring, out, MIX_TICK);
	limiter_run(&m->card, out, MIX_TICK);
	device_speaker(m->device, out);
}

void media_tick(struct media *m)
{
	device_mic(m->device, m->mix.mic);
	for (int slot = 0; slot < AUDIO_SLOTS; slot++) {
		struct slot *s = &m->slots[slot];

		stream_take(&s->from_far, m->mix.far[slot]);
		say_files(s, m->mix.own[slot]);
		m->mix.mic_off[slot] = s->muted || s->mic_file;
	}
	for (int slot = 0; slot < AUDIO_SLOTS; slot++)
		give_to_slot(m, slot);
	give_to_card(m);
	for (int slot = 0; slot < AUDIO_SLOTS; slot++)
		if (m->slots[slot].mic && play_state(m->slots[slot].mic) == PLAY_ENDED)
			slots_look(m);
}

void media_skip(struct media *m, unsigned steps)
{
	m->skipped += steps;
	for (int slot = 0; slot < AUDIO_SLOTS; slot++)
		for (unsigned i = 0; m->slots[slot].record && i < steps; i++)
			record_add(m->slots[slot].record, NULL, NULL, MIX_TICK);
}
