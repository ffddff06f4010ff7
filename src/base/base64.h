/* base64.h - bytes as text (RFC 4648, the standard alphabet, padded), for what goes through the protocol. */
#pragma once
#include <stddef.h>

/* The caller's. */
char *base64_text(const void *bytes, size_t len);
/* The caller's bytes, with a NUL behind them; NULL when the text is not padded base64, without blanks. */
unsigned char *base64_bytes(const char *text, size_t *len);
