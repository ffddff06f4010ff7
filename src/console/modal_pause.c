/* modal_pause.c - why the agent takes a break. */
#include <string.h>
#include "view.h"

enum { REASON_MOST = 200, WIDTH = 50 };

static const char *const usual[] = {"Break", "Lunch", "Training", "Meeting", "Paperwork"};
enum { USUAL = sizeof(usual) / sizeof(usual[0]) };

struct pause {
	struct view view;
	struct edit reason;
	int at;                     /* of the usual ones; USUAL: the field */
};

static void pause_open(struct view *view, const void *arg)
{
	(void)arg;
	edit_init(&((struct pause *)view)->reason, REASON_MOST);
}

static void pause_close(struct view *view)
{
	edit_free(&((struct pause *)view)->reason);
}

static void pause_draw(struct view *view, struct area all)
{
	struct pause *pause = (struct pause *)view;
	struct area in = draw_window(USUAL + 6, WIDTH, STYLE_TITLE, "Pause");
	int y = in.y;

	(void)all;
	for (int i = 0; i < USUAL; i++, y++) {
		draw_row(y, in.x, in.w, i == pause->at, i);
		draw_text(y, in.x + 1, in.w - 1, i == pause->at ? STYLE_SELECTED : STYLE_TEXT, usual[i]);
	}
	draw_text(++y, in.x, 8, pause->at == USUAL ? STYLE_TITLE : STYLE_DIM, "Other");
	draw_edit((struct area){y, in.x + 8, 1, in.w - 8}, &pause->reason, pause->at == USUAL, false);
	draw_hot((struct area){y, in.x, 1, in.w}, USUAL);
	draw_text(in.y + in.h - 1, in.x, in.w, STYLE_DIM, "No call comes to you while you are paused");
}

static bool pause_key(struct view *view, keycode key)
{
	struct pause *pause = (struct pause *)view;

	if (key == K_UP || key == K_DOWN) {
		pause->at = (pause->at + (key == K_DOWN ? 1 : USUAL)) % (USUAL + 1);
		return true;
	}
	if (!key_is_typed(key) && pause->at != USUAL)
		return false;
	if (key_is_typed(key))
		pause->at = USUAL;
	return edit_key(&pause->reason, key);
}

static void pause_paste(struct view *view, const char *text)
{
	struct pause *pause = (struct pause *)view;

	pause->at = USUAL;
	edit_insert(&pause->reason, text);
}

static bool pause_request(struct view *view, enum request request)
{
	struct pause *pause = (struct pause *)view;
	const char *reason = pause->at < USUAL ? usual[pause->at] : pause->reason.text;

	if (request == REQ_NEXT_FIELD) {
		pause->at = (pause->at + 1) % (USUAL + 1);
		return true;
	}
	if (request != REQ_ACCEPT)
		return false;
	if (!*reason) {
		app_say(view->app, STYLE_WARN, "Type why you pause");
		return true;
	}
	app_order(view->app, "session.pause", json_pack("{s:s}", "reason", reason));
	app_close_modal(view->app, view);
	return true;
}

static void pause_click(struct view *view, int what, bool twice)
{
	struct pause *pause = (struct pause *)view;

	pause->at = what;
	if (twice && what < USUAL)
		pause_request(view, REQ_ACCEPT);
}

static const char *pause_brief(struct view *view, enum request request)
{
	(void)view;
	return view_brief(request, "pause", "", "cancel");
}

static bool pause_types(struct view *view)
{
	(void)view;
	return true;
}

const struct view_class modal_pause = {
	.name = "pause", .place = PLACE_MODAL, .size = sizeof(struct pause), .open = pause_open, .close = pause_close,
	.draw = pause_draw, .key = pause_key, .paste = pause_paste, .request = pause_request, .click = pause_click,
	.brief = pause_brief, .types = pause_types,
};
