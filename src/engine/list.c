/*
 * list.c - answers that are lists, by the page.
 *
 * Where a filter or a text that is searched for has to be held against every row, the rows are looked at in windows of
 * ids, and the loop gets its turn in between: a search through years of calls delays nobody's call.
 */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../proto/frame.h"
#include "nouns.h"
#include "work.h"

enum {
	LIST_PRESET = 100,
	LIST_ROWS_MAX = 1000,               /* "all" comes in pages of so many, so that nobody else waits long */
	LIST_BYTES_MAX = FRAME_MAX / 2,     /* a page is one line of the protocol */
	WINDOW_FIRST = 2000, WINDOW_MOST = 1 << 20,         /* ids */
	WINDOW_MS = 5,                      /* a window that took less is followed by one twice as wide */
	TURN_MS = 15,                       /* then the others get theirs */
};

struct page {
	struct request *request;
	list_edit_h *edit;
	json_t *items;
	int64_t limit, last_id;
	size_t bytes;
	bool more;
};

static struct page page_start(struct request *request, list_edit_h *edit)
{
	struct page page = {.request = request, .edit = edit, .items = json_array(),
		.limit = param_int(request, "limit", LIST_PRESET)};

	if (page.limit <= 0 || page.limit > LIST_ROWS_MAX)
		page.limit = LIST_ROWS_MAX;
	return page;
}

static int add_item(const struct row *row, void *arg)
{
	struct page *page = arg;

	if ((int64_t)json_array_size(page->items) == page->limit || page->bytes > LIST_BYTES_MAX) {
		page->more = true;
		return 1;
	}
	json_t *item = row_json(row);
	int rc = page->edit ? page->edit(page->request, row, item) : 0;
	page->bytes += json_dumpb(item, NULL, 0, JSON_COMPACT);
	page->last_id = row_int(row, 0);
	json_array_append_new(page->items, item);
	return rc;
}

/* One more than are wanted, to know whether there is more. */
static struct arg rows_left(const struct page *page)
{
	return a_int(page->limit + 1 - (int64_t)json_array_size(page->items));
}

/* The page's items become the answer, or are dropped. */
static int page_end(struct page *page, int rc)
{
	if (rc < 0) {
		json_decref(page->items);
		return rc;
	}
	page->request->result = json_pack(
		"{s:o, s:o}", "items", page->items, "next", page->more ? json_integer(page->last_id) : json_null());
	return 0;
}

int list_answer(struct request *request, const struct stmt *stmt, const struct arg *args, size_t n, list_edit_h *edit)
{
	struct arg all[STMT_ARGS_MAX];
	struct page page = page_start(request, edit);

	if (n)
		memcpy(all, args, n * sizeof(*args));
	all[n] = a_int(param_int(request, "after", 0));
	all[n + 1] = rows_left(&page);
	return page_end(&page, db_each(request->engine->db, stmt, all, n + 2, add_item, &page, &request->err));
}

/* ---- in windows ------------------------------------------------------------------------------------------------- */

struct search_run {
	struct page page;
	const struct stmt *stmt;
	size_t count;
	struct arg args[STMT_ARGS_MAX];     /* texts are its own */
	int64_t low, high;                  /* ids between which rows have not been looked at */
	int64_t width;
	bool newest;
};

static void run_free(struct search_run *run)
{
	for (size_t i = 0; i < run->count; i++)
		if (run->args[i].kind == ARG_TEXT)
			free((void *)run->args[i].p);
	free(run);
}

/* The next window.  1: there are more, 0: the page is full or all was looked at, or negative. */
static int run_window(struct search_run *run)
{
	struct request *request = run->page.request;
	const bool whole = run->high - run->low - 1 <= run->width;
	const int64_t low = run->newest && !whole ? run->high - run->width - 1 : run->low;
	const int64_t high = run->newest || whole ? run->high : run->low + run->width + 1;
	const int64_t started = clock_mono_ms();
	int rc;

	run->args[run->count] = a_int(low);
	run->args[run->count + 1] = a_int(high);
	run->args[run->count + 2] = rows_left(&run->page);
	rc = db_each(request->engine->db, run->stmt, run->args, run->count + 3, add_item, &run->page, &request->err);
	if (run->newest)
		run->high = low + 1;
	else
		run->low = high - 1;
	if (clock_mono_ms() - started < WINDOW_MS && run->width < WINDOW_MOST)
		run->width *= 2;
	else if (clock_mono_ms() - started > 2 * WINDOW_MS && run->width > WINDOW_FIRST)
		run->width /= 2;
	return rc < 0 ? rc : !whole && !run->page.more;
}

/* A turn's worth of windows, as run_window(). */
static int run_turn(struct search_run *run)
{
	const int64_t started = clock_mono_ms();
	int rc = 1;

	while (rc > 0 && clock_mono_ms() - started < TURN_MS)
		rc = run_window(run);
	return rc;
}

/* For a client that has gone nothing more is done. */
static void run_next(evutil_socket_t fd, short what, void *arg)
{
	struct search_run *run = arg;
	struct request *request = run->page.request;
	int rc = request->from ? run_turn(run) : 0;

	(void)fd;
	(void)what;
	if (rc > 0 && work_slice(request->engine, run_next, run) == 0)
		return;
	if (rc > 0)
		rc = err_set(&request->err, ERR_FAILED, "the search cannot go on: no timer");
	rc = page_end(&run->page, rc);
	run_free(run);
	request_answer(request, rc);
}

static struct search_run *run_new(struct request *request, const struct long_list *list, const struct arg *args,
	size_t n, int64_t last_id)
{
	struct search_run *run = xcalloc(1, sizeof(*run));
	const int64_t after = param_int(request, "after", list->newest ? INT64_MAX : 0);

	run->page = page_start(request, list->edit);
	run->stmt = list->stmt;
	run->newest = list->newest;
	run->width = list->indexed ? WINDOW_MOST : WINDOW_FIRST;
	run->low = list->newest ? 0 : after;
	run->high = list->newest && after <= last_id ? after : last_id + 1;
	run->count = n;
	for (size_t i = 0; i < n; i++) {
		run->args[i] = args[i];
		if (args[i].kind == ARG_TEXT)
			run->args[i].p = xstrdup(args[i].p);
	}
	return run;
}

int list_long(struct request *request, const struct long_list *list, const struct arg *args, size_t n)
{
	const int64_t last_id = id_of(request->engine, list->last_id, NO_ARGS, &request->err);
	struct search_run *run;
	int rc;

	if (last_id < 0)
		return (int)last_id;
	run = run_new(request, list, args, n, last_id);
	rc = run->low < run->high - 1 ? run_turn(run) : 0;
	if (rc > 0 && work_slice(request->engine, run_next, run) == 0)
		return REQUEST_PENDING;
	if (rc > 0)
		rc = err_set(&request->err, ERR_FAILED, "the search cannot go on: no timer");
	rc = page_end(&run->page, rc);
	run_free(run);
	return rc;
}
