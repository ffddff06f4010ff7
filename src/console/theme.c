/* theme.c - what a meaning looks like. */
#include "theme.h"
#include <curses.h>
#include <stdlib.h>
#include <string.h>

/* Every theme paints its own background, so that it reads the same on a white terminal and on a black one. */
struct look {
	short fg, bg;               /* with 256 colours */
	short fg8, bg8;             /* with 8 */
	attr_t extra;               /* bold in both; with 8, where there is no grey, also dim and underlined */
};

enum { BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE };

static const struct look dark[STYLES] = {
	[STYLE_TEXT]         = {252, 234, WHITE, BLACK, 0},
	[STYLE_DIM]          = {246, 234, WHITE, BLACK, 0},
	[STYLE_STRONG]       = {255, 234, WHITE, BLACK, A_BOLD},
	[STYLE_ACCENT]       = {80, 234, CYAN, BLACK, 0},
	[STYLE_BAR]          = {252, 236, WHITE, BLUE, 0},
	[STYLE_BAR_DIM]      = {249, 236, WHITE, BLUE, 0},
	[STYLE_BAR_GOOD]     = {114, 236, WHITE, BLUE, A_BOLD},
	[STYLE_BAR_WARN]     = {221, 236, YELLOW, BLUE, A_BOLD},
	[STYLE_BAR_BAD]      = {210, 236, WHITE, RED, A_BOLD},
	[STYLE_TAB]          = {16, 80, BLACK, CYAN, 0},
	[STYLE_GOOD]         = {114, 234, GREEN, BLACK, 0},
	[STYLE_WARN]         = {221, 234, YELLOW, BLACK, 0},
	[STYLE_BAD]          = {210, 234, RED, BLACK, A_BOLD},
	[STYLE_SELECTED]     = {255, 24, WHITE, BLUE, 0},
	[STYLE_FIELD]        = {255, 238, WHITE, BLACK, A_UNDERLINE},
	[STYLE_BORDER]       = {241, 234, WHITE, BLACK, 0},
	[STYLE_BACKDROP]     = {241, 234, WHITE, BLACK, A_DIM},
	[STYLE_TITLE]        = {80, 234, CYAN, BLACK, A_BOLD},
	[STYLE_KEY]          = {80, 236, YELLOW, BLUE, A_BOLD},
	[STYLE_BUTTON]       = {252, 238, BLACK, WHITE, 0},
	[STYLE_BUTTON_FOCUS] = {16, 80, BLACK, CYAN, 0},
	[STYLE_BUTTON_OFF]   = {245, 234, WHITE, BLACK, A_DIM},
	[STYLE_METER]        = {80, 234, CYAN, BLACK, 0},
	[STYLE_METER_BACK]   = {239, 234, WHITE, BLACK, A_DIM},
};

/* With 8 colours green and yellow are too pale on white. */
static const struct look light[STYLES] = {
	[STYLE_TEXT]         = {235, 231, BLACK, WHITE, 0},
	[STYLE_DIM]          = {241, 231, BLACK, WHITE, 0},
	[STYLE_STRONG]       = {16, 231, BLACK, WHITE, A_BOLD},
	[STYLE_ACCENT]       = {25, 231, BLUE, WHITE, 0},
	[STYLE_BAR]          = {235, 253, WHITE, BLUE, 0},
	[STYLE_BAR_DIM]      = {239, 253, WHITE, BLUE, 0},
	[STYLE_BAR_GOOD]     = {22, 253, WHITE, BLUE, A_BOLD},
	[STYLE_BAR_WARN]     = {88, 253, BLACK, YELLOW, 0},
	[STYLE_BAR_BAD]      = {124, 253, WHITE, RED, A_BOLD},
	[STYLE_TAB]          = {231, 25, WHITE, BLUE, 0},
	[STYLE_GOOD]         = {22, 231, BLUE, WHITE, 0},
	[STYLE_WARN]         = {94, 231, MAGENTA, WHITE, 0},
	[STYLE_BAD]          = {124, 231, RED, WHITE, A_BOLD},
	[STYLE_SELECTED]     = {16, 153, WHITE, BLUE, 0},
	[STYLE_FIELD]        = {16, 254, BLACK, WHITE, A_UNDERLINE},
	[STYLE_BORDER]       = {246, 231, BLACK, WHITE, 0},
	[STYLE_BACKDROP]     = {247, 231, BLACK, WHITE, A_DIM},
	[STYLE_TITLE]        = {25, 231, BLUE, WHITE, A_BOLD},
	[STYLE_KEY]          = {25, 253, YELLOW, BLUE, A_BOLD},
	[STYLE_BUTTON]       = {235, 252, WHITE, BLACK, 0},
	[STYLE_BUTTON_FOCUS] = {231, 25, WHITE, BLUE, A_BOLD},
	[STYLE_BUTTON_OFF]   = {243, 231, BLACK, WHITE, A_DIM},
	[STYLE_METER]        = {25, 231, BLUE, WHITE, 0},
	[STYLE_METER_BACK]   = {251, 231, BLACK, WHITE, A_DIM},
};

