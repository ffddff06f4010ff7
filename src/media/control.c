/* control.c - the engine's commands and our events, a JSON line each (src/media/README.md). */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "../base/err.h"
#include "../base/log.h"
#include "media.h"

enum { UNSENT_MAX = 1 << 20 };      /* bytes; an engine that does not read is as good as gone */

/* ---- out --------------------------------------------------------------------------------------------------------- */

void control_flush(struct media *m)
{
	while (m->out.len) {
		const ssize_t n = send(m->control_fd, m->out.s, m->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			m->leaving = true;
		if (n < 0)
			return;
		str_cut(&m->out, (size_t)n);
	}
}

static void say(struct media *m, json_t *message)
{
	char *line = json_dumps(message, JSON_COMPACT);

	if (line && m->out.len < UNSENT_MAX) {
		str_add(&m->out, line);
		str_add(&m->out, "\n");
	}
	else
		m->leaving = true;
	free(line);
	json_decref(message);
	control_flush(m);
}

void control_event(struct media *m, const char *event, json_t *fields)
{
	json_t *message = json_pack("{s:s}", "event", event);

	json_object_update_missing(message, fields);
	json_decref(fields);
	say(m, message);
}

void control_answer(struct media *m, json_int_t id, json_t *fields)
{
	json_t *message = json_pack("{s:I, s:b}", "re", id, "ok", 1);

	json_object_update_missing(message, fields);
	json_decref(fields);
	if (id != NOBODY)
		say(m, message);
	else
		json_decref(message);
}

void control_refuse(struct media *m, json_int_t id, const char *sentence)
{
	if (id != NOBODY)
		say(m, json_pack("{s:I, s:b, s:s}", "re", id, "ok", 0, "error", sentence));
}

/* ---- commands ---------------------------------------------------------------------------------------------------- */

enum { SLOT = 1, PATH = 2, PLAY = 4, RECORD = 8, ANNOUNCE = 16, KIND = 32, ON = 64, SLOTS = 128 };

/* A command's parameters; texts are the message's own. */
struct order {
	json_int_t id;
	int slot;
	const char *path, *play, *record, *announce, *kind;
	bool on;
	unsigned slots;             /* a bit each */
};

/* What a command's function returns: it adds to the answer, or the answer comes later, or fails with a sentence. */
enum { NOW = 0, LATER = 1 };

struct command {
	const char *name;
	unsigned needs, takes;
	int (*run)(struct media *, const struct order *, json_t *answer, struct err *);
};

static int call_start(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	slot_record_stop(m, o->slot, NOBODY);
	slot_reset(m, o->slot);
	slot_focus_if_free(m, o->slot);
	if (o->record)
		slot_record(m, o->slot, o->record, o->announce, NOBODY);
	if (!o->play)
		return NOW;
	slot_play(m, o->slot, o->play, o->id);
	return LATER;
}

static int call_stop(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	slot_reset(m, o->slot);
	slot_record_stop(m, o->slot, o->id);
	return LATER;
}

static int record_start(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer;
	if (m->slots[o->slot].record)
		return err_set(err, ERR_CONFLICT, "Slot %d is being recorded already", o->slot);
	slot_record(m, o->slot, o->path, o->announce, o->id);
	return LATER;
}

static int record_end(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer;
	if (!m->slots[o->slot].record)
		return err_set(err, ERR_CONFLICT, "Slot %d is not being recorded", o->slot);
	slot_record_stop(m, o->slot, o->id);
	return LATER;
}

static int play(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	slot_play(m, o->slot, o->path, o->id);
	return LATER;
}

static int mute(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	m->slots[o->slot].muted = o->on;
	return NOW;
}

static int ring(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer;
	if (!ring_set(&m->ring, o->kind))
		return err_set(err, ERR_INVALID, "kind \"%s\" is none of ringback, incoming, off", o->kind);
	return NOW;
}

static int bridge(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	m->mix.bridge = o->slots;
	return NOW;
}

static int focus(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	m->mix.focus = o->slot;
	return NOW;
}

static json_t *stream_stats(const struct stream *s)
{
	if (s->fd < 0)
		return json_null();
	return json_pack("{s:i, s:i, s:i, s:i, s:i}", "rate", s->rate, "block", s->block, "blocks", (int)s->blocks,
			 "under", (int)s->under, "over", (int)s->over);
}

static int stats(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	const struct slot *s = &m->slots[o->slot];

	(void)err;
	json_object_set_new(answer, "playback", stream_stats(&s->from_far));
	json_object_set_new(answer, "capture", stream_stats(&s->to_far));
	json_object_set_new(answer, "focus", json_integer(m->mix.focus));
	json_object_set_new(answer, "late", json_integer(m->late));
	json_object_set_new(answer, "skipped", json_integer(m->skipped));
	return NOW;
}

static int quit(struct media *m, const struct order *o, json_t *answer, struct err *err)
{
	(void)answer; (void)err;
	m->leaving = true;
	m->quit_waits = o->id;
	return LATER;
}

static const struct command commands[] = {
	{"call_start", SLOT, PLAY | RECORD | ANNOUNCE, call_start},
	{"call_stop", SLOT, 0, call_stop},
	{"record_start", SLOT | PATH, ANNOUNCE, record_start},
	{"record_stop", SLOT, 0, record_end},
	{"play", SLOT | PATH, 0, play},
	{"mute", SLOT | ON, 0, mute},
	{"ring", KIND, 0, ring},
	{"bridge", SLOTS, 0, bridge},
	{"focus", SLOT, 0, focus},
	{"stats", SLOT, 0, stats},
	{"quit", 0, 0, quit},
};

/* ---- in ---------------------------------------------------------------------------------------------------------- */

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

/* Reads one parameter.  Its bit; 0: there is none of this name; -1: its value is wrong. */
static int read_parameter(const char *key, const json_t *v, struct order *o)
{
	if (!strcmp(key, "slot"))
		return read_slot(v, &o->slot) ? SLOT : -1;
	if (!strcmp(key, "path"))
		return read_path(v, &o->path) ? PATH : -1;
	if (!strcmp(key, "play"))
		return read_path(v, &o->play) ? PLAY : -1;
	if (!strcmp(key, "record"))
		return read_path(v, &o->record) ? RECORD : -1;
	if (!strcmp(key, "announce"))
		return read_path(v, &o->announce) ? ANNOUNCE : -1;
	if (!strcmp(key, "kind"))
		return read_text(v, &o->kind) ? KIND : -1;
	if (!strcmp(key, "slots"))
		return read_slots(v, &o->slots) ? SLOTS : -1;
	if (!strcmp(key, "on")) {
		o->on = json_is_true(v);
		return json_is_boolean(v) ? ON : -1;
	}
	return 0;
}

static int read_order(const struct command *c, json_t *in, struct order *o, struct err *err)
{
	const char *key;
	json_t *v;
	unsigned given = 0;

	json_object_foreach(in, key, v) {
		const int bit = !strcmp(key, "id") || !strcmp(key, "do") || json_is_null(v) ? 0 : read_parameter(key, v, o);

		if (bit < 0)
			return err_set(err, ERR_INVALID, "%s: %s is wrong: slots are 0 to %d, files are absolute paths", c->name, key,
				       AUDIO_SLOTS - 1);
		if (bit && !((c->needs | c->takes) & (unsigned)bit))
			return err_set(err, ERR_INVALID, "%s takes no %s", c->name, key);
		given |= (unsigned)bit;
	}
	if ((given & c->needs) != c->needs)
		return err_set(err, ERR_INVALID, "%s: a parameter is missing", c->name);
	return 0;
}

static const struct command *command_named(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (name && !strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void on_line(struct media *m, const char *line, size_t len)
{
	json_t *in = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	const struct command *c = command_named(json_string_value(json_object_get(in, "do")));
	struct order o = {.id = json_integer_value(json_object_get(in, "id"))};
	json_t *answer = json_object();
	struct err err = {0};
	int result;

	if (!json_is_integer(json_object_get(in, "id")) || o.id < 0) {
		log_error("media", "a command without an id: %.200s", line);
		goto out;
	}
	if (!c)
		result = err_set(&err, ERR_INVALID, "There is no command of this name");
	else {
		result = read_order(c, in, &o, &err);
		if (!result)
			result = c->run(m, &o, answer, &err);
	}
	if (result < 0)
		control_refuse(m, o.id, err.text);
	else if (result == NOW)
		control_answer(m, o.id, json_incref(answer));
out:
	json_decref(answer);
	json_decref(in);
}

void control_read(struct media *m)
{
	char bytes[4096];
	const ssize_t n = recv(m->control_fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	const char *line;
	size_t len;
	int got;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		m->leaving = true;
		return;
	}
	frame_feed(&m->in, bytes, (size_t)n);
	while (!m->leaving && (got = frame_next(&m->in, &line, &len)) == 1)
		on_line(m, line, len);
	if (!m->leaving && got < 0)
		m->leaving = true;
}
