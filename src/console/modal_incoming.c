/* modal_incoming.c - a call comes in: who it is, answer or reject. */
#include <string.h>
#include "../base/clock.h"
#include "card.h"
#include "view.h"

enum { DEAF_MS = 400, WIDTH = 60 };

struct incoming {
	struct view view;
	int64_t since;              /* clock_mono_ms() */
};

static void incoming_open(struct view *view, const void *arg)
{
	const struct call *call = model_incoming(&view->app->model);

	(void)arg;
	((struct incoming *)view)->since = clock_mono_ms();
	if (call)
		app_want_card(view->app, call->customer_id);
	view->app->bell = true;
}

static void incoming_draw(struct view *view, struct area all)
{
	struct model *model = &view->app->model;
	const struct call *call = model_incoming(model);
	struct area in = draw_window(call && call->customer_id ? 18 : 8, WIDTH, STYLE_TITLE, "Incoming call");
	char number[80], time[TEXT_TIME];
	int used;

	(void)all;
	if (!call)
		return;
	draw_text(in.y, in.x, in.w - 8, STYLE_STRONG, *call->number ? text_number(call->number, number) : "number withheld");
	draw_right(in.y, in.x + in.w - 8, 8, STYLE_ACCENT, text_duration(clock_now_ms() - call->started_ms, time));
	card_draw(view->app, (struct area){in.y + 2, in.x, in.h - 5, in.w}, call->customer_id);
	used = draw_button(in.y + in.h - 1, in.x, "Answer", true, true, HOT_REQUEST + REQ_ANSWER) + 2;
	draw_button(in.y + in.h - 1, in.x + used, "Reject", false, true, HOT_REQUEST + REQ_REJECT);
}

/* What was being typed when the call came must neither answer nor reject it. */
static bool incoming_key(struct view *view, keycode key)
{
	return key_is_typed(key) && clock_mono_ms() - ((struct incoming *)view)->since < DEAF_MS;
}

static bool incoming_request(struct view *view, enum request request)
{
	if (request != REQ_BACK)
		return false;
	app_say(view->app, STYLE_DIM, "The call rings on: answer or reject it");
	return true;
}

static bool incoming_ticks(struct view *view)
{
	(void)view;
	return true;
}

const struct view_class modal_incoming = {
	.name = "incoming", .place = PLACE_INCOMING, .size = sizeof(struct incoming), .open = incoming_open,
	.draw = incoming_draw, .key = incoming_key, .request = incoming_request, .ticks = incoming_ticks,
};
