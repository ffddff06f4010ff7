/* output.c - see output.h. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/csv.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../base/utf8.h"
#include "output.h"

enum { JSON_FLAGS = JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY };

/* ---- fields ----------------------------------------------------------------------------------------------------- */

const json_t *output_field(const json_t *object, const char *path)
{
	const char *dot = strchr(path, '.');
	char name[OUTPUT_PATH];

	if (!dot)
		return json_object_get(object, path);
	str_copy(name, sizeof(name), path);
	name[dot - path] = '\0';
	return output_field(json_object_get(object, name), dot + 1);
}

bool output_next_path(const char **list, char path[OUTPUT_PATH])
{
	size_t len;

	*list += strspn(*list, " ");
	len = strcspn(*list, " ");
	if (!len || len >= OUTPUT_PATH)
		return false;
	memcpy(path, *list, len);
	path[len] = '\0';
	*list += len;
	return true;
}

/* The paths of an object's own fields, objects inside of it opened. */
static void paths_of(const json_t *object, const char *prefix, struct str *list)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value) {
		if (json_is_object(value) && json_object_size(value)) {
			char *inner = xasprintf("%s%s.", prefix, name);

			paths_of(value, inner, list);
			free(inner);
		} else {
			str_addf(list, "%s%s ", prefix, name);
		}
	}
}

/* ---- JSON ------------------------------------------------------------------------------------------------------- */

/* jansson leaves DEL and the C1 controls as they are, but a terminal would obey them. */
static void put_json(FILE *file, const json_t *value, size_t flags)
{
	char *text = json_dumps(value, flags | JSON_FLAGS);

	if (!text)
		return;
	for (const unsigned char *s = (unsigned char *)text; *s; s++) {
		if (*s == 0x7f)
			fputs("\\u007f", file);
		else if (s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f)
			fprintf(file, "\\u%04x", *++s);
		else
			putc(*s, file);
	}
	free(text);
}

/* ---- values as text --------------------------------------------------------------------------------------------- */

static char *compact(const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_FLAGS);

	return text ? text : xstrdup("");
}

static bool all_are(json_type type, const json_t *array)
{
	size_t i;
	json_t *item;

	json_array_foreach(array, i, item)
		if (json_typeof(item) != type)
			return false;
	return true;
}

static char *joined(const json_t *array, const char *between)
{
	struct str out = {0};
	size_t i;
	json_t *item;

	json_array_foreach(array, i, item) {
		str_add(&out, i ? between : "");
		str_add(&out, json_string_value(item));
	}
	return str_take(&out);
}

/* For people: an array of objects as "a=1 b=2; a=3 b=4". */
static char *spelt(const json_t *value);

static char *spelt_object(const json_t *object)
{
	struct str out = {0};
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value) {
		char *text = spelt(value);

		str_addf(&out, "%s%s=%s", out.len ? " " : "", name, text);
		free(text);
	}
	return str_take(&out);
}

static char *spelt(const json_t *value)
{
	struct str out = {0};
	size_t i;
	json_t *item;
	char *text;

	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_NULL: return xstrdup("-");
	case JSON_TRUE: return xstrdup("yes");
	case JSON_FALSE: return xstrdup("no");
	case JSON_STRING:
		text = output_time(value, true);
		return text ? text : xstrdup(json_string_length(value) ? json_string_value(value) : "-");
	case JSON_OBJECT: return json_object_size(value) ? spelt_object(value) : xstrdup("-");
	case JSON_ARRAY: break;
	default: return compact(value);
	}
	if (!json_array_size(value))
		return xstrdup("-");
	if (all_are(JSON_STRING, value))
		return joined(value, ", ");
	json_array_foreach(value, i, item) {
		text = spelt(item);
		str_addf(&out, "%s%s", i ? "; " : "", text);
		free(text);
	}
	return str_take(&out);
}

/* Whether it is a time of the engine's, "2026-11-21T01:02:03.004Z". */
static bool is_time(const json_t *value, int64_t *utc_ms)
{
	const char *text = json_string_value(value);

	return text && json_string_length(value) == strlen("2026-11-21T01:02:03.004Z") && text[10] == 'T' &&
	       text[23] == 'Z' && time_parse(text, utc_ms);
}

