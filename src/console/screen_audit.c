/* screen_audit.c - for supervisors: the compliance audit log, the newest row first.  It is only read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/str.h"
#include "list.h"

enum { TIME, EVENT, SEVERITY, REASON, AGENT, NUMBER, COLUMNS };

static const struct column columns[COLUMNS] = {
	[TIME] = {"Time", 12, 0, false}, [EVENT] = {"Event", 14, 3, false}, [SEVERITY] = {"", 4, 0, false},
	[REASON] = {"Reason", 20, 1, false}, [AGENT] = {"Agent", 8, 1, false}, [NUMBER] = {"Number", 15, 0, false},
};

/* What `forced` steps through. */
static const struct { const char *title, *severity; bool forced; } filters[] = {
	{"Audit: all", NULL, false}, {"Audit: hard", "hard", false}, {"Audit: soft", "soft", false},
	{"Audit: acknowledged", NULL, true},
};
enum { FILTERS = sizeof(filters) / sizeof(filters[0]) };

struct audit {
	struct list list;
	int filter;
};

static struct audit *self(struct list *list)
{
	return (struct audit *)list;
}

static const char *audit_title(struct list *list)
{
	return filters[self(list)->filter].title;
}

static void audit_ask(struct list *list, json_t *params)
{
	const char *severity = filters[self(list)->filter].severity;

	json_object_set_new(params, "newest", json_true());
	if (list->filter.len)
		json_object_set_new(params, "search", json_string(list->filter.text));
	if (severity)
		json_object_set_new(params, "severity", json_string(severity));
	if (filters[self(list)->filter].forced)
		json_object_set_new(params, "forced", json_true());
}

static bool audit_holds(struct list *list, const json_t *row, const char *text)
{
	static const char *const fields[] = {"event", "reason_code", "user", "actor", "station", "number", "detail"};
	char words[80];

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcasestr(j_text(row, fields[i]), text))
			return true;
	return strcasestr(text_number(j_text(row, "number"), words), text) ||
		strcasestr(text_words(j_text(row, "event"), words), text) ||
		strcasestr(text_words(j_text(row, "reason_code"), words), text) ||
		strcasestr(list_customer(list, j_int(row, "customer_id")), text);
}

static enum style severity_style(const json_t *row)
{
	const char *severity = j_text(row, "severity");

	return !strcmp(severity, "hard") ? STYLE_BAD : !strcmp(severity, "soft") ? STYLE_WARN : STYLE_TEXT;
}

static enum style audit_cell(struct list *list, const json_t *row, size_t column, char *out, size_t size)
{
	char text[80];

	switch (column) {
	case TIME:      str_copy(out, size, list_time(list, j_time(row, "at"), false, text)); return STYLE_TEXT;
	case EVENT:     str_copy(out, size, text_words(j_text(row, "event"), text)); return STYLE_TEXT;
	case SEVERITY:  str_copy(out, size, j_text(row, "severity")); return severity_style(row);
	case REASON:    str_copy(out, size, text_words(j_text(row, "reason_code"), text)); return severity_style(row);
	case AGENT:     str_copy(out, size, j_text(row, "user")); return STYLE_DIM;
	default:        str_copy(out, size, text_number(j_text(row, "number"), text)); return STYLE_TEXT;
	}
}

static void add_id(struct facts *facts, const char *label, int64_t id)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)id);
	facts_add(facts, label, STYLE_TEXT, id ? text : "");
}

static void audit_detail(struct list *list, const json_t *row, struct area in)
{
	const char *severity = j_text(row, "severity"), *reason = j_text(row, "reason_code");
	char text[80], words[80];
	struct facts facts;

	draw_textf(in.y, in.x, in.w, severity_style(row) == STYLE_TEXT ? STYLE_STRONG : severity_style(row),
		"%s%s%s%s%s",
		text_words(j_text(row, "event"), text), *severity ? ", " : "", severity, *reason ? ": " : "",
		text_words(reason, words));
	facts_begin(&facts, (struct area){in.y + 1, in.x, in.h - 1, in.w});
	facts_add(&facts, "Time", STYLE_TEXT, list_time(list, j_time(row, "at"), true, text));
	facts_add(&facts, "Agent", STYLE_TEXT, j_text(row, "user"));
	facts_add(&facts, "Asked by", STYLE_TEXT, j_text(row, "actor"));
	facts_add(&facts, "Station", STYLE_TEXT, j_text(row, "station"));
	facts_add(&facts, "Number", STYLE_TEXT, text_number(j_text(row, "number"), words));
	facts_add(&facts, "Customer", STYLE_TEXT, list_customer(list, j_int(row, "customer_id")));
	add_id(&facts, "Call", j_int(row, "call_id"));
	facts_add(&facts, "Warnings", STYLE_WARN, j_bool(row, "forced") ? "acknowledged" : "");
	facts_add(&facts, "Detail", STYLE_TEXT, j_text(row, "detail"));
	add_id(&facts, "Row", j_int(row, "id"));
	facts_add(&facts, "Hash", STYLE_DIM, j_text(row, "hash"));
}

static const struct list_class audit_list = {
	.method = "audit.list", .search = "filter", .nothing = "There are no such rows", .columns = columns,
		.count = COLUMNS,
	.title = audit_title, .ask = audit_ask, .holds = audit_holds, .cell = audit_cell, .detail = audit_detail,
};

static void audit_open(struct view *view, const void *arg)
{
	(void)arg;
	list_open((struct list *)view, &audit_list);
}

static bool audit_request(struct view *view, enum request request)
{
	struct list *list = (struct list *)view;

	if (request != REQ_FORCED)
		return list_request(view, request);
	self(list)->filter = (self(list)->filter + 1) % FILTERS;
	list_reload(list);
	return true;
}

static void audit_news(struct view *view, const char *event, const json_t *data)
{
	struct list *list = (struct list *)view;
	const char *severity = filters[self(list)->filter].severity;

	if (!event)
		list_reload(list);
	else if (!strcmp(event, "audit.added") && (!severity || !strcmp(severity, j_text(data, "severity"))) &&
		(!filters[self(list)->filter].forced || j_bool(data, "forced")))
		list_put(list, data);
}

const struct view_class screen_audit = {
	.name = "Audit", .place = PLACE_AUDIT, .size = sizeof(struct audit), .open = audit_open, .close = list_close,
	.show = list_show, .draw = list_draw, .key = list_key, .paste = list_paste, .request = audit_request,
	.click = list_click, .wheel = list_wheel, .news = audit_news, .brief = list_brief, .types = list_types,
};
