#!/usr/bin/python3
"""The engine or the console killed in each state: what is then on the screen, and what the other one still knows."""
import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from shift import NUMBERS, Screen, shift      # noqa: E402
from test_faults import restart               # noqa: E402
from test_phone import TICKED, dispose                # noqa: E402
import tap                                    # noqa: E402

AT_DESK = "--user anna --station desk1"


def type_number(screen, who):
	screen.type(NUMBERS[who])
	screen.keys("Enter")


def dialling(one, screen):
	one.pbx.does[NUMBERS["bob"]] = one.pbx.does[NUMBERS["bob"][1:]] = "ring"
	type_number(screen, "bob")
	screen.wait("Bob Ray", "F10 hang up", re.compile("ringing|dialing"))


def ringing_in(one, screen):
	one.pbx.ring(from_=f"<sip:{NUMBERS['bob']}@{one.pbx.ip}>")
	screen.wait("Incoming call", "Bob Ray")


def talking(one, screen):
	type_number(screen, "bob")
	screen.wait("Bob Ray", "talking")


def on_hold(one, screen):
	talking(one, screen)
	screen.keys("F8")
	screen.wait("on hold")


def two_lines(one, screen):
	talking(one, screen)
	type_number(screen, "wide")
	screen.wait("on hold", re.compile("محمد.*talking"))


def digits(one, screen):
	talking(one, screen)
	screen.keys("C-d")
	screen.wait("Digits")


def transfer(one, screen):
	talking(one, screen)
	screen.keys("M-t")
	screen.wait("At once")


def wrap_up(one, screen):
	talking(one, screen)
	screen.keys("F10")
	screen.wait("Wrap-up")


def warnings(one, screen):
	type_number(screen, "dan")
	screen.wait("Before you call")


def blocked(one, screen):
	type_number(screen, "cara")
	screen.wait("This call is blocked")


# How it comes about; what stands there when the engine was killed and is back; what a new console shows when the old one was killed.
STATES = (
	(dialling, ("Wrap-up", "the engine was started again"), (re.compile("Bob Ray +(ringing|dialing)"),)),
	(ringing_in, ("No call.", "ready"), ("Incoming call", "Bob Ray")),
	(talking, ("Wrap-up", "the engine was started again"), ("Bob Ray", "talking")),
	(on_hold, ("Wrap-up", "the engine was started again"), ("Bob Ray", "on hold")),
	(two_lines, ("Wrap-up, 1 more", "the engine was started again"), (re.compile("Bob Ray +on hold"), re.compile("محمد.*talking"))),
	(digits, ("Wrap-up", "the engine was started again"), ("Bob Ray", "talking")),
	(transfer, ("Wrap-up", "the engine was started again"), ("Bob Ray", "talking")),
	(wrap_up, ("Wrap-up", "the agent hung up"), ("Wrap-up", "the agent hung up")),
	(warnings, ("Before you call", "ready"), ("No call.", "ready")),
	(blocked, ("This call is blocked", "ready"), ("No call.", "ready")),
)


def clear(one):
	"""The agent is ready again."""
	one.pbx.does.clear()
	one.tidy()
	one.pbx.tidy()


def engine_is_killed(one):
	with Screen(one.home, arguments=AT_DESK + " --no-start") as screen:
		screen.wait("ready", "No call.")
		for reach, after, _ in STATES:
			with tap.guard(f"engine killed: {reach.__name__}"):
				reach(one, screen)
				restart(one)
				screen.wait("Connected to the engine again")
				screen.wait("registered", *after)
				tap.check(f"engine killed: {reach.__name__}: the console is there again", screen.pid())
				clear(one)
				screen.keys("Escape")
				screen.wait("No call.", "ready", gone=("Wrap-up", "Before you", "blocked ─"))
		warnings(one, screen)
		restart(one)
		screen.wait("Connected to the engine again")
		screen.wait("registered")
		screen.keys("Space", "Space")
		screen.wait(TICKED, gone="[ ]")
		screen.keys("Enter")                            # the new engine knows nothing of the old one's question
		screen.wait("Before you call", "[ ]")
		screen.keys("Space", "Space", "Enter")
		screen.wait("Dan Wu", "talking")
		tap.check("a warning that was ticked before the engine was killed is asked anew", True)


def console_is_killed(one):
	for reach, _, after in STATES:
		with tap.guard(f"console killed: {reach.__name__}"), Screen(one.home, arguments=AT_DESK) as screen:
			screen.wait("ready", "No call.")
			reach(one, screen)
			os.kill(screen.pid(), signal.SIGKILL)
			tap.equal(f"console killed: {reach.__name__}: the status says so", screen.ended(), 137)
			tap.check(f"console killed: {reach.__name__}: the terminal is as it was", screen.is_sane(), screen.text())
			with Screen(one.home) as again:
				again.wait("anna at desk1", *after)
				tap.check(f"console killed: {reach.__name__}: the next one finds it", True)
		clear(one)


def the_line_drops(one):
	"""As when an ssh link goes: SIGHUP, in a call and in a wrap-up."""
	with Screen(one.home, arguments=AT_DESK) as screen:
		screen.wait("ready", "No call.")
		talking(one, screen)
		os.kill(screen.pid(), signal.SIGHUP)
		screen.ended()
	tap.equal("SIGHUP: the call goes on", one.client.ask("call.list")["items"][0]["state"], "active")
	with Screen(one.home) as screen:
		screen.wait("Bob Ray", "talking")
		screen.keys("F10")
		screen.wait("Wrap-up")
		os.kill(screen.pid(), signal.SIGHUP)
		screen.ended()
	with Screen(one.home, 132, 43) as screen:
		screen.wait("Wrap-up", "Bob Ray")
		dispose(screen)
		tap.check("SIGHUP: call and wrap-up are found again", True)


@tap.main
def test():
	with shift() as one:
		for part in (engine_is_killed, console_is_killed, the_line_drops):
			with tap.guard(part.__name__):
				part(one)
			one.tidy()
