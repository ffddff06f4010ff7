/* app.c - what views share: asking, opening each other, messages; and how keys and clicks find their way. */
#include "app.h"
#include <curses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../proto/method.h"
#include "../proto/rpc.h"
#include "bars.h"
#include "modals.h"
#include "view.h"

enum { MESSAGE_MS = 8000, CARD_CALLS = 12 };

/* In the order of the tabs. */
static const struct { enum request request; const struct view_class *class; } screens[APP_SCREENS] = {
	{REQ_PHONE, &screen_phone},
	{REQ_HISTORY, &screen_history},
	{REQ_CUSTOMERS, &screen_customers},
	{REQ_TEAM, &screen_team},
	{REQ_AUDIT, &screen_audit},
	{REQ_SETTINGS, &screen_settings},
};

/* ---- asking the engine ------------------------------------------------------------------------------------------ */

void app_ask(struct app *app, const char *method, json_t *params, link_answer_h *done, void *arg, int64_t tag)
{
	const struct method *known = method_find(method);
	unsigned flags = known ? known->flags : 0;

	if (!params)
		params = json_object();
	if (flags & METHOD_TENANT && app->options.tenant)
		json_object_set_new(params, "tenant", json_string(app->options.tenant));
	if (flags & METHOD_AS && *app->model.user)
		json_object_set_new(params, "as", json_string(app->model.user));
	link_ask(app->link, method, params, done, arg, tag);
}

static void on_order(void *arg, int64_t tag, const struct answer *answer)
{
	(void)tag;
	if (answer->err)
		app_fail(arg, answer->err);
}

void app_order(struct app *app, const char *method, json_t *params)
{
	app_ask(app, method, params, on_order, app, 0);
}

/* ---- what is known from the start ------------------------------------------------------------------------------- */

static void on_customer(void *arg, int64_t id, const struct answer *answer)
{
	struct app *app = arg;

	if (!answer->err)
		model_customer(&app->model, id, answer->result);
	app->dirty = true;
}

static void on_customer_calls(void *arg, int64_t id, const struct answer *answer)
{
	struct app *app = arg;

	if (!answer->err)
		model_customer_history(&app->model, id, json_object_get(answer->result, "items"));
	app->dirty = true;
}

void app_want_card(struct app *app, int64_t customer_id)
{
	struct card *card = model_card(&app->model, customer_id);

	if (!card || card->wanted || !app->model.connected)
		return;
	card->wanted = true;
	app_ask(app, "customer.show", json_pack("{s:I}", "id", (json_int_t)customer_id), on_customer, app, customer_id);
	app_ask(app, "history.list", json_pack("{s:I, s:b, s:i}", "customer_id", (json_int_t)customer_id, "newest",
		true,
		"limit", CARD_CALLS), on_customer_calls, app, customer_id);
}

static void on_tenant(void *arg, int64_t tag, const struct answer *answer)
{
	struct app *app = arg;

	(void)tag;
	if (!answer->err)
		model_tenant(&app->model, answer->result);
	app->dirty = true;
}

static void on_dispos(void *arg, int64_t tag, const struct answer *answer)
{
	struct app *app = arg;

	(void)tag;
	if (!answer->err)
		model_dispos(&app->model, json_object_get(answer->result, "items"));
	app->dirty = true;
}

static void on_station(void *arg, int64_t tag, const struct answer *answer)
{
	struct app *app = arg;

	(void)tag;
	if (!answer->err)
		model_station(&app->model, answer->result);
	app->dirty = true;
}

/* The session's station, once it is another. */
static void want_station(struct app *app)
{
	struct model *model = &app->model;

	if (!model->connected || !model->has_session || !strcmp(app->station_asked, model->session.station))
		return;
	str_copy(app->station_asked, sizeof(app->station_asked), model->session.station);
	app_ask(app, "station.show", json_pack("{s:s}", "name", model->session.station), on_station, app, 0);
}

/* How loud both sides are is told ten times a second: only while it is looked at. */
static void want_levels(struct app *app)
{
	bool wanted = false, shown = screens[app->screen].class == &screen_phone;

	for (int i = 0; i < app->model.call_count && shown; i++)
		wanted |= call_is_up(&app->model.calls[i]);
	if (wanted == app->levels || !app->model.connected)
		return;
	app->levels = wanted;
	app_ask(app, "events.subscribe", json_pack("{s:b}", "levels", wanted), NULL, NULL, 0);
}

