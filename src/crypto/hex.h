/* hex.h - bytes as lower-case hexadecimal digits. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes 2 * len digits and a NUL. */
void hex_write(const uint8_t *bytes, size_t len, char *out);
/* Reads exactly 2 * len digits of either case; false when one is none.  Reads nothing behind the first bad one. */
bool hex_read(const char *digits, uint8_t *out, size_t len);
