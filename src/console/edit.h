/* edit.h - a text being edited, UTF-8, one line or several.  Pure: knows no terminal. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "keys.h"

struct edit {
	char *text;                 /* never NULL after edit_init() */
	size_t len, size, cursor;   /* bytes; the cursor stands between characters */
	size_t most;                /* bytes that it may have */
	bool lines;                 /* newlines are allowed: Enter puts one in */
	const char *only;           /* the characters that may be typed; NULL: any */
	char *killed;               /* what Ctrl-K, Ctrl-U or Ctrl-W took, for Ctrl-Y */
	int top;                    /* the first line or column shown; draw.c keeps it */
};

void edit_init(struct edit *, size_t most);
void edit_free(struct edit *);              /* wipes: it may have held a password */
void edit_set(struct edit *, const char *text);
/* Puts text in at the cursor: cleaned, without what may not be typed, as much as fits. */
void edit_insert(struct edit *, const char *text);
/* True when the key was for it: a character, a move, a deletion. */
bool edit_key(struct edit *, keycode);
