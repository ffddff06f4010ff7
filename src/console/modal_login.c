/* modal_login.c - who sits down where; and taking over from another place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "modals.h"
#include "view.h"

enum { LOGIN_MOST = 64, PASSWORD_MOST = 256, WIDTH = 64, STATION_ROWS = 8, GO = 1000, FIELDS = 1100 };

enum field { FIELD_USER, FIELD_PASSWORD, FIELD_STATION };

struct login {
	struct view view;
	struct edit user, password;
	struct edit station;        /* what is looked for in the list, or the name where the engine names none */
	json_t *stations;           /* an array, or NULL: not answered yet */
	int at, top;                /* the station chosen, and the first one shown */
	bool moved;                 /* it was chosen by hand: others who log in meanwhile change nothing */
	enum field focus;
};

static struct login *self(struct view *view)
{
	return (struct login *)view;
}

/* ---- logging in -------------------------------------------------------------------------------------------------- */

static void on_login(void *arg, int64_t tag, const struct answer *answer)
{
	struct app *app = arg;
	json_t *params = (json_t *)(intptr_t)tag;

	app->logging_in = false;
	if (!answer->err) {
		str_copy(app->model.user, sizeof(app->model.user), j_text(answer->result, "user"));
		app->message[0] = '\0';
		app->model.ended = false;
		app_reattach(app);
	} else if (answer->err->code == ERR_CONFLICT && !j_bool(params, "take_over")) {
		const struct take_over question = {answer->err->text, params};

		app->message[0] = '\0';
		app_modal(app, &modal_take_over, &question);
	} else {
		app_fail(app, answer->err);
		app_follow_model(app);
	}
	json_decref(params);
	app->dirty = true;
}

void app_login(struct app *app, json_t *params)
{
	if (app->logging_in) {
		json_decref(params);
		return;
	}
	app->logging_in = true;
	app_say(app, STYLE_DIM, "Logging in at %s", j_text(params, "station"));
	app->message_until = 0;
	app_ask(app, "session.login", json_copy(params), on_login, app, (intptr_t)params);
}

static void on_logout(void *arg, int64_t tag, const struct answer *answer)
{
	struct app *app = arg;

	(void)tag;
	app->logging_in = false;
	if (answer->err) {
		app_fail(app, answer->err);
		return;
	}
	model_session(&app->model, NULL, 0);
	app->model.ended = false;
	app_follow_model(app);
}

void app_logout(struct app *app)
{
	app_ask(app, "session.logout", json_pack("{s:s}", "user", app->model.user), on_logout, app, 0);
}

/* ---- the window -------------------------------------------------------------------------------------------------- */

/* The station that was chosen by hand, or is asked for, or the first that is free. */
static void choose_station(struct login *login, const char *wanted)
{
	json_t *item;
	size_t i;

	login->at = 0;
	json_array_foreach(login->stations, i, item)
		if (wanted ? !strcmp(j_text(item, "name"), wanted) : !*j_text(item, "in_use_by")) {
			login->at = (int)i;
			break;
		}
}

static void on_stations(void *arg, int64_t tag, const struct answer *answer)
{
	struct login *login = arg;
	char chosen[NAME_SIZE];

	(void)tag;
	str_copy(chosen, sizeof(chosen), j_text(json_array_get(login->stations, (size_t)login->at), "name"));
	login->view.app->dirty = true;
	if (answer->err) {                              /* who is nobody yet may not see them: the name is typed */
		if (!login->stations)
			login->stations = json_array();
		if (answer->err->code != ERR_NOT_PERMITTED)
			app_fail(login->view.app, answer->err);
		return;
	}
	json_decref(login->stations);
	login->stations = json_incref(json_object_get(answer->result, "items"));
	if (json_array_size(login->stations) && !login->moved)
		edit_set(&login->station, "");
	choose_station(login, login->moved ? chosen : login->view.app->options.station);
}

