/*
 * live_timer.c - the engine owns every timeout of a call: baresip has none after a provisional answer.
 *
 *   no response     nothing at all came back within 10 s of the INVITE
 *   ring limit      no answer within the tenant's ring_seconds, or call.dial's timeout; inbound: nobody took the call
 *   talk limit      the tenant's max_call_hours; the agent is told 5 minutes and 1 minute before
 *   hang-up         call.dial's hangup_after
 */
#include <event2/event.h>
#include "session.h"

enum { NO_RESPONSE_SECONDS = 10, NO_ANSWER_CODE = 480 };
static const int64_t warnings[] = {300, 60};       /* seconds before the talk limit */

static void start(struct live *live, struct event **timer, int64_t seconds, event_callback_fn expired)
{
	const struct timeval limit = {.tv_sec = seconds};

	if (!*timer)
		*timer = evtimer_new(live->session->engine->loop, expired, live);
	evtimer_add(*timer, &limit);
}

static void stop(struct event **timer)
{
	if (*timer)
		event_free(*timer);
	*timer = NULL;
}

static void on_no_response(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	live_hang_up(arg, CAUSE_NO_RESPONSE, 0);
}

/* 100 and then silence is no answer of anybody; 180 or early media is somebody who does not answer. */
static void on_ring_limit(evutil_socket_t fd, short what, void *arg)
{
	struct live *live = arg;
	(void)fd;
	(void)what;

	if (live->inbound)
		live_hang_up(live, CAUSE_NO_ANSWER, NO_ANSWER_CODE);
	else
		live_hang_up(live, live->rang ? CAUSE_NO_ANSWER : CAUSE_NO_RESPONSE, 0);
}

static void on_talk_limit(evutil_socket_t fd, short what, void *arg);

/* The next of the warnings, or the limit itself. */
static void wait_for_limit(struct live *live, int64_t seconds_left)
{
	for (size_t i = 0; i < sizeof(warnings) / sizeof(*warnings); i++)
		if (seconds_left > warnings[i]) {
			live->limit_left = warnings[i];
			start(live, &live->talk_limit, seconds_left - warnings[i], on_talk_limit);
			return;
		}
	live->limit_left = 0;
	start(live, &live->talk_limit, seconds_left, on_talk_limit);
}

static void on_talk_limit(evutil_socket_t fd, short what, void *arg)
{
	struct live *live = arg;
	(void)fd;
	(void)what;

	if (!live->limit_left) {
		live_hang_up(live, CAUSE_TIME_LIMIT, 0);
		return;
	}
	session_notice(live->session, "warning", "call %lld ends in %lld %s: %lld h are the limit", (long long)live->id,
		(long long)live->limit_left / 60, live->limit_left > 60 ? "minutes" : "minute",
		(long long)live->talk_seconds / 3600);
	wait_for_limit(live, live->limit_left);
}

int64_t live_ends_at(const struct live *live)
{
	int64_t seconds = live->talk_seconds;

	if (live->hangup_after && (!seconds || live->hangup_after < seconds))
		seconds = live->hangup_after;
	return live->answered_ms && seconds ? live->answered_ms + seconds * 1000 : 0;
}

static void on_hangup_time(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	live_hang_up(arg, CAUSE_AGENT_HANGUP, 0);
}

void live_watch_dialing(struct live *live)
{
	start(live, &live->no_response, NO_RESPONSE_SECONDS, on_no_response);
	start(live, &live->ring_limit, live->ring_seconds, on_ring_limit);
}

void live_watch_ringing(struct live *live)
{
	start(live, &live->ring_limit, live->ring_seconds, on_ring_limit);
}

void live_heard_of(struct live *live)
{
	stop(&live->no_response);
}

void live_watch_talk(struct live *live)
{
	stop(&live->no_response);
	stop(&live->ring_limit);
	if (live->talk_seconds)
		wait_for_limit(live, live->talk_seconds);
	if (live->hangup_after)
		start(live, &live->hangup_timer, live->hangup_after, on_hangup_time);
}

void live_unwatch(struct live *live)
{
	stop(&live->no_response);
	stop(&live->ring_limit);
	stop(&live->talk_limit);
	stop(&live->hangup_timer);
}
