/* control.c - the engine's commands and our events, a JSON line each (src/media/README.md). */
#include <errno.h>
#include <stdlib.h>
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

/* ---- in ---------------------------------------------------------------------------------------------------------- */

static void on_line(struct media *m, const char *line, size_t len)
{
	struct order o;
	struct err err = {0};
	json_t *answer = json_object();
	int result = order_read(line, len, &o, &err);

	if (!result)
		result = command_run(m, &o, answer, &err);
	if (o.id < 0)
		log_error("media", "a command without an id: %.200s", line);
	else if (result < 0)
		control_refuse(m, o.id, err.text);
	else if (result == COMMAND_DONE)
		control_answer(m, o.id, json_incref(answer));
	json_decref(answer);
	order_clear(&o);
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
