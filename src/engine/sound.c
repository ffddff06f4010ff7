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
#include "sound.h"

enum { FIRST_PAUSE_MS = 50, LONGEST_PAUSE_MS = 10000, STEADY_MS = 60000 };

struct sound {
	struct engine *engine;
	const struct sound_hooks *hooks;
	void *arg;
	char *folder, *path;                /* the socket lies alone in a folder of its own */
	struct child *child;
	struct event *pause;
	int64_t pause_ms, started_ms;       /* the next pause; monotonic: of the process */
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

static void on_event(void *arg, const char *event, const json_t *message)
{
	struct sound *sound = arg;

	if (!strcmp(event, "ready"))
		sound->hooks->back(sound->arg);
	else
		sound->hooks->event(sound->arg, event, message);
}

static void on_gone(void *arg, const char *why)
{
	struct sound *sound = arg;
	(void)why;

	sound->child = NULL;
	start_over(sound);
}

static const struct child_kind kind = {"sound", on_event, on_gone};

/* ALSA's configuration and a desktop's sound server are found through these; nothing else of ours is handed on. */
static char **environment(void)
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
	char **env = environment();
	const char *argv[] = {
		program, "--audio", sound->path, "--device", conf_text(sound->engine->conf, "sound.device"), NULL};
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
	if (sound->child)
		child_end(sound->child, ended, ended_arg);
	else if (ended)
		ended(ended_arg);
	unlink(sound->path);                    /* who is connected stays so */
	rmdir(sound->folder);
	event_free(sound->pause);
	free(sound->folder);
	free(sound->path);
	free(sound);
}

const char *sound_path(const struct sound *sound)
{
	return sound->path;
}

bool sound_do(struct sound *sound, json_t *command, child_answer_h *answered, int64_t tag)
{
	if (!sound->child) {
		json_decref(command);
		return false;
	}
	child_do(sound->child, command, answered, sound->arg, tag);
	return true;
}