/* Admins and the owner of a private engine need no password, nor does who the kernel says he is. */
static bool needs_password(const struct login *login)
{
	const struct model *model = &login->view.app->model;

	return strcmp(model->role, "admin") && !(*model->self && !strcmp(model->self, login->user.text));
}

static void login_open(struct view *view, const void *arg)
{
	struct login *login = self(view);
	struct app *app = view->app;

	(void)arg;
	edit_init(&login->user, LOGIN_MOST);
	edit_init(&login->password, PASSWORD_MOST);
	edit_init(&login->station, LOGIN_MOST);
	edit_set(&login->user, app->model.user);
	edit_set(&login->station, app->options.station ? app->options.station : "");
	login->focus = !login->user.len ? FIELD_USER : needs_password(login) ? FIELD_PASSWORD : FIELD_STATION;
	app_ask(app, "station.list", json_pack("{s:i}", "limit", 0), on_stations, login, 0);
}

static void login_close(struct view *view)
{
	edit_free(&self(view)->user);
	edit_free(&self(view)->password);
	edit_free(&self(view)->station);
	json_decref(self(view)->stations);
}

/* The chosen one of the list; where there is none, the one that is typed. */
static const char *station_name(const struct login *login)
{
	const json_t *station = json_array_get(login->stations, (size_t)login->at);

	return station ? j_text(station, "name") : login->station.text;
}

