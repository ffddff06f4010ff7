/* input.c - what the terminal says. */
#include "input.h"
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/str.h"
#include <term.h>            /* last: it defines words like "lines" and "columns" */

enum { PASTE_BEGIN = KEY_MAX + 1, PASTE_END, PASTE_MOST = 64 * 1024, PASTE_WAIT_MS = 1000, WHEEL_LINES = 3 };
enum { LEFT = 0, RELEASED = 3, WHEEL_UP = 64, WHEEL_DOWN = 65, REPORT_WAIT_MS = 50, TWICE_MS = 400,
	PARAMETERS = -1 };               /* a sequence has several: none of ours does */

static void say(const char *sequence)
{
	fputs(sequence, stdout);
	fflush(stdout);
}

/* How the terminal tells of the mouse, by its description; ncurses' own reading of that waits for the next event where
 * it drops one, and loses a press whose release comes right behind. */
static enum { REPORTS_NONE, REPORTS_OLD, REPORTS_SGR } mouse_reports;

static void report_mouse(bool on)
{
	if (mouse_reports == REPORTS_SGR)
		say(on ? "\033[?1006;1000h" : "\033[?1006;1000l");
	else if (mouse_reports == REPORTS_OLD)
		say(on ? "\033[?1000h" : "\033[?1000l");
}

void input_open(bool mouse)
{
	const char *kmous = tigetstr("kmous");

	define_key("\033[200~", PASTE_BEGIN);
	define_key("\033[201~", PASTE_END);
	mouse_reports = !kmous || kmous == (char *)-1 ? REPORTS_NONE : !strcmp(kmous, "\033[<") ? REPORTS_SGR :
		!strcmp(kmous, "\033[M") ? REPORTS_OLD : REPORTS_NONE;
	report_mouse(mouse);
	say("\033[?2004h");
}

void input_close(void)
{
	report_mouse(false);
	say("\033[?2004l");
}

static const struct { int code; keycode key; } specials[] = {
	{KEY_UP, K_UP}, {KEY_DOWN, K_DOWN}, {KEY_LEFT, K_LEFT}, {KEY_RIGHT, K_RIGHT}, {KEY_HOME, K_HOME},
	{KEY_END, K_END},
	{KEY_PPAGE, K_PAGE_UP}, {KEY_NPAGE, K_PAGE_DOWN}, {KEY_IC, K_INSERT}, {KEY_DC, K_DELETE},
	{KEY_BACKSPACE, K_BACKSPACE}, {KEY_BTAB, K_BACKTAB}, {KEY_ENTER, K_ENTER}, {KEY_FIND, K_HOME},
	{KEY_SELECT, K_END},
	{KEY_A1, K_HOME}, {KEY_C1, K_END}, {KEY_A3, K_PAGE_UP}, {KEY_C3, K_PAGE_DOWN},
};

static keycode special(int code)
{
	if (code >= KEY_F(1) && code <= KEY_F(12))
		return K_F1 + (keycode)(code - KEY_F(1));
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++)
		if (specials[i].code == code)
			return specials[i].key;
	return K_NONE;
}

static keycode character(wint_t c)
{
	switch (c) {
	case '\r': case '\n':   return K_ENTER;
	case 8: case 0x7f:      return K_BACKSPACE;
	default:                return c < K_SPECIAL ? (keycode)c : K_NONE;
	}
}

static void add_character(struct str *out, wint_t c)
{
	if (c < 0x80)
		str_addf(out, "%c", (char)c);
	else if (c < 0x800)
		str_addf(out, "%c%c", (char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f)));
	else if (c < 0x10000)
		str_addf(out, "%c%c%c", (char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3f)),
			(char)(0x80 | (c & 0x3f)));
	else
		str_addf(out, "%c%c%c%c", (char)(0xf0 | c >> 18), (char)(0x80 | (c >> 12 & 0x3f)),
			(char)(0x80 | (c >> 6 & 0x3f)), (char)(0x80 | (c & 0x3f)));
}

static const char paste_end[] = "\033[201~";

/* Adds c, but for the mark of the end where ncurses did not see it: `seen` of its characters came last.  True at its
 * end. */
static bool add_pasted(struct str *text, size_t *seen, wint_t c)
{
	if (!c)
		return false;
	if (c == (wint_t)paste_end[*seen])
		return !paste_end[++*seen];
	for (size_t i = 0; i < *seen && text->len < PASTE_MOST; i++)
		add_character(text, (wint_t)paste_end[i]);
	*seen = c == (wint_t)paste_end[0];
	if (!*seen && text->len < PASTE_MOST)
		add_character(text, c);
	return false;
}

/* Up to the mark of its end; a terminal that never sends it ends it by silence. */
static keycode paste(struct input *input)
{
	int64_t until = clock_mono_ms() + PASTE_WAIT_MS;
	struct str text = {0};
	bool ended = false;
	size_t seen = 0;
	wint_t c = 0;

	timeout(REPORT_WAIT_MS);
	while (!ended && clock_mono_ms() < until) {
		int kind = get_wch(&c);

		if (kind != ERR)                        /* a slow line brings it in pieces */
			until = clock_mono_ms() + PASTE_WAIT_MS;
		ended = kind == KEY_CODE_YES ? c == (wint_t)PASTE_END : kind == OK && add_pasted(&text, &seen, c);
	}
	timeout(0);
	input->text = str_take(&text);
	return K_PASTE;
}

