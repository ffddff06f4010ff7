/* modal_incoming.c - a call comes in: who it is, answer or reject. */
#include <stdio.h>
#include <string.h>
#include "../base/clock.h"
#include "card.h"
#include "view.h"

enum { WIDTH = 60, TALL = 22, AROUND = 5, NUMBER = 18 };  /* AROUND: rows that no window takes */

struct incoming {
	struct view view;
	struct deaf deaf;           /* since it turned to this call */
	int64_t call_id;
	int rung;                   /* how many have rung: the bell is for each */
};

/* The call shown: the one that was turned to while it rings, else the first. */
static struct call *shown(struct incoming *incoming)
{
	struct app *app = incoming->view.app;
	struct call *call = model_call(&app->model, incoming->call_id);

	if (!call || !call->inbound || strcmp(call->state, "ringing"))
		call = model_incoming(&app->model, 0);
	if (call && call->id != incoming->call_id) {
		incoming->call_id = call->id;
		deaf_begin(&incoming->deaf, app->typed_at);
	}
	if (call)
		app_want_card(app, call->customer_id);
	app->incoming_call = call ? call->id : 0;
	return call;
}

static int ringing(struct model *model)
{
	int n = 0;

	while (model_incoming(model, n))
		n++;
	return n;
}

static void incoming_news(struct view *view, const char *event, const json_t *data)
{
	struct incoming *incoming = (struct incoming *)view;
	int now = ringing(&view->app->model);

	(void)event;
	(void)data;
	if (now > incoming->rung)
		view->app->bell = true;
	incoming->rung = now;
	shown(incoming);
}

static void incoming_open(struct view *view, const void *arg)
{
	(void)arg;
	incoming_news(view, NULL, NULL);
}

static void draw_buttons(struct app *app, struct area in)
{
	const int y = in.y + in.h - 1;
	bool up = false;
	int x = in.x;

	for (int i = 0; i < app->model.call_count; i++)
		up |= !strcmp(app->model.calls[i].state, "active");
	x += draw_button(y, x, up ? "Hold and answer" : "Answer", true, true, HOT_REQUEST + REQ_ANSWER) + 2;
	x += draw_button(y, x, "Reject", false, true, HOT_REQUEST + REQ_REJECT) + 2;
	if (!model_refuses(&app->model, NEED_VOICEMAIL))
		draw_button(y, x, "Voicemail", false, true, HOT_REQUEST + REQ_VOICEMAIL);
}

/* Who calls, and for how long: what is seen first. */
static void draw_party(struct app *app, const struct call *call, struct area in)
{
	const char *name = model_customer_name(&app->model, call->customer_id);
	char number[80], time[TEXT_TIME];
	int x = in.x, end = in.x + in.w - 8;

	text_number(*call->number ? call->number : "number withheld", number);
	if (*name)
		x += draw_text(in.y, x, end - x - NUMBER, STYLE_STRONG, name) + 2;
	draw_text(in.y, x, end - x, *name ? STYLE_TEXT : STYLE_STRONG, number);
	draw_right(in.y, end, 8, STYLE_ACCENT, text_duration(clock_now_ms() - call->started_ms, time));
}

static void incoming_draw(struct view *view, struct area all)
{
	struct incoming *incoming = (struct incoming *)view;
	struct app *app = view->app;
	const struct call *call = shown(incoming);
	struct area in;
	char title[80];
	int count = ringing(&app->model), at = 0;

	incoming->deaf.drawn = true;
	while (call && at < count && model_incoming(&app->model, at) != call)
		at++;
	snprintf(title, sizeof(title), count > 1 ? "Incoming call, %d of %d" : "Incoming call", at + 1, count);
	in = draw_window(!call || !call->customer_id ? 9 : all.h - AROUND < TALL ? all.h - AROUND : TALL, WIDTH,
		STYLE_GOOD, title);
	if (!call)
		return;
	draw_party(app, call, in);
	if (call->internal)
		draw_text(in.y + 2, in.x, in.w, STYLE_DIM, "An agent of this tenant");
	else
		card_draw_nameless(app, (struct area){in.y + 2, in.x, in.h - 4 - (count > 1), in.w}, call->customer_id);
	if (count > 1)
		draw_text(in.y + in.h - 2, in.x, in.w, STYLE_WARN, count > 2 ?
			"Tab shows the next call that comes in" : "Tab shows the other call that comes in");
	draw_buttons(app, in);
}

/* What was being typed when the call came must neither answer nor reject it, as long as it goes on. */
static bool incoming_key(struct view *view, keycode key)
{
	struct incoming *incoming = (struct incoming *)view;

	return (key_is_typed(key) || key == K_ENTER) && deaf_to_key(view->app, &incoming->deaf);
}

static void turn_to_next(struct incoming *incoming)
{
	struct model *model = &incoming->view.app->model;
	int at = 0, count = ringing(model);

	while (at < count && model_incoming(model, at)->id != incoming->call_id)
		at++;
	incoming->call_id = count ? model_incoming(model, (at + 1) % count)->id : 0;
	shown(incoming);
}

/* Beside a call that goes on the window can be put aside: the call rings on in the list. */
static void put_aside(struct incoming *incoming)
{
	struct app *app = incoming->view.app;

	if (app->model.call_count <= ringing(&app->model)) {
		app_say(app, STYLE_DIM, "The call rings on: answer or reject it");
		return;
	}
	app->aside = incoming->call_id;
	app_say(app, STYLE_DIM, "It rings on: Enter on its line shows it again");
	app_follow_model(app);
}

static const char *incoming_brief(struct view *view, enum request request)
{
	struct model *model = &view->app->model;
	int count = ringing(model);

	switch (request) {
	case REQ_HANGUP:        return "";              /* here it rejects, as the key before it */
	case REQ_OTHER:         return count > 2 ? "the next" : count > 1 ? "the other" : "";
	case REQ_BACK:          return model->call_count > count ? "put aside" : "";
	default:                return NULL;
	}
}

static bool incoming_request(struct view *view, enum request request)
{
	if (request == REQ_OTHER)
		turn_to_next((struct incoming *)view);
	else if (request == REQ_BACK)
		put_aside((struct incoming *)view);
	else
		return false;
	return true;
}

static bool incoming_ticks(struct view *view)
{
	(void)view;
	return true;
}

const struct view_class modal_incoming = {
	.name = "incoming", .place = PLACE_INCOMING, .size = sizeof(struct incoming), .open = incoming_open,
	.draw = incoming_draw, .key = incoming_key, .request = incoming_request, .news = incoming_news,
	.ticks = incoming_ticks, .brief = incoming_brief,
};