static void submit(struct login *login)
{
	struct app *app = login->view.app;
	json_t *params;

	if (!login->user.len || !*station_name(login)) {
		app_say(app, STYLE_WARN, login->user.len ? "Choose a station" : "Type who you are");
		return;
	}
	params = json_pack("{s:s, s:s}", "user", login->user.text, "station", station_name(login));
	if (login->password.len && needs_password(login))
		json_object_set_new(params, "password", json_string(login->password.text));
	app_login(app, params);
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

static void draw_station(const struct login *login, int i, int y, struct area in)
{
	const json_t *station = json_array_get(login->stations, (size_t)i);
	bool here = i == login->at;
	const char *user = j_text(station, "in_use_by");
	enum style style = here ? STYLE_SELECTED : STYLE_TEXT;
	char number[80];

	draw_row(y, in.x, in.w, here, i);
	draw_text(y, in.x, 2, style, here ? sym(SYM_HERE) : " ");
	draw_text(y, in.x + 2, 20, style, j_text(station, "name"));
	draw_text(y, in.x + 23, 16, here ? style : STYLE_DIM, text_number(j_text(station, "did"), number));
	if (*user)
		draw_textf(y, in.x + 40, in.w - 40, here ? style : STYLE_WARN, "%s is here", user);
	else
		draw_text(y, in.x + 40, in.w - 40, here ? style : STYLE_DIM, j_text(station, "location"));
}

static void draw_stations(struct login *login, struct area in)
{
	int count = (int)json_array_size(login->stations);
	char more[32];

	if (login->at < login->top)
		login->top = login->at;
	if (login->at >= login->top + in.h)
		login->top = login->at - in.h + 1;
	for (int i = login->top; i < count && i < login->top + in.h; i++)
		draw_station(login, i, in.y + i - login->top, in);
	if (login->top + in.h < count) {
		snprintf(more, sizeof(more), "%d more below", count - login->top - in.h);
		draw_right(in.y + in.h, in.x, in.w, STYLE_DIM, more);
	}
	if (!login->stations)
		draw_text(in.y, in.x, in.w, STYLE_DIM, "Asking for the stations");
	else if (!count) {
		draw_edit((struct area){in.y, in.x + 12, 1, in.w - 12}, &login->station, login->focus == FIELD_STATION,
			false);
		draw_wrap((struct area){in.y + 2, in.x, in.h - 2, in.w}, STYLE_DIM,
			"The engine names no station: either there is none, or it does not know you yet. "
			"Type the station's name.");
	}
}

static void draw_field(int y, struct area in, const char *label, struct edit *edit, bool focus, bool secret, int what)
{
	draw_text(y, in.x, 12, focus ? STYLE_TITLE : STYLE_DIM, label);
	draw_edit((struct area){y, in.x + 12, 1, in.w - 12}, edit, focus, secret);
	draw_hot((struct area){y, in.x, 1, in.w}, what);
}

static void login_draw(struct view *view, struct area all)
{
	struct login *login = self(view);
	bool password = needs_password(login);
	struct area in = draw_window(STATION_ROWS + (password ? 9 : 7), WIDTH, STYLE_TITLE, "Log in");
	int y = in.y + (password ? 4 : 2);

	(void)all;
	draw_field(in.y, in, "Your login", &login->user, login->focus == FIELD_USER, false, FIELDS + FIELD_USER);
	if (password)
		draw_field(in.y + 2, in, "Password", &login->password, login->focus == FIELD_PASSWORD, true,
			FIELDS + FIELD_PASSWORD);
	draw_text(y, in.x, 12, login->focus == FIELD_STATION ? STYLE_TITLE : STYLE_DIM, "Station");
	if (login->station.len && json_array_size(login->stations))
		draw_text(y, in.x + 12, in.w - 12, STYLE_STRONG, login->station.text);
	draw_stations(login, (struct area){y + 1, in.x, STATION_ROWS - 1, in.w});
	draw_button(in.y + in.h - 1, in.x, "Log in", true, login->user.len && *station_name(login), GO);
	draw_right(in.y + in.h - 1, in.x + 16, in.w - 16, STYLE_DIM, "Tab goes on, Enter logs in");
}

/* ---- keys -------------------------------------------------------------------------------------------------------- */

static void move_station(struct login *login, int by)
{
	int count = (int)json_array_size(login->stations), to = login->at + by;

	if (count)
		login->at = to < 0 ? 0 : to >= count ? count - 1 : to;
	login->moved = true;
	edit_set(&login->station, "");
}

/* To the first whose name or place holds what was typed; where none does, the last character goes again. */
static bool look_for_station(struct login *login, keycode key)
{
	json_t *item;
	size_t i;

	if (!edit_key(&login->station, key))
		return false;
	json_array_foreach(login->stations, i, item)
		if (strcasestr(j_text(item, "name"), login->station.text) ||
		    strcasestr(j_text(item, "location"), login->station.text)) {
			login->at = (int)i;
			login->moved = true;
			return true;
		}
	edit_key(&login->station, K_BACKSPACE);
	return true;
}

/* How far a key moves in the list of stations; 0: it is none of these. */
static int steps_of(keycode key)
{
	switch (key) {
	case K_UP:              return -1;
	case K_DOWN:            return 1;
	case K_PAGE_UP:         return -(STATION_ROWS - 1);
	case K_PAGE_DOWN:       return STATION_ROWS - 1;
	default:                return 0;
	}
}

static bool login_key(struct view *view, keycode key)
{
	struct login *login = self(view);

	if (steps_of(key) && json_array_size(login->stations)) {
		move_station(login, steps_of(key));
		login->focus = FIELD_STATION;
		return true;
	}
	if (login->focus == FIELD_USER)
		return edit_key(&login->user, key);
	if (login->focus == FIELD_PASSWORD)
		return edit_key(&login->password, key);
	if (json_array_size(login->stations))
		return look_for_station(login, key);
	return edit_key(&login->station, key);
}

static void next_field(struct login *login)
{
	login->focus = login->focus == FIELD_STATION ? FIELD_USER : (enum field)(login->focus + 1);
	if (login->focus == FIELD_PASSWORD && !needs_password(login))
		login->focus = FIELD_STATION;
}

static bool login_request(struct view *view, enum request request)
{
	if (request == REQ_NEXT_FIELD)
		next_field(self(view));
	else if (request == REQ_ACCEPT)
		submit(self(view));
	else
		return false;
	return true;
}

static void login_paste(struct view *view, const char *text)
{
	struct login *login = self(view);

	if (login->focus != FIELD_STATION)
		edit_insert(login->focus == FIELD_USER ? &login->user : &login->password, text);
	else if (!json_array_size(login->stations))
		edit_insert(&login->station, text);
}

static void login_click(struct view *view, int what, bool twice)
{
	struct login *login = self(view);

	if (what >= FIELDS) {
		login->focus = (enum field)(what - FIELDS);
	} else if (what < GO) {
		login->at = what;
		login->moved = true;
		login->focus = FIELD_STATION;
	}
	if (what == GO || (what < GO && twice))
		submit(login);
}

static void login_wheel(struct view *view, int lines)
{
	move_station(self(view), lines);
}

static void login_news(struct view *view, const char *event, const json_t *data)
{
	(void)data;
	if (!event || !strcmp(event, "session.changed"))
		app_ask(view->app, "station.list", json_pack("{s:i}", "limit", 0), on_stations, view, 0);
}

static const char *login_brief(struct view *view, enum request request)
{
	(void)view;
	return view_brief(request, "log in", "next field", "close");
}

static bool login_types(struct view *view)
{
	(void)view;
	return true;
}

const struct view_class modal_login = {
	.name = "login", .place = PLACE_MODAL, .size = sizeof(struct login), .open = login_open, .close = login_close,
	.draw = login_draw, .key = login_key, .paste = login_paste, .request = login_request, .click = login_click,
	.wheel = login_wheel, .news = login_news, .brief = login_brief, .types = login_types,
};

/* ---- taking over ------------------------------------------------------------------------------------------------- */

struct take {
	struct view view;
	char *text;
	json_t *params;
	bool no;
};

static void take_open(struct view *view, const void *arg)
{
	struct take *take = (struct take *)view;
	const struct take_over *question = arg;

	take->text = xasprintf("%s. Taking over ends that session; a call of it is hung up, "
		"and what is owed comes along.",
		question->text);
	take->params = json_copy((json_t *)question->params);
}

static void take_close(struct view *view)
{
	struct take *take = (struct take *)view;

	free(take->text);
	json_decref(take->params);
}

static void take_draw(struct view *view, struct area all)
{
	const struct take *take = (struct take *)view;
	int rows = draw_wrap((struct area){0, 0, 10, WIDTH - 4}, STYLES, take->text), used;
	struct area in = draw_window(rows + 4, WIDTH, STYLE_WARN, "Take over?");

	(void)all;
	draw_wrap((struct area){in.y, in.x, rows, in.w}, STYLE_TEXT, take->text);
	used = draw_button(in.y + rows + 1, in.x, "Take over", !take->no, true, 1) + 2;
	draw_button(in.y + rows + 1, in.x + used, "Cancel", take->no, true, 2);
}

static void take_answer(struct view *view, bool yes)
{
	struct app *app = view->app;
	json_t *params = json_incref(((struct take *)view)->params);

	app_close_modal(app, view);
	if (yes) {
		json_object_set_new(params, "take_over", json_true());
		app_login(app, params);
	} else {
		json_decref(params);
	}
}

static bool take_key(struct view *view, keycode key)
{
	struct take *take = (struct take *)view;

	if (key == K_LEFT || key == K_RIGHT)
		take->no = !take->no;
	else
		return false;
	return true;
}

static bool take_request(struct view *view, enum request request)
{
	struct take *take = (struct take *)view;

	if (request == REQ_NEXT_FIELD)
		take->no = !take->no;
	else if (request == REQ_ACCEPT)
		take_answer(view, !take->no);
	else
		return false;
	return true;
}

static void take_click(struct view *view, int what, bool twice)
{
	(void)twice;
	take_answer(view, what == 1);
}

static const char *take_brief(struct view *view, enum request request)
{
	return view_brief(request, ((struct take *)view)->no ? "cancel" : "take over", "next", "cancel");
}

const struct view_class modal_take_over = {
	.name = "take over", .place = PLACE_MODAL, .size = sizeof(struct take), .open = take_open, .close = take_close,
	.draw = take_draw, .key = take_key, .request = take_request, .click = take_click,
	.brief = take_brief,
};
