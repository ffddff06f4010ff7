/* modal_conference.c - who is in the call, somebody more, and how the agent leaves it. */
#include <stdio.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "modals.h"
#include "pick.h"
#include "view.h"

enum { WIDTH = 72, PARTIES = 6, ADD = 1, DROP = 2, CONNECT = 3, END = 4, PARTY = 100 };

struct conference {
	struct view view;
	int64_t call_id;            /* of the call that it was opened for */
	struct pick pick;
	int focus;                  /* 0: the field, then the buttons */
	int at;                     /* the party that is marked */
	bool was_on;                /* there was a conference: the window goes with it */
};

static struct conference *self(struct view *view)
{
	return (struct conference *)view;
}

/* ---- who is in it ----------------------------------------------------------------------------------------------- */

/* The parties: the calls of the conference, or the one call that it would begin with.  How many. */
static int parties(struct conference *conference, const struct call *out[PARTIES])
{
	struct model *model = &conference->view.app->model;
	const struct call *call = model_call(model, conference->call_id);
	int n = 0;

	for (int i = 0; i < model->call_count && n < PARTIES; i++)
		if (call && (&model->calls[i] == call ||
			(call->conference && model->calls[i].conference == call->conference)))
			out[n++] = &model->calls[i];
	return n;
}

static bool is_on(struct conference *conference)
{
	const struct call *call = model_call(&conference->view.app->model, conference->call_id);

	return call && call->conference;
}

static bool can(struct conference *conference, int what)
{
	const struct call *calls[PARTIES];
	int n = parties(conference, calls);
	struct picked who;

	switch (what) {
	case ADD:       return n < PARTIES && pick_who(&conference->pick, &who);
	case DROP:      return n > 1;
	case CONNECT:   return n == 2 && is_on(conference);
	default:        return is_on(conference);
	}
}

/* Before there is a conference, somebody is added and that is all. */
static int last_button(struct conference *conference)
{
	return is_on(conference) ? END : ADD;
}

static void conference_open(struct view *view, const void *arg)
{
	const struct call *call = model_focus(&view->app->model);

	self(view)->call_id = call ? call->id : 0;
	pick_open(&self(view)->pick, view);
	self(view)->was_on = is_on(self(view));
	if (arg)                                        /* the agent wants to leave: that is what it asks about */
		self(view)->focus = CONNECT;
}

static void conference_close(struct view *view)
{
	pick_close(&self(view)->pick);
}

/* The call that it was opened for may end while others of the conference go on. */
static void conference_news(struct view *view, const char *event, const json_t *data)
{
	struct conference *conference = self(view);
	struct model *model = &view->app->model;

	(void)event;
	(void)data;
	if (!model_call(model, conference->call_id)) {
		const struct call *call = model_focus(model);

		conference->call_id = call ? call->id : 0;
		conference->at = 0;
	}
	pick_find(&conference->pick);
	if (conference->was_on && !is_on(conference))
		app_close_modal(view->app, view);
	else
		conference->was_on = is_on(conference);
}

/* ---- orders ----------------------------------------------------------------------------------------------------- */

static void add(struct conference *conference)
{
	struct app *app = conference->view.app;
	json_t *params = json_pack("{s:I}", "call", (json_int_t)conference->call_id);
	struct picked who;

	if (!pick_who(&conference->pick, &who)) {
		app_say(app, STYLE_WARN, "Type or choose who is added");
		json_decref(params);
		return;
	}
	if (who.call_id)
		json_object_set_new(params, "with", json_integer(who.call_id));
	else
		json_object_set_new(params, "to", json_string(who.to));
	if (who.customer_id)
		json_object_set_new(params, "customer_id", json_integer(who.customer_id));
	app_gated(app, "call.conference_add", params, who.name);
	app_close_modal(app, &conference->view);
}

static void drop(struct conference *conference)
{
	const struct call *calls[PARTIES];
	int n = parties(conference, calls);

	if (conference->at < n)
		app_order(conference->view.app, "call.conference_drop",
			json_pack("{s:I}", "call", (json_int_t)calls[conference->at]->id));
}

static void order(struct conference *conference, int what)
{
	struct app *app = conference->view.app;

	if (what == ADD) {
		add(conference);
	} else if (!can(conference, what)) {
		app_say(app, STYLE_WARN, what == CONNECT ? "Only two who are in a conference can be connected" :
			"There is no conference yet");
	} else if (what == DROP) {
		drop(conference);
	} else {
		app_order(app, "call.conference_end", json_pack("{s:s}", "how", what == CONNECT ? "transfer" : "end"));
		app_close_modal(app, &conference->view);
	}
}

/* ---- the window ------------------------------------------------------------------------------------------------- */

