#!/usr/bin/python3
"""Several calls of one agent: call waiting, swap, hold, and that nobody hears whom the agent does not talk to."""
import os

import numpy as np

from desk import PATIENCE, Desk, Engine, eventually, furnish, tone
import tap

ANNA, BEN, CARL, DORA = (f"+1415555010{n}" for n in range(4))


def caller(number):
	return f"<sip:{number}@pbx.example>"


def wait_state(c, call_id, state):
	return eventually(lambda: (lambda x: x["state"] == state and x)(c.ask("call.show", call=call_id)), PATIENCE,
		f"call {call_id} to be {state}")


def ring(c, desk, number, **more):
	dialog = desk.ring(from_=caller(number), **more)
	call = eventually(lambda: [x for x in c.ask("call.list")["items"] if x["number"] == number and x["state"] == "ringing"],
		PATIENCE, "a call that rings")[0]
	return dialog, call["id"]


def session(c):
	s = c.ask("session.show")
	return s["state"], s["call_id"], s["calls"]


def dialogs(desk, number):
	return next(d for d in reversed(list(desk.dialogs.values())) if getattr(d, "number", None) == number)


def dispose(c):
	while c.ask("session.show")["owed"]:
		c.ask("dispo.save", code="completed")


def dial(c, number, **more):
	call = c.ask("call.dial", number=number, acknowledge=["unknown_customer"], **more)
	return call["id"]


def waiting_and_swap(c, desk):
	first = dial(c, ANNA)
	wait_state(c, first, "active")
	theirs, second = ring(c, desk, BEN)
	tap.equal("a second call rings while one is active", session(c), ("in_call", first, 2))
	tap.equal("hold, without naming a call, means the active one; the waiting one rings on",
		(c.ask("call.hold")["id"], c.ask("call.show", call=second)["state"]), (first, "ringing"))
	c.ask("call.resume")
	answered = c.ask("call.answer")
	tap.equal("answered: active when the order is answered", (answered["id"], answered["state"]), (second, "active"))
	tap.equal("the first is held", c.ask("call.show", call=first)["state"], "held")
	dialogs(desk, ANNA).wait_direction("sendonly", "inactive")
	tap.equal("the agent talks on the second", session(c), ("in_call", second, 2))
	tap.equal("no digits into a held call", c.refused("call.dtmf", digits="1", call=first).code, "conflict")

	tap.equal("swapped", c.ask("call.swap")["id"], first)
	theirs.wait_direction("sendonly", "inactive")
	dialogs(desk, ANNA).wait_direction("sendrecv")
	tap.equal("states after the swap", [c.ask("call.show", call=n)["state"] for n in (first, second)], ["active", "held"])
	tap.equal("resume swaps as well", c.ask("call.resume")["id"], second)
	tap.equal("and holds the other", c.ask("call.show", call=first)["state"], "held")
	c.ask("call.swap", call=first)
	seen = len(c.events)
	c.ask("call.hangup")
	tap.equal("hang up means the active one; the held one stays held", session(c), ("in_call", second, 1))
	tap.check("the agent is told of who waits",
		any(f"call {second} is still on hold" in e["data"].get("text", "") for e in c.events[seen:]))
	tap.equal("no call to swap with", c.refused("call.swap").code, "conflict")
	tap.equal("a debt of the burst: no new call", c.refused("call.dial", number=CARL).code, "conflict")
	theirs.bye()
	wait_state(c, second, "ended")
	tap.equal("both owe a disposition", (c.ask("session.show")["state"], c.ask("session.show")["owed"]), ("wrap_up", 2))
	c.ask("dispo.save", code="completed")
	tap.equal("one is not enough", c.ask("session.show")["state"], "wrap_up")
	c.ask("dispo.save", code="completed")
	tap.equal("ready", session(c), ("ready", None, 0))


def two_ring(c, desk):
	one, first = ring(c, desk, ANNA)
	two, second = ring(c, desk, BEN)
	tap.equal("two ring at once", session(c)[::2], ("ringing", 2))
	refusal = c.refused("call.answer")
	tap.check("which one must be said", f"({second}, {first})" in refusal.message, refusal)
	tap.equal("the second is answered", c.ask("call.answer", call=second)["id"], second)
	two.wait("up")
	tap.equal("the first rings on", c.ask("call.show", call=first)["state"], "ringing")
	c.ask("call.hangup", call=second)
	tap.equal("the agent's state is that of the call left", session(c), ("ringing", first, 1))
	one.cancel()
	wait_state(c, first, "ended")
	s = c.ask("session.show")
	tap.equal("wrap-up for the one that was answered", (s["state"], s["owed"]), ("wrap_up", 1))
	dispose(c)


