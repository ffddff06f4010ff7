/*
 * control.c - the engine's socket: one JSON object a line, both ways.
 *
 *   engine: {"id":7,"do":"dial","line":"a","to":"sip:..."}
 *   we:     {"re":7,"ok":true,"call":3,"slot":0}   or   {"re":7,"ok":false,"error":"..."}
 *   we:     {"event":"ringing","call":3}
 *
 * The engine made the socket and passed it on as a descriptor, so there is nobody else to keep out.  When it goes away,
 * so do we; an engine that does not read is as good as gone.  Nothing here ever waits.
 */
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/log.h"
#include "../base/str.h"
#include "../base/utf8.h"

enum { UNSENT_MAX = 4 << 20,        /* bytes that the engine may leave unread before we give it up */
       BEHIND = 64 << 10,           /* bytes unread from which on strangers' events are left out */
       PEER_TEXT_MAX = 1024,
       COMMANDS_AT_ONCE = 64 };     /* then it is the network's turn */

static void lost(const char *why)
{
	if (phone.sock < 0)
		return;
	log_info("module", "%s: the phone hangs up and ends", why);
	fd_close(phone.sock);
	close(phone.sock);
	phone.sock = -1;
	quit_soon();
}

/* ---- out --------------------------------------------------------------------------------------------------------- */

static json_t *clean(const char *s, size_t len)
{
	char *utf8;
	json_t *json;

	if (len > PEER_TEXT_MAX) {
		len = PEER_TEXT_MAX;
		while (len && ((unsigned char)s[len] & 0xc0) == 0x80)   /* not in the middle of a character */
			len--;
	}
	utf8 = utf8_clean(s, len, false);
	json = json_string(utf8);
	free(utf8);
	return json;
}

json_t *peer_text(const char *s)
{
	return clean(s ? s : "", s ? strlen(s) : 0);
}

json_t *peer_text_pl(const struct pl *pl)
{
	return clean(pl->p ? pl->p : "", pl->p ? pl->l : 0);
}

static void on_socket(int flags, void *arg);

static void flush_out(void)
{
	bool waits;

	while (phone.sock >= 0 && phone.out.len) {
		const ssize_t n = send(phone.sock, phone.out.s, phone.out.len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n >= 0)
			str_cut(&phone.out, (size_t)n);
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			lost("the engine is gone");
	}
	waits = phone.out.len > 0;
	if (phone.sock < 0 || waits == phone.waits)
		return;
	phone.waits = waits;
	fd_listen(phone.sock, FD_READ | (waits ? FD_WRITE : 0), on_socket, NULL);
}

static void send_json(json_t *message)
{
	char *line = json_dumps(message, JSON_COMPACT);

	if (phone.sock >= 0 && line) {
		str_add(&phone.out, line);
		str_add(&phone.out, "\n");
		flush_out();
		if (phone.out.len > UNSENT_MAX)
			lost("the engine does not read");
	}
	free(line);
	json_decref(message);
}

void say(const char *event, json_t *members)
{
	json_t *message = json_pack("{s:s}", "event", event);

	if (members)
		json_object_update(message, members);
	json_decref(members);
	send_json(message);
}

void say_leg(const struct leg *leg, const char *event, json_t *members)
{
	json_t *message = json_pack("{s:s, s:I}", "event", event, "call", (json_int_t)leg->id);

	if (members)
		json_object_update(message, members);
	json_decref(members);
	send_json(message);
}

void say_stranger(const char *event, json_t *members)
{
	if (phone.out.len > BEHIND) {
		phone.unsaid++;
		json_decref(members);
		return;
	}
	if (phone.unsaid)
		json_object_set_new(members, "unsaid", json_integer(phone.unsaid));
	phone.unsaid = 0;
	say(event, members);
}

/* ---- in ---------------------------------------------------------------------------------------------------------- */

static int do_list(const struct command *c, json_t *answer, struct err *err)
{
	(void)c; (void)err;
	json_object_set_new(answer, "lines", lines_json());
	json_object_set_new(answer, "calls", legs_json());
	json_object_set_new(answer, "formats", json_integer(phone.guard->formats));
	return 0;
}

