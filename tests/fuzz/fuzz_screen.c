/* Text from outside in cells of a terminal, and text that is pasted or typed: the first byte is the width. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/base/mem.h"
#include "../../src/base/utf8.h"
#include "../../src/console/edit.h"
#include "../../src/console/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(const char *text, int width, enum text_charset charset)
{
	int used;
	char *shown = text_fit(text, width, charset, &used);

	if (used > width || !utf8_valid(shown, strlen(shown)) || strpbrk(shown, "\x1b\x07\n\r\t"))
		abort();
	free(shown);
	for (const char *line = text; *line; ) {
		size_t next, taken = text_line(line, width, charset, &next);

		if (taken > strlen(line) || next > strlen(line) || (!next && width > 1))
			abort();
		line += next ? next : strlen(line);
	}
}

static void type(const char *text, size_t size)
{
	struct edit edit;

	edit_init(&edit, 64);
	edit.lines = size & 1;
	edit_insert(&edit, text);
	for (size_t i = 0; i < size; i++)
		edit_key(&edit, (unsigned char)text[i] | (i % 3 ? 0 : (keycode)(unsigned char)text[size - 1 - i] << 8));
	if (edit.len > 64 || edit.cursor > edit.len || strlen(edit.text) != edit.len || !utf8_valid(edit.text, edit.len))
		abort();
	edit_free(&edit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text, out[80], time[TEXT_TIME];

	if (!size)
		return 0;
	text = xstrndup((const char *)data + 1, size - 1);
	show(text, data[0] + 1, TEXT_UTF8);
	show(text, data[0] + 1, TEXT_ASCII);
	type(text, strlen(text));
	text_number(text, out);
	text_words(text, out);
	text_duration((int64_t)size * data[0] * 1000, time);
	free(text);
	return 0;
}
