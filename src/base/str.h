/* str.h - a growing string.  Starts as {0}; s is NUL-terminated once anything was added; free with str_free(). */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct str {
	char *s;
	size_t len, size;
};

void  str_add(struct str *, const char *);
void  str_addn(struct str *, const char *, size_t);
void  str_addf(struct str *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void  str_cut(struct str *, size_t from_start);    /* removes that many bytes at the start */
void  str_free(struct str *);
char *str_take(struct str *);                      /* the caller's from now on (free); "" when nothing was added */

bool str_starts(const char *s, const char *prefix);
/* Strict whole-string decimal: no sign but '-', no blanks, no overflow.  True when it is one and lies in [min,max]. */
bool str_int(const char *s, long long min, long long max, long long *out);
/* Copies with cut at a character's end; always terminates.  True when nothing was cut. */
bool str_copy(char *out, size_t size, const char *in);

/* Choices are written "a|b|c". */
bool  str_is_choice(const char *s, const char *choices);
char *str_choices(const char *choices);            /* "a, b or c", the caller's */
