#!/usr/bin/python3
"""A full shift by keys only: fifty calls, each dialled, talked on, hung up, disposed of and noted; not one is lost."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from shift import NUMBERS, Screen, shift      # noqa: E402
from test_phone import be_seen, choose, wait_for_saved      # noqa: E402
import tap                                    # noqa: E402

CALLS = 50
CHOICES = (("1", "sale"), ("2", "callback"), ("6", "wrong_number"), ("0", "follow_up"), ("a", "completed"))


def one_call(one, screen, n):
	key, _ = CHOICES[n % len(CHOICES)]
	screen.paste(NUMBERS["bob"] if n % 2 else "(415) 555-0104")
	screen.keys("Enter")
	screen.wait("talking", "in call")
	if n % 5 == 4:
		screen.keys("F8")
		screen.wait("on hold")
	if n % 3 == 2:
		next(d for d in list(one.pbx.dialogs.values()) if d.state == "up").bye()
		be_seen(screen)
	else:
		screen.keys("F10")
	choose(screen, key)
	screen.keys("Tab")
	screen.wait("Tab goes back")
	screen.type(f"note {n}")
	screen.keys("Tab")
	screen.wait("Enter saves, for good", f"note {n}")
	wait_for_saved(screen)
	one.pbx.tidy()


@tap.main
def test():
	with shift() as one, Screen(one.home, arguments="--user anna --station desk1") as screen:
		screen.wait("ready", "No call.")
		for n in range(CALLS):
			one_call(one, screen, n)
		calls = one.client.all("history.list")
		tap.equal("there are as many calls", len(calls), CALLS)
		tap.equal("each has its disposition and notes", [(c["disposition"], c["notes"]) for c in calls],
			[(CHOICES[n % len(CHOICES)][1], f"note {n}") for n in range(CALLS)])
		tap.equal("none is owed", one.client.all("history.list", owed=True), [])
		tap.equal("the agent is ready", one.session()["state"], "ready")
