/* draw.c - putting things on the screen. */
#include "draw.h"
#include <curses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "../base/utf8.h"

enum { HOTS = 400, LINE_BYTES = 2048, TOP_ROWS = 3, BOTTOM_ROWS = 2, MARGIN = 2, SCRAP = 24 };

static struct {
	enum text_charset charset;
	bool rich;
	struct { struct area area; int what; } hots[HOTS];
	int hot_count;
	int main;                   /* columns in which windows stand */
	bool cursor;                /* is one shown */
	int cursor_y, cursor_x;
} screen = {.charset = TEXT_UTF8};

static const struct { const char *ascii, *plain, *rich; } symbols[SYMBOLS] = {
	[SYM_DOT] = {"*", "\xe2\x80\xa2", "\xe2\x97\x8f"},          /* U+2022, U+25CF */
	[SYM_CIRCLE] = {"o", "\xe2\x97\x8b", "\xe2\x97\x8b"},       /* U+25CB */
	[SYM_HERE] = {">", ">", "\xe2\x96\xb8"},                    /* U+25B8 */
	[SYM_TICK] = {"x", "x", "\xe2\x9c\x93"},                    /* U+2713 */
	[SYM_WARN] = {"!", "!", "!"},
	[SYM_LOCK] = {"srtp", "srtp", "srtp"},
	[SYM_REC] = {"rec", "rec", "\xe2\x97\x8f rec"},
	[SYM_IN] = {"<-", "\xe2\x86\x90", "\xe2\x86\x90"},          /* U+2190 */
	[SYM_OUT] = {"->", "\xe2\x86\x92", "\xe2\x86\x92"},         /* U+2192 */
	[SYM_UP] = {"^", "\xe2\x86\x91", "\xe2\x86\x91"},
	[SYM_DOWN] = {"v", "\xe2\x86\x93", "\xe2\x86\x93"},
	[SYM_DASH] = {"-", "-", "\xe2\x80\x93"},
	[SYM_MIDDLE] = {"-", "\xc2\xb7", "\xc2\xb7"},
};

const char *sym(enum symbol symbol)
{
	return screen.charset == TEXT_ASCII ? symbols[symbol].ascii : screen.rich ? symbols[symbol].rich :
		symbols[symbol].plain;
}

void draw_charset(enum text_charset charset, bool rich)
{
	screen.charset = charset;
	screen.rich = rich;
}

enum text_charset draw_charset_now(void)
{
	return screen.charset;
}

void draw_begin(void)
{
	draw_hot_clear();
	screen.cursor = false;
	screen.main = COLS;
	erase();
}

void draw_windows_within(int w)
{
	screen.main = w;
}

void draw_cover(void)
{
	const attr_t attr = (attr_t)theme_attr(STYLE_BACKDROP);

	draw_hot_clear();
	screen.cursor = false;
	for (int y = TOP_ROWS; y < LINES - BOTTOM_ROWS; y++)
		mvchgat(y, 0, screen.main, attr & ~(attr_t)A_COLOR, (short)PAIR_NUMBER(attr), NULL);
}

void draw_end(void)
{
	curs_set(screen.cursor ? 1 : 0);
	if (screen.cursor)
		move(screen.cursor_y, screen.cursor_x);
	else
		move(LINES - 1, COLS - 1);
	refresh();
}

/* ---- texts ------------------------------------------------------------------------------------------------------ */

/* Clean text that fits. */
static void put(int y, int x, enum style style, const char *text)
{
	wchar_t wide[LINE_BYTES];
	size_t n = mbstowcs(wide, text, LINE_BYTES - 1);

	if (n == (size_t)-1 || !n)
		return;
	wide[n] = L'\0';
	attrset((attr_t)theme_attr(style));
	mvaddnwstr(y, x, wide, (int)n);
}

