/*
 * quality.h - how a call sounds, while it is up and afterwards.
 *
 * Loss and jitter of what we receive are counted from the packets themselves; the round trip, and what of ours is lost
 * on its way, are only known from the far end's RTCP (RFC 3550 section 6.4).  What is not known is null everywhere,
 * never 0.
 */
#pragma once
#include <jansson.h>
#include "session.h"

/* What is known of a stretch of a call, or of all of it; -1: not known. */
struct quality_figures {
	int64_t mos_x100, mos_low_x100;
	int64_t loss_ppm, loss_out_ppm;
	int64_t jitter_us, rtt_us;
	bool one_way;               /* for some time nothing was received */
};

/* {mos, mos_low, loss_pct, loss_out_pct, jitter_ms, rtt_ms, one_way} */
json_t *quality_json(const struct quality_figures *);

/* Watches a call that is up from now on; codec as in SDP, "PCMU/8000/1". */
void quality_start(struct live *, const char *codec);
/* The directions of its sound have changed: the module's event "media". */
void quality_media(struct live *, const json_t *message);
/* SDP names this codec now.  True where it is another than before: the scores go on with its values, and begin anew
 * where it is on the other scale (mos.h), so that they belong to the codec that the row names. */
bool quality_codec(struct live *, const char *codec);
/* It is over: nothing is counted any more. */
void quality_stop(struct live *);
/* Its row, for a call that was up, beside the end of the call's own.  Safe to call again. */
int  quality_write(const struct live *, struct err *);
void quality_free(struct live *);
/* The figures of the last few seconds of a call that is up; NULL before there are any. */
json_t *quality_now(const struct live *);
