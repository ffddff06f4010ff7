/* Each theme paints its own background, and every text on it can be read: the contrast of WCAG 2.1, 1.4.3. */
#include "../lib/unit.h"
#include <math.h>
#include "../../src/console/theme.h"

static const char *const themes[] = {"dark", "light", "high-contrast"};
enum { THEMES = sizeof(themes) / sizeof(themes[0]) };

/* What is no text, or is told elsewhere: 1.4.11 for what is drawn, less for what lies behind a window and for the rest
 * of a bar. */
static const struct { enum style style; double least; } others[] = {
	{STYLE_BORDER, 2.5}, {STYLE_BACKDROP, 2.5}, {STYLE_METER, 3.0}, {STYLE_METER_BACK, 1.2},
};

/* The share of light, 0 to 1, of one part of a colour from 0 to 255. */
static double linear(int part)
{
	double c = part / 255.0;

	return c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* Of xterm's colours from 16 on: a cube of 6 levels, then 24 greys. */
static double luminance(int colour)
{
	static const int levels[] = {0, 95, 135, 175, 215, 255};
	int n = colour - 16;

	assert_in_range(colour, 16, 255);
	if (colour >= 232)
		return linear(8 + 10 * (colour - 232));
	return 0.2126 * linear(levels[n / 36]) + 0.7152 * linear(levels[n / 6 % 6]) + 0.0722 * linear(levels[n % 6]);
}

static double contrast(int fg, int bg)
{
	double a = luminance(fg) + 0.05, b = luminance(bg) + 0.05;

	return a > b ? a / b : b / a;
}

static double least_of(enum style style)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].style == style)
			return others[i].least;
	return 4.5;
}

static void it_can_be_read(void **state)
{
	int fg, bg;

	(void)state;
	for (size_t t = 0; t < THEMES; t++)
		for (int s = 0; s < STYLES; s++) {
			assert_true(theme_colours(themes[t], (enum style)s, &fg, &bg));
			UNIT_CASE(contrast(fg, bg) >= least_of((enum style)s),
				"%s, style %d: %d on %d has a contrast of %.2f, not %.1f",
				themes[t], s, fg, bg, contrast(fg, bg), least_of((enum style)s));
		}
}

static void high_contrast_is_higher(void **state)
{
	int fg, bg;

	(void)state;
	for (int s = STYLE_TEXT; s <= STYLE_ACCENT; s++) {
		theme_colours("high-contrast", (enum style)s, &fg, &bg);
		UNIT_CASE(contrast(fg, bg) >= 7.0, "style %d: %d on %d has a contrast of %.2f, not 7", s, fg, bg,
			contrast(fg, bg));
	}
}

static void what_is_drawn_is_told_apart(void **state)
{
	(void)state;
	assert_true(contrast(16, 231) > 20.9 && contrast(16, 231) < 21.1);      /* black on white: the most there is */
	assert_true(contrast(231, 231) == 1.0);
	assert_false(theme_colours("mono", STYLE_TEXT, &(int){0}, &(int){0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_can_be_read),
		cmocka_unit_test(high_contrast_is_higher),
		cmocka_unit_test(what_is_drawn_is_told_apart),
	};

	return UNIT_RUN(tests);
}
