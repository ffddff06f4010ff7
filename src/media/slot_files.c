/* slot_files.c - what is played to a call, and its recording: files that threads read and write. */
#include <stdlib.h>
#include "../base/mem.h"
#include "media.h"

/* ---- what is played ---------------------------------------------------------------------------------------------- */

void slot_play_end(struct media *m, struct slot *s)
{
	control_answer(m, s->mic_waits, NULL);
	s->mic_waits = NOBODY;
	play_close(s->mic);
	s->mic = NULL;
}

void slot_play(struct media *m, int slot, const char *path, json_int_t waits)
{
	struct slot *s = &m->slots[slot];

	slot_play_end(m, s);
	s->mic = play_open(path, false, m->wake_fd);
	s->mic_file = true;
	s->mic_waits = waits;
}

void slot_announce(struct media *m, int slot, const char *path, json_int_t waits)
{
	struct slot *s = &m->slots[slot];

	control_answer(m, s->announce_waits, NULL);
	play_close(s->announce);
	s->announce = play_open(path, false, m->wake_fd);
	s->announce_waits = waits;
}

void slot_announce_again(struct media *m, struct slot *s)
{
	struct play *begun = s->announce;

	if (!begun)
		return;
	s->announce = play_open(play_path(begun), false, m->wake_fd);
	play_close(begun);
}

void slot_announce_end(struct media *m, int slot)
{
	struct slot *s = &m->slots[slot];

	if (!s->announce)
		return;
	control_answer(m, s->announce_waits, NULL);
	s->announce_waits = NOBODY;
	play_close(s->announce);
	s->announce = NULL;
	control_event(m, "announce_end", json_pack("{s:i}", "slot", slot));
}

/* ---- recording --------------------------------------------------------------------------------------------------- */

void slot_record(struct media *m, int slot, const char *path, const char *announce, json_int_t waits)
{
	struct slot *s = &m->slots[slot];

	s->record = record_open(path, m->wake_fd);
	s->record_waits = waits;
	if (announce)
		slot_announce(m, slot, announce, NOBODY);
}

void slot_record_stop(struct media *m, int slot, json_int_t waits)
{
	struct slot *s = &m->slots[slot];
	struct ending *e;

	control_answer(m, s->record_waits, NULL);
	s->record_waits = NOBODY;
	if (!s->record) {
		control_answer(m, waits, NULL);
		return;
	}
	slot_announce_end(m, slot);
	record_stop(s->record);
	e = xcalloc(1, sizeof(*e));
	*e = (struct ending){m->endings, s->record, slot, waits};
	m->endings = e;
	s->record = NULL;
}

/* ---- what the threads have to say -------------------------------------------------------------------------------- */

/* ended: nothing more is written; else the recording, or another one, goes on. */
static void record_failed(struct media *m, int slot, const char *sentence, bool ended, json_int_t waits)
{
	if (waits != NOBODY)
		control_refuse(m, waits, sentence);
	else
		slot_record_error(m, slot, sentence, ended);
}

void slot_record_error(struct media *m, int slot, const char *sentence, bool ended)
{
	control_event(m, "record_error", json_pack("{s:i, s:s, s:b}", "slot", slot, "text", sentence, "ended", ended));
}

static void look_at_record(struct media *m, int slot)
{
	struct slot *s = &m->slots[slot];
	const enum record_state state = s->record ? record_state(s->record) : RECORD_OPENING;

	if (state == RECORD_OPENING)
		return;
	if (state == RECORD_FAILED) {
		record_failed(m, slot, record_error(s->record), true, s->record_waits);
		record_close(s->record);
		s->record = NULL;
		slot_announce_end(m, slot);
	}
	else
		control_answer(m, s->record_waits, NULL);
	s->record_waits = NOBODY;
}

static void look_at_announcement(struct media *m, int slot)
{
	struct slot *s = &m->slots[slot];
	const enum play_state state = s->announce ? play_state(s->announce) : PLAY_OPENING;

	if (state == PLAY_OPENING)
		return;
	if (state == PLAY_FAILED)
		record_failed(m, slot, play_error(s->announce), false, s->announce_waits);
	else
		control_answer(m, s->announce_waits, NULL);
	s->announce_waits = NOBODY;
	if (state != PLAY_RUNNING)
		slot_announce_end(m, slot);
}

static void look_at_music(struct media *m, int slot)
{
	struct slot *s = &m->slots[slot];
	const enum play_state state = s->music ? play_state(s->music) : PLAY_OPENING;

	if (state < PLAY_ENDED)
		return;
	control_event(m, "music_error", json_pack("{s:i, s:s}", "slot", slot, "text", state == PLAY_FAILED ?
						  play_error(s->music) : "The music on hold has no sound in it"));
	play_close(s->music);
	s->music = NULL;
}

static void look_at_mic(struct media *m, int slot)
{
	struct slot *s = &m->slots[slot];
	const enum play_state state = s->mic ? play_state(s->mic) : PLAY_OPENING;

	if (state == PLAY_OPENING)
		return;
	if (state == PLAY_FAILED)
		control_refuse(m, s->mic_waits, play_error(s->mic));
	else
		control_answer(m, s->mic_waits, NULL);
	s->mic_waits = NOBODY;
	if (state == PLAY_RUNNING)
		return;
	slot_play_end(m, s);
	if (state == PLAY_ENDED)
		control_event(m, "play_end", json_pack("{s:i}", "slot", slot));
}

/* True when it is closed. */
static bool look_at_ending(struct media *m, struct ending *e)
{
	const enum record_state state = record_state(e->record);

	if (state != RECORD_DONE && state != RECORD_FAILED)
		return false;
	if (state == RECORD_FAILED)
		record_failed(m, e->slot, record_error(e->record), true, e->waits);
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
		look_at_announcement(m, slot);
		look_at_music(m, slot);
		look_at_mic(m, slot);
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
