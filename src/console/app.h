/*
 * app.h - what views may do: ask the engine, open each other, say something.
 */
#pragma once
#include "console.h"
#include "draw.h"
#include "keys.h"
#include "link.h"
#include "model.h"
#include "settings.h"

struct view;
struct view_class;

enum { APP_MODALS = 8, APP_SCREENS = 6 };

struct app {
	struct console_options options;
	struct client_options client;
	struct settings settings;
	struct model model;
	struct link *link;
	struct view *screens[APP_SCREENS];      /* made when first shown */
	int screen;                             /* the one in front */
	/* call -> {chosen, notes}: what wrap-ups have not saved yet; never NULL */
	json_t *drafts;
	struct view *modals[APP_MODALS];        /* the last is on top */
	int modal_count;
	char message[600];                      /* of the line above the keys */
	enum style message_style;
	int64_t message_until;                  /* clock_mono_ms() at which it goes; 0: none */
	int64_t typed_at;                       /* when a character was typed, 0: another key came since */
	bool typed_ahead;                       /* the key was there before the view on top was drawn */
	bool attached;                          /* it was found whether there is a session already */
	bool logging_in;                        /* session.login is under way: what ends meanwhile is our own doing */
	bool dialling;                          /* an order that passes the gate is not answered yet */
	bool message_on_number;                 /* the message tells what is wrong with it: a change ends it */
	bool number_done;                       /* the number that was typed is dialled: the field may be emptied */
	int64_t incoming_call;                  /* the one that the window of calls coming in shows, or 0: the first */
	int64_t wrap_customer;                  /* of the call in the wrap-up window; 0: nobody, or not known */
	int64_t aside;                          /* a call that comes in and whose window was put aside, or 0 */
	char station_asked[NAME_SIZE];          /* whose settings were asked for */
	bool levels;                            /* how loud calls are is being told */
	bool asked_login;                       /* the login window was opened by itself once */
	bool too_small;                         /* the screen: only leaving works */
	bool dirty;                             /* something changed: draw */
	bool quit;
	bool suspend;                           /* Ctrl-Z was pressed */
	bool redraw;                            /* draw all anew */
	bool view_changed;                      /* another view is on top than the last drawn one */
	bool bell;                              /* ring the terminal's bell with the next drawing */
	struct err fatal;                       /* why it ends, when that is a failure */
};

/* ---- asking the engine ---- */
/* Adds "tenant" where one was given and "as" where the method takes it (method.h).  Steals params.  arg is the app or
 * the view: answers for a view that is closed are dropped. */
void app_ask(struct app *, const char *method, json_t *params, link_answer_h *, void *arg, int64_t tag);
/* The same where only a failure matters: it is said in the message line. */
void app_order(struct app *, const char *method, json_t *params);
/* An order that passes the gate (params stolen): opens the block or warning modal where the gate says so; acknowledged,
 * it is given again.  method: a literal; who: to say who is called. */
void app_gated(struct app *, const char *method, json_t *params, const char *who);
/* Dials; customer_id 0: by the number. */
void app_dial(struct app *, const char *number, int64_t customer_id);
/* Sees to it that this customer's card is loaded; 0 is nobody. */
void app_want_card(struct app *, int64_t customer_id);

/* ---- views ---- */
void app_screen(struct app *, const struct view_class *);
struct view *app_modal(struct app *, const struct view_class *, const void *arg);
struct view *app_find_modal(struct app *, const struct view_class *);
void app_close_modal(struct app *, struct view *);
void app_reattach(struct app *);                /* asks who is logged in, and follows that */
struct view *app_top(struct app *);             /* the modal on top, else the screen in front */
/* Makes a request, by key, click or palette: refuses with a sentence what its need does not allow. */
void app_request(struct app *, enum request);
/* Opens and closes modals as the model says: incoming, wrap-up, login, ended. */
void app_follow_model(struct app *);

/* In the order of the tabs, and the request that goes there (or NULL); NULL behind the last. */
const struct view_class *app_screen_class(int i, enum request *);

/* ---- the message line ---- */
void app_say(struct app *, enum style, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void app_fail(struct app *, const struct err *);

/* ---- what the loop (console.c) hands in ---- */
void app_open(struct app *, const struct console_options *);
void app_close(struct app *);
void app_key(struct app *, keycode);
void app_paste(struct app *, const char *text);
void app_click(struct app *, int y, int x, bool twice);
void app_wheel(struct app *, int lines);
void app_draw(struct app *);
bool app_ticks(struct app *);                   /* must the screen be drawn once a second */
