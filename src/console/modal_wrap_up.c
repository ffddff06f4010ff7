/*
 * modal_wrap_up.c - after the call: the countdown, the dispositions with a key each, the notes.  It goes when the
 * disposition is saved and not before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "card.h"
#include "view.h"

enum { MOST = 35, NOTES_MOST = 16384, NOTES_ROWS = 4, SAVE = 1000, NOTES = 1001, WIDTH = 74 };

struct wrap_up {
	struct view view;
	int64_t call_id;
	struct deaf deaf;           /* since it turned to this call */
	json_t *call;               /* the call as call.show has it; NULL: not answered yet */
	int chosen;                 /* -1: none */
	bool in_notes, saving;
	bool saved;                 /* the engine has told that it is: there is nothing left to keep */
	struct edit notes;
};

/* The key of the n-th disposition. */
static char key_of(int n)
{
	return "1234567890abcdefghijklmnopqrstuvwxyz"[n];
}

static const json_t *dispo(const struct wrap_up *wrap, int n)
{
	return json_array_get(wrap->view.app->model.dispos, (size_t)n);
}

static int dispo_count(const struct wrap_up *wrap)
{
	size_t n = json_array_size(wrap->view.app->model.dispos);

	return n < MOST ? (int)n : MOST;
}

static void on_call(void *arg, int64_t id, const struct answer *answer)
{
	struct wrap_up *wrap = arg;

	if (answer->err || id != wrap->call_id)
		return;
	json_decref(wrap->call);
	wrap->call = json_incref((json_t *)answer->result);
	wrap->view.app->wrap_customer = j_int(wrap->call, "customer_id");
	app_want_card(wrap->view.app, wrap->view.app->wrap_customer);
	wrap->view.app->dirty = true;
}

static void ask_call(struct wrap_up *wrap)
{
	app_ask(wrap->view.app, "call.show", json_pack("{s:I}", "call", (json_int_t)wrap->call_id), on_call, wrap,
		wrap->call_id);
}

/* ---- what is not saved yet stays while the agent calls again or owes another call first ---- */

static void keep_draft(struct wrap_up *wrap)
{
	char key[24];

	if (!wrap->call_id || (!wrap->notes.len && wrap->chosen < 0))
		return;
	snprintf(key, sizeof(key), "%lld", (long long)wrap->call_id);
	json_object_set_new(wrap->view.app->drafts, key,
		json_pack("{s:i, s:s}", "chosen", wrap->chosen, "notes", wrap->notes.text));
}

static void take_draft(struct wrap_up *wrap)
{
	const json_t *draft;
	char key[24];

	snprintf(key, sizeof(key), "%lld", (long long)wrap->call_id);
	draft = json_object_get(wrap->view.app->drafts, key);
	wrap->chosen = draft ? (int)j_int(draft, "chosen") : -1;
	edit_set(&wrap->notes, draft ? j_text(draft, "notes") : "");
	json_object_del(wrap->view.app->drafts, key);
}

/* Turns to the call that is owed now; several may be, one after the other. */
static void turn_to(struct wrap_up *wrap, int64_t call_id)
{
	if (wrap->call_id == call_id)
		return;
	if (!wrap->saved)
		keep_draft(wrap);
	wrap->call_id = call_id;
	deaf_begin(&wrap->deaf, wrap->view.app->typed_at);
	wrap->view.app->view_changed = true;            /* to who looks, another window */
	wrap->in_notes = wrap->saving = wrap->saved = false;
	take_draft(wrap);
	json_decref(wrap->call);
	wrap->call = NULL;
	wrap->view.app->wrap_customer = 0;
	ask_call(wrap);
}

static void wrap_open(struct view *view, const void *arg)
{
	struct wrap_up *wrap = (struct wrap_up *)view;

	(void)arg;
	edit_init(&wrap->notes, NOTES_MOST);
	wrap->notes.lines = true;
	turn_to(wrap, view->app->model.session.wrap_call);
}

static void wrap_close(struct view *view)
{
	struct wrap_up *wrap = (struct wrap_up *)view;

	if (!wrap->saved)
		keep_draft(wrap);
	edit_free(&wrap->notes);
	json_decref(wrap->call);
}

static void wrap_news(struct view *view, const char *event, const json_t *data)
{
	struct wrap_up *wrap = (struct wrap_up *)view;
	char words[80];

	if (!event) {                                   /* connected again: the notes are still here */
		wrap->saving = false;
		if (!wrap->call)
			ask_call(wrap);
	} else if (!wrap->saved && !strcmp(event, "call.changed") && j_int(data, "id") == wrap->call_id &&
		   *j_text(data, "disposition")) {
		wrap->saved = true;
		if (!wrap->saving)
			app_say(view->app, STYLE_WARN, "Saved elsewhere: %s",
				text_words(j_text(data, "disposition"), words));
	}
	if (view->app->model.session.wrap_call)
		turn_to(wrap, view->app->model.session.wrap_call);
}

