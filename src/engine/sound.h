/* sound.h - one spctl-media child: the sound of a station.  It is started again when it dies; calls go on meanwhile, in
 * silence. */
#pragma once
#include "child.h"
#include "engine.h"

struct sound;

struct sound_hooks {
	void (*event)(void *arg, const char *event, const json_t *message);
	void (*back)(void *arg);            /* it is ready; whatever it was told before is forgotten */
};

struct sound *sound_open(struct engine *, const struct sound_hooks *, void *arg);
void sound_close(struct sound *, void (*ended)(void *), void *ended_arg);
const char *sound_path(const struct sound *);           /* the socket that the phone's ALSA plugin connects to */

/* Gives it a command (stolen).  False when there is no process: the handler is then not called. */
bool sound_do(struct sound *, json_t *command, child_answer_h *, int64_t tag);
