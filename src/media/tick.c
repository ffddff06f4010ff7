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

enum {
	AHEAD = 1,          /* steps asked for beyond those that are due: a block is on its way before it is needed */
	LEVEL_STEPS = 10,   /* levels are told ten times a second */
};

bool media_active(const struct media *m)
{
	bool active = m->ring.kind != RING_OFF || m->preview || m->test.kind != CARD_TEST_OFF;

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

/* What is said to this call besides the agent's microphone.  Files wait for somebody to hear them, and an announcement
 * for a recording that is about to begin. */
static void say_files(struct slot *s, float own[MIX_TICK])
{
	memset(own, 0, MIX_TICK * sizeof(*own));
	if (s->to_far.fd < 0)
		return;
	if (s->mic && !s->muted && !s->held)
		play_add(s->mic, own, MIX_TICK);
	if (s->music && !s->announce)
		play_add(s->music, own, MIX_TICK);
	if (s->announce && !s->unheard && (!s->record || record_state(s->record) == RECORD_RUNNING))
		play_add(s->announce, own, MIX_TICK);
}

static void give_to_far(struct media *m, int slot)
{
	struct slot *s = &m->slots[slot];
	float out[MIX_TICK];

	if (s->to_far.fd < 0)
		return;
	mix_to_far(&m->mix, slot, out);
	limiter_run(&s->to_far_limit, out, MIX_TICK);
	if (!stream_send(&s->to_far, out))
		slot_stream_end(m, slot, &s->to_far);
}

/* Left what we say, right what everybody else says.  Who does not hear us, being on hold or not yet there, was told
 * nothing. */
static void give_to_record(struct media *m, int slot)
{
	struct slot *s = &m->slots[slot];
	float left[MIX_TICK] = {0}, right[MIX_TICK];

	if (!s->record)
		return;
	if (s->to_far.fd >= 0)
		mix_ours(&m->mix, slot, left);
	mix_theirs(&m->mix, slot, right);
	limiter_run(&s->left_limit, left, MIX_TICK);
	limiter_run(&s->right_limit, right, MIX_TICK);
	if (!record_add(s->record, s->paused ? NULL : left, s->paused ? NULL : right, MIX_TICK))
		slot_record_error(m, slot, "The disk does not keep up: a part of the recording is silent", false);
}

static void tell_levels(struct media *m)
{
	for (int slot = 0; slot < AUDIO_SLOTS; slot++) {
		struct slot *s = &m->slots[slot];
		const int sent = meter_level(&s->sent), heard = meter_level(&s->heard);

		if (s->from_far.fd >= 0 || s->to_far.fd >= 0)
			control_event(m, "level", json_pack("{s:i, s:i, s:i}", "slot", slot, "sent", sent, "heard",
				heard));
	}
}

static void measure(struct media *m)
{
	for (int slot = 0; slot < AUDIO_SLOTS; slot++) {
		struct slot *s = &m->slots[slot];
		float ours[MIX_TICK] = {0};

		if (s->to_far.fd >= 0)
			mix_ours(&m->mix, slot, ours);
		meter_add(&s->sent, ours, MIX_TICK);
		meter_add(&s->heard, m->mix.far[slot], MIX_TICK);
	}
	if (m->steps % LEVEL_STEPS == 0)
		tell_levels(m);
}

static void give_to_card(struct media *m)
{
	float out[MIX_TICK];

	mix_to_card(&m->mix, out);
	ring_add(&m->ring, out, MIX_TICK);
	if (m->preview)
		play_add(m->preview, out, MIX_TICK);
	card_try_step(m, out);
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
		m->mix.held[slot] = s->held;
		m->mix.apart[slot] = s->announce;
	}
	for (int slot = 0; slot < AUDIO_SLOTS; slot++) {
		give_to_far(m, slot);
		give_to_record(m, slot);
	}
	give_to_card(m);
	m->steps++;
	if (m->levels)
		measure(m);
	slots_look(m);              /* a file's last sample may have been taken */
	preview_look(m);
}

void media_skip(struct media *m, unsigned steps)
{
	m->skipped += steps;
	for (int slot = 0; slot < AUDIO_SLOTS; slot++)
		if (m->slots[slot].record)
			record_skip(m->slots[slot].record, steps);
}
