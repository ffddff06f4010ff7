/*
 * draw.h - putting things on the screen.  Texts may come from outside: everything is cleaned and cut here (text.h), and
 * nothing else in the console writes to the terminal.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "edit.h"
#include "text.h"
#include "theme.h"

struct area { int y, x, h, w; };

/* Symbols, by what the terminal can show. */
enum symbol { SYM_DOT, SYM_CIRCLE, SYM_HERE, SYM_TICK, SYM_WARN, SYM_LOCK, SYM_REC, SYM_IN, SYM_OUT, SYM_UP, SYM_DOWN,
	SYM_DASH, SYM_MIDDLE, SYMBOLS };
const char *sym(enum symbol);

void draw_charset(enum text_charset, bool rich);    /* rich: symbols that not every font has */
enum text_charset draw_charset_now(void);

void draw_begin(void);              /* empties the screen */
/* Before a modal: what was drawn so far between the first rows and the last two can no longer be clicked or typed into,
 * and steps back. */
void draw_cover(void);
/* Windows stand in the first w columns where they fit there: what a screen shows beside stays in sight. Until
 * draw_begin(). */
void draw_windows_within(int w);
void draw_end(void);                /* brings what was drawn to the terminal */

/* Each gives the columns used; the text is cut to w columns, and nothing is written outside of the screen. */
int  draw_text(int y, int x, int w, enum style, const char *text);
int  draw_textf(int y, int x, int w, enum style, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* Against the right end of [x, x + w). */
int  draw_right(int y, int x, int w, enum style, const char *text);
/* A paragraph broken into lines of area.w, at most area.h of them, where the last is cut; the lines used. style STYLES:
 * only counts. */
int  draw_wrap(struct area, enum style, const char *text);

void draw_fill(struct area, enum style);            /* blanks */
void draw_hline(int y, int x, int w);
void draw_vline(int y, int x, int h);
/* A frame in the colour of its title, with blanks inside; the area inside of it, one column away from the frame. */
struct area draw_box(struct area, enum style border, const char *title);
/* A frame in the middle for a modal, never larger than the screen; scraps of text beside it go as well. */
struct area draw_window(int h, int w, enum style border, const char *title);
struct area draw_screen(void);                      /* the whole of it */
/* filled of 1000. */
void draw_bar(int y, int x, int w, int filled, enum style);
/* "[ Dial ]"; a button that is off cannot be clicked.  what: see draw_hot().  Columns used. */
int  draw_button(int y, int x, const char *label, bool focus, bool on, int what);
/* A check box with its text. */
int  draw_tick(int y, int x, int w, bool ticked, bool focus, const char *text, int what);
/* A line editor's text in its area, with the cursor when it has the focus; secret shows dots. */
void draw_edit(struct area, struct edit *, bool focus, bool secret);

/* ---- tables ---- */
struct column {
	const char *title;
	int width;                  /* the least; 0: hidden */
	int share;                  /* of the columns left over */
	bool right;
};
/* Widths for this width: columns at the end that do not fit become 0. */
void draw_columns(const struct column *, size_t count, int w, int *widths);
void draw_header(int y, int x, const struct column *, size_t count, const int *widths);
/* One cell; x is moved behind it. */
void draw_cell(int y, int *x, const struct column *, int width, enum style, const char *text);
/* A line of a list: the whole width, in the style of the selection when selected.  what: see draw_hot(). */
void draw_row(int y, int x, int w, bool selected, int what);

/* ---- what can be clicked ---- */
/* A click here comes to the view on top of which it was drawn, as `what` (>= 0); HOT_REQUEST + r makes request r. */
enum { HOT_NONE = -1, HOT_REQUEST = 1 << 20 };
void draw_hot(struct area, int what);
int  draw_hot_at(int y, int x);                     /* the last one drawn there; HOT_NONE: none */
void draw_hot_clear(void);
