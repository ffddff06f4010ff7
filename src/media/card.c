/* card.c - the agent's card: which one it is, a test of it, a recording that he listens to at it. */
#include <string.h>
#include "../base/err.h"
#include "media.h"

/* ---- which ------------------------------------------------------------------------------------------------------- */

void card_use(struct media *m, const char *name)
{
	if (!strcmp(name, "auto"))
		name = "default";
	device_close(m->device);
	str_copy(m->device_name, sizeof(m->device_name), name);
	m->device = strcmp(name, "none") ? device_open(name, m->wake_fd) : NULL;
	device_dsp(m->device, &m->dsp);
	device_want(m->device, m->ticking);
}

void card_look(struct media *m)
{
	static const char *const states[] = {[DEVICE_UNKNOWN] = "none", [DEVICE_OK] = "ok", [DEVICE_NONE] = "none",
		[DEVICE_LOST] = "lost"};
	struct device_news news;

	if (device_news(m->device, &news))
		control_event(m, "device", json_pack("{s:s, s:s, s:s}", "name", m->device_name, "state",
						     states[news.state], "text", news.text));
}

/* ---- a test ------------------------------------------------------------------------------------------------------ */

static bool any_sound(const struct media *m)
{
	for (int slot = 0; slot < AUDIO_SLOTS; slot++)
		if (m->slots[slot].from_far.fd >= 0 || m->slots[slot].to_far.fd >= 0)
			return true;
	return false;
}

int card_try(struct media *m, const char *kind, struct err *err)
{
	const struct device_news now = device_state(m->device);

	if (any_sound(m))
		return err_set(err, ERR_CONFLICT, "The sound card is not tested during a call");
	if (now.state == DEVICE_NONE || now.state == DEVICE_LOST)
		return err_set(err, ERR_UNAVAILABLE, "%s", now.text);
	if (!card_test_start(&m->test, kind))
		return err_set(err, ERR_INVALID, "kind \"%s\" is none of tone, echo", kind);
	return 0;
}

static void end_test(struct media *m, const char *fault)
{
	control_event(m, "device_test_end", json_pack("{s:s, s:s, s:i, s:s?}", "name", m->device_name, "kind",
						      card_test_name(&m->test), "peak_dbfs",
						      meter_peak(m->test.peak), "fault", fault));
	card_test_stop(&m->test);
}

void card_try_step(struct media *m, float out[MIX_TICK])
{
	struct device_news now;

	if (m->test.kind == CARD_TEST_OFF)
		return;
	now = device_state(m->device);
	if (any_sound(m))
		end_test(m, "A call has begun");
	else if (now.state == DEVICE_NONE || now.state == DEVICE_LOST)
		end_test(m, now.text);
	else if (card_test_step(&m->test, m->mix.mic, out))
		end_test(m, NULL);
}

/* ---- a recording ------------------------------------------------------------------------------------------------- */

void preview_start(struct media *m, const char *path, json_int_t waits)
{
	preview_stop(m);
	m->preview = play_open(path, false, m->wake_fd);
	m->preview_waits = waits;
}

void preview_stop(struct media *m)
{
	control_answer(m, m->preview_waits, NULL);
	m->preview_waits = NOBODY;
	play_close(m->preview);
	m->preview = NULL;
}

void preview_look(struct media *m)
{
	const enum play_state state = m->preview ? play_state(m->preview) : PLAY_OPENING;

	if (state == PLAY_OPENING)
		return;
	if (state == PLAY_FAILED)
		control_refuse(m, m->preview_waits, play_error(m->preview));
	else
		control_answer(m, m->preview_waits, NULL);
	m->preview_waits = NOBODY;
	if (state == PLAY_RUNNING)
		return;
	preview_stop(m);
	if (state == PLAY_ENDED)
		control_event(m, "preview_end", NULL);
}
