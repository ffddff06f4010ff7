/* devices.c - the sound cards of this machine. */
#include <alsa/asoundlib.h>
#include <stdlib.h>
#include <string.h>
#include "device.h"
#include "devices.h"

/* ALSA's list has many names for one card: of these, those that take any rate and mix where the card cannot. */
static bool worth_listing(const char *name)
{
	static const char *const of_cards[] = {"sysdefault:", "plughw:"};
	static const char *const never[] = {"null", "default", "jack", "oss", "lavrate", "samplerate", "speexrate",
					    "speex", "upmix", "vdownmix", "usbstream", "dmix", "dsnoop", "spctl"};

	for (size_t i = 0; i < sizeof(of_cards) / sizeof(*of_cards); i++)
		if (!strncmp(name, of_cards[i], strlen(of_cards[i])))
			return true;
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		if (!strcmp(name, never[i]))
			return false;
	return device_name_valid(name) && !strchr(name, ':');
}

static void add(json_t *items, const char *name, const char *text, bool capture, bool playback)
{
	json_array_append_new(items, json_pack("{s:s, s:s, s:b, s:b}", "name", name, "text", text, "capture", capture,
					       "playback", playback));
}

/* A description has two lines, the card and what of it. */
static char *one_line(char *text)
{
	for (char *at = text; at && *at; at++)
		if (*at == '\n')
			*at = ' ';
	return text;
}

static void add_hint(json_t *items, const void *hint)
{
	char *name = snd_device_name_get_hint(hint, "NAME"), *io = snd_device_name_get_hint(hint, "IOID");
	char *text = one_line(snd_device_name_get_hint(hint, "DESC"));

	if (name && worth_listing(name))        /* no IOID: both directions */
		add(items, name, text ? text : name, !io || !strcmp(io, "Input"), !io || !strcmp(io, "Output"));
	free(text);
	free(io);
	free(name);
}

json_t *devices_list(void)
{
	json_t *items = json_array();
	void **hints = NULL;

	device_quiet();
	add(items, "auto", "The machine's own choice", true, true);
	if (snd_device_name_hint(-1, "pcm", &hints) >= 0) {
		for (size_t i = 0; hints[i]; i++)
			add_hint(items, hints[i]);
		snd_device_name_free_hint(hints);
	}
	add(items, "none", "No sound card: silence", false, false);
	return items;
}