static void on_calls(void *arg, int64_t tag, const struct answer *answer)
{
	struct app *app = arg;

	(void)tag;
	if (!answer->err)
		model_calls(&app->model, json_object_get(answer->result, "items"));
	app_follow_model(app);
}

static void news(struct app *app, const char *event, const json_t *data)
{
	for (int i = 0; i < APP_SCREENS; i++)
		if (app->screens[i] && app->screens[i]->class->news)
			app->screens[i]->class->news(app->screens[i], event, data);
	for (int i = 0; i < app->modal_count; i++)
		if (app->modals[i]->class->news)
			app->modals[i]->class->news(app->modals[i], event, data);
	app->dirty = true;
}

static bool no_password_needed(const struct app *app)
{
	return !strcmp(app->model.role, "admin") || !strcmp(app->model.self, app->options.user);
}

/* The first question after connecting: does the agent sit somewhere already?  An agent who is not known yet is the only
 * one whose sessions this client may see. */
static void on_sessions(void *arg, int64_t tag, const struct answer *answer)
{
	struct app *app = arg;
	struct model *model = &app->model;
	const json_t *items = json_object_get(answer->result, "items"), *found = NULL;
	json_t *item;
	bool first;
	size_t i;

	(void)tag;
	if (answer->err && answer->err->code != ERR_NOT_PERMITTED) {
		app_fail(app, answer->err);
		return;
	}
	model_sessions(model, items);
	if (!*model->user && json_array_size(items) == 1)
		found = json_array_get(items, 0);
	json_array_foreach((json_t *)items, i, item)
		if (*model->user && !strcmp(j_text(item, "user"), model->user))
			found = item;
	if (found && app->options.station && strcmp(j_text(found, "station"), app->options.station) && !app->attached)
		found = NULL;                           /* another place was asked for: the login says what to do */
	if (found || !app->attached || !model->ended)
		model_session(model, found, clock_now_ms());
	if (found)
		app_ask(app, "call.list", json_pack("{s:i}", "limit", 0), on_calls, app, 0);
	first = !app->attached;
	app->attached = true;
	app->levels = false;
	app_ask(app, "tenant.show", NULL, on_tenant, app, 0);
	app_ask(app, "dispo.list", json_pack("{s:i}", "limit", 0), on_dispos, app, 0);
	if (first && !found && app->options.user && app->options.station && no_password_needed(app)) {
		app->asked_login = true;
		app_login(app, json_pack("{s:s, s:s}", "user", app->options.user, "station", app->options.station));
	}
	app_follow_model(app);
	news(app, NULL, NULL);
}

static void look_around(struct app *app)
{
	app_ask(app, "events.subscribe", NULL, NULL, NULL, 0);
	app_ask(app, "session.list", NULL, on_sessions, app, 0);
}

static void on_hello(void *arg, int64_t tag, const struct answer *answer)
{
	struct app *app = arg;

	(void)tag;
	if (!answer->err)
		model_hello(&app->model, answer->result);
	app->dirty = true;
}

/* Who has logged in with a password is somebody else to the engine from then on. */
void app_reattach(struct app *app)
{
	app_ask(app, "hello", json_pack("{s:i, s:s}", "version", PROTOCOL_VERSION, "client", "spctl console"), on_hello,
		app, 0);
	look_around(app);
}

static void on_up(void *arg, const json_t *hello)
{
	struct app *app = arg;
	bool again = app->model.ever_connected;

	model_hello(&app->model, hello);
	if (!*app->model.user)
		str_copy(app->model.user, sizeof(app->model.user), app->options.user ? app->options.user :
			app->model.self);
	for (int i = 0; i < MODEL_CARDS; i++)
		app->model.cards[i].wanted = false;
	app->station_asked[0] = '\0';
	if (again)
		app_say(app, STYLE_GOOD, "Connected to the engine again");
	look_around(app);
	app->dirty = true;
}

