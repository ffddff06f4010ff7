/* bars.c - what stands around every screen. */
#include "bars.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../base/tz.h"
#include "view.h"

/* columns from which on the tabs tell their keys; rows that a message may take */
enum { TAB_KEYS = 110, MESSAGE_ROWS = 3 };

static const char *tenant_name(const struct app *app)
{
	return app->model.tenant ? j_text(app->model.tenant, "name") : "spctl";
}

/* ---- the top line: who, where, how ------------------------------------------------------------------------------- */

static void registration(const struct model *model, const char **text, enum style *style)
{
	const struct session *session = &model->session;

	*style = STYLE_BAR_DIM;
	if (!model->connected) {
		*style = STYLE_BAR_BAD;
		*text = model->ever_connected ? "no engine" : "connecting";
	} else if (!model->has_session) {
		*text = "not logged in";
	} else if (session->registered) {
		*style = STYLE_BAR_GOOD;
		*text = "registered";
	} else if (*session->registration) {
		*style = STYLE_BAR_BAD;
		*text = "not registered";
	} else {
		*text = "direct";                       /* a station that does not register */
	}
}

/* The time of day in the tenant's zone: every agent of a team reads the same clock. */
static void clock_text(const struct app *app, char out[8])
{
	struct local_time local;
	struct tz *tz = NULL;

	str_copy(out, 8, "--:--");
	if (!app->model.tenant || tz_open(&tz, j_text(app->model.tenant, "timezone"), NULL) < 0)
		return;
	tz_local(tz, clock_now_ms(), &local);
	snprintf(out, 8, "%02d:%02d", local.hour, local.minute);
	tz_free(tz);
}

/* How the line is protected, as the station has it, in so many columns. */
static void line_text(const struct model *model, int w, const char **text, enum style *style)
{
	const char *none = w >= (int)strlen("not encrypted") ? "not encrypted" : "no tls";
	const char *media = j_text(model->station, "media_enc");
	bool tls = !strcmp(j_text(model->station, "transport"), "tls"), srtp = *media && strcmp(media, "none");

	*style = STYLE_BAR_DIM;
	*text = tls && srtp ? "tls, srtp" : tls ? "tls" : srtp ? "srtp" : model->station ? none : "";
	if (tls && json_is_false(json_object_get(model->station, "tls_verify"))) {
		*style = STYLE_BAR_WARN;
		*text = "certificate not checked";
	}
}

static void draw_who(struct app *app, int w)
{
	const struct session *session = &app->model.session;
	char number[80], clock[8];
	const char *reg, *line;
	enum style style;
	int x = 1;

	draw_fill((struct area){0, 0, 1, w}, STYLE_BAR);
	registration(&app->model, &reg, &style);
	clock_text(app, clock);
	draw_right(0, w - 6, 5, STYLE_BAR, clock);
	x += draw_text(0, x, w / 5, STYLE_BAR, tenant_name(app)) + 2;
	if (app->model.has_session) {
		x += draw_text(0, x, w / 5, STYLE_BAR, session->user);
		x += draw_text(0, x, 4, STYLE_BAR_DIM, " at ");
		x += draw_text(0, x, w / 5, STYLE_BAR, session->station) + 2;
		x += draw_text(0, x, w - x - 24, STYLE_BAR_DIM, text_number(session->did, number)) + 2;
	}
	if (w - x - 8 > 0) {
		x += draw_text(0, x, w - x - 8, style, sym(style == STYLE_BAR_GOOD ? SYM_DOT : SYM_CIRCLE)) + 1;
		x += draw_text(0, x, w - x - 8, style, reg) + 2;
	}
	line_text(&app->model, w - x - 8, &line, &style);
	if (app->model.has_session && w - x - 8 > 0)
		draw_text(0, x, w - x - 8, style, line);
}

/* ---- the second line: tabs, and the agent's state with its time -------------------------------------------------- */

