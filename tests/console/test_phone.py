#!/usr/bin/python3
"""The phone and every window of it, by keys only, on three terminals and two sizes: what an agent sees and what the engine then has."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from shift import NUMBERS, Screen, shift      # noqa: E402
import tap                                    # noqa: E402

TERMINALS = (("screen-256color", 80, 24), ("vt100", 132, 43), ("linux", 80, 24), ("screen-256color", 132, 43), ("vt100", 80, 24),
             ("linux", 132, 43))


def last_call(one):
	return one.client.ask("history.list", newest=True, limit=1)["items"][0]


def check_window(screen, where, title, *words):
	inside = screen.has_window(title)
	missing = [w for w in words if inside is not None and w not in " ".join(inside.split())]
	tap.check(f"{where}: the window \"{title}\" is whole", inside is not None and not missing,
		f"missing {missing}\n{screen.text()}")


def check_log_in(one, screen, where):
	screen.wait("Log in", "desk1")
	check_window(screen, where, "Log in", "Station", "desk2", "Pod 7")
	screen.type("anna")
	screen.keys("Tab", "Enter")
	screen.wait("anna at desk1", "registered", "ready", "No call.", gone="Station")
	tap.equal(f"{where}: the engine has the session", (one.session()["station"], one.session()["state"]), ("desk1", "ready"))


def check_call(one, screen, where):
	screen.paste("(415) 555-0100")
	screen.wait("(415) 555-0100")
	screen.keys("Enter")
	screen.wait("Bob Ray", "talking", "in call", "+1 415 555 0100", "Flags", "none", re.compile(r"\d+ of 1000 this week"))
	call = one.client.ask("call.list")["items"][0]
	tap.equal(f"{where}: a pasted number is dialled", (call["number"], call["customer_id"], call["state"]),
		(NUMBERS["bob"], one.bob, "active"))
	screen.keys("F8")
	screen.wait("on hold")
	screen.keys("F8")
	screen.wait("talking", gone="on hold")
	screen.keys("F9")
	screen.wait("muted")
	tap.check(f"{where}: mute is the engine's mute", one.client.ask("call.list")["items"][0]["muted"])
	screen.keys("F9")
	screen.wait("talking", gone="muted")
	screen.keys("C-d")
	screen.wait("Digits")
	screen.keys("1", "#")
	screen.wait("1#")
	check_window(screen, where, "Digits", "1#", "7 8 9")
	screen.keys("Escape")
	screen.wait("talking", gone="Digits ─")
	screen.keys("F10")
	screen.wait("Wrap-up", "agent hangup")


def check_wrap_up(one, screen, where):
	check_window(screen, where, "Wrap-up", "Bob Ray", "1 Sale", "2 Callback", "Notes", "0:")
	screen.keys("Escape")
	screen.wait("Choose a disposition and save it", "Wrap-up")
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
	call = last_call(one)
	tap.equal(f"{where}: disposition and notes are saved", (call["disposition"], call["notes"].strip()),
		("callback", "He Wants papers, 5"))


def check_block(one, screen, where):
	before = last_call(one)["id"]
	screen.type("4155550101")
	screen.keys("Enter")
	screen.wait("This call is blocked")
	check_window(screen, where, "This call is blocked", "demanded in writing", "1692c(c)", "supervisor clears", "attorney")
	screen.keys("Enter")
	screen.wait("No call.", gone="blocked")
	screen.wait(re.compile(r"Number +Dial"))
	tap.equal(f"{where}: a blocked call is none", last_call(one)["id"], before)


def check_warnings(one, screen, where):
	screen.type("415-555-0102")
	screen.keys("Enter")
	screen.wait("Before you call", "weekly cap", "statute of limitations")
	check_window(screen, where, "Before you call", "[ ]", "Space ticks", "2020-01-01")
	screen.keys("Enter")
	screen.wait("Tick each warning first")
	tap.equal(f"{where}: no call before all is ticked", one.client.ask("call.list")["items"], [])
	screen.keys("Space")
	screen.keys("Enter")
	screen.wait("Tick each warning first")
	screen.keys("Space")
	screen.wait("[ Dial ]", gone="Space ticks")
	screen.keys("Enter")
	screen.wait("Dan Wu", "talking", "acknowledged" if screen.size()[0] > 80 else "rec")
	row = [r for r in one.client.all("audit.list", event="forced")][-1]
	tap.equal(f"{where}: the audit has the acknowledgement", (row["number"], row["forced"]), (NUMBERS["dan"], True))
	screen.keys("C-x")
	screen.wait("Wrap-up", "Dan Wu")
	dispose(screen)


def dispose(screen):
	screen.wait("A key chooses")
	screen.keys("a")
	screen.wait("Enter saves, for good")
	wait_for_saved(screen)


def wait_for_saved(screen):
	"""Enter, until it is heard: in its first moment the window takes none."""
	for _ in range(50):
		screen.keys("Enter")
		try:
			screen.wait("ready", gone="Wrap-up", timeout=0.3)
			return
		except TimeoutError:
			pass
	screen.wait("ready", gone="Wrap-up")


def check_incoming(one, screen, where):
	call = one.pbx.ring(from_=f"<sip:{NUMBERS['bob']}@{one.pbx.ip}>")
	screen.wait("Incoming call", "Bob Ray", "ringing")
	check_window(screen, where, "Incoming call", "+1 415 555 0100", "Bob Ray", "Local time", "Answer", "Reject")
	screen.keys("Escape")
	screen.wait("The call rings on")
	screen.keys("F10")
	screen.wait("No call.", "ready", gone="Incoming call ")
	tap.equal(f"{where}: rejected", (last_call(one)["direction"], last_call(one)["cause"]), ("inbound", "rejected"))
	call = one.pbx.ring(from_=f"<sip:{NUMBERS['bob']}@{one.pbx.ip}>")
	screen.wait("Incoming call")
	screen.keys("F12")
	screen.wait("talking", "Bob Ray", gone="Incoming call ")
	tap.equal(f"{where}: answered", one.client.ask("call.list")["items"][0]["direction"], "inbound")
	call.bye()
	screen.wait("Wrap-up", "remote hangup")
	dispose(screen)


def check_other_windows(one, screen, where):
	screen.keys("?")
	screen.wait("Everywhere")
	check_window(screen, where, "Keys", "hangup F10, Ctrl-X Ends the call.")
	screen.keys("G")
	screen.wait("tick", "Windows")
	screen.keys("Escape")
	screen.wait("No call.")
	screen.type(":")
	screen.wait("Actions")
	screen.type("pau")
	screen.wait(re.compile(r"pause +Ctrl-B"))
	check_window(screen, where, "Actions", "Takes a break")
	screen.keys("Enter")
	screen.wait("Lunch", "Training")
	check_window(screen, where, "Pause", "Other")
	screen.keys("Down", "Enter")
	screen.wait("paused: Lunch", "You are paused")
	tap.equal(f"{where}: the pause has its reason", one.session()["paused_reason"], "Lunch")
	screen.keys("C-b")
	screen.wait("No call.", gone="paused")
	screen.keys("F7")
	screen.wait("console.theme", "Mouse", "Engine", "private engine")
	screen.keys("Escape")
	screen.wait("No call.")


def check_leaving(one, screen, where):
	screen.keys("C-o")
	screen.wait("Calls no longer come")
	check_window(screen, where, "Log out", "Cancel")
	screen.keys("Enter")
	screen.wait("not logged in", "Log in")
	tap.equal(f"{where}: the engine has no session any more", one.client.ask("session.list")["items"], [])
	screen.keys("C-q")
	tap.equal(f"{where}: it leaves with status 0", screen.ended(), 0)
	tap.check(f"{where}: the terminal is as it was", screen.is_sane(), screen.text())


def check_width(screen, where):
	columns, rows = screen.size()
	lines = screen.lines()
	tap.check(f"{where}: nothing is wrapped", len(lines) == rows and all(len(line) <= columns for line in lines), screen.text())


@tap.main
def test():
	with shift() as one:
		for term, columns, rows in TERMINALS:
			where = f"{term} {columns}x{rows}"
			with tap.guard(where), Screen(one.home, columns, rows, term) as screen:
				for part in (check_log_in, check_call, check_wrap_up, check_block, check_warnings, check_incoming,
				             check_other_windows):
					part(one, screen, where)
					check_width(screen, f"{where}, after {part.__name__[6:]}")
				check_leaving(one, screen, where)
