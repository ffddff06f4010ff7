/* sound_devices.c - the sound cards of this machine: spctl-media --list tells them, and ends. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/where.h"
#include "sound.h"

enum { LIST_SECONDS = 10 };

struct listing {
	struct child *child;
	struct event *limit;
	sound_devices_h *done;
	void *arg;
};

/* done is called once; the process ends by itself, or is ended. */
static void finish(struct listing *listing, json_t *items, const struct err *err)
{
	struct child *child = listing->child;

	listing->done(listing->arg, items, err);
	event_free(listing->limit);
	free(listing);
	if (child)
		child_end(child, NULL, NULL);
}

static void on_event(void *arg, const char *event, const json_t *message)
{
	if (!strcmp(event, "devices"))
		finish(arg, json_object_get(message, "items"), NULL);
}

static void on_gone(void *arg, const char *why)
{
	struct listing *listing = arg;
	struct err err;

	listing->child = NULL;
	err_set(&err, ERR_UNAVAILABLE, "the sound cards cannot be listed: %s", why);
	finish(listing, NULL, &err);
}

static void on_limit(evutil_socket_t fd, short what, void *arg)
{
	struct err err;
	(void)fd;
	(void)what;

	err_set(&err, ERR_UNAVAILABLE, "the sound cards cannot be listed: ALSA does not answer within %d seconds",
		LIST_SECONDS);
	finish(arg, NULL, &err);
}

static const struct child_kind kind = {"sound", on_event, on_gone};

int sound_devices(struct engine *engine, sound_devices_h *done, void *arg, struct err *err)
{
	const struct timeval limit = {.tv_sec = LIST_SECONDS};
	struct listing *listing = xcalloc(1, sizeof(*listing));
	char *program = where_find(WHERE_PROGRAM, "spctl-media", err);
	char **env = sound_environment();
	const char *argv[] = {program, "--list", NULL};
	int status = program ? child_start(&listing->child, engine->loop, &kind, listing, argv,
		(const char *const *)env, err) :
			       (int)err->code;

	for (size_t i = 0; env[i]; i++)
		free(env[i]);
	free(env);
	free(program);
	if (status < 0) {
		free(listing);
		return status;
	}
	listing->done = done;
	listing->arg = arg;
	listing->limit = evtimer_new(engine->loop, on_limit, listing);
	evtimer_add(listing->limit, &limit);
	return 0;
}
