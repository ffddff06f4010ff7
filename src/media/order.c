/* order.c - reads the engine's commands. */
#include <limits.h>
#include <string.h>
#include "../proto/audio.h"
#include "device.h"
#include "order.h"

enum {
	SLOT = 1 << 0, SLOTS = 1 << 1, ON = 1 << 2, PATH = 1 << 3, PLAY = 1 << 4, RECORD = 1 << 5, ANNOUNCE = 1 << 6,
	MUSIC = 1 << 7,
	KIND = 1 << 8, NAME = 1 << 9, NOISE = 1 << 10, GAIN = 1 << 11, ECHO = 1 << 12, UNHEARD = 1 << 13,
};

/* A command with the parameters that it needs and those that it takes besides. */
static const struct { const char *name; unsigned needs, takes; } commands[ORDER_KINDS] = {
	[ORDER_CALL_START]   = {"call_start", SLOT, PLAY | RECORD | ANNOUNCE},
	[ORDER_CALL_STOP]    = {"call_stop", SLOT, 0},
	[ORDER_RECORD_START] = {"record_start", SLOT | PATH, ANNOUNCE},
	[ORDER_RECORD_STOP]  = {"record_stop", SLOT, 0},
	[ORDER_PAUSE]        = {"pause", SLOT | ON, 0},
	[ORDER_PLAY]         = {"play", SLOT | PATH, 0},
	[ORDER_ANNOUNCE]     = {"announce", SLOT | PATH, 0},
	[ORDER_MUTE]         = {"mute", SLOT | ON, 0},
	[ORDER_HOLD]         = {"hold", SLOT | ON, MUSIC | UNHEARD},
	[ORDER_FOCUS]        = {"focus", SLOT, 0},
	[ORDER_BRIDGE]       = {"bridge", SLOTS, 0},
	[ORDER_RING]         = {"ring", KIND, 0},
	[ORDER_PREVIEW]      = {"preview", PATH, 0},
	[ORDER_PREVIEW_STOP] = {"preview_stop", 0, 0},
	[ORDER_LEVELS]       = {"levels", ON, 0},
	[ORDER_STATS]        = {"stats", SLOT, 0},
	[ORDER_DEVICE]       = {"device", NAME, 0},
	[ORDER_DEVICE_TEST]  = {"device_test", KIND, 0},
	[ORDER_DSP]          = {"dsp", NOISE | GAIN | ECHO, 0},
	[ORDER_QUIT]         = {"quit", 0, 0},
};

/* ---- values: true when it is one, which is then taken ------------------------------------------------------------ */

static bool read_slot(const json_t *v, int *slot)
{
	if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) >= AUDIO_SLOTS)
		return false;
	*slot = (int)json_integer_value(v);
	return true;
}

static bool read_slots(const json_t *v, unsigned *slots)
{
	int slot;

	*slots = 0;
	for (size_t i = 0; i < json_array_size(v); i++) {
		if (!read_slot(json_array_get(v, i), &slot))
			return false;
		*slots |= 1u << slot;
	}
	return json_is_array(v);
}

/* A file's name: absolute, since our current folder is nobody's business. */
static bool read_path(const json_t *v, const char **path)
{
	*path = json_string_value(v);
	return *path && **path == '/' && json_string_length(v) < PATH_MAX;
}

static bool read_text(const json_t *v, const char **text)
{
	*text = json_string_value(v);
	return *text;
}

static bool read_name(const json_t *v, const char **name)
{
	return read_text(v, name) && device_name_valid(*name);
}

static bool read_bool(const json_t *v, bool *on)
{
	*on = json_is_true(v);
	return json_is_boolean(v);
}

/* ---- the line ---------------------------------------------------------------------------------------------------- */

/* Reads one parameter.  Its bit; 0: there is none of this name; -1: its value is wrong. */
static int read_parameter(const char *key, const json_t *v, struct order *o)
{
	if (!strcmp(key, "slot"))
		return read_slot(v, &o->slot) ? SLOT : -1;
	if (!strcmp(key, "slots"))
		return read_slots(v, &o->slots) ? SLOTS : -1;
	if (!strcmp(key, "on"))
		return read_bool(v, &o->on) ? ON : -1;
	if (!strcmp(key, "path"))
		return read_path(v, &o->path) ? PATH : -1;
	if (!strcmp(key, "play"))
		return read_path(v, &o->play) ? PLAY : -1;
	if (!strcmp(key, "record"))
		return read_path(v, &o->record) ? RECORD : -1;
	if (!strcmp(key, "announce"))
		return read_path(v, &o->announce) ? ANNOUNCE : -1;
	if (!strcmp(key, "music"))
		return read_path(v, &o->music) ? MUSIC : -1;
	if (!strcmp(key, "unheard"))
		return read_bool(v, &o->unheard) ? UNHEARD : -1;
	if (!strcmp(key, "kind"))
		return read_text(v, &o->what) ? KIND : -1;
	if (!strcmp(key, "name"))
		return read_name(v, &o->name) ? NAME : -1;
	if (!strcmp(key, "noise"))
		return read_bool(v, &o->noise) ? NOISE : -1;
	if (!strcmp(key, "gain"))
		return read_bool(v, &o->gain) ? GAIN : -1;
	if (!strcmp(key, "echo"))
		return read_bool(v, &o->echo) ? ECHO : -1;
	return 0;
}

static int read_parameters(struct order *o, struct err *err)
{
	const char *name = commands[o->kind].name, *key;
	const unsigned needs = commands[o->kind].needs, takes = needs | commands[o->kind].takes;
	json_t *v;
	unsigned given = 0;

	json_object_foreach(o->message, key, v) {
		const bool own = !strcmp(key, "id") || !strcmp(key, "do") || json_is_null(v);
		const int bit = own ? 0 : read_parameter(key, v, o);

		if (bit < 0)
			return err_set(err, ERR_INVALID,
				"%s: %s is wrong: slots are 0 to %d, files are absolute paths, a device is "
				       "auto, none or the name of an ALSA device", name, key, AUDIO_SLOTS - 1);
		if (bit && !(takes & (unsigned)bit))
			return err_set(err, ERR_INVALID, "%s takes no %s", name, key);
		given |= (unsigned)bit;
	}
	if ((given & needs) != needs)
		return err_set(err, ERR_INVALID, "%s: a parameter is missing", name);
	return 0;
}

int order_read(const char *line, size_t len, struct order *o, struct err *err)
{
	const char *name;
	const json_t *id;

	*o = (struct order){.id = -1, .message = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL)};
	id = json_object_get(o->message, "id");
	name = json_string_value(json_object_get(o->message, "do"));
	if (!json_is_integer(id) || json_integer_value(id) < 0)
		return err_set(err, ERR_INVALID, "A command without an id");
	o->id = json_integer_value(id);
	for (o->kind = 0; o->kind < ORDER_KINDS; o->kind++)
		if (name && !strcmp(commands[o->kind].name, name))
			return read_parameters(o, err);
	return err_set(err, ERR_INVALID, "There is no command of this name");
}

void order_clear(struct order *o)
{
	json_decref(o->message);
	o->message = NULL;
}
