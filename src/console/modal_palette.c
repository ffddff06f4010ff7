/* modal_palette.c - every action, found by typing a part of its name; and all keys with what they do.  Both are the
 * table of keys.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "view.h"

enum { WANTED_MOST = 60, WIDTH = 72, ROWS = 14 };

/* ---- the palette -------------------------------------------------------------------------------------------------- */

struct palette {
	struct view view;
	unsigned place;             /* of what was on top */
	struct edit wanted;
	enum request found[REQUESTS];
	int count, at, top;
};

static bool holds(const char *text, const char *part)
{
	for (size_t n = strlen(part); strlen(text) >= n; text++)
		if (!strncasecmp(text, part, n))
			return true;
	return false;
}

static void find(struct palette *palette)
{
	palette->count = palette->at = palette->top = 0;
	for (int r = REQ_NONE + 1; r < REQUESTS; r++) {
		const struct request_info *info = &requests[r];
		bool moves = r >= REQ_UP && r <= REQ_BOTTOM;

		if (!(info->places & palette->place) || moves || r == REQ_PALETTE)
			continue;
		if (holds(info->name, palette->wanted.text) || holds(info->help, palette->wanted.text))
			palette->found[palette->count++] = (enum request)r;
	}
}

static void palette_open(struct view *view, const void *arg)
{
	struct palette *palette = (struct palette *)view;

	(void)arg;
	edit_init(&palette->wanted, WANTED_MOST);
	palette->place = app_top(view->app)->class->place;
	find(palette);
}

static void palette_close(struct view *view)
{
	edit_free(&((struct palette *)view)->wanted);
}

static void draw_request(struct app *app, enum request request, int y, struct area in, bool here, int what)
{
	const struct request_info *info = &requests[request];
	bool off = model_refuses(&app->model, info->need);
	enum style style = here ? STYLE_SELECTED : off ? STYLE_BUTTON_OFF : STYLE_TEXT;
	char *keys = keys_names(&app->settings.keys, request);

	draw_row(y, in.x, in.w, here, what);
	draw_text(y, in.x, 13, style, info->name);
	draw_text(y, in.x + 14, 12, here ? style : off ? STYLE_BUTTON_OFF : STYLE_ACCENT, keys);
	draw_text(y, in.x + 27, in.w - 27, style, info->help);
	free(keys);
}

static void palette_draw(struct view *view, struct area all)
{
	struct palette *palette = (struct palette *)view;
	struct area in = draw_window(ROWS + 4, WIDTH, STYLE_TITLE, "Actions");

	(void)all;
	draw_text(in.y, in.x, 2, STYLE_TITLE, ":");
	draw_edit((struct area){in.y, in.x + 2, 1, in.w - 2}, &palette->wanted, true, false);
	if (palette->at < palette->top)
		palette->top = palette->at;
	if (palette->at >= palette->top + ROWS)
		palette->top = palette->at - ROWS + 1;
	for (int i = palette->top; i < palette->count && i < palette->top + ROWS; i++)
		draw_request(view->app, palette->found[i], in.y + 2 + i - palette->top, in, i == palette->at, i);
	if (!palette->count)
		draw_text(in.y + 2, in.x, in.w, STYLE_DIM, "No action is called so");
}

static void do_it(struct view *view)
{
	struct palette *palette = (struct palette *)view;
	struct app *app = view->app;
	enum request request = palette->at < palette->count ? palette->found[palette->at] : REQ_NONE;

	app_close_modal(app, view);
	if (request)
		app_request(app, request);
}

static bool palette_key(struct view *view, keycode key)
{
	struct palette *palette = (struct palette *)view;
	int by = key == K_UP ? -1 : key == K_DOWN ? 1 : key == K_PAGE_UP ? -ROWS : key == K_PAGE_DOWN ? ROWS : 0;

	if (by) {
		palette->at += by;
		palette->at = palette->at >= palette->count ? palette->count - 1 : palette->at;
		palette->at = palette->at < 0 ? 0 : palette->at;
		return true;
	}
	if (!edit_key(&palette->wanted, key))
		return false;
	find(palette);
	return true;
}

