/* screen_history.c - the calls that were, the newest first: one's own, or everybody's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/str.h"
#include "card.h"
#include "list.h"
#include "modals.h"

enum { TIME, WAY, NUMBER, CUSTOMER, AGENT, RESULT, TALK, DISPOSITION, COLUMNS };

static const struct column columns[COLUMNS] = {
	[TIME] = {"Time", 12, 0, false}, [WAY] = {"", 2, 0, false}, [NUMBER] = {"Number", 15, 0, false},
	[CUSTOMER] = {"Customer", 10, 4, false}, [AGENT] = {"Agent", 6, 1, false}, [RESULT] = {"Result", 9, 1, false},
	[TALK] = {"Talk", 5, 0, true}, [DISPOSITION] = {"Outcome", 10, 1, false},
};

struct history {
	struct list list;
	bool all;                   /* everybody's */
	int64_t playing;            /* the call whose recording is played, or 0 */
};

static struct history *self(struct list *list)
{
	return (struct history *)list;
}

/* Whose calls are asked for; "" for everybody's, as for an agent, whom the engine shows his own only. */
static const char *whose(struct list *list)
{
	const struct model *model = &list->view.app->model;

	return self(list)->all || !model_is_supervisor(model) ? "" : model->user;
}

/* ---- the lines -------------------------------------------------------------------------------------------------- */

static const char *history_title(struct list *list)
{
	const struct model *model = &list->view.app->model;

	return model_is_supervisor(model) && !*whose(list) ? "Everybody's calls" : "Your calls";
}

/* Whose they are is known where they are all one's own. */
static bool history_hides(struct list *list, size_t column)
{
	return column == AGENT && (*whose(list) || !model_is_supervisor(&list->view.app->model));
}

/* What a call is found by where the list has another word for it than the engine. */
static const char *engines_word(const char *typed)
{
	static const struct { const char *ours, *engines; } words[] = {
		{"answered", "hangup"}, {"no number", "not found"}, {"no reply", "no response"},
		{"logged out", "kicked"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(typed, words[i].ours))
			return words[i].engines;
	return typed;
}

static void history_ask(struct list *list, json_t *params)
{
	const char *typed = list->filter.text;

	json_object_set_new(params, "newest", json_true());
	if (!strcasecmp(typed, "owed"))
		json_object_set_new(params, "owed", json_true());
	else if (*typed)
		json_object_set_new(params, "search", json_string(engines_word(typed)));
	if (*whose(list))
		json_object_set_new(params, "user", json_string(whose(list)));
}

static bool history_holds(struct list *list, const json_t *call, const char *text)
{
	static const char *const fields[] = {"number", "user", "station", "disposition", "notes"};
	char number[80], words[80];

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcasestr(j_text(call, fields[i]), text))
			return true;
	return strcasestr(text_number(j_text(call, "number"), number), text) ||
		strcasestr(card_result(call, true), text) ||
		strcasestr(text_words(j_text(call, "disposition"), words), text) ||
		strcasestr(list_customer(list, j_int(call, "customer_id")), text);
}

static const char *talk(const json_t *call, char out[TEXT_TIME])
{
	out[0] = '\0';
	return *j_text(call, "answered_at") ? text_duration(j_int(call, "talk_seconds") * 1000, out) : out;
}

static enum style history_cell(struct list *list, const json_t *call, size_t column, char *out, size_t size)
{
	bool answered = *j_text(call, "answered_at"), inbound = !strcmp(j_text(call, "direction"), "inbound");
	char text[80];

	switch (column) {
	case TIME:      str_copy(out, size, list_time(list, j_time(call, "started_at"), false, text));
		return STYLE_TEXT;
	case WAY:       str_copy(out, size, sym(inbound ? SYM_IN : SYM_OUT)); return STYLE_DIM;
	case NUMBER:    str_copy(out, size, text_number(j_text(call, "number"), text)); return STYLE_TEXT;
	case CUSTOMER:  str_copy(out, size, list_customer(list, j_int(call, "customer_id"))); return STYLE_TEXT;
	case AGENT:     str_copy(out, size, j_text(call, "user")); return STYLE_DIM;
	case RESULT:    str_copy(out, size, card_result(call, true)); return answered ? STYLE_GOOD : STYLE_WARN;
	case TALK:      str_copy(out, size, talk(call, text)); return STYLE_TEXT;
	default:        break;
	}
	str_copy(out, size, text_words(j_text(call, "disposition"), text));
	if (!*out && *j_text(call, "acw_started_at")) {
		str_copy(out, size, "owed");
		return STYLE_WARN;
	}
	return STYLE_TEXT;
}

