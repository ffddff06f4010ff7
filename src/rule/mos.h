/*
 * mos.h - how a call sounds, as a figure: the E-model.
 *
 * ITU-T G.107 (06/2015) for calls of telephone bandwidth and G.107.1 (06/2019) for wider ones give a rating R from
 * delay and loss; Annex B of G.107 turns it into a mean opinion score.  Parameters that nobody measures have the
 * Recommendations' default values.  A wideband call is rated on the wideband scale: its score says how it sounds for a
 * wideband call (P.800.1: MOS-CQEW, the other being MOS-CQEN), so that scores of different codecs are not compared.
 */
#pragma once
#include <stdbool.h>

/* What a codec costs, by ITU-T G.113. */
struct mos_codec {
	const char *name;           /* as in SDP, without its clock: "PCMU" */
	bool wide;                  /* on the scale of G.107.1 */
	double impairment;          /* Ie, or Ie,wb */
	double robustness;          /* Bpl, or Bpl,wb: how well it takes the loss of packets */
};

/* The codec of "PCMU/8000/1"; NULL for one without values. */
const struct mos_codec *mos_codec_find(const char *name);

struct mos_path {
	double loss_pct;            /* packets that did not come, 0 to 100 */
	double burst;            /* BurstR: 1 where losses are independent, more where they come together; below 1: 1 */
	double delay_ms;            /* from mouth to ear, one way */
};

/* R: 0 (nobody would bear it) to 93.2, wideband to 129. */
double mos_rating(const struct mos_codec *, const struct mos_path *);
/* The score for a rating of the narrowband scale: 1 to 4.5 (G.107 Annex B). */
double mos_of_rating(double rating);
/* Both at once, in hundredths: 100 to 450. */
int    mos_x100(const struct mos_codec *, const struct mos_path *);