/* With their keys where there is room. */
static void draw_tabs(struct app *app, int w)
{
	const struct view_class *class;
	enum request request;
	int x = 0;

	for (int i = 0; (class = app_screen_class(i, &request)); i++) {
		char key[16] = "", label[64];

		if (requests[request].need == NEED_SUPERVISOR && !model_is_supervisor(&app->model))
			continue;
		if (w >= TAB_KEYS)
			keys_name(&app->settings.keys, request, key);
		snprintf(label, sizeof(label), " %s%s%s ", key, *key ? " " : "", class->name);
		draw_hot((struct area){1, x, 1, (int)strlen(label)}, HOT_REQUEST + (int)request);
		x += draw_text(1, x, w - x, app->screen == i ? STYLE_TAB : STYLE_DIM, label);
	}
}

/* "in call 2:13"; the style says how urgent it is. */
static enum style state_text(struct app *app, char *out, size_t size)
{
	const struct session *session = &app->model.session;
	int64_t now = clock_now_ms();
	char words[80], time[TEXT_TIME];

	out[0] = '\0';
	if (!app->model.has_session)
		return STYLE_DIM;
	if (session->state == AGENT_WRAP_UP && session->wrap_call && now >= session->wrap_due_ms) {
		snprintf(out, size, "wrap-up overdue +%s", text_duration(now - session->wrap_due_ms, time));
		return STYLE_BAD;
	}
	if (session->state == AGENT_WRAP_UP && session->wrap_call) {
		snprintf(out, size, "wrap-up %s left", text_duration(session->wrap_due_ms - now + 999, time));
		return STYLE_WARN;
	}
	snprintf(out, size, "%s%s%s %s%s", text_words(agent_name(session->state), words), *session->paused_reason ?
		": " : "",
		session->paused_reason, text_duration(now - session->since_ms, time), session->dnd ?
			", do not disturb" : "");
	if (session->dnd)
		return STYLE_WARN;
	return session->state == AGENT_READY ? STYLE_GOOD : session->state == AGENT_PAUSED ? STYLE_WARN : STYLE_ACCENT;
}

static void draw_state(struct app *app, int w)
{
	char text[700], marked[720];
	enum style style = state_text(app, text, sizeof(text));

	if (!*text)
		return;
	snprintf(marked, sizeof(marked), "%s %s", sym(SYM_DOT), text);
	draw_right(1, w / 2 + 10, w - w / 2 - 11, style, marked);
}

void bars_title(struct app *app, char *out, size_t size)
{
	char text[700];

	state_text(app, text, sizeof(text));
	snprintf(out, size, "%.60s%sspctl %.40s", text, *text ? " \xc2\xb7 " : "", tenant_name(app));
}

/* ---- the line of keys -------------------------------------------------------------------------------------------- */

/* The word for what it does now, or "": it is not told. */
static const char *brief_of(struct app *app, enum request request)
{
	struct view *top = app_top(app);
	const char *brief = top->class->brief ? top->class->brief(top, request) : NULL;
	const struct call *call = model_focus(&app->model);

	if (brief)
		return brief;
	switch (request) {
	case REQ_HOLD:          return call && call->held ? "resume" : "hold";
	case REQ_MUTE:          return call && call->muted ? "unmute" : "mute";
	case REQ_RECORD:        return call && call->record_paused ? "record again" : "pause recording";
	case REQ_CONFERENCE:    return call && call->conference ? "who is in it" : "add";
	case REQ_PAUSE:         return app->model.session.state == AGENT_PAUSED ? "ready again" :
		app->model.session.state == AGENT_READY ? "pause" : "";
	case REQ_DND:           return app->model.session.dnd ? "calls again" : "";
	default:                return requests[request].flags & REQ_LINE ? requests[request].brief : "";
	}
}

/* Its first key; where characters go into a field, the first that is none. */
static const char *key_of(struct app *app, enum request request, char out[16])
{
	struct view *top = app_top(app);
	const keycode *keys = app->settings.keys.of[request];
	bool types = top->class->types && top->class->types(top);

	out[0] = '\0';
	for (int i = 0; i < KEYS_EACH && keys[i]; i++)
		if (!types || !key_is_typed(keys[i]))
			return keycode_name(keys[i], out);
	return out;
}

