#!/usr/bin/python3
"""What is beside the text: colours of each theme and none without, notifications, a terminal that knows ASCII alone, other keys, the
sound card."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from shift import NUMBERS, Screen, shift      # noqa: E402
from test_faults import without_titles        # noqa: E402
from test_phone import dispose                # noqa: E402
import screens                                # noqa: E402
import tap                                    # noqa: E402

AT_DESK = "--user anna --station desk1"
MARKED = re.compile(rb"\033\[[\d;]*7[;m]")
COLOUR = re.compile(rb"\033\[(?:\d+;)*(?:3[0-7]|4[0-7]|[34]8;5;\d+)(?:;\d+)*m")

# The bar on top, what is good and what is bad, with 256 colours and with 8: src/console/theme.c.
LOOKS = {
	"dark": (("48;5;236", "38;5;114", "38;5;210"), ("44", "32", "31")),
	"light": (("48;5;253", "38;5;22", "38;5;124"), ("44", "34", "31")),
	"high-contrast": (("48;5;231", "38;5;46", "48;5;160"), ("47", "32", "41")),
}


def write_settings(one, *lines):
	with open(os.path.join(one.home, "spctl.conf"), "w", encoding="utf-8") as file:
		file.write("sound.device = none\nlog.level = debug\n" + "".join(line + "\n" for line in lines))


def switched_on(code):
	"""The bytes that switch this colour on."""
	return re.compile(rb"\033\[(?:\d+;)*" + code.encode() + rb"(?:;\d+)*m")


def show_all(one, screen):
	"""What is good, and what is bad."""
	screen.wait("ready", "No call.")
	screen.type(NUMBERS["cara"])
	screen.keys("Enter")
	screen.wait("This call is blocked")


def own_background(screen):
	"""The lines in which a cell has the terminal's own background."""
	bare, background = [], False
	for line in screen.tmux("capture-pane", "-e", "-N", "-p").split("\n")[:-1]:
		for code, text in re.findall(r"\033\[([\d;]*)m|([^\033]+)", line):
			codes = code.split(";") if not text else []
			background = False if codes in ([""], ["0"]) or "49" in codes else background or "48" in codes or any(
				re.fullmatch("(4|10)[0-7]", c) for c in codes)
			if text.strip("\016\017") and not background and line not in bare:
				bare.append(line)
	return bare


def themes(one):
	for theme, (many, few) in LOOKS.items():
		write_settings(one, f"console.theme = {theme}")
		for term, codes in (("xterm-256color", many), ("screen", few)):
			with Screen(one.home, term=term, arguments=AT_DESK) as screen:
				show_all(one, screen)
				bare = screen.until(lambda: own_background(screen), []) if term == "screen" else []
				tap.equal(f"{theme} with {term}: the background is its own", bare, [])
				raw = screen.raw(*map(switched_on, codes))
				tap.equal(f"{theme} with {term}: bar, good and bad have their colours",
					[code for code in codes if not switched_on(code).search(raw)], [])
	for name, term, env, lines in (("mono", "xterm-256color", "", ("console.theme = mono",)), ("NO_COLOR", "xterm-256color", "NO_COLOR=1", ()),
	                               ("a terminal without", "xterm-mono", "", ("console.theme = light",)), ("vt100", "vt100", "", ())):
		write_settings(one, *lines)
		with Screen(one.home, term=term, env=env, arguments=AT_DESK) as screen:
			show_all(one, screen)
			raw = screen.raw(b"is blocked", MARKED)
			tap.equal(f"{name}: no colours", COLOUR.findall(raw), [])
			tap.check(f"{name}: what is marked is seen all the same", MARKED.search(raw), raw[-300:])


