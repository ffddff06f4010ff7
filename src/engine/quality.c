/* quality.c - see quality.h.  Each second the phone is asked for its counters; five make a stretch with a score. */
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_quality.h"
#include "../rule/mos.h"
#include "nouns.h"
#include "quality.h"

enum {
	TICK_SECONDS = 1,
	STRETCH_MS = 5000,
	FIRST_SOUND_MS = 5000, /* after the answer; later the tenant's one_way_seconds count */
	/* What we add ourselves from mouth to ear: a packet of 20 ms, baresip's jitter buffer, two blocks of ours. */
	OWN_DELAY_MS = 60,
	CODECS_MAX = 20,       /* changes that are followed in a call: each is written */
	UNKNOWN = -1,
};

/* The phone's counters, since the call is up; UNKNOWN where nobody could measure. */
struct counters { int64_t rx, rx_lost, tx, tx_lost, jitter_us, rtt_us; };

struct quality {
	struct live *live;
	char name[64];                      /* of the codec, as in SDP */
	unsigned changes;                   /* of the codec */
	const struct mos_codec *codec;      /* NULL: one without values in G.113, and so without scores */
	struct event *tick;
	struct counters last, begun;        /* the latest; those at the beginning of this stretch */
	int64_t begun_ms, heard_ms;         /* monotonic: of the stretch; of the last packet, or when none was due */
	int64_t patience_ms;                /* so long may nothing come, mid-call */
	bool asked;                         /* the phone owes an answer */
	bool expects;                       /* both sides say that they send and receive */
	bool silent;                        /* nothing comes, and the agent was told */
	struct quality_figures now;         /* of the last stretch */
	bool any;                           /* there was one */

	/* of all stretches so far */
	int64_t mos_sum, mos_count, mos_low;
	int64_t jitter_sum, jitter_count, rtt_sum, rtt_count;
	bool one_way;
};

/* ---- figures ---------------------------------------------------------------------------------------------------- */

static void set_figure(json_t *object, const char *name, int64_t value, double unit)
{
	json_object_set_new(object, name, value < 0 ? json_null() : json_real((double)value / unit));
}

json_t *quality_json(const struct quality_figures *f)
{
	json_t *json = json_object();

	set_figure(json, "mos", f->mos_x100, 100);
	set_figure(json, "mos_low", f->mos_low_x100, 100);
	set_figure(json, "loss_pct", f->loss_ppm < 0 ? UNKNOWN : (f->loss_ppm + 50) / 100, 100);
	set_figure(json, "loss_out_pct", f->loss_out_ppm < 0 ? UNKNOWN : (f->loss_out_ppm + 50) / 100, 100);
	set_figure(json, "jitter_ms", f->jitter_us < 0 ? UNKNOWN : (f->jitter_us + 50) / 100, 10);
	set_figure(json, "rtt_ms", f->rtt_us < 0 ? UNKNOWN : (f->rtt_us + 50) / 100, 10);
	json_object_set_new(json, "one_way", json_boolean(f->one_way));
	return json;
}

/* Of so many that should have come; UNKNOWN when none should. */
static int64_t loss_ppm(int64_t lost, int64_t came)
{
	if (lost < 0)
		lost = 0;                           /* duplicates count as less than none */
	return came + lost > 0 && came >= 0 ? lost * 1000000 / (came + lost) : UNKNOWN;
}

/* The score of the worse direction, as far as both are known. */
static int64_t score(const struct quality *q, const struct quality_figures *f)
{
	const int64_t rtt = f->rtt_us < 0 ? 0 : f->rtt_us, jitter = f->jitter_us < 0 ? 0 : f->jitter_us;
	const int64_t worse = f->loss_out_ppm > f->loss_ppm ? f->loss_out_ppm : f->loss_ppm;
	/* A packet that comes later than others waits for no one: the buffer grows to hold twice the jitter. */
	const struct mos_path path = {.loss_pct = (double)worse / 10000, .burst = 1,
		.delay_ms = OWN_DELAY_MS + (double)rtt / 2000 + (double)jitter / 500};

	return q->codec && f->loss_ppm >= 0 ? mos_x100(q->codec, &path) : UNKNOWN;
}

static int64_t since(int64_t now, int64_t before)
{
	return now < 0 ? UNKNOWN : before < 0 || now < before ? now : now - before;
}

