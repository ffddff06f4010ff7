/* conference.c - call.conference_*: calls that hear each other, in the agent's mixer or in a room of the PBX. */
#include "conference.h"
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_history.h"
#include "audit_now.h"
#include "join.h"
#include "nouns.h"
#include "participants.h"
#include "phone_side.h"
#include "record.h"
#include "refer.h"

enum { ROOM_SECONDS = 15, ATTENDED_SECONDS = 30 };

/* Somebody is being added. */
struct joining {
	struct request *request;
	struct session *session;
	int64_t first, second;      /* calls; second 0: not dialled yet */
	char room[256];             /* the SIP address of the PBX's room; empty: they meet in the mixer */
	int64_t room_call;          /* the agent's own call into it, when it was made for this */
	size_t moved;               /* how many have gone there */
};

/* ---- who is in it ----------------------------------------------------------------------------------------------- */

/* Its calls in progress, ascending by nothing in particular. */
static size_t members(const struct session *session, struct live *found[LINES_MAX])
{
	size_t n = 0;

	for (struct live *live = session->calls; live && session->conference; live = live->next)
		if (!live->ended && live->conference == session->conference && n < LINES_MAX)
			found[n++] = live;
	return n;
}

bool conference_on(const struct session *session)
{
	struct live *all[LINES_MAX];

	return members(session, all) > 1;
}

static struct live *room_leg(const struct session *session)
{
	struct live *all[LINES_MAX];
	const size_t n = members(session, all);

	for (size_t i = 0; i < n; i++)
		if (all[i]->in_room)
			return all[i];
	return NULL;
}

json_t *conference_live_json(const struct live *live)
{
	const bool on = live->conference && (live->in_room || conference_on(live->session));

	return on ? json_integer(live->conference) : json_null();
}

static void tell_all(const struct session *session)
{
	struct live *all[LINES_MAX];
	const size_t n = members(session, all);

	for (size_t i = 0; i < n; i++)
		live_tell(all[i]);
}

static int take_party(const struct row *row, void *list)
{
	return json_array_append_new(list, row_json(row));
}

/* NULL with an error. */
static json_t *conference_json(struct request *request, const struct session *session, int64_t id)
{
	struct live *all[LINES_MAX];
	const size_t n = members(session, all);
	const struct live *room = room_leg(session);
	json_t *calls = json_array(), *parties = json_array();

	for (size_t i = n; i > 0; i--)
		json_array_append_new(calls, json_integer(all[i - 1]->id));
	if (db_each(request->engine->db, &sql_history_participants, ARGS(a_int(session->tenant_id), a_int(id)),
		    take_party, parties, &request->err) < 0) {
		json_decref(calls);
		json_decref(parties);
		return NULL;
	}
	return json_pack("{s:I, s:s, s:o, s:o}", "id", (json_int_t)id, "where", room ? "room" : "mixer",
		"calls", calls, "participants", parties);
}

/* ---- sound ------------------------------------------------------------------------------------------------------ */

void conference_sound(const struct session *session)
{
	struct live *all[LINES_MAX];
	const size_t n = members(session, all);
	json_t *slots = json_array();

	for (size_t i = 0; i < n && n > 1; i++)
		if (all[i]->slot >= 0)
			json_array_append_new(slots, json_integer(all[i]->slot));
	sound_say(session, json_pack("{s:s, s:o}", "do", "bridge", "slots", slots));
}

/* The phone silences a call as a whole, in a conference the others as well: so there the mixer does it. */
static void mute_at_phone(const struct live *live, bool on)
{
	struct err err;

	if (phone_do(live->session->phone,
		    json_pack("{s:s, s:I, s:b}", "do", "mute", "call", (json_int_t)live->order, "on", on), NULL, 0,
		    &err) < 0)
		log_warn("call", "call %lld: %s", (long long)live->id, err.text);
}

void conference_mute(struct session *session, bool on)
{
	struct live *all[LINES_MAX];
	const size_t n = members(session, all);

	for (size_t i = 0; i < n; i++) {
		all[i]->muted = on;
		live_sound_side(all[i]);
		live_tell(all[i]);
	}
}

/* Who was silent to one of them is silent to all. */
static void share_mute(struct session *session)
{
	struct live *all[LINES_MAX];
	const size_t n = members(session, all);
	bool muted = false;

	for (size_t i = 0; i < n; i++)
		muted |= all[i]->muted;
	if (muted)
		conference_mute(session, true);
	for (size_t i = 0; i < n && muted; i++)
		mute_at_phone(all[i], false);
}

