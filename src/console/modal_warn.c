/* modal_warn.c - a call that the gate warns about: each reason has its box, and the button wakes when all are
 * ticked. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "modals.h"
#include "view.h"

enum { MOST = 30, DIAL = 1000 };

struct warn {
	struct view view;
	json_t *decision;
	const char *method;         /* what is ordered again, with the token */
	json_t *params;
	char *who;
	bool ticked[MOST];
	int count, focus;           /* focus: a box; count: the button */
};

static void warn_open(struct view *view, const void *arg)
{
	struct warn *warn = (struct warn *)view;
	const struct warning *warning = arg;
	size_t n;

	warn->decision = json_deep_copy(warning->decision);
	warn->method = warning->method;
	warn->params = json_copy((json_t *)warning->params);
	warn->who = xstrdup(warning->who);
	n = json_array_size(json_object_get(warn->decision, "reasons"));
	warn->count = n < MOST ? (int)n : MOST;
}

static void warn_close(struct view *view)
{
	struct warn *warn = (struct warn *)view;

	json_decref(warn->decision);
	json_decref(warn->params);
	free(warn->who);
}

static bool all_ticked(const struct warn *warn)
{
	for (int i = 0; i < warn->count; i++)
		if (!warn->ticked[i])
			return false;
	return true;
}

static void dial(struct warn *warn)
{
	struct app *app = warn->view.app;
	const char *method = warn->method;
	json_t *params;
	char *who;

	if (!all_ticked(warn)) {
		app_say(app, STYLE_WARN, "Tick each warning first: the audit records that you have weighed it");
		return;
	}
	params = json_incref(warn->params);
	json_object_set_new(params, "ack", json_string(j_text(warn->decision, "ack_token")));
	who = xstrdup(warn->who);
	app_close_modal(app, &warn->view);
	app_gated(app, method, params, who);
	free(who);
}

static int reason_rows(const struct warn *warn, int i, int w)
{
	const json_t *reason = json_array_get(json_object_get(warn->decision, "reasons"), (size_t)i);

	return draw_wrap((struct area){0, 0, 20, w - 4}, STYLES, j_text(reason, "message")) + 2;
}

/* The first box drawn, so that the one in focus is seen in this many rows. */
static int first_shown(const struct warn *warn, int rows, int w)
{
	int focus = warn->focus < warn->count ? warn->focus : warn->count - 1, first = focus, used = 0;

	while (first >= 0 && (used += reason_rows(warn, first, w)) <= rows)
		first--;
	return first + 1 <= focus ? first + 1 : focus;
}

static void draw_reason(const struct warn *warn, int i, struct area in)
{
	const json_t *reason = json_array_get(json_object_get(warn->decision, "reasons"), (size_t)i);
	int n;

	draw_tick(in.y, in.x, in.w, warn->ticked[i], warn->focus == i, "", i);
	n = draw_wrap((struct area){in.y, in.x + 4, in.h, in.w - 4}, STYLE_STRONG, j_text(reason, "message"));
	if (n < in.h)
		draw_text(in.y + n, in.x + 4, in.w - 4, STYLE_DIM, j_text(reason, "authority"));
	draw_hot((struct area){in.y, in.x, n + 1, in.w}, i);
}

static void warn_draw(struct view *view, struct area all)
{
	struct warn *warn = (struct warn *)view;
	const int w = 64;
	int rows = 0, h, used;
	struct area in;
	char number[80];

	for (int i = 0; i < warn->count; i++)
		rows += reason_rows(warn, i, w);
	h = rows + 6 < all.h ? rows + 6 : all.h;
	in = draw_window(h, w + 4, STYLE_WARN, "Before you call");
	draw_text(in.y, in.x, in.w, STYLE_TEXT, text_number(j_text(warn->decision, "number"), number));
	rows = in.h - 4;
	for (int i = first_shown(warn, rows, w), y = 2; i < warn->count; i++) {
		struct area area = {in.y + y, in.x, in.h - 2 - y, in.w};

		if (reason_rows(warn, i, w) - 1 > area.h)
			break;
		draw_reason(warn, i, area);
		y += reason_rows(warn, i, w);
	}
	used = draw_button(in.y + in.h - 1, in.x, "Dial", warn->focus == warn->count, all_ticked(warn), DIAL) + 2;
	draw_button(in.y + in.h - 1, in.x + used, "Do not call", false, true, HOT_REQUEST + REQ_BACK);
	if (!all_ticked(warn))
		draw_right(in.y + in.h - 1, in.x + used + 18, in.w - used - 18, STYLE_DIM, "Space ticks each warning");
}

static bool warn_key(struct view *view, keycode key)
{
	struct warn *warn = (struct warn *)view;

	if (key == K_UP || key == K_BACKTAB || key == 'k')
		warn->focus = warn->focus > 0 ? warn->focus - 1 : warn->count;
	else if (key == K_DOWN || key == 'j')
		warn->focus = warn->focus < warn->count ? warn->focus + 1 : 0;
	else if (key >= '1' && key <= '9' && (int)(key - '1') < warn->count)
		warn->ticked[key - '1'] = !warn->ticked[key - '1'];
	else
		return false;
	return true;
}

static void tick(struct warn *warn)
{
	warn->ticked[warn->focus] = !warn->ticked[warn->focus];
	if (warn->ticked[warn->focus])
		warn->focus++;
	warn->view.app->message[0] = '\0';
}

static bool warn_request(struct view *view, enum request request)
{
	struct warn *warn = (struct warn *)view;

	if (request == REQ_NEXT_FIELD)
		warn->focus = warn->focus < warn->count ? warn->focus + 1 : 0;
	else if (request == REQ_TICK && warn->focus < warn->count)
		tick(warn);
	else if (request == REQ_TICK || request == REQ_ACCEPT)
		dial(warn);
	else
		return false;
	return true;
}

static void warn_click(struct view *view, int what, bool twice)
{
	struct warn *warn = (struct warn *)view;

	(void)twice;
	if (what == DIAL) {
		dial(warn);
	} else if (what < warn->count) {
		warn->focus = what;
		tick(warn);
	}
}

static const char *warn_brief(struct view *view, enum request request)
{
	const struct warn *warn = (struct warn *)view;

	if (request == REQ_TICK)
		return warn->focus < warn->count ? "tick" : "";
	return view_brief(request, all_ticked(warn) ? "dial" : "", "next", "do not call");
}

const struct view_class modal_warn = {
	.name = "warnings", .place = PLACE_MODAL, .size = sizeof(struct warn), .open = warn_open, .close = warn_close,
	.draw = warn_draw, .key = warn_key, .request = warn_request, .click = warn_click, .brief = warn_brief,
};
