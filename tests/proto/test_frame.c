/* Lines out of a stream, however it is cut. */
#include "../lib/unit.h"
#include <stdlib.h>
#include <string.h>
#include "../../src/proto/frame.h"

static void feed(struct frame *frame, const char *text)
{
	frame_feed(frame, text, strlen(text));
}

static void next_is(struct frame *frame, const char *wanted)
{
	const char *line = NULL;
	size_t len = 0;
	assert_int_equal(frame_next(frame, &line, &len), 1);
	assert_string_equal(line, wanted);
	assert_int_equal(len, strlen(wanted));
}

static void nothing_more(struct frame *frame)
{
	const char *line;
	size_t len;
	assert_int_equal(frame_next(frame, &line, &len), 0);
}

static void test_lines(void **state)
{
	(void)state;
	struct frame frame = {0};
	nothing_more(&frame);
	feed(&frame, "one\ntwo\n\nthr");
	next_is(&frame, "one");
	next_is(&frame, "two");
	next_is(&frame, "");
	nothing_more(&frame);
	feed(&frame, "ee");
	nothing_more(&frame);
	feed(&frame, "\nfour\n");
	next_is(&frame, "three");
	feed(&frame, "five\n");
	next_is(&frame, "four");
	next_is(&frame, "five");
	nothing_more(&frame);
	frame_free(&frame);
}

static void test_byte_by_byte(void **state)
{
	(void)state;
	struct frame frame = {0};
	const char *stream = "{\"a\":1}\n{\"b\":2}\n";
	int lines = 0;
	for (const char *p = stream; *p; p++) {
		const char *line;
		size_t len;
		frame_feed(&frame, p, 1);
		while (frame_next(&frame, &line, &len) == 1) {
			assert_int_equal(len, 7);
			lines++;
		}
	}
	assert_int_equal(lines, 2);
	frame_free(&frame);
}

static void test_nul_is_a_byte(void **state)
{
	(void)state;
	struct frame frame = {0};
	const char *line;
	size_t len;
	frame_feed(&frame, "a\0b\n", 4);
	assert_int_equal(frame_next(&frame, &line, &len), 1);
	assert_int_equal(len, 3);
	assert_memory_equal(line, "a\0b", 4);
	frame_free(&frame);
}

/* The longest line that is allowed, and one byte more, in pieces and at once. */
static void test_limit(void **state)
{
	(void)state;
	char *bytes = malloc(FRAME_MAX + 1);
	assert_non_null(bytes);
	memset(bytes, 'x', FRAME_MAX + 1);
	for (size_t piece = 4096; piece <= FRAME_MAX; piece *= 256) {
		for (size_t more = 0; more < 2; more++) {
			struct frame frame = {0};
			const char *line;
			size_t len, size = FRAME_MAX - 1 + more;
			int got = 0;
			for (size_t at = 0; at < size && got == 0; at += piece) {
				frame_feed(&frame, bytes + at, size - at < piece ? size - at : piece);
				got = frame_next(&frame, &line, &len);
			}
			assert_int_equal(got, more ? -1 : 0);
			frame_feed(&frame, "\n", 1);
			assert_int_equal(frame_next(&frame, &line, &len), more ? -1 : 1);
			frame_free(&frame);
		}
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines), cmocka_unit_test(test_byte_by_byte), cmocka_unit_test(test_nul_is_a_byte),
		cmocka_unit_test(test_limit),
	};
	return UNIT_RUN(tests);
}
