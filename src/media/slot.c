/* slot.c - one call: its two streams, its state. */
#include "media.h"

void slot_init(struct slot *s)
{
	*s = (struct slot){.from_far.fd = -1, .to_far.fd = -1, .mic_waits = NOBODY, .announce_waits = NOBODY,
			   .record_waits = NOBODY, .to_far_limit = {1}, .left_limit = {1}, .right_limit = {1}};
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

/* ---- states ------------------------------------------------------------------------------------------------------ */

void slot_hold(struct media *m, int slot, bool on, bool unheard, const char *music)
{
	struct slot *s = &m->slots[slot];

	s->held = on;
	if (s->unheard && !unheard)
		slot_announce_again(m, s);
	s->unheard = unheard;
	play_close(s->music);
	s->music = on && music ? play_open(music, true, m->wake_fd) : NULL;
}

void slot_reset(struct media *m, int slot)
{
	struct slot *s = &m->slots[slot];

	slot_play_end(m, s);
	slot_announce_end(m, slot);
	slot_hold(m, slot, false, false, NULL);
	s->mic_file = s->muted = s->paused = false;
	s->to_far_limit.gain = s->left_limit.gain = s->right_limit.gain = 1;
	m->mix.bridge &= ~(1u << slot);
	if (m->mix.focus == slot)
		m->mix.focus = -1;
}
