/* list.c - a list that the engine gives in pages, with a filter and the detail of the chosen line. */
#include "list.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../base/tz.h"

enum { FILTER_MOST = 60, PAGE = 100, FIRST_ROWS = 20, LONG_MS = 300, FILTER = 1 << 19 };
enum { WIDE = 110, LABEL = 12, COUNT = 7, COLUMNS_MOST = 16 };  /* columns of the screen; and of a list */

void list_open(struct list *list, const struct list_class *class)
{
	list->class = class;
	list->items = json_array();
	list->names = json_object();
	list->rows = FIRST_ROWS;
	edit_init(&list->filter, FILTER_MOST);
}

void list_close(struct view *view)
{
	struct list *list = (struct list *)view;

	json_decref(list->items);
	json_decref(list->names);
	edit_free(&list->filter);
	tz_free(list->tz);
}

static int count(const struct list *list)
{
	return (int)json_array_size(list->items);
}

const json_t *list_item(const struct list *list)
{
	return json_array_get(list->items, (size_t)list->at);
}

static bool holds(struct list *list, const json_t *item)
{
	return !list->filter.len || !list->class->holds || list->class->holds(list, item, list->filter.text);
}

/* ---- asking ----------------------------------------------------------------------------------------------------- */

static void ask_page(struct list *list);

static void on_name(void *arg, int64_t id, const struct answer *answer)
{
	struct list *list = arg;
	char key[24];

	snprintf(key, sizeof(key), "%lld", (long long)id);
	if (answer->err && answer->err->code == ERR_UNAVAILABLE)
		json_object_del(list->names, key);      /* asked for again when there is an engine */
	else
		json_object_set_new(list->names, key, json_string(answer->err ? "" : j_text(answer->result, "name")));
	list->view.app->dirty = true;
}

/* Asks for the customers' names of the lines that are near. */
static void want_names(struct list *list)
{
	for (int i = list->top; i < count(list) && i < list->top + 2 * list->rows; i++) {
		json_int_t id = (json_int_t)j_int(json_array_get(list->items, (size_t)i), "customer_id");
		char key[24];

		snprintf(key, sizeof(key), "%lld", (long long)id);
		if (!id || json_object_get(list->names, key))
			continue;
		json_object_set_new(list->names, key, json_string(""));
		app_ask(list->view.app, "customer.show", json_pack("{s:I}", "id", id), on_name, list, id);
	}
}

/* After every change of the lines or the choice: brings what is to be seen next. */
static void settle(struct list *list)
{
	if (list->at >= count(list))
		list->at = count(list) - 1;
	if (list->at < 0)
		list->at = 0;
	if (list->at < list->top)
		list->top = list->at;
	if (list->at >= list->top + list->rows)
		list->top = list->at - list->rows + 1;
	want_names(list);
	if (list->class->chosen && list_item(list))
		list->class->chosen(list, list_item(list));
	if (list->next && !list->asking && list->at + 2 * list->rows > count(list))
		ask_page(list);
	list->view.app->dirty = true;
}

static void take_page(struct list *list, const json_t *result)
{
	int64_t chosen = j_int(list_item(list), "id");
	json_t *item;
	size_t i;

	if (list->anew)
		json_array_clear(list->items);
	json_array_foreach(json_object_get(result, "items"), i, item)
		json_array_append(list->items, item);
	list->next = j_int(result, "next");
	if (list->anew)
		list->at = 0;
	json_array_foreach(list->items, i, item)
		if (list->anew && chosen && j_int(item, "id") == chosen)
			list->at = (int)i;
	list->anew = false;
}

static void on_page(void *arg, int64_t tag, const struct answer *answer)
{
	struct list *list = arg;

	(void)tag;
	list->asking = false;
	if (list->again && !answer->err) {              /* something was typed meanwhile */
		list_reload(list);
		return;
	}
	list->again = false;
	list->failure[0] = '\0';
	if (answer->err) {
		str_copy(list->failure, sizeof(list->failure), answer->err->text);
		list->next = 0;
		list->view.app->dirty = true;
		return;
	}
	take_page(list, answer->result);
	settle(list);
}

