/* screen_customers.c - the customers: found while their name is typed, with their card, and called. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/str.h"
#include "card.h"
#include "list.h"

enum { MARK, NAME, PHONE, FLAGS, STATE, COLUMNS, NUMBER_DIGITS = 10 };

static const struct column columns[COLUMNS] = {
	[MARK] = {"", 1, 0, false}, [NAME] = {"Name", 16, 3, false}, [PHONE] = {"Phone", 15, 0, false},
	[FLAGS] = {"Flags", 14, 2, false}, [STATE] = {"State", 5, 0, false},
};

/* A whole number finds who has it; other texts are parts of a name or of an external id. */
static bool is_number(const char *text)
{
	int digits = 0;

	for (; *text; text++)
		if (*text >= '0' && *text <= '9')
			digits++;
		else if (!strchr("+()-. ", *text))
			return false;
	return digits >= NUMBER_DIGITS;
}

static void customers_ask(struct list *list, json_t *params)
{
	const char *text = list->filter.text;

	if (*text)
		json_object_set_new(params, is_number(text) ? "phone" : "search", json_string(text));
}

static const char *first_phone(const json_t *customer)
{
	const char *phone = json_string_value(json_array_get(json_object_get(customer, "phones"), 0));

	return phone ? phone : "";
}

static enum style customers_cell(struct list *list, const json_t *customer, size_t column, char *out, size_t size)
{
	char text[80], *flags;

	(void)list;
	switch (column) {
	case NAME:      str_copy(out, size, j_text(customer, "name")); return STYLE_TEXT;
	case PHONE:     str_copy(out, size, text_number(first_phone(customer), text)); return STYLE_TEXT;
	case STATE:     str_copy(out, size, j_text(customer, "state")); return STYLE_DIM;
	default:        break;
	}
	flags = card_flags(customer);
	str_copy(out, size, column == FLAGS ? flags : *flags ? sym(SYM_WARN) : "");
	free(flags);
	return STYLE_BAD;
}

static void customers_chosen(struct list *list, const json_t *customer)
{
	app_want_card(list->view.app, j_int(customer, "id"));
}

static void customers_detail(struct list *list, const json_t *customer, struct area in)
{
	struct area card = in;
	const char *refusal = model_refuses(&list->view.app->model, NEED_LINE);

	card.h -= 2;
	card_draw(list->view.app, card, j_int(customer, "id"));
	draw_button(in.y + in.h - 1, in.x, "Call", !list->typing, !refusal, HOT_REQUEST + REQ_CALL_THIS);
}

static const struct list_class customers_list = {
	.method = "customer.list", .search = "search", .nothing = "There are no customers yet",
	.columns = columns, .count = COLUMNS,
	.beside = true, .ask = customers_ask, .cell = customers_cell, .detail = customers_detail,
	.chosen = customers_chosen,
};

static void customers_open(struct view *view, const void *arg)
{
	(void)arg;
	list_open((struct list *)view, &customers_list);
}

static void customers_show(struct view *view)
{
	struct list *list = (struct list *)view;

	list->typing = list->fresh = true;              /* the first thing that is done here is to search */
	list->whole = false;
	list_show(view);
}

static void call_customer(struct list *list)
{
	const json_t *customer = list_item(list);

	if (!*first_phone(customer))
		app_say(list->view.app, STYLE_WARN, "This customer has no number");
	else
		app_dial(list->view.app, first_phone(customer), j_int(customer, "id"));
}

static bool customers_request(struct view *view, enum request request)
{
	struct list *list = (struct list *)view;

	if (request == REQ_CALL_THIS) {
		call_customer(list);
		return true;
	}
	if (request == REQ_RELOAD)
		for (int i = 0; i < MODEL_CARDS; i++)
			view->app->model.cards[i].wanted = false;
	return list_request(view, request);
}

/* A call or a changed flag makes the card old: model.c says so. */
static void customers_news(struct view *view, const char *event, const json_t *data)
{
	struct list *list = (struct list *)view;

	(void)data;
	if (!event)
		list_reload(list);
	else if (list_item(list))
		customers_chosen(list, list_item(list));
}

const struct view_class screen_customers = {
	.name = "Customers", .place = PLACE_CUSTOMERS, .size = sizeof(struct list), .open = customers_open,
	.close = list_close,
	.show = customers_show, .draw = list_draw, .key = list_key, .paste = list_paste, .request = customers_request,
	.click = list_click, .wheel = list_wheel, .news = customers_news, .brief = list_brief,
	.types = list_types,
};
