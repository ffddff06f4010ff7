/*
 * place.h - in which time zones a called person may be, by what is known of him.
 *
 * An area code tells where a number was given out, not where its owner is (numbers move with people), and many area codes
 * and states lie in two zones.  So these are candidates, and a call must be convenient in every one (12 CFR 1006.6(b)(1),
 * 47 CFR 64.1200(c)(1)).
 */
#pragma once
#include <stddef.h>

enum { PLACE_ZONES_MAX = 8 };

/* Names of the tz database; one name stands for all zones that keep the same clock there.  How many, 0: nobody knows, as
 * for toll-free numbers, new area codes and countries other than those of country code 1. */
size_t place_of_number(const char *e164, const char *zones[PLACE_ZONES_MAX]);
/* By the postal code of a state, province or territory, in either case; 0 for one that has no place (AA, AE, AP). */
size_t place_of_state(const char *state, const char *zones[PLACE_ZONES_MAX]);