/* The stretch from q->begun to q->last. */
static struct quality_figures stretch(const struct quality *q)
{
	const struct counters *a = &q->begun, *b = &q->last;
	const int64_t rx = since(b->rx, a->rx), tx = since(b->tx, a->tx);
	const int64_t lost_out = b->tx_lost < 0 ? UNKNOWN : since(b->tx_lost, a->tx_lost);
	struct quality_figures f = {.mos_low_x100 = UNKNOWN,
		.rtt_us = b->rtt_us,
		.loss_ppm = rx > 0 && b->rx_lost >= 0 ? loss_ppm(b->rx_lost - (a->rx_lost < 0 ? 0 : a->rx_lost), rx)
						      : UNKNOWN,
		.loss_out_ppm =
			lost_out >= 0 && tx > 0 ? loss_ppm(lost_out, tx > lost_out ? tx - lost_out : 0) : UNKNOWN,
		.jitter_us = rx > 0 ? b->jitter_us : UNKNOWN};

	f.mos_x100 = score(q, &f);
	return f;
}

static void add_stretch(struct quality *q)
{
	struct quality_figures *f = &q->now;

	*f = stretch(q);
	if (f->mos_x100 >= 0) {
		q->mos_sum += f->mos_x100;
		q->mos_low = !q->mos_count++ || f->mos_x100 < q->mos_low ? f->mos_x100 : q->mos_low;
	}
	if (f->jitter_us >= 0) {
		q->jitter_sum += f->jitter_us;
		q->jitter_count++;
	}
	if (f->rtt_us >= 0) {
		q->rtt_sum += f->rtt_us;
		q->rtt_count++;
	}
	f->mos_low_x100 = q->mos_count ? q->mos_low : UNKNOWN;
	f->one_way = q->one_way;
	q->any = true;
	q->begun = q->last;
	q->begun_ms = clock_mono_ms();
}

static int64_t mean(int64_t sum, int64_t count)
{
	return count ? (sum + count / 2) / count : UNKNOWN;
}

/* Of the whole call. */
static struct quality_figures whole(const struct quality *q)
{
	const struct counters *c = &q->last;

	return (struct quality_figures){.mos_x100 = mean(q->mos_sum, q->mos_count),
		.mos_low_x100 = q->mos_count ? q->mos_low : UNKNOWN,
		.loss_ppm = c->rx > 0 && c->rx_lost >= 0 ? loss_ppm(c->rx_lost, c->rx) : UNKNOWN,
		.loss_out_ppm = c->tx > 0 && c->tx_lost >= 0 ?
			loss_ppm(c->tx_lost, c->tx > c->tx_lost ? c->tx - c->tx_lost : 0) : UNKNOWN,
		.jitter_us = mean(q->jitter_sum, q->jitter_count), .rtt_us = mean(q->rtt_sum, q->rtt_count),
		.one_way = q->one_way};
}

/* ---- one-way sound ---------------------------------------------------------------------------------------------- */

/* Nobody sends to a call that is held, by us or by the far end. */
static bool expected(const struct quality *q)
{
	return q->expects && q->live->state == CALL_ACTIVE;
}

static void on_silence(struct quality *q, int64_t quiet_ms)
{
	struct live *live = q->live;

	q->silent = q->one_way = q->now.one_way = true;
	session_notice(live->session, "warning",
		"call %lld: no sound has arrived from the far end for %lld seconds; it may still hear you",
		(long long)live->id, (long long)(quiet_ms / 1000));
	live_tell(live);
}

static void watch_silence(struct quality *q, int64_t now)
{
	const int64_t patience = q->last.rx ? q->patience_ms : FIRST_SOUND_MS;

	if (!expected(q))
		q->heard_ms = now;
	else if (!q->silent && now - q->heard_ms >= patience)
		on_silence(q, now - q->heard_ms);
}

static void on_heard(struct quality *q, int64_t now)
{
	const struct live *live = q->live;

	q->heard_ms = now;
	if (q->silent)
		session_notice(
			live->session, "info", "call %lld: sound arrives from the far end again", (long long)live->id);
	q->silent = false;
}

/* ---- asking the phone ------------------------------------------------------------------------------------------- */

static int64_t counter(const json_t *answer, const char *name)
{
	const json_t *value = json_object_get(answer, name);

	return json_is_integer(value) && json_integer_value(value) >= 0 ? json_integer_value(value) : UNKNOWN;
}

static bool same(const struct quality_figures *a, const struct quality_figures *b)
{
	return a->mos_x100 == b->mos_x100 && a->mos_low_x100 == b->mos_low_x100 && a->loss_ppm == b->loss_ppm &&
	       a->loss_out_ppm == b->loss_out_ppm && a->jitter_us == b->jitter_us && a->rtt_us == b->rtt_us &&
	       a->one_way == b->one_way;
}

