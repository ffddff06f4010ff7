/* command.c - what each of the engine's commands does. */
#include "../base/err.h"
#include "media.h"

/* One command: it adds to the answer and returns COMMAND_DONE or COMMAND_LATER, or fails with a sentence. */
typedef int command_run_h(struct media *, const struct order *, json_t *answer, struct err *);

/* ---- calls ------------------------------------------------------------------------------------------------------- */

static int call_start(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	slot_record_stop(m, o->slot, NOBODY);
	slot_reset(m, o->slot);
	slot_focus_if_free(m, o->slot);
	if (o->record)
		slot_record(m, o->slot, o->record, o->announce, NOBODY);
	if (!o->play)
		return COMMAND_DONE;
	slot_play(m, o->slot, o->play, o->id);
	return COMMAND_LATER;
}

static int call_stop(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	slot_reset(m, o->slot);
	slot_record_stop(m, o->slot, o->id);
	return COMMAND_LATER;
}

static int play(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	slot_play(m, o->slot, o->path, o->id);
	return COMMAND_LATER;
}

static int announce(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	slot_announce(m, o->slot, o->path, o->id);
	return COMMAND_LATER;
}

static int mute(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	m->slots[o->slot].muted = o->on;
	return COMMAND_DONE;
}

static int hold(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	slot_hold(m, o->slot, o->on, o->on && o->unheard, o->music);
	return COMMAND_DONE;
}

static int focus(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	m->mix.focus = o->slot;
	return COMMAND_DONE;
}

static int bridge(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	m->mix.bridge = o->slots;
	return COMMAND_DONE;
}

/* ---- recordings -------------------------------------------------------------------------------------------------- */

static int record_start(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer;
	if (m->slots[o->slot].record)
		return err_set(err, ERR_CONFLICT, "Slot %d is being recorded already", o->slot);
	slot_record(m, o->slot, o->path, o->announce, o->id);
	return COMMAND_LATER;
}

static int record_end(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer;
	if (!m->slots[o->slot].record)
		return err_set(err, ERR_CONFLICT, "Slot %d is not being recorded", o->slot);
	slot_record_stop(m, o->slot, o->id);
	return COMMAND_LATER;
}

static int pause_recording(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	m->slots[o->slot].paused = o->on;
	return COMMAND_DONE;
}

/* ---- the card ---------------------------------------------------------------------------------------------------- */

static int ring(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer;
	if (!ring_set(&m->ring, o->what))
		return err_set(err, ERR_INVALID, "kind \"%s\" is none of ringback, waiting, incoming, off", o->what);
	return COMMAND_DONE;
}

static int preview(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	preview_start(m, o->path, o->id);
	return COMMAND_LATER;
}

static int preview_end(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)o; (void)answer; (void)err;
	preview_stop(m);
	return COMMAND_DONE;
}

static int device(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	card_use(m, o->name);
	control_answer(m, o->id, NULL);
	if (!m->device)
		control_event(m, "device", json_pack("{s:s, s:s, s:s}", "name", m->device_name, "state", "none", "text",
						     device_state(NULL).text));
	return COMMAND_LATER;
}

static int device_test(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer;
	return card_try(m, o->what, err);
}

static int dsp(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	m->dsp = (struct dsp_settings){o->noise, o->gain, o->echo};
	device_dsp(m->device, &m->dsp);
	return COMMAND_DONE;
}

/* ---- what is going on -------------------------------------------------------------------------------------------- */

static int levels(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	m->levels = o->on;
	return COMMAND_DONE;
}

static json_t *stream_stats(const struct stream *s)
{
	if (s->fd < 0)
		return json_null();
	return json_pack("{s:i, s:i, s:i, s:i, s:i}", "rate", s->rate, "block", s->block, "blocks", (int)s->blocks,
			 "under", (int)s->under, "over", (int)s->over);
}

static int stats(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	const struct slot *s = &m->slots[o->slot];

	(void)err;
	json_object_set_new(answer, "playback", stream_stats(&s->from_far));
	json_object_set_new(answer, "capture", stream_stats(&s->to_far));
	json_object_set_new(answer, "focus", json_integer(m->mix.focus));
	json_object_set_new(answer, "late", json_integer(m->late));
	json_object_set_new(answer, "skipped", json_integer(m->skipped));
	return COMMAND_DONE;
}

static int quit(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	m->leaving = true;
	m->quit_waits = o->id;
	return COMMAND_LATER;
}

/* ------------------------------------------------------------------------------------------------------------------ */

static command_run_h *const runs[ORDER_KINDS] = {
	[ORDER_CALL_START] = call_start, [ORDER_CALL_STOP] = call_stop, [ORDER_PLAY] = play,
	[ORDER_ANNOUNCE] = announce, [ORDER_MUTE] = mute, [ORDER_HOLD] = hold,
	[ORDER_FOCUS] = focus, [ORDER_BRIDGE] = bridge,
	[ORDER_RECORD_START] = record_start, [ORDER_RECORD_STOP] = record_end, [ORDER_PAUSE] = pause_recording,
	[ORDER_RING] = ring, [ORDER_PREVIEW] = preview, [ORDER_PREVIEW_STOP] = preview_end,
	[ORDER_DEVICE] = device, [ORDER_DEVICE_TEST] = device_test, [ORDER_DSP] = dsp,
	[ORDER_LEVELS] = levels, [ORDER_STATS] = stats, [ORDER_QUIT] = quit,
};

int command_run(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	return runs[o->kind](m, o, answer, err);
}
