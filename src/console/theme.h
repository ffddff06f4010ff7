/* theme.h - what a meaning looks like: colours and attributes.  Colour never carries a meaning alone. */
#pragma once
#include <stdbool.h>

enum style {
	STYLE_TEXT, STYLE_DIM, STYLE_STRONG, STYLE_ACCENT,
	/* the top line and the line of keys */
	STYLE_BAR, STYLE_BAR_DIM, STYLE_BAR_GOOD, STYLE_BAR_WARN, STYLE_BAR_BAD,
	STYLE_TAB,                                  /* the screen in front, in the line of tabs */
	STYLE_GOOD, STYLE_WARN, STYLE_BAD,
	STYLE_SELECTED, STYLE_FIELD, STYLE_BORDER, STYLE_TITLE, STYLE_KEY,
	STYLE_BACKDROP,                             /* what lies behind a window */
	STYLE_BUTTON, STYLE_BUTTON_FOCUS, STYLE_BUTTON_OFF,
	STYLE_METER, STYLE_METER_BACK,
	STYLES
};

#define THEME_NAMES "dark|light|high-contrast|mono"

/* Takes a theme over; ncurses must be up.  NO_COLOR and a terminal without colours give mono.  False: no such theme. */
bool theme_set(const char *name);
const char *theme_name(void);           /* the one in use */
unsigned theme_attr(enum style);        /* attributes for ncurses */
bool theme_fills(enum style);           /* its colour is that of its background */
/* The numbers of its colours where there are 256.  False: this theme has none. */
bool theme_colours(const char *name, enum style, int *fg, int *bg);