/* The user's zone is what libc says it is: TZ, or the machine's. */
char *output_time(const json_t *value, bool with_offset)
{
	int64_t utc_ms;
	time_t seconds;
	struct tm tm;
	char text[64];
	long offset;                        /* minutes */

	if (!is_time(value, &utc_ms))
		return NULL;
	seconds = (time_t)(utc_ms / 1000);
	if (!localtime_r(&seconds, &tm) || !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		return NULL;
	if (!with_offset)
		return xstrdup(text);
	offset = labs(tm.tm_gmtoff) / 60;
	return xasprintf("%s%c%02ld:%02ld", text, tm.tm_gmtoff < 0 ? '-' : '+', offset / 60, offset % 60);
}

char *output_text(const json_t *value)
{
	char *raw = spelt(value), *clean;

	for (char *s = raw; *s; s++)
		if (*s == '\n' || *s == '\t' || *s == '\r')
			*s = ' ';
	clean = utf8_clean(raw, strlen(raw), false);
	free(raw);
	return clean;
}

static char *csv_text(const json_t *value)
{
	char *raw, *clean;

	if (!value || json_is_null(value))
		return xstrdup("");
	if (json_is_string(value))
		raw = xstrdup(json_string_value(value));
	else if (json_is_array(value) && all_are(JSON_STRING, value))
		raw = joined(value, ";");
	else
		raw = compact(value);
	clean = utf8_clean(raw, strlen(raw), true);
	free(raw);
	return clean;
}

/* ---- CSV -------------------------------------------------------------------------------------------------------- */

static void csv_line(struct output *out, const char *fields, const json_t *object)
{
	struct str line = {0};
	char path[OUTPUT_PATH];

	for (bool first = true; output_next_path(&fields, path); first = false) {
		char *text = object ? csv_text(output_field(object, path)) : xstrdup(path);

		csv_add(&line, text, first);
		free(text);
	}
	csv_end(&line);
	fputs(line.s, out->file);
	str_free(&line);
}

/* ---- lists ------------------------------------------------------------------------------------------------------ */

void output_list_start(struct output *out)
{
	out->rows = 0;
	memset(out->table, 0, sizeof(out->table));
	if (out->format == FORMAT_CSV && out->header)
		csv_line(out, out->shape->fields, NULL);
	else if (out->format == FORMAT_JSON)
		putc('[', out->file);
}

void output_page(struct output *out, const json_t *items)
{
	size_t i;
	json_t *item;

	if (out->format == FORMAT_PEOPLE)
		table_page(out, items, out->terminal);
	json_array_foreach(items, i, item) {
		if (out->format == FORMAT_CSV) {
			csv_line(out, out->shape->fields, item);
		} else if (out->format == FORMAT_JSON) {
			fputs(out->rows + i ? ",\n  " : "\n  ", out->file);
			put_json(out->file, item, 0);
		} else if (out->format == FORMAT_NDJSON) {
			put_json(out->file, item, JSON_COMPACT);
			putc('\n', out->file);
		}
	}
	out->rows += json_array_size(items);
}

void output_list_end(struct output *out)
{
	if (out->format == FORMAT_JSON)
		fputs(out->rows ? "\n]\n" : "]\n", out->file);
}

void output_row(struct output *out, const json_t *object)
{
	if (out->format == FORMAT_CSV) {
		if (!out->rows && out->header)
			csv_line(out, out->shape->fields, NULL);
		csv_line(out, out->shape->fields, object);
	} else if (out->format == FORMAT_PEOPLE) {
		json_t *page = json_pack("[O]", object);

		table_page(out, page, 0);
		json_decref(page);
	} else {
		put_json(out->file, object, JSON_COMPACT);
		putc('\n', out->file);
	}
	out->rows++;
	fflush(out->file);
}

/* ---- one object ------------------------------------------------------------------------------------------------- */

static bool is_rows(const json_t *value)
{
	return json_array_size(value) > 0 && all_are(JSON_OBJECT, value);
}

/* A list inside of an object, as the participants of a call: a table of its own, with the first row's fields. */
static void show_rows(struct output *out, const char *name, const json_t *rows)
{
	struct str columns = {0};
	struct shape shape = {0};
	struct output inner = *out;

	paths_of(json_array_get(rows, 0), "", &columns);
	shape.columns = columns.s ? columns.s : "";
	inner.shape = &shape;
	fprintf(out->file, "\n%s:\n", name);
	output_list_start(&inner);
	output_page(&inner, rows);
	output_list_end(&inner);
	str_free(&columns);
}

static void show_lines(struct output *out, const json_t *object, const char *list)
{
	char path[OUTPUT_PATH];
	const char *at;
	size_t width = 0;

	for (at = list; output_next_path(&at, path);)
		if (!is_rows(output_field(object, path)) && strlen(path) > width)
			width = strlen(path);
	for (at = list; output_next_path(&at, path);) {
		const json_t *value = output_field(object, path);
		char *text;

		if (is_rows(value))
			continue;
		text = output_text(value);
		fprintf(out->file, "%s:%*s%s\n", path, (int)(width - strlen(path)) + 1, "", text);
		free(text);
	}
	for (at = list; output_next_path(&at, path);)
		if (is_rows(output_field(object, path)))
			show_rows(out, path, output_field(object, path));
}

void output_object(struct output *out, const json_t *object)
{
	struct str own = {0};

	paths_of(object, "", &own);
	if (out->format == FORMAT_PEOPLE) {
		show_lines(out, object, own.s ? own.s : "");
	} else if (out->format == FORMAT_CSV) {
		const char *fields = out->shape ? out->shape->fields : own.s ? own.s : "";

		if (out->header)
			csv_line(out, fields, NULL);
		csv_line(out, fields, object);
	} else {
		put_json(out->file, object, out->format == FORMAT_JSON ? JSON_INDENT(2) : JSON_COMPACT);
		putc('\n', out->file);
	}
	str_free(&own);
}

bool output_may_colour(FILE *file)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return isatty(fileno(file)) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

size_t output_terminal(FILE *file)
{
	struct winsize size;

	return isatty(fileno(file)) && !ioctl(fileno(file), TIOCGWINSZ, &size) ? size.ws_col : 0;
}
