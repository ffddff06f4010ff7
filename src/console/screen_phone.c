/* screen_phone.c - the phone: the calls, the number, and the customer of the call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "card.h"
#include "view.h"

#define DIGITS "0123456789+*#()-. "             /* of numbers; behind an @ comes an agent's login */
#define WORDS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,;:/"
enum { NUMBER_MOST = 60, NUMBER = 1000, LEAST_DB = -60, STATE_WIDTH = 19, WIDE = 110, WHOLE = 10,
	ENDS_MS = 5 * 60 * 1000 + 2000 };

struct phone {
	struct view view;
	struct edit number;
	char asked[NUMBER_MOST + 1];        /* the whole number whose customer was asked for last, or "" */
	int64_t known;                      /* that customer; 0: nobody, or not answered yet */
	bool answered;
};

static struct phone *self(struct view *view)
{
	return (struct phone *)view;
}

static void phone_open(struct view *view, const void *arg)
{
	(void)arg;
	edit_init(&self(view)->number, NUMBER_MOST);
	self(view)->number.only = DIGITS "@";
}

static void phone_close(struct view *view)
{
	edit_free(&self(view)->number);
}

/* ---- the calls --------------------------------------------------------------------------------------------------- */

static const char *state_words(struct app *app, const struct call *call, char out[80])
{
	const struct call *partner = model_partner(&app->model, call);

	if (*call->transfer_to)
		return "transferring";
	if (!strcmp(call->state, "active"))
		return call->conference ? "conference" : "talking";
	if (call->held)
		return partner ? "waits on hold" : "on hold";
	if (call->inbound)
		return "calls you";
	if (!strcmp(call->state, "early"))
		return "ringing";
	return text_words(call->state, out);
}

static enum style state_style(const struct call *call)
{
	return call->held ? STYLE_WARN : call->answered_ms ? STYLE_GOOD : STYLE_ACCENT;
}

/* "rec", or how long it is paused. */
static int draw_recording(const struct call *call, int y, int x, int w)
{
	char time[TEXT_TIME];

	if (call->record_paused && call->record_resumes_ms)
		return draw_textf(y, x, w, STYLE_WARN, "rec paused %s",
			text_duration(call->record_resumes_ms - clock_now_ms() + 999, time));
	if (call->record_paused)
		return draw_text(y, x, w, STYLE_WARN, "rec paused");
	if (call->record_failed)
		return draw_text(y, x, w, STYLE_BAD, "not recorded");
	return call->recording ? draw_text(y, x, w, STYLE_BAD, sym(SYM_REC)) : 0;
}

/* "to +1 415 555 0102: rings" */
static int draw_transfer(const struct call *call, int y, int x, int w)
{
	char number[80];

	return draw_textf(y, x, w, STYLE_ACCENT, "to %s%s", text_number(call->transfer_to, number),
		call->transfer_code >= 180 &&
		call->transfer_code < 200 ? ": rings" : "");
}

static void draw_marks(const struct call *call, int y, int x, int w)
{
	const int end = x + w;
	char codec[32], time[TEXT_TIME];
	int used;

	if (*call->transfer_to)
		x += draw_transfer(call, y, x, end - x) + 2;
	if (call->ends_ms && call->ends_ms - clock_now_ms() < ENDS_MS)
		x += draw_textf(y, x, end - x, STYLE_BAD, "ends in %s",
			text_duration(call->ends_ms - clock_now_ms() + 999, time)) + 2;
	if (call->muted)
		x += draw_text(y, x, end - x, STYLE_WARN, "muted") + 2;
	used = draw_recording(call, y, x, end - x);
	x += used ? used + 2 : 0;
	if (call->encrypted)
		x += draw_text(y, x, end - x, STYLE_GOOD, sym(SYM_LOCK)) + 2;
	if (call->forced)
		x += draw_text(y, x, end - x, STYLE_WARN, "acknowledged") + 2;
	snprintf(codec, sizeof(codec), "%.*s", (int)strcspn(call->codec, "/"), call->codec);
	if (end - x >= (int)strlen(codec))
		draw_text(y, x, end - x, STYLE_DIM, codec);
}

/* "you ######..": how loud, from silence to the most there is. */
static int draw_level(int y, int x, int w, const char *label, int db, bool off)
{
	int used = draw_text(y, x, w, STYLE_DIM, label) + 1, most = 1000 * (db - LEAST_DB) / -LEAST_DB;

	draw_bar(y, x + used, w - used, off || db == LEVEL_NONE ? 0 : most, db > -3 ? STYLE_WARN : STYLE_METER);
	return w;
}

