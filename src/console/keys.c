/* keys.c - the table of requests, and keys by name. */
#include "keys.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/str.h"
#include "../base/utf8.h"

enum { NEVER = REQ_TYPED_NEVER, LINE = REQ_LINE, ALL = PLACE_ALL, SCREENS = PLACE_SCREENS,
       PEOPLE = PLACE_HISTORY | PLACE_CUSTOMERS, FILTERED = PEOPLE | PLACE_TEAM | PLACE_AUDIT };

const struct request_info requests[REQUESTS] = {
	[REQ_NONE] = {"", "", 0, NEED_NOTHING, 0, "", ""},

	[REQ_HELP] = {"help", "F1 ?", ALL, NEED_NOTHING, LINE, "help", "Shows every key and what it does."},
	[REQ_PALETTE] = {"palette", ": Ctrl-P", ALL, NEED_NOTHING, LINE, "actions",
		"Finds any action by its name and does it."},
	[REQ_PHONE] = {"phone", "F2 Alt-1", SCREENS, NEED_NOTHING, 0, "phone", "Goes to the phone."},
	[REQ_HISTORY] = {"history", "F3 Alt-2", SCREENS, NEED_NOTHING, 0, "history", "Goes to the calls that were."},
	[REQ_CUSTOMERS] = {"customers", "F4 Alt-3", SCREENS, NEED_NOTHING, 0, "customers", "Goes to the customers."},
	[REQ_TEAM] = {"team", "F5 Alt-4", SCREENS, NEED_SUPERVISOR, 0, "team",
		"Goes to who is logged in, and in which state."},
	[REQ_AUDIT] = {"audit", "F6 Alt-5", SCREENS, NEED_SUPERVISOR, 0, "audit", "Goes to the compliance audit log."},
	[REQ_SETTINGS] = {"settings", "F7 Alt-6", SCREENS, NEED_NOTHING, 0, "settings", "Goes to the settings."},
	[REQ_NEXT_SCREEN] = {"next-screen", "Tab", SCREENS, NEED_NOTHING, 0, "next", "Goes to the next screen."},
	[REQ_BACK] = {"back", "Esc", ALL, NEED_NOTHING, 0, "back", "Closes what is on top, or goes to the phone."},
	[REQ_PAUSE] = {"pause", "Ctrl-B", SCREENS, NEED_SESSION, LINE, "pause", "Takes a break, or ends it."},
	[REQ_LOGOUT] = {"logout", "Ctrl-O", SCREENS, NEED_SESSION, 0, "log out", "Logs out of the station."},
	[REQ_LOGIN] = {"login", "Ctrl-G", SCREENS, NEED_NO_SESSION, LINE, "log in", "Logs in at a station."},
	[REQ_REDRAW] = {"redraw", "Ctrl-L", ALL, NEED_NOTHING, 0, "redraw", "Draws the screen anew."},
	[REQ_SUSPEND] = {"suspend", "Ctrl-Z", ALL, NEED_NOTHING, 0, "suspend", "Gives the terminal back; fg returns."},
	[REQ_QUIT] = {"quit", "Ctrl-Q Ctrl-C", ALL, NEED_NOTHING, LINE, "leave", "Leaves the console; a call goes on."},

	[REQ_ANSWER] = {"answer", "F12 a Enter", PLACE_INCOMING, NEED_RINGING, LINE, "answer",
		"Answers the call that comes in."},
	[REQ_REJECT] = {"reject", "r", PLACE_INCOMING, NEED_RINGING, LINE, "reject",
		"Refuses the call that comes in, as busy."},
	[REQ_VOICEMAIL] = {"voicemail", "v", PLACE_INCOMING, NEED_VOICEMAIL, LINE, "voicemail",
		"Sends the call that comes in to the voicemail."},
	[REQ_OTHER] = {"other", "Tab", PLACE_INCOMING, NEED_RINGING, 0, "other",
		"Shows the next of several calls that come in."},
	[REQ_HANGUP] = {"hangup", "F10 Ctrl-X", ALL, NEED_CALL, NEVER | LINE, "hang up", "Ends the call."},
	[REQ_HOLD] = {"hold", "F8 Ctrl-T", ALL, NEED_CALL_UP, NEVER | LINE, "hold",
		"Puts the call on hold, or takes it back."},
	[REQ_MUTE] = {"mute", "F9 Ctrl-V", ALL, NEED_CALL_UP, NEVER | LINE, "mute",
		"Sends silence for the microphone, or ends that."},
	[REQ_SWAP] = {"swap", "Ctrl-S Alt-s", SCREENS, NEED_OTHER, NEVER | LINE, "swap",
		"Talks on the other call; the active one goes on hold."},
	[REQ_DTMF] = {"digits", "F11 Ctrl-D", SCREENS, NEED_CALL_ACTIVE, LINE, "digits",
		"Opens the keypad, to send digits into the call."},
	[REQ_TRANSFER] = {"transfer", "Alt-t Ctrl-F", SCREENS, NEED_CALL_UP, NEVER | LINE, "transfer",
		"Gives the call to somebody else."},
	[REQ_CONFERENCE] = {"conference", "Alt-c Ctrl-N", SCREENS, NEED_CALL_UP, NEVER | LINE, "add",
		"Takes somebody into the call, or shows who is in it."},
	[REQ_RECORD] = {"record", "Alt-r", ALL, NEED_RECORDING, NEVER | LINE, "recording",
		"Pauses the recording, as for a card's number, or goes on with it."},
	[REQ_DND] = {"do-not-disturb", "Alt-n", SCREENS, NEED_SESSION, 0, "no calls",
		"Lets callers hear busy, or no longer."},

	[REQ_DIAL] = {"dial", "Enter", PLACE_PHONE, NEED_SESSION, LINE, "dial",
		"Dials what was typed; with nothing typed, takes up the marked call."},
	[REQ_CLEAR] = {"clear", "Ctrl-U", PLACE_PHONE, NEED_NOTHING, 0, "clear", "Empties the number."},

	[REQ_UP] = {"up", "Up k", SCREENS, NEED_NOTHING, 0, "up", "Moves to the line above."},
	[REQ_DOWN] = {"down", "Down j", SCREENS, NEED_NOTHING, 0, "down", "Moves to the line below."},
	[REQ_PAGE_UP] = {"page-up", "PgUp", SCREENS, NEED_NOTHING, 0, "page up", "Moves a page up."},
	[REQ_PAGE_DOWN] = {"page-down", "PgDn", SCREENS, NEED_NOTHING, 0, "page down", "Moves a page down."},
	[REQ_TOP] = {"top", "Home g", SCREENS, NEED_NOTHING, 0, "top", "Moves to the first line."},
	[REQ_BOTTOM] = {"bottom", "End G", SCREENS, NEED_NOTHING, 0, "bottom", "Moves to the last line."},
	[REQ_OPEN] = {"open", "Enter", PLACE_AUDIT | PLACE_SETTINGS, NEED_NOTHING, LINE, "open",
		"Opens the line, or changes the setting."},
	[REQ_DETAIL] = {"detail", "l Right h Left", FILTERED, NEED_NOTHING, LINE, "detail",
		"Shows all of the line on the whole screen, or the list again."},
	[REQ_FILTER] = {"filter", "/", FILTERED, NEED_NOTHING, LINE, "filter", "Types what the list is searched for."},
	[REQ_RELOAD] = {"reload", "Ctrl-R", FILTERED, NEED_NOTHING, 0, "reload", "Asks the engine for the list again."},

	[REQ_CALL_THIS] = {"call-this", "Enter c", PEOPLE | PLACE_TEAM, NEED_LINE, LINE, "call",
		"Calls the number of the line, through the gate, or the agent."},
	[REQ_PLAY] = {"play", "p", PLACE_HISTORY, NEED_NOTHING, LINE, "play",
		"Plays the recording on the sound card, or stops it."},
	[REQ_SAVE] = {"save", "s", PLACE_HISTORY, NEED_NOTHING, LINE, "save",
		"Saves a copy of the recording in a file."},
	[REQ_KICK] = {"kick", "K", PLACE_TEAM, NEED_SUPERVISOR, LINE, "log out",
		"Ends the agent's session, with the call."},
	[REQ_ALL] = {"all", "A", PLACE_HISTORY, NEED_SUPERVISOR, LINE, "everybody",
		"Shows everybody's calls, or only one's own."},
	[REQ_FORCED] = {"forced", "f", PLACE_AUDIT, NEED_SUPERVISOR, LINE, "kind",
		"Shows all rows, hard ones, soft ones, or acknowledged ones."},

	[REQ_UNBIND] = {"unbind", "Delete", PLACE_SETTINGS, NEED_NOTHING, LINE, "preset",
		"Gives an action its preset keys again."},

	[REQ_ACCEPT] = {"accept", "Enter", PLACE_MODAL, NEED_NOTHING, LINE, "do it", "Does what the window is for."},
	[REQ_NEXT_FIELD] = {"next-field", "Tab", PLACE_MODAL, NEED_NOTHING, LINE, "next",
		"Moves to the next field of the window."},
	[REQ_TICK] = {"tick", "Space", PLACE_MODAL, NEED_NOTHING, 0, "tick", "Ticks the box."},
	[REQ_REDIAL] = {"redial", "Ctrl-R", PLACE_WRAP_UP, NEED_SESSION, LINE, "call again",
		"Calls the number again, through the gate."},
};

