/* screen_team.c - for supervisors: who sits where, in which state, since when, and whose wrap-up is overdue. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "list.h"
#include "modals.h"

enum { AGENT, STATION, STATE, SINCE, REMARK, COLUMNS };

static const struct column columns[COLUMNS] = {
	[AGENT] = {"Agent", 12, 2, false}, [STATION] = {"Station", 12, 2, false}, [STATE] = {"State", 9, 0, false},
	[SINCE] = {"For", 8, 0, true}, [REMARK] = {"", 20, 5, false},
};

struct team {
	struct list list;
	char kicked[NAME_SIZE];     /* who is asked about */
	char *question;             /* the window's text, which lasts as long as the window */
	char title[160];            /* how many are in which state */
};

/* How long the wrap-up has been overdue; negative: what is left of it.  0 outside of one. */
static int64_t overdue_ms(const json_t *session)
{
	const json_t *wrap_up = json_object_get(session, "wrap_up");

	if (!json_is_object(wrap_up) || strcmp(j_text(session, "state"), "wrap_up"))
		return 0;
	return clock_now_ms() - j_time(session, "since") - j_int(wrap_up, "seconds") * 1000;
}

/* In the order in which they are counted. */
static const struct { const char *state, *words; } states[] = {
	{"ready", "ready"}, {"dialing", "dialing"}, {"ringing", "ringing"}, {"in_call", "in call"},
	{"wrap_up", "wrap-up"}, {"paused", "paused"},
};
enum { TEAM_STATES = sizeof(states) / sizeof(states[0]) };

static const char *state_words(const json_t *session)
{
	for (int i = 0; i < TEAM_STATES; i++)
		if (!strcmp(j_text(session, "state"), states[i].state))
			return states[i].words;
	return j_text(session, "state");
}

static const char *team_title(struct list *list)
{
	struct team *team = (struct team *)list;
	int count[TEAM_STATES] = {0}, overdue = 0, used;
	json_t *session;
	const char *user;

	json_object_foreach(list->view.app->model.team, user, session) {
		for (int i = 0; i < TEAM_STATES; i++)
			count[i] += !strcmp(j_text(session, "state"), states[i].state);
		overdue += overdue_ms(session) >= 1000;
	}
	used = snprintf(team->title, sizeof(team->title), "Team");
	for (int i = 0; i < TEAM_STATES; i++)
		if (count[i])
			used += snprintf(team->title + used, sizeof(team->title) - (size_t)used, "%s%d %s", used > 4 ?
				", " : ": ", count[i],
				states[i].words);
	if (overdue)
		snprintf(team->title + used, sizeof(team->title) - (size_t)used, ", %d overdue", overdue);
	return team->title;
}

static bool team_holds(struct list *list, const json_t *session, const char *text)
{
	(void)list;
	return strcasestr(j_text(session, "user"), text) || strcasestr(j_text(session, "station"), text) ||
		strcasestr(state_words(session), text) ||
		(overdue_ms(session) >= 1000 && strcasestr("overdue", text));
}

/* What a supervisor should know beside the state. */
static enum style remark(const json_t *session, char *out, size_t size)
{
	const json_t *registration = json_object_get(session, "registration");
	int64_t overdue = overdue_ms(session);
	char time[TEXT_TIME];

	out[0] = '\0';
	if (overdue >= 1000) {
		snprintf(out, size, "wrap-up overdue +%s", text_duration(overdue, time));
		return STYLE_BAD;
	}
	if (*j_text(registration, "reason")) {
		snprintf(out, size, "not registered: %.200s", j_text(registration, "reason"));
		return STYLE_BAD;
	}
	if (overdue < 0)
		snprintf(out, size, "%s left", text_duration(-overdue, time));
	else if (*j_text(session, "paused_reason"))
		str_copy(out, size, j_text(session, "paused_reason"));
	return overdue < 0 ? STYLE_WARN : STYLE_DIM;
}

static enum style state_style(const json_t *session)
{
	const char *state = j_text(session, "state");

	if (!strcmp(state, "ready"))
		return STYLE_GOOD;
	if (!strcmp(state, "paused"))
		return STYLE_WARN;
	return overdue_ms(session) >= 1000 ? STYLE_BAD : STYLE_ACCENT;
}

static enum style team_cell(struct list *list, const json_t *session, size_t column, char *out, size_t size)
{
	char text[80];

	(void)list;
	switch (column) {
	case AGENT:     str_copy(out, size, j_text(session, "user")); return STYLE_STRONG;
	case STATION:   str_copy(out, size, j_text(session, "station")); return STYLE_TEXT;
	case STATE:     str_copy(out, size, state_words(session)); return state_style(session);
	case SINCE:     str_copy(out, size, text_duration(clock_now_ms() - j_time(session, "since"), text));
		return STYLE_TEXT;
	default:        return remark(session, out, size);
	}
}

static void team_detail(struct list *list, const json_t *session, struct area in)
{
	int64_t owed = j_int(session, "owed"), call = j_int(session, "call_id");
	const char *registration = j_text(json_object_get(session, "registration"), "reason");
	char text[400], words[80];
	enum style style;
	struct facts facts;

	draw_textf(in.y, in.x, in.w, STYLE_STRONG, "%s at %s", j_text(session, "user"), j_text(session, "station"));
	facts_begin(&facts, (struct area){in.y + 1, in.x, in.h - 3, in.w});
	facts_add(&facts, "State", state_style(session), state_words(session));
	facts_add(&facts, "Since", STYLE_TEXT, list_time(list, j_time(session, "since"), true, text));
	style = remark(session, text, sizeof(text));
	facts_add(&facts, "Remark", style, text);
	facts_add(&facts, "Number", STYLE_TEXT, text_number(j_text(session, "did"), words));
	facts_add(&facts, "Line", STYLE_TEXT, j_bool(session, "registered") ? "registered" :
		*registration ? "not registered" : "direct");
	snprintf(text, sizeof(text), "%lld", (long long)call);
	facts_add(&facts, "Call", STYLE_TEXT, call ? text : "");
	snprintf(text, sizeof(text), "%lld", (long long)owed);
	facts_add(&facts, "Owed", STYLE_WARN, owed ? text : "");
	draw_button(in.y + in.h - 1, in.x, "Log out", false, true, HOT_REQUEST + REQ_KICK);
}