/* A number of a report, and what ends it; -1: the report breaks off. */
static int report_number(wint_t *end)
{
	int n = 0;

	while (get_wch(end) == OK && *end >= '0' && *end <= '9')
		n = n < 10000 ? n * 10 + (int)(*end - '0') : n;
	return *end == ';' || *end == 'M' || *end == 'm' ? n : -1;
}

/* The report behind what kmous says (xterm's ctlseqs, "Mouse Tracking"): button, column, row; SGR has numbers and tells
 * a release by its last letter, the older way has one character for each.  False: it is none. */
static bool read_report(int *button, int *y, int *x)
{
	wint_t c[3], end = 0;

	timeout(REPORT_WAIT_MS);                        /* its parts come together, but may be read apart */
	if (mouse_reports == REPORTS_SGR) {
		*button = report_number(&end);
		*x = end == ';' ? report_number(&end) - 1 : -1;
		*y = end == ';' ? report_number(&end) - 1 : -1;
		if (end == 'm')
			*button = RELEASED;
	} else {
		for (int i = 0; i < 3; i++)
			c[i] = get_wch(&end) == OK && end >= ' ' ? end : 0;
		*button = c[0] ? (int)c[0] - ' ' : -1;
		*x = (int)c[1] - '!';
		*y = (int)c[2] - '!';
	}
	timeout(0);
	return *button >= 0 && *x >= 0 && *y >= 0;
}

/* A press of the left button counts, at once. */
static keycode mouse(struct input *input)
{
	static struct { int y, x; int64_t at; } last;
	int64_t now = clock_mono_ms();
	int button;

	if (!read_report(&button, &input->y, &input->x))
		return K_NONE;
	if (button == WHEEL_UP || button == WHEEL_DOWN) {
		input->wheel = button == WHEEL_UP ? -WHEEL_LINES : WHEEL_LINES;
		return K_MOUSE;
	}
	if (button != LEFT)
		return K_NONE;
	input->twice = input->y == last.y && input->x == last.x && now - last.at < TWICE_MS;
	last.y = input->y;
	last.x = input->x;
	last.at = now;
	return K_MOUSE;
}

/* ---- sequences that the terminal's description does not have ----------------------------------------------------- */

/* ESC [ N ~ of xterm, rxvt and the Linux console, which many terminals send whatever TERM says. */
static keycode numbered(int n)
{
	static const struct { int n; keycode key; } keys[] = {
		{1, K_HOME}, {2, K_INSERT}, {3, K_DELETE}, {4, K_END}, {5, K_PAGE_UP}, {6, K_PAGE_DOWN}, {7, K_HOME},
		{8, K_END},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].n == n)
			return keys[i].key;
	if (n >= 11 && n <= 15)
		return K_F1 + (keycode)(n - 11);
	if (n >= 17 && n <= 21)
		return K_F1 + (keycode)(n - 12);
	return n == 23 || n == 24 ? K_F1 + (keycode)(n - 13) : K_NONE;
}

/* By the last letter: ESC [ A, ESC O P. */
static keycode lettered(wint_t letter)
{
	static const char letters[] = "ABCDHFZPQRS";
	static const keycode keys[] = {K_UP, K_DOWN, K_RIGHT, K_LEFT, K_HOME, K_END, K_BACKTAB, K_F1, K_F1 + 1,
		K_F1 + 2, K_F1 + 3};
	const char *at = letter < 0x80 ? strchr(letters, (int)letter) : NULL;

	return at && *at ? keys[at - letters] : K_NONE;
}

/* Behind ESC [ (ECMA-48): parameters up to a letter.  What is none of ours is swallowed whole, so that no part of it is
 * typed. */
static keycode sequence(struct input *input)
{
	int number = 0;
	wint_t c = 0;

	timeout(REPORT_WAIT_MS);                        /* its parts come together, but may be read apart */
	while (get_wch(&c) == OK && c >= 0x20 && c < 0x40)
		if (c == ';')
			number = PARAMETERS;
		else if (c >= '0' && c <= '9' && number >= 0 && number < 1000)
			number = number * 10 + (int)(c - '0');
	timeout(0);
	if (c == '~' && number == 200)
		return paste(input);
	return c == '~' ? numbered(number) : lettered(c);
}

/* What follows Esc at once is Alt with that key, or a sequence. */
static keycode after_escape(struct input *input)
{
	wint_t c = 0;
	int kind = get_wch(&c);

	if (kind == KEY_CODE_YES)                       /* Esc, and another key at once: that one comes next */
		ungetch((int)c);
	if (kind == OK && c == K_ESC)
		unget_wch((wchar_t)c);
	if (kind != OK || c == K_ESC)
		return K_ESC;
	if (c == '[')
		return sequence(input);
	if (c == 'O')
		return get_wch(&c) == OK ? lettered(c) : K_ALT + 'O';
	return c >= ' ' && c != 0x7f ? K_ALT + (keycode)c : K_ESC;
}

keycode input_read(struct input *input)
{
	wint_t c = 0;
	int kind;

	*input = (struct input){0};
	do {
		kind = get_wch(&c);
		if (kind == ERR)
			return K_NONE;
		if (kind == OK)
			input->key = c == K_ESC ? after_escape(input) : character(c);
		else if (c == (wint_t)PASTE_BEGIN)
			input->key = paste(input);
		else if (c == KEY_MOUSE)
			input->key = mouse(input);
		else
			input->key = special((int)c);
	} while (!input->key);
	return input->key;
}

void input_free(struct input *input)
{
	free(input->text);
}