/* ---- coming and going ------------------------------------------------------------------------------------------- */

/* The last call of it is over, or the agent begins another one. */
static void close_conference(struct session *session)
{
	struct live *all[LINES_MAX];
	const size_t n = members(session, all);

	for (size_t i = 0; i < n; i++) {
		participant_left(session, session->conference, all[i]->id);
		all[i]->conference = 0;
	}
	if (session->conference)
		participant_left(session, session->conference, 0);
	session->conference = 0;
}

static void enter(struct live *live)
{
	if (live->conference == live->session->conference)
		return;
	live->conference = live->session->conference;
	participant_joined(live->session, live->conference, live->id);
}

/* The conference that this call is in, which begins with it where there is none. */
static void begin_with(struct live *first)
{
	struct session *session = first->session;

	if (session->conference && session->conference == first->conference)
		return;
	close_conference(session);
	session->conference = first->id;
	participant_joined(session, session->conference, 0);
}

void conference_left(struct live *live)
{
	struct session *session = live->session;
	struct live *all[LINES_MAX];
	size_t n;

	if (!live->conference || live->conference != session->conference)
		return;
	if (!live->in_room)
		participant_left(session, session->conference, live->id);
	live->conference = 0;
	n = members(session, all);
	if (!n)
		close_conference(session);
	else if (n == 1 && all[0]->muted)
		mute_at_phone(all[0], true);
	conference_sound(session);
	tell_all(session);
}

void conference_resumed(const struct live *live)
{
	struct live *all[LINES_MAX];
	const size_t n = live->conference ? members(live->session, all) : 0;

	for (size_t i = 0; i < n; i++)
		if (all[i] != live && all[i]->state == CALL_ACTIVE)
			return;                         /* it alone was on hold */
	for (size_t i = 0; i < n; i++)
		if (all[i] != live && all[i]->state == CALL_HELD)
			lines_resume(all[i]);
}

/* ---- adding ----------------------------------------------------------------------------------------------------- */

static void joining_end(struct joining *j, int status)
{
	struct request *request = j->request;

	j->session->joining = NULL;
	if (status >= 0) {
		request->result = conference_json(request, j->session, j->session->conference);
		status = request->result ? 0 : (int)request->err.code;
	}
	request_answer(request, status);
	free(j);
}

static void meet_in_mixer(struct joining *j, struct live *first, struct live *second)
{
	struct session *session = j->session;
	struct live *all[LINES_MAX];
	size_t n;

	begin_with(first);
	enter(first);
	enter(second);
	n = members(session, all);
	if (record_conference(session, &j->request->err) < 0) {
		close_conference(session);
		joining_end(j, j->request->err.code);
		return;
	}
	conference_sound(session);
	for (size_t i = 0; i < n; i++)
		if (all[i]->state == CALL_HELD)
			lines_resume(all[i]);
	share_mute(session);
	lines_sound(session);
	tell_all(session);
	joining_end(j, 0);
}

/* ---- the room of the PBX ---------------------------------------------------------------------------------------- */

static void move_next(struct joining *j);

/* Whoever is still on hold here is the agent's again, and nobody is left alone in the room. */
static void not_moved(struct joining *j, struct live *live, const char *why)
{
	struct live *leg = room_leg(j->session);

	if (!j->moved && leg && leg->id == j->room_call)
		live_hang_up(leg, CAUSE_AGENT_HANGUP, 0);
	else
		leg = NULL;
	if (live && live->state == CALL_HELD && (leg || !lines_talking(j->session)))
		lines_resume(live);
	joining_end(j, err_set(&j->request->err, ERR_NOT_ANSWERED, "not everybody is in the room of the PBX: %s", why));
}

static void on_moved(struct live *live, enum refer_outcome outcome, int code, const char *why, void *arg)
{
	struct joining *j = arg;
	(void)code;

	if (outcome == REFER_FAILED) {
		not_moved(j, live, why);
		return;
	}
	if (outcome == REFER_GONE) {
		participant_joined(j->session, j->session->conference, live->id);
		j->moved++;
	}
	move_next(j);
}

/* There is no gate before the room, and that stands in the log for each who is told to call it. */
static void audit_move(const struct live *live, const char *room)
{
	const struct session *session = live->session;
	char *detail = xasprintf("moved to the room %s", room);
	const struct audit_entry entry = {.tenant_id = session->tenant_id, .event = "internal",
		.user_id = session->user_id, .station_id = session->station_id, .call_id = live->id, .detail = detail};

	audit_now(session->engine, &entry);
	free(detail);
}

