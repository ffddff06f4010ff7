/* mos.c - the E-model: G.107's formulas in its order, with its letters. */
#include "mos.h"
#include <math.h>
#include <string.h>
#include <strings.h>

/*
 * G.113 Appendix I: G.711 whose losses are concealed, as the guard does (module/guard_jbuf.c), and as is taken for
 * granted of the far end, has Ie 0 and Bpl 25.1.  G.113 Appendix IV: G.722 at 64 kbit/s has Ie,wb 13.  For our way of
 * concealing it there is no Bpl, and not every far end conceals it: it has that of G.711 without, 4.3.  Opus has no
 * values in G.113: those of AMR-WB at 23.05 kbit/s stand in for it, the codec there that is nearest in rate and
 * bandwidth, with the robustness of G.711 with concealment, as libopus conceals.
 */
static const struct mos_codec codecs[] = {
	{"PCMU", false, 0, 25.1},
	{"PCMA", false, 0, 25.1},
	{"G722", true, 13, 4.3},
	{"opus", true, 1, 25.1},
};

const struct mos_codec *mos_codec_find(const char *name)
{
	const size_t len = strcspn(name, "/");

	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (len == strlen(codecs[i].name) && !strncasecmp(name, codecs[i].name, len))
			return &codecs[i];
	return NULL;
}

/* ---- G.107's default values (table 2) --------------------------------------------------------------------------- */

static const double
	SLR = 8, RLR = 2,           /* loudness ratings of sending and receiving, dB */
	STMR = 15, LSTR = 18,       /* masking of sidetone and its loudness for the room, dB */
	Ds = 3,                     /* of the telephone at the sending side */
	TELR = 65, WEPL = 110,      /* talker's echo and the echo path's loss, dB */
	qdu = 1,                    /* quantizing distortion units */
	Nc = -70, Nfor = -64,       /* noise of the circuit and of the receiver, dBm0p and dBmp */
	Ps = 35, Pr = 35,           /* noise of both rooms, dB(A) */
	mT = 100, sT = 1;           /* the delay that is just noticed in ms, and how sensitive people are to it */

static double power(double decibel)
{
	return pow(10, decibel / 10);
}

/* No: all noise, as if it came in at one point (7.2). */
static double noise(void)
{
	const double OLR = SLR + RLR;
	const double Nos = Ps - SLR - Ds - 100 + 0.004 * pow(Ps - OLR - Ds - 14, 2);
	const double Pre = Pr + 10 * log10(1 + power(10 - LSTR));
	const double Nor = RLR - 121 + Pre + 0.008 * pow(Pre - 35, 2);
	const double Nfo = Nfor + RLR;

	return 10 * log10(power(Nc) + power(Nos) + power(Nor) + power(Nfo));
}

/* Is: what comes together with the voice: loudness, sidetone, quantizing (7.3). */
static double simultaneous(double No, double Ro)
{
	const double Xolr = SLR + RLR + 0.2 * (64 + No - RLR);
	const double Iolr = 20 * (pow(1 + pow(Xolr / 8, 8), 1.0 / 8) - Xolr / 8);
	const double STMRo = -10 * log10(power(-STMR) + exp(0) * power(-TELR));         /* with T = 0 */
	const double Ist = 12 * pow(1 + pow((STMRo - 13) / 6, 8), 1.0 / 8) -
		28 * pow(1 + pow((STMRo + 1) / 19.4, 35), 1.0 / 35) -
		13 * pow(1 + pow((STMRo - 3) / 33, 13), 1.0 / 13) + 29;
	const double Q = 37 - 15 * log10(qdu);
	const double G = 1.07 + 0.258 * Q + 0.0602 * Q * Q;
	const double Y = (Ro - 100) / 15 + 46 / 8.4 - G / 9;
	const double Z = 46.0 / 30 - G / 40;
	const double Iq = 15 * log10(1 + pow(10, Y) + pow(10, Z));

	return Iolr + Ist + Iq;
}

/* Idd: the mere delay, which hinders taking turns (7.4). */
static double delay_alone(double Ta)
{
	double X;

	if (Ta <= mT)
		return 0;
	X = log10(Ta / mT) / log10(2);
	return 25 * (pow(1 + pow(X, 6 * sT), 1 / (6 * sT)) - 3 * pow(1 + pow(X / 3, 6 * sT), 1 / (6 * sT)) + 2);
}

/* Id: echo of the talker, of the listener, and delay (7.4).  The echo path is as long as the way there and back. */
static double delayed(double No, double Ro, double Ta)
{
	const double Roe = -1.5 * (No - RLR);
	const double TERV = TELR - 40 * log10((1 + Ta / 10) / (1 + Ta / 150)) + 6 * exp(-0.3 * Ta * Ta);
	const double Re = 80 + 2.5 * (TERV - 14);
	const double Idte = ((Roe - Re) / 2 + sqrt(pow(Roe - Re, 2) / 4 + 100) - 1) * (1 - exp(-Ta));
	const double Rle = 10.5 * (WEPL + 7) * pow(2 * Ta + 1, -0.25);
	const double Idle = (Ro - Rle) / 2 + sqrt(pow(Ro - Rle, 2) / 4 + 169);

	return Idte + Idle + delay_alone(Ta);
}

/* Ie,eff: the codec and what is lost (7.5). */
static double equipment(const struct mos_codec *codec, double Ppl, double BurstR)
{
	return codec->impairment + (95 - codec->impairment) * Ppl / (Ppl / BurstR + codec->robustness);
}

static double within(double value, double least, double most)
{
	return !(value > least) ? least : value > most ? most : value;          /* a NaN becomes the least */
}

enum { RATING_MAX_WIDE = 129, DELAY_MAX_MS = 10000 };
static const double wide_scale = 1.29;      /* G.107.1 Annex A: the score is that of R / 1.29 */

double mos_rating(const struct mos_codec *codec, const struct mos_path *path)
{
	const double Ta = within(path->delay_ms, 0, DELAY_MAX_MS), Ppl = within(path->loss_pct, 0, 100);
	const double Ie_eff = equipment(codec, Ppl, within(path->burst, 1, 1000));
	const double No = noise(), Ro = 15 - 1.5 * (SLR + No);

	if (codec->wide)            /* G.107.1: with defaults Ro is 129 and Is 0 */
		return within(RATING_MAX_WIDE - delay_alone(Ta) - Ie_eff, 0, RATING_MAX_WIDE);
	return within(Ro - simultaneous(No, Ro) - delayed(No, Ro, Ta) - Ie_eff, 0, 100);
}

double mos_of_rating(double R)
{
	if (!(R > 0))
		return 1;
	if (R >= 100)
		return 4.5;
	return within(1 + 0.035 * R + R * (R - 60) * (100 - R) * 7e-6, 1, 4.5);
}

int mos_x100(const struct mos_codec *codec, const struct mos_path *path)
{
	const double rating = mos_rating(codec, path);

	return (int)lround(100 * mos_of_rating(codec->wide ? rating / wide_scale : rating));
}
