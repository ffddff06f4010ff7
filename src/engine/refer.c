/* refer.c - the far end of a call is told to go on with somebody else; what comes of it. */
#include "refer.h"
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_participants.h"

enum { TO_SIZE = 128, URI_SIZE = 512 };

struct refer {
	struct live *live;
	char to[TO_SIZE], uri[URI_SIZE];
	int64_t with;               /* the second call, or 0 */
	bool with_closed;           /* that one is closed, and its end waits for the outcome */
	bool given_up, gone;
	int code;                   /* the last that the far end told */
	int64_t seconds;
	refer_h *done;              /* NULL once it was called */
	void *arg;
	struct event *limit;
};

bool refer_pending(const struct live *live)
{
	return live->refer && !live->refer->given_up;
}

json_t *refer_json(const struct live *live)
{
	return refer_pending(live) ? json_pack("{s:s, s:i}", "to", live->refer->to, "code", live->refer->code) :
				     json_null();
}

static void refer_free(struct live *live)
{
	struct refer *refer = live->refer;

	live->refer = NULL;
	if (!refer)
		return;
	event_free(refer->limit);
	free(refer);
}

/* ---- the second call -------------------------------------------------------------------------------------------- */

/* It was closed while nobody knew why: now somebody does. */
static void end_with(const struct refer *refer, enum call_cause cause)
{
	struct live *with = live_of_id(refer->live->session, refer->with);

	if (!with || with->ended)
		return;
	if (!refer->with_closed && cause == CAUSE_TRANSFERRED)
		live_hang_up(with, cause, 0);           /* a far end that takes no Replaces has called anew */
	else if (refer->with_closed) {
		if (!with->cause)
			with->cause = cause;
		live_end(with);
	}
}

/* ---- outcomes --------------------------------------------------------------------------------------------------- */

static void tell_done(struct refer *refer, enum refer_outcome outcome, int code, const char *why)
{
	refer_h *done = refer->done;

	refer->done = NULL;
	event_del(refer->limit);
	if (done)
		done(refer->live, outcome, code, why, refer->arg);
}

static void fail(struct live *live, int code, const char *why)
{
	struct refer *refer = live->refer;

	log_info("call", "call %lld is not transferred: %s", (long long)live->id, why);
	live->refer = NULL;
	end_with(refer, CAUSE_REMOTE_HANGUP);
	tell_done(refer, REFER_FAILED, refer->code ? code : REFER_NOT_TAKEN, why);
	event_free(refer->limit);
	free(refer);
}

void refer_failed(struct live *live, const char *reason)
{
	if (live->refer)
		fail(live, (int)strtol(reason, NULL, 10), *reason ? reason : "refused");
}

/* It is not forgotten: the far end may yet do it. */
static void on_limit(evutil_socket_t fd, short what, void *arg)
{
	struct refer *refer = arg;
	char why[64];
	(void)fd;
	(void)what;

	snprintf(why, sizeof(why), "no answer within %lld seconds", (long long)refer->seconds);
	log_info("call", "call %lld: its transfer is given up: %s", (long long)refer->live->id, why);
	refer->given_up = true;
	end_with(refer, CAUSE_REMOTE_HANGUP);
	tell_done(refer, REFER_FAILED, refer->code ? 0 : REFER_NOT_TAKEN, why);
}

void refer_progressed(struct live *live, int code)
{
	if (!refer_pending(live))
		return;
	live->refer->code = code;
	live_tell(live);
}

static void write_transferred(const struct session *session, const struct stmt *stmt, int64_t call_id, struct arg to)
{
	struct err err;

	if (db_run(session->engine->db, stmt, ARGS(a_int(call_id), a_int(session->tenant_id), to), &err) < 0)
		session_notice(session, "error", "whom call %lld was transferred to is not written: %s",
			(long long)call_id, err.text);
}

/* Two far ends that talk with each other: each of the two rows says with whom. */
static void write_gone(const struct refer *refer)
{
	const struct session *session = refer->live->session;
	const int64_t id = refer->live->id;

	if (refer->with) {
		write_transferred(session, &sql_call_transferred_to_call, id, a_int(refer->with));
		write_transferred(session, &sql_call_transferred_to_call, refer->with, a_int(id));
	}
	else
		write_transferred(session, &sql_call_transferred, id, a_text(refer->to));
}

bool refer_closed(struct live *live, const char *by)
{
	if (live->refer && !strcmp(by, "transfer")) {
		live->refer->gone = true;
		live->cause = CAUSE_TRANSFERRED;
		write_gone(live->refer);
		return false;
	}
	for (const struct live *other = live->session->calls; other; other = other->next)
		if (refer_pending(other) && other->refer->with == live->id && !live->cause) {
			other->refer->with_closed = true;
			return true;
		}
	return false;
}

void refer_call_ended(struct live *live)
{
	struct refer *refer = live->refer;

	if (!refer)
		return;
	end_with(refer, refer->gone ? CAUSE_TRANSFERRED : CAUSE_REMOTE_HANGUP);
	tell_done(refer, refer->gone ? REFER_GONE : REFER_CALL_ENDED,
		refer->gone ? 200 : refer->code ? 0 : REFER_NOT_TAKEN,
		refer->gone ? "" : "the call ended meanwhile");
	refer_free(live);
}

/* ---- asking ----------------------------------------------------------------------------------------------------- */

static void on_asked(void *session, int64_t call_id, const json_t *answer, const struct err *err)
{
	struct live *live = live_of_id(session, call_id);

	if (!answer && live && !live->ended && live->refer)
		fail(live, 0, err->text);
}

static void ask(struct live *live)
{
	const struct refer *refer = live->refer;
	const struct live *with = refer->with ? live_of_id(live->session, refer->with) : NULL;
	json_t *command;
	struct err err;

	if (refer->with && (!with || with->ended)) {
		fail(live, 0, "the second call has ended");
		return;
	}
	command = with ? json_pack("{s:s, s:I, s:I}", "do", "transfer_to", "call", (json_int_t)live->order, "with",
				 (json_int_t)with->order) :
			 json_pack("{s:s, s:I, s:s}", "do", "transfer", "call", (json_int_t)live->order, "to",
				 refer->uri);
	if (phone_do(live->session->phone, command, on_asked, live->id, &err) < 0)
		fail(live, 0, err.text);
}

void refer_start(struct live *live, const struct refer_order *order)
{
	const struct timeval limit = {.tv_sec = order->seconds};
	struct refer *refer = xcalloc(1, sizeof(*refer));

	refer_free(live);                               /* one that was given up */
	live->refer = refer;
	refer->live = live;
	str_copy(refer->to, sizeof(refer->to), order->to);
	str_copy(refer->uri, sizeof(refer->uri), order->uri ? order->uri : "");
	refer->with = order->with ? order->with->id : 0;
	refer->seconds = order->seconds;
	refer->done = order->done;
	refer->arg = order->arg;
	refer->limit = evtimer_new(live->session->engine->loop, on_limit, refer);
	evtimer_add(refer->limit, &limit);
	if (live->state == CALL_ACTIVE)
		lines_hold(live);                       /* it hears no more of us while it calls somebody else */
	live_tell(live);
	ask(live);
}
