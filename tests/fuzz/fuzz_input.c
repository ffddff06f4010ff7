/* What a terminal sends: keys, characters, reports of the mouse, pasted text.  The first byte is the kind of terminal.  Here
 * stands what input.c asks of ncurses, with no more time than there are characters. */
#include <curses.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/base/clock.h"
#include "../../src/base/utf8.h"
#include "../../src/console/edit.h"
#include <term.h>           /* last: it defines words like "lines" */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BACK = 8, PIECE = 7, WAIT_MS = 100 };

static struct {
	const uint8_t *data;
	size_t size, at, waits;     /* waits: how often nothing was there */
	int kind;                   /* of the terminal: what it says of its mouse */
	bool slow;                  /* the bytes come in pieces */
	bool patient;               /* it is waited for: the next piece comes meanwhile */
	bool trickles, waited;      /* each character takes a while */
	struct { int kind; wint_t c; } back[BACK];
	int backs;
	int paste[2];               /* the codes given to the marks around pasted text */
} tty;

static int64_t fuzz_clock(void)
{
	return (int64_t)tty.waits * WAIT_MS + 1;
}

static int fuzz_get(wint_t *c);
static int fuzz_unget(int kind, wint_t c);

static char *fuzz_capability(const char *name)
{
	static char sgr[] = "\033[<", old[] = "\033[M";

	(void)name;
	return tty.kind == 0 ? sgr : tty.kind == 1 ? old : NULL;
}

static int fuzz_define(const char *sequence, int code)
{
	tty.paste[!strcmp(sequence, "\033[201~")] = code;
	return OK;
}

static void fuzz_wait(int ms)
{
	tty.patient = ms > 0;
}

#define clock_mono_ms fuzz_clock
#define tigetstr(name) fuzz_capability(name)
#define define_key(sequence, code) fuzz_define(sequence, code)
#undef get_wch
#define get_wch(c) fuzz_get(c)
#undef timeout
#define timeout(ms) fuzz_wait(ms)
#undef ungetch
#define ungetch(c) fuzz_unget(KEY_CODE_YES, (wint_t)(c))
#define unget_wch(c) fuzz_unget(OK, (wint_t)(c))
#define fputs(text, file) ((void)(text))
#include "../../src/console/input.c"
#undef clock_mono_ms
#undef lines

static int fuzz_unget(int kind, wint_t c)
{
	if (tty.backs == BACK)
		abort();
	tty.back[tty.backs].kind = kind;
	tty.back[tty.backs++].c = c;
	return OK;
}

/* The sequences that this terminal's description has, at the bytes that come next; the code, or 0. */
static int known(size_t *len)
{
	const struct { const char *sequence; int code; } all[] = {
		{"\033[A", KEY_UP}, {"\033OP", KEY_F(1)}, {"\033[3~", KEY_DC}, {"\033[F", KEY_END},
		{"\033[200~", tty.paste[0]}, {"\033[201~", tty.paste[1]}, {"\033[<", tty.kind == 0 ? KEY_MOUSE : 0},
		{"\033[M", tty.kind == 1 ? KEY_MOUSE : 0},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		*len = strlen(all[i].sequence);
		if (all[i].code && tty.size - tty.at >= *len && !memcmp(tty.data + tty.at, all[i].sequence, *len))
			return all[i].code;
	}
	return 0;
}

/* A character of a locale that is UTF-8; what is none is skipped, as ncurses does. */
static int decoded(wint_t *c)
{
	size_t n = utf8_char((const char *)tty.data + tty.at, tty.size - tty.at);
	wint_t value = tty.data[tty.at];

	tty.at += n ? n : 1;
	if (!n)
		return ERR;
	if (n > 1)
		value &= 0x7fU >> n;
	for (size_t i = 1; i < n; i++)
		value = value << 6 | (tty.data[tty.at - n + i] & 0x3f);
	*c = value;
	return OK;
}

static int fuzz_get(wint_t *c)
{
	static const int nothing = ERR;
	size_t len;
	int code;

	if (tty.backs) {
		*c = tty.back[--tty.backs].c;
		return tty.back[tty.backs].kind;
	}
	if (tty.at == tty.size || (tty.slow && tty.at % PIECE == 0 && !tty.patient && tty.waits % 2 == 0)) {
		tty.waits++;
		return nothing;
	}
	if (tty.trickles && tty.patient && !tty.waited) {
		tty.waited = true;
		tty.waits++;
		return nothing;
	}
	tty.waited = false;
	code = known(&len);
	if (!code)
		return decoded(c);
	tty.at += len;
	*c = (wint_t)code;
	return KEY_CODE_YES;
}

/* What comes out must be fit for the rest of the console. */
static void look_at(const struct input *input, struct edit *edit)
{
	char name[16];

	if (input->key == K_PASTE) {
		size_t len = strlen(input->text);

		if (len > PASTE_MOST + 8 || !utf8_valid(input->text, len) || strstr(input->text, "\033[201~"))
			abort();
		edit_insert(edit, input->text);
	} else if (input->key == K_MOUSE) {
		if (input->y < 0 || input->x < 0 || (input->wheel && abs(input->wheel) != WHEEL_LINES))
			abort();
	} else {
		if (input->text || input->key >= K_PASTE || !utf8_valid(keycode_name(input->key, name), strlen(name)))
			abort();
		edit_key(edit, input->key);
	}
	if (!utf8_valid(edit->text, edit->len) || edit->cursor > edit->len)
		abort();
}

/* A whole sequence that means nothing types nothing. */
static void swallow(const uint8_t *data, size_t size)
{
	static const char last[] = "EGJKLMTXabcdefgu";
	char text[40] = "\033[";
	struct input input;
	size_t len = 2;

	for (size_t i = 0; i < size && len < sizeof(text) - 2; i++)
		text[len++] = (char)('0' + data[i] % 12);
	text[len++] = last[size ? data[0] % (sizeof(last) - 1) : 0];
	tty.data = (const uint8_t *)text;
	tty.size = len;
	tty.at = 0;
	tty.kind = 2;
	if (input_read(&input))
		abort();
}

/* What is pasted over a slow line comes whole. */
static void trickle(const uint8_t *data, size_t size)
{
	static const char begin[] = "\033[200~", end[] = "\033[201~";
	char text[64];
	struct input input;
	size_t len = sizeof(begin) - 1;

	memcpy(text, begin, len);
	for (size_t i = 0; i < size && len < 50; i++)
		text[len++] = (char)(' ' + data[i] % 95);
	memcpy(text + len, end, sizeof(end));
	tty.data = (const uint8_t *)text;
	tty.size = len + sizeof(end) - 1;
	tty.at = 0;
	tty.slow = false;
	tty.trickles = true;
	if (input_read(&input) != K_PASTE || tty.at != tty.size)
		abort();
	len -= sizeof(begin) - 1;
	if (strlen(input.text) != len || memcmp(input.text, text + sizeof(begin) - 1, len) != 0)
		abort();
	input_free(&input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input;
	struct edit edit;

	if (!size)
		return 0;
	memset(&tty, 0, sizeof(tty));
	tty.data = data + 1;
	tty.size = size - 1;
	tty.kind = data[0] % 3;
	tty.slow = data[0] & 0x80;
	edit_init(&edit, 4096);
	edit.lines = data[0] & 0x40;
	input_open(true);
	while (tty.at < tty.size || tty.backs) {
		if (input_read(&input))
			look_at(&input, &edit);
		input_free(&input);
	}
	swallow(data + 1, size - 1);
	trickle(data + 1, size - 1);
	edit_free(&edit);
	return 0;
}
