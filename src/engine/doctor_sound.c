/* doctor_sound.c - the sound cards that the settings name. */
#include <stdio.h>
#include <string.h>
#include "../base/conf.h"
#include "doctor.h"
#include "sound.h"

static const char plug_in[] = "Plug a headset in, choose another with spctl sound use, or set sound.device = none "
			      "where none is wanted.";

static bool has_device(const json_t *items, const char *name)
{
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
		if (!strcmp(json_string_value(json_object_get(item, "name")), name))
			return true;
	return false;
}

/* "auto" is in the list whether there is a card or not. */
static bool has_card(const json_t *items)
{
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
		if (strcmp(json_string_value(json_object_get(item, "name")), "auto") &&
		    json_is_true(json_object_get(item, "capture")) && json_is_true(json_object_get(item, "playback")))
			return true;
	return false;
}

static void look_at(struct doctor *doctor, const json_t *items, const char *whose, const char *device)
{
	if (!strcmp(device, "none"))
		doctor_say(doctor, DOCTOR_SOUND, DOCTOR_OK, NULL, "%s uses no sound card", whose);
	else if (!strcmp(device, "auto") && !has_card(items))
		doctor_say(doctor, DOCTOR_SOUND, DOCTOR_WARNING, plug_in,
			"%s has no sound card to record and play with: calls are silent", whose);
	else if (strcmp(device, "auto") && !has_device(items, device))
		doctor_say(doctor, DOCTOR_SOUND, DOCTOR_WARNING, plug_in,
			"%s uses the sound card %s, which is not there: calls are silent", whose, device);
	else
		doctor_say(doctor, DOCTOR_SOUND, DOCTOR_OK, NULL, "%s uses the sound card %s", whose, device);
}

static void look_at_station(struct doctor *doctor, const struct station *station)
{
	char whose[160];

	snprintf(whose, sizeof(whose), "station %.128s", station->name);
	if (station->sound_device && *station->sound_device)
		look_at(doctor, doctor->cards, whose, station->sound_device);
}

static void on_devices(void *arg, json_t *items, const struct err *err)
{
	struct doctor *doctor = arg;

	if (items) {
		doctor->cards = items;
		look_at(doctor, items, "this machine", conf_text(doctor->engine->conf, "sound.device"));
		doctor_each_station(doctor, look_at_station);
		doctor->cards = NULL;
	} else {
		doctor_say(doctor, DOCTOR_SOUND, DOCTOR_ERROR, "Install spctl anew: spctl-media does not run.", "%s",
			err->text);
	}
	doctor_done(doctor);
}

void doctor_sound(struct doctor *doctor)
{
	struct err err = {0};

	doctor_wait(doctor);
	if (sound_devices(doctor->engine, on_devices, doctor, &err) < 0)
		on_devices(doctor, NULL, &err);
}
