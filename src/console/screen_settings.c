/* screen_settings.c - the console's settings, the station's sound, and the keys; each change is kept at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/home.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "input.h"
#include "modals.h"
#include "view.h"

enum { LABEL = 2, VALUE = 20, REMARK = 38, FOOT = 4 };      /* columns; rows below the list */

/* The rows, from top to bottom: the console's, one for each sound card, the sound's, one for each request. */
enum part { PART_CONSOLE, PART_CARD, PART_SOUND, PART_KEY, PARTS };
struct row { enum part part; int n; };

struct settings_view {
	struct view view;
	int at, top, shown;         /* the row chosen; the first line shown, how many are */
	char *path;                 /* of spctl.conf */
	json_t *cards;              /* as sound.list gives them; NULL: not answered, or refused */
	char no_cards[300];         /* why there are none */
	char tested[200];           /* what the last test told */
	bool testing;
	enum request of_key[REQUESTS];      /* the request of each row of keys */
	int keys;
};

enum { THEME, MOUSE, BELL, NOTIFY, TITLE, CONSOLE_ROWS };
enum { NOISE, GAIN, ECHO, TONE, LOOP, SOUND_ROWS };

static const struct { const char *key, *label, *help; } console_rows[CONSOLE_ROWS] = {
	[THEME] = {"console.theme", "Theme",
		"Colours. NO_COLOR in the environment, or a terminal without any, give mono."},
	[MOUSE] = {"console.mouse", "Mouse",
		"Click a line, a button or a tab; the wheel moves. Off: the terminal selects text."},
	[BELL] = {"console.bell", "Bell", "The terminal's bell for a call that comes in."},
	[NOTIFY] = {"console.notify", "Notification",
		"A notification on the desktop for a call, where the terminal has it."},
	[TITLE] = {"console.title", "Window title",
		"The state and its time in the window's title, where there is one."},
};

/* field: of the station, and of sound.set; kind: of sound.test. */
static const struct { const char *field, *kind, *label, *help; } sound_rows[SOUND_ROWS] = {
	[NOISE] = {"noise_suppression", NULL, "Noise", "Takes the noise of the room out of the microphone's sound."},
	[GAIN] = {"gain_control", NULL, "Gain", "Makes a quiet voice as loud as others."},
	[ECHO] = {"echo_cancellation", NULL, "Echo", "Takes the loudspeaker out of the microphone's sound."},
	[TONE] = {NULL, "tone", "Test tone", "Plays a tone on the sound card; not during a call."},
	[LOOP] = {NULL, "echo", "Test of voice", "Records for some seconds and plays it back; not during a call."},
};

static const char *const themes[] = {"dark", "light", "high-contrast", "mono"};
enum { THEMES = sizeof(themes) / sizeof(themes[0]) };

static struct settings_view *self(struct view *view)
{
	return (struct settings_view *)view;
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

static int part_rows(const struct settings_view *settings, enum part part)
{
	switch (part) {
	case PART_CONSOLE:      return CONSOLE_ROWS;
	case PART_CARD:         return (int)json_array_size(settings->cards);
	case PART_SOUND:        return SOUND_ROWS;
	default:                return settings->keys;
	}
}

static int row_count(const struct settings_view *settings)
{
	int count = 0;

	for (int part = 0; part < PARTS; part++)
		count += part_rows(settings, (enum part)part);
	return count;
}

static struct row row_of(const struct settings_view *settings, int i)
{
	struct row row = {PART_CONSOLE, i};

