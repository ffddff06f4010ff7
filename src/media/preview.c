/* preview.c - a file for the agent alone, at the card: a recording that he listens to. */
#include "media.h"

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
