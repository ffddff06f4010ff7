#!/usr/bin/python3
"""What must not hurt: an engine or a console that is killed, a storm of sizes, Ctrl-Z, signals, another place, hostile names,
terminals that cannot, settings with mistakes."""
import os
import random
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from shift import NUMBERS, Screen, shift, state_of     # noqa: E402
from screen import SPCTL                      # noqa: E402
from test_phone import dispose, wait_for_saved    # noqa: E402
import tap                                    # noqa: E402

AT_DESK = "--user anna --station desk1"


def dial(screen, who, name):
	screen.type(NUMBERS[who])
	screen.keys("Enter")
	screen.wait(name, "talking")


def hang_up(screen):
	screen.keys("F10")
	screen.wait("Wrap-up")
	dispose(screen)


def restart(one):
	one.engine.kill()
	one.engine.start()
	one.client = one.engine.client()


def engine_is_killed(one):
	with Screen(one.home, arguments=AT_DESK + " --no-start") as screen:
		screen.wait("ready", "No call.")
		one.engine.kill()
		screen.wait("no engine", "no engine answers at")
		screen.keys("F7")                       # it is still alive
		screen.wait("not connected")
		screen.keys("F2")
		screen.type("415")
		screen.keys("Enter")
		screen.wait("there is no connection to the engine")
		one.engine.start()
		one.client = one.engine.client()
		screen.wait("Connected to the engine again")    # it is said for some seconds, in which the phone need not be there
		screen.wait("ready", "registered")
		tap.check("an engine killed in the ready state is found again", True)
		screen.keys("C-u")
		dial(screen, "bob", "Bob Ray")
		restart(one)
		screen.wait("Wrap-up", "Bob Ray", "the engine was started again")
		tap.check("an engine killed in a call: its wrap-up comes", True)
		screen.keys("Tab")
		screen.wait("Tab goes back")
		screen.type("half a sentence")
		screen.wait("half a sentence")
		restart(one)
		screen.wait("Connected to the engine again", "half a sentence", "Wrap-up")
		tap.check("an engine killed in wrap-up: the notes are still there", True)
		screen.keys("Tab")
		dispose(screen)
		call = one.client.ask("history.list", newest=True, limit=1)["items"][0]
		tap.equal("and are saved then", call["notes"], "half a sentence")


def signals(one):
	for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
		with Screen(one.home, arguments=AT_DESK) as screen:
			screen.wait("ready", "No call.")
			os.kill(screen.pid(), number)
			tap.equal(f"{number.name}: it leaves", screen.ended(), 0)
			tap.check(f"{number.name}: the terminal is as it was", screen.is_sane(), screen.text())