/* ---- names of keys ---------------------------------------------------------------------------------------------- */

static const struct { const char *name; keycode key; } named[] = {
	{"Enter", K_ENTER}, {"Tab", K_TAB}, {"Esc", K_ESC}, {"Space", ' '}, {"Up", K_UP}, {"Down", K_DOWN},
	{"Left", K_LEFT},
	{"Right", K_RIGHT}, {"Home", K_HOME}, {"End", K_END}, {"PgUp", K_PAGE_UP}, {"PgDn", K_PAGE_DOWN},
	{"Insert", K_INSERT}, {"Delete", K_DELETE}, {"Backspace", K_BACKSPACE}, {"Shift-Tab", K_BACKTAB},
};
enum { NAMED = sizeof(named) / sizeof(named[0]) };

static keycode one_character(const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;

	if (!len || utf8_char(s, len) != len)
		return K_NONE;
	switch (len) {
	case 1: return u[0] > ' ' && u[0] < 0x7f ? u[0] : K_NONE;
	case 2: return (keycode)((u[0] & 0x1f) << 6 | (u[1] & 0x3f));
	case 3: return (keycode)((u[0] & 0x0f) << 12 | (u[1] & 0x3f) << 6 | (u[2] & 0x3f));
	default: return (keycode)((u[0] & 0x07) << 18 | (u[1] & 0x3f) << 12 | (u[2] & 0x3f) << 6 | (u[3] & 0x3f));
	}
}