	while (row.part < PART_KEY && row.n >= part_rows(settings, row.part)) {
		row.n -= part_rows(settings, row.part);
		row.part++;
	}
	return row;
}

/* Of a row that there is, or was a moment ago. */
static int index_of(const struct settings_view *settings, struct row row)
{
	int i = row.n, last = row_count(settings) - 1;

	for (int part = 0; part < (int)row.part; part++)
		i += part_rows(settings, (enum part)part);
	return i < last ? i : last;
}

/* What a click on a row tells: cards that come between the drawing and the click do not make it another's. */
static int hot_of(struct row row)
{
	return (int)row.part << 10 | row.n;
}

/* The groups that rows stand in, each below its heading and a blank line but for the first. */
static int group_of(enum part part)
{
	return part == PART_CONSOLE ? 0 : part == PART_KEY ? 2 : 1;
}

/* The line of a row, and of all lines how many there are for one past the last row. */
static int line_of(const struct settings_view *settings, int row)
{
	return row + 1 + 2 * group_of(row_of(settings, row).part);
}

/* Does a heading stand above it. */
static bool is_first(const struct settings_view *settings, int row)
{
	return !row || group_of(row_of(settings, row).part) != group_of(row_of(settings, row - 1).part);
}

/* ---- the sound -------------------------------------------------------------------------------------------------- */

/* The cards are others now: the row chosen stays chosen, and where it is on the screen; a card that is gone leaves its
 * place. */
static void replace_cards(struct settings_view *settings, json_t *cards)
{
	const struct row was = row_of(settings, settings->at);
	const json_t *old = was.part == PART_CARD ? json_array_get(settings->cards, (size_t)was.n) : NULL;
	char *card = xstrdup(j_text(old, "name"));
	int line = line_of(settings, settings->at), n = was.n;
	json_t *item;
	size_t i;

	json_decref(settings->cards);
	settings->cards = cards;
	json_array_foreach(cards, i, item)
		if (*card && !strcmp(j_text(item, "name"), card))
			n = (int)i;
	settings->at = index_of(settings, (struct row){was.part, n});
	settings->top += line_of(settings, settings->at) - line;
	if (settings->top < 0)
		settings->top = 0;
	free(card);
}

static void on_cards(void *arg, int64_t tag, const struct answer *answer)
{
	struct settings_view *settings = arg;

	(void)tag;
	replace_cards(settings, answer->err ? NULL : json_incref(json_object_get(answer->result, "items")));
	str_copy(settings->no_cards, sizeof(settings->no_cards), answer->err ? answer->err->text : "");
	settings->view.app->dirty = true;
}

static void ask_cards(struct settings_view *settings)
{
	struct app *app = settings->view.app;

	if (app->model.connected && app->model.has_session)
		app_ask(app, "sound.list", NULL, on_cards, settings, 0);
}

/* The station has other settings now. */
static void on_sound(void *arg, int64_t tag, const struct answer *answer)
{
	struct settings_view *settings = arg;
	struct app *app = settings->view.app;

	(void)tag;
	if (answer->err) {
		app_fail(app, answer->err);
		return;
	}
	app->station_asked[0] = '\0';
	app_follow_model(app);
	ask_cards(settings);
}

static void on_tested(void *arg, int64_t tag, const struct answer *answer)
{
	struct settings_view *settings = arg;
	const json_t *peak = json_object_get(answer->result, "peak_dbfs");

	settings->testing = false;
	settings->tested[0] = '\0';
	if (answer->err)
		app_fail(settings->view.app, answer->err);
	else if (tag == TONE)
		str_copy(settings->tested, sizeof(settings->tested), "The tone was played.");
	else if (json_is_number(peak))
		snprintf(settings->tested, sizeof(settings->tested), "The microphone's loudest was %.0f dB%s.",
			json_number_value(peak),
			json_number_value(peak) < -50 ? ": it heard nothing" : json_number_value(peak) > -2 ?
				": too loud" : "");
	settings->view.app->dirty = true;
}

static const char *chosen_card(const struct model *model)
{
	return j_text(model->station, "sound_device");
}

static void use_card(struct settings_view *settings, int n)
{
	const char *name = j_text(json_array_get(settings->cards, (size_t)n), "name");

	app_ask(settings->view.app, "sound.use", json_pack("{s:s}", "device", name), on_sound, settings, 0);
}

static void change_sound(struct settings_view *settings, int row)
{
	struct app *app = settings->view.app;
	const char *field = sound_rows[row].field;

	if (field) {
		app_ask(app, "sound.set", json_pack("{s:b}", field, !j_bool(app->model.station, field)), on_sound,
			settings, 0);
	} else if (!settings->testing) {
		settings->testing = true;
		str_copy(settings->tested, sizeof(settings->tested), row == LOOP ?
			"Speak now; then it is played back." : "Playing the tone.");
		app_ask(app, "sound.test", json_pack("{s:s}", "kind", sound_rows[row].kind), on_tested, settings, row);
	}
}

/* ---- the view --------------------------------------------------------------------------------------------------- */

static void settings_open(struct view *view, const void *arg)
{
	struct settings_view *settings = self(view);
	struct home home;

	(void)arg;
	for (int r = REQ_NONE + 1; r < REQUESTS; r++)
		if (requests[r].places)
			settings->of_key[settings->keys++] = (enum request)r;
	if (home_find(&home, false, NULL) < 0)
		return;
	settings->path = xstrdup(home.conf);
	home_free(&home);
}

static void settings_close(struct view *view)
{
	free(self(view)->path);
	json_decref(self(view)->cards);
}

static void settings_show(struct view *view)
{
	ask_cards(self(view));
}

static void settings_news(struct view *view, const char *event, const json_t *data)
{
	(void)data;
	if (!event)
		ask_cards(self(view));
}

/* ---- drawing ---------------------------------------------------------------------------------------------------- */

static bool *flag_of(struct settings *settings, int row)
{
	bool *const flags[CONSOLE_ROWS] = {NULL, &settings->mouse, &settings->bell, &settings->notify,
		&settings->title};

	return flags[row];
}

struct cells { const char *label, *remark; char value[160]; bool on; };

static void card_cells(const struct settings_view *settings, int n, struct cells *cells)
{
	const json_t *card = json_array_get(settings->cards, (size_t)n);
	bool in = j_bool(card, "capture"), out = j_bool(card, "playback");
	const char *chosen = chosen_card(&settings->view.app->model);

	cells->on = j_bool(card, "in_use") || (*chosen && !strcmp(chosen, j_text(card, "name")));
	cells->label = n ? "" : "Sound card";
	str_copy(cells->value, sizeof(cells->value), *j_text(card, "text") ? j_text(card, "text") :
		j_text(card, "name"));
	cells->remark = in && out ? "" : in ? "microphone only" : out ? "no microphone" : "";
}

static void sound_cells(const struct settings_view *settings, int n, struct cells *cells)
{
	const char *field = sound_rows[n].field;

	cells->label = sound_rows[n].label;
	str_copy(cells->value, sizeof(cells->value), !field ? "Enter starts it" :
		j_bool(settings->view.app->model.station, field) ? "yes" : "no");
	cells->remark = "";
}

static void key_cells(const struct settings_view *settings, int n, struct cells *cells)
{
	enum request request = settings->of_key[n];
	char *keys = keys_names(&settings->view.app->settings.keys, request);

	cells->label = requests[request].name;
	str_copy(cells->value, sizeof(cells->value), keys);
	cells->remark = requests[request].help;
	free(keys);
}

static void console_cells(struct settings_view *settings, int n, struct cells *cells)
{
	struct settings *values = &settings->view.app->settings;

	cells->label = console_rows[n].label;
	str_copy(cells->value, sizeof(cells->value), n == THEME ? values->theme : *flag_of(values, n) ? "yes" : "no");
	cells->remark = console_rows[n].key;
}

static void draw_setting(struct settings_view *settings, int i, int y, struct area in)
{
	struct row row = row_of(settings, i);
	bool here = i == settings->at, wide = row.part == PART_CARD;
	enum style style = here ? STYLE_SELECTED : STYLE_TEXT;
	struct cells cells = {0};

	switch (row.part) {
	case PART_CONSOLE:      console_cells(settings, row.n, &cells); break;
	case PART_CARD:         card_cells(settings, row.n, &cells); break;
	case PART_SOUND:        sound_cells(settings, row.n, &cells); break;
	default:                key_cells(settings, row.n, &cells); break;
	}
	draw_row(y, in.x, in.w, here, hot_of(row));
	draw_text(y, in.x + LABEL, VALUE - LABEL - 1, style, cells.label);
	if (wide)
		draw_text(y, in.x + VALUE - 2, 1, here ? style : STYLE_GOOD, cells.on ? sym(SYM_TICK) : " ");
	draw_text(y, in.x + VALUE, (wide ? in.w - 18 : REMARK - 1) - VALUE, here ? style : STYLE_ACCENT, cells.value);
	draw_text(y, in.x + (wide ? in.w - 17 : REMARK), wide ? 17 : in.w - REMARK, here ? style : STYLE_DIM,
		cells.remark);
}

static const char *help_of(const struct settings_view *settings, struct row row)
{
	switch (row.part) {
	case PART_CONSOLE:      return console_rows[row.n].help;
	case PART_CARD:         return "Enter uses this card for the station, from now on.";
	case PART_SOUND:        return *settings->tested && sound_rows[row.n].kind ? settings->tested :
		sound_rows[row.n].help;
	default:                return requests[settings->of_key[row.n]].help;
	}
}

static void draw_engine(struct app *app, int y, struct area in)
{
	const struct model *model = &app->model;

	if (!strcmp(theme_name(), "mono") && strcmp(app->settings.theme, "mono"))
		draw_text(y, in.x, in.w, STYLE_WARN,
			"There are no colours here: NO_COLOR is set, or the terminal has none.");
	else if (model->connected)
		draw_textf(y, in.x, in.w, STYLE_DIM, "Engine: %s, version %s; you are %s%s%s.", model->private_engine ?
			"private" : "service",
			model->engine, *model->self ? model->self : "its owner", *model->self ? ", " : "",
				*model->self ? model->role : "");
	else
		draw_text(y, in.x, in.w, STYLE_BAD, "Engine: not connected");
}

static void draw_group(const struct settings_view *settings, int row, int y, struct area in)
{
	static const char *const titles[] = {"Console", "Sound", "Keys"};
	const struct session *session = &settings->view.app->model.session;
	int group = group_of(row_of(settings, row).part), used;

	used = draw_text(y, in.x, in.w, STYLE_TITLE, titles[group]);
	if (group == 1 && settings->view.app->model.has_session)
		draw_textf(y, in.x + used + 1, in.w - used - 1, STYLE_DIM, "of %s", session->station);
}

static void settings_draw(struct view *view, struct area in)
{
	struct settings_view *settings = self(view);
	int count = row_count(settings), foot = in.y + in.h - FOOT, line;

	in.x += 1;
	in.w -= 2;
	settings->shown = in.h - FOOT - 1;
	settings->at = settings->at < count ? settings->at : count - 1;
	line = line_of(settings, settings->at);
	if (line - is_first(settings, settings->at) < settings->top)
		settings->top = line - is_first(settings, settings->at);
	if (line >= settings->top + settings->shown)
		settings->top = line - settings->shown + 1;
	for (int i = 0; i < count; i++) {
		int at = line_of(settings, i) - settings->top;

		if (is_first(settings, i) && at >= 1 && at <= settings->shown)
			draw_group(settings, i, in.y + at - 1, in);
		if (at >= 0 && at < settings->shown)
			draw_setting(settings, i, in.y + at, in);
	}
	draw_hline(foot - 1, in.x - 1, in.w + 2);
	if (settings->top + settings->shown <= line_of(settings, count - 1))
		draw_right(foot - 1, in.x, in.w - 2, STYLE_DIM, " more below ");
	draw_wrap((struct area){foot, in.x, 1, in.w}, STYLE_TEXT, help_of(settings, row_of(settings, settings->at)));
	if (row_of(settings, settings->at).part == PART_KEY)
		draw_text(foot + 1, in.x, in.w, STYLE_DIM,
			"Enter, then the key that takes the first one's place. Delete: the preset keys.");
	else if (*settings->no_cards)
		draw_text(foot + 1, in.x, in.w, STYLE_WARN, settings->no_cards);
	draw_engine(view->app, foot + 2, in);
	draw_textf(foot + 3, in.x, in.w, STYLE_DIM, "Console and Keys are kept in %s", settings->path ? settings->path :
		"spctl.conf");
}

/* ---- changing --------------------------------------------------------------------------------------------------- */

static void keep(struct app *app, const char *name, const char *value)
{
	struct err err = {0};

	if (settings_write(name, value, &err) < 0)
		app_say(app, STYLE_BAD, "It counts until you leave, and is not kept: %s", err.text);
}

static void change_console(struct app *app, int row)
{
	bool *flag = flag_of(&app->settings, row);
	int theme = 0;

	if (flag) {
		*flag = !*flag;
		if (row == MOUSE)
			input_open(app->settings.mouse);
		keep(app, console_rows[row].key, *flag ? "yes" : "no");
		return;
	}
	while (theme < THEMES - 1 && strcmp(themes[theme], app->settings.theme))
		theme++;
	str_copy(app->settings.theme, sizeof(app->settings.theme), themes[(theme + 1) % THEMES]);
	theme_set(app->settings.theme);
	keep(app, "console.theme", app->settings.theme);
	app->redraw = true;
}

static void change(struct settings_view *settings)
{
	struct app *app = settings->view.app;
	struct row row = row_of(settings, settings->at);
	const char *refusal = row.part == PART_CARD ||
		row.part == PART_SOUND ? model_refuses(&app->model, NEED_SESSION) : NULL;

	if (refusal)
		app_say(app, STYLE_WARN, "%s", refusal);
	else if (row.part == PART_CONSOLE)
		change_console(app, row.n);
	else if (row.part == PART_CARD)
		use_card(settings, row.n);
	else if (row.part == PART_SOUND)
		change_sound(settings, row.n);
	else
		app_modal(app, &modal_key, &settings->of_key[row.n]);
}

static void unbind(struct settings_view *settings)
{
	struct row row = row_of(settings, settings->at);

	if (row.part == PART_KEY)
		app_unbind(settings->view.app, settings->of_key[row.n]);
}

static void move(struct settings_view *settings, int by)
{
	int to = settings->at + by, last = row_count(settings) - 1;

	settings->at = to < 0 ? 0 : to > last ? last : to;
}

static bool settings_request(struct view *view, enum request request)
{
	struct settings_view *settings = self(view);

	switch (request) {
	case REQ_UP:            move(settings, -1); return true;
	case REQ_DOWN:          move(settings, 1); return true;
	case REQ_PAGE_UP:       move(settings, -settings->shown); return true;
	case REQ_PAGE_DOWN:     move(settings, settings->shown); return true;
	case REQ_TOP:           move(settings, -row_count(settings)); return true;
	case REQ_BOTTOM:        move(settings, row_count(settings)); return true;
	case REQ_OPEN:          change(settings); return true;
	case REQ_UNBIND:        unbind(settings); return true;
	default:                return false;
	}
}

static void settings_click(struct view *view, int what, bool twice)
{
	struct settings_view *settings = self(view);
	const int at = index_of(settings, (struct row){(enum part)(what >> 10), what & 1023});
	bool again = settings->at == at || twice;

	settings->at = at;
	if (again)
		change(settings);
}

static void settings_wheel(struct view *view, int lines)
{
	move(self(view), lines);
}

static const char *settings_brief(struct view *view, enum request request)
{
	const struct row row = row_of(self(view), self(view)->at);

	switch (request) {
	case REQ_OPEN:          return row.part == PART_KEY ? "another key" : row.part == PART_CARD ? "use it" :
		row.part == PART_SOUND && sound_rows[row.n].kind ? "start" : "change";
	case REQ_UNBIND:        return row.part == PART_KEY ? "preset keys" : "";
	case REQ_PAUSE:         return "";
	default:                return NULL;
	}
}

const struct view_class screen_settings = {
	.name = "Settings", .place = PLACE_SETTINGS, .size = sizeof(struct settings_view), .open = settings_open,
	.close = settings_close, .show = settings_show, .draw = settings_draw, .request = settings_request,
	.click = settings_click, .wheel = settings_wheel, .news = settings_news,
	.brief = settings_brief,
};