static int do_quit(const struct command *c, json_t *answer, struct err *err)
{
	(void)c; (void)answer; (void)err;
	quit_soon();
	return 0;
}

static perform_h *const perform[COMMAND_KINDS] = {
	[COMMAND_ANSWER] = do_answer, [COMMAND_DIAL] = do_dial, [COMMAND_DTMF] = do_dtmf, [COMMAND_HANGUP] = do_hangup,
	[COMMAND_HOLD] = do_hold, [COMMAND_LINE_CREATE] = do_line_create, [COMMAND_LINE_DELETE] = do_line_delete,
	[COMMAND_LIST] = do_list, [COMMAND_MUTE] = do_mute, [COMMAND_QUIT] = do_quit, [COMMAND_REGISTER] = do_register,
	[COMMAND_RESUME] = do_resume, [COMMAND_STATS] = do_stats, [COMMAND_TRANSFER] = do_transfer,
	[COMMAND_TRACE] = do_trace, [COMMAND_TRANSFER_TO] = do_transfer_to, [COMMAND_UNREGISTER] = do_unregister,
};

static void on_line(const char *line, size_t len)
{
	struct command c;
	struct err err;
	json_t *answer;
	int status = command_parse(line, len, &c, &err);

	answer = json_pack("{s:I, s:b}", "re", c.id, "ok", 1);
	if (!status && phone.quitting)
		status = err_set(&err, ERR_UNAVAILABLE, "the phone is about to end");
	if (!status)
		status = perform[c.kind](&c, answer, &err);
	if (status < 0) {
		json_object_clear(answer);
		json_object_set_new(answer, "re", json_integer(c.id));
		json_object_set_new(answer, "ok", json_false());
		json_object_set_new(answer, "error", peer_text(err.text));
	}
	send_json(answer);
	command_clear(&c);
}

/* Performs what has arrived, some at a time, so that a flood of commands does not starve the calls. */
static void read_lines(void *arg)
{
	const char *line;
	size_t len;
	int n = 0, got = 0;
	(void)arg;

	while (phone.sock >= 0 && n++ < COMMANDS_AT_ONCE && (got = frame_next(&phone.in, &line, &len)) == 1)
		on_line(line, len);
	if (phone.sock >= 0 && got < 0)
		lost("the engine sent a line without end");
	else if (phone.sock >= 0 && got == 1)
		tmr_start(&phone.tmr_lines, 0, read_lines, NULL);
}

static void on_socket(int flags, void *arg)
{
	char chunk[16384];
	ssize_t n;
	(void)arg;

	if (flags & FD_WRITE)
		flush_out();
	if (!(flags & (FD_READ | FD_EXCEPT)) || phone.sock < 0)
		return;
	n = recv(phone.sock, chunk, sizeof(chunk), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		lost("the engine is gone");
		return;
	}
	frame_feed(&phone.in, chunk, (size_t)n);
	read_lines(NULL);
}

/* Only descriptors that the engine passes on: "fd:3". */
int control_open(const char *where, struct err *err)
{
	long long fd;
	int type, status;
	socklen_t size = sizeof(type);

	if (strncmp(where, "fd:", 3) || !str_int(where + 3, 3, 1 << 16, &fd))
		return err_set(err, ERR_UNAVAILABLE, "SPCTL_CONTROL must be fd:N with N from 3 on, not \"%s\"", where);
	if (getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_STREAM)
		return err_set(err, ERR_UNAVAILABLE, "SPCTL_CONTROL: descriptor %lld is not a stream socket", fd);
	phone.sock = (int)fd;
	fcntl(phone.sock, F_SETFD, FD_CLOEXEC);
	status = fd_listen(phone.sock, FD_READ, on_socket, NULL);
	if (status)
		return err_set(err, ERR_UNAVAILABLE, "SPCTL_CONTROL: %s", strerror(status));
	return 0;
}

void control_close(void)
{
	tmr_cancel(&phone.tmr_lines);
	if (phone.sock >= 0) {
		fd_close(phone.sock);
		close(phone.sock);
		phone.sock = -1;
	}
	frame_free(&phone.in);
	str_free(&phone.out);
}