/* Who hung up himself waits for this window; anybody else may still be typing what was meant for something else. */
static bool is_expected(const struct wrap_up *wrap)
{
	const json_t *last = wrap->view.app->model.last_call;

	return j_int(last, "id") == wrap->call_id && !strcmp(j_text(last, "cause"), "agent_hangup");
}

/* ---- saving ----------------------------------------------------------------------------------------------------- */

/* The window may have gone meanwhile: the event comes before the answer. */
static void on_saved(void *arg, int64_t tag, const struct answer *answer)
{
	struct app *app = arg;
	struct wrap_up *wrap = (struct wrap_up *)app_find_modal(app, &modal_wrap_up);
	char words[80];

	(void)tag;
	if (wrap)
		wrap->saving = false;
	if (answer->err)
		app_fail(app, answer->err);
	else
		app_say(app, STYLE_GOOD, "Saved: %s", text_words(j_text(answer->result, "disposition"), words));
}

static void save(struct wrap_up *wrap)
{
	json_t *params;

	if (wrap->chosen < 0) {
		app_say(wrap->view.app, STYLE_WARN, "Choose what became of the call first: press its key");
		return;
	}
	if (wrap->saving || (!is_expected(wrap) && deaf_now(wrap->view.app, &wrap->deaf)))
		return;                                 /* that Enter was meant for what was there before */
	params = json_pack("{s:s, s:I}", "code", j_text(dispo(wrap, wrap->chosen), "code"), "call",
		(json_int_t)wrap->call_id);
	if (wrap->notes.len)
		json_object_set_new(params, "notes", json_string(wrap->notes.text));
	wrap->saving = true;
	app_ask(wrap->view.app, "dispo.save", params, on_saved, wrap->view.app, 0);
}

/* ---- drawing ---------------------------------------------------------------------------------------------------- */

static void draw_party(struct wrap_up *wrap, struct area in)
{
	struct model *model = &wrap->view.app->model;
	const char *name = model_customer_name(model, j_int(wrap->call, "customer_id"));
	char number[80], time[TEXT_TIME], talked[TEXT_TIME + 8];
	int x = in.x;

	if (!wrap->call)
		return;
	if (*name)
		x += draw_text(in.y, x, in.w - 17, STYLE_STRONG, name) + 2;
	draw_text(in.y, x, in.x + in.w - x, *name ? STYLE_TEXT : STYLE_STRONG,
		text_number(j_text(wrap->call, "number"), number));
	draw_text(in.y + 1, in.x, in.w - 17, STYLE_DIM, card_result(wrap->call, false));
	snprintf(talked, sizeof(talked), "talked %s", text_duration(j_int(wrap->call, "talk_seconds") * 1000, time));
	draw_right(in.y + 1, in.x + in.w - 16, 16, STYLE_DIM, talked);
}

static void draw_countdown(const struct wrap_up *wrap, struct area in)
{
	const struct session *session = &wrap->view.app->model.session;
	int64_t left = session->wrap_due_ms - clock_now_ms(), all = session->wrap_seconds * 1000;
	char text[64], time[TEXT_TIME];

	if (left > 0) {
		draw_bar(in.y, in.x, in.w - 20, all > 0 ? (int)(left * 1000 / all) : 0, left < all / 4 ? STYLE_WARN :
			STYLE_METER);
		snprintf(text, sizeof(text), "%s left", text_duration(left + 999, time));
		draw_right(in.y, in.x + in.w - 18, 18, STYLE_STRONG, text);
	} else {
		draw_bar(in.y, in.x, in.w - 20, 1000, STYLE_BAD);
		snprintf(text, sizeof(text), "overdue +%s", text_duration(-left, time));
		draw_right(in.y, in.x + in.w - 18, 18, STYLE_BAD, text);
	}
}

static void draw_dispos(const struct wrap_up *wrap, struct area in)
{
	int count = dispo_count(wrap), width = in.w / 3;

	for (int i = 0; i < count; i++) {
		int y = in.y + i % in.h, x = in.x + i / in.h * width;
		bool chosen = i == wrap->chosen;

		if (x + width > in.x + in.w + 2)
			break;
		draw_hot((struct area){y, x, 1, width - 1}, i);
		if (chosen)
			draw_row(y, x, width - 1, true, i);
		draw_textf(y, x, 2, chosen ? STYLE_SELECTED : STYLE_ACCENT, "%c", key_of(i));
		draw_text(y, x + 2, width - 4, chosen ? STYLE_SELECTED : STYLE_TEXT, j_text(dispo(wrap, i), "label"));
		if (chosen)
			draw_text(y, x + width - 3, 1, STYLE_SELECTED, sym(SYM_TICK));
	}
}