static void ask_page(struct list *list)
{
	json_t *params = json_object();

	list->asking = true;
	list->asked_ms = clock_mono_ms();
	list->again = false;
	json_object_set_new(params, "limit", json_integer(PAGE));
	if (list->next)
		json_object_set_new(params, "after", json_integer(list->next));
	if (list->class->ask)
		list->class->ask(list, params);
	app_ask(list->view.app, list->class->method, params, on_page, list, 0);
}

void list_reload(struct list *list)
{
	list->again = list->asking;
	if (list->asking || !list->class->method)
		return;
	list->anew = true;
	list->next = 0;
	ask_page(list);
}

void list_show(struct view *view)
{
	struct list *list = (struct list *)view;

	if (!list->shown)
		list_reload(list);
	list->shown = true;
}

/* ---- changes ---------------------------------------------------------------------------------------------------- */

void list_fill(struct list *list, json_t *items, const char *key)
{
	char *chosen = xstrdup(j_text(list_item(list), key));
	json_t *item;
	size_t i;

	json_array_clear(list->items);
	json_array_foreach(items, i, item) {
		if (!holds(list, item))
			continue;
		if (!strcmp(j_text(item, key), chosen))
			list->at = count(list);
		json_array_append(list->items, item);
	}
	json_decref(items);
	free(chosen);
	settle(list);
}

void list_put(struct list *list, const json_t *item)
{
	json_t *old;
	size_t i;

	json_array_foreach(list->items, i, old)
		if (j_int(old, "id") == j_int(item, "id")) {
			json_array_set(list->items, i, (json_t *)item);
			settle(list);
			return;
		}
	if (!holds(list, item) || j_int(item, "id") < j_int(json_array_get(list->items, 0), "id"))
		return;                                 /* an older one has its place in a page that is not there yet */
	json_array_insert(list->items, 0, (json_t *)item);
	if (list->at || list->whole) {                  /* the chosen line stays where it is on the screen */
		list->at++;
		list->top += list->top > 0;
	}
	settle(list);
}

/* ---- drawing ---------------------------------------------------------------------------------------------------- */

static void draw_top(struct list *list, struct area in)
{
	const struct list_class *class = list->class;
	int x = in.x, end = in.x + in.w - COUNT;
	char lines[40];

	if (class->title)
		x += draw_text(in.y, x, in.w * 3 / 4, STYLE_STRONG, class->title(list)) + 2;
	/* what is seen is what was typed before */
	if (list->asking && clock_mono_ms() - list->asked_ms > LONG_MS) {
		end -= (int)strlen("searching") - COUNT;
		draw_text(in.y, end, in.w, STYLE_ACCENT, "searching");
	} else {
		snprintf(lines, sizeof(lines), "%d%s", count(list), list->next ? "+" : "");
		draw_right(in.y, end, COUNT, STYLE_DIM, lines);
	}
	end--;
	x += draw_text(in.y, x, end - x, list->typing ? STYLE_TITLE : STYLE_DIM, class->search) + 1;
	if (list->typing || list->filter.len)
		draw_edit((struct area){in.y, x, 1, end - x > 30 ? 30 : end - x}, &list->filter, list->typing, false);
	else
		draw_text(in.y, x, end - x, STYLE_DIM, "/");
	draw_hot((struct area){in.y, in.x + in.w / 4, 1, in.w / 2}, FILTER);
}

/* The columns that are of use now. */
static size_t columns_of(struct list *list, struct column *out)
{
	const struct list_class *class = list->class;

	memcpy(out, class->columns, class->count * sizeof(*out));
	for (size_t i = 0; i < class->count; i++)
		if (class->hides && class->hides(list, i))
			out[i].width = 0;
	return class->count;
}

static void draw_line(struct list *list, int i, int y, struct area in, const struct column *columns, const int *widths)
{
	const struct list_class *class = list->class;
	const json_t *item = json_array_get(list->items, (size_t)i);
	char texts[COLUMNS_MOST][300] = {{0}};
	enum style styles[COLUMNS_MOST];
	bool here = i == list->at;
	int x = in.x;

	draw_row(y, in.x, in.w, here, i);
	for (size_t c = 0; c < class->count; c++)
		styles[c] = class->cell(list, item, c, texts[c], sizeof(texts[c]));
	for (size_t c = 0; c < class->count; c++) {
		int width = widths[c];

		for (size_t next = c + 1; width && !columns[c].right && next < class->count && !*texts[next]; next++)
			width += widths[next] ? widths[next] + 1 : 0;   /* the room of cells in which nothing stands */
		if (width == widths[c])
			draw_cell(y, &x, &columns[c], width, here ? STYLE_SELECTED : styles[c], texts[c]);
		else {
			draw_text(y, x, width, here ? STYLE_SELECTED : styles[c], texts[c]);
			x += widths[c] + 1;
		}
	}
}

