#!/usr/bin/python3
"""Conferences in a room of the PBX: everybody is moved there, and goes on whoever leaves; what fails leaves the calls."""
import os
import sys

from desk import BOB, ROOT, Engine, eventually, loopback
from focus import Focus
from parties import EVE, NOBODY, SAM, Ears
from switch import Switch
sys.path.append(os.path.join(ROOT, "tests", "media"))
from card import Card           # noqa: E402
import tap


def followed(dialog):
	"""The call that a party made when it was told to."""
	joined = eventually(lambda: dialog.followed, what="a party that follows")
	return joined.wait("up") and joined


def moved(f, focus):
	"""A customer and somebody else, moved into the room; (calls, their parties' calls there)."""
	before = set(f.eve.dialogs.values())
	first, bob = f.talk()
	conference = f.c.ask("call.conference_add", to=EVE)
	eve = eventually(lambda: [d for d in f.eve.dialogs.values() if d.followed and d not in before], what="Eve")[0]
	second = [x["id"] for x in f.c.all("history.list") if x["consults"] == first and x["number"] == EVE][0]
	bob, eve = followed(bob), followed(eve)
	f.listens("Bob", bob)
	f.listens("Eve", eve)
	return conference, first, second, bob, eve


def everybody_leaves_in_turn(f, focus):
	conference, first, second, bob, eve = moved(f, focus)
	room = conference["calls"][0]
	tap.equal("they are in the room, and the agent by a call of his own", (conference["id"], conference["where"], len(conference["calls"])),
		(first, "room", 1))
	f.everybody("in the room")
	tap.equal("their calls were transferred there", [(f.show(x)["cause"], f.show(x)["transferred_to"]) for x in (first, second)],
		[("transferred", f"sip:room@{f.switch.ip}")] * 2)
	rows = [(r["call_id"], r["detail"]) for r in f.c.all("audit.list", event="internal")]
	tap.equal("no leg to the room left without its row in the log", rows[-3:], [(room, f"to room at sip:room@{f.switch.ip}")] +
		[(call, f"moved to the room sip:room@{f.switch.ip}") for call in (first, second)])
	shown = f.show(room)
	tap.equal("the agent's is internal, and in the conference", (shown["direction"], shown["number"], shown["conference"], shown["state"]),
		("internal", "room", first, "active"))
	wanted = [("anna", None, False), (BOB, first, False), (EVE, second, False)]
	for call in (first, second, room):
		tap.equal(f"call {call} has the participants", [(p[0], p[2], p[3]) for p in f.parties(call)], wanted)
	tap.equal("whoever is there goes on: it is not ended from here", f.c.refused("call.conference_end", how="end").code, "conflict")
	tap.equal("nor is one of them dropped", f.c.refused("call.conference_drop", call=first).code, "conflict")

	f.switch.place(SAM, f.eve, "answer-0-1500")
	f.c.ask("station.set", name="s-anna", conference_uri=f"sip:{NOBODY}@{f.switch.ip}")
	f.c.ask("call.conference_add", to=SAM, acknowledge=["unknown_customer"])
	tap.equal("a fourth comes", len(f.c.ask("call.conference_show")["participants"]), 4)
	moved_last = [d for d in f.eve.dialogs.values() if d.followed][-1]
	tap.equal("into the same room, whatever the station names by now", moved_last.refer_to, f"<sip:room@{f.switch.ip}>")
	f.c.ask("station.set", name="s-anna", conference_uri=f"sip:room@{f.switch.ip}")
	sam = moved_last.followed
	sam.wait("up")
	sam.bye()
	f.everybody("and leaves")

	f.c.ask("call.conference_end", how="transfer")
	tap.equal("the agent leaves", f.c.wait_call(room, "ended")["cause"], "agent_hangup")
	f.check("the two others", Bob={"Eve"}, Eve={"Bob"})
	tap.equal("when they leave, the PBX alone knows", [(p[0], p[3]) for p in f.parties(first)],
		[("anna", True), (BOB, False), (EVE, False), (SAM, False)])
	s = f.c.ask("session.show")
	tap.equal("dispositions are owed for the customers' calls", (s["state"], s["owed"]), ("wrap_up", 3))
	f.dispose()
	bob.bye()
	eve.bye()


