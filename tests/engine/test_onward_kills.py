#!/usr/bin/python3
"""SIGKILL in the middle of a transfer and of a conference: what the records say afterwards, and that nothing hangs."""
from desk import BOB, PATIENCE, Engine, Refused, eventually, loopback
from focus import Focus
from parties import EVE, OURS, Floor, hears
from switch import Switch
import tap


class Survivor(Floor):
	def talk(self, *args):
		"""As soon as there is a phone again."""
		def attempt():
			try:
				return Floor.talk(self, *args)
			except Refused as error:
				if error.code != "unavailable":
					raise
				return None
		return eventually(attempt, PATIENCE, "the phone")


def again(f):
	"""The engine is killed and started; a client of the new one."""
	f.engine.kill()
	f.c = f.engine.start().client()


def all_closed(f, name):
	rows = f.c.all("history.list")
	tap.equal(f"{name}: every call is closed", [x["id"] for x in rows if not x["ended_at"]], [])
	return {x["id"]: x for x in rows}


def in_a_transfer(f):
	call, _ = f.talk()
	f.bob.refer_mode = "silent"
	f.c.send("call.transfer", {"to": EVE})
	eventually(lambda: (f.show(call)["transfer"] or {}).get("code") == 202)
	again(f)
	rows = all_closed(f, "the engine in a transfer")
	attempt = [x for x in rows.values() if x["consults"] == call][0]
	tap.equal("both by their true cause", (rows[call]["cause"], attempt["cause"]), ("engine_restart", "engine_restart"))
	tap.equal("nothing is said of where the customer went", rows[call]["transferred_to"], None)
	s = f.c.ask("session.show")
	tap.equal("the transferred call's disposition is owed, and no other", (s["owed"], s["wrap_up"]["call_id"]), (1, call))
	f.bob.refer_mode = "follow"
	f.dispose()


def media_in_a_transfer(f):
	call, bob = f.talk()
	f.bob.refer_mode = "silent"
	number = f.c.send("call.transfer", {"to": EVE, "timeout": 1})
	eventually(lambda: (f.show(call)["transfer"] or {}).get("code") == 202)
	f.engine.kill(f.engine.child("spctl-media"))
	try:
		f.c.answer(number)
	except Exception as error:
		tap.equal("the sound process in a transfer: it is answered", getattr(error, "code", error), "not_answered")
	f.bob.refer_mode = "follow"
	eventually(lambda: f.show(call)["state"] == "active")
	tap.check("and the agent has the call, with sound", eventually(lambda: bob.direction == "sendrecv"), bob.direction)
	f.end(call)


def in_a_conference(f):
	first, _ = f.talk()
	second = f.c.ask("call.conference_add", to=EVE)["calls"][-1]
	again(f)
	rows = all_closed(f, "the engine in a conference")
	tap.equal("by their true cause", [rows[x]["cause"] for x in (first, second)], ["engine_restart"] * 2)
	parties = f.show(first)["participants"]
	tap.equal("and all of its participants have left", [(p["party"], p["left_at"] is not None) for p in parties],
		[("anna", True), (BOB, True), (EVE, True)])
	tap.equal("each with his call", [p["left_at"] for p in parties[1:]], [rows[x]["ended_at"] for x in (first, second)])
	f.dispose()


def in_a_room(f, switch):
	switch.place("room", Focus(loopback()), "answer-0")
	f.c.ask("station.set", name="s-anna", conference_uri=f"sip:room@{switch.ip}")
	first, _ = f.talk()
	room = f.c.ask("call.conference_add", to=EVE)["calls"][0]
	f.engine.kill(f.engine.child("baresip"))
	tap.equal("the phone in a room: the agent is out of it", f.c.wait_call(room, "ended")["cause"], "phone_lost")
	tap.equal("the customers' calls went before", f.show(first)["cause"], "transferred")
	tap.equal("of the participants, the agent alone is known to have left",
		[(p["party"], p["left_at"] is not None) for p in f.show(first)["participants"]],
		[("anna", True), (BOB, False), (EVE, False)])
	all_closed(f, "the phone in a room")
	f.dispose()
	f.c.ask("station.set", name="s-anna", conference_uri="")


def phone_in_a_consult(f):
	first, _ = f.talk()
	f.switch.place(EVE, f.eve, "ring")
	number = f.c.send("call.transfer", {"to": EVE, "attended": True})
	eventually(lambda: any(x["number"] == EVE and x["state"] == "ringing" for x in f.c.ask("call.list")["items"]))
	f.engine.kill(f.engine.child("baresip"))
	try:
		f.c.answer(number)
		tap.check("the phone while somebody is consulted: it is answered", False)
	except Exception as error:
		tap.check("the phone while somebody is consulted: it is answered", getattr(error, "code", "") in ("conflict", "not_answered"), error)
	all_closed(f, "the phone while somebody is consulted")
	f.dispose()
	f.switch.place(EVE, f.eve, "answer-0")


@tap.main
def test():
	with Switch() as switch, Engine() as engine:
		f = Survivor(engine, switch)
		for part, more in ((in_a_transfer, ()), (media_in_a_transfer, ()), (in_a_conference, ()), (phone_in_a_consult, ()),
				(in_a_room, (switch,))):
			with tap.guard(part.__name__):
				eventually(lambda: not f.c.ask("session.show")["owed"])
				part(f, *more)
		call, bob = f.talk()
		tap.check("and calls go on as ever", hears(bob, OURS))
		f.end(call)
		tap.equal("no leg left unordered", f.c.ask("audit.list", event="ungated_leg")["items"], [])
