/* sound.c - one spctl-media child: started, started again, told what to do. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/conf.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/where.h"
#include "nouns.h"
#include "sound.h"

enum { FIRST_PAUSE_MS = 50, LONGEST_PAUSE_MS = 10000, STEADY_MS = 60000 };

/* A command whose outcome is an event. */
struct awaited {
	const char *event;                  /* NULL: nobody waits */
	bool taken;                         /* the command was answered: an event from now on is its outcome */
	sound_done_h *done;
	void *arg;
	struct event *limit;
};

struct sound {
	struct engine *engine;
	const struct sound_hooks *hooks;
	void *arg;
	char *folder, *path;                /* the socket lies alone in a folder of its own */
	struct child *child;
	bool ready;                         /* the child has said so; until then what it is told waits in its socket */
	bool behind;                        /* something was told to a process that died, or to none */
	struct event *pause;
	int64_t pause_ms, started_ms;       /* the next pause; monotonic: of the process */
	char *device;                       /* the station's own; NULL: as this machine is set up */
	bool noise, gain, echo, levels;
	struct awaited awaited;
};

static void start_over(struct sound *sound)
{
	struct timeval wait;

	if (sound->started_ms && clock_mono_ms() - sound->started_ms > STEADY_MS)
		sound->pause_ms = FIRST_PAUSE_MS;
	sound->started_ms = 0;
	wait = (struct timeval){.tv_sec = sound->pause_ms / 1000, .tv_usec = sound->pause_ms % 1000 * 1000};
	event_add(sound->pause, &wait);
	sound->pause_ms = sound->pause_ms * 2 < LONGEST_PAUSE_MS ? sound->pause_ms * 2 : LONGEST_PAUSE_MS;
}

/* ---- the station's settings -------------------------------------------------------------------------------------- */

static void on_device_refused(void *arg, int64_t tag, const json_t *answer, const struct err *err)
{
	struct sound *sound = arg;
	json_t *message;
	(void)tag;

	if (answer || err->code != ERR_FAILED)
		return;
	message = json_pack("{s:s, s:s, s:s}", "name", sound->device ? sound->device : "auto", "state", "none", "text",
		err->text);
	sound->hooks->event(sound->arg, "device", message);
	json_decref(message);
}

static void say_device(struct sound *sound)
{
	if (sound->child && sound->device)
		child_do(sound->child, json_pack("{s:s, s:s}", "do", "device", "name", sound->device),
			on_device_refused, sound, 0);
}

static void say_dsp(struct sound *sound)
{
	if (sound->child)
		child_do(sound->child, json_pack("{s:s, s:b, s:b, s:b}", "do", "dsp", "noise", sound->noise, "gain",
			sound->gain, "echo", sound->echo), NULL, NULL, 0);
}

static void say_levels(struct sound *sound)
{
	if (sound->child)
		child_do(sound->child, json_pack("{s:s, s:b}", "do", "levels", "on", sound->levels), NULL, NULL, 0);
}

void sound_keep_device(struct sound *sound, const char *name)
{
	free(sound->device);
	sound->device = name ? xstrdup(name) : NULL;
}

void sound_settings(struct sound *sound, const struct station *station)
{
	const char *device = station->sound_device;
	const bool same = device ? sound->device && !strcmp(device, sound->device) : !sound->device;

	if (!same) {
		sound_keep_device(sound, device);
		say_device(sound);
	}
	if (sound->noise == station->noise_suppression && sound->gain == station->gain_control &&
		sound->echo == station->echo_cancellation)
		return;
	sound->noise = station->noise_suppression;
	sound->gain = station->gain_control;
	sound->echo = station->echo_cancellation;
	say_dsp(sound);
}

void sound_levels(struct sound *sound, bool on)
{
	if (sound->levels == on)
		return;
	sound->levels = on;
	say_levels(sound);
}

/* ---- commands whose outcome is an event -------------------------------------------------------------------------- */

static void await_end(struct sound *sound, const json_t *event, const struct err *err)
{
	const struct awaited awaited = sound->awaited;

	if (!awaited.event)
		return;
	sound->awaited = (struct awaited){0};
	event_free(awaited.limit);
	awaited.done(awaited.arg, event, err);
}

static void on_await_limit(evutil_socket_t fd, short what, void *arg)
{
	struct sound *sound = arg;
	struct err err;
	(void)fd;
	(void)what;

	err_set(&err, ERR_UNAVAILABLE, "the sound process does not tell how it went");
	await_end(sound, NULL, &err);
}

static void on_await_answer(void *arg, int64_t tag, const json_t *answer, const struct err *err)
{
	struct sound *sound = arg;
	(void)tag;

	sound->awaited.taken = answer;
	if (!answer)
		await_end(sound, NULL, err);
}