/* Each party is told to call the room, one after the other, whoever was there first. */
static void move_next(struct joining *j)
{
	const struct session *session = j->session;
	struct live *next = NULL;

	for (struct live *live = session->calls; live; live = live->next)
		if (live_is_up(live) && !live->in_room && (!next || live->id < next->id) &&
			(live->id == j->first || live->id == j->second || live->conference == session->conference))
			next = live;
	if (next) {
		audit_move(next, j->room);
		refer_start(next, &(struct refer_order){
			.to = j->room, .uri = j->room, .seconds = ROOM_SECONDS, .done = on_moved, .arg = j});
	}
	else if (!j->moved)
		not_moved(j, NULL, "they have hung up");
	else {
		struct live *leg = room_leg(session);

		if (leg && leg->state == CALL_HELD)
			lines_resume(leg);              /* the agent had left the room to call one more */
		tell_all(session);
		joining_end(j, 0);
	}
}

static void on_room_up(struct live *leg, void *arg)
{
	struct joining *j = arg;
	struct live *first = live_of_id(j->session, j->first);

	leg->watch = NULL;
	if (!first || !live_is_up(first)) {
		live_hang_up(leg, CAUSE_AGENT_HANGUP, 0);
		joining_end(j, err_set(&j->request->err, ERR_CONFLICT, "call %lld has ended", (long long)j->first));
		return;
	}
	begin_with(first);
	leg->conference = j->session->conference;
	j->room_call = leg->id;
	participant_room(j->session, leg->conference, leg->id);
	move_next(j);
}

static void on_room_over(struct live *leg, void *arg)
{
	struct joining *j = arg;
	struct live *second = live_of_id(j->session, j->second);

	if (second && second->state == CALL_HELD && !lines_talking(j->session))
		lines_resume(second);
	joining_end(j, err_set(&j->request->err, ERR_NOT_ANSWERED, "the room of the PBX, %s, did not answer: %s",
		j->room, call_cause_name(leg->cause)));
}

static const struct live_watch room_watch = {on_room_up, on_room_over};

/* Everybody who is in the room is in its recording: so it has one only when all were recorded before, and have heard
 * so, unless nobody has to. */
static bool may_record(const struct joining *j)
{
	size_t others = 0, told = 0, untold = 0;

	for (const struct live *live = j->session->calls; live; live = live->next) {
		if (live->in_room || (live->id != j->first && live->id != j->second &&
			(!live->conference || live->conference != j->session->conference)))
			continue;
		others += !live->record;
		told += live->record && !live->unannounced;
		untold += live->record && live->unannounced;
	}
	return !others && (!told || !untold);
}

static void meet_in_room(struct joining *j)
{
	const struct dial dial = {.to = j->room, .purpose = DIAL_CONFERENCE, .of_call = j->first, .watch = &room_watch,
		.watch_arg = j, .keep_request = true};
	const struct live *there = room_leg(j->session);
	const bool record = may_record(j);
	int status;

	if (there && there->recording_id && !record) {
		joining_end(j, err_set(&j->request->err, ERR_CONFLICT,
			"call %lld is not recorded, and the call to the room is: who is in it is in the recording",
			(long long)j->second));
		return;
	}
	if (there) {
		move_next(j);
		return;
	}
	status = dial_room(j->request, j->session, &dial);
	if (status < 0) {
		joining_end(j, status);
		return;
	}
	for (struct live *live = j->session->calls; live; live = live->next)
		if (live->in_room)
			live->record &= record;
}

/* ---- both are there --------------------------------------------------------------------------------------------- */

static void join(struct joining *j)
{
	struct live *first = live_of_id(j->session, j->first), *second = live_of_id(j->session, j->second);

	if (!first || !live_is_up(first) || !second || !live_is_up(second))
		joining_end(j, err_set(&j->request->err, ERR_CONFLICT, "call %lld has ended",
			(long long)(first && live_is_up(first) ? j->second : j->first)));
	else if (*j->room)
		meet_in_room(j);
	else
		meet_in_mixer(j, first, second);
}

static void on_second_up(struct live *second, void *arg)
{
	struct joining *j = arg;

	second->watch = NULL;
	j->second = second->id;
	join(j);
}

