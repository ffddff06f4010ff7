/* act.c - requests that mean the same everywhere: screens, calls, the session; and dialling. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "app.h"
#include "modals.h"
#include "view.h"

/* ---- dialling --------------------------------------------------------------------------------------------------- */

/* An order that passes the gate, while the engine decides. */
struct gated { const char *method; json_t *params; char *who; };

/* One number is dialled at a time; a transfer is answered when it is over, which may take long. */
static bool is_dialling(const char *method)
{
	return !strcmp(method, "call.dial") || !strcmp(method, "call.redial");
}

static void gated_free(struct gated *gated)
{
	json_decref(gated->params);
	free(gated->who);
	free(gated);
}

/* What a method that passed the gate has brought about. */
static void say_done(struct app *app, const struct gated *gated)
{
	app->message[0] = '\0';
	if (!strcmp(gated->method, "call.transfer"))
		app_say(app, STYLE_GOOD, j_bool(gated->params, "consult") ?
			"Calling %s: transfer again when you have talked" :
			"Transferred to %s", gated->who);
	if (!strcmp(gated->method, "call.conference_add"))
		app_say(app, STYLE_GOOD, "%s is in the call", gated->who);
}

static void on_gated(void *arg, int64_t tag, const struct answer *answer)
{
	struct app *app = arg;
	struct gated *gated = (struct gated *)(intptr_t)tag;
	bool dials = !strcmp(gated->method, "call.dial");

	if (is_dialling(gated->method))
		app->dialling = false;
	if (dials)
		app->number_done = !answer->err || answer->err->code == ERR_BLOCKED ||
			answer->err->code == ERR_NEEDS_ACK;
	if (!answer->err) {
		say_done(app, gated);
		if (dials)
			app->model.chosen = j_int(answer->result, "id");
	} else if (answer->err->code == ERR_BLOCKED && answer->data) {
		app->message[0] = '\0';
		app_modal(app, &modal_block, answer->data);
	} else if (answer->err->code == ERR_NEEDS_ACK && answer->data) {
		const struct warning warning = {answer->data, gated->method, gated->params, gated->who};

		app->message[0] = '\0';
		app_modal(app, &modal_warn, &warning);
	} else {
		app_fail(app, answer->err);
		app->message_on_number = dials;
	}
	gated_free(gated);
	app->dirty = true;
}

void app_gated(struct app *app, const char *method, json_t *params, const char *who)
{
	struct gated *gated;

	if (app->dialling && is_dialling(method)) {
		json_decref(params);
		return;
	}
	gated = xcalloc(1, sizeof(*gated));
	gated->method = method;
	gated->params = params ? params : json_object();
	gated->who = xstrdup(who);
	app->dialling |= is_dialling(method);
	app_say(app, STYLE_DIM, "Asking whether %s may be called", who);
	app_ask(app, method, json_copy(gated->params), on_gated, app, (intptr_t)gated);
}

void app_dial(struct app *app, const char *number, int64_t customer_id)
{
	const char *refusal = model_refuses(&app->model, NEED_LINE);
	char words[80];
	json_t *params;

	if (refusal) {
		app_say(app, STYLE_WARN, "%s", refusal);
		return;
	}
	params = json_pack("{s:s}", "number", number);
	if (customer_id)
		json_object_set_new(params, "customer_id", json_integer(customer_id));
	app_gated(app, "call.dial", params, text_number(number, words));
}

/* ---- calls ------------------------------------------------------------------------------------------------------ */

static void order_call(struct app *app, const char *method, const struct call *call)
{
	if (call)
		app_order(app, method, json_pack("{s:I}", "call", (json_int_t)call->id));
}

/* The one that the window of calls coming in shows. */
static struct call *incoming(struct app *app)
{
	struct call *call = model_call(&app->model, app->incoming_call);

	return call ? call : model_incoming(&app->model, 0);
}

/* Does the agent talk with several at once? */
static bool confers(const struct model *model, const struct call *call)
{
	int n = 0;

	for (int i = 0; i < model->call_count; i++)
		n += call && call->conference && model->calls[i].conference == call->conference;
	return n > 1;
}

/* Hanging up on a call that comes in refuses it: what is talked on meanwhile is not meant. Who leaves a conference is
 * asked what becomes of the others. */
static void hang_up(struct app *app)
{
	if (app_top(app)->class == &modal_incoming)
		order_call(app, "call.reject", incoming(app));
	else if (confers(&app->model, model_focus(&app->model)))
		app_modal(app, &modal_conference, "leave");
	else
		order_call(app, "call.hangup", model_focus(&app->model));
}

/* The marked call where it is held: then it is taken back, which holds the active one; else the next one that is
 * held. */
static void swap(struct app *app)
{
	struct call *focus = model_focus(&app->model);

	order_call(app, "call.swap", focus && focus->held ? focus : model_other(&app->model));
}

static void take_or_leave(struct app *app, const struct call *call, bool is, const char *end, const char *begin)
{
	order_call(app, is ? end : begin, call);
}

static bool act_on_call(struct app *app, enum request request)
{
	struct call *call = model_focus(&app->model);

	switch (request) {
	case REQ_HANGUP:        hang_up(app); return true;
	case REQ_HOLD:          take_or_leave(app, call, call->held, "call.resume", "call.hold"); return true;
	case REQ_MUTE:          take_or_leave(app, call, call->muted, "call.unmute", "call.mute"); return true;
	case REQ_RECORD:        take_or_leave(app, call, call->record_paused, "call.record_resume",
		"call.record_pause"); return true;
	case REQ_SWAP:          swap(app); return true;
	case REQ_DTMF:          app_modal(app, &modal_dtmf, NULL); return true;
	case REQ_TRANSFER:      app_modal(app, &modal_transfer, NULL); return true;
	case REQ_CONFERENCE:    app_modal(app, &modal_conference, NULL); return true;
	case REQ_ANSWER:        order_call(app, "call.answer", incoming(app)); return true;
	case REQ_REJECT:        order_call(app, "call.reject", incoming(app)); return true;
	case REQ_VOICEMAIL:     order_call(app, "call.voicemail", incoming(app)); return true;
	default:                return false;
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
	else if (app->model.session.state != AGENT_READY)
		app_say(app, STYLE_WARN, "You can pause once no call is in progress");
	else
		app_modal(app, &modal_pause, NULL);
}

static void ask_to_quit(struct app *app)
{
	const struct question question = {
		.title = "Leave the console",
		.text = app->model.call_count ?
			"The call goes on without the console, and you find it again with spctl console." :
			app->model.has_session ? "You stay logged in, and calls still come to your station." :
				"There is nothing left open.",
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
	case REQ_DND:
		app_order(app, "session.dnd", json_pack("{s:b}", "on", !app->model.session.dnd));
		return true;
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
