/* modal_confirm.c - a question with yes and no; and what became of a session that somebody else ended. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "modals.h"
#include "view.h"

enum { YES = 1, NO = 2, WIDTH = 60 };

struct confirm {
	struct view view;
	struct question question;
	bool no;                    /* the focus is on "No" */
};

static void confirm_open(struct view *view, const void *arg)
{
	((struct confirm *)view)->question = *(const struct question *)arg;
}

static void confirm_draw(struct view *view, struct area all)
{
	const struct confirm *confirm = (struct confirm *)view;
	int rows = draw_wrap((struct area){0, 0, 10, WIDTH - 4}, STYLES, confirm->question.text), used;
	struct area in = draw_window(rows + 4, WIDTH, STYLE_TITLE, confirm->question.title);

	(void)all;
	draw_wrap(in, STYLE_TEXT, confirm->question.text);
	used = draw_button(in.y + rows + 1, in.x, confirm->question.yes, !confirm->no, true, YES) + 2;
	draw_button(in.y + rows + 1, in.x + used, "Cancel", confirm->no, true, NO);
}

static void answer(struct view *view, bool yes)
{
	struct app *app = view->app;
	void (*act)(void *) = ((struct confirm *)view)->question.act;

	app_close_modal(app, view);
	if (yes)
		act(app);
}

static bool confirm_key(struct view *view, keycode key)
{
	struct confirm *confirm = (struct confirm *)view;

	if (key == K_LEFT || key == K_RIGHT)
		confirm->no = !confirm->no;
	else if (key == 'y')
		answer(view, true);
	else if (key == 'n')
		answer(view, false);
	else
		return false;
	return true;
}

static bool confirm_request(struct view *view, enum request request)
{
	struct confirm *confirm = (struct confirm *)view;

	if (request == REQ_NEXT_FIELD)
		confirm->no = !confirm->no;
	else if (request == REQ_ACCEPT)
		answer(view, !confirm->no);
	else
		return false;
	return true;
}

static void confirm_click(struct view *view, int what, bool twice)
{
	(void)twice;
	answer(view, what == YES);
}

static const char *confirm_brief(struct view *view, enum request request)
{
	const struct confirm *confirm = (struct confirm *)view;

	return view_brief(request, confirm->no ? "cancel" : "yes", "next", "cancel");
}

const struct view_class modal_confirm = {
	.name = "confirm", .place = PLACE_MODAL, .size = sizeof(struct confirm), .open = confirm_open,
	.draw = confirm_draw,
	.key = confirm_key, .request = confirm_request, .click = confirm_click, .brief = confirm_brief,
};

/* ---- the session was ended --------------------------------------------------------------------------------------- */

/* Why the agent is out here, and by whom: in one or two sentences. */
static char *end_text(const struct model *model)
{
	const char *by = *model->ended_by ? model->ended_by : "an admin";

	if (*model->now_at && !strcmp(by, model->user))
		return xasprintf("You are signed in at %s now. The session at %s has ended.", model->now_at,
			model->ended_station);
	if (*model->now_at)
		return xasprintf("%s is signed in at %s by %s. The session at %s has ended.", model->user,
			model->now_at, by,
			model->ended_station);
	if (!strcmp(model->ended_reason, "taken over"))
		return xasprintf("%s took over %s. Your session there has ended.", by, model->ended_station);
	if (*model->ended_reason && strcmp(model->ended_reason, "kicked"))
		return xasprintf("The session of %s at %s was ended by %s: %s", model->user, model->ended_station, by,
			model->ended_reason);
	return xasprintf("The session of %s at %s was ended by %s.", model->user, model->ended_station, by);
}

static void ended_draw(struct view *view, struct area all)
{
	char *text = end_text(&view->app->model);
	int rows = draw_wrap((struct area){0, 0, 10, WIDTH - 4}, STYLES, text);
	struct area in = draw_window(rows + 6, WIDTH, STYLE_WARN, "You are logged out here");

	(void)all;
	draw_wrap((struct area){in.y, in.x, rows, in.w}, STYLE_STRONG, text);
	draw_text(in.y + rows + 1, in.x, in.w, STYLE_DIM, "What you owe comes along to where you log in.");
	draw_button(in.y + in.h - 1, in.x, "Log in again", true, true, YES);
	free(text);
}

static bool ended_request(struct view *view, enum request request)
{
	struct app *app = view->app;

	if (request != REQ_ACCEPT && request != REQ_BACK)
		return false;
	app->model.ended = false;
	app->asked_login = false;
	app_close_modal(app, view);
	app_follow_model(app);
	return true;
}

static void ended_click(struct view *view, int what, bool twice)
{
	(void)what;
	(void)twice;
	ended_request(view, REQ_ACCEPT);
}

static const char *ended_brief(struct view *view, enum request request)
{
	(void)view;
	return view_brief(request, "log in again", "", "");
}

const struct view_class modal_ended = {
	.name = "ended", .place = PLACE_MODAL, .size = sizeof(struct view), .draw = ended_draw,
	.request = ended_request,
	.click = ended_click, .brief = ended_brief,
};