/* Nobody was added; the others go on as before. */
static void on_second_over(struct live *second, void *arg)
{
	struct joining *j = arg;
	struct live *first = live_of_id(j->session, j->first);

	if (first && first->state == CALL_HELD && !lines_talking(j->session))
		lines_resume(first);
	joining_end(j, err_set(&j->request->err, ERR_NOT_ANSWERED, "nobody is added: call %lld ended: %s",
		(long long)second->id, call_cause_name(second->cause)));
}

static const struct live_watch second_watch = {on_second_up, on_second_over};

/* The call that somebody is added to: the one named, one of the conference, or the only one beside `with`. */
static struct live *first_call(struct request *request, const struct session *session, const struct live *with)
{
	struct live *all[LINES_MAX], *first = NULL;

	if (param_given(request, "call"))
		return orders_call(request, live_is_up, "joined with another");
	if (conference_on(session) || room_leg(session))
		return members(session, all) ? all[0] : NULL;
	if (!with)
		return orders_call(request, live_is_up, "joined with another");
	for (struct live *live = session->calls; live; live = live->next) {
		if (live == with || !live_is_up(live))
			continue;
		if (first) {
			err_set(&request->err, ERR_CONFLICT, "call: several could be meant (%lld, %lld): name one",
				(long long)first->id, (long long)live->id);
			return NULL;
		}
		first = live;
	}
	if (!first)
		err_set(&request->err, ERR_CONFLICT, "there is no call that %lld could be added to",
			(long long)with->id);
	return first;
}

/* The second call, where one is named; false with an error. */
static bool second_call(struct request *request, const struct session *session, struct live **with)
{
	const int64_t id = param_int(request, "with", 0);

	*with = NULL;
	if (param_given(request, "with") == param_given(request, "to"))
		err_set(&request->err, ERR_INVALID, "give either to, whom to dial, or with, a call that is up");
	else if (!id)
		return true;
	else if (!(*with = live_of_id(session, id)) || !live_is_up(*with))
		err_set(&request->err, ERR_CONFLICT, "with: no call %lld of %s is up", (long long)id, session->login);
	else if ((*with)->conference && (*with)->conference == session->conference && conference_on(session))
		err_set(&request->err, ERR_CONFLICT, "with: call %lld is in the conference", (long long)id);
	else
		return true;
	return false;
}

/* The room that the agent is in, else that which the station names; empty where it names none. */
static int find_room(struct request *request, const struct session *session, char *room, size_t size)
{
	const struct live *there = room_leg(session);
	struct station station = {0};
	int status;

	if (there) {                                    /* whatever the station names by now */
		str_copy(room, size, there->room);
		return 0;
	}
	status = station_load(request->engine, session->tenant_id, session->station_id, false, &station, &request->err);
	if (status >= 0 && station.conference_uri && !str_copy(room, size, station.conference_uri))
		status = err_set(&request->err, ERR_CONFIG, "conference_uri: it is longer than %zu bytes", size - 1);
	if (status >= 0 && *room)
		status = dial_check_room(room, &request->err);
	station_wipe(&station);
	return status < 0 ? status : 0;
}

int conference_add(struct request *request)
{
	struct session *session = session_of_request(request);
	struct live *first, *with;
	struct joining *j;
	int status;

	if (!session)
		return request->err.code;
	if (session->joining)
		return err_set(&request->err, ERR_CONFLICT, "somebody is being added to call %lld",
			       (long long)session->joining->first);
	if (!second_call(request, session, &with) || !(first = first_call(request, session, with)))
		return request->err.code;
	if (first == with)
		return err_set(&request->err, ERR_CONFLICT, "call: %lld cannot be joined with itself",
			       (long long)first->id);
	if (refer_pending(first) || (with && refer_pending(with)))
		return err_set(&request->err, ERR_CONFLICT,
			       "a call that is being transferred cannot be joined with another");
	j = xcalloc(1, sizeof(*j));
	*j = (struct joining){.request = request, .session = session, .first = first->id,
		.second = with ? with->id : 0};
	if (find_room(request, session, j->room, sizeof(j->room)) < 0) {
		free(j);
		return request->err.code;
	}
	session->joining = j;
	if (with) {
		join(j);
		return REQUEST_PENDING;
	}
	status = dial_start(request, session,
		&(struct dial){.to = param_text(request, "to"),
			.customer_id = param_int(request, "customer_id", 0),
			.purpose = DIAL_CONFERENCE,
			.of_call = first->id,
			.watch = &second_watch,
			.watch_arg = j,
			.keep_request = true},
		NULL);
	if (status < 0) {
		session->joining = NULL;
		free(j);
	}
	return status;
}

