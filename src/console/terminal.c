/* terminal.c - the terminal itself. */
#include "terminal.h"
#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "draw.h"
#include "guardian.h"
#include <term.h>            /* last: it defines words like "lines" and "columns" */

enum { TITLE_WIDTH = 80, NOTE_WIDTH = 120, ESCAPE_MS = 25 };

static struct {
	SCREEN *screen;
	struct termios before;
	bool titles, osc9, osc777;
} terminal;

/* ---- can it ----------------------------------------------------------------------------------------------------- */

static bool begins_with_one_of(const char *s, const char *const *names)
{
	for (; *names; names++)
		if (str_starts(s, *names))
			return true;
	return false;
}

/* What terminals understand is known by their names only. */
static void learn(const char *term)
{
	static const char *const titles[] = {"xterm", "rxvt", "screen", "tmux", "alacritty", "foot", "kitty", "vte",
		"konsole",
		"gnome", "st-", "wezterm", NULL};
	static const char *const osc777[] = {"rxvt", "foot", "vte", "gnome", "wezterm", NULL};
	const char *program = getenv("TERM_PROGRAM"), *vte = getenv("VTE_VERSION");

	terminal.titles = begins_with_one_of(term, titles);
	terminal.osc777 = begins_with_one_of(term, osc777) || (vte && str_starts(term, "xterm"));
	terminal.osc9 = str_starts(term, "xterm-kitty") ||
		(program && (!strcmp(program, "iTerm.app") || !strcmp(program, "ghostty") ||
			!strcmp(program, "WezTerm")));
}

/* The environment says in which characters the terminal speaks; the rest of spctl always counts in UTF-8. */
static void choose_charset(const char *term)
{
	bool utf8;

	setlocale(LC_CTYPE, "");
	utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	setlocale(LC_CTYPE, utf8 ? "C.UTF-8" : "C");
	draw_charset(utf8 ? TEXT_UTF8 : TEXT_ASCII, strcmp(term, "linux") && !str_starts(term, "vt"));
}

static int check(const char *term, struct err *err)
{
	int found = 0;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(err, ERR_UNAVAILABLE, "the console needs a terminal: standard %s is none",
			isatty(STDIN_FILENO) ? "output" : "input");
	if (!term || !*term)
		return err_set(err, ERR_UNAVAILABLE,
			"the console needs a terminal that can place text: TERM is not set");
	if (setupterm(term, STDOUT_FILENO, &found) != OK)
		return err_set(err, ERR_UNAVAILABLE,
			"the console needs a terminal that can place text: TERM is \"%.40s\", which is "
			"not known here", term);
	if (!strcmp(term, "dumb") || !tigetstr("cup") || tigetstr("cup") == (char *)-1)
		return err_set(err, ERR_UNAVAILABLE,
			"the console needs a terminal that can place text: TERM is \"%.40s\", which "
			"cannot", term);
	return 0;
}

/* ---- taking and giving back ------------------------------------------------------------------------------------- */

/* A capability that the terminal has, or "". */
static const char *known(const char *capability)
{
	return capability && capability != (char *)-1 ? capability : "";
}

/* What a console that is killed leaves switched on: the other screen, no cursor, colours, the mouse, marks around what
 * is pasted, the title. */
static void watch_over(void)
{
	const char *leave = tigetstr("rmcup"), *show = tigetstr("cnorm"), *plain = tigetstr("sgr0"),
		*mouse = tigetstr("kmous");
	char *sequences = xasprintf("%s%s%s%s\033[?2004l%s", known(plain), *known(mouse) ?
		"\033[?1000l\033[?1002l\033[?1006l" : "",
		known(show), known(leave), terminal.titles ? "\033[23;0t" : "");

	guardian_start(&terminal.before, sequences);
	free(sequences);
}

int terminal_open(struct err *err)
{
	const char *term = getenv("TERM");
	int status = check(term, err);

	if (status)
		return status;
	tcgetattr(STDIN_FILENO, &terminal.before);
	choose_charset(term);
	learn(term);
	watch_over();
	del_curterm(cur_term);                          /* check()'s; newterm() reads its own */
	set_escdelay(ESCAPE_MS);
	terminal.screen = newterm(NULL, stdout, stdin);
	if (!terminal.screen)
		guardian_stop();
	if (!terminal.screen)
		return err_set(err, ERR_UNAVAILABLE, "the terminal \"%.40s\" cannot be used", term);
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	timeout(0);
	start_color();
	use_default_colors();
	if (terminal.titles) {
		fputs("\033[22;0t", stdout);            /* keeps the title that is there */
		fflush(stdout);
	}
	return 0;
}

static void let_go(void)
{
	const chtype theme = getbkgd(stdscr);

	curs_set(1);
	if (!enter_ca_mode) {           /* no other screen to go back to: leave a clean one, unpainted */
		bkgdset(' ');
		erase();
		refresh();
		bkgdset(theme);
	}
	endwin();
	if (terminal.titles)
		fputs("\033[23;0t", stdout);
	fflush(stdout);
}

void terminal_close(void)
{
	if (!terminal.screen)
		return;
	let_go();
	tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal.before);
	__fpurge(stdout);               /* what a terminal that is gone did not take is no failure */
	clearerr(stdout);
	guardian_stop();
	delscreen(terminal.screen);
	terminal.screen = NULL;
}

void terminal_suspend(void)
{
	let_go();
}

void terminal_resume(void)
{
	if (terminal.titles)
		fputs("\033[22;0t", stdout);
	terminal_resize();
	clearok(stdscr, TRUE);
	refresh();
}

void terminal_resize(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row > 0 && size.ws_col > 0)
		resizeterm(size.ws_row, size.ws_col);
}

void terminal_clear(void)
{
	clearok(stdscr, TRUE);
}

void terminal_bell(void)
{
	beep();
}

/* ---- title, notification ---------------------------------------------------------------------------------------- */

/* Text that can do nothing inside of an escape sequence: no control characters, no ';' where fields are told by it. */
static char *harmless(const char *text, int width)
{
	char *fit = text_fit(text, width, draw_charset_now(), NULL);

	for (char *s = fit; *s; s++)
		if (*s == ';' || *s == '\\')
			*s = ',';
	return fit;
}

void terminal_title(const char *text)
{
	char *fit;

	if (!terminal.titles || !terminal.screen)
		return;
	fit = harmless(text, TITLE_WIDTH);
	printf("\033]0;%s\007", fit);
	fflush(stdout);
	free(fit);
}

void terminal_notify(const char *title, const char *text)
{
	char *one = harmless(title, NOTE_WIDTH), *two = harmless(text, NOTE_WIDTH);

	if (terminal.osc777)
		printf("\033]777;notify;%s;%s\007", one, two);
	else if (terminal.osc9)
		printf("\033]9;%s: %s\007", one, two);
	fflush(stdout);
	free(one);
	free(two);
}