static const struct list_class team_list = {
	.search = "filter", .nothing = "Nobody is logged in", .columns = columns, .count = COLUMNS, .title = team_title,
	.holds = team_holds, .cell = team_cell, .detail = team_detail,
};

/* ---- the sessions ----------------------------------------------------------------------------------------------- */

/* The lines are the model's, by login. */
static void fill(struct list *list)
{
	json_t *items = json_array(), *session;
	const char *user;

	json_object_foreach(list->view.app->model.team, user, session) {
		size_t at = 0;

		while (at < json_array_size(items) && strcmp(j_text(json_array_get(items, at), "user"), user) < 0)
			at++;
		json_array_insert(items, at, session);
	}
	list_fill(list, items, "user");
}

static void on_sessions(void *arg, int64_t tag, const struct answer *answer)
{
	struct list *list = arg;

	(void)tag;
	if (answer->err) {
		app_fail(list->view.app, answer->err);
		return;
	}
	model_sessions(&list->view.app->model, json_object_get(answer->result, "items"));
	fill(list);
}

static void ask(struct list *list)
{
	app_ask(list->view.app, "session.list", json_pack("{s:i}", "limit", 0), on_sessions, list, 0);
}

static void team_open(struct view *view, const void *arg)
{
	(void)arg;
	list_open((struct list *)view, &team_list);
	ask((struct list *)view);
}

static void team_show(struct view *view)
{
	fill((struct list *)view);
}

static void team_news(struct view *view, const char *event, const json_t *data)
{
	(void)data;
	if (!event)
		ask((struct list *)view);
	else if (!strcmp(event, "session.changed"))
		fill((struct list *)view);
}

static bool team_ticks(struct view *view)
{
	return list_item((struct list *)view);
}

/* ---- ending a session ------------------------------------------------------------------------------------------- */

static void on_kicked(void *arg, int64_t tag, const struct answer *answer)
{
	struct team *team = arg;

	(void)tag;
	if (answer->err)
		app_fail(team->list.view.app, answer->err);
	else
		app_say(team->list.view.app, STYLE_GOOD, "%s is logged out", team->kicked);
}

static void kick(void *arg)
{
	struct app *app = arg;
	struct team *team = (struct team *)app->screens[app->screen];

	if (team->list.view.class == &screen_team)
		app_ask(app, "session.kick", json_pack("{s:s}", "user", team->kicked), on_kicked, team, 0);
}

static void ask_to_kick(struct team *team)
{
	const json_t *session = list_item(&team->list);

	if (!session)
		return;
	str_copy(team->kicked, sizeof(team->kicked), j_text(session, "user"));
	free(team->question);
	team->question = xasprintf("%s at %s is %s%s. The session ends%s.", team->kicked, j_text(session, "station"),
		!strcmp(j_text(session, "state"), "wrap_up") ? "in " : "", state_words(session),
		j_int(session, "call_id") ? ", and the call with it" : "");
	app_modal(team->list.view.app, &modal_confirm, &(struct question){"Log out", team->question, "Log out", kick});
}

/* The login of the chosen line, where it is another's; else NULL, and it is said. */
static const char *another(struct team *team)
{
	struct app *app = team->list.view.app;
	const char *user = j_text(list_item(&team->list), "user");

	if (*user && strcmp(user, app->model.user))
		return user;
	app_say(app, STYLE_WARN, *user ? "That is you" : "Nobody is chosen");
	return NULL;
}

static bool team_request(struct view *view, enum request request)
{
	const char *user;

	if (request == REQ_CALL_THIS) {
		if ((user = another((struct team *)view)))
			app_dial(view->app, user, 0);
		return true;
	}
	if (request == REQ_TRANSFER) {
		if ((user = another((struct team *)view)))
			app_modal(view->app, &modal_transfer, user);
		return true;
	}
	if (request == REQ_KICK) {
		ask_to_kick((struct team *)view);
		return true;
	}
	if (request == REQ_RELOAD)
		ask((struct list *)view);
	return list_request(view, request);
}

static void team_close(struct view *view)
{
	free(((struct team *)view)->question);
	list_close(view);
}

/* The agent's own line is not for these. */
static const char *team_brief(struct view *view, enum request request)
{
	const char *user = j_text(list_item((struct list *)view), "user");
	bool other = *user && strcmp(user, view->app->model.user);

	if (!((struct list *)view)->typing && (request == REQ_CALL_THIS || request == REQ_TRANSFER) && !other)
		return "";
	if (request == REQ_KICK && !*user)
		return "";
	return list_brief(view, request);
}

const struct view_class screen_team = {
	.name = "Team", .place = PLACE_TEAM, .size = sizeof(struct team), .open = team_open, .close = team_close,
	.show = team_show, .draw = list_draw, .key = list_key, .paste = list_paste, .request = team_request,
	.click = list_click, .wheel = list_wheel, .news = team_news, .ticks = team_ticks,
	.brief = team_brief, .types = list_types,
};