int sound_await(struct sound *sound, json_t *command, const char *event, int seconds, sound_done_h *done, void *arg,
	struct err *err)
{
	const struct timeval limit = {.tv_sec = seconds};
	const bool busy = sound->awaited.event;

	if (!sound->child || busy) {
		json_decref(command);
		return busy ? err_set(err, ERR_CONFLICT,
			"the sound card is being tested or changed: wait until that is done") :
			      err_set(err, ERR_UNAVAILABLE, "the sound process is being started again");
	}
	sound->awaited = (struct awaited){.event = event, .done = done, .arg = arg,
		.limit = evtimer_new(sound->engine->loop, on_await_limit, sound)};
	evtimer_add(sound->awaited.limit, &limit);
	child_do(sound->child, command, on_await_answer, sound, 0);
	return 0;
}

/* ---- the process ------------------------------------------------------------------------------------------------- */

static void on_event(void *arg, const char *event, const json_t *message)
{
	struct sound *sound = arg;

	if (!strcmp(event, "ready")) {
		say_device(sound);
		say_dsp(sound);
		say_levels(sound);
		sound->ready = true;
		if (sound->behind) {
			sound->behind = false;
			sound->hooks->back(sound->arg);
		}
		return;
	}
	if (sound->awaited.taken && !strcmp(event, sound->awaited.event))
		await_end(sound, message, NULL);
	sound->hooks->event(sound->arg, event, message);
}

static void on_gone(void *arg, const char *why)
{
	struct sound *sound = arg;
	struct err err;

	sound->child = NULL;
	sound->ready = false;
	sound->behind = true;
	err_set(&err, ERR_UNAVAILABLE, "the sound process has ended: %s", why);
	await_end(sound, NULL, &err);
	sound->hooks->lost(sound->arg);
	start_over(sound);
}

static const struct child_kind kind = {"sound", on_event, on_gone};

/* ALSA's configuration and a desktop's sound server are found through these. */
char **sound_environment(void)
{
	static const char *const names[] = {"HOME", "XDG_RUNTIME_DIR", "ALSA_CONFIG_PATH", "PULSE_SERVER"};
	char **env = xcalloc(sizeof(names) / sizeof(names[0]) + 2, sizeof(*env));
	size_t n = 0;

	env[n++] = xstrdup("PATH=/usr/bin:/bin");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (getenv(names[i]))
			env[n++] = xasprintf("%s=%s", names[i], getenv(names[i]));
	return env;
}

static void on_pause(evutil_socket_t fd, short what, void *arg)
{
	struct sound *sound = arg;
	struct err err = {0};
	char *program = where_find(WHERE_PROGRAM, "spctl-media", &err);
	char **env = sound_environment();
	const char *argv[] = {
		program, "--audio", sound->path, "--device",
		sound->device ? "none" : conf_text(sound->engine->conf, "sound.device"), NULL};
	(void)fd;
	(void)what;

	if (program &&
		!child_start(&sound->child, sound->engine->loop, &kind, sound, argv, (const char *const *)env, &err))
		sound->started_ms = clock_mono_ms();
	else {
		log_error("sound", "%s", err.text);
		start_over(sound);
	}
	for (size_t i = 0; env[i]; i++)
		free(env[i]);
	free(env);
	free(program);
}

struct sound *sound_open(struct engine *engine, const struct sound_hooks *hooks, void *arg)
{
	struct sound *sound = xcalloc(1, sizeof(*sound));
	const struct timeval at_once = {0};

	sound->engine = engine;
	sound->hooks = hooks;
	sound->arg = arg;
	sound->folder = xasprintf("%s/sound-XXXXXX", engine->home.run);
	if (!mkdtemp(sound->folder))
		log_error("sound", "a folder under %s: %s", engine->home.run, strerror(errno));
	sound->path = xasprintf("%s/audio", sound->folder);
	sound->pause_ms = FIRST_PAUSE_MS;
	sound->pause = evtimer_new(engine->loop, on_pause, sound);
	event_add(sound->pause, &at_once);
	return sound;
}

void sound_close(struct sound *sound, void (*ended)(void *), void *ended_arg)
{
	struct err err;

	err_set(&err, ERR_UNAVAILABLE, "the session ends");
	await_end(sound, NULL, &err);
	if (sound->child)
		child_end(sound->child, ended, ended_arg);
	else if (ended)
		ended(ended_arg);
	unlink(sound->path);                    /* who is connected stays so */
	rmdir(sound->folder);
	event_free(sound->pause);
	free(sound->folder);
	free(sound->path);
	free(sound->device);
	free(sound);
}

const char *sound_path(const struct sound *sound)
{
	return sound->path;
}

bool sound_do(struct sound *sound, json_t *command, child_answer_h *answered, int64_t tag)
{
	if (!sound->child || (sound->behind && !sound->ready)) {
		sound->behind = true;
		json_decref(command);
		return false;
	}
	child_do(sound->child, command, answered, sound->arg, tag);
	return true;
}