int draw_text(int y, int x, int w, enum style style, const char *text)
{
	char *fit;
	int used;

	if (x + w > COLS)
		w = COLS - x;
	if (y < 0 || y >= LINES || x < 0 || w <= 0)
		return 0;
	fit = text_fit(text, w, screen.charset, &used);
	put(y, x, style, fit);
	free(fit);
	return used;
}

int draw_textf(int y, int x, int w, enum style style, const char *fmt, ...)
{
	char text[LINE_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return draw_text(y, x, w, style, text);
}

int draw_right(int y, int x, int w, enum style style, const char *text)
{
	int columns = text_columns(text, screen.charset);

	return columns >= w ? draw_text(y, x, w, style, text) : draw_text(y, x + w - columns, columns, style, text);
}

int draw_wrap(struct area area, enum style style, const char *text)
{
	int lines = 0;
	size_t next;

	for (; *text && lines < area.h && area.w > 0; text += next, lines++) {
		size_t len = text_line(text, area.w, screen.charset, &next);
		bool cut = lines == area.h - 1 && text[next];   /* there is more, which has no room: that is seen */
		char *line = xstrndup(text, cut ? strcspn(text, "\n") : len);

		if (style != STYLES)
			draw_text(area.y + lines, area.x, area.w, style, line);
		free(line);
	}
	return lines;
}

/* ---- areas ------------------------------------------------------------------------------------------------------ */

void draw_fill(struct area area, enum style style)
{
	attrset((attr_t)theme_attr(style));
	for (int y = area.y; y < area.y + area.h && y < LINES; y++)
		mvhline(y, area.x, (chtype)' ' | (chtype)theme_attr(style), area.x + area.w > COLS ? COLS - area.x :
			area.w);
}

/* Line drawing by ncurses, which knows what the terminal has; plain ASCII where that is all there is. */
static void line(int y, int x, int n, bool vertical, enum style style)
{
	if (n <= 0 || y < 0 || x < 0 || y >= LINES || x >= COLS)
		return;
	attrset((attr_t)theme_attr(style));
	if (screen.charset == TEXT_ASCII && vertical)
		mvvline(y, x, '|', n);
	else if (screen.charset == TEXT_ASCII)
		mvhline(y, x, '-', n);
	else if (vertical)
		mvvline_set(y, x, WACS_VLINE, n);
	else
		mvhline_set(y, x, WACS_HLINE, n);
}

void draw_hline(int y, int x, int w)
{
	line(y, x, w, false, STYLE_BORDER);
}

void draw_vline(int y, int x, int h)
{
	line(y, x, h, true, STYLE_BORDER);
}

static void corner(int y, int x, const cchar_t *cell, chtype ascii)
{
	if (screen.charset == TEXT_ASCII)
		mvaddch(y, x, ascii);
	else
		mvadd_wch(y, x, cell);
}

struct area draw_box(struct area area, enum style border, const char *title)
{
	int bottom = area.y + area.h - 1, right = area.x + area.w - 1;

	draw_fill(area, STYLE_TEXT);
	line(area.y, area.x + 1, area.w - 2, false, border);
	line(bottom, area.x + 1, area.w - 2, false, border);
	line(area.y + 1, area.x, area.h - 2, true, border);
	line(area.y + 1, right, area.h - 2, true, border);
	attrset((attr_t)theme_attr(border));
	corner(area.y, area.x, WACS_ULCORNER, '+');
	corner(area.y, right, WACS_URCORNER, '+');
	corner(bottom, area.x, WACS_LLCORNER, '+');
	corner(bottom, right, WACS_LRCORNER, '+');
	if (title && *title) {
		char *padded = xasprintf(" %s ", title);

		draw_text(area.y, area.x + 2, area.w - 4, border, padded);
		free(padded);
	}
	return (struct area){area.y + 1, area.x + 2, area.h - 2, area.w - 4};
}

struct area draw_screen(void)
{
	return (struct area){0, 0, LINES, COLS};
}

struct area draw_window(int h, int w, enum style border, const char *title)
{
	struct area area = {0, 0, h < LINES ? h : LINES, w < COLS ? w : COLS};
	int within = area.w + 2 * MARGIN <= screen.main ? screen.main : COLS, beside;

	area.y = area.h <= LINES - TOP_ROWS - BOTTOM_ROWS ? TOP_ROWS + (LINES - TOP_ROWS - BOTTOM_ROWS - area.h) / 2 :
		(LINES - area.h) / 2;
	area.x = (within - area.w) / 2;
	beside = area.x < SCRAP ? area.x : MARGIN;
	draw_fill((struct area){area.y, area.x - beside, area.h, beside}, STYLE_TEXT);
	beside = within - area.x - area.w < SCRAP ? within - area.x - area.w : MARGIN;
	draw_fill((struct area){area.y, area.x + area.w, area.h, beside}, STYLE_TEXT);
	return draw_box(area, border, title);
}

void draw_bar(int y, int x, int w, int filled, enum style style)
{
	int n = (int)((long)w * (filled < 0 ? 0 : filled > 1000 ? 1000 : filled) / 1000);
	bool blocks = screen.charset == TEXT_UTF8;
	const char *full = theme_fills(style) ? " " : blocks ? "\xe2\x96\x88" : "#";

	for (int i = 0; i < w; i++)
		put(y, x + i, i < n ? style : STYLE_METER_BACK, i < n ? full : blocks ? "\xe2\x96\x91" : ".");
}

int draw_button(int y, int x, const char *label, bool focus, bool on, int what)
{
	char *text = xasprintf(focus && on ? "[ %s ]" : "  %s  ", label);
	int used = draw_text(y, x, COLS, !on ? STYLE_BUTTON_OFF : focus ? STYLE_BUTTON_FOCUS : STYLE_BUTTON, text);

	if (on)
		draw_hot((struct area){y, x, 1, used}, what);
	free(text);
	return used;
}

int draw_tick(int y, int x, int w, bool ticked, bool focus, const char *text, int what)
{
	int used = draw_textf(y, x, w, focus ? STYLE_BUTTON_FOCUS : STYLE_TEXT, "[%s]", ticked ? sym(SYM_TICK) : " ");

	used += 1 + draw_text(y, x + used + 1, w - used - 1, focus ? STYLE_STRONG : STYLE_TEXT, text);
	draw_hot((struct area){y, x, 1, w}, what);
	return used;
}

/* ---- the line editor -------------------------------------------------------------------------------------------- */

/* One line, scrolled so that the cursor is seen. */
static void draw_one_line(struct area area, struct edit *edit, bool focus, bool secret)
{
	size_t from = 0, len;
	int to_cursor = 0;
	char *shown;

	draw_fill(area, STYLE_FIELD);
	shown = secret ? xcalloc(1, edit->len + 1) : xstrdup(edit->text);
	if (secret)
		memset(shown, '*', edit->len);
	for (size_t at = 0; at < edit->cursor; at += len)
		to_cursor += text_char(shown + at, strlen(shown + at), screen.charset, &len);
	while (to_cursor >= area.w) {                   /* the cursor needs a cell of its own */
		to_cursor -= text_char(shown + from, strlen(shown + from), screen.charset, &len);
		from += len;
	}
	draw_text(area.y, area.x, area.w, STYLE_FIELD, shown + from);
	if (focus) {
		screen.cursor = true;
		screen.cursor_y = area.y;
		screen.cursor_x = area.x + to_cursor;
	}
	mem_wipe(shown, strlen(shown));
	free(shown);
}

/* Several lines, broken at blanks; scrolled so that the cursor is seen. */
static void draw_lines(struct area area, struct edit *edit, bool focus)
{
	size_t at = 0, next, len, line_len;
	int row = 0, cursor_row = 0, cursor_column = 0;

	for (; ; at = next, row++) {                    /* where the cursor is */
		line_len = text_line(edit->text + at, area.w - 1, screen.charset, &next);
		next += at;
		if (edit->cursor < next || next >= edit->len || next == at)
			break;
	}
	cursor_row = row;
	if (edit->cursor >= next && next > at && edit->len && edit->text[edit->len - 1] == '\n' &&
		edit->cursor == edit->len) {
		cursor_row++;
	} else {
		size_t stop = edit->cursor < at + line_len ? edit->cursor : at + line_len;

		for (size_t i = at; i < stop; i += len)
			cursor_column += text_char(edit->text + i, stop - i, screen.charset, &len);
		if (edit->cursor > stop)
			cursor_column += (int)(edit->cursor - stop);
	}
	if (cursor_row < edit->top)
		edit->top = cursor_row;
	if (cursor_row >= edit->top + area.h)
		edit->top = cursor_row - area.h + 1;
	draw_fill(area, STYLE_FIELD);
	for (at = 0, row = 0; at < edit->len; at += next, row++) {
		char *text = xstrndup(edit->text + at, text_line(edit->text + at, area.w - 1, screen.charset, &next));

		if (row >= edit->top && row < edit->top + area.h)
			draw_text(area.y + row - edit->top, area.x, area.w, STYLE_FIELD, text);
		free(text);
	}
	if (focus) {
		screen.cursor = true;
		screen.cursor_y = area.y + cursor_row - edit->top;
		screen.cursor_x = area.x + cursor_column;
	}
}

void draw_edit(struct area area, struct edit *edit, bool focus, bool secret)
{
	if (area.w < 2 || area.h < 1)
		return;
	if (edit->lines)
		draw_lines(area, edit, focus);
	else
		draw_one_line(area, edit, focus, secret);
}

/* ---- tables ----------------------------------------------------------------------------------------------------- */

void draw_columns(const struct column *columns, size_t count, int w, int *widths)
{
	int left = w, shares = 0;

	for (size_t i = 0; i < count; i++) {
		int need = columns[i].width ? columns[i].width + (i > 0) : 0;

		widths[i] = need && need <= left ? columns[i].width : 0;
		left -= widths[i] ? need : 0;
		shares += widths[i] ? columns[i].share : 0;
	}
	for (size_t i = 0, most = (size_t)(left > 0 ? left : 0); i < count && shares; i++)
		if (widths[i] && columns[i].share) {
			int more = (int)most * columns[i].share / shares;

			widths[i] += more;
			most -= (size_t)more;
			shares -= columns[i].share;
		}
}

void draw_cell(int y, int *x, const struct column *column, int width, enum style style, const char *text)
{
	if (!width)
		return;
	if (column->right)
		draw_right(y, *x, width, style, text);
	else
		draw_text(y, *x, width, style, text);
	*x += width + 1;
}

void draw_header(int y, int x, const struct column *columns, size_t count, const int *widths)
{
	for (size_t i = 0; i < count; i++)
		draw_cell(y, &x, &columns[i], widths[i], STYLE_DIM, columns[i].title);
}

void draw_row(int y, int x, int w, bool selected, int what)
{
	const struct area area = {y, x, 1, w};

	draw_fill(area, selected ? STYLE_SELECTED : STYLE_TEXT);
	if (what != HOT_NONE)
		draw_hot(area, what);
}

/* ---- what can be clicked ---------------------------------------------------------------------------------------- */

void draw_hot(struct area area, int what)
{
	if (screen.hot_count < HOTS) {
		screen.hots[screen.hot_count].area = area;
		screen.hots[screen.hot_count++].what = what;
	}
}

int draw_hot_at(int y, int x)
{
	for (int i = screen.hot_count; i-- > 0;) {
		const struct area *a = &screen.hots[i].area;

		if (y >= a->y && y < a->y + a->h && x >= a->x && x < a->x + a->w)
			return screen.hots[i].what;
	}
	return HOT_NONE;
}

void draw_hot_clear(void)
{
	screen.hot_count = 0;
}
