/* sql_quality.c - how calls sounded: one row a call, and its sums by day and station. */
#include "sql_quality.h"

/* A row that is there already stays: its call's end may be written a second time. */
const struct stmt sql_quality_insert = {
	"quality.insert",
	"INSERT INTO softphone_quality (tenant_id, call_id, station_id, at, mos_x100, mos_low_x100, loss_ppm,"
	" loss_out_ppm, jitter_us, rtt_us, packets_in, packets_out, one_way)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (call_id) DO NOTHING",
	{{0}},
};

const struct stmt sql_quality_get = {
	"quality.get",
	"SELECT mos_x100, mos_low_x100, loss_ppm, loss_out_ppm, jitter_us, rtt_us, one_way FROM softphone_quality"
	" WHERE tenant_id = $1 AND call_id = $2",
	{{"mos", COL_INT}, {"mos_low", COL_INT}, {"loss", COL_INT}, {"loss_out", COL_INT}, {"jitter", COL_INT},
	 {"rtt", COL_INT}, {"one_way", COL_BOOL}},
};

#define OF_WHOM \
	" WHERE q.tenant_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR q.station_id = $2)" \
	" AND (CAST($3 AS BIGINT) IS NULL OR c.user_id = $3)"

const struct stmt sql_quality_next = {
	"quality.next",
	"SELECT q.at FROM softphone_quality q JOIN softphone_call_logs c ON c.id = q.call_id"
	OF_WHOM " AND q.at >= $4 AND (CAST($5 AS BIGINT) IS NULL OR q.at < $5) ORDER BY q.at LIMIT 1",
	{{"at", COL_TIME}},
};

const struct stmt sql_quality_day = {
	"quality.day",
	"SELECT s.id, s.name, COUNT(*), CAST(SUM(q.mos_x100) AS BIGINT), COUNT(q.mos_x100), MIN(q.mos_low_x100),"
	" CAST(SUM(q.loss_ppm * q.packets_in) AS BIGINT),"
	" CAST(SUM(CASE WHEN q.loss_ppm IS NULL THEN 0 ELSE q.packets_in END) AS BIGINT),"
	" CAST(SUM(q.jitter_us) AS BIGINT), COUNT(q.jitter_us), CAST(SUM(q.rtt_us) AS BIGINT), COUNT(q.rtt_us),"
	" CAST(SUM(q.one_way) AS BIGINT)"
	" FROM softphone_quality q JOIN softphone_call_logs c ON c.id = q.call_id"
	" JOIN softphone_stations s ON s.id = q.station_id"
	OF_WHOM " AND q.at >= $4 AND q.at < $5 AND s.id > $6 GROUP BY s.id, s.name ORDER BY s.id",
	{{"station_id", COL_INT}, {"station", COL_TEXT}, {"calls", COL_INT}, {"mos_sum", COL_INT},
	 {"mos_calls", COL_INT}, {"mos_low", COL_INT}, {"loss_sum", COL_INT}, {"loss_packets", COL_INT},
	 {"jitter_sum", COL_INT}, {"jitter_calls", COL_INT}, {"rtt_sum", COL_INT}, {"rtt_calls", COL_INT},
	 {"one_way", COL_INT}},
};