static void palette_paste(struct view *view, const char *text)
{
	edit_insert(&((struct palette *)view)->wanted, text);
	find((struct palette *)view);
}

static bool palette_request(struct view *view, enum request request)
{
	if (request != REQ_ACCEPT && request != REQ_NEXT_FIELD)
		return false;
	do_it(view);
	return true;
}

static void palette_click(struct view *view, int what, bool twice)
{
	(void)twice;
	((struct palette *)view)->at = what;
	do_it(view);
}

static void palette_wheel(struct view *view, int lines)
{
	for (; lines; lines += lines < 0 ? 1 : -1)
		palette_key(view, lines < 0 ? K_UP : K_DOWN);
}

const struct view_class modal_palette = {
	.name = "palette", .place = PLACE_MODAL, .size = sizeof(struct palette), .open = palette_open, .close = palette_close,
	.draw = palette_draw, .key = palette_key, .paste = palette_paste, .request = palette_request,
	.click = palette_click, .wheel = palette_wheel,
};

/* ---- help --------------------------------------------------------------------------------------------------------- */

struct help {
	struct view view;
	int top;
};

static const struct { const char *title; enum request first, last; } parts[] = {
	{"Everywhere", REQ_HELP, REQ_QUIT}, {"Calls", REQ_ANSWER, REQ_CLEAR}, {"Lists", REQ_UP, REQ_UNBIND},
	{"Windows", REQ_ACCEPT, REQ_REDIAL},
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

/* Draws the lines from top on; how many there are in all. */
static int help_lines(struct help *help, struct area in)
{
	int line = 0;

	for (int part = 0; part < PARTS; part++) {
		int y = in.y + line++ - help->top;

		if (y >= in.y && y < in.y + in.h)
			draw_text(y, in.x, in.w, STYLE_TITLE, parts[part].title);
		for (int r = parts[part].first; r <= (int)parts[part].last; r++) {
			if (!requests[r].places)
				continue;
			y = in.y + line++ - help->top;
			if (y >= in.y && y < in.y + in.h)
				draw_request(help->view.app, (enum request)r, y, in, false, HOT_NONE);
		}
		line++;
	}
	return line - 1;
}

static void help_draw(struct view *view, struct area all)
{
	struct help *help = (struct help *)view;
	struct area in = draw_window(all.h - 2, all.w < 100 ? all.w - 2 : 98, STYLE_TITLE, "Keys"), nowhere = in;
	int lines;

	nowhere.h = 0;
	lines = help_lines(help, nowhere);
	if (help->top > lines - in.h)
		help->top = lines - in.h;
	if (help->top < 0)
		help->top = 0;
	help_lines(help, in);
	if (help->top + in.h < lines)
		draw_right(in.y + in.h, in.x, in.w, STYLE_DIM, " more below ");
}

static void help_move(struct view *view, int by)
{
	((struct help *)view)->top += by;
}

static bool help_key(struct view *view, keycode key)
{
	switch (key) {
	case K_UP: case 'k':                    help_move(view, -1); return true;
	case K_DOWN: case 'j':                  help_move(view, 1); return true;
	case K_PAGE_UP:                         help_move(view, -10); return true;
	case K_PAGE_DOWN: case ' ':             help_move(view, 10); return true;
	case K_HOME: case 'g':                  help_move(view, -1000); return true;
	case K_END: case 'G':                   help_move(view, 1000); return true;
	case 'q':                               app_close_modal(view->app, view); return true;
	default:                                return false;
	}
}

static bool help_request(struct view *view, enum request request)
{
	if (request != REQ_ACCEPT && request != REQ_HELP)
		return false;
	app_close_modal(view->app, view);
	return true;
}

const struct view_class modal_help = {
	.name = "help", .place = PLACE_MODAL, .size = sizeof(struct help), .draw = help_draw, .key = help_key,
	.request = help_request, .wheel = help_move,
};
