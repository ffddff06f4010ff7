/* input.c - what the terminal says. */
#include "input.h"
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/str.h"

enum { PASTE_BEGIN = KEY_MAX + 1, PASTE_END, PASTE_MOST = 64 * 1024, PASTE_WAIT_MS = 1000, WHEEL_LINES = 3 };

static void say(const char *sequence)
{
	fputs(sequence, stdout);
	fflush(stdout);
}

void input_open(bool mouse)
{
	define_key("\033[200~", PASTE_BEGIN);
	define_key("\033[201~", PASTE_END);
	mousemask(mouse ? ALL_MOUSE_EVENTS : 0, NULL);      /* one that ncurses would drop makes it wait for the next, and us with it */
	mouseinterval(0);
	say("\033[?2004h");
}

void input_close(void)
{
	mousemask(0, NULL);
	say("\033[?2004l");
}

static const struct { int code; keycode key; } specials[] = {
	{KEY_UP, K_UP}, {KEY_DOWN, K_DOWN}, {KEY_LEFT, K_LEFT}, {KEY_RIGHT, K_RIGHT}, {KEY_HOME, K_HOME}, {KEY_END, K_END},
	{KEY_PPAGE, K_PAGE_UP}, {KEY_NPAGE, K_PAGE_DOWN}, {KEY_IC, K_INSERT}, {KEY_DC, K_DELETE},
	{KEY_BACKSPACE, K_BACKSPACE}, {KEY_BTAB, K_BACKTAB}, {KEY_ENTER, K_ENTER}, {KEY_FIND, K_HOME}, {KEY_SELECT, K_END},
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
		str_addf(out, "%c%c%c", (char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3f)), (char)(0x80 | (c & 0x3f)));
	else
		str_addf(out, "%c%c%c%c", (char)(0xf0 | c >> 18), (char)(0x80 | (c >> 12 & 0x3f)),
			(char)(0x80 | (c >> 6 & 0x3f)), (char)(0x80 | (c & 0x3f)));
}

/* Does the text end in the mark of its end, where ncurses did not see it?  It goes then. */
static bool take_mark(struct str *text)
{
	static const char mark[] = "\033[201~";
	const size_t len = sizeof(mark) - 1;

	if (text->len < len || memcmp(text->s + text->len - len, mark, len))
		return false;
	text->len -= len;
	text->s[text->len] = '\0';
	return true;
}

/* Up to the mark of its end; a terminal that never sends it ends it by silence. */
static keycode paste(struct input *input)
{
	int64_t until = clock_mono_ms() + PASTE_WAIT_MS;
	struct str text = {0};
	wint_t c;

	timeout(50);
	for (;;) {
		int kind = get_wch(&c);

		if (kind == KEY_CODE_YES && c == (wint_t)PASTE_END)
			break;
		if (kind == OK && c && text.len < PASTE_MOST)
			add_character(&text, c);
		if (take_mark(&text))
			break;
		if (kind == ERR && clock_mono_ms() > until)
			break;
	}
	timeout(0);
	input->text = str_take(&text);
	return K_PASTE;
}

/* A press counts at once.  ncurses may have eaten it where the release came right behind: then the release stands for it. */
static keycode mouse(struct input *input)
{
	static const mmask_t clicked = BUTTON1_CLICKED | BUTTON1_DOUBLE_CLICKED | BUTTON1_TRIPLE_CLICKED;
	static bool down;
	bool was_down = down;
	MEVENT event;

	if (getmouse(&event) != OK)
		return K_NONE;
	input->y = event.y;
	input->x = event.x;
	if (event.bstate & (BUTTON1_PRESSED | BUTTON1_RELEASED | clicked))
		down = event.bstate & BUTTON1_PRESSED;
	if (event.bstate & BUTTON4_PRESSED)
		input->wheel = -WHEEL_LINES;
	else if (event.bstate & BUTTON5_PRESSED)
		input->wheel = WHEEL_LINES;
	else if (event.bstate & (BUTTON1_PRESSED | clicked) || (event.bstate & BUTTON1_RELEASED && !was_down))
		input->twice = event.bstate & (BUTTON1_DOUBLE_CLICKED | BUTTON1_TRIPLE_CLICKED);
	else
		return K_NONE;
	return K_MOUSE;
}

/* ---- sequences that the terminal's description does not have ---------------------------------------------------------- */

/* ESC [ N ~ of xterm, rxvt and the Linux console, which many terminals send whatever TERM says. */
static keycode numbered(int n)
{
	static const struct { int n; keycode key; } keys[] = {
		{1, K_HOME}, {2, K_INSERT}, {3, K_DELETE}, {4, K_END}, {5, K_PAGE_UP}, {6, K_PAGE_DOWN}, {7, K_HOME}, {8, K_END},
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
	static const keycode keys[] = {K_UP, K_DOWN, K_RIGHT, K_LEFT, K_HOME, K_END, K_BACKTAB, K_F1, K_F1 + 1, K_F1 + 2, K_F1 + 3};
	const char *at = letter < 0x80 ? strchr(letters, (int)letter) : NULL;

	return at && *at ? keys[at - letters] : K_NONE;
}

/* Behind ESC [ (ECMA-48): parameters up to a letter.  What is none of ours is swallowed whole, so that no part of it is
 * typed. */
static keycode sequence(struct input *input)
{
	int number = 0;
	wint_t c;

	while (get_wch(&c) == OK && c >= 0x20 && c < 0x40)
		number = c >= '0' && c <= '9' && number < 1000 ? number * 10 + (int)(c - '0') : c == ';' ? -1000000 : number;
	if (c == '~' && number == 200)
		return paste(input);
	return c == '~' ? numbered(number) : lettered(c);
}

/* What follows Esc at once is Alt with that key, or a sequence. */
static keycode after_escape(struct input *input)
{
	wint_t c;
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
	wint_t c;
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
