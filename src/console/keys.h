/*
 * keys.h - every request that a key can make, in one table (keys.c): name, keys, where it counts, what must hold, and
 * the help.  The help screen, the palette, the line of keys and spctl-console(1) are made from it.  Pure: knows no
 * terminal.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../base/err.h"

/* A key: a Unicode character (Ctrl-A is 1, Enter 13, Tab 9, Esc 27), one of these, or KEY_ALT + a character. */
typedef uint32_t keycode;
enum {
	K_NONE = 0, K_TAB = 9, K_ENTER = 13, K_ESC = 27,
	K_SPECIAL = 0x200000,
	K_UP, K_DOWN, K_LEFT, K_RIGHT, K_HOME, K_END, K_PAGE_UP, K_PAGE_DOWN, K_INSERT, K_DELETE, K_BACKSPACE,
		K_BACKTAB,
	K_F1 = K_SPECIAL + 64,      /* to K_F1 + 11 */
	K_ALT = 0x400000,
	K_PASTE = 0x800000, K_MOUSE,                /* not keys: what else the terminal says */
};

enum request {
	REQ_NONE,
	/* anywhere */
	REQ_HELP, REQ_PALETTE, REQ_PHONE, REQ_HISTORY, REQ_CUSTOMERS, REQ_TEAM, REQ_AUDIT, REQ_SETTINGS,
		REQ_NEXT_SCREEN,
	REQ_BACK, REQ_PAUSE, REQ_LOGOUT, REQ_LOGIN, REQ_REDRAW, REQ_SUSPEND, REQ_QUIT,
	/* calls, anywhere */
	REQ_ANSWER, REQ_REJECT, REQ_VOICEMAIL, REQ_OTHER, REQ_HANGUP, REQ_HOLD, REQ_MUTE, REQ_SWAP, REQ_DTMF,
		REQ_TRANSFER,
	REQ_CONFERENCE, REQ_RECORD, REQ_DND,
	/* phone */
	REQ_DIAL, REQ_CLEAR,
	/* moving in lists */
	REQ_UP, REQ_DOWN, REQ_PAGE_UP, REQ_PAGE_DOWN, REQ_TOP, REQ_BOTTOM, REQ_OPEN, REQ_DETAIL, REQ_FILTER, REQ_RELOAD,
	/* on lists */
	REQ_CALL_THIS, REQ_PLAY, REQ_SAVE, REQ_KICK, REQ_ALL, REQ_FORCED, REQ_UNBIND,
	/* modals */
	REQ_ACCEPT, REQ_NEXT_FIELD, REQ_TICK, REQ_REDIAL,
	REQUESTS
};

/* Where a request counts; the bits are views' places (view.h). */
enum {
	PLACE_PHONE = 1, PLACE_HISTORY = 2, PLACE_CUSTOMERS = 4, PLACE_TEAM = 8, PLACE_AUDIT = 16, PLACE_SETTINGS = 32,
	PLACE_HELP = 64, PLACE_MODAL = 128, PLACE_INCOMING = 256, PLACE_WRAP_UP = 512,
	PLACE_LISTS = PLACE_HISTORY | PLACE_CUSTOMERS | PLACE_TEAM | PLACE_AUDIT | PLACE_SETTINGS | PLACE_HELP,
	PLACE_SCREENS = PLACE_PHONE | PLACE_LISTS,
	/* the wrap-up's window is one, with keys of its own */
	PLACE_ALL = PLACE_SCREENS | PLACE_MODAL | PLACE_INCOMING,
};

/* What must hold; model_refuses() (model.h) says it. */
enum need { NEED_NOTHING, NEED_SESSION, NEED_LINE, NEED_NO_SESSION, NEED_CALL, NEED_CALL_UP, NEED_CALL_ACTIVE,
	NEED_OTHER,
	NEED_RECORDING, NEED_RINGING, NEED_VOICEMAIL, NEED_SUPERVISOR };

enum { REQ_TYPED_NEVER = 1,     /* no key that could be typed into a text may be bound: it would end or change a call */
       REQ_LINE = 2 };          /* stands in the line of keys at the bottom */

struct request_info {
	const char *name;           /* "hangup": key.hangup in spctl.conf, and what the palette finds */
	const char *keys;           /* its keys, separated by blanks */
	unsigned places;
	enum need need;
	unsigned flags;
	const char *brief;          /* a word or two for the line of keys */
	const char *help;           /* one sentence */
};
extern const struct request_info requests[REQUESTS];

enum { KEYS_EACH = 4 };
struct keys { keycode of[REQUESTS][KEYS_EACH]; };

/* The presets of the table. */
void keys_preset(struct keys *);
/* Gives a request other keys ("F5 Ctrl-X").  ERR_CONFIG with a sentence that begins behind "FILE, line N: ". */
int  keys_bind(struct keys *, enum request, const char *text, struct err *);
/* Two requests that one key would make in the same place: ERR_CONFIG, and both requests.  0: none. */
int  keys_check(const struct keys *, enum request *one, enum request *other, struct err *);
/* The request of a key in a place. */
enum request keys_find(const struct keys *, keycode, unsigned place);
/* Its first key's name, or "". */
const char *keys_name(const struct keys *, enum request, char out[16]);
/* All its keys. */
char *keys_names(const struct keys *, enum request);

/* "F5", "Ctrl-X", "Alt-1", "Enter", "a". */
const char *keycode_name(keycode, char out[16]);
keycode key_by_name(const char *name, size_t len);     /* K_NONE for what is none */
bool key_is_typed(keycode);                            /* would it put a character into a text */
