/*
 * table.c - tables for people.
 *
 * Through a pipe a table is as wide as it comes.  On a terminal that is too narrow for it, long words are cut first,
 * then the names of columns, then the columns marked "?" in the shape are left out, from the right, then shorter words
 * are cut; "…" is where something is missing.  Numbers and times are never cut: where they alone are too wide, lines
 * wrap.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/utf8.h"
#include "../console/text.h"
#include "output.h"

enum { BETWEEN = 2, LEAST_HEADER = 5, LEAST_TEXT = 8, LONG_TEXT = 24 };

/* The next column of the shape; *optional: it may be left out. */
static bool next_column(const char **columns, char path[OUTPUT_PATH], bool *optional)
{
	if (!output_next_path(columns, path))
		return false;
	*optional = path[0] == '?';
	if (*optional)
		memmove(path, path + 1, strlen(path));
	return true;
}

static char *cell_text(const json_t *object, const char *path)
{
	const json_t *value = output_field(object, path);
	char *time = output_time(value, false);

	return time ? time : output_text(value);
}

/* ---- how wide --------------------------------------------------------------------------------------------------- */

static bool is_words(const json_t *value)
{
	const char *text = json_string_value(value);

	if (!text)
		return json_is_array(value) || json_is_object(value);
	return *text && text[strspn(text, "+-:.0123456789TZ")];
}

static size_t at_least(size_t a, size_t b)
{
	return a > b ? a : b;
}

static void measure(struct output *out, const json_t *object)
{
	const char *columns = out->shape->columns;
	struct table_column *column = out->table;
	char path[OUTPUT_PATH];
	bool optional;

	for (; column < out->table + OUTPUT_COLUMNS && next_column(&columns, path, &optional); column++) {
		char *text = cell_text(object, path);

		column->cells = at_least(column->cells, utf8_columns(text));
		column->text |= is_words(output_field(object, path));
		free(text);
	}
}

static size_t total(const struct output *out, size_t count)
{
	size_t sum = 0;

	for (size_t i = 0; i < count; i++)
		if (!out->table[i].left_out)
			sum += out->table[i].width + (sum ? BETWEEN : 0);
	return sum;
}

/* Takes away column by column, from the widest that has more than its least, until all fits. */
static void narrow(struct output *out, size_t count, size_t terminal, size_t (*least)(const struct table_column *))
{
	while (total(out, count) > terminal) {
		struct table_column *widest = NULL;

		for (struct table_column *c = out->table; c < out->table + count; c++)
			if (!c->left_out && c->width > least(c) && (!widest || c->width > widest->width))
				widest = c;
		if (!widest)
			return;
		widest->width--;
	}
}

static size_t least_header(const struct table_column *column)
{
	size_t least = at_least(column->cells, column->header < LEAST_HEADER ? column->header : LEAST_HEADER);

	return least < column->width ? least : column->width;
}

static size_t least_text(const struct table_column *column)
{
	return column->text && column->width > LEAST_TEXT ? LEAST_TEXT : column->width;
}

static size_t least_long_text(const struct table_column *column)
{
	return column->text && column->width > LONG_TEXT ? LONG_TEXT : column->width;
}

/* Without a column that was left out there may be room for more of the others. */
static void fit(struct output *out, size_t count, size_t terminal)
{
	for (size_t i = 0; i < count; i++)
		out->table[i].width = at_least(out->table[i].header, out->table[i].cells);
	if (!terminal)
		return;
	narrow(out, count, terminal, least_long_text);
	narrow(out, count, terminal, least_header);
}

/* Later pages may widen columns, but those that the first has left out stay so. */
static void lay_out(struct output *out, size_t terminal)
{
	const char *columns = out->shape->columns;
	bool optional[OUTPUT_COLUMNS];
	char path[OUTPUT_PATH];
	size_t count = 0;

	for (; count < OUTPUT_COLUMNS && next_column(&columns, path, &optional[count]); count++)
		out->table[count].header = out->header ? strlen(path) : 0;
	fit(out, count, terminal);
	for (size_t i = count; terminal && i-- > 0 && !out->rows && total(out, count) > terminal;) {
		out->table[i].left_out = optional[i];
		fit(out, count, terminal);
	}
	if (terminal)
		narrow(out, count, terminal, least_text);
}

/* ---- lines ------------------------------------------------------------------------------------------------------ */

/* The header where object is NULL. */
static void put_line(struct output *out, const json_t *object)
{
	const char *columns = out->shape->columns;
	const struct table_column *column = out->table;
	size_t blanks = 0;          /* owed before the next cell, so that none stand at a line's end */
	char path[OUTPUT_PATH];
	bool optional;

	if (!object && out->colour)
		fputs("\033[1m", out->file);
	for (; column < out->table + OUTPUT_COLUMNS && next_column(&columns, path, &optional); column++) {
		char *whole, *text;
		size_t used;

		if (column->left_out)
			continue;
		whole = object ? cell_text(object, path) : xstrdup(path);
		used = utf8_columns(whole);
		text = used > column->width ? text_fit(whole, (int)column->width, TEXT_UTF8, NULL) : whole;
		used = used > column->width ? utf8_columns(text) : used;
		fprintf(out->file, "%*s%s", (int)blanks, "", text);
		blanks = BETWEEN + (used < column->width ? column->width - used : 0);
		if (text != whole)
			free(text);
		free(whole);
	}
	fputs(!object && out->colour ? "\033[0m\n" : "\n", out->file);
}

void table_page(struct output *out, const json_t *items, size_t terminal)
{
	size_t i;
	json_t *item;

	json_array_foreach(items, i, item)
		measure(out, item);
	lay_out(out, terminal);
	if (!out->rows && out->header)
		put_line(out, NULL);
	json_array_foreach(items, i, item)
		put_line(out, item);
}
