#!/usr/bin/python3
"""Several calls at once: waiting, swapped, taken over, transferred; each whole screen compared with the saved one (screens.py), and with
what the engine then has."""
import contextlib
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from shift import NUMBERS, Screen, shift      # noqa: E402
from test_phone import dispose, last_call                  # noqa: E402
from desk import PATIENCE, eventually, loopback        # noqa: E402
from peer import Peer                         # noqa: E402
from switch import Switch                     # noqa: E402
import screens                                # noqa: E402
import tap                                    # noqa: E402

TERMINALS = (("screen-256color", 80, 24), ("vt100", 132, 43), ("linux", 80, 24), ("xterm-mono", 132, 43))


def states(one):
	return {c["number"]: c["state"] for c in one.client.ask("call.list")["items"]}


def dial(screen, number, name):
	screen.type(number)
	screen.keys("Enter")
	screen.wait(re.compile(rf"[▸>] {name}.*talking"))


def ring(one, who):
	return one.pbx.ring(from_=f"<sip:{NUMBERS[who]}@{one.pbx.ip}>")


def swapping(one, screen, where):
	dial(screen, NUMBERS["bob"], "Bob Ray")
	dial(screen, NUMBERS["wide"], "محمد")
	screen.wait("on hold", re.compile(r"Phone +\+1 415 555 0104"))
	screens.same(screen, "two-lines")
	tap.equal(f"{where}: dialling holds the other call", states(one), {NUMBERS["bob"]: "held", NUMBERS["wide"]: "active"})
	screen.keys("C-s")
	screen.wait(re.compile(r"[▸>] Bob Ray.*talking"), re.compile(r"Phone +\+1 415 555 0100"))
	tap.equal(f"{where}: swapped, and the card follows", states(one), {NUMBERS["bob"]: "active", NUMBERS["wide"]: "held"})
	screen.keys("Down")
	screen.wait(re.compile(r"[▸>] محمد.*on hold"), re.compile(r"Phone +\+1 415 555 0104"))
	screen.keys("Enter")
	screen.wait(re.compile(r"[▸>] محمد.*talking"))
	tap.equal(f"{where}: Enter takes up the marked call", states(one), {NUMBERS["bob"]: "held", NUMBERS["wide"]: "active"})


def waiting(one, screen, where):
	"""With two calls there, others come in."""
	first = ring(one, "dan")
	screen.wait("Incoming call", "Dan Wu", "Hold and answer", "Voicemail", re.compile(r"Flags +none"))
	screens.same(screen, "call-waiting")
	ring(one, "evil")
	screen.wait("1 of 2", "Tab shows")
	screen.keys("Tab")
	screen.wait("2 of 2", "+1 415 555 0103", re.compile("Evil .*y"))
	screens.same(screen, "two-ring")
	screen.wait("2 of 2")
	screen.keys("v")
	screen.wait("Incoming call", gone="2 of 2")
	screen.wait("Incoming call", "Dan Wu", gone="of 2")
	tap.equal(f"{where}: sent to the voicemail", (last_call(one)["cause"], last_call(one)["sip_code"]), ("voicemail", 480))
	screen.keys("Escape")
	screen.wait("calls you", "It rings on", gone="Hold and answer")
	screens.same(screen, "put-aside")
	tap.equal(f"{where}: put aside, it rings on", states(one)[NUMBERS["dan"]], "ringing")
	screen.keys("Down", "Enter")
	screen.wait("Hold and answer")
	screen.keys("F12")
	screen.wait(re.compile(r"[▸>] Dan Wu.*talking"))
	tap.equal(f"{where}: answering holds the other", states(one),
		{NUMBERS["bob"]: "held", NUMBERS["wide"]: "held", NUMBERS["dan"]: "active"})
	first.bye()
	screen.wait(gone="Dan Wu  ")
	eventually(lambda: len(states(one)) == 2, PATIENCE)
	tap.equal(f"{where}: a held call stays held when another ends", set(states(one).values()), {"held"})
	one.client.ask("dispo.save", code="completed", **{"as": "anna"})        # who owes one dials nobody new


def six(one, screen, where):
	for n in range(4):
		dial(screen, f"41555560{n:02}", f"Many {n}")
	screen.wait("6 of 6", re.compile(r"Phone +\+1 415 555 6003"))
	screens.same(screen, "six-lines")
	screen.type("4155550102")
	screen.keys("Enter")
	screen.wait("all six lines are in use")
	tap.equal(f"{where}: no seventh call", len(states(one)), 6)
	screen.keys("C-u")
	for left in range(5, -1, -1):
		screen.keys("F10")
		screen.wait(f"{left} of 6" if left > 1 else "Calls", gone=() if left > 1 else "of 6")
		eventually(lambda n=left: len(states(one)) == n, PATIENCE)
	while one.session()["owed"]:
		one.client.ask("dispo.save", code="completed", **{"as": "anna"})
	screen.wait("No call.", "ready", gone="Wrap-up")
	tap.equal(f"{where}: each call owed its disposition", one.client.all("history.list", owed=True), [])


