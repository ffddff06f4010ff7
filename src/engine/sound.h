/* sound.h - one spctl-media child: the sound of a station.  It is started again when it dies; calls go on meanwhile, in
 * silence. */
#pragma once
#include "child.h"
#include "engine.h"

struct sound;

struct sound_hooks {
	void (*event)(void *arg, const char *event, const json_t *message);
	void (*back)(void *arg);            /* it is ready again; whatever was told before is forgotten */
	void (*lost)(void *arg);            /* it has died, and is being started again */
};

struct sound *sound_open(struct engine *, const struct sound_hooks *, void *arg);
void sound_close(struct sound *, void (*ended)(void *), void *ended_arg);
const char *sound_path(const struct sound *);           /* the socket that the phone's ALSA plugin connects to */

/* Takes over the station's device and what is done to the microphone; the process hears of it, and anew whenever it was
 * started again.  A device that is refused is told as the event device{name,state:"none",text}. */
struct station;
void sound_settings(struct sound *, const struct station *);
/* It uses this device already, by a command of its own, and is to keep it. */
void sound_keep_device(struct sound *, const char *name);
/* Whether it tells how loud its calls are. */
void sound_levels(struct sound *, bool on);

/* Gives it a command (stolen), which a first process that is not ready yet finds waiting.  False when there is none, or
 * one that is not ready yet and follows another: the handler is then not called, and back() comes once it is ready. */
bool sound_do(struct sound *, json_t *command, child_answer_h *, int64_t tag);

/* A command (stolen) whose outcome is an event of that name: done gets it, or NULL and an error when the command is
 * refused, nothing comes for so long, or the process ends.  One at a time: ERR_CONFLICT, and done is not called. */
typedef void (sound_done_h)(void *arg, const json_t *event, const struct err *err);
int sound_await(struct sound *, json_t *command, const char *event, int seconds, sound_done_h *done, void *arg,
	struct err *);

/* sound_devices.c: the cards of this machine, found by a process of its own.  done gets an array of {name, text,
 * capture, playback}, which it may keep a reference of, or NULL and an error. */
typedef void (sound_devices_h)(void *arg, json_t *items, const struct err *err);
int sound_devices(struct engine *, sound_devices_h *done, void *arg, struct err *);

/* What spctl-media finds the cards by; nothing else of ours is handed on.  The caller frees it with its texts. */
char **sound_environment(void);
