/* edit.c - a text being edited. */
#include "edit.h"
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "../base/utf8.h"
#include "text.h"

void edit_init(struct edit *edit, size_t most)
{
	*edit = (struct edit){.most = most, .size = 64, .text = xcalloc(1, 64)};
}

static void wipe(char *text)
{
	if (text)
		mem_wipe(text, strlen(text));
	free(text);
}

void edit_free(struct edit *edit)
{
	wipe(edit->text);
	wipe(edit->killed);
	*edit = (struct edit){0};
}

void edit_set(struct edit *edit, const char *text)
{
	edit->len = edit->cursor = 0;
	edit->top = 0;
	edit->text[0] = '\0';
	edit_insert(edit, text);
}

/* ---- steps over characters -------------------------------------------------------------------------------------- */

static size_t before(const struct edit *edit, size_t at)
{
	while (at > 0 && ((unsigned char)edit->text[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t after(const struct edit *edit, size_t at)
{
	size_t n = utf8_char(edit->text + at, edit->len - at);

	return at + (at < edit->len ? n ? n : 1 : 0);
}

/* Whether the character there takes no column of its own: it stays with the one before. */
static bool combines(const struct edit *edit, size_t at)
{
	size_t len;

	return at < edit->len && edit->text[at] != '\n' && !text_char(edit->text + at, edit->len - at, TEXT_UTF8, &len);
}

static size_t left_of(const struct edit *edit, size_t at)
{
	do
		at = before(edit, at);
	while (at > 0 && combines(edit, at));
	return at;
}

static size_t right_of(const struct edit *edit, size_t at)
{
	do
		at = after(edit, at);
	while (combines(edit, at));
	return at;
}

static bool in_word(const struct edit *edit, size_t at)
{
	return !strchr(" \n\t.,;:!?()\"", edit->text[at]);
}

static size_t word_left(const struct edit *edit, size_t at)
{
	while (at > 0 && !in_word(edit, left_of(edit, at)))
		at = left_of(edit, at);
	while (at > 0 && in_word(edit, left_of(edit, at)))
		at = left_of(edit, at);
	return at;
}

static size_t word_right(const struct edit *edit, size_t at)
{
	while (at < edit->len && !in_word(edit, at))
		at = right_of(edit, at);
	while (at < edit->len && in_word(edit, at))
		at = right_of(edit, at);
	return at;
}

static size_t line_start(const struct edit *edit, size_t at)
{
	while (at > 0 && edit->text[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_end(const struct edit *edit, size_t at)
{
	return at + strcspn(edit->text + at, "\n");
}

/* The same column of the line above or below. */
static size_t vertical(const struct edit *edit, int step)
{
	size_t start = line_start(edit, edit->cursor), to, want = 0, at = start;

	while (at < edit->cursor) {
		at = right_of(edit, at);
		want++;
	}
	if (step < 0) {
		if (!start)
			return edit->cursor;
		to = line_start(edit, start - 1);
	} else {
		to = line_end(edit, edit->cursor);
		if (to == edit->len)
			return edit->cursor;
		to++;
	}
	while (want-- && to < edit->len && edit->text[to] != '\n')
		to = right_of(edit, to);
	return to;
}

/* ---- changing --------------------------------------------------------------------------------------------------- */

static void take_out(struct edit *edit, size_t from, size_t to, bool keep)
{
	if (from >= to)
		return;
	if (keep) {
		wipe(edit->killed);
		edit->killed = xstrndup(edit->text + from, to - from);
	}
	memmove(edit->text + from, edit->text + to, edit->len - to + 1);
	edit->len -= to - from;
	edit->cursor = from;
}

static void put_in(struct edit *edit, const char *s, size_t n)
{
	if (edit->len + n > edit->most)
		return;
	if (edit->len + n + 1 > edit->size) {           /* not realloc: an old copy of a password must not stay */
		char *larger = xmalloc((edit->len + n + 1) * 2);

		memcpy(larger, edit->text, edit->len + 1);
		mem_wipe(edit->text, edit->len);
		free(edit->text);
		edit->text = larger;
		edit->size = (edit->len + n + 1) * 2;
	}
	memmove(edit->text + edit->cursor + n, edit->text + edit->cursor, edit->len - edit->cursor + 1);
	memcpy(edit->text + edit->cursor, s, n);
	edit->len += n;
	edit->cursor += n;
}

void edit_insert(struct edit *edit, const char *text)
{
	size_t left = strlen(text), n;

	for (; left; text += n, left -= n) {
		n = utf8_char(text, left);
		if (!n) {
			n = 1;
			continue;
		}
		if (*text == '\r' && (left == 1 || text[1] != '\n') && edit->lines)
			put_in(edit, "\n", 1);
		else if (*text == '\n' && edit->lines)
			put_in(edit, "\n", 1);
		else if (*text == '\t' || *text == '\n')
			put_in(edit, " ", edit->only ? 0 : 1);
		else if (utf8_is_control(text, n))
			continue;
		else if (!edit->only || (n == 1 && strchr(edit->only, *text)))
			put_in(edit, text, n);
	}
}

static bool move_key(struct edit *edit, keycode key)
{
	size_t *at = &edit->cursor;

	switch (key) {
	case K_LEFT:                        *at = left_of(edit, *at); return true;
	case K_RIGHT:                       *at = right_of(edit, *at); return true;
	case K_HOME: case 'A' - '@':        *at = line_start(edit, *at); return true;
	case K_END: case 'E' - '@':         *at = line_end(edit, *at); return true;
	case K_ALT + 'b':                   *at = word_left(edit, *at); return true;
	case K_ALT + 'f':                   *at = word_right(edit, *at); return true;
	case K_UP:                          *at = vertical(edit, -1); return edit->lines;
	case K_DOWN:                        *at = vertical(edit, 1); return edit->lines;
	default:                            return false;
	}
}

static bool delete_key(struct edit *edit, keycode key)
{
	size_t at = edit->cursor;

	switch (key) {
	case K_BACKSPACE:       take_out(edit, left_of(edit, at), at, false); return true;
	case K_DELETE:          take_out(edit, at, right_of(edit, at), false); return true;
	case 'K' - '@':         take_out(edit, at, line_end(edit, at), true); return true;
	case 'U' - '@':         take_out(edit, line_start(edit, at), at, true); return true;
	case 'W' - '@':         take_out(edit, word_left(edit, at), at, true); return true;
	case K_ALT + 'd':       take_out(edit, at, word_right(edit, at), true); return true;
	case 'Y' - '@':         edit_insert(edit, edit->killed ? edit->killed : ""); return true;
	default:                return false;
	}
}

static void type(struct edit *edit, keycode key)
{
	char s[5];

	if (key < 0x80)
		s[0] = (char)key, s[1] = '\0';
	else if (key < 0x800)
		s[0] = (char)(0xc0 | key >> 6), s[1] = (char)(0x80 | (key & 0x3f)), s[2] = '\0';
	else if (key < 0x10000)
		s[0] = (char)(0xe0 | key >> 12), s[1] = (char)(0x80 | (key >> 6 & 0x3f)),
			s[2] = (char)(0x80 | (key & 0x3f)),
		s[3] = '\0';
	else
		s[0] = (char)(0xf0 | key >> 18), s[1] = (char)(0x80 | (key >> 12 & 0x3f)),
		s[2] = (char)(0x80 | (key >> 6 & 0x3f)), s[3] = (char)(0x80 | (key & 0x3f)), s[4] = '\0';
	edit_insert(edit, s);
}

bool edit_key(struct edit *edit, keycode key)
{
	if (key_is_typed(key)) {
		if (edit->only && (key >= 0x80 || !strchr(edit->only, (int)key)))
			return false;
		type(edit, key);
		return true;
	}
	if (key == K_ENTER && edit->lines) {
		edit_insert(edit, "\n");
		return true;
	}
	return move_key(edit, key) || delete_key(edit, key);
}