static void draw_party(struct conference *conference, const struct call *call, int i, struct area in)
{
	struct model *model = &conference->view.app->model;
	const char *name = model_customer_name(model, call->customer_id);
	bool here = conference->focus == DROP && i == conference->at;
	enum style style = here ? STYLE_SELECTED : STYLE_TEXT;
	char number[80], words[80], time[TEXT_TIME];

	text_number(call->number, number);
	draw_row(in.y + i, in.x, in.w, here, PARTY + i);
	draw_text(in.y + i, in.x, 1, style, here ? sym(SYM_HERE) : " ");
	draw_text(in.y + i, in.x + 2, 26, style, *name ? name : number);
	draw_text(in.y + i, in.x + 29, 17, here ? style : STYLE_DIM, call->internal ? "an agent" : number);
	draw_textf(in.y + i, in.x + 47, in.w - 47, here ? style : STYLE_GOOD, "%s %s",
		!strcmp(call->state, "active") ? "in" : call->held ? "on hold" : text_words(call->state, words),
		text_duration(clock_now_ms() - (call->answered_ms ? call->answered_ms : call->started_ms), time));
}

static void draw_buttons(struct conference *conference, struct area in)
{
	static const char *const labels[] = {[ADD] = "Add", [DROP] = "Drop", [CONNECT] = "Leave them to each other",
		[END] = "End all"};
	int x = in.x;

	for (int what = ADD; what <= last_button(conference); what++)
		x += draw_button(in.y, x, labels[what], conference->focus == what, can(conference, what), what) + 1;
	draw_button(in.y, x, "Close", false, true, HOT_REQUEST + REQ_BACK);
}

static void conference_draw(struct view *view, struct area all)
{
	struct conference *conference = self(view);
	const struct call *calls[PARTIES];
	int n = parties(conference, calls);
	struct area in = draw_window(n + PICK_ROWS + 9, WIDTH, STYLE_TITLE, is_on(conference) ? "Conference" :
		"Add to the call");

	(void)all;
	for (int i = 0; i < n; i++)
		draw_party(conference, calls[i], i, in);
	pick_draw(&conference->pick, (struct area){in.y + n + 1, in.x, PICK_ROWS + 2, in.w}, "Add",
		conference->focus == 0);
	draw_text(in.y + in.h - 3, in.x, in.w, STYLE_DIM, conference->focus == CONNECT ?
		"You leave, and the two go on with each other." :
		conference->focus == DROP ? "Up and Down choose who goes; the others go on." :
		conference->focus == END ? "Everybody is hung up." : "Whoever answers joins the call.");
	draw_buttons(conference, (struct area){in.y + in.h - 1, in.x, 1, in.w});
}

static bool conference_key(struct view *view, keycode key)
{
	struct conference *conference = self(view);
	const struct call *calls[PARTIES];
	int n = parties(conference, calls);

	if (conference->focus == DROP && (key == K_UP || key == K_DOWN)) {
		conference->at = (conference->at + (key == K_DOWN ? 1 : n - 1)) % (n ? n : 1);
		return true;
	}
	if (conference->focus && (key == K_LEFT || key == K_RIGHT)) {
		conference->focus += key == K_RIGHT ? conference->focus < last_button(conference) :
			-(conference->focus > ADD);
		return true;
	}
	if (conference->focus && !key_is_typed(key) && key != K_UP && key != K_DOWN)
		return false;
	conference->focus = 0;
	return pick_key(&conference->pick, key);
}

static bool conference_request(struct view *view, enum request request)
{
	struct conference *conference = self(view);

	if (request == REQ_NEXT_FIELD)
		conference->focus = (conference->focus + 1) % (last_button(conference) + 1);
	else if (request == REQ_ACCEPT)
		order(conference, conference->focus ? conference->focus : ADD);
	else
		return false;
	return true;
}

static void conference_paste(struct view *view, const char *text)
{
	self(view)->focus = 0;
	pick_paste(&self(view)->pick, text);
}

static void conference_click(struct view *view, int what, bool twice)
{
	struct conference *conference = self(view);

	(void)twice;
	if (what >= PICK_HOT) {
		pick_click(&conference->pick, what);
	} else if (what >= PARTY) {
		conference->at = what - PARTY;
		conference->focus = DROP;
	} else {
		order(conference, what);
	}
}

static const char *conference_brief(struct view *view, enum request request)
{
	static const char *const words[] = {[0] = "add", [ADD] = "add", [DROP] = "drop", [CONNECT] = "leave them",
		[END] = "end all"};
	struct conference *conference = self(view);
	int focus = conference->focus;

	return view_brief(request, can(conference, focus ? focus : ADD) ? words[focus] : "", "next", "close");
}

static bool conference_types(struct view *view)
{
	(void)view;
	return true;
}

const struct view_class modal_conference = {
	.name = "conference", .place = PLACE_MODAL, .size = sizeof(struct conference), .open = conference_open,
	.close = conference_close, .draw = conference_draw, .key = conference_key, .paste = conference_paste,
	.request = conference_request, .click = conference_click, .news = conference_news,
	.brief = conference_brief, .types = conference_types,
};