/* The sound of the call that is marked: both levels, and what the line is worth. */
static void draw_sound(const struct call *call, int y, int x, int w)
{
	int mos = call->mos_x100, meter = (w - 9) / 2 - 2;
	enum style style = mos >= 360 ? STYLE_GOOD : mos >= 310 ? STYLE_WARN : STYLE_BAD;

	x += draw_level(y, x, meter, "you", call->sent, call->muted || call->held) + 2;
	x += draw_level(y, x, meter, "them", call->heard, call->held) + 2;
	if (call->one_way)
		draw_text(y, x, 9, STYLE_BAD, "no sound");
	else if (mos)
		draw_textf(y, x, 9, style, "MOS %d.%d", mos / 100, mos % 100 / 10);
}

static int draw_call(struct app *app, const struct call *call, int what, bool here, struct area in)
{
	const char *name = model_customer_name(&app->model, call->customer_id);
	int64_t since = call->answered_ms ? call->answered_ms : call->started_ms;
	bool sound = here && call_is_up(call);
	char number[80], words[80], time[TEXT_TIME], state[128];
	int used;

	text_number(*call->number ? call->number : "number withheld", number);
	snprintf(state, sizeof(state), "%s  %s", state_words(app, call, words),
		text_duration(clock_now_ms() - since, time));
	draw_text(in.y, in.x, 1, STYLE_ACCENT, here ? sym(SYM_HERE) : " ");
	draw_text(in.y, in.x + 2, in.w - STATE_WIDTH - 3, here ? STYLE_STRONG : STYLE_TEXT, *name ? name : number);
	draw_right(in.y, in.x + in.w - STATE_WIDTH, STATE_WIDTH, state_style(call), state);
	draw_text(in.y + 1, in.x + 2, 2, STYLE_DIM, sym(call->inbound ? SYM_IN : SYM_OUT));
	used = draw_text(in.y + 1, in.x + 5, 18, STYLE_DIM, call->internal ? "an agent" : *name ? number : "");
	draw_marks(call, in.y + 1, in.x + (used ? 22 : 5), in.w - (used ? 22 : 5));
	if (sound)
		draw_sound(call, in.y + 2, in.x + 5, in.w - 5);
	draw_hot((struct area){in.y, in.x, sound ? 3 : 2, in.w}, what);
	return sound ? 3 : 2;
}

/* What there is to do then. */
static void draw_no_call(struct app *app, struct area in)
{
	const struct model *model = &app->model;
	char customers[16], history[16];
	int rows = draw_wrap(in, STYLE_DIM, !model->has_session ? "You are not logged in." :
		model->session.state == AGENT_PAUSED ? "You are paused: no call comes to you, and you can dial." :
		model->session.dnd ? "Do not disturb: callers hear busy, and you can dial." :
		"No call. Type a number, or wait for one.");

	if (!model->has_session || in.h < rows + 3)
		return;
	keys_name(&app->settings.keys, REQ_CUSTOMERS, customers);
	keys_name(&app->settings.keys, REQ_HISTORY, history);
	draw_textf(in.y + rows + 1, in.x, in.w, STYLE_DIM, "%s finds a customer.", customers);
	draw_textf(in.y + rows + 2, in.x, in.w, STYLE_DIM, "%s shows the calls before.", history);
}

