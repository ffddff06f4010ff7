/* base64.c - bytes as text. */
#include "base64.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "mem.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_text(const void *bytes, size_t len)
{
	const unsigned char *in = bytes;
	char *text = xmalloc((len + 2) / 3 * 4 + 1), *out = text;
	for (size_t i = 0; i < len; i += 3) {
		const size_t left = len - i;
		const uint32_t second = left > 1 ? in[i + 1] : 0, third = left > 2 ? in[i + 2] : 0;
		const uint32_t three = (uint32_t)in[i] << 16 | second << 8 | third;
		*out++ = digits[three >> 18];
		*out++ = digits[three >> 12 & 63];
		*out++ = left > 1 ? digits[three >> 6 & 63] : '=';
		*out++ = left > 2 ? digits[three & 63] : '=';
	}
	*out = '\0';
	return text;
}

/* The value of a digit, or -1. */
static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four digits to three bytes; 0 when they are none.  Padding counts as zero bits, and nothing may hide in it. */
static size_t take_four(const char *in, size_t padding, unsigned char *out)
{
	uint32_t three = 0;
	for (size_t i = 0; i < 4; i++) {
		int value = i >= 4 - padding ? 0 : value_of(in[i]);
		if (value < 0)
			return 0;
		three = three << 6 | (uint32_t)value;
	}
	out[0] = (unsigned char)(three >> 16);
	out[1] = (unsigned char)(three >> 8);
	out[2] = (unsigned char)three;
	return three & ((1U << 8 * padding) - 1) ? 0 : 3 - padding;
}

unsigned char *base64_bytes(const char *text, size_t *len)
{
	size_t size = strlen(text), padding = 0;
	if (size % 4)
		return NULL;
	while (padding < 2 && padding < size && text[size - 1 - padding] == '=')
		padding++;
	unsigned char *bytes = xmalloc(size / 4 * 3 + 1);
	*len = 0;
	for (size_t i = 0; i < size; i += 4) {
		size_t got = take_four(text + i, i + 4 == size ? padding : 0, bytes + *len);
		if (!got) {
			free(bytes);
			return NULL;
		}
		*len += got;
	}
	bytes[*len] = '\0';
	return bytes;
}