static void draw_lines(struct list *list, struct area in)
{
	struct column columns[COLUMNS_MOST];
	size_t n = columns_of(list, columns);
	int widths[COLUMNS_MOST];

	list->rows = in.h - 1 > 0 ? in.h - 1 : 1;
	if (list->at >= list->top + list->rows)
		list->top = list->at - list->rows + 1;
	draw_columns(columns, n, in.w, widths);
	draw_header(in.y, in.x, columns, n, widths);
	for (int i = list->top; i < count(list) && i < list->top + list->rows; i++)
		draw_line(list, i, in.y + 1 + i - list->top, in, columns, widths);
	if (*list->failure)
		draw_wrap((struct area){in.y + 1, in.x, list->rows, in.w}, STYLE_BAD, list->failure);
	else if (!count(list))
		draw_text(in.y + 1, in.x, in.w, STYLE_DIM, list->asking ? "Asking the engine" :
			list->filter.len ? "Nothing holds what was typed" : list->class->nothing);
}

void list_draw(struct view *view, struct area in)
{
	struct list *list = (struct list *)view;
	const json_t *item = list_item(list);
	struct area lines = in, detail = in;

	lines.x = detail.x = in.x + 1;
	lines.w = detail.w = in.w - 2;
	if (list->whole && item) {
		list->class->detail(list, item, detail);
		return;
	}
	if (list->class->beside || in.w >= WIDE) {
		int left = in.w >= WIDE ? in.w * 13 / 20 : in.w / 2;

		if (in.w >= WIDE)
			draw_windows_within(left);

		lines.w = left - 2;
		detail.x = left + 2;
		detail.w = in.w - left - 3;
		draw_vline(in.y, left, in.h);
	} else {
		detail.h = in.h * 2 / 5;
		lines.h = in.h - detail.h - 1;
		detail.y = in.y + lines.h + 1;
		draw_hline(detail.y - 1, in.x, in.w);
	}
	draw_top(list, lines);
	lines.y++;
	lines.h--;
	draw_lines(list, lines);
	if (item)
		list->class->detail(list, item, detail);
}

/* ---- keys ------------------------------------------------------------------------------------------------------- */

static void move(struct list *list, long by)
{
	long to = list->at + by;

	list->at = to < 0 ? 0 : to >= count(list) ? count(list) - 1 : (int)to;
	settle(list);
}

/* What was typed changed. */
static void search(struct list *list)
{
	list->at = list->top = 0;
	if (list->class->method)
		list_reload(list);
	else if (list->view.class->show)
		list->view.class->show(&list->view);
}

static bool end_typing(struct list *list, bool clear)
{
	list->typing = list->fresh = false;
	if (clear && list->filter.len) {
		edit_set(&list->filter, "");
		search(list);
	}
	return true;
}

bool list_key(struct view *view, keycode key)
{
	struct list *list = (struct list *)view;
	char *before;
	bool taken;

	if (!list->typing)
		return false;
	switch (key) {
	case K_ENTER:           return end_typing(list, false);
	case K_ESC:             return end_typing(list, true);
	case K_UP: case K_DOWN: case K_PAGE_UP: case K_PAGE_DOWN:
		return false;
	default:                break;
	}
	before = xstrdup(list->filter.text);
	if (list->fresh && key_is_typed(key))
		edit_set(&list->filter, "");
	list->fresh = false;
	taken = edit_key(&list->filter, key);
	if (strcmp(before, list->filter.text))
		search(list);
	free(before);
	return taken;
}

void list_paste(struct view *view, const char *text)
{
	struct list *list = (struct list *)view;

	list->typing = true;
	list->whole = false;
	if (list->fresh)
		edit_set(&list->filter, "");
	list->fresh = false;
	edit_insert(&list->filter, text);
	search(list);
}

