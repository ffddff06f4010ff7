/*
 * dial.c - the only way to a call.
 *
 * Whatever wants to ring somebody comes through here, by dial_start(): the number is normalised, its customers are
 * resolved, the gate decides (gate_leg.c), and the decision stands in the audit log, with the call's row, in one
 * transaction that is committed before the phone is told.  Only a colleague's station is called without the gate
 * (internal.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_call.h"
#include "../rule/internal.h"
#include "audit_now.h"
#include "gate_leg.h"
#include "internal.h"
#include "nouns.h"
#include "phone_side.h"
#include "record.h"
#include "route.h"
#include "session.h"
#include "wrap_up.h"

int call_check(struct request *request)
{
	struct gate_answer answer;
	int status = gate_ask(request->engine, request->tenant_id, param_text(request, "number"),
		param_int(request, "customer_id", 0), &answer, &request->err);

	if (!status) {
		request->result = gate_leg_json(request, &answer);
		status = request->result ? 0 : request->err.code;
	}
	gate_answer_clear(&answer);
	return status;
}

/* ---- what the order asks for ------------------------------------------------------------------------------------ */

/* A file that is played is opened under the engine's account: only its owner and admins may name one. */
static int check_play(struct request *request)
{
	const char *path = param_text(request, "play");
	char head[12];
	ssize_t n;
	int fd;

	if (!path)
		return 0;
	if (request->who.role < ROLE_ADMIN)
		return err_set(
			&request->err, ERR_NOT_PERMITTED, "play: only the engine's owner and admins may play a file");
	if (*path != '/')
		return err_set(&request->err, ERR_INVALID, "play: %s is not an absolute path", path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_set(&request->err, ERR_INVALID, "play: %s: %s", path, strerror(errno));
	n = read(fd, head, sizeof(head));
	close(fd);
	if (n != sizeof(head) || memcmp(head, "RIFF", 4) || memcmp(head + 8, "WAVE", 4))
		return err_set(&request->err, ERR_INVALID, "play: %s is not a WAV file", path);
	return 0;
}

/* The sentence names what is owed, and how to save it. */
static int check_debt(struct request *request, const struct session *session)
{
	struct wrap_up wrap_up = {0};
	const int64_t owed = wrap_up_load(request->engine, session->user_id, &wrap_up, &request->err);

	if (owed <= 0)
		return (int)owed;
	return err_set(&request->err, ERR_CONFLICT,
		"call %lld to %s owes its disposition: spctl dispo save CODE --call %lld",
		(long long)wrap_up.call_id, wrap_up.number[0] ? wrap_up.number : "an unknown number",
		(long long)wrap_up.call_id);
}

/* Is the agent free to dial? */
static int check_agent(struct request *request, const struct session *session, enum dial_purpose purpose)
{
	const enum agent_event event = purpose == DIAL_REDIAL ? AGENT_EV_REDIAL : AGENT_EV_DIAL;
	enum agent_state state = session->state;

	if (purpose == DIAL_NORMAL && check_debt(request, session) < 0)
		return request->err.code;
	if (!agent_step(&state, event))
		return err_set(&request->err, ERR_CONFLICT, "%s cannot dial: %s", session->login,
			       agent_refusal(session->state, event));
	if (lines_count(session) >= LINES_MAX)
		return err_set(&request->err, ERR_CONFLICT, "%s has %d calls, the most there can be", session->login,
			       LINES_MAX);
	return lines_check_turn(session, NULL, &request->err);
}

/* ---- the call --------------------------------------------------------------------------------------------------- */

/* A leg that may leave, either way. */
struct leg {
	const struct dial *dial;
	const struct tenant *tenant;
	const struct gate_answer *answer;       /* NULL: an internal call, to */
	const struct colleague *colleague;
	const struct caller_id *shown_as;       /* NULL: the station as it is */
	const char *target;
};

static struct arg reference(bool given, int64_t id)
{
	return given && id ? a_int(id) : a_null();
}

/* That there was no gate stands in the log as well: every INVITE has its row there. */
static int64_t audit_internal(const struct session *session, const struct colleague *to, int64_t call_id,
	struct err *err)
{
	char detail[SESSION_NAME_SIZE + sizeof(to->uri) + 16];
	const struct audit_entry entry = {.tenant_id = session->tenant_id, .event = "internal",
		.user_id = session->user_id, .station_id = session->station_id, .call_id = call_id, .detail = detail};

	snprintf(detail, sizeof(detail), "to %s at %s", to->login, to->uri);
	return audit_add(session->engine, &entry, err);
}

static int64_t write_call(struct request *request, const struct session *session, const struct leg *leg)
{
	struct err *err = &request->err;
	const struct dial *dial = leg->dial;
	const struct gate_answer *answer = leg->answer;
	const int64_t id = db_insert(session->engine->db, &sql_call_insert,
		ARGS(a_int(session->tenant_id), a_text(answer ? "outbound" : "internal"),
			a_text(answer ? answer->number : leg->colleague->login),
			reference(answer, answer ? answer->customer_id : 0), a_int(session->user_id),
			a_int(session->station_id), a_text(leg->shown_as ? leg->shown_as->did : session->did),
			a_text(call_state_name(CALL_DIALING)),
			a_int(answer && answer->decision.verdict == GATE_NEEDS_ACK), a_int(answer ? 1 : 0),
			a_int(clock_now_ms()), a_int(1),
			reference(dial->purpose == DIAL_CONSULT || dial->purpose == DIAL_CONFERENCE, dial->of_call),
			reference(dial->purpose == DIAL_REDIAL, dial->of_call)),
		err);
	const int64_t status = id < 0 ? id :
		answer ? gate_leg_write(request, session, answer, id) :
		audit_internal(session, leg->colleague, id, err);

	if (status < 0)
		return status;
	return db_commit(session->engine->db, err) < 0 ? (int64_t)err->code : id;
}

/* The row is there: now, and only now, the phone is told. */
static void order(struct request *request, struct session *session, const struct leg *leg, int64_t call_id)
{
	struct live *live = live_new(session, call_id, false);
	const struct dial *dial = leg->dial;

	live->internal = !leg->answer;
	live->called_station = leg->answer ? 0 : leg->colleague->station_id;
	record_take(live, request, leg->tenant);
	live->play = xstrdup(param_text(request, "play"));
	live->ring_seconds = param_int(request, "timeout", leg->tenant->ring_seconds);
	live->hangup_after = param_int(request, "hangup_after", 0);
	live->talk_seconds = leg->tenant->max_call_hours * 3600;
	live->dialing = dial->keep_request ? NULL : request;
	if (dial->purpose == DIAL_CONSULT || dial->purpose == DIAL_CONFERENCE)
		live->consults = dial->of_call;
	live->watch = dial->watch;
	live->watch_arg = dial->watch_arg;
	lines_hold_others(session, live);
	session_step(session, dial->purpose == DIAL_REDIAL ? AGENT_EV_REDIAL : AGENT_EV_DIAL);
	live_order_dial(live, leg->target, leg->shown_as);
}

/* Writes and orders it, inside of a transaction; the id of the call, or negative. */
static int64_t leave(struct request *request, struct session *session, const struct leg *leg)
{
	const int64_t call_id = write_call(request, session, leg);

	if (call_id > 0)
		order(request, session, leg, call_id);
	else
		db_rollback(request->engine->db);
	return call_id;
}

static int64_t dial_number(struct request *request, struct session *session, const struct dial *dial)
{
	struct err *err = &request->err;
	struct gate_answer answer = {0};
	struct caller_id shown_as;
	char target[512];
	int64_t status = gate_leg_ask(request, session, dial->to, dial->customer_id, &answer);

	if (status >= 0 && (record_check(request, session, &answer.tenant) < 0 ||
		caller_id_of(request->engine, session->tenant_id, session->station_id, &shown_as, err) < 0 ||
		phone_usable(session->phone, err) < 0 ||
		phone_target(session->phone, answer.number, target, sizeof(target), err) < 0)) {
		db_rollback(request->engine->db);
		status = err->code;
	}
	else if (status >= 0)
		status = leave(request, session, &(struct leg){.dial = dial, .tenant = &answer.tenant,
			.answer = &answer, .shown_as = &shown_as, .target = target});
	gate_answer_clear(&answer);
	return status;
}

static int64_t dial_colleague(struct request *request, struct session *session, const struct dial *dial,
	const struct colleague *colleague)
{
	struct tenant tenant;

	if (tenant_load(request->engine, session->tenant_id, &tenant, &request->err) < 0 ||
		record_check(request, session, &tenant) < 0 ||
		phone_usable(session->phone, &request->err) < 0 || db_begin(request->engine->db, &request->err) < 0)
		return request->err.code;
	return leave(request, session, &(struct leg){.dial = dial, .tenant = &tenant, .colleague = colleague,
		.target = colleague->uri});
}

int dial_start(struct request *request, struct session *session, const struct dial *dial, struct live **live)
{
	struct engine *engine = request->engine;
	struct colleague colleague;
	int64_t status;

	if (live)
		*live = NULL;
	if (check_play(request) < 0 || gate_leg_check_codes(request) < 0 ||
		check_agent(request, session, dial->purpose) < 0)
		return request->err.code;
	status = internal_find(request, session, dial->to, &colleague);
	if (status >= 0)
		status = status ? dial_colleague(request, session, dial, &colleague) :
			dial_number(request, session, dial);
	if (status < 0)
		return (int)status;
	audit_tell(engine);                             /* not before: the phone is waiting */
	if (live)
		*live = live_of_id(session, status);
	return REQUEST_PENDING;
}

int dial_check_room(const char *uri, struct err *err)
{
	struct sip_uri parts;

	if (sip_uri_split(uri, &parts) && internal_may_call(parts.user))
		return 0;
	return err_set(err, ERR_CONFIG, "conference_uri: %s is no address of a room, or may be a telephone number",
		uri);
}

int dial_room(struct request *request, struct session *session, const struct dial *dial)
{
	struct colleague room = {0};
	struct sip_uri uri;
	struct live *live;
	int64_t status;

	if (check_agent(request, session, dial->purpose) < 0)
		return request->err.code;
	if (dial_check_room(dial->to, &request->err) < 0)
		return request->err.code;
	sip_uri_split(dial->to, &uri);
	str_copy(room.uri, sizeof(room.uri), dial->to);
	str_copy(room.login, sizeof(room.login), uri.user);
	status = dial_colleague(request, session, dial, &room);
	if (status < 0)
		return (int)status;
	audit_tell(request->engine);
	live = live_of_id(session, status);
	if (live) {
		live->in_room = true;
		live->room = xstrdup(dial->to);
	}
	return REQUEST_PENDING;
}

int call_dial(struct request *request)
{
	struct session *session = session_of_request(request);
	const struct dial dial = {.to = param_text(request, "number"),
		.customer_id = param_int(request, "customer_id", 0)};

	return session ? dial_start(request, session, &dial, NULL) : (int)request->err.code;
}

/* ---- redial ----------------------------------------------------------------------------------------------------- */

struct earlier { int64_t id, customer_id; bool owes; char number[SESSION_NAME_SIZE]; };

static int take_earlier(const struct row *row, void *arg)
{
	struct earlier *earlier = arg;

	earlier->id = row_int(row, 0);
	str_copy(earlier->number, sizeof(earlier->number), row_text(row, 1));
	earlier->customer_id = row_null(row, 2) ? 0 : row_int(row, 2);
	earlier->owes = row_int(row, 3);
	return 0;
}

/* Who owes dispositions may call the same person again, and nobody else. */
int call_redial(struct request *request)
{
	struct session *session = session_of_request(request);
	struct earlier earlier = {0};
	int n;

	if (!session)
		return request->err.code;
	n = db_each(request->engine->db, &sql_call_redial,
		ARGS(a_int(session->tenant_id), a_int(session->user_id), arg_param_int(request, "call")),
		take_earlier, &earlier, &request->err);
	if (n == 0)
		return err_set(&request->err, ERR_NOT_FOUND, "%s", param_given(request, "call") ?
			"call: no call of yours that is over, and has a number, has this id" :
			"there is no call to make again");
	if (n < 0 || (!earlier.owes && check_debt(request, session) < 0))
		return request->err.code;
	return dial_start(request, session, &(struct dial){.to = earlier.number, .customer_id = earlier.customer_id,
		.purpose = DIAL_REDIAL, .of_call = earlier.id}, NULL);
}
