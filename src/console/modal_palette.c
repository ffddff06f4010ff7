/* modal_palette.c - every action, found by typing a part of its name; and all keys with what they do.  Both are the
 * table of keys.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "view.h"

/* the width: as far as the screen has it */
enum { WANTED_MOST = 60, WIDTH = 98, ROWS = 14, KEYS_AT = 15, HELP_AT = 33 };

/* ---- the palette ------------------------------------------------------------------------------------------------- */

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

/* wraps: the sentence is broken at a blank, not cut. */
static void draw_request(struct app *app, enum request request, int y, struct area in, bool here, int what, bool wraps)
{
	const struct request_info *info = &requests[request];
	bool off = model_refuses(&app->model, info->need);
	enum style style = here ? STYLE_SELECTED : off ? STYLE_BUTTON_OFF : STYLE_TEXT;
	char *keys = keys_names(&app->settings.keys, request);
	size_t len, next;

	draw_row(y, in.x, in.w, here, what);
	draw_text(y, in.x, KEYS_AT - 1, style, info->name);
	draw_text(y, in.x + KEYS_AT, HELP_AT - KEYS_AT - 1, here ? style : off ? STYLE_BUTTON_OFF : STYLE_ACCENT, keys);
	len = wraps ? text_line(info->help, in.w - HELP_AT, draw_charset_now(), &next) : strlen(info->help);
	draw_textf(y, in.x + HELP_AT, in.w - HELP_AT, style, "%.*s", (int)len, info->help);
	free(keys);
}

static int window_width(struct area all)
{
	return all.w - 2 < WIDTH ? all.w - 2 : WIDTH;
}

static void palette_draw(struct view *view, struct area all)
{
	struct palette *palette = (struct palette *)view;
	struct area in = draw_window(ROWS + 6, window_width(all), STYLE_TITLE, "Actions");
	const char *refusal;
	enum request request;

	draw_text(in.y, in.x, 2, STYLE_TITLE, ":");
	draw_edit((struct area){in.y, in.x + 2, 1, in.w - 2}, &palette->wanted, true, false);
	if (palette->at < palette->top)
		palette->top = palette->at;
	if (palette->at >= palette->top + ROWS)
		palette->top = palette->at - ROWS + 1;
	for (int i = palette->top; i < palette->count && i < palette->top + ROWS; i++)
		draw_request(view->app, palette->found[i], in.y + 2 + i - palette->top, in, i == palette->at, i, false);
	if (!palette->count) {
		draw_text(in.y + 2, in.x, in.w, STYLE_DIM, "No action is called so");
		return;
	}
	request = palette->found[palette->at];          /* what the line has no room for, or why it cannot be now */
	refusal = model_refuses(&view->app->model, requests[request].need);
	draw_textf(in.y + in.h - 1, in.x, in.w, refusal ? STYLE_WARN : STYLE_DIM, "%s%s", refusal ? "Not now: " : "",
		refusal ? refusal : requests[request].help);
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

static const char *palette_brief(struct view *view, enum request request)
{
	(void)view;
	return view_brief(request, "do it", "", "close");
}

static bool palette_types(struct view *view)
{
	(void)view;
	return true;
}

const struct view_class modal_palette = {
	.name = "palette", .place = PLACE_MODAL, .size = sizeof(struct palette), .open = palette_open,
	.close = palette_close,
	.draw = palette_draw, .key = palette_key, .paste = palette_paste, .request = palette_request,
	.click = palette_click, .wheel = palette_wheel, .brief = palette_brief, .types = palette_types,
};

/* ---- help -------------------------------------------------------------------------------------------------------- */

struct help {
	struct view view;
	int top;
};

static const struct { const char *title; enum request first, last; } parts[] = {
	{"Everywhere", REQ_HELP, REQ_QUIT}, {"Calls", REQ_ANSWER, REQ_CLEAR}, {"Lists", REQ_UP, REQ_UNBIND},
	{"Windows", REQ_ACCEPT, REQ_REDIAL},
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

/* What of the sentence did not fit; the lines used. */
static int draw_rest(enum request request, int y, struct area in)
{
	const char *text = requests[request].help;
	size_t next;

	text_line(text, in.w - HELP_AT, draw_charset_now(), &next);
	if (!text[next])
		return 0;
	if (y >= in.y && y < in.y + in.h)
		draw_text(y, in.x + HELP_AT, in.w - HELP_AT, STYLE_TEXT, text + next);
	return 1;
}

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
				draw_request(help->view.app, (enum request)r, y, in, false, HOT_NONE, true);
			line += draw_rest((enum request)r, y + 1, in);
		}
		line++;
	}
	return line - 1;
}

static void help_draw(struct view *view, struct area all)
{
	struct help *help = (struct help *)view;
	struct area in = draw_window(all.h - 5, window_width(all), STYLE_TITLE, "Keys"), nowhere = in;
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

static const char *help_brief(struct view *view, enum request request)
{
	(void)view;
	return view_brief(request, "", "", "close");
}

const struct view_class modal_help = {
	.name = "help", .place = PLACE_MODAL, .size = sizeof(struct help), .draw = help_draw, .key = help_key,
	.request = help_request, .wheel = help_move, .brief = help_brief,
};
