/* modal_key.c - gives an action another key: the one that is pressed next. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "modals.h"
#include "view.h"

enum { WIDTH = 64, HEIGHT = 10 };

struct key_window {
	struct view view;
	enum request request;
	char failure[400];          /* why the key that was pressed cannot be it, or "" */
};

/* Takes other keys over and writes them down; text NULL: the preset ones. False with an error, and nothing is
 * changed. */
static bool rebind(struct app *app, enum request request, const char *text, struct err *err)
{
	struct keys keys = app->settings.keys;
	char *name;
	enum request one, other;
	bool done;

	if (keys_bind(&keys, request, text ? text : requests[request].keys, err) < 0 ||
		keys_check(&keys, &one, &other, err) < 0)
		return false;
	name = xasprintf("key.%s", requests[request].name);
	done = settings_write(name, text, err) >= 0;
	free(name);
	if (done)
		app->settings.keys = keys;
	return done;
}

void app_unbind(struct app *app, enum request request)
{
	struct err err = {0};

	if (rebind(app, request, NULL, &err))
		app_say(app, STYLE_GOOD, "%s has its preset keys", requests[request].name);
	else
		app_fail(app, &err);
}

/* The new key, then what there is behind the first. */
static char *new_keys(const struct keys *keys, enum request request, keycode key)
{
	struct str out = {0};
	char name[16];

	str_add(&out, keycode_name(key, name));
	for (int i = 1; i < KEYS_EACH && keys->of[request][i]; i++)
		if (keys->of[request][i] != key)
			str_addf(&out, " %s", keycode_name(keys->of[request][i], name));
	return str_take(&out);
}

static void take(struct key_window *window, keycode key)
{
	struct app *app = window->view.app;
	struct err err = {0};
	char name[16], *text;

	if (!*keycode_name(key, name)) {
		str_copy(window->failure, sizeof(window->failure), "This key has no name: press another");
		return;
	}
	text = new_keys(&app->settings.keys, window->request, key);
	if (rebind(app, window->request, text, &err)) {
		app_say(app, STYLE_GOOD, "%s is %s now", requests[window->request].name, name);
		app_close_modal(app, &window->view);
	} else {
		str_copy(window->failure, sizeof(window->failure), err.text);
	}
	free(text);
}

static void key_open(struct view *view, const void *arg)
{
	((struct key_window *)view)->request = *(const enum request *)arg;
}

static void key_draw(struct view *view, struct area all)
{
	const struct key_window *window = (struct key_window *)view;
	const struct request_info *info = &requests[window->request];
	struct area in = draw_window(HEIGHT, WIDTH, STYLE_TITLE, "Another key");
	char *keys = keys_names(&view->app->settings.keys, window->request);

	(void)all;
	draw_textf(in.y, in.x, in.w, STYLE_STRONG, "Press the key for \"%s\"", info->name);
	draw_text(in.y + 1, in.x, in.w, STYLE_DIM, info->help);
	draw_textf(in.y + 2, in.x, in.w, STYLE_DIM, "Now: %s", keys);
	draw_wrap((struct area){in.y + 4, in.x, 2, in.w}, STYLE_BAD, window->failure);
	draw_text(in.y + in.h - 1, in.x, in.w, STYLE_DIM, "Esc leaves it as it is");
	free(keys);
}

/* Every key is for it, but Esc. */
static bool key_key(struct view *view, keycode key)
{
	if (key == K_ESC)
		return false;
	take((struct key_window *)view, key);
	return true;
}

static const char *key_brief(struct view *view, enum request request)
{
	(void)view;
	return request == REQ_BACK ? "leave it as it is" : "";
}

const struct view_class modal_key = {
	.name = "key", .place = PLACE_MODAL, .size = sizeof(struct key_window), .open = key_open, .draw = key_draw,
	.key = key_key,
	.brief = key_brief,
};
