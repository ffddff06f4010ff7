/* pick.c - whom a call goes to. */
#include "pick.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/str.h"
#include "view.h"

enum { TEXT_MOST = 80, SEARCH_LEAST = 2, FOUND_MOST = 20 };

/* ---- finding ---------------------------------------------------------------------------------------------------- */

static bool holds(const char *text, const char *part)
{
	return !*part || strcasestr(text, part);
}

static void add(struct pick *pick, const char *name, const char *to, const char *remark, int64_t call_id,
	int64_t customer_id)
{
	if (json_array_size(pick->found) < FOUND_MOST)
		json_array_append_new(pick->found,
			json_pack("{s:s, s:s, s:s, s:I, s:I}", "name", name, "to", to, "remark", remark,
			"call_id", (json_int_t)call_id, "customer_id", (json_int_t)customer_id));
}

/* The agent's other calls: they need not be dialled. */
static void find_calls(struct pick *pick)
{
	struct model *model = &pick->app->model;
	const struct call *focus = model_focus(model);
	char number[80];

	for (int i = 0; i < model->call_count; i++) {
		const struct call *call = &model->calls[i];
		const char *name = model_customer_name(model, call->customer_id);

		if (focus && focus->conference && call->conference == focus->conference)
			continue;                       /* they are together already */
		text_number(call->number, number);
		if (call != focus && call_is_up(call) &&
			(holds(name, pick->text.text) || holds(number, pick->text.text)))
			add(pick, *name ? name : number, call->number, call->held ? "your call on hold" :
				"your other call", call->id,
				call->customer_id);
	}
}

static void find_agents(struct pick *pick)
{
	struct model *model = &pick->app->model;
	json_t *session;
	const char *user;

	json_object_foreach(model->team, user, session) {
		char remark[200], words[80];

		if (!strcmp(user, model->user) || !holds(user, pick->text.text))
			continue;
		snprintf(remark, sizeof(remark), "at %.80s, %s", j_text(session, "station"),
			text_words(j_text(session, "state"), words));
		add(pick, user, user, remark, 0, 0);
	}
}

static void find_customers(struct pick *pick)
{
	json_t *customer;
	size_t i;

	json_array_foreach(pick->customers, i, customer) {
		const char *phone = json_string_value(json_array_get(json_object_get(customer, "phones"), 0));
		char number[80];

		if (phone && pick->text.len >= SEARCH_LEAST)
			add(pick, j_text(customer, "name"), phone, text_number(phone, number), 0,
				j_int(customer, "id"));
	}
}

void pick_find(struct pick *pick)
{
	json_array_clear(pick->found);
	find_calls(pick);
	find_agents(pick);
	find_customers(pick);
	if (pick->at >= (int)json_array_size(pick->found))
		pick->at = (int)json_array_size(pick->found) - 1;
	pick->app->dirty = true;
}

static void ask(struct pick *pick);

static void on_customers(void *arg, int64_t tag, const struct answer *answer)
{
	struct pick *pick = (struct pick *)(intptr_t)tag;

	(void)arg;
	pick->asking = false;
	json_decref(pick->customers);
	pick->customers = json_incref(json_object_get(answer->result, "items"));
	if (pick->again)
		ask(pick);
	pick_find(pick);
}

/* By a part of the name; a text that begins like a number finds nobody by it. */
static void ask(struct pick *pick)
{
	pick->again = pick->asking;
	if (pick->asking || pick->text.len < SEARCH_LEAST)
		return;
	pick->asking = true;
	app_ask(pick->app, "customer.list", json_pack("{s:s, s:i}", "search", pick->text.text, "limit", PICK_ROWS),
		on_customers,
		pick->owner, (intptr_t)pick);
}

/* ---- the field -------------------------------------------------------------------------------------------------- */

void pick_open(struct pick *pick, struct view *owner)
{
	*pick = (struct pick){.app = owner->app, .owner = owner, .found = json_array(), .at = -1};
	edit_init(&pick->text, TEXT_MOST);
	pick_find(pick);
}

void pick_close(struct pick *pick)
{
	edit_free(&pick->text);
	json_decref(pick->found);
	json_decref(pick->customers);
}

static void draw_found(struct pick *pick, int i, int y, struct area in)
{
	const json_t *found = json_array_get(pick->found, (size_t)i);
	bool here = i == pick->at;
	enum style style = here ? STYLE_SELECTED : STYLE_TEXT;

	draw_row(y, in.x, in.w, here, PICK_HOT + 1 + i);
	draw_text(y, in.x, 1, style, here ? sym(SYM_HERE) : " ");
	draw_text(y, in.x + 2, in.w / 2 - 3, style, j_text(found, "name"));
	draw_text(y, in.x + in.w / 2, in.w - in.w / 2, here ? style : STYLE_DIM, j_text(found, "remark"));
}

void pick_draw(struct pick *pick, struct area in, const char *label, bool focus)
{
	int w = (int)strlen(label) + 2, count = (int)json_array_size(pick->found);
	int top = pick->at >= PICK_ROWS ? pick->at - PICK_ROWS + 1 : 0;

	draw_text(in.y, in.x, w, focus ? STYLE_TITLE : STYLE_DIM, label);
	draw_edit((struct area){in.y, in.x + w, 1, in.w - w}, &pick->text, focus && pick->at < 0, false);
	draw_hot((struct area){in.y, in.x, 1, in.w}, PICK_HOT);
	for (int i = 0; i < PICK_ROWS && top + i < count; i++)
		draw_found(pick, top + i, in.y + 2 + i, in);
	if (!count)
		draw_text(in.y + 2, in.x, in.w, STYLE_DIM, pick->text.len ?
			"Nobody is found: the number or login is taken as typed" :
			"Type a number, a login, or a part of a customer's name");
}

static void typed(struct pick *pick)
{
	pick->at = -1;
	ask(pick);
	pick_find(pick);
}

bool pick_key(struct pick *pick, keycode key)
{
	if (key == K_UP || key == K_DOWN) {
		pick->at += key == K_DOWN ? 1 : pick->at >= 0 ? -1 : 0;
		if (pick->at >= (int)json_array_size(pick->found))
			pick->at = (int)json_array_size(pick->found) - 1;
		return true;
	}
	if (!edit_key(&pick->text, key))
		return false;
	typed(pick);
	return true;
}

void pick_paste(struct pick *pick, const char *text)
{
	edit_insert(&pick->text, text);
	typed(pick);
}

void pick_click(struct pick *pick, int what)
{
	pick->at = what - PICK_HOT - 1;
}

bool pick_who(const struct pick *pick, struct picked *who)
{
	const json_t *found = pick->at < 0 ? NULL : json_array_get(pick->found, (size_t)pick->at);

	if (found)
		*who = (struct picked){j_text(found, "name"), j_text(found, "to"), j_int(found, "call_id"),
			j_int(found, "customer_id")};
	else
		*who = (struct picked){pick->text.text, pick->text.text, 0, 0};
	return *who->to;
}