static void on_down(void *arg, const struct err *why)
{
	struct app *app = arg;
	bool was = app->model.connected;

	model_disconnected(&app->model);
	if (!app->model.ever_connected && why->code != ERR_UNAVAILABLE && why->code != ERR_TRY_AGAIN) {
		app->fatal = *why;                      /* trying again would not help */
		app->quit = true;
	}
	app_say(app, STYLE_BAD, was ? "The engine is gone: trying to reach it again" : "%s", why->text);
	app->message_until = 0;
	app->dirty = true;
}

static void on_event(void *arg, const char *event, const json_t *data)
{
	struct app *app = arg;
	const char *level = j_text(data, "level");

	model_event(&app->model, event, data, clock_now_ms());
	if (!strcmp(event, "notice"))
		app_say(app, !strcmp(level, "error") ? STYLE_BAD : STYLE_WARN, "%s", j_text(data, "text"));
	app_follow_model(app);
	news(app, event, data);
}

static const struct link_hooks hooks = {.up = on_up, .down = on_down, .event = on_event};

/* ---- views ------------------------------------------------------------------------------------------------------ */

static struct view *make(struct app *app, const struct view_class *class, const void *arg)
{
	struct view *view = xcalloc(1, class->size);

	view->class = class;
	view->app = app;
	if (class->open)
		class->open(view, arg);
	app->dirty = app->view_changed = true;
	return view;
}

static void destroy(struct app *app, struct view *view)
{
	if (app->link)
		link_forget(app->link, view);
	if (view->class->close)
		view->class->close(view);
	free(view);
	app->dirty = app->view_changed = true;
}

void app_screen(struct app *app, const struct view_class *class)
{
	for (int i = 0; i < APP_SCREENS; i++) {
		if (!class || screens[i].class != class)
			continue;
		app->screen = i;
		if (!app->screens[i])
			app->screens[i] = make(app, class, NULL);
		if (class->show)
			class->show(app->screens[i]);
	}
	if (app->link)
		want_levels(app);
	app->dirty = true;
}

struct view *app_find_modal(struct app *app, const struct view_class *class)
{
	for (int i = 0; i < app->modal_count; i++)
		if (app->modals[i]->class == class)
			return app->modals[i];
	return NULL;
}

struct view *app_modal(struct app *app, const struct view_class *class, const void *arg)
{
	struct view *view = app_find_modal(app, class);

	if (view)                                       /* one of each */
		app_close_modal(app, view);
	if (app->modal_count == APP_MODALS)
		app_close_modal(app, app->modals[APP_MODALS - 1]);
	view = make(app, class, arg);
	app->modals[app->modal_count++] = view;
	return view;
}

void app_close_modal(struct app *app, struct view *view)
{
	int at = 0;

	while (at < app->modal_count && app->modals[at] != view)
		at++;
	if (at == app->modal_count)
		return;
	app->modal_count--;
	memmove(&app->modals[at], &app->modals[at + 1], (size_t)(app->modal_count - at) * sizeof(view));
	destroy(app, view);
}

struct view *app_top(struct app *app)
{
	return app->modal_count ? app->modals[app->modal_count - 1] : app->screens[app->screen];
}

/* Opens or closes a modal that the model calls for. */
static void follow(struct app *app, const struct view_class *class, bool wanted)
{
	struct view *view = app_find_modal(app, class);

	if (wanted && !view)
		app_modal(app, class, NULL);
	else if (!wanted && view)
		app_close_modal(app, view);
}

/* Does a call ring here that was not put aside? */
static bool rings(struct app *app)
{
	const struct call *call;

	for (int n = 0; (call = model_incoming(&app->model, n)); n++)
		if (call->id != app->aside)
			return true;
	return false;
}

/* Windows about a call go with it. */
static void follow_call(struct app *app, const struct view_class *class, bool possible)
{
	if (!possible && app_find_modal(app, class))
		follow(app, class, false);
}

void app_follow_model(struct app *app)
{
	struct model *model = &app->model;
	const struct call *focus = model_focus(model);
	bool wraps_up = model->has_session && model->session.state == AGENT_WRAP_UP && model->session.wrap_call;

	follow(app, &modal_ended, model->ended && !model->has_session && !app->logging_in);
	follow(app, &modal_wrap_up, wraps_up);
	follow_call(app, &modal_dtmf, call_is_up(focus));
	follow_call(app, &modal_transfer, focus);
	follow_call(app, &modal_conference, focus);
	follow(app, &modal_incoming, model->has_session && rings(app));
	if (app->attached && !model->has_session && !model->ended && !app->asked_login) {
		app->asked_login = true;
		app_modal(app, &modal_login, NULL);
	}
	if (model->has_session) {
		app->asked_login = false;
		follow(app, &modal_login, false);
		follow(app, &modal_take_over, false);
	}
	for (int i = 0; i < model->call_count; i++)             /* their names stand in the list */
		app_want_card(app, model->calls[i].customer_id);
	if (!focus && wraps_up && model->last_call)
		app_want_card(app, j_int(model->last_call, "customer_id"));
	want_station(app);
	want_levels(app);
	app->dirty = true;
}

