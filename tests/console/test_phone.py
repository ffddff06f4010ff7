#!/usr/bin/python3
"""The phone and every window of it, by keys only, on three terminals and two sizes: each whole screen is compared with the saved one
(screens.py), and with what the engine then has."""
import contextlib
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from shift import NUMBERS, Screen, shift, stopped      # noqa: E402
from desk import PATIENCE, eventually         # noqa: E402
import screens                                # noqa: E402
import tap                                    # noqa: E402

TERMINALS = (("screen-256color", 80, 24), ("vt100", 132, 43), ("linux", 80, 24), ("screen-256color", 132, 43), ("vt100", 80, 24),
             ("xterm-mono", 132, 43))
TICKED = re.compile(r"\[[x✓]\]")


def last_call(one):
	return one.client.ask("history.list", newest=True, limit=1)["items"][0]


def check_log_in(one, screen, where):
	screen.wait("Log in", "desk1")
	screens.same(screen, "log-in")
	screen.type("anna")
	screen.keys("Tab", "Enter")
	screen.wait("anna at desk1", "registered", "ready", "No call.", gone="Station")
	screens.same(screen, "phone")
	tap.equal(f"{where}: the engine has the session", (one.session()["station"], one.session()["state"]), ("desk1", "ready"))


def check_call(one, screen, where):
	screen.paste("(415) 555-0100")
	screen.wait("(415) 555-0100")
	screens.same(screen, "number")
	screen.keys("Enter")
	screen.wait("Bob Ray", "talking", "in call", "+1 415 555 0100", "Flags", "none", re.compile(r"\d+ of 1000 this week"))
	screens.same(screen, "talking")
	call = one.client.ask("call.list")["items"][0]
	tap.equal(f"{where}: a pasted number is dialled", (call["number"], call["customer_id"], call["state"]),
		(NUMBERS["bob"], one.bob, "active"))
	screen.keys("F8")
	screen.wait("on hold")
	screens.same(screen, "held")
	screen.keys("F8")
	screen.wait("talking", gone="on hold")
	screen.keys("F9")
	screen.wait("muted")
	screens.same(screen, "muted")
	tap.check(f"{where}: mute is the engine's mute", one.client.ask("call.list")["items"][0]["muted"])
	screen.keys("F9")
	screen.wait("talking", gone="muted")
	screen.keys("M-r")
	screen.wait(re.compile(r"rec paused \d:\d\d"))
	screens.same(screen, "recording-paused")
	tap.equal(f"{where}: the recording is the engine's pause", one.client.ask("call.list")["items"][0]["recording"], "paused")
	screen.keys("M-r")
	screen.wait("rec", gone="paused")
	screen.keys("C-d")
	screen.wait("Digits")
	screen.keys("1", "#")
	screen.wait("1#")
	screens.same(screen, "digits")
	screen.keys("Escape")
	screen.wait("talking", gone="Digits ─")
	screen.keys("F10")
	screen.wait("Wrap-up", "the agent hung up")


def check_wrap_up(one, screen, where):
	screens.same(screen, "wrap-up")
	screen.keys("Escape")
	screen.wait("Choose an outcome and save it", "Wrap-up")
	tap.equal(f"{where}: Esc does not close the wrap-up", one.session()["state"], "wrap_up")
	screen.keys("2", "Tab")
	screen.wait("Tab goes back")
	screen.type("Wants papers, 5 o'clöck")
	screen.keys("C-a")
	screen.type("He ")
	screen.keys("C-e", "C-w")
	screen.wait("He Wants papers, 5")
	screen.keys("Tab")
	screen.wait("Enter saves, for good")
	wait_for_saved(screen)
	screen.wait("Saved: callback")
	screens.same(screen, "saved")
	call = last_call(one)
	tap.equal(f"{where}: disposition and notes are saved", (call["disposition"], call["notes"].strip()),
		("callback", "He Wants papers, 5"))


