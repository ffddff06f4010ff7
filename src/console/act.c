/* act.c - requests that mean the same everywhere: screens, calls, the session; and dialling. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "app.h"
#include "modals.h"
#include "view.h"

/* ---- dialling --------------------------------------------------------------------------------------------------- */

/* What was dialled, while the engine decides. */
struct dialled { char number[NUMBER_SIZE]; int64_t customer_id; };

static void on_dial(void *arg, int64_t tag, const struct answer *answer)
{
	struct app *app = arg;
	struct dialled *dialled = (struct dialled *)(intptr_t)tag;

	app->dialling = false;
	app->message[0] = '\0';
	app->number_done = !answer->err || answer->err->code == ERR_BLOCKED || answer->err->code == ERR_NEEDS_ACK;
	if (!answer->err) {
		app->chosen_call = j_int(answer->result, "id");
	} else if (answer->err->code == ERR_BLOCKED && answer->data) {
		app_modal(app, &modal_block, answer->data);
	} else if (answer->err->code == ERR_NEEDS_ACK && answer->data) {
		const struct warning warning = {answer->data, dialled->number, dialled->customer_id};

		app_modal(app, &modal_warn, &warning);
	} else {
		app_fail(app, answer->err);
	}
	free(dialled);
	app->dirty = true;
}

void app_dial(struct app *app, const char *number, int64_t customer_id, const char *ack)
{
	struct dialled *dialled;
	json_t *params;
	const char *refusal = model_refuses(&app->model, NEED_IDLE);

	if (app->dialling)
		return;
	if (refusal) {
		app_say(app, STYLE_WARN, "%s", refusal);
		return;
	}
	dialled = xcalloc(1, sizeof(*dialled));
	str_copy(dialled->number, sizeof(dialled->number), number);
	dialled->customer_id = customer_id;
	params = json_pack("{s:s}", "number", dialled->number);
	if (customer_id)
		json_object_set_new(params, "customer_id", json_integer(customer_id));
	if (ack)
		json_object_set_new(params, "ack", json_string(ack));
	app->dialling = true;
	app_say(app, STYLE_DIM, "Asking whether %s may be called", dialled->number);
	app_ask(app, "call.dial", params, on_dial, app, (intptr_t)dialled);
}

/* ---- calls ------------------------------------------------------------------------------------------------------ */

static void order_call(struct app *app, const char *method, const struct call *call)
{
	if (call)
		app_order(app, method, json_pack("{s:I}", "call", (json_int_t)call->id));
}

/* The call that is marked on the phone's screen, else the one that is up. */
static struct call *chosen_call(struct app *app)
{
	struct call *call = model_call(&app->model, app->chosen_call);

	return call ? call : model_focus(&app->model);
}

static void on_reject(void *arg)
{
	struct app *app = arg;

	order_call(app, "call.reject", model_incoming(&app->model));
}

static bool act_on_call(struct app *app, enum request request)
{
	struct call *call = chosen_call(app);

	switch (request) {
	case REQ_HANGUP:
		order_call(app, "call.hangup", call);
		return true;
	case REQ_HOLD:
		if (call)
			order_call(app, call->held ? "call.resume" : "call.hold", call);
		return true;
	case REQ_MUTE:
		if (call)
			order_call(app, call->muted ? "call.unmute" : "call.mute", call);
		return true;
	case REQ_DTMF:
		app_modal(app, &modal_dtmf, NULL);
		return true;
	case REQ_ANSWER:
		order_call(app, "call.answer", model_incoming(&app->model));
		return true;
	case REQ_REJECT:
		on_reject(app);
		return true;
	default:
		return false;
	}
}

/* ---- session ---------------------------------------------------------------------------------------------------- */

static void do_logout(void *arg)
{
	struct app *app = arg;

	app->logging_in = true;                         /* what ends now is our own doing */
	app_logout(app);
}

static void do_quit(void *arg)
{
	((struct app *)arg)->quit = true;
}

static void pause_or_ready(struct app *app)
{
	if (app->model.session.state == AGENT_PAUSED)
		app_order(app, "session.ready", NULL);
	else
		app_modal(app, &modal_pause, NULL);
}

static void ask_to_quit(struct app *app)
{
	const struct question question = {
		.title = "Leave the console",
		.text = app->model.call_count ? "The call goes on without the console, and you find it again with spctl console." :
			app->model.has_session ? "You stay logged in, and calls still come to your station." : "There is nothing left open.",
		.yes = "Leave",
		.act = do_quit,
	};

	if (!app->model.has_session)
		app->quit = true;
	else
		app_modal(app, &modal_confirm, &question);
}

static void ask_to_log_out(struct app *app)
{
	const struct question question = {
		.title = "Log out",
		.text = "Calls no longer come to your station.",
		.yes = "Log out",
		.act = do_logout,
	};

	app_modal(app, &modal_confirm, &question);
}

/* ---- everywhere ------------------------------------------------------------------------------------------------- */

static void next_screen(struct app *app)
{
	enum request request;
	int at = app->screen;

	do {
		at = app_screen_class(at + 1, NULL) ? at + 1 : 0;
		app_screen_class(at, &request);
	} while (model_refuses(&app->model, requests[request].need));
	app_screen(app, app_screen_class(at, NULL));
}

static bool go_to_screen(struct app *app, enum request wanted)
{
	const struct view_class *class;
	enum request request;

	for (int i = 0; (class = app_screen_class(i, &request)); i++)
		if (request == wanted)
			app_screen(app, class);
	return true;
}

static bool act_everywhere(struct app *app, enum request request)
{
	switch (request) {
	case REQ_PHONE: case REQ_HISTORY: case REQ_CUSTOMERS: case REQ_TEAM: case REQ_AUDIT: case REQ_SETTINGS:
		return go_to_screen(app, request);
	case REQ_NEXT_SCREEN:   next_screen(app); return true;
	case REQ_HELP:          app_modal(app, &modal_help, NULL); return true;
	case REQ_PALETTE:       app_modal(app, &modal_palette, NULL); return true;
	case REQ_PAUSE:         pause_or_ready(app); return true;
	case REQ_LOGIN:         app_modal(app, &modal_login, NULL); return true;
	case REQ_LOGOUT:        ask_to_log_out(app); return true;
	case REQ_REDRAW:        app->redraw = true; return true;
	case REQ_SUSPEND:       app->suspend = true; return true;
	case REQ_QUIT:          ask_to_quit(app); return true;
	default:                return act_on_call(app, request);
	}
}

void app_request(struct app *app, enum request request)
{
	struct view *top = app_top(app);
	const char *refusal = model_refuses(&app->model, requests[request].need);

	app->dirty = true;
	if (refusal) {
		app_say(app, STYLE_WARN, "%s: %s", requests[request].name, refusal);
		return;
	}
	if (top->class->request && top->class->request(top, request))
		return;
	if (request == REQ_BACK) {
		if (app->modal_count)
			app_close_modal(app, top);
		else
			app_screen(app, &screen_phone);
		return;
	}
	act_everywhere(app, request);
}