keycode key_by_name(const char *name, size_t len)
{
	char word[16];
	long long n;

	if (!len || len >= sizeof(word))
		return K_NONE;
	memcpy(word, name, len);
	word[len] = '\0';
	for (size_t i = 0; i < NAMED; i++)
		if (!strcmp(named[i].name, word))
			return named[i].key;
	if (word[0] == 'F' && str_int(word + 1, 1, 12, &n))
		return K_F1 + (keycode)(n - 1);
	if (str_starts(word, "Ctrl-") && len == 6 && word[5] >= 'A' && word[5] <= 'Z' && !strchr("HIJM", word[5]))
		return (keycode)(word[5] - '@');
	if (str_starts(word, "Alt-")) {
		keycode key = one_character(word + 4, len - 4);

		return key ? K_ALT + key : K_NONE;
	}
	return one_character(word, len);
}

/* One character as UTF-8. */
static void put_character(keycode key, char *out)
{
	unsigned char *u = (unsigned char *)out;

	if (key < 0x80) {
		*u++ = (unsigned char)key;
	} else if (key < 0x800) {
		*u++ = (unsigned char)(0xc0 | key >> 6);
		*u++ = (unsigned char)(0x80 | (key & 0x3f));
	} else if (key < 0x10000) {
		*u++ = (unsigned char)(0xe0 | key >> 12);
		*u++ = (unsigned char)(0x80 | (key >> 6 & 0x3f));
		*u++ = (unsigned char)(0x80 | (key & 0x3f));
	} else {
		*u++ = (unsigned char)(0xf0 | key >> 18);
		*u++ = (unsigned char)(0x80 | (key >> 12 & 0x3f));
		*u++ = (unsigned char)(0x80 | (key >> 6 & 0x3f));
		*u++ = (unsigned char)(0x80 | (key & 0x3f));
	}
	*u = '\0';
}