/* With an empty row between them where there is room. */
static void draw_calls(struct app *app, struct area in)
{
	struct model *model = &app->model;
	const struct call *here = model_focus(model);
	bool airy = model->call_count * 3 + 1 <= in.h;
	int y = in.y, i;

	if (!model->call_count)
		draw_no_call(app, in);
	for (i = 0; i < model->call_count && y + 2 <= in.y + in.h; i++)
		y += draw_call(app, &model->calls[i], i, &model->calls[i] == here, (struct area){y, in.x, in.h, in.w}) +
			airy;
	if (i < model->call_count)
		draw_textf(in.y + in.h - 1, in.x, in.w, STYLE_DIM, "%d more", model->call_count - i);
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

static void draw_number(struct phone *phone, struct area in)
{
	struct app *app = phone->view.app;
	bool can = !model_refuses(&app->model, NEED_LINE);

	draw_text(in.y, in.x, 8, phone->number.len ? STYLE_TITLE : STYLE_DIM, "Number");
	draw_edit((struct area){in.y, in.x + 8, 1, in.w - 18}, &phone->number, app->model.has_session &&
		!app->dialling, false);
	draw_button(in.y, in.x + in.w - 8, "Dial", phone->number.len > 0, phone->number.len > 0 && can &&
		!app->dialling,
		HOT_REQUEST + REQ_DIAL);
	draw_hot((struct area){in.y, in.x, 1, in.w - 10}, NUMBER);
}

/* Whose card it is stands above it: before a call that of the number typed, else that of the call before. */
static void draw_right_side(struct phone *phone, struct area title, struct area in)
{
	struct app *app = phone->view.app;
	const struct call *call = model_focus(&app->model);
	const json_t *last = app->model.last_call;

	if (*phone->asked && phone->answered) {
		draw_text(title.y, title.x, title.w, STYLE_ACCENT, "Customer of this number");
		card_draw(app, in, phone->known);
	} else if (call) {
		draw_text(title.y, title.x, title.w, STYLE_DIM, "Customer");
		card_draw(app, in, call->customer_id);
	} else if (app->wrap_customer && app_find_modal(app, &modal_wrap_up)) {
		draw_text(title.y, title.x, title.w, STYLE_DIM, "Customer of the call");
		card_draw(app, in, app->wrap_customer);
	} else if (last && j_int(last, "customer_id")) {
		draw_text(title.y, title.x, title.w, STYLE_DIM, "Customer of the last call");
		card_draw(app, in, j_int(last, "customer_id"));
	} else {
		draw_text(title.y, title.x, title.w, STYLE_DIM, "Customer");
		draw_wrap(in, STYLE_DIM, "The customer of the call stands here.");
	}
}

static void draw_title(struct app *app, struct area in)
{
	const struct model *model = &app->model;

	draw_text(in.y, in.x, in.w, STYLE_DIM, "Calls");
	if (model->call_count > 1)
		draw_textf(in.y, in.x + 6, 8, STYLE_DIM, "%d of %d", model->call_count, MODEL_LINES);
	if (model->has_session && model->session.dnd)
		draw_right(in.y, in.x + in.w - 16, 16, STYLE_WARN, "do not disturb");
}

static void phone_draw(struct view *view, struct area in)
{
	struct phone *phone = self(view);
	int left = in.w >= WIDE ? in.w * 3 / 5 : in.w * 11 / 20;
	const int bottom = in.y + in.h - 1;

	if (view->app->number_done) {
		edit_set(&phone->number, "");
		phone->asked[0] = '\0';
		view->app->number_done = false;
	}
	if (in.w >= WIDE)
		draw_windows_within(left);
	draw_vline(in.y, left, in.h);
	draw_title(view->app, (struct area){in.y, 1, 1, left - 3});
	draw_calls(view->app, (struct area){in.y + 2, 1, in.h - 5, left - 3});
	draw_hline(bottom - 1, 0, left);
	draw_number(phone, (struct area){bottom, 1, 1, left - 2});
	draw_right_side(phone, (struct area){in.y, left + 2, 1, in.w - left - 3},
		(struct area){in.y + 2, left + 2, in.h - 2, in.w - left - 3});
}

/* ---- who has the number that is typed ---------------------------------------------------------------------------- */

static void on_known(void *arg, int64_t tag, const struct answer *answer)
{
	struct phone *phone = arg;

	(void)tag;
	phone->answered = !answer->err;
	phone->known = j_int(json_array_get(json_object_get(answer->result, "items"), 0), "id");
	app_want_card(phone->view.app, phone->known);
	phone->view.app->dirty = true;
}

/* What was typed changed: a number that may be whole is asked for. */
static void number_changed(struct phone *phone)
{
	const char *text = phone->number.text;
	int digits = 0;

	for (const char *s = text; *s; s++)
		digits += *s >= '0' && *s <= '9';
	if (*text == '@' || digits < WHOLE)
		text = "";
	if (!strcmp(text, phone->asked))
		return;
	link_forget(phone->view.app->link, phone);
	str_copy(phone->asked, sizeof(phone->asked), text);
	phone->answered = false;
	if (*text)
		app_ask(phone->view.app, "customer.list", json_pack("{s:s, s:i}", "phone", text, "limit", 1), on_known,
			phone, 0);
}

/* ---- keys -------------------------------------------------------------------------------------------------------- */

static bool phone_key(struct view *view, keycode key)
{
	struct phone *phone = self(view);
	bool taken;

	if (view->app->dialling)
		return false;
	if (phone->number.len == 0 && (key == ' ' || key == '.' || key == '-'))
		return false;
	phone->number.only = *phone->number.text == '@' ? NULL : phone->number.len ? DIGITS : DIGITS "@";
	taken = edit_key(&phone->number, key);
	if (taken && view->app->message_on_number)
		view->app->message[0] = '\0';
	number_changed(phone);
	return taken;
}

/* "Tel. (415) 555-0100 ext. 5, mornings": words before the number are no part of it, and nothing behind it is, lest the
 * digits of an extension or of a second number make another of it. */
static void phone_paste(struct view *view, const char *text)
{
	struct edit *number = &self(view)->number;
	char *one;

	if (!number->len)
		text += strcspn(text, "0123456789+*#(@");
	one = xstrdup(text);
	number->only = *(number->len ? number->text : one) == '@' ? NULL : DIGITS;
	if (number->only) {
		size_t len = strcspn(one, WORDS);

		while (one[len] && len && strchr(" (-.", one[len - 1]))
			len--;
		one[len] = '\0';
	}
	edit_insert(number, one);
	free(one);
	number_changed(self(view));
}

static void choose(struct app *app, int by)
{
	struct model *model = &app->model;
	const struct call *call = model_focus(model);
	int at = call ? (int)(call - model->calls) + by : 0;

	if (call && at >= 0 && at < model->call_count)
		model->chosen = model->calls[at].id;
	call = model_focus(model);
	if (call)
		app_want_card(app, call->customer_id);
}

/* Enter with no number: what the marked call is waiting for. */
static bool take_up(struct app *app)
{
	const struct call *call = model_focus(&app->model);

	if (call && call->held) {
		app_order(app, "call.resume", json_pack("{s:I}", "call", (json_int_t)call->id));
	} else if (call && call->inbound && !call->answered_ms) {
		app->aside = 0;
		app_follow_model(app);
	} else {
		return false;
	}
	return true;
}

static void dial(struct phone *phone)
{
	struct app *app = phone->view.app;

	if (!phone->number.len && take_up(app))
		return;
	if (*phone->number.text != '@' && !strpbrk(phone->number.text, "0123456789"))
		app_say(app, STYLE_WARN, "Type a number first");
	else if (!strcmp(phone->number.text, "@"))
		app_say(app, STYLE_WARN, "Type the login of the agent behind the @");
	else
		app_dial(app, phone->number.text + (*phone->number.text == '@'), 0);
}

static void clear(struct phone *phone)
{
	edit_set(&phone->number, "");
	number_changed(phone);
}

static bool phone_request(struct view *view, enum request request)
{
	struct phone *phone = self(view);

	switch (request) {
	case REQ_DIAL:  dial(phone); return true;
	case REQ_CLEAR: clear(phone); return true;
	case REQ_UP:    choose(view->app, -1); return true;
	case REQ_DOWN:  choose(view->app, 1); return true;
	case REQ_BACK:
		if (!phone->number.len)
			return false;
		clear(phone);
		return true;
	default:        return false;
	}
}

static void phone_click(struct view *view, int what, bool twice)
{
	struct app *app = view->app;
	bool again = what < app->model.call_count && model_focus(&app->model) == &app->model.calls[what];

	if (what < app->model.call_count) {
		app->model.chosen = app->model.calls[what].id;
		choose(app, 0);
		if (twice || again)
			take_up(app);
	}
}

static void phone_wheel(struct view *view, int lines)
{
	choose(view->app, lines < 0 ? -1 : 1);
}

/* Enter dials, or takes up what waits on the marked line. */
static const char *phone_brief(struct view *view, enum request request)
{
	const struct call *call = model_focus(&view->app->model);

	if (request != REQ_DIAL)
		return request == REQ_BACK && self(view)->number.len ? "clear" : NULL;
	return self(view)->number.len ? "dial" : !call ? "" : call->held ? "take up" : call->inbound &&
		!call->answered_ms ? "show it" : "";
}

/* A login, behind its @. */
static bool phone_types(struct view *view)
{
	return *self(view)->number.text == '@';
}

const struct view_class screen_phone = {
	.name = "Phone", .place = PLACE_PHONE, .size = sizeof(struct phone), .open = phone_open, .close = phone_close,
	.draw = phone_draw, .key = phone_key, .paste = phone_paste, .request = phone_request, .click = phone_click,
	.wheel = phone_wheel, .brief = phone_brief, .types = phone_types,
};