/* "F8 hold" at x, as far as it fits before end; the columns used, with the room behind it. */
static int draw_key(struct app *app, enum request request, int y, int x, int end)
{
	const char *brief = brief_of(app, request);
	char key[16];
	int used;

	key_of(app, request, key);
	used = text_columns(key, draw_charset_now()) + 1 + (int)strlen(brief);
	if (!*key || !*brief || x + used > end)
		return 0;
	draw_text(y, x, end - x, STYLE_KEY, key);
	draw_text(y, x + used - (int)strlen(brief), end - x, STYLE_BAR, brief);
	draw_hot((struct area){y, x, 1, used}, HOT_REQUEST + (int)request);
	return used + 2;
}

/* Calls come first on a screen; in a window what it is for, and how it is closed. */
enum rank { RANK_WINDOW, RANK_CLOSE, RANK_CALLS, RANK_PLACE, RANK_BACK, RANK_EVERYWHERE, RANKS };

static enum rank rank_of(const struct app *app, enum request request)
{
	if (request == REQ_BACK)
		return app->modal_count ? RANK_CLOSE : RANK_BACK;
	if (requests[request].places == PLACE_ALL && requests[request].need == NEED_NOTHING)
		return RANK_EVERYWHERE;
	if (requests[request].places & (PLACE_MODAL | PLACE_INCOMING) && requests[request].places != PLACE_ALL)
		return RANK_WINDOW;
	if (request >= REQ_HANGUP && request <= REQ_RECORD)
		return RANK_CALLS;
	return request < REQ_ANSWER ? RANK_BACK : RANK_PLACE;
}

void bars_keys(struct app *app)
{
	const struct area all = draw_screen();
	unsigned place = app_top(app)->class->place;
	int y = all.h - 1, x = 1, end;
	char key[16];

	draw_fill((struct area){y, 0, 1, all.w}, STYLE_BAR);
	key_of(app, REQ_HELP, key);
	end = all.w - (int)(strlen(key) + strlen(requests[REQ_HELP].brief)) - 2;
	draw_key(app, REQ_HELP, y, end, all.w);         /* where all the others are told is always seen */
	for (int rank = 0; rank < RANKS; rank++)
		for (int r = REQ_NONE + 1; r < REQUESTS; r++)
			if (requests[r].places & place && (int)rank_of(app, (enum request)r) == rank && r != REQ_HELP &&
			    !model_refuses(&app->model, requests[r].need))
				x += draw_key(app, (enum request)r, y, x, end - 1);
}

/* ---- the message above it ---------------------------------------------------------------------------------------- */

/* One that is longer than the line takes rows of the screen above. */
static int message_rows(const struct app *app, struct area all)
{
	int rows = draw_wrap((struct area){0, 0, MESSAGE_ROWS, all.w - 2}, STYLES, app->message);

	return rows > 0 ? rows : 1;
}

void bars_message(struct app *app)
{
	const struct area all = draw_screen();
	int rows = message_rows(app, all);

	if (!*app->message)
		return;
	draw_fill((struct area){all.h - 1 - rows, 0, rows, all.w}, STYLE_TEXT);
	draw_wrap((struct area){all.h - 1 - rows, 1, rows, all.w - 2}, app->message_style, app->message);
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

static void draw_too_small(struct area all)
{
	char *text = xasprintf("The console needs %d columns and %d rows; this terminal has %d and %d.  Calls go on.",
		BARS_COLUMNS, BARS_ROWS, all.w, all.h);

	draw_wrap(all, STYLE_STRONG, text);
	free(text);
}

bool bars_draw(struct app *app, struct area *inside)
{
	const struct area all = draw_screen();

	if (all.h < BARS_ROWS || all.w < BARS_COLUMNS) {
		draw_too_small(all);
		return false;
	}
	draw_who(app, all.w);
	draw_tabs(app, all.w);
	draw_state(app, all.w);
	draw_hline(2, 0, all.w);
	*inside = (struct area){3, 0, all.h - 4 - message_rows(app, all), all.w};
	return true;
}