const char *keycode_name(keycode key, char out[16])
{
	out[0] = '\0';
	for (size_t i = 0; i < NAMED; i++)
		if (named[i].key == key) {
			str_copy(out, 16, named[i].name);
			return out;
		}
	if (key >= K_F1 && key < K_F1 + 12) {
		snprintf(out, 16, "F%d", (int)(key - K_F1 + 1));
	} else if (key > K_ALT && key < K_PASTE) {
		str_copy(out, 16, "Alt-");
		put_character(key - K_ALT, out + 4);
	} else if (key > 0 && key < ' ') {
		snprintf(out, 16, "Ctrl-%c", (char)(key + '@'));
	} else if (key > ' ' && key < K_SPECIAL) {
		put_character(key, out);
	}
	return out;
}

bool key_is_typed(keycode key)
{
	return key >= ' ' && key < K_SPECIAL && key != 0x7f;
}

/* ---- bindings --------------------------------------------------------------------------------------------------- */

/* The keys that fields of text keep for themselves (edit.c). */
static bool edits(keycode key)
{
	return (key > 0 && key < ' ' && strchr("AEKUWY", (int)key + '@')) || key == K_ALT + 'b' || key == K_ALT + 'f' ||
		key == K_ALT + 'd' || (key >= K_UP && key <= K_END) || key == K_DELETE || key == K_BACKSPACE;
}

int keys_bind(struct keys *keys, enum request request, const char *text, struct err *err)
{
	const struct request_info *info = &requests[request];
	keycode *of = keys->of[request], found[KEYS_EACH] = {0};
	size_t n = 0;

	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		size_t len = strcspn(text, " ");
		keycode key = key_by_name(text, len);

		if (!key)
			return err_set(err, ERR_CONFIG,
				"\"key.%s\" is \"%.*s\": a key is F1 to F12, Ctrl-A to Ctrl-Z, Alt- with a "
				"character, Enter, Esc, Tab, Up and the like, or a character", info->name, (int)len,
					text);
		if (info->flags & REQ_TYPED_NEVER && (key_is_typed(key) || edits(key)))
			return err_set(err, ERR_CONFIG,
				"\"key.%s\" is \"%.*s\": no key that can be typed into a text may change a call",
				info->name, (int)len, text);
		if (n == KEYS_EACH)
			return err_set(err, ERR_CONFIG, "\"key.%s\" has more than %d keys", info->name, KEYS_EACH);
		found[n++] = key;
		text += len;
	}
	memcpy(of, found, sizeof(found));
	return 0;
}

void keys_preset(struct keys *keys)
{
	*keys = (struct keys){0};
	for (int r = REQ_NONE + 1; r < REQUESTS; r++)
		keys_bind(keys, (enum request)r, requests[r].keys, NULL);
}

static keycode shared_key(const struct keys *keys, int a, int b)
{
	for (int i = 0; i < KEYS_EACH; i++)
		for (int j = 0; j < KEYS_EACH; j++)
			if (keys->of[a][i] && keys->of[a][i] == keys->of[b][j])
				return keys->of[a][i];
	return K_NONE;
}

int keys_check(const struct keys *keys, enum request *one, enum request *other, struct err *err)
{
	char name[16];

	for (int a = REQ_NONE + 1; a < REQUESTS; a++)
		for (int b = a + 1; b < REQUESTS; b++) {
			keycode key = requests[a].places & requests[b].places ? shared_key(keys, a, b) : K_NONE;

			if (!key)
				continue;
			*one = (enum request)a;
			*other = (enum request)b;
			return err_set(err, ERR_CONFIG,
				"%s would be the key of both \"%s\" and \"%s\": give one of them another",
				keycode_name(key, name), requests[a].name, requests[b].name);
		}
	return 0;
}

enum request keys_find(const struct keys *keys, keycode key, unsigned place)
{
	for (int r = REQ_NONE + 1; r < REQUESTS; r++)
		for (int i = 0; i < KEYS_EACH && requests[r].places & place; i++)
			if (keys->of[r][i] == key && key)
				return (enum request)r;
	return REQ_NONE;
}

const char *keys_name(const struct keys *keys, enum request request, char out[16])
{
	return keycode_name(keys->of[request][0], out);
}

char *keys_names(const struct keys *keys, enum request request)
{
	struct str out = {0};
	char name[16];

	for (int i = 0; i < KEYS_EACH && keys->of[request][i]; i++)
		str_addf(&out, "%s%s", i ? ", " : "", keycode_name(keys->of[request][i], name));
	return str_take(&out);
}