static void wrap_draw(struct view *view, struct area all)
{
	struct wrap_up *wrap = (struct wrap_up *)view;
	int rows = (dispo_count(wrap) + 2) / 3, notes = NOTES_ROWS;
	struct area in;
	char title[64];
	int y;

	wrap->deaf.drawn = true;
	rows = rows < 4 ? 4 : rows;
	if (all.h > 30)
		notes += 4;
	if (view->app->model.session.owed > 1)
		snprintf(title, sizeof(title), "Wrap-up, %d more to do", (int)view->app->model.session.owed - 1);
	else
		snprintf(title, sizeof(title), "Wrap-up");
	in = draw_window(rows + notes + 10, WIDTH, STYLE_TITLE, title);
	draw_party(wrap, in);
	draw_countdown(wrap, (struct area){in.y + 2, in.x, 1, in.w});
	draw_dispos(wrap, (struct area){in.y + 4, in.x, rows, in.w});
	y = in.y + 5 + rows;
	draw_text(y, in.x, in.w, wrap->in_notes ? STYLE_TITLE : STYLE_DIM, wrap->in_notes ? "Notes" : "Notes (Tab)");
	draw_edit((struct area){y + 1, in.x, notes, in.w}, &wrap->notes, wrap->in_notes, false);
	draw_hot((struct area){y + 1, in.x, notes, in.w}, NOTES);
	y += notes + 2;
	draw_button(y, in.x, wrap->saving ? "Saving" : "Save", !wrap->in_notes && wrap->chosen >= 0, wrap->chosen >= 0,
		SAVE);
	draw_button(y, in.x + 10, "Call again", false, true, HOT_REQUEST + REQ_REDIAL);
	draw_right(y, in.x + 26, in.w - 26, STYLE_DIM, wrap->in_notes ? "Tab goes back to the outcomes" :
		wrap->chosen < 0 ? "A key chooses, Enter saves" : "Enter saves, for good");
}

/* ---- keys ------------------------------------------------------------------------------------------------------- */

static void choose(struct wrap_up *wrap, int n)
{
	if (n >= 0 && n < dispo_count(wrap))
		wrap->chosen = n;
}

static bool wrap_key(struct view *view, keycode key)
{
	struct wrap_up *wrap = (struct wrap_up *)view;
	int count = dispo_count(wrap);

	if (!wrap->in_notes && key_is_typed(key) && !is_expected(wrap) && deaf_to_key(view->app, &wrap->deaf))
		return true;
	if (wrap->in_notes)
		return edit_key(&wrap->notes, key);
	if (key == K_DOWN || key == K_UP) {
		choose(wrap, wrap->chosen < 0 ? 0 :
			(wrap->chosen + (key == K_DOWN ? 1 : count - 1)) % (count ? count : 1));
		return true;
	}
	for (int i = 0; i < count; i++)
		if (key == (keycode)key_of(i)) {
			choose(wrap, i);
			return true;
		}
	return false;
}

static void wrap_paste(struct view *view, const char *text)
{
	struct wrap_up *wrap = (struct wrap_up *)view;

	wrap->in_notes = true;
	edit_insert(&wrap->notes, text);
}

static bool wrap_request(struct view *view, enum request request)
{
	struct wrap_up *wrap = (struct wrap_up *)view;

	if (request == REQ_NEXT_FIELD)
		wrap->in_notes = !wrap->in_notes;
	else if (request == REQ_ACCEPT)
		save(wrap);
	else if (request == REQ_REDIAL)
		app_gated(view->app, "call.redial", NULL, j_text(wrap->call, "number"));
	else if (request == REQ_BACK && wrap->in_notes)
		wrap->in_notes = false;
	else if (request == REQ_BACK)
		app_say(view->app, STYLE_WARN, "Choose an outcome and save it: a call is not done before");
	else
		return false;
	return true;
}

static void wrap_click(struct view *view, int what, bool twice)
{
	struct wrap_up *wrap = (struct wrap_up *)view;

	(void)twice;
	wrap->in_notes = what == NOTES;
	if (what == SAVE)
		save(wrap);
	else if (what != NOTES)
		choose(wrap, what);
}

static bool wrap_ticks(struct view *view)
{
	(void)view;
	return true;
}

static const char *wrap_brief(struct view *view, enum request request)
{
	const struct wrap_up *wrap = (struct wrap_up *)view;

	return view_brief(request, wrap->in_notes || wrap->chosen < 0 ? "" : "save", wrap->in_notes ? "outcome" :
		"notes", "");
}

static bool wrap_types(struct view *view)
{
	return ((struct wrap_up *)view)->in_notes;
}

const struct view_class modal_wrap_up = {
	.name = "wrap-up", .place = PLACE_MODAL | PLACE_WRAP_UP, .size = sizeof(struct wrap_up), .open = wrap_open,
	.close = wrap_close,
	.draw = wrap_draw, .key = wrap_key, .paste = wrap_paste, .request = wrap_request, .click = wrap_click,
		.news = wrap_news,
	.ticks = wrap_ticks, .brief = wrap_brief, .types = wrap_types,
};