static bool go_back(struct list *list)
{
	if (list->whole)
		list->whole = false;
	else if (list->filter.len)
		end_typing(list, true);
	else
		return false;
	return true;
}

bool list_request(struct view *view, enum request request)
{
	struct list *list = (struct list *)view;

	switch (request) {
	case REQ_UP:            move(list, -1); return true;
	case REQ_DOWN:          move(list, 1); return true;
	case REQ_PAGE_UP:       move(list, -list->rows); return true;
	case REQ_PAGE_DOWN:     move(list, list->rows); return true;
	case REQ_TOP:           move(list, -count(list)); return true;
	case REQ_BOTTOM:        move(list, count(list)); return true;
	case REQ_OPEN:
	case REQ_DETAIL:        list->whole = !list->whole && list_item(list); return true;
	case REQ_FILTER:
		list->typing = true;
		list->whole = false;
		return true;
	case REQ_RELOAD:
		json_object_clear(list->names);
		search(list);
		return true;
	case REQ_BACK:          return go_back(list);
	default:                return false;
	}
}

/* While it is typed, Enter leads to the list and nothing else is told. */
const char *list_brief(struct view *view, enum request request)
{
	const struct list *list = (struct list *)view;

	if (list->typing)
		return request == REQ_CALL_THIS || request == REQ_OPEN ? "to the list" : request == REQ_BACK ? "clear" :
			request == REQ_PALETTE || request == REQ_QUIT || request == REQ_HELP ? NULL : "";
	switch (request) {
	case REQ_BACK:          return list->whole ? "the list" : list->filter.len ? "clear" : "";
	case REQ_DETAIL:        return !list_item(list) ? "" : list->whole ? "" : "detail";
	case REQ_OPEN:          return "";              /* the same as detail */
	case REQ_CALL_THIS:     return list_item(list) ? NULL : "";
	case REQ_FILTER:        return list->class->search;
	case REQ_PAUSE:         return "";
	default:                return NULL;
	}
}

bool list_types(struct view *view)
{
	return ((struct list *)view)->typing;
}

void list_click(struct view *view, int what, bool twice)
{
	struct list *list = (struct list *)view;

	list->typing = what == FILTER;
	if (what >= count(list))
		return;
	if (what == list->at || twice)
		list->whole = true;
	move(list, what - list->at);
}

void list_wheel(struct view *view, int lines)
{
	move((struct list *)view, lines);
}

/* ---- for cells and details -------------------------------------------------------------------------------------- */

const char *list_time(struct list *list, int64_t at_ms, bool whole, char out[40])
{
	const struct app *app = list->view.app;
	struct local_time local;

	out[0] = '\0';
	if (!list->tz && app->model.tenant)
		tz_open(&list->tz, j_text(app->model.tenant, "timezone"), NULL);
	if (!at_ms || !list->tz)
		return out;
	if (!whole)
		return text_when(list->tz, at_ms, clock_now_ms(), out);
	tz_local(list->tz, at_ms, &local);
	snprintf(out, 40, "%04d-%02d-%02d %02d:%02d:%02d", local.year, local.month, local.day, local.hour, local.minute,
		local.second);
	return out;
}

const char *list_customer(struct list *list, int64_t customer_id)
{
	char key[24];

	snprintf(key, sizeof(key), "%lld", (long long)customer_id);
	return j_text(list->names, key);
}

void facts_begin(struct facts *facts, struct area in)
{
	*facts = (struct facts){in, in.y, in.w >= 72 && in.h < 16 ? 2 : 1, 0};
}

void facts_add(struct facts *facts, const char *label, enum style style, const char *value)
{
	const struct area *in = &facts->in;
	int w = in->w / facts->columns - (facts->columns > 1), x;

	if (!*value)
		return;
	if (facts->y >= in->y + in->h) {
		facts->y = in->y;
		facts->column++;
	}
	if (facts->column >= facts->columns)
		return;
	x = in->x + facts->column * (in->w / facts->columns) + facts->column;
	draw_text(facts->y, x, LABEL - 1, STYLE_DIM, label);
	facts->y += draw_wrap((struct area){facts->y, x + LABEL, in->y + in->h - facts->y, w - LABEL}, style, value);
}
