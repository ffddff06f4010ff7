/* input.h - what the terminal says, as keys, pasted text and clicks. */
#pragma once
#include <stdbool.h>
#include "keys.h"

struct input {
	keycode key;                /* K_PASTE: text is set; K_MOUSE: y, x and wheel or twice */
	char *text;                 /* freed by input_free() */
	int y, x, wheel;            /* wheel: lines, negative is up; 0: a click */
	bool twice;
};

/* Makes ncurses hear pasted text and, with mouse, clicks. */
void input_open(bool mouse);
void input_close(void);
/* The next key without waiting for one; K_NONE when there is none. */
keycode input_read(struct input *);
void input_free(struct input *);
