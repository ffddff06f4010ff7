/* slot.c - one call: its two streams, its files, its recording. */
#include <stdlib.h>
#include "../base/mem.h"
#include "media.h"

void slot_init(struct slot *s)
{
	*s = (struct slot){.from_far.fd = -1, .to_far.fd = -1, .mic_waits = NOBODY, .record_waits = NOBODY, .limiter = {1}};
}

/* ---- streams ----------------------------------------------------------------------------------------------------- */

static const char *dir_name(const struct media *m, int slot, const struct stream *stream)
{
	return stream == &m->slots[slot].from_far ? "playback" : "capture";
}

void slot_stream_end(struct media *m, int slot, struct stream *stream)
{
	if (stream->fd < 0)
		return;
	stream_close(stream);
	control_event(m, "stream_closed", json_pack("{s:i, s:s}", "slot", slot, "dir", dir_name(m, slot, stream)));
}

static bool has_sound(const struct media *m, int slot)
{
	return slot >= 0 && (m->slots[slot].from_far.fd >= 0 || m->slots[slot].to_far.fd >= 0);
}

void slot_focus_if_free(struct media *m, int slot)
{
	if (!has_sound(m, m->mix.focus))
		m->mix.focus = slot;
}

void slot_stream(struct media *m, int fd, const struct audio_hello *hello)
{
	struct slot *s = &m->slots[hello->slot];
	struct stream *stream = hello->dir == AUDIO_PLAYBACK ? &s->from_far : &s->to_far;

	stream_close(stream);       /* baresip opens its device anew, as at a change of codec */
	stream_open(stream, fd, hello);
	slot_focus_if_free(m, hello->slot);
	control_event(m, "stream_open", json_pack("{s:i, s:s, s:i}", "slot", hello->slot,
						  "dir", dir_name(m, hello->slot, stream), "rate", hello->rate));
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static void settle_play(struct media *m, struct slot *s)
{
	control_answer(m, s->mic_waits, NULL);
	s->mic_waits = NOBODY;
	play_close(s->mic);
	s->mic = NULL;
}

void slot_play(struct media *m, int slot, const char *path, json_int_t waits)
{
	struct slot *s = &m->slots[slot];

	settle_play(m, s);
	s->mic = play_open(path, m->wake_fd);
	s->mic_file = true;
	s->mic_waits = waits;
}

void slot_record(struct media *m, int slot, const char *path, const char *announce, json_int_t waits)
{
	struct slot *s = &m->slots[slot];

	s->record = record_open(path, m->wake_fd);
	s->record_waits = waits;
	play_close(s->announce);
	s->announce = announce ? play_open(announce, m->wake_fd) : NULL;
}

void slot_record_stop(struct media *m, int slot, json_int_t waits)
{
	struct slot *s = &m->slots[slot];
	struct ending *e;

	control_answer(m, s->record_waits, NULL);
	s->record_waits = NOBODY;
	play_close(s->announce);
	s->announce = NULL;
	if (!s->record) {
		control_answer(m, waits, NULL);
		return;
	}
	record_stop(s->record);
	e = xcalloc(1, sizeof(*e));
	*e = (struct ending){m->endings, s->record, slot, waits};
	m->endings = e;
	s->record = NULL;
}

void slot_reset(struct media *m, int slot)
{
	struct slot *s = &m->slots[slot];

	settle_play(m, s);
	s->mic_file = false;
	s->muted = false;
	s->limiter.gain = 1;
	m->mix.bridge &= ~(1u << slot);
	if (m->mix.focus == slot)
		m->mix.focus = -1;
}

/* ---- what the threads have to say -------------------------------------------------------------------------------- */

static void record_failed(struct media *m, int slot, const char *sentence, json_int_t waits)
{
	if (waits != NOBODY)
		control_refuse(m, waits, sentence);
	else
		control_event(m, "record_error", json_pack("{s:i, s:s}", "slot", slot, "text", sentence));
}

static void look_at_record(struct media *m, int slot)
{
	struct slot *s = &m->slots[slot];
	const enum record_state state = s->record ? record_state(s->record) : RECORD_OPENING;

	if (state == RECORD_OPENING)
		return;
	if (state == RECORD_FAILED) {
		record_failed(m, slot, record_error(s->record), s->record_waits);
		record_close(s->record);
		s->record = NULL;
		play_close(s->announce);
		s->announce = NULL;
	}
	else
		control_answer(m, s->record_waits, NULL);
	s->record_waits = NOBODY;
}

static void look_at_plays(struct media *m, int slot)
{
	struct slot *s = &m->slots[slot];
	const enum play_state mic = s->mic ? play_state(s->mic) : PLAY_OPENING;

	if (s->announce && play_state(s->announce) == PLAY_FAILED)
		record_failed(m, slot, play_error(s->announce), NOBODY);
	if (s->announce && play_state(s->announce) >= PLAY_ENDED) {
		play_close(s->announce);
		s->announce = NULL;
	}
	if (mic == PLAY_OPENING)
		return;
	if (mic == PLAY_FAILED)
		control_refuse(m, s->mic_waits, play_error(s->mic));
	else
		control_answer(m, s->mic_waits, NULL);
	s->mic_waits = NOBODY;
	if (mic == PLAY_RUNNING)
		return;
	settle_play(m, s);
	if (mic == PLAY_ENDED)
		control_event(m, "play_end", json_pack("{s:i}", "slot", slot));
}

/* True when it is closed. */
static bool look_at_ending(struct media *m, struct ending *e)
{
	const enum record_state state = record_state(e->record);

	if (state != RECORD_DONE && state != RECORD_FAILED)
		return false;
	if (state == RECORD_FAILED)
		record_failed(m, e->slot, record_error(e->record), e->waits);
	else
		control_answer(m, e->waits, json_pack("{s:I, s:i}", "frames", (json_int_t)record_frames(e->record),
						      "rate", RECORD_RATE));
	record_close(e->record);
	return true;
}

void slots_look(struct media *m)
{
	struct ending **e = &m->endings;

	for (int slot = 0; slot < AUDIO_SLOTS; slot++) {
		look_at_record(m, slot);
		look_at_plays(m, slot);
	}
	while (*e) {
		struct ending *one = *e;

		if (look_at_ending(m, one)) {
			*e = one->next;
			free(one);
		}
		else
			e = &one->next;
	}
}