/* ---- the detail ------------------------------------------------------------------------------------------------- */

static void add_time(struct list *list, struct facts *facts, const char *label, const json_t *call, const char *field)
{
	char text[40];

	facts_add(facts, label, STYLE_TEXT, list_time(list, j_time(call, field), true, text));
}

static void add_result(struct facts *facts, const json_t *call)
{
	char text[300], words[80];

	if (j_int(call, "sip_code"))
		snprintf(text, sizeof(text), "%s (SIP %d%s%.100s)", card_result(call, false),
			(int)j_int(call, "sip_code"),
			*j_text(call, "sip_reason") ? " " : "", j_text(call, "sip_reason"));
	else
		str_copy(text, sizeof(text), card_result(call, false));
	facts_add(facts, "Result", STYLE_TEXT, text);
	facts_add(facts, "Talk", STYLE_TEXT, talk(call, words));
	facts_add(facts, "Outcome", STYLE_TEXT, text_words(j_text(call, "disposition"), words));
	facts_add(facts, "Notes", STYLE_STRONG, j_text(call, "notes"));
}

static void add_quality(struct facts *facts, const json_t *quality)
{
	double mos = json_number_value(json_object_get(quality, "mos")),
		loss = json_number_value(json_object_get(quality, "loss_pct"));
	char text[120];

	snprintf(text, sizeof(text), "MOS %.1f, %.1f %% lost%s", mos, loss, j_bool(quality, "one_way") ?
		", nothing was heard for some time" : "");
	facts_add(facts, "Quality", mos >= 3.6 ? STYLE_TEXT : STYLE_WARN, mos > 0 ? text : "");
}

static void history_detail(struct list *list, const json_t *call, struct area in)
{
	size_t recordings = json_array_size(json_object_get(call, "recordings"));
	const char *name = list_customer(list, j_int(call, "customer_id"));
	bool inbound = !strcmp(j_text(call, "direction"), "inbound");
	char number[80], text[200];
	struct facts facts;

	text_number(j_text(call, "number"), number);
	draw_textf(in.y, in.x, in.w, STYLE_STRONG, "%s %s%s%s", inbound ? "From" : "To",
		*number ? number : "a withheld number", *name ? ", " : "", name);
	facts_begin(&facts, (struct area){in.y + 1, in.x, in.h - 1, in.w});
	add_result(&facts, call);
	snprintf(text, sizeof(text), "%.80s at %.80s", j_text(call, "user"), j_text(call, "station"));
	facts_add(&facts, "Agent", STYLE_TEXT, text);
	add_time(list, &facts, "Started", call, "started_at");
	add_time(list, &facts, "Answered", call, "answered_at");
	add_time(list, &facts, "Ended", call, "ended_at");
	snprintf(text, sizeof(text), "%zu", recordings);
	facts_add(&facts, "Recording", STYLE_TEXT, !recordings ? "none" : self(list)->playing == j_int(call, "id") ?
		"it is played; p stops it" :
		recordings == 1 ? "yes; p plays it, s saves it" : text);
	facts_add(&facts, "Warnings", STYLE_WARN, j_bool(call, "forced") ? "acknowledged" : "");
	snprintf(text, sizeof(text), "%.60s%s", j_text(call, "codec"), j_bool(call, "encrypted") ? ", encrypted" : "");
	facts_add(&facts, "Sound", STYLE_TEXT, text);
	add_quality(&facts, json_object_get(call, "quality"));
	facts_add(&facts, "Given to", STYLE_TEXT, text_number(j_text(call, "transferred_to"), number));
	snprintf(text, sizeof(text), "%lld", (long long)j_int(call, "id"));
	facts_add(&facts, "Call", STYLE_DIM, text);
}