def check_block(one, screen, where):
	before = last_call(one)["id"]
	screen.type("123")
	screen.keys("Enter")
	tap.check(f"{where}: a long message is whole, and the number stays", screen.shows("is not a telephone number", "begins with 011",
		re.compile(r"Number +123 ")), screen.text())
	screen.keys("C-u")
	screen.wait(re.compile(r"Number +Dial"))
	screen.type("4155550101")
	screen.keys("Enter")
	screen.wait("This call is blocked")
	screens.same(screen, "blocked")
	screen.keys("Enter")
	screen.wait("No call.", gone="blocked")
	screen.wait(re.compile(r"Number +Dial"))
	tap.equal(f"{where}: a blocked call is none", last_call(one)["id"], before)


def check_warnings(one, screen, where):
	screen.type("415-555-0102")
	screen.keys("Enter")
	screen.wait("Before you call", "weekly cap", "statute of limitations")
	screens.same(screen, "warnings")
	screen.keys("Enter")
	screen.wait("Tick each warning first")
	tap.equal(f"{where}: no call before all is ticked", one.client.ask("call.list")["items"], [])
	screen.keys("Space")
	screen.wait(TICKED, "[ ]", gone="Tick each warning first")
	screen.keys("Enter")
	screen.wait("Tick each warning first")
	screen.keys("Space")
	screen.wait("[ Dial ]", gone="Space ticks")
	screens.same(screen, "warnings-ticked")
	screen.keys("Enter")
	screen.wait("Dan Wu", "talking", "acknowledged" if screen.size()[0] > 80 else "rec")
	row = [r for r in one.client.all("audit.list", event="forced")][-1]
	tap.equal(f"{where}: the audit has the acknowledgement", (row["number"], row["forced"]), (NUMBERS["dan"], True))
	screen.keys("C-x")
	screen.wait("Wrap-up", "Dan Wu")
	dispose(screen)


def dispose(screen):
	be_seen(screen)
	choose(screen, "a")
	wait_for_saved(screen)


def be_seen(screen):
	"""A wrap-up that opens by itself hears no key that comes until all of it is drawn, which is later than it is seen here; but Tab."""
	screen.wait("A key chooses")
	screen.keys("Tab")
	screen.wait("Tab goes back")
	screen.keys("Tab")


def choose(screen, key):
	"""A disposition, by its key."""
	screen.wait("A key chooses")
	screen.keys(key)
	return screen.wait("Enter saves, for good")


def wait_for_saved(screen):
	screen.keys("Enter")
	screen.wait("ready", gone="Wrap-up")


def check_incoming(one, screen, where):
	call = one.pbx.ring(from_=f"<sip:{NUMBERS['bob']}@{one.pbx.ip}>")
	screen.wait("Incoming call", "Bob Ray", "ringing")
	screens.same(screen, "incoming")
	screen.keys("Escape")
	screen.wait("The call rings on")
	screen.keys("F10")
	screen.wait("No call.", "ready", gone="Incoming call ")
	tap.equal(f"{where}: rejected", (last_call(one)["direction"], last_call(one)["cause"]), ("inbound", "rejected"))
	call = one.pbx.ring(from_=f"<sip:{NUMBERS['bob']}@{one.pbx.ip}>")
	screen.wait("Incoming call", gone="The call rings on")
	if where.startswith("screen"):
		screen.keys("Escape")
		screen.wait("The call rings on")        # all of the window is drawn: it hears Enter
		screen.keys("Enter")
	else:
		screen.keys("F12")
	screen.wait("talking", "Bob Ray", gone="Incoming call ")
	tap.equal(f"{where}: answered", one.client.ask("call.list")["items"][0]["direction"], "inbound")
	hang_up_on_who_types(one, screen, call, where)
	tap.check(f"{where}: what is typed while a wrap-up opens chooses nothing", screen.shows("Wrap-up", "the other side hung up", "A key chooses"),
		screen.text())
	press_until(screen, "a", "Enter saves, for good")
	wait_for_saved(screen)


def hang_up_on_who_types(one, screen, call, where):
	"""The console finds the end of the call and what was typed at the same time, and looks at the engine first.  On some terminals
	more comes together: the window takes a second, more than lies between two keys of somebody who types (DEAF_MS in
	src/console/view.h); or all is typed while it is drawn."""
	if where.startswith("vt100 80"):
		return hang_up_before_keys(one, screen, call)
	with contextlib.ExitStack() as slow:
		with stopped(screen.pid()):
			type_ahead(screen)
			hang_up(one, call)
			if where.startswith("screen-256color 80"):
				slow.enter_context(screen.held_back())
		if where.startswith("screen-256color 80"):
			time.sleep(1)