def themes_change(one):
	write_settings(one, "# mine", "key.team = Alt-4 F5")
	with Screen(one.home, term="xterm-256color", arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		screen.keys("F7")
		screen.wait("console.theme")
		screen.keys("Enter")
		screen.wait(re.compile(r"Theme +light"))
		light = switched_on("48;5;253")
		tap.check("another theme is seen at once", light.search(screen.raw(light)))
	with open(os.path.join(one.home, "spctl.conf"), encoding="utf-8") as file:
		text = file.read()
	tap.equal("it is kept, with all that stood there", text,
		"sound.device = none\nlog.level = debug\n# mine\nkey.team = Alt-4 F5\nconsole.theme = light\n")


# ---- notifications -----------------------------------------------------------------------------------------------------

def notifications(one):
	title, text = b"Incoming call", b"Bob Ray"
	for name, env, term, setting, wanted in (
			("vte", "VTE_VERSION=7000", "xterm-256color", "", b"\033]777;notify;" + title + b";" + text + b"\a"),
			("rxvt", "", "rxvt", "", b"\033]777;notify;" + title + b";" + text + b"\a"),
			("iTerm2", "TERM_PROGRAM=iTerm.app", "xterm-256color", "", b"\033]9;" + title + b": " + text + b"\a"),
			("one without", "", "screen-256color", "", None),
			("switched off", "VTE_VERSION=7000", "xterm-256color", "console.notify = no", None)):
		write_settings(one, setting)
		with Screen(one.home, term=term, env=env, arguments=AT_DESK) as screen:
			screen.wait("ready", "No call.")
			screen.keys("F4")
			screen.wait("Customers", "Bob Ray")
			one.pbx.ring(from_=f"<sip:{NUMBERS['bob']}@{one.pbx.ip}>")
			screen.wait("Incoming call")
			if wanted:
				tap.check(f"{name}: a notification", wanted in screen.raw(wanted), screen.raw()[-400:])
			else:
				screen.until(lambda: b"\a" in without_titles(screen.raw()))    # the bell, which comes with it
				tap.check(f"{name}: no notification", b"]777" not in screen.raw() and b"]9;" not in screen.raw())
			screen.keys("F10")
			screen.wait(gone="Incoming call ")
	write_settings(one)


def both_sizes(screen, name):
	screens.same(screen, name)
	screen.resize(132, 43)
	screen.wait("F2 Phone")
	screens.same(screen, name)
	screen.resize(80, 24)
	screen.wait(" Phone ", gone="F2 Phone")         # pages are those of this size again


# ---- a locale that is not UTF-8 ----------------------------------------------------------------------------------------

def ascii_alone(one):
	with Screen(one.home, env="LC_ALL=C LANG=C", arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		both_sizes(screen, "ascii-phone")
		screen.type(NUMBERS["wide"])
		screen.keys("Enter")
		screen.wait("talking", "????")
		both_sizes(screen, "ascii-talking")
		screen.keys("F10")
		screen.wait("Wrap-up")
		both_sizes(screen, "ascii-wrap-up")
		dispose(screen)
		high = [hex(b) for b in screen.raw() if b >= 0x80]
		tap.equal("LANG=C: nothing but ASCII reaches the terminal", high, [])
	with Screen(one.home, env="LC_ALL=xx_YY.nonsense", arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		tap.check("a locale that does not exist: a sane screen", screen.until(lambda: all(len(line) <= 80 for line in screen.lines())), screen.text())


def go_to_keys(screen):
	"""Three pages down on the settings; once the window behind the last key is there all are turned, and a click meets the line that is seen."""
	screen.wait("console.theme", "No sound card: silence")          # the cards have come: nothing moves any more
	screen.keys("PgDn", "PgDn", "PgDn", "F1")
	screen.wait("Finds any action")
	screen.keys("Escape")
	screen.wait("F1 help", "more below", gone="Finds any action")


# ---- keys and sound on the screen --------------------------------------------------------------------------------------

def other_keys(one):
	with Screen(one.home, arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		screen.keys("F7")
		screen.wait("console.theme")
		both_sizes(screen, "settings")
		go_to_keys(screen)
		screen.wait("hangup", "F10")
		screen.click_on("hangup")
		screen.wait("Enter, then the key")
		screen.keys("Enter")
		screen.wait("Press the key for \"hangup\"", "Now: F10")
		both_sizes(screen, "another-key")
		screen.keys("x")
		screen.wait("no key that can be typed into a text")
		screen.keys("F9")
		screen.wait("F9 would be the key of both")
		both_sizes(screen, "another-key-refused")
		screen.keys("C-y")
		screen.wait("no key that can be typed")
		screen.keys("M-h")
		screen.wait("hangup is Alt-h now", "Alt-h, Ctrl-X", gone="Another key ─")
		screen.keys("Escape")
		screen.wait("No call.")
		screen.type(NUMBERS["bob"])
		screen.keys("Enter")
		screen.wait("talking", "Alt-h hang up")
		screen.keys("M-h")
		screen.wait("Wrap-up")
		dispose(screen)
	with open(os.path.join(one.home, "spctl.conf"), encoding="utf-8") as file:
		tap.check("the new key is kept", "key.hangup = Alt-h Ctrl-X\n" in file.read())
	with Screen(one.home, arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		screen.keys("F7")
		go_to_keys(screen)
		screen.wait("Alt-h, Ctrl-X")
		screen.click_on("hangup")
		screen.wait("Enter, then the key")
		screen.keys("Delete")
		screen.wait("hangup has its preset keys", "F10, Ctrl-X")
	with open(os.path.join(one.home, "spctl.conf"), encoding="utf-8") as file:
		tap.check("and goes again", "key." not in file.read())


def cannot_be_kept(one):
	"""A folder that cannot be written in: root writes everywhere, but not where a folder stands in the way."""
	path = os.path.join(one.home, "spctl.conf")
	with Screen(one.home, arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		os.rename(path, path + ".aside")
		os.mkdir(path)
		try:
			screen.keys("F7")
			screen.wait("console.theme")
			screen.keys("Down", "Down", "Enter")
			screen.wait("It counts until you leave, and is not kept")
		finally:
			os.rmdir(path)
			os.rename(path + ".aside", path)
		tap.equal("nothing is left beside the settings", [n for n in os.listdir(one.home) if n.startswith("spctl.conf.")], [])


def sound(one):
	with Screen(one.home, arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		screen.keys("F7")
		screen.wait("The machine's own choice", "No sound card: silence")
		screen.click_on("No sound card")
		screen.wait("Enter uses this card")
		screen.keys("Enter")
		tap.equal("another card is the station's", screen.until(lambda: one.client.ask("station.show", name="desk1")["sound_device"], "none"), "none")
		screen.wait(re.compile(r"✓ No sound card"))
		screen.click_on("Noise", "no")
		screen.wait("Takes the noise")
		screen.keys("Enter")
		screen.wait(re.compile(r"Noise +yes"))
		tap.check("noise suppression is the station's", one.client.ask("station.show", name="desk1")["noise_suppression"])
		screen.click_on("Test tone")
		screen.wait("Plays a tone")
		screen.keys("Enter")
		screen.wait(re.compile("The tone was played|card"))
		tap.check("a test is told", True)


def pasted(one):
	with Screen(one.home, arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		screen.paste("Tel. +44 20 7946 0958 ext. 5 (office), 0900")
		tap.check("what stands behind a pasted number is no part of it", re.search(r"Number +\+44 20 7946 0958 +\[ Dial \]",
			screen.wait("7946 0958")), screen.text())
		screen.keys("C-u")
		screen.wait(re.compile(r"Number +Dial"))
		screen.paste("@bert")
		screen.wait("@bert")


def many_stations(one):
	one.client.ask("session.logout", user="anna")
	for n in range(20):
		one.client.ask("station.add", name=f"seat{n:02}", did=f"+141555562{n:02}", sip_uri="sip:200@127.0.0.1", register=False)
	with Screen(one.home) as screen:
		screen.wait("Log in", "15 more below")
		screen.type("anna")
		screen.keys("Tab")
		screen.type("T1z7")
		screen.wait(re.compile("Station +T17"), re.compile("▸ seat17"))
		one.client.ask("session.login", user="bert", station="seat16")
		screen.wait("bert is here", re.compile("▸ seat17"))
		screen.keys("Enter")
		screen.wait("anna at seat17")
		tap.equal("a station is found by a part of its name, and stays chosen while others log in", one.session()["station"], "seat17")
	for user in ("anna", "bert"):
		one.client.ask("session.logout", user=user)


@tap.main
def test():
	with shift() as one:
		for part in (themes, themes_change, notifications, ascii_alone, other_keys, cannot_be_kept, sound, pasted, many_stations):
			if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
				with tap.guard(part.__name__):
					part(one)
				one.tidy()