static const struct list_class history_list = {
	.method = "history.list", .search = "filter", .nothing = "There are no calls yet",
	.columns = columns, .count = COLUMNS,
	.title = history_title, .hides = history_hides, .ask = history_ask, .holds = history_holds,
		.cell = history_cell, .detail = history_detail,
};

/* ---- the screen ------------------------------------------------------------------------------------------------- */

static void history_open(struct view *view, const void *arg)
{
	(void)arg;
	list_open((struct list *)view, &history_list);
}

static void save(struct list *list)
{
	const json_t *call = list_item(list);

	if (!json_array_size(json_object_get(call, "recordings")))
		app_say(list->view.app, STYLE_WARN, "This call has no recording");
	else
		app_modal(list->view.app, &modal_save, call);
}

static void on_playing(void *arg, int64_t call_id, const struct answer *answer)
{
	struct list *list = arg;

	if (answer->err)
		app_fail(list->view.app, answer->err);
	else
		self(list)->playing = call_id;
	list->view.app->dirty = true;
}

static void on_stopped(void *arg, int64_t tag, const struct answer *answer)
{
	(void)tag;
	(void)answer;
	self(arg)->playing = 0;
	((struct list *)arg)->view.app->dirty = true;
}

/* On the station's sound card; once more stops it. */
static void play(struct list *list)
{
	const json_t *call = list_item(list);
	int64_t id = j_int(call, "id");

	if (self(list)->playing && self(list)->playing == id)
		app_ask(list->view.app, "recording.stop", NULL, on_stopped, list, 0);
	else if (!json_array_size(json_object_get(call, "recordings")))
		app_say(list->view.app, STYLE_WARN, "This call has no recording");
	else
		app_ask(list->view.app, "recording.play", json_pack("{s:I}", "call", (json_int_t)id), on_playing, list,
			id);
}

static void call_again(struct list *list)
{
	const json_t *call = list_item(list);

	if (!*j_text(call, "number"))
		app_say(list->view.app, STYLE_WARN, "There is no number to call");
	else
		app_dial(list->view.app, j_text(call, "number"), j_int(call, "customer_id"));
}

static bool history_request(struct view *view, enum request request)
{
	struct list *list = (struct list *)view;

	switch (request) {
	case REQ_CALL_THIS:     call_again(list); return true;
	case REQ_PLAY:          play(list); return true;
	case REQ_SAVE:          save(list); return true;
	case REQ_ALL:
		self(list)->all = !self(list)->all;
		list_reload(list);
		return true;
	default:                return list_request(view, request);
	}
}

static void history_news(struct view *view, const char *event, const json_t *data)
{
	struct list *list = (struct list *)view;

	if (!event)
		list_reload(list);
	else if (!strcmp(event, "recording.played") && !strcmp(j_text(data, "user"), view->app->model.user))
		self(list)->playing = 0;
	else if (!strcmp(event, "call.changed") && (!*whose(list) || !strcmp(whose(list), j_text(data, "user"))))
		list_put(list, data);
}

static const char *history_brief(struct view *view, enum request request)
{
	struct list *list = (struct list *)view;
	const json_t *call = list_item(list);
	bool recorded = json_array_size(json_object_get(call, "recordings"));

	if (!list->typing && (request == REQ_PLAY || request == REQ_SAVE) && !recorded)
		return "";
	if (!list->typing && request == REQ_PLAY && self(list)->playing && self(list)->playing == j_int(call, "id"))
		return "stop";
	if (!list->typing && request == REQ_ALL && self(list)->all)
		return "only mine";
	return list_brief(view, request);
}

const struct view_class screen_history = {
	.name = "History", .place = PLACE_HISTORY, .size = sizeof(struct history), .open = history_open,
	.close = list_close,
	.show = list_show, .draw = list_draw, .key = list_key, .paste = list_paste, .request = history_request,
	.click = list_click, .wheel = list_wheel, .news = history_news, .brief = history_brief,
	.types = list_types,
};
