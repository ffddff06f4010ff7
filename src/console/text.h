/* text.h - text from outside made fit for cells of a terminal.  Pure: knows no terminal. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tz;

/* How the terminal's cells may be filled. */
enum text_charset { TEXT_ASCII, TEXT_UTF8 };

/*
 * A new string of at most `columns` columns: control characters and bad bytes become U+FFFD, characters that would
 * turn the direction of the line or join others are dropped, at most two combining characters stay with each base. What
 * does not fit is cut before the character and marked by one column of "…".  *used (or NULL): the columns it takes.
 * In TEXT_ASCII every character outside of ASCII is "?" and the mark is "~".  The caller frees it.
 */
char *text_fit(const char *text, int columns, enum text_charset, int *used);
/* Columns of the text as text_fit() would show it with room enough. */
int   text_columns(const char *text, enum text_charset);
/* How much of the text goes on one line of that width: bytes to take, broken at a blank where there is one.  *next is
 * where the following line begins. */
size_t text_line(const char *text, int columns, enum text_charset, size_t *next);
/* One character: its columns (0 for what is dropped or combines), and *len its bytes. */
int   text_char(const char *text, size_t left, enum text_charset, size_t *len);

enum { TEXT_TIME = 32 };
/* "0:42", "12:03", "1:02:03"; negative counts as 0. */
const char *text_duration(int64_t ms, char out[TEXT_TIME]);
/* "+1 415 555 0100" for E.164 numbers of the NANP, others as they are. */
const char *text_number(const char *e164, char out[80]);
enum { TEXT_WHEN = 16, TEXT_LONG_AGO_DAYS = 300 };
/* "21 Nov 09:14" in that zone, "21 Nov 2024" for what is so long ago that the year is not clear; "" for a time or zone
 * that is none. */
const char *text_when(const struct tz *, int64_t at_ms, int64_t now_ms, char out[TEXT_WHEN]);
/* "in_call" to "in call". */
const char *text_words(const char *code, char out[80]);
