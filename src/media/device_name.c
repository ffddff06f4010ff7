/* device_name.c - which sound devices agents may name.  Pure. */
#include <string.h>
#include "device.h"

static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char DIGITS[] = "0123456789";

/* Takes letters, digits, '_', '-' and '.'; at least one. */
static bool take_word(const char **at)
{
	size_t n = 0;

	while ((*at)[n] && (strchr(LETTERS, (*at)[n]) || strchr(DIGITS, (*at)[n]) || strchr("_-.", (*at)[n])))
		n++;
	*at += n;
	return n;
}

/* The number or the name of a card, then perhaps the number of its device: "0", "1,0", "CARD=USB,DEV=0". */
static bool is_card(const char *at)
{
	if (!strncmp(at, "CARD=", 5))
		at += 5;
	if (!take_word(&at))
		return false;
	if (!*at)
		return true;
	if (*at++ != ',')
		return false;
	if (!strncmp(at, "DEV=", 4))
		at += 4;
	return *at && !at[strspn(at, DIGITS)];
}

bool device_name_valid(const char *name)
{
	static const char *const kinds[] = {"hw", "plughw", "sysdefault", "default", "front", "dmix", "dsnoop", "hdmi",
		"iec958"};
	const char *at = name;
	size_t len;

	if (strlen(name) >= DEVICE_NAME_SIZE || !take_word(&at))
		return false;
	len = (size_t)(at - name);
	if (!*at)
		return true;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (len == strlen(kinds[i]) && !strncmp(name, kinds[i], len))
			return *at == ':' && is_card(at + 1);
	return false;
}
