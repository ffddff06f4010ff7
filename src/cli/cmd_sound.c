/* cmd_sound.c - spctl sound. */
#include "commands.h"

static const struct item device[] = {
	{"DEVICE", NULL, "device", ITEM_REQUIRED | ITEM_SOUND, "The sound card's name, as spctl sound list has it."},
	{0},
};
static const struct item kind[] = {
	{"KIND", "tone|echo", "kind", 0,
		"A tone for a second, which is the default, or what you say for three seconds, played back."},
	{0},
};
static const struct item settings[] = {
	{"noise-suppression", "on|off", "noise_suppression", 0, "Takes noise from the microphone's sound."},
	{"gain-control", "on|off", "gain_control", 0, "Raises a quiet voice."},
	{"echo-cancellation", "on|off", "echo_cancellation", 0,
		"Takes the speaker's echo from the microphone's sound."},
	{0},
};

const struct command sound_commands[] = {
	{.verb = "list", .method = "sound.list", .help = "Lists the sound cards.", .shape = &shape_card},
	{.verb = "use", .method = "sound.use", .help = "Changes the sound card, at once.", .args = device,
	 .shape = &shape_sound, .done = "{text}"},
	{.verb = "test", .method = "sound.test", .help = "Tests the sound card.", .args = kind,
		.shape = &shape_sound_test,
	 .done = "the microphone's peak was {peak_dbfs} dB"},
	{.verb = "set", .method = "sound.set", .help = "Sets what is done to the microphone.", .options = settings,
	 .flags = COMMAND_SOME, .shape = &shape_sound, .done = "the sound of station {station} is changed"},
	{0},
};