static void take(struct quality *q, const json_t *answer)
{
	const struct quality_figures before = q->now;
	const int64_t now = clock_mono_ms(), rx = counter(answer, "rx");
	const bool heard = rx > 0 && rx != q->last.rx;

	q->last = (struct counters){.rx = rx < 0 ? 0 : rx, .rx_lost = counter(answer, "rx_lost"),
		.tx = counter(answer, "tx"), .tx_lost = counter(answer, "tx_lost"),
		.jitter_us = counter(answer, "rx_jitter_us"), .rtt_us = counter(answer, "rtt_us")};
	if (heard)
		on_heard(q, now);
	watch_silence(q, now);
	if (now - q->begun_ms < STRETCH_MS)
		return;
	add_stretch(q);
	if (!same(&before, &q->now))
		live_tell(q->live);
}

static void on_stats(void *arg, int64_t call_id, const json_t *answer, const struct err *err)
{
	struct live *live = live_of_id(arg, call_id);

	if (!live || live->ended || !live->quality)
		return;
	live->quality->asked = false;
	if (answer)
		take(live->quality, answer);
	else
		log_debug("quality", "call %lld: %s", (long long)call_id, err->text);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct quality *q = arg;
	struct live *live = q->live;

	(void)fd;
	(void)what;
	if (!q->asked &&
		!phone_do(live->session->phone, json_pack("{s:s, s:I}", "do", "stats", "call", (json_int_t)live->order),
			on_stats, live->id, NULL))
		q->asked = true;
}

/* ---- the life of a call ----------------------------------------------------------------------------------------- */

void quality_start(struct live *live, const char *codec)
{
	static const struct timeval second = {.tv_sec = TICK_SECONDS};
	struct quality *q = live->quality;
	struct tenant tenant;

	if (q)
		return;
	if (tenant_load(live->session->engine, live->session->tenant_id, &tenant, NULL) < 0)
		tenant_presets(&tenant);
	q = live->quality = xcalloc(1, sizeof(*q));
	q->live = live;
	str_copy(q->name, sizeof(q->name), codec);
	q->codec = mos_codec_find(codec);
	q->patience_ms = tenant.one_way_seconds * 1000;
	q->expects = true;
	q->begun_ms = q->heard_ms = clock_mono_ms();
	q->last = q->begun =
		(struct counters){.rx_lost = UNKNOWN, .tx_lost = UNKNOWN, .jitter_us = UNKNOWN, .rtt_us = UNKNOWN};
	q->now = (struct quality_figures){UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, false};
	q->tick = event_new(live->session->engine->loop, -1, EV_PERSIST, on_tick, q);
	event_add(q->tick, &second);
}

static bool both_ways(const json_t *message, const char *side)
{
	const char *direction = json_string_value(json_object_get(message, side));

	return direction && !strcmp(direction, "sendrecv");
}

void quality_media(struct live *live, const json_t *message)
{
	if (live->quality)
		live->quality->expects = both_ways(message, "ours") && both_ways(message, "theirs");
}

bool quality_codec(struct live *live, const char *codec)
{
	struct quality *q = live->quality;
	const struct mos_codec *before = q ? q->codec : NULL;

	if (!q || !q->tick || !*codec || !strcmp(q->name, codec) || q->changes++ >= CODECS_MAX)
		return false;
	if (q->last.rx > q->begun.rx)               /* what came by the one before */
		add_stretch(q);
	str_copy(q->name, sizeof(q->name), codec);
	q->codec = mos_codec_find(codec);
	if (!before || !q->codec || before->wide != q->codec->wide)
		q->mos_sum = q->mos_count = q->mos_low = 0;
	return true;
}

void quality_stop(struct live *live)
{
	struct quality *q = live->quality;

	if (!q || !q->tick)
		return;
	event_free(q->tick);
	q->tick = NULL;
	if (q->last.rx > q->begun.rx)               /* what came since the last stretch */
		add_stretch(q);
}

void quality_free(struct live *live)
{
	quality_stop(live);
	free(live->quality);
	live->quality = NULL;
}

json_t *quality_now(const struct live *live)
{
	const struct quality *q = live ? live->quality : NULL;

	return q && (q->any || q->one_way) ? quality_json(&q->now) : NULL;
}

static struct arg known(int64_t value)
{
	return value < 0 ? a_null() : a_int(value);
}

int quality_write(const struct live *live, struct err *err)
{
	const struct quality *q = live->quality;
	const struct session *session = live->session;
	struct quality_figures f;

	if (!q)
		return 0;
	f = whole(q);
	return db_run(session->engine->db, &sql_quality_insert,
		ARGS(a_int(session->tenant_id), a_int(live->id), a_int(session->station_id), a_int(live->answered_ms),
			known(f.mos_x100), known(f.mos_low_x100), known(f.loss_ppm), known(f.loss_out_ppm),
			known(f.jitter_us), known(f.rtt_us), known(q->last.rx), known(q->last.tx), a_int(f.one_way)),
		err);
}