def while_dialling(c, desk):
	desk.does[ANNA] = "ring"
	first = dial(c, ANNA)
	wait_state(c, first, "ringing")
	theirs, second = ring(c, desk, BEN)
	tap.equal("call waiting while a call is dialled", session(c), ("dialing", first, 2))
	tap.equal("not answered before the dialled one is settled", c.refused("call.answer").code, "conflict")
	tap.equal("nor is another dialled", c.refused("call.dial", number=CARL, acknowledge=["unknown_customer"]).code, "conflict")
	c.ask("call.hangup", call=first)
	tap.equal("the waiting one is left", session(c), ("ringing", second, 1))
	c.ask("call.answer")
	third = c.refused("call.dial", number=CARL)
	tap.check("what is owed comes first", third.code == "conflict" and "owes its disposition" in third.message, third)
	c.ask("dispo.save", code="completed")
	third = dial(c, CARL)
	wait_state(c, third, "active")
	tap.equal("placing a call holds the other", c.ask("call.show", call=second)["state"], "held")
	theirs.wait_direction("sendonly", "inactive")
	c.ask("call.hangup", call=second)
	c.ask("call.hangup")
	tap.equal("both are owed", c.ask("session.show")["owed"], 2)
	dispose(c)
	del desk.does[ANNA]


def six(c, desk):
	calls = []
	for n in range(6):
		number = f"+1212555020{n}"
		dialog, call = ring(c, desk, number)
		c.ask("call.answer", call=call)
		calls.append((dialog, call))
	states = [c.ask("call.show", call=call)["state"] for _, call in calls]
	tap.equal("six lines, one of them active", states, ["held"] * 5 + ["active"])
	desk.ring(from_=caller(DORA)).wait("refused 486")
	tap.equal("a seventh finds the station busy", session(c)[2], 6)
	tap.equal("nor is one dialled", c.refused("call.dial", number=DORA).code, "conflict")
	for dialog, call in calls[::2]:
		dialog.bye()
		wait_state(c, call, "ended")
	tap.equal("three are left, held or not", session(c), ("in_call", calls[5][1], 3))
	for _, call in calls[1::2]:
		c.ask("call.hangup", call=call)
	tap.equal("six debts", c.ask("session.show")["owed"], 6)
	dispose(c)


def from_a_pause(c, desk):
	c.ask("session.pause", reason="lunch")
	call = dial(c, ANNA)
	wait_state(c, call, "active")
	tap.equal("who paused takes no call meanwhile", desk.ring(from_=caller(BEN)).wait("refused 486"), True)
	c.ask("call.hangup")
	dispose(c)
	s = c.ask("session.show")
	tap.equal("back in the pause", (s["state"], s["paused_reason"]), ("paused", "lunch"))
	c.ask("session.ready")


def level(heard, hz, seconds=0.5):
	"""How loud that tone is, of what comes now; 0 when nothing comes."""
	x = heard.listen(seconds, timeout=seconds + 0.5) / 32768
	t = np.arange(len(x)) / 8000
	return abs(np.dot(x, np.exp(-2j * np.pi * hz * t))) * 2 / max(len(x), 1)


def nobody_hears(c, desk, engine):
	"""The agent's tone is heard by the active party alone; the parties never hear each other."""
	desk.does[ANNA] = "answer-0-1000"
	first = dial(c, ANNA, play=tone(os.path.join(engine.home, "agent.wav"), 440))
	wait_state(c, first, "active")
	a = dialogs(desk, ANNA)
	tap.check("the agent is heard", eventually(lambda: level(a.heard, 440) > 0.02))
	b, second = ring(c, desk, BEN, freq=1500)
	c.ask("call.answer", call=second)
	a.wait_direction("sendonly", "inactive")
	eventually(lambda: level(a.heard, 440, 0.1) < 0.002, 2, "the end of what was under way")
	tap.check("the held one hears neither the agent nor the other",
		level(a.heard, 440) < 0.002 and level(a.heard, 1500) < 0.002)
	tap.check("the active one does not hear the held one", level(b.heard, 1000) < 0.002)
	c.ask("call.hangup", call=second)
	c.ask("call.resume", call=first)
	tap.check("resumed, the agent is heard again", eventually(lambda: level(a.heard, 440) > 0.02))
	c.ask("call.hangup")
	dispose(c)
	del desk.does[ANNA]


@tap.main
def test():
	with Engine() as engine:
		desk = Desk()
		c = engine.client()
		furnish(c, f"sip:200@{desk.ip}", auth_user="200", password="s3cret")
		c.ask("session.login", user="anna", station="s-anna")
		for part, args in ((waiting_and_swap, ()), (two_ring, ()), (while_dialling, ()), (six, ()), (from_a_pause, ()),
			(nobody_hears, (engine,))):
			with tap.guard(part.__name__):
				part(c, desk, *args)
			desk.tidy()