static const struct look high_contrast[STYLES] = {
	[STYLE_TEXT]         = {231, 16, WHITE, BLACK, 0},
	[STYLE_DIM]          = {252, 16, WHITE, BLACK, 0},
	[STYLE_STRONG]       = {231, 16, WHITE, BLACK, A_BOLD},
	[STYLE_ACCENT]       = {51, 16, CYAN, BLACK, A_BOLD},
	[STYLE_BAR]          = {16, 231, BLACK, WHITE, 0},
	[STYLE_BAR_DIM]      = {16, 231, BLACK, WHITE, 0},
	[STYLE_BAR_GOOD]     = {16, 231, BLACK, WHITE, 0},
	[STYLE_BAR_WARN]     = {16, 226, BLACK, YELLOW, 0},
	[STYLE_BAR_BAD]      = {231, 160, WHITE, RED, A_BOLD},
	[STYLE_TAB]          = {16, 226, BLACK, YELLOW, 0},
	[STYLE_GOOD]         = {46, 16, GREEN, BLACK, A_BOLD},
	[STYLE_WARN]         = {226, 16, YELLOW, BLACK, A_BOLD},
	[STYLE_BAD]          = {231, 160, WHITE, RED, A_BOLD},
	[STYLE_SELECTED]     = {16, 226, BLACK, YELLOW, 0},
	[STYLE_FIELD]        = {231, 238, WHITE, BLACK, A_UNDERLINE},
	[STYLE_BORDER]       = {231, 16, WHITE, BLACK, 0},
	[STYLE_BACKDROP]     = {244, 16, WHITE, BLACK, A_DIM},
	[STYLE_TITLE]        = {226, 16, YELLOW, BLACK, A_BOLD},
	[STYLE_KEY]          = {16, 226, BLACK, YELLOW, 0},
	[STYLE_BUTTON]       = {16, 231, BLACK, WHITE, 0},
	[STYLE_BUTTON_FOCUS] = {16, 226, BLACK, YELLOW, 0},
	[STYLE_BUTTON_OFF]   = {250, 16, WHITE, BLACK, A_DIM},
	[STYLE_METER]        = {226, 16, YELLOW, BLACK, A_BOLD},
	[STYLE_METER_BACK]   = {240, 16, WHITE, BLACK, A_DIM},
};

static const attr_t mono[STYLES] = {
	[STYLE_DIM] = A_DIM, [STYLE_STRONG] = A_BOLD, [STYLE_ACCENT] = A_BOLD, [STYLE_BAR] = A_REVERSE,
	[STYLE_BAR_DIM] = A_REVERSE, [STYLE_BAR_GOOD] = A_REVERSE, [STYLE_BAR_WARN] = A_REVERSE | A_BOLD,
	[STYLE_BAR_BAD] = A_REVERSE | A_BOLD, [STYLE_TAB] = A_REVERSE, [STYLE_GOOD] = 0, [STYLE_WARN] = A_BOLD,
	[STYLE_BAD] = A_BOLD, [STYLE_BACKDROP] = A_DIM,
	[STYLE_SELECTED] = A_REVERSE, [STYLE_FIELD] = A_UNDERLINE, [STYLE_TITLE] = A_BOLD,
		[STYLE_KEY] = A_REVERSE | A_BOLD,
	[STYLE_BUTTON] = A_BOLD, [STYLE_BUTTON_FOCUS] = A_REVERSE | A_BOLD, [STYLE_BUTTON_OFF] = A_DIM,
	[STYLE_METER] = A_BOLD, [STYLE_METER_BACK] = A_DIM,
};

static struct { const char *name; attr_t attr[STYLES]; bool fills[STYLES]; } now = {.name = "mono"};

static void use_mono(void)
{
	now.name = "mono";
	memcpy(now.attr, mono, sizeof(now.attr));
	memset(now.fills, 0, sizeof(now.fills));
	bkgdset(' ');
}

static void use(const char *name, const struct look *looks)
{
	const bool many = COLORS >= 256;
	const struct look *text = &looks[STYLE_TEXT];

	now.name = name;
	for (int i = 0; i < STYLES; i++) {
		const struct look *look = &looks[i];
		short fg = many ? look->fg : look->fg8, bg = many ? look->bg : look->bg8;

		init_pair((short)(i + 1), fg, bg);
		now.fills[i] = bg != (many ? text->bg : text->bg8);
		now.attr[i] = COLOR_PAIR(i + 1) | (many ? look->extra & A_BOLD : look->extra);
	}
	bkgdset(' ' | COLOR_PAIR(STYLE_TEXT + 1));
}

static const struct look *looks_of(const char *name)
{
	return !strcmp(name, "light") ? light : !strcmp(name, "high-contrast") ? high_contrast : dark;
}

bool theme_colours(const char *name, enum style style, int *fg, int *bg)
{
	const struct look *look = &looks_of(name)[style];

	*fg = look->fg;
	*bg = look->bg;
	return strcmp(name, "mono") != 0;
}

bool theme_set(const char *name)
{
	const char *no_color = getenv("NO_COLOR");
	const struct look *looks = looks_of(name);
	const char *found = looks == light ? "light" : looks == high_contrast ? "high-contrast" : "dark";

	if (strcmp(name, found) && strcmp(name, "mono"))
		return false;
	if (!strcmp(name, "mono") || (no_color && *no_color) || !has_colors() || COLOR_PAIRS <= STYLES)
		use_mono();
	else
		use(found, looks);
	return true;
}

const char *theme_name(void)
{
	return now.name;
}

unsigned theme_attr(enum style style)
{
	return (unsigned)now.attr[style];
}

bool theme_fills(enum style style)
{
	return now.fills[style];
}
