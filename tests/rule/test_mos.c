/* The E-model, against what ITU-T has published: G.107's default rating, Annex B's scores, G.113's loss figures. */
#include "../lib/unit.h"
#include <math.h>
#include "../../src/rule/mos.h"

static bool within_of(double got, double wanted, double by)
{
	return fabs(got - wanted) <= by;
}

/* G.107 7.7: with every parameter at its default the rating is 93.2. */
static void defaults(void **state)
{
	(void)state;
	const struct mos_path perfect = {0, 1, 0};
	assert_true(within_of(mos_rating(mos_codec_find("PCMU/8000/1"), &perfect), 93.2, 0.05));
	assert_int_equal(mos_x100(mos_codec_find("PCMU/8000/1"), &perfect), 441);
	assert_true(within_of(mos_rating(mos_codec_find("PCMA/8000/1"), &perfect), 93.2, 0.05));
	assert_true(within_of(mos_rating(mos_codec_find("G722/16000/1"), &perfect), 129 - 13, 0.01));
}

/* G.107 Table B.1: where each class of satisfaction begins. */
static void scores(void **state)
{
	(void)state;
	static const struct { double rating, score; } table[] = {
		{90, 4.34}, {80, 4.03}, {70, 3.60}, {60, 3.10}, {50, 2.58}, {0, 1}, {-10, 1}, {100, 4.5}, {130, 4.5},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		UNIT_CASE(within_of(mos_of_rating(table[i].rating), table[i].score, 0.0065), "R %g gives %g, not %g",
			table[i].rating, mos_of_rating(table[i].rating), table[i].score);
}

/* G.113 Table I.2, planning values for the loss of single packets: G.711 with concealment (Bpl 25.1). */
static void losses(void **state)
{
	(void)state;
	static const struct {
		double loss, impairment;
	} table[] = {{0, 0}, {1, 5}, {2, 7}, {3, 10}, {5, 15}, {7, 20}, {10, 25}};
	const struct mos_codec concealed = {"x", false, 0, 25.1};
	const struct mos_path none = {0, 1, 0};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct mos_path path = {table[i].loss, 1, 0};
		const double lost = mos_rating(&concealed, &none) - mos_rating(&concealed, &path);
		UNIT_CASE(within_of(lost, table[i].impairment, 2.1), "%g %% cost %g, not %g", table[i].loss, lost,
			table[i].impairment);
	}
	/* G.729A with voice activity detection: Ie 11, Bpl 19; its rating without loss is 82. */
	const struct mos_codec g729a = {"G729", false, 11, 19};
	assert_true(within_of(mos_rating(&g729a, &none), 82.2, 0.05));
}

/* G.114 (05/2003) 1: up to 150 ms hardly anybody minds, 400 ms are too much. */
static void delays(void **state)
{
	(void)state;
	const struct mos_codec *codec = mos_codec_find("PCMU");
	const struct mos_path ms150 = {0, 1, 150}, ms400 = {0, 1, 400};
	assert_true(mos_of_rating(mos_rating(codec, &ms150)) > 4.3);
	assert_true(mos_rating(codec, &ms400) < 70);
}

/* Whatever becomes worse never gives a better score, and nothing leaves the scale. */
static void steady(void **state)
{
	(void)state;
	static const char *const names[] = {"PCMU/8000/1", "G722/16000/1", "opus/48000/2"};
	for (size_t i = 0; i < 3; i++)
		for (double ms = 0; ms <= 1000; ms += 10) {
			int before = 451;
			for (double loss = 0; loss <= 100; loss += 0.5) {
				const struct mos_path path = {loss, 1, ms};
				const struct mos_path later = {loss, 1, ms + 10}, burst = {loss, 2, ms};
				const struct mos_codec *codec = mos_codec_find(names[i]);
				const int score = mos_x100(codec, &path);
				UNIT_CASE(score <= before && score >= 100, "%s, %g %%, %g ms: %d after %d", names[i],
					loss, ms, score, before);
				assert_true(mos_x100(codec, &later) <= score);
				assert_true(mos_x100(codec, &burst) <= score);
				before = score;
			}
		}
}

static void odd(void **state)
{
	(void)state;
	const struct mos_path odd = {NAN, NAN, NAN}, beyond = {1e300, -1, -5}, endless = {0, INFINITY, INFINITY};
	const struct mos_codec *codec = mos_codec_find("pcmu/8000");
	assert_int_equal(mos_x100(codec, &odd), 441);
	assert_int_equal(mos_x100(codec, &beyond), 118);             /* all is lost */
	assert_in_range(mos_x100(codec, &endless), 100, 150);        /* delay alone never costs more than 50 */
	assert_null(mos_codec_find(""));
	assert_null(mos_codec_find("PCM"));
	assert_null(mos_codec_find("PCMUX/8000"));
	assert_null(mos_codec_find("iLBC/8000"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(scores),
		cmocka_unit_test(losses),
		cmocka_unit_test(delays),
		cmocka_unit_test(steady),
		cmocka_unit_test(odd),
	};
	return UNIT_RUN(tests);
}
