/*
 * schema.h - the files of schema/, embedded by the build (build/gen/schema_text.c), sorted by name.
 *
 * NNN-what.sql is for every database; NNN-what.sqlite.sql holds what only SQLite understands and is run behind it
 * (triggers, above all).  A file that was released is never changed: the next number corrects it.
 */
#pragma once

struct schema {
	int version;                /* NNN */
	const char *name;           /* the file's name, for errors: "001-base.sql" */
	const char *sql;
};

extern const struct schema db_schema[];     /* ends at a NULL name */
