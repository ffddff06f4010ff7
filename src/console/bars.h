/* bars.h - what stands around every screen: who and where on top, tabs, the message, the line of keys. */
#pragma once
#include "app.h"

enum { BARS_ROWS = 24, BARS_COLUMNS = 80 };   /* the least that everything fits into */

/* Draws it and gives the area for the screen; false when the terminal is too small, which it says. */
bool bars_draw(struct app *, struct area *inside);
/* The keys of what is on top. */
void bars_keys(struct app *);
/* What was said last, above the line of keys. */
void bars_message(struct app *);
/* "ready 0:42 - demo": for the window's title. */
void bars_title(struct app *, char *out, size_t size);