def calling_again(one, screen, where):
	dial(screen, NUMBERS["bob"], "Bob Ray")
	screen.keys("F10")
	screen.wait("Wrap-up", "Bob Ray")
	first = last_call(one)["id"]
	screen.keys("3", "Tab")
	screen.wait("Tab goes back")
	screen.type("rang once")
	screen.keys("C-r")
	screen.wait(re.compile(r"[▸>] Bob Ray.*talking"), gone="Wrap-up ─")
	again = one.client.ask("call.list")["items"][0]
	tap.equal(f"{where}: called again out of the wrap-up", (again["number"], again["redial_of"]), (NUMBERS["bob"], first))
	screen.keys("F10")
	screen.wait("Wrap-up, 1 more", "rang once")
	screens.same(screen, "wrap-up-two")
	screen.keys("Enter")
	screen.wait("Wrap-up", gone="1 more")
	screen.wait("Wrap-up")
	dispose(screen)
	call = one.client.ask("call.show", call=first)
	tap.equal(f"{where}: the notes have outlived the second call", (call["disposition"], call["notes"]), ("no_answer", "rang once"))


def quiet(one, screen, where):
	screen.keys("M-n")
	screen.wait("do not disturb", "Do not disturb: callers")
	screens.same(screen, "do-not-disturb")
	ring(one, "bob")
	tap.check(f"{where}: callers hear busy", screen.until(lambda: last_call(one)["cause"] in ("busy", "rejected", "dnd")), last_call(one))
	screen.keys("M-n")
	screen.wait("No call.", gone="do not disturb")


def an_agent(one, screen, where):
	one.client.ask("session.login", user="bert", station="desk2")
	screen.type("@bert")
	screen.keys("Enter")
	screen.wait(re.compile(r"[▸>] bert"), "an agent")
	call = one.client.ask("call.list")["items"][0]
	tap.equal(f"{where}: an agent is called by his login", (call["direction"], call["number"]), ("internal", "bert"))
	screen.keys("F10")
	screen.wait("No call.", "ready")


def lines(one, screen, where):
	screen.wait("anna at desk1", "ready")
	for part in (swapping, waiting, six, calling_again, quiet, an_agent):
		part(one, screen, where)
		one.pbx.tidy()


# ---- transfers, on a floor where people are reached by number ----------------------------------------------------------

class Floor:
	"""In place of a PBX that answers everything: one that connects Bob, Dan and anna."""

	def __init__(self, one):
		self.one, self.switch = one, Switch()
		self.bob, self.dan = Peer(loopback(), tone=660), Peer(loopback(), tone=880)
		self.switch.place(NUMBERS["bob"], self.bob, "answer-0")
		self.switch.place(NUMBERS["dan"], self.dan, "answer-0")
		one.client.ask("customer.set", id=3, max_calls_per_week=100, sol_date="", reason="paid")
		one.client.ask("station.add", name="desk3", did="+14155550197", sip_uri=f"sip:anna@{self.switch.ip}", register=False)


def type_target(screen, text, found):
	screen.keys("M-t")
	screen.wait("At once", "Ask first")
	screen.type(text)
	screen.wait(found)


def blind(floor, screen, where):
	screen.type(NUMBERS["bob"])
	screen.keys("Enter")
	screen.wait("talking")
	type_target(screen, "Dan", "Dan Wu")
	screen.keys("Down")
	screens.same(screen, "transfer")
	screen.keys("Enter")
	screen.wait("[ At once ]")
	screen.keys("Enter")
	screen.wait("Wrap-up", "transferred", timeout=20)
	call = last_call(floor.one)
	rows = floor.one.client.all("history.list")
	tap.equal(f"{where}: given to the customer who was found", [(r["cause"], r["transferred_to"]) for r in rows if r["transferred_to"]][-1],
		("transferred", NUMBERS["dan"]), )
	tap.check(f"{where}: and the far end's call stands there", call["consults"] or call["transferred_to"], call)
	dispose(screen)


