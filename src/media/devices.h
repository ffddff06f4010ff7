/* devices.h - the sound cards of this machine, by their ALSA names. */
#pragma once
#include <jansson.h>

/* An array of {name, text, capture, playback}; the first is "auto", the last "none".  May take long: it asks the
 * cards. */
json_t *devices_list(void);
