/* screen_phone.c - the phone: the calls, the number, and the customer of the call. */
#include <stdio.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/str.h"
#include "card.h"
#include "view.h"

enum { NUMBER_MOST = 60, CALL_ROWS = 3, NUMBER = 1000 };

struct phone {
	struct view view;
	struct edit number;
};

static struct phone *self(struct view *view)
{
	return (struct phone *)view;
}

static void phone_open(struct view *view, const void *arg)
{
	(void)arg;
	edit_init(&self(view)->number, NUMBER_MOST);
	self(view)->number.only = "0123456789+*#()-. ";
}

static void phone_close(struct view *view)
{
	edit_free(&self(view)->number);
}

/* The call that keys are for. */
static struct call *chosen(struct app *app)
{
	struct call *call = model_call(&app->model, app->chosen_call);

	return call ? call : model_focus(&app->model);
}

/* ---- the calls ---------------------------------------------------------------------------------------------------- */

static const char *state_words(const struct call *call, char out[80])
{
	if (!strcmp(call->state, "active"))
		return "talking";
	if (!strcmp(call->state, "early"))
		return "ringing";
	if (call->held)
		return "on hold";
	return text_words(call->state, out);
}

static void draw_marks(const struct call *call, int y, int x, int w)
{
	const int end = x + w;

	if (call->muted)
		x += draw_text(y, x, end - x, STYLE_WARN, "muted") + 2;
	if (call->recording)
		x += draw_text(y, x, end - x, STYLE_BAD, sym(SYM_REC)) + 2;
	if (call->encrypted)
		x += draw_text(y, x, end - x, STYLE_GOOD, sym(SYM_LOCK)) + 2;
	if (call->forced)
		x += draw_text(y, x, end - x, STYLE_WARN, "acknowledged") + 2;
	if (*call->codec)
		draw_text(y, x, end - x, STYLE_DIM, call->codec);
}

static void draw_call(struct app *app, const struct call *call, int what, bool here, struct area in)
{
	const char *name = model_customer_name(&app->model, call->customer_id);
	int64_t since = call->answered_ms ? call->answered_ms : call->started_ms;
	char number[80], words[80], time[TEXT_TIME], state[128];
	enum style style = call->held ? STYLE_WARN : call->answered_ms ? STYLE_GOOD : STYLE_ACCENT;
	int right = 18;

	text_number(*call->number ? call->number : "number withheld", number);
	snprintf(state, sizeof(state), "%s  %s", state_words(call, words), text_duration(clock_now_ms() - since, time));
	draw_text(in.y, in.x, 1, STYLE_ACCENT, here ? sym(SYM_HERE) : " ");
	draw_text(in.y, in.x + 2, in.w - right - 3, STYLE_STRONG, *name ? name : number);
	draw_right(in.y, in.x + in.w - right, right, style, state);
	draw_text(in.y + 1, in.x + 2, 2, STYLE_DIM, sym(call->inbound ? SYM_IN : SYM_OUT));
	draw_text(in.y + 1, in.x + 5, 18, STYLE_TEXT, number);
	draw_marks(call, in.y + 1, in.x + 22, in.w - 22);
	draw_hot((struct area){in.y, in.x, 2, in.w}, what);
}

static void draw_calls(struct app *app, struct area in)
{
	struct model *model = &app->model;
	const struct call *here = chosen(app);
	int fit = in.h / CALL_ROWS;

	if (!model->call_count) {
		draw_wrap(in, STYLE_DIM, !model->has_session ? "You are not logged in." :
			model->session.state == AGENT_PAUSED ? "You are paused: no call comes to you, and you can dial." :
			"No call. Type a number, or wait for one.");
		return;
	}
	for (int i = 0; i < model->call_count && i < fit; i++)
		draw_call(app, &model->calls[i], i, &model->calls[i] == here,
			(struct area){in.y + i * CALL_ROWS, in.x, CALL_ROWS, in.w});
	if (model->call_count > fit)
		draw_textf(in.y + in.h - 1, in.x, in.w, STYLE_DIM, "%d more", model->call_count - fit);
}

/* ---- drawing ------------------------------------------------------------------------------------------------------ */

