/*
 * output.h - answers as text: tables and lines for people, JSON, NDJSON, CSV; with the protocol's field names in all.
 *
 * A path names a field, or one of an object inside of it: "name", "wrap_up.remaining".
 *
 * For people, times are in the user's zone; in every other format they are as the protocol has them, in UTC.
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

enum format { FORMAT_PEOPLE, FORMAT_JSON, FORMAT_NDJSON, FORMAT_CSV };

/* What a kind of object looks like where its columns must be known before its rows. */
struct shape {
	const char *fields;         /* CSV: paths, separated by blanks */
	const char *columns;     /* the table for people: as fields; "?path" is left out where the terminal is narrow */
};
extern const struct shape shape_tenant, shape_user, shape_station, shape_customer, shape_customer_card, shape_call,
	shape_conference, shape_history, shape_session, shape_quality, shape_dispo, shape_team, shape_audit,
	shape_decision, shape_doctor, shape_event, shape_card, shape_sound, shape_sound_test;

enum { OUTPUT_COLUMNS = 40, OUTPUT_PATH = 64 };

/* One column of a table: what it would take with room enough, and what it gets. */
struct table_column {
	size_t header, cells;       /* columns of the terminal that its name and its widest cell take */
	size_t width;
	bool text;                  /* it holds words, which may be cut; numbers and times are not */
	bool left_out;
};

struct output {
	FILE *file;
	enum format format;
	bool header;
	bool colour;
	const struct shape *shape;  /* NULL: by the first object's own fields */
	size_t rows;                /* of the list so far */
	size_t terminal;         /* columns of the terminal that it goes to; 0: it goes elsewhere, and nothing is cut */
	struct table_column table[OUTPUT_COLUMNS];
};

/* A list: started, fed page by page (widths of a table grow with later pages), ended. */
void output_list_start(struct output *);
void output_page(struct output *, const json_t *items);
void output_list_end(struct output *);
/* One row of a list without an end, written at once: events, calls as they change.  --json is as --ndjson. */
void output_row(struct output *, const json_t *object);
/* One object: "name: value" lines, a document, or a header and a row. */
void output_object(struct output *, const json_t *object);

/* table.c: some rows of a table, below its header where these are the first; terminal 0: as wide as it comes. */
void table_page(struct output *, const json_t *items, size_t terminal);

/* The next path of a blank-separated list; false at its end. */
bool output_next_path(const char **list, char path[OUTPUT_PATH]);
/* The field at path, borrowed; NULL when there is none. */
const json_t *output_field(const json_t *object, const char *path);
/* A value on one line of a terminal, no control characters; NULL and null are "-".  The caller frees it. */
char *output_text(const json_t *value);
/* A time of the protocol in the user's zone, "2026-11-21 02:02:03", or with the zone's offset "2026-11-21
 * 02:02:03+01:00".  The caller's; NULL when it is no time. */
char *output_time(const json_t *value, bool with_offset);
/* May colour go to this stream: it is a terminal, not a dumb one, and NO_COLOR is not set. */
bool output_may_colour(FILE *);
/* How many columns the terminal has that this stream goes to; 0 when that is none. */
size_t output_terminal(FILE *);
