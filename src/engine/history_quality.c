/* history_quality.c - history.quality: how the calls of each day sounded, by station. */
#include <stdio.h>
#include "../base/clock.h"
#include "../base/tz.h"
#include "../db/sql_quality.h"
#include "nouns.h"
#include "quality.h"

enum { ROWS_MAX = 1000, ROWS_PRESET = 100, DAY_MS = 86400000 };

/* Where the list stands.  An item's id is its day (since 1970) and its station's id: days go up, and stations within a
 * day. */
struct summary {
	struct request *request;
	struct tz *tz;
	struct arg station, user;
	int64_t since, until;               /* UTC ms */
	int64_t day, limit, last_id;
	json_t *items;
	bool more;
};

static int64_t id_make(int64_t day, int64_t station_id)
{
	return day << 32 | (station_id & 0xffffffff);
}

/* The first instant of a day of the zone.  The days of zones differ by less than two from those of UTC. */
static int64_t day_start(const struct tz *tz, int64_t day)
{
	int64_t before = (day - 2) * DAY_MS, start = (day + 2) * DAY_MS;

	while (start - before > 1) {
		const int64_t middle = before + (start - before) / 2;
		struct local_time local;

		tz_local(tz, middle, &local);
		if (local.day_number < day)
			before = middle;
		else
			start = middle;
	}
	return start;
}

static int64_t ratio(const struct row *row, int sum, int count)
{
	return row_int(row, count) > 0 && !row_null(row, sum) ? row_int(row, sum) / row_int(row, count) : -1;
}

static int add_station(const struct row *row, void *arg)
{
	struct summary *s = arg;
	const struct quality_figures figures = {.mos_x100 = ratio(row, DAY_MOS_SUM, DAY_MOS_CALLS),
		.mos_low_x100 = row_null(row, DAY_MOS_LOW) ? -1 : row_int(row, DAY_MOS_LOW),
		.loss_ppm = ratio(row, DAY_LOSS_SUM, DAY_LOSS_PACKETS),
		.loss_out_ppm = -1,
		.jitter_us = ratio(row, DAY_JITTER_SUM, DAY_JITTER_CALLS),
		.rtt_us = ratio(row, DAY_RTT_SUM, DAY_RTT_CALLS)};
	int year, month, day;
	char date[32];
	json_t *item;

	if ((int64_t)json_array_size(s->items) == s->limit) {
		s->more = true;
		return 1;
	}
	s->last_id = id_make(s->day, row_int(row, DAY_STATION_ID));
	civil_from_days(s->day, &year, &month, &day);
	snprintf(date, sizeof(date), "%04d-%02d-%02d", year, month, day);
	item = json_pack("{s:I, s:s, s:s, s:I}", "id", (json_int_t)s->last_id, "day", date, "station",
		row_text(row, DAY_STATION), "calls", (json_int_t)row_int(row, DAY_CALLS));
	json_t *sound = quality_json(&figures);
	json_object_del(sound, "loss_out_pct");
	json_object_del(sound, "one_way");
	json_object_update(item, sound);
	json_decref(sound);
	json_object_set_new(item, "one_way_calls", json_integer(row_int(row, DAY_ONE_WAY)));
	return json_array_append_new(s->items, item);
}

static int take_time(const struct row *row, void *arg)
{
	*(int64_t *)arg = row_int(row, 0);
	return 1;
}

/* The next day that has calls, from `from` on, behind that station where the list goes on within it.  1, 0 at the end.
 */
static int add_day(struct summary *s, int64_t *from, int64_t after_day, int64_t after_station)
{
	struct request *request = s->request;
	struct local_time local;
	int64_t at, end;
	int found = db_each(request->engine->db, &sql_quality_next,
		ARGS(a_int(request->tenant_id), s->station, s->user, a_int(*from), a_int(s->until)), take_time, &at,
		&request->err);

	if (found <= 0)
		return found;
	tz_local(s->tz, at, &local);
	s->day = local.day_number;
	end = day_start(s->tz, s->day + 1);
	found = db_each(request->engine->db, &sql_quality_day,
		ARGS(a_int(request->tenant_id), s->station, s->user, a_int(*from),
			a_int(end < s->until ? end : s->until), a_int(s->day == after_day ? after_station : 0)),
		add_station, s, &request->err);
	*from = end;
	return found < 0 ? found : 1;
}

static int read_filters(struct summary *s)
{
	struct request *request = s->request;
	const char *station = param_text(request, "station"), *login = param_text(request, "user");
	struct arg since, until;
	int64_t id = 0;

	if (!arg_param_time(request, "since", &since) || !arg_param_time(request, "until", &until))
		return ERR_INVALID;
	s->since = since.kind == ARG_NULL ? 0 : since.i;
	s->until = until.kind == ARG_NULL ? INT64_MAX : until.i;
	s->station = s->user = a_null();
	if (station && (id = station_by_name(request->engine, request->tenant_id, station, &request->err)) > 0)
		s->station = a_int(id);
	if (id >= 0 && login && (id = user_by_login(request->engine, request->tenant_id, login, &request->err)) > 0)
		s->user = a_int(id);
	return id < 0 ? (int)id : 0;
}

int history_quality(struct request *request)
{
	const int64_t after = param_int(request, "after", 0), after_day = after >> 32;
	struct summary s = {
		.request = request, .limit = param_int(request, "limit", ROWS_PRESET), .items = json_array()};
	struct tenant tenant;
	int64_t from;
	int more = 1, status = read_filters(&s);

	if (s.limit <= 0 || s.limit > ROWS_MAX)
		s.limit = ROWS_MAX;
	if (!status)
		status = tenant_load(request->engine, request->tenant_id, &tenant, &request->err);
	if (!status)
		status = tz_open(&s.tz, tenant.timezone, &request->err);
	from = s.since;
	if (!status && after && day_start(s.tz, after_day) > from)
		from = day_start(s.tz, after_day);
	while (!status && more > 0 && !s.more)
		more = add_day(&s, &from, after_day, after & 0xffffffff);
	tz_free(s.tz);
	if (!status && more < 0)
		status = more;
	if (status < 0) {
		json_decref(s.items);
		return status;
	}
	request->result =
		json_pack("{s:o, s:o}", "items", s.items, "next", s.more ? json_integer(s.last_id) : json_null());
	return 0;
}