static void draw_number(struct phone *phone, struct area in)
{
	struct app *app = phone->view.app;
	bool can = !model_refuses(&app->model, NEED_IDLE);

	draw_text(in.y, in.x, 8, phone->number.len ? STYLE_TITLE : STYLE_DIM, "Number");
	draw_edit((struct area){in.y, in.x + 8, 1, in.w - 18}, &phone->number, app->model.has_session && !app->dialling, false);
	draw_button(in.y, in.x + in.w - 8, "Dial", phone->number.len > 0, phone->number.len > 0 && can && !app->dialling,
		HOT_REQUEST + REQ_DIAL);
	draw_hot((struct area){in.y, in.x, 1, in.w - 10}, NUMBER);
}

static void draw_right_side(struct app *app, struct area in)
{
	const struct call *call = chosen(app);

	if (call)
		card_draw(app, in, call->customer_id);
	else if (app->model.last_call && j_int(app->model.last_call, "customer_id"))
		card_draw(app, in, j_int(app->model.last_call, "customer_id"));
	else
		draw_wrap(in, STYLE_DIM, "The customer of the call stands here.");
}

static void phone_draw(struct view *view, struct area in)
{
	struct phone *phone = self(view);
	int left = in.w * 11 / 20;
	const int bottom = in.y + in.h - 1;

	if (view->app->number_done) {
		edit_set(&phone->number, "");
		view->app->number_done = false;
	}
	draw_vline(in.y, left, in.h);
	draw_text(in.y, 1, left - 2, STYLE_DIM, "Calls");
	draw_calls(view->app, (struct area){in.y + 2, 1, in.h - 5, left - 3});
	draw_hline(bottom - 1, 0, left);
	draw_number(phone, (struct area){bottom, 1, 1, left - 2});
	draw_text(in.y, left + 2, in.w - left - 3, STYLE_DIM, "Customer");
	draw_right_side(view->app, (struct area){in.y + 2, left + 2, in.h - 2, in.w - left - 3});
}

/* ---- keys --------------------------------------------------------------------------------------------------------- */

static bool phone_key(struct view *view, keycode key)
{
	struct phone *phone = self(view);

	if (view->app->dialling)
		return false;
	if (phone->number.len == 0 && (key == ' ' || key == '.' || key == '-'))
		return false;
	return edit_key(&phone->number, key);
}

static void phone_paste(struct view *view, const char *text)
{
	edit_insert(&self(view)->number, text);
}

static void choose(struct app *app, int by)
{
	const struct call *call = chosen(app);
	int at = call ? (int)(call - app->model.calls) + by : 0;

	if (call && at >= 0 && at < app->model.call_count)
		app->chosen_call = app->model.calls[at].id;
	call = chosen(app);
	if (call)
		app_want_card(app, call->customer_id);
}

static void dial(struct phone *phone)
{
	struct app *app = phone->view.app;

	if (!strpbrk(phone->number.text, "0123456789"))
		app_say(app, STYLE_WARN, "Type a number first");
	else
		app_dial(app, phone->number.text, 0, NULL);
}

static bool phone_request(struct view *view, enum request request)
{
	struct phone *phone = self(view);

	switch (request) {
	case REQ_DIAL:  dial(phone); return true;
	case REQ_CLEAR: edit_set(&phone->number, ""); return true;
	case REQ_UP:    choose(view->app, -1); return true;
	case REQ_DOWN:  choose(view->app, 1); return true;
	case REQ_BACK:
		if (!phone->number.len)
			return false;
		edit_set(&phone->number, "");
		return true;
	default:        return false;
	}
}

static void phone_click(struct view *view, int what, bool twice)
{
	struct app *app = view->app;

	(void)twice;
	if (what < app->model.call_count) {
		app->chosen_call = app->model.calls[what].id;
		choose(app, 0);
	}
}

static void phone_wheel(struct view *view, int lines)
{
	choose(view->app, lines < 0 ? -1 : 1);
}

const struct view_class screen_phone = {
	.name = "Phone", .place = PLACE_PHONE, .size = sizeof(struct phone), .open = phone_open, .close = phone_close,
	.draw = phone_draw, .key = phone_key, .paste = phone_paste, .request = phone_request, .click = phone_click,
	.wheel = phone_wheel,
};
