/* modal_transfer.c - gives a call to somebody else: at once, or after talking with him. */
#include <stdio.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "modals.h"
#include "pick.h"
#include "view.h"

/* the focus: 0 is the field, then the buttons */
enum { WIDTH = 68, HEIGHT = PICK_ROWS + 9, NOW = 1, ASK = 2, FOCUSES = 3 };

struct transfer {
	struct view view;
	int64_t call_id;
	struct pick pick;
	int focus;
};

static struct transfer *self(struct view *view)
{
	return (struct transfer *)view;
}

/* "Bob Ray", or the number. */
static const char *party(struct app *app, const struct call *call, char out[80])
{
	const char *name = model_customer_name(&app->model, call->customer_id);

	return *name ? name : text_number(call->number, out);
}

static void transfer_open(struct view *view, const void *arg)
{
	const struct call *call = model_focus(&view->app->model);

	self(view)->call_id = call ? call->id : 0;
	pick_open(&self(view)->pick, view);
	if (arg)
		pick_paste(&self(view)->pick, arg);
	else if (call && model_other(&view->app->model) && json_array_size(self(view)->pick.found))
		self(view)->pick.at = 0;                /* most likely it was dialled for this */
}

static void transfer_close(struct view *view)
{
	pick_close(&self(view)->pick);
}

static void transfer_news(struct view *view, const char *event, const json_t *data)
{
	struct app *app = view->app;

	(void)data;
	pick_find(&self(view)->pick);
	if (event && !model_call(&app->model, self(view)->call_id))
		app_close_modal(app, view);
}

/* ---- the order -------------------------------------------------------------------------------------------------- */

/* Both calls are there: the party of one is given to that of the other. */
static void connect_two(struct transfer *transfer, const struct picked *who)
{
	struct app *app = transfer->view.app;
	const struct call *call = model_call(&app->model, transfer->call_id),
		*other = model_call(&app->model, who->call_id);
	bool dialled_for = call && other && call->consults == other->id;
	const struct call *first = dialled_for ? other : call, *second = dialled_for ? call : other;

	if (!first || !second)
		return;
	app_gated(app, "call.transfer",
		json_pack("{s:I, s:s, s:b}", "call", (json_int_t)first->id, "to", second->number, "attended", 1),
		who->name);
}

static void order(struct transfer *transfer, bool ask_first)
{
	struct app *app = transfer->view.app;
	struct picked who;
	json_t *params;

	if (!pick_who(&transfer->pick, &who)) {
		app_say(app, STYLE_WARN, "Type or choose whom the call goes to");
		return;
	}
	if (who.call_id) {
		connect_two(transfer, &who);
	} else {
		params = json_pack("{s:I, s:s}", "call", (json_int_t)transfer->call_id, "to", who.to);
		if (ask_first)
			json_object_set_new(params, "consult", json_true());
		if (who.customer_id)
			json_object_set_new(params, "customer_id", json_integer(who.customer_id));
		app_gated(app, "call.transfer", params, who.name);
	}
	app_close_modal(app, &transfer->view);
}

/* ---- the window ------------------------------------------------------------------------------------------------- */

static void transfer_draw(struct view *view, struct area all)
{
	struct transfer *transfer = self(view);
	const struct call *call = model_call(&view->app->model, transfer->call_id);
	struct picked who;
	bool some = pick_who(&transfer->pick, &who), other = some && who.call_id;
	char title[200], number[80];
	struct area in;
	int x, y;

	(void)all;
	snprintf(title, sizeof(title), "Transfer %.100s", call ? party(view->app, call, number) : "");
	in = draw_window(HEIGHT, WIDTH, STYLE_TITLE, title);
	pick_draw(&transfer->pick, in, "To", transfer->focus == 0);
	y = in.y + in.h - 3;
	draw_wrap((struct area){y, in.x, 1, in.w}, STYLE_DIM, other ?
		"The two are connected, and both calls leave you." :
		transfer->focus == ASK ? "The call waits on hold while you talk; then transfer it again." :
		"At once: it leaves you, and comes back when nobody takes it.");
	y += 2;
	x = in.x;
	x += draw_button(y, x, other ? "Connect them" : "At once", transfer->focus == NOW, some, NOW) + 2;
	if (!other)
		x += draw_button(y, x, "Ask first", transfer->focus == ASK, some, ASK) + 2;
	draw_button(y, x, "Cancel", false, true, HOT_REQUEST + REQ_BACK);
}

static bool transfer_key(struct view *view, keycode key)
{
	struct transfer *transfer = self(view);

	if (transfer->focus && (key == K_LEFT || key == K_RIGHT)) {
		transfer->focus = transfer->focus == NOW ? ASK : NOW;
		return true;
	}
	if (transfer->focus && !key_is_typed(key) && key != K_UP && key != K_DOWN)
		return false;
	transfer->focus = 0;
	return pick_key(&transfer->pick, key);
}

static bool transfer_request(struct view *view, enum request request)
{
	struct transfer *transfer = self(view);
	struct picked who;

	if (request == REQ_NEXT_FIELD)
		transfer->focus = (transfer->focus + 1) % FOCUSES;
	else if (request == REQ_ACCEPT && !transfer->focus && pick_who(&transfer->pick, &who))
		transfer->focus = NOW;                  /* no Enter of a hurry sends a call away */
	else if (request == REQ_ACCEPT)
		order(transfer, transfer->focus == ASK);
	else
		return false;
	return true;
}

static void transfer_paste(struct view *view, const char *text)
{
	self(view)->focus = 0;
	pick_paste(&self(view)->pick, text);
}

static void transfer_click(struct view *view, int what, bool twice)
{
	(void)twice;
	if (what >= PICK_HOT)
		pick_click(&self(view)->pick, what);
	else
		order(self(view), what == ASK);
}

static void transfer_wheel(struct view *view, int lines)
{
	pick_key(&self(view)->pick, lines < 0 ? K_UP : K_DOWN);
}

static const char *transfer_brief(struct view *view, enum request request)
{
	const struct transfer *transfer = self(view);
	struct picked who;
	bool some = pick_who(&transfer->pick, &who);

	return view_brief(request, !some ? "" : transfer->focus == ASK ? "ask first" : transfer->focus ? "transfer" :
		"go on", "next", "cancel");
}

static bool transfer_types(struct view *view)
{
	(void)view;
	return true;
}

const struct view_class modal_transfer = {
	.name = "transfer", .place = PLACE_MODAL, .size = sizeof(struct transfer), .open = transfer_open,
	.close = transfer_close,
	.draw = transfer_draw, .key = transfer_key, .paste = transfer_paste, .request = transfer_request,
	.click = transfer_click, .wheel = transfer_wheel, .news = transfer_news,
	.brief = transfer_brief, .types = transfer_types,
};
