/* utf8.h - text from outside: is it UTF-8, and making it so. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Bytes of the well-formed character at s: 1-4, or 0 if there is none (RFC 3629: no surrogates, no overlong forms, not
 * past U+10FFFF). */
size_t utf8_char(const char *s, size_t len);
bool   utf8_valid(const char *s, size_t len);
/* Is the well-formed character of n bytes at s a control character: C0, DEL, C1 (U+0080 to U+009F)? */
bool   utf8_is_control(const char *s, size_t n);
/* A new string in which each bad byte is U+FFFD; control characters (C0, DEL, C1) become U+FFFD as well unless
 * keep_newlines, which keeps \n and \t.  The caller frees it. */
char  *utf8_clean(const char *s, size_t len, bool keep_newlines);
/* A new string in lower case, character by character (towlower() of the process's locale); bad bytes stay as they are.
 * The caller frees it. */
char  *utf8_lower(const char *s, size_t len);
/* Columns that it takes on a terminal (wcwidth; unknown ones count 1), for a valid string. */
size_t utf8_columns(const char *s);