def a_customer_leaves(f, focus):
	conference, first, second, bob, eve = moved(f, focus)
	[recording] = f.show(conference["calls"][0])["recordings"]
	tap.check("the agent's call into the room is recorded", recording["started_at"], recording)
	bob.bye()
	f.check("one leaves the room", the_agent={"Eve"}, Eve={"the agent"})
	eve.bye()
	f.c.ask("call.hangup")
	f.dispose()


def not_recorded(f, focus):
	before = set(f.eve.dialogs.values())
	first, bob = f.talk(record=False)
	room = f.c.ask("call.conference_add", to=EVE)["calls"][0]
	tap.equal("the room is not recorded when a party was not", f.show(room)["recordings"], [])
	f.c.ask("call.hangup")
	f.c.wait_call(room, "ended")
	for dialog in [bob] + [d for d in f.eve.dialogs.values() if d not in before and d.followed]:
		followed(dialog).bye()
	f.dispose()


def what_fails(f, focus):
	first, bob = f.talk()
	f.bob.refer_mode = "reject"
	error = f.c.refused("call.conference_add", to=EVE)
	tap.check("who does not go is told", error.code == "not_answered" and "603" in error.message, error.message)
	eventually(lambda: len(f.c.ask("call.list")["items"]) == 2, what="the agent to leave the empty room")
	calls = {x["number"]: x for x in f.c.ask("call.list")["items"]}
	tap.check("the call is still the agent's", BOB in calls, calls)
	f.bob.refer_mode = "follow"
	for call in calls.values():
		f.c.ask("call.hangup", call=call["id"])
		f.c.wait_call(call["id"], "ended")
	f.dispose()
	for dialog in list(f.eve.dialogs.values()) + list(f.bob.dialogs.values()):
		if dialog.state == "up":
			dialog.bye()

	first, bob = f.talk()
	f.listens("Bob", bob)
	invites = len(f.eve.received("^INVITE"))
	for user in (NOBODY, "914155550103", "911", "9-1-1"):
		f.c.ask("station.set", name="s-anna", conference_uri=f"sip:{user}@{f.switch.ip}")
		error = f.c.refused("call.conference_add", to=EVE)
		tap.check(f"a room that is {user} is none", error.code == "config" and "may be a telephone number" in error.message, error.message)
	tap.equal("and nobody was called for it", (len(f.eve.received("^INVITE")), f.show(first)["state"]), (invites, "active"))
	f.c.ask("station.set", name="s-anna", conference_uri=f"sip:room@{f.switch.ip}")
	f.switch.place("room", focus, "code-486")
	second, eve = f.talk(EVE, f.eve)
	f.listens("Eve", eve)
	error = f.c.refused("call.conference_add", **{"with": second, "call": first})
	tap.check("a room that is full is told", error.code == "not_answered" and "busy" in error.message, error.message)
	eventually(lambda: f.show(second)["state"] == "active")
	f.check("and the agent has both calls", the_agent={"Eve"}, Eve={"the agent"}, Bob=set())
	tap.equal("in no conference", (f.show(first)["conference"], f.show(first)["state"]), (None, "held"))
	for call in (first, second):
		f.c.ask("call.hangup", call=call)
		f.c.wait_call(call, "ended")
	f.dispose()


@tap.main
def test():
	card = Card()
	with Switch() as switch, Engine(device="auto", env=card.env) as engine:
		focus = Focus(loopback())
		f = Ears(engine, switch, card, conference_uri=f"sip:room@{switch.ip}")
		for part in (everybody_leaves_in_turn, a_customer_leaves, not_recorded, what_fails):
			switch.place("room", focus, "answer-0")
			with tap.guard(part.__name__):
				part(f, focus)
		tap.equal("no leg left unordered", f.c.ask("audit.list", event="ungated_leg")["items"], [])