/* ---- showing, dropping, ending ---------------------------------------------------------------------------------- */

/* The agent's session, when it has a conference. */
static struct session *session_in_one(struct request *request)
{
	struct session *session = session_of_request(request);

	if (session && !session->conference) {
		err_set(&request->err, ERR_CONFLICT, "%s is in no conference", session->login);
		return NULL;
	}
	return session;
}

int conference_show(struct request *request)
{
	const struct session *session = session_in_one(request);

	request->result = session ? conference_json(request, session, session->conference) : NULL;
	return request->result ? 0 : (int)request->err.code;
}

int conference_drop(struct request *request)
{
	struct session *session = session_in_one(request);
	const int64_t id = param_int(request, "call", 0);
	struct live *live = session ? live_of_id(session, id) : NULL;

	if (!session)
		return request->err.code;
	if (!live || live->ended || live->conference != session->conference || live->in_room)
		return err_set(&request->err, ERR_CONFLICT, "call: no call %lld is in the conference at this phone",
			       (long long)id);
	return orders_hang_up(request, live);
}

/* The phone answers in turn: the calls that it was told to hang up are over. */
static void on_all_over(void *arg, int64_t tag, const json_t *answer, const struct err *err)
{
	(void)arg;
	(void)answer;
	(void)err;
	request_answer((struct request *)(intptr_t)tag, 0);
}

/* The request has its result; the answer waits for the end of what is being hung up.  As a handler answers. */
static int when_over(struct request *request, const struct session *session)
{
	struct err err;

	if (!request->result)
		return request->err.code;
	if (phone_do(session->phone, json_pack("{s:s}", "do", "list"), on_all_over, (intptr_t)request, &err) == 0)
		return REQUEST_PENDING;
	return 0;
}

struct leaving { struct request *request; int64_t conference; };

static void on_left_alone(struct live *live, enum refer_outcome outcome, int code, const char *why, void *arg)
{
	struct leaving *leaving = arg;
	struct request *request = leaving->request;
	int status = 0;
	(void)code;

	if (outcome == REFER_FAILED) {
		status = err_set(&request->err, ERR_NOT_ANSWERED, "the others could not be joined without you: %s",
			why);
		lines_resume(live);
	}
	else if (outcome == REFER_CALL_ENDED)
		status = err_set(&request->err, ERR_CONFLICT, "call %lld ended meanwhile", (long long)live->id);
	else {
		request->result = conference_json(request, live->session, leaving->conference);
		status = when_over(request, live->session);
	}
	if (status != REQUEST_PENDING)
		request_answer(request, status);
	free(leaving);
}

/* The two others go on with each other. */
static int leave_them(struct request *request, const struct session *session)
{
	struct live *all[LINES_MAX];
	const size_t n = members(session, all);
	struct leaving *leaving;
	char to[32];

	if (n != 2)
		return err_set(&request->err, ERR_CONFLICT,
			       "how: two can be left with each other, not %zu: drop one, or end it", n);
	if (refer_pending(all[0]) || refer_pending(all[1]))
		return err_set(&request->err, ERR_CONFLICT, "the conference is being left already");
	if (join_turn(request, &all[1], &all[0]) < 0)
		return request->err.code;
	snprintf(to, sizeof(to), "call %lld", (long long)all[0]->id);
	leaving = xcalloc(1, sizeof(*leaving));
	*leaving = (struct leaving){request, session->conference};
	refer_start(all[1], &(struct refer_order){
		.to = to, .with = all[0], .seconds = ATTENDED_SECONDS, .done = on_left_alone, .arg = leaving});
	return REQUEST_PENDING;
}

static int end_all(struct request *request, const struct session *session)
{
	struct live *all[LINES_MAX];
	const size_t n = members(session, all);
	const int64_t id = session->conference;

	for (size_t i = 0; i < n; i++)
		live_hang_up(all[i], CAUSE_AGENT_HANGUP, 0);
	request->result = conference_json(request, session, id);
	return when_over(request, session);
}

int conference_end(struct request *request)
{
	const struct session *session = session_in_one(request);
	const char *how = param_text(request, "how");

	if (!session)
		return request->err.code;
	if (!strcmp(how, "transfer") && !room_leg(session))
		return leave_them(request, session);
	if (strcmp(how, "transfer") && room_leg(session))
		return err_set(&request->err, ERR_CONFLICT,
			"how: the others are in the room of the PBX and go on there; how=transfer leaves them to it");
	return end_all(request, session);
}