def hang_up_before_keys(one, screen, call):
	pid = screen.pid()
	with contextlib.ExitStack() as later:
		with stopped(pid):
			hang_up(one, call)
			later.enter_context(screen.held_back())
		screen.until(lambda: writes_to_terminal(pid))
		with stopped(pid):
			later.close()
			type_ahead(screen)


def hang_up(one, call):
	call.bye()
	eventually(lambda: one.session()["state"] == "wrap_up", PATIENCE)
	one.session()                   # the engine may answer before it tells others: it has told them by now


def type_ahead(screen):
	"""To a console that stands still."""
	screen.type("42")
	eventually(lambda: screen.typed() == 2, PATIENCE)


def writes_to_terminal(pid):
	"""Is it in a call of the kernel whose first argument is 1, standard output?  Where nobody may know that: some time."""
	try:
		with open(f"/proc/{pid}/syscall") as file:
			return file.read().split()[1:2] == ["0x1"]
	except PermissionError:
		time.sleep(0.5)
		return True


def press_until(screen, key, wanted):
	"""Somebody who was typing while a window opened, and goes on: heard at last."""
	for _ in range(50):
		screen.keys(key)
		try:
			return screen.wait(wanted, timeout=0.5)
		except TimeoutError:
			pass
	return screen.wait(wanted)


def check_other_windows(one, screen, where):
	screen.keys("?")
	screen.wait("Everywhere")
	screens.same(screen, "help")
	screen.keys("G")
	screen.wait("tick", "Windows")
	screens.same(screen, "help-end")
	screen.keys("Escape")
	screen.wait("No call.", gone="Keys ─")
	screen.type(":")
	screen.wait("Actions")
	screens.same(screen, "actions")
	screen.type("pau")
	screen.wait(re.compile(r"pause +Ctrl-B"))
	screen.keys("Enter")
	screen.wait("Lunch", "Training")
	screens.same(screen, "pause")
	screen.keys("Down", "Enter")
	screen.wait("paused: Lunch", "You are paused")
	screens.same(screen, "paused")
	tap.equal(f"{where}: the pause has its reason", one.session()["paused_reason"], "Lunch")
	screen.keys("C-b")
	screen.wait("No call.", gone="paused")


def check_leaving(one, screen, where):
	screen.keys("C-q")
	screen.wait("You stay logged in")
	screens.same(screen, "leave")
	screen.keys("Escape")
	screen.wait("No call.", gone="You stay")
	screen.keys("C-o")
	screen.wait("Calls no longer come")
	screens.same(screen, "log-out")
	screen.keys("Enter")
	screen.wait("not logged in", "Log in")
	tap.equal(f"{where}: the engine has no session any more", one.client.ask("session.list")["items"], [])
	screen.keys("C-q")
	tap.equal(f"{where}: it leaves with status 0", screen.ended(), 0)
	tap.check(f"{where}: the terminal is as it was", screen.is_sane(), screen.text())
	if screen.term == "linux":              # it has no other screen to go back to
		tap.check(f"{where}: nothing stays painted", screen.until(lambda: b"\033[H\033[J" in screen.raw()[-80:]), screen.raw()[-80:])


def is_within(lines, columns, rows):
	return len(lines) == rows and all(len(line) <= columns for line in lines)


def check_width(screen, where):
	columns, rows = screen.size()
	tap.check(f"{where}: nothing is wrapped", screen.until(lambda: is_within(screen.lines(), columns, rows)), screen.text())


@tap.main
def test():
	for term, columns, rows in TERMINALS:
		where = f"{term} {columns}x{rows}"
		with tap.guard(where), shift() as one, Screen(one.home, columns, rows, term) as screen:
			for part in (check_log_in, check_call, check_wrap_up, check_block, check_warnings, check_incoming,
			             check_other_windows):
				part(one, screen, where)
				check_width(screen, f"{where}, after {part.__name__[6:]}")
			check_leaving(one, screen, where)