def terminal_is_lost(one):
	"""As when an ssh link drops."""
	with Screen(one.home, arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		dial(screen, "bob", "Bob Ray")
		pid = screen.pid()
		screen.close()
		tap.check("a console whose terminal is gone leaves", screen.until(lambda: not state_of(pid)))
	tap.equal("the call goes on", one.client.ask("call.list")["items"][0]["state"], "active")
	with Screen(one.home, 132, 43) as screen:
		screen.wait("Bob Ray", "talking")
		hang_up(screen)
		tap.check("and the next console finds it", True)


def title_and_bell(one):
	with Screen(one.home, arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		tap.check("the window's title tells the state and its time", screen.until(
			lambda: screen.tmux("display-message", "-p", "#{pane_title}").startswith("ready 0:")))
		tap.check("no bell before", b"\a" not in without_titles(screen.raw()))
		one.pbx.ring(from_=f"<sip:{NUMBERS['bob']}@{one.pbx.ip}>")
		screen.wait("Incoming call")
		tap.check("the bell rings for a call", screen.until(lambda: b"\a" in without_titles(screen.raw())))
		screen.keys("F10")
		screen.wait("No call.", gone="Incoming call ")


def without_titles(raw):
	return re.sub(rb"\033\][^\a]*\a", b"", raw)


def two_consoles(one):
	with Screen(one.home, arguments=AT_DESK) as first, Screen(one.home, 132, 43) as second:
		for screen in (first, second):
			screen.wait("ready", "No call.")
		dial(first, "bob", "Bob Ray")
		second.wait("Bob Ray", "talking")
		second.keys("F8")
		first.wait("on hold")
		first.keys("F8")
		second.wait("talking", gone="on hold")
		second.keys("F10")
		for screen in (first, second):
			screen.wait("Wrap-up", "Bob Ray")
		dispose(first)
		second.wait("ready", "Saved elsewhere: completed", gone="Wrap-up")
		tap.check("two consoles of one agent show the same", True)


def suspend(one):
	with Screen(one.home, shell=True) as screen:
		screen.wait("prompt>")
		screen.type(f"{SPCTL} console {AT_DESK}")
		screen.keys("Enter")
		screen.wait("No call.")
		screen.keys("C-z")
		screen.wait("Stopped", "prompt>", gone="No call.")
		tap.equal("Ctrl-Z: the other screen is left", screen.tmux("display-message", "-p", "#{alternate_on}").strip(), "0")
		screen.type("fg")
		screen.keys("Enter")
		screen.wait("anna at desk1", "No call.", gone="Stopped")
		screen.keys("C-q")
		screen.wait("You stay logged in")
		screen.keys("Enter")
		screen.wait("prompt>", gone="No call.")
		tap.check("Ctrl-Z and fg, then it leaves", True)


def sizes(one):
	chance = random.Random(3)
	with Screen(one.home, arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		dial(screen, "bob", "Bob Ray")
		for _ in range(60):
			screen.resize(chance.randint(20, 200), chance.randint(5, 60))
		screen.resize(60, 20)
		screen.wait("80 columns and 24 rows", "60 and 20")
		tap.equal("a small terminal: the call goes on", one.client.ask("call.list")["items"][0]["state"], "active")
		screen.keys("F10")
		screen.resize(80, 24)
		screen.wait("Bob Ray", "talking", "hang up")
		tap.check("on a small terminal no key ends the call", one.client.ask("call.list")["items"])
		screen.resize(132, 43)
		screen.wait("Bob Ray", "talking", re.compile(r"│ +Phone +\+1 415 555 0100|Phone +\+1 415 555 0100"))
		screen.resize(80, 24)
		screen.wait("Bob Ray", "talking", "hang up")
		tap.check("after a storm of sizes nothing is torn", screen.until(lambda: is_whole(screen.lines())), screen.text())
		screen.keys("F10")
		screen.wait("Wrap-up")
		dispose(screen)


def is_whole(lines):
	return len(lines) == 24 and lines[2] == "─" * 80 and "F10 hang up" in lines[23]


def another_place(one):
	with Screen(one.home, arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		one.client.ask("session.login", user="anna", station="desk2", take_over=True)
		screen.wait("You are logged out here", "You are signed in at desk2 now", "desk1")
		tap.check("taken over: it says where", True)
		screen.keys("Enter")
		screen.wait("Log in", "anna is here")
		screen.keys("Enter")
		screen.wait("Take over?", "logged in at station desk2")
		screen.keys("Tab", "Enter")
		screen.wait("anna is here", gone="Take over?")
		screen.keys("Enter")
		screen.wait("Take over?")
		screen.keys("Enter")
		screen.wait("anna at desk1", "ready", gone="Take over?")
		tap.equal("taken back", one.session()["station"], "desk1")
		one.client.ask("session.kick", user="anna", reason="test")
		screen.wait("The session of anna at desk1 was ended")
		screen.keys("Enter")
		screen.wait("Log in")
		screen.keys("Enter")
		screen.wait("anna at desk1", "ready")
		tap.check("ended by a supervisor: it says so, and the agent logs in again", True)


def hostile_names(one):
	with Screen(one.home, arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		for who, name in (("evil", "Evil %n%s%x"), ("wide", "محمد")):
			dial(screen, who, name)
			tap.equal(f"{who}: the line between the halves is straight",
				screen.until(lambda: len({columns_to_bar(line) for line in screen.lines()[3:20]}), 1), 1)
			hang_up(screen)
		screen.keys("C-q")
		screen.wait("You stay")
		screen.keys("Enter")
		screen.ended()
		raw = screen.raw().decode("utf-8", "replace")
		found = [hex(ord(c)) for c in raw if ord(c) in range(0x202a, 0x202f) or ord(c) in range(0x2060, 0x2070) or ord(c) == 0x200d
		         or 0xe0000 <= ord(c) <= 0xe0fff or 0x80 <= ord(c) < 0xa0]
		tap.equal("no character that turns or joins others reaches the terminal", found, [])


def columns_to_bar(line):
	from screen import columns_before
	return columns_before(line, line.find("│"))


def hostile_caller(one):
	"""What a caller says of himself is put on the screen too."""
	with Screen(one.home, arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		call = one.pbx.ring(from_=f'"\x1b]0;pwned\x07\x1b[2J" <sip:%1b%5b2J@{one.pbx.ip}>')
		screen.wait("Incoming call")
		tap.check("a hostile caller's window is whole", screen.has_window("Incoming call") is not None, screen.text())
		screen.keys("F10")
		screen.wait("No call.", gone="Incoming call ")
		tap.check("nothing of it reaches the terminal raw", b"pwned" not in screen.raw(), screen.raw()[-200:])
		call.bye() if call.state != "ended" else None


def terminals_that_cannot(one):
	for term, words in (("dumb", '"dumb", which cannot'), ("nonsense", '"nonsense", which is not known'), ("", "TERM is not set")):
		with Screen(one.home, term=term or "''") as screen:
			tap.equal(f"TERM={term}: exit 69", screen.ended(), 69)
			tap.check(f"TERM={term}: one sentence", screen.until(lambda: words in screen.text().replace("\n", "")), screen.text())
	got = subprocess.run([SPCTL, "console"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
		env={**os.environ, "SPCTL_HOME": one.home})
	tap.equal("no terminal: exit 69 and one sentence", (got.returncode, got.stdout, got.stderr.count("\n")), (69, "", 1))
	with Screen(one.home, env="NO_COLOR=1", arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		colours = re.findall(rb"\033\[[\d;]*(?:3[0-7]|4[0-7]|[34]8;5;\d+)m", screen.raw())
		tap.equal("NO_COLOR: no colours", colours, [])


def settings(one):
	path = os.path.join(one.home, "spctl.conf")
	with open(path, encoding="utf-8") as file:
		before = file.read()
	try:
		mistakes(one, path, before)
		another_key(one, path, before)
	finally:
		with open(path, "w", encoding="utf-8") as file:
			file.write(before)


def mistakes(one, path, before):
	for line, words in (("key.hangup = x", "can be typed"), ("key.dance = F5", 'no setting "key.dance"'),
	                    ("key.hold = F9", 'both "hold" and "mute"'), ("console.theme = pink", "dark, light")):
		with open(path, "w", encoding="utf-8") as file:
			file.write(before + line + "\n")
		with Screen(one.home, 132) as screen:
			tap.equal(f"{line}: exit 78", screen.ended(), 78)
			number = (before + line).count("\n") + 1
			tap.check(f"{line}: it names the line", screen.until(lambda: f"line {number}" in screen.text() and
				words in screen.text().replace("\n", "")), screen.text())


def another_key(one, path, before):
	with open(path, "w", encoding="utf-8") as file:
		file.write(before + "key.hangup = F5 Ctrl-X\nkey.team = Alt-4\n")
	with Screen(one.home, arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		dial(screen, "bob", "Bob Ray")
		screen.wait("F5 hang up")
		screen.keys("F5")
		screen.wait("Wrap-up")
		dispose(screen)
		tap.check("a key that was given another action does it", True)


def mouse(one, term):
	with Screen(one.home, term=term, arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		screen.type(NUMBERS["bob"])
		screen.wait("[ Dial ]")
		screen.click_on("Dial", "[ Dial ]")
		screen.wait("Bob Ray", "talking")
		screen.click_on("hang up", "F10")
		screen.wait("Wrap-up")
		screen.click_on("Wrong", "6 Wrong number")
		screen.wait("Enter saves, for good")
		wait_for_saved(screen)
		screen.click_on("Settings")
		screen.wait("console.theme")
		tap.check(f"{term}: the mouse dials, hangs up, chooses, saves and changes the screen", True)
		screen.click_on("Bell", "console.bell")
		screen.mouse(65, 10, 10)
		screen.wait(re.compile("The machine's own choice|Enter uses this card"))
		for button in (0, 1, 2, 35):                    # with no key to wake it; 35: it is only moved
			screen.mouse(button, 12, 30)
			one.client.ask("session.pause", reason=f"button {button}")
			screen.wait(f"paused: button {button}")
			screen.mouse(button, 12, 30, down=False)
			one.client.ask("session.ready")
			screen.wait("ready", gone="paused")
		tap.check(f"{term}: no button keeps it from the engine's events", True)


def mice(one):
	for term in ("screen-256color", "xterm-256color"):
		mouse(one, term)
	with Screen(one.home, term="xterm-256color", arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		screen.click_on("Settings")
		screen.wait("console.mouse")
		screen.click_on("Mouse")
		screen.wait("Click a line")
		screen.click_on("Mouse")
		screen.wait(re.compile(r"Mouse +no"))
		tap.check("the mouse is off by a setting", b"\033[?1006;1000l" in screen.raw(b"\033[?1006;1000l"))
		screen.keys("Enter")
		screen.wait(re.compile(r"Mouse +yes"))


@tap.main
def test():
	parts = (engine_is_killed, signals, terminal_is_lost, title_and_bell, two_consoles, suspend, sizes, another_place,
	         hostile_names, hostile_caller, terminals_that_cannot, settings, mice)
	with shift() as one:
		for part in parts:
			if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
				with tap.guard(part.__name__):
					part(one)
				one.tidy()
