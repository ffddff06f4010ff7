/* sql_quality.h - how calls sounded (engine/quality.c, history.c, history_quality.c). */
#pragma once
#include "db.h"

/* Scores are in hundredths, losses in millionths, times in microseconds. */
extern const struct stmt
	/* tenant, call, station, at, mos, mos_low, loss, loss_out, jitter, rtt, packets_in, packets_out, one_way */
	sql_quality_insert,
	sql_quality_get,            /* tenant, call */
	sql_quality_next,           /* tenant, station, user (each or NULL), since, until or NULL: when the first was */
	sql_quality_day;            /* tenant, station, user (each or NULL), since, until, after: a row a station */

/* Of sql_quality_get. */
enum quality_column {
	QUALITY_MOS, QUALITY_MOS_LOW, QUALITY_LOSS, QUALITY_LOSS_OUT, QUALITY_JITTER, QUALITY_RTT, QUALITY_ONE_WAY,
	QUALITY_COLUMNS
};
/* Of sql_quality_day: sums with the number of calls or packets that they are made of. */
enum quality_day_column {
	DAY_STATION_ID, DAY_STATION, DAY_CALLS, DAY_MOS_SUM, DAY_MOS_CALLS, DAY_MOS_LOW, DAY_LOSS_SUM, DAY_LOSS_PACKETS,
	DAY_JITTER_SUM, DAY_JITTER_CALLS, DAY_RTT_SUM, DAY_RTT_CALLS, DAY_ONE_WAY
};