def refused(floor, screen, where):
	floor.switch.place(NUMBERS["dan"], floor.dan, "code-486")
	screen.type(NUMBERS["bob"])
	screen.keys("Enter")
	screen.wait("talking")
	type_target(screen, NUMBERS["dan"], "taken as typed")
	screen.keys("Enter", "Enter")
	screen.wait("is not transferred to", "486", timeout=20)
	screen.wait("talking")
	tap.equal(f"{where}: a transfer that fails leaves the call with the agent", list(states(floor.one).values()), ["active"])
	floor.switch.place(NUMBERS["dan"], floor.dan, "answer-0")
	type_target(screen, NUMBERS["cara"], "taken as typed")
	screen.keys("Enter", "Enter")
	screen.wait("This call is blocked")
	tap.equal(f"{where}: the gate stands before a transfer", list(states(floor.one).values()), ["active"])
	screen.keys("Escape")
	screen.wait("talking", gone="blocked ─")


def attended(floor, screen, where):
	"""Bob is there already."""
	type_target(screen, NUMBERS["dan"], "taken as typed")
	screen.keys("Tab", "Tab")
	screen.wait("[ Ask first ]")
	screens.same(screen, "transfer-ask")
	screen.keys("Enter")
	screen.wait(re.compile(r"[▸>] Dan Wu.*talking"), "waits on hold", "transfer again when you")
	screens.same(screen, "consulting")
	screen.keys("M-t")
	screen.wait("Connect them", "Bob Ray")
	screens.same(screen, "transfer-connect")
	screen.keys("Enter")
	screen.wait("[ Connect them ]")
	screen.keys("Enter")
	screen.wait("Wrap-up", timeout=20)
	eventually(lambda: not states(floor.one), PATIENCE)
	ended = [r["cause"] for r in floor.one.client.all("history.list")[-3:]]        # the refused attempt's row is among them
	tap.equal(f"{where}: both calls are given away", sorted(ended), ["busy", "transferred", "transferred"])
	while floor.one.session()["owed"]:
		floor.one.client.ask("dispo.save", code="completed", **{"as": "anna"})
	screen.wait("No call.", gone="Wrap-up")


def conference(floor, screen, where):
	client = floor.one.client
	screen.type(NUMBERS["bob"])
	screen.keys("Enter")
	screen.wait("talking")
	screen.keys("M-c")
	screen.wait("Add to the call", "bert")
	screen.type("Dan")
	screen.wait("Dan Wu")
	screen.keys("Down")
	screens.same(screen, "add-to-call")
	screen.keys("Enter")
	screen.wait(re.compile("Bob Ray +conference"), re.compile("Dan Wu +conference"), "is in the call", timeout=20)
	screens.same(screen, "conference")
	tap.equal(f"{where}: three hear each other", len(client.ask("call.conference_show", **{"as": "anna"})["calls"]), 2)
	screen.keys("F10")
	screen.wait("Conference ─", "You leave, and the two")
	screens.same(screen, "leave-conference")
	tap.equal(f"{where}: who leaves is asked what becomes of the others", len(states(floor.one)), 2)
	screen.keys("Left", "Down")
	screen.wait("Up and Down choose")
	screen.keys("Enter")
	screen.wait("Bob Ray", "talking", gone=("conference", "Dan Wu   "))
	tap.equal(f"{where}: one is dropped, and the other goes on", states(floor.one), {NUMBERS["bob"]: "active"})
	screen.wait("Number", gone="Add ")
	client.ask("dispo.save", code="completed", **{"as": "anna"})
	screen.keys("M-c")
	screen.wait("Add to the call")
	screen.type(NUMBERS["dan"])
	screen.keys("Enter")
	screen.wait(re.compile("Dan Wu +conference"), timeout=20)
	screen.keys("F10")
	screen.wait("You leave, and the two")
	screen.keys("Enter")
	screen.wait("Wrap-up", timeout=20)
	tap.check(f"{where}: the two are left to each other", screen.until(lambda: not states(floor.one)), states(floor.one))
	while floor.one.session()["owed"]:
		client.ask("dispo.save", code="completed", **{"as": "anna"})
	screen.wait("No call.", gone="Wrap-up")


@contextlib.contextmanager
def whole_shift():
	with shift() as one:
		one.client.ask("station.set", name="desk1", voicemail_code=480)
		for n in range(4):
			one.client.ask("customer.add", name=f"Many {n}", phones=[f"+141555560{n:02}"], timezone="Etc/UTC")
		yield one


@tap.main
def test():
	for term, columns, rows in TERMINALS:
		where = f"{term} {columns}x{rows}"
		with tap.guard(where), whole_shift() as one:
			with Screen(one.home, columns, rows, term, "--user anna --station desk1") as screen:
				lines(one, screen, where)
			one.client.ask("session.logout", user="anna")
			floor = Floor(one)
			with tap.guard(f"{where}, transfers"), Screen(one.home, columns, rows, term, "--user anna --station desk3") as screen:
				screen.wait("anna at desk3", "No call.")
				for part in (blind, refused, attended, conference):
					part(floor, screen, where)
