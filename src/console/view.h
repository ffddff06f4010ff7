/*
 * view.h - a screen or a modal: how it is drawn, and what it does with keys, requests, clicks and news.
 *
 * One file each: screen_*.c, modal_*.c.  A view is a struct that begins with struct view; its class says its size and
 * functions, each of which may be missing.  A new screen: a class here, a place in keys.h, a line in app.c's table.
 */
#pragma once
#include "../base/clock.h"
#include "app.h"

struct view;

struct view_class {
	const char *name;           /* a screen's: in the line of tabs */
	unsigned place;             /* PLACE_* of keys.h: which requests count in it */
	size_t size;                /* bytes of its struct */
	/* Once, when it is made: arg is app_modal()'s.  It is zeroed before. */
	void (*open)(struct view *, const void *arg);
	void (*close)(struct view *);       /* frees what it holds */
	/* Each time a screen comes to the front. */
	void (*show)(struct view *);
	/* A screen gets the area between tabs and message line, a modal the whole screen.  Only draws. */
	void (*draw)(struct view *, struct area);
	/* A key before it is looked up in the table: true when it was typed into a field of the view. */
	bool (*key)(struct view *, keycode);
	void (*paste)(struct view *, const char *text);
	/* A request of its place; false: it means nothing here. */
	bool (*request)(struct view *, enum request);
	void (*click)(struct view *, int what, bool twice);     /* what: draw_hot() */
	void (*wheel)(struct view *, int lines);                /* negative: up */
	/* Something changed: an event, NULL when (re)connected. */
	void (*news)(struct view *, const char *event, const json_t *data);
	bool (*ticks)(struct view *);       /* does it show something that counts seconds */
	/* The word for a request in the line of keys while the view is on top: NULL is that of the table, "" hides
	 * it. */
	const char *(*brief)(struct view *, enum request);
	/* do characters go into a field of text: keys that are one are not told then */
	bool (*types)(struct view *);
};

struct view {
	const struct view_class *class;
	struct app *app;
};

/* For the brief of a window: the words for Enter, Tab and Esc. */
static inline const char *view_brief(enum request request, const char *accept, const char *next, const char *back)
{
	return request == REQ_ACCEPT ? accept : request == REQ_NEXT_FIELD ? next : request == REQ_BACK ? back : NULL;
}

/*
 * A window that opens by itself takes no key that was meant for what was there before: none before it was drawn, and
 * none of somebody who was typing and types on, up to a limit, so that who presses a key again and again is heard.
 */
enum { DEAF_MS = 700, DEAF_MOST_MS = 1500 };
struct deaf {
	int64_t opened, last;       /* last: when a key was typed that was for something else; ms of clock_mono_ms() */
	bool drawn;
};

/* typed_at: the app's. */
static inline void deaf_begin(struct deaf *deaf, int64_t typed_at)
{
	*deaf = (struct deaf){.opened = clock_mono_ms(), .last = typed_at};
}

static inline bool deaf_now(const struct app *app, const struct deaf *deaf)
{
	const int64_t now = clock_mono_ms();

	return app->typed_ahead ||
		(now - deaf->opened < DEAF_MOST_MS && (!deaf->drawn || (deaf->last && now - deaf->last < DEAF_MS)));
}

/* Is this key not to be heard. */
static inline bool deaf_to_key(const struct app *app, struct deaf *deaf)
{
	if (!deaf_now(app, deaf))
		return false;
	deaf->last = clock_mono_ms();
	return true;
}

extern const struct view_class screen_phone, screen_history, screen_customers, screen_team, screen_audit,
	screen_settings;
extern const struct view_class modal_block, modal_warn, modal_incoming, modal_wrap_up, modal_dtmf, modal_login,
	modal_take_over, modal_ended, modal_palette, modal_help, modal_confirm, modal_pause,
	modal_save, modal_transfer, modal_conference, modal_key;
