/* What spctl-media is told: the engine's lines in pieces of any size, through framing and the commands' reader; the names of
 * sound devices; and the plugin's hello. */
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/base/utf8.h"
#include "../../src/media/device.h"
#include "../../src/media/order.h"
#include "../../src/proto/audio.h"
#include "../../src/proto/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const char *path)
{
	if (path && (*path != '/' || strlen(path) >= PATH_MAX))
		abort();
}

/* ALSA opens a name with other arguments as a file, or as a program would have it. */
static void check_name(const char *name)
{
	if (strlen(name) >= DEVICE_NAME_SIZE || strpbrk(name, " /{}'\"\\$;\n\t") || strstr(name, "file:") || strstr(name, "tee:"))
		abort();
}

static void check_order(const struct order *o)
{
	if ((unsigned)o->kind >= ORDER_KINDS || o->id < 0 || o->slot < 0 || o->slot >= AUDIO_SLOTS || o->slots >> AUDIO_SLOTS)
		abort();
	check_path(o->path);
	check_path(o->play);
	check_path(o->record);
	check_path(o->announce);
	check_path(o->music);
	if ((o->kind == ORDER_PLAY && !o->path) || (o->kind == ORDER_RING && !o->what) || (o->kind == ORDER_DEVICE && !o->name))
		abort();
	if (o->name)
		check_name(o->name);
}

static void lines(const uint8_t *data, size_t size)
{
	struct frame frame = {0};
	const size_t piece = data[0] % 64 + 1;

	for (size_t at = 0; at < size; at += piece) {
		const char *line;
		size_t len;

		frame_feed(&frame, data + at, size - at < piece ? size - at : piece);
		while (frame_next(&frame, &line, &len) == 1) {
			struct order o;
			struct err err = {0};

			if (!order_read(line, len, &o, &err))
				check_order(&o);
			else if (err.code != ERR_INVALID || !*err.text || !utf8_valid(err.text, strlen(err.text)))
				abort();
			order_clear(&o);
		}
	}
	frame_free(&frame);
}

static void hello(const uint8_t *data, size_t size)
{
	struct audio_hello h = {AUDIO_MAGIC, 0, 0, 8000, 1, 160};

	memcpy((char *)&h + 4, data, size < sizeof(h) - 4 ? size : sizeof(h) - 4);
	if (audio_hello_valid(&h) && (h.slot < 0 || h.slot >= AUDIO_SLOTS || h.rate <= 0 || h.block <= 0 || h.channels < 1 ||
				      h.block * h.channels * 2 > AUDIO_BLOCK_MAX || h.block * 5 > h.rate))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name;

	if (!size)
		return 0;
	lines(data, size);
	hello(data, size);
	name = strndup((const char *)data, size);
	if (name && device_name_valid(name))
		check_name(name);
	free(name);
	return 0;
}
