/* screen_settings.c - what the console can be told now: theme, mouse, bell; how it is connected; where it is written down. */
#include <stdlib.h>
#include <string.h>
#include "../base/home.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "input.h"
#include "view.h"

struct settings_view {
	struct view view;
	int at;
	char *path;                 /* of spctl.conf */
};

enum { THEME, MOUSE, BELL, NOTIFY, TITLE, ROWS };

static const struct { const char *key, *label, *help; } rows[ROWS] = {
	[THEME] = {"console.theme", "Theme", "Colours. NO_COLOR in the environment, or a terminal without any, give mono."},
	[MOUSE] = {"console.mouse", "Mouse", "Click a line, a button or a tab; the wheel moves. Off: the terminal selects text."},
	[BELL] = {"console.bell", "Bell", "The terminal's bell for a call that comes in."},
	[NOTIFY] = {"console.notify", "Notification", "A notification on the desktop for a call, where the terminal has it."},
	[TITLE] = {"console.title", "Window title", "The state and its time in the window's title, where there is one."},
};

static const char *const themes[] = {"dark", "light", "high-contrast", "mono"};
enum { THEMES = sizeof(themes) / sizeof(themes[0]) };

static void settings_open(struct view *view, const void *arg)
{
	struct settings_view *self = (struct settings_view *)view;
	struct home home;

	(void)arg;
	if (home_find(&home, false, NULL) < 0)
		return;
	self->path = xstrdup(home.conf);
	home_free(&home);
}

static void settings_close(struct view *view)
{
	free(((struct settings_view *)view)->path);
}

static bool *flag_of(struct settings *settings, int row)
{
	bool *const flags[ROWS] = {NULL, &settings->mouse, &settings->bell, &settings->notify, &settings->title};

	return flags[row];
}

static const char *value_of(struct app *app, int row)
{
	if (row == THEME)
		return app->settings.theme;
	return *flag_of(&app->settings, row) ? "yes" : "no";
}

static void draw_engine(struct app *app, int y, struct area in)
{
	const struct model *model = &app->model;

	draw_text(y++, in.x, in.w, STYLE_TITLE, "Engine");
	if (model->connected)
		draw_textf(y++, in.x + 2, in.w - 2, STYLE_TEXT, "%s engine %s; you are %s%s%s", model->private_engine ? "private" : "service",
			model->engine, *model->self ? model->self : "its owner", *model->self ? ", " : "", *model->self ? model->role : "");
	else
		draw_text(y++, in.x + 2, in.w - 2, STYLE_BAD, "not connected");
	draw_text(y, in.x + 2, in.w - 2, STYLE_DIM, "The sound card is a setting of the engine: sound.device in its spctl.conf.");
}

static void settings_draw(struct view *view, struct area in)
{
	struct settings_view *self = (struct settings_view *)view;
	struct app *app = view->app;
	int y = in.y;

	in.x += 1;
	in.w -= 2;
	draw_text(y++, in.x, in.w, STYLE_TITLE, "Console");
	for (int i = 0; i < ROWS; i++, y++) {
		bool here = i == self->at;
		enum style style = here ? STYLE_SELECTED : STYLE_TEXT;

		draw_row(y, in.x, in.w, here, i);
		draw_text(y, in.x + 2, 14, style, rows[i].label);
		draw_text(y, in.x + 18, 14, here ? style : STYLE_ACCENT, value_of(app, i));
		draw_text(y, in.x + 33, in.w - 33, here ? style : STYLE_DIM, rows[i].key);
	}
	y += 1 + draw_wrap((struct area){y + 1, in.x + 2, 2, in.w - 2}, STYLE_DIM, rows[self->at].help) + 1;
	if (!strcmp(theme_name(), "mono") && strcmp(app->settings.theme, "mono"))
		draw_text(y++, in.x + 2, in.w - 2, STYLE_WARN, "There are no colours here: NO_COLOR is set, or the terminal has none.");
	draw_engine(app, y, in);
	draw_text(in.y + in.h - 1, in.x, in.w, STYLE_DIM, "Enter changes it until you leave. To keep it, write it in");
	draw_text(in.y + in.h - 1, in.x + 58, in.w - 58, STYLE_DIM, self->path ? self->path : "spctl.conf");
}

static void change(struct app *app, int row)
{
	bool *flag = flag_of(&app->settings, row);
	int theme = 0;

	if (flag) {
		*flag = !*flag;
		if (row == MOUSE)
			input_open(app->settings.mouse);
		return;
	}
	while (theme < THEMES - 1 && strcmp(themes[theme], app->settings.theme))
		theme++;
	str_copy(app->settings.theme, sizeof(app->settings.theme), themes[(theme + 1) % THEMES]);
	theme_set(app->settings.theme);
	app->redraw = true;
}

static bool settings_request(struct view *view, enum request request)
{
	struct settings_view *self = (struct settings_view *)view;

	switch (request) {
	case REQ_UP:            self->at -= self->at > 0; return true;
	case REQ_DOWN:          self->at += self->at < ROWS - 1; return true;
	case REQ_TOP:           self->at = 0; return true;
	case REQ_BOTTOM:        self->at = ROWS - 1; return true;
	case REQ_OPEN:          change(view->app, self->at); return true;
	default:                return false;
	}
}

static void settings_click(struct view *view, int what, bool twice)
{
	struct settings_view *self = (struct settings_view *)view;

	if (self->at == what || twice)
		change(view->app, what);
	self->at = what;
}

const struct view_class screen_settings = {
	.name = "Settings", .place = PLACE_SETTINGS, .size = sizeof(struct settings_view), .open = settings_open,
	.close = settings_close, .draw = settings_draw, .request = settings_request, .click = settings_click,
};
