/*
 * list.h - a list that the engine gives in pages, with a filter and the detail of the chosen line.
 *
 * A screen with a list begins with struct list, says in a struct list_class what its lines are, and takes the functions
 * below into its view_class, or calls them from its own.  One request is under way at a time: what is typed meanwhile
 * is asked for when the answer is there, so that typing never outruns the engine.
 */
#pragma once
#include "view.h"

struct list;
struct tz;

struct list_class {
	const char *method;         /* gives the pages; NULL: the screen brings all lines by list_fill() */
	const char *search;         /* the label of what is typed */
	const char *nothing;        /* said when there is no line */
	const struct column *columns;
	size_t count;
	bool beside;                /* the detail stands to the right on a narrow terminal as well */
	/* "Your calls"; NULL: none. */
	const char *(*title)(struct list *);
	/* Is this column of no use now; NULL: none is. */
	bool (*hides)(struct list *, size_t column);
	/* Adds what the page is asked by, in particular what was typed: the engine finds it. */
	void (*ask)(struct list *, json_t *params);
	/* Does the item hold the text that was typed: of lines that the screen brings, and of news. NULL: each does. */
	bool (*holds)(struct list *, const json_t *item, const char *text);
	/* The text of one cell; NULL item: never. */
	enum style (*cell)(struct list *, const json_t *item, size_t column, char *out, size_t size);
	void (*detail)(struct list *, const json_t *item, struct area);
	/* Another line was chosen, or the chosen one is old: what its detail needs is asked for. */
	void (*chosen)(struct list *, const json_t *item);
};

struct list {
	struct view view;
	const struct list_class *class;
	json_t *items;              /* those that hold the filter; never NULL */
	json_t *names;              /* customer's id -> name, or "" while it is asked for */
	int64_t next;               /* where the following page begins; 0: there is none */
	int at, top, rows;          /* the chosen line, the first shown, the lines shown */
	bool asking, again;         /* a page is under way; it is already known to be old */
	int64_t asked_ms;           /* clock_mono_ms() when it was */
	bool anew;                  /* the page under way replaces what is there */
	bool whole;                 /* the detail takes the whole screen */
	bool typing;                /* keys go to the filter */
	bool fresh;                 /* what is typed next replaces what stands there */
	bool shown;                 /* it was in front once */
	char failure[300];          /* why there is no list, or "" */
	struct edit filter;
	struct tz *tz;              /* of the tenant, opened when a time is first shown */
};

void list_open(struct list *, const struct list_class *);
void list_close(struct view *);
void list_show(struct view *);
void list_draw(struct view *, struct area);
bool list_key(struct view *, keycode);
void list_paste(struct view *, const char *);
bool list_request(struct view *, enum request);
const char *list_brief(struct view *, enum request);
bool list_types(struct view *);
void list_click(struct view *, int what, bool twice);
void list_wheel(struct view *, int lines);

/* The item of the chosen line, borrowed, or NULL. */
const json_t *list_item(const struct list *);
/* Asks for the list again, from its beginning. */
void list_reload(struct list *);
/* All lines at once (steals the array); the chosen line stays that of the same `key`. */
void list_fill(struct list *, json_t *items, const char *key);
/* An item that changed, by its id; one that is not there becomes the first line when it holds the filter. */
void list_put(struct list *, const json_t *item);

/* ---- for cells and details ---- */
/* "21 Nov 09:14", or with year and seconds, in the tenant's zone; "" for a time that is none. */
const char *list_time(struct list *, int64_t at_ms, bool whole, char out[40]);
/* The customer's name; "" while it is not known. */
const char *list_customer(struct list *, int64_t customer_id);
/* "label  value" lines, in two columns where there is room.  A value "" is left out. */
struct facts { struct area in; int y, columns, column; };
void facts_begin(struct facts *, struct area);
void facts_add(struct facts *, const char *label, enum style, const char *value);