/* ---- messages --------------------------------------------------------------------------------------------------- */

void app_say(struct app *app, enum style style, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(app->message, sizeof(app->message), fmt, ap);
	va_end(ap);
	app->message_style = style;
	app->message_until = clock_mono_ms() + MESSAGE_MS;
	app->message_on_number = false;
	app->dirty = true;
}

void app_fail(struct app *app, const struct err *err)
{
	app_say(app, STYLE_BAD, "%s", err->text);
}

/* ---- the loop's side -------------------------------------------------------------------------------------------- */

void app_open(struct app *app, const struct console_options *options)
{
	app->options = *options;
	app->client = (struct client_options){.socket = options->socket, .no_start = options->no_start};
	model_init(&app->model);
	app->drafts = json_object();
	app_screen(app, &screen_phone);
	app->link = link_open(&app->client, &hooks, app);
}

void app_close(struct app *app)
{
	while (app->modal_count)
		app_close_modal(app, app->modals[app->modal_count - 1]);
	for (int i = 0; i < APP_SCREENS; i++)
		if (app->screens[i])
			destroy(app, app->screens[i]);
	link_close(app->link);
	json_decref(app->drafts);
	model_free(&app->model);
}

void app_key(struct app *app, keycode key)
{
	struct view *top = app_top(app);
	enum request request;

	app->dirty = true;
	if (key_is_typed(key))
		app->typed_at = clock_mono_ms();
	else if (key != K_BACKSPACE)
		app->typed_at = 0;
	if (app->too_small && key != 'Q' - '@' && key != 'C' - '@' && key != 'Z' - '@')
		return;
	if (top->class->key && top->class->key(top, key))
		return;
	request = keys_find(&app->settings.keys, key, top->class->place);
	if (!request)
		return;
	if (app->message_until)
		app->message[0] = '\0';
	app_request(app, request);
}

void app_paste(struct app *app, const char *text)
{
	struct view *top = app_top(app);

	if (top->class->paste && !app->too_small)
		top->class->paste(top, text);
	app->dirty = true;
}

void app_click(struct app *app, int y, int x, bool twice)
{
	struct view *top = app_top(app);
	int what = draw_hot_at(y, x);

	app->dirty = true;
	if (what >= HOT_REQUEST)
		app_request(app, (enum request)(what - HOT_REQUEST));
	else if (what != HOT_NONE && top->class->click)
		top->class->click(top, what, twice);
}

void app_wheel(struct app *app, int lines)
{
	struct view *top = app_top(app);

	if (top->class->wheel)
		top->class->wheel(top, lines);
	app->dirty = true;
}

void app_draw(struct app *app)
{
	struct area inside;

	if (app->message_until && clock_mono_ms() >= app->message_until) {
		app->message[0] = '\0';
		app->message_until = 0;
	}
	draw_begin();
	app->too_small = !bars_draw(app, &inside);
	if (!app->too_small) {
		struct view *screen = app->screens[app->screen];

		screen->class->draw(screen, inside);
		for (int i = 0; i < app->modal_count; i++) {
			draw_cover();
			app->modals[i]->class->draw(app->modals[i], draw_screen());
		}
		bars_message(app);
		bars_keys(app);
	}
	draw_end();
	app->dirty = false;
}

bool app_ticks(struct app *app)
{
	struct view *top = app_top(app);

	return app->message_until || model_ticks(&app->model) || (top->class->ticks && top->class->ticks(top));
}

const struct view_class *app_screen_class(int i, enum request *request)
{
	if (i < 0 || i >= APP_SCREENS || !screens[i].class)
		return NULL;
	if (request)
		*request = screens[i].request;
	return screens[i].class;
}
