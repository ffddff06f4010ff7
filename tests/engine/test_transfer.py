#!/usr/bin/python3
"""Transfers: blind and attended, those that fail, the gate before a number, and what stands in the records."""
from desk import BOB, Engine, eventually
from parties import BOBS, EVE, EVES, NOBODY, OURS, SAM, Floor, hears
from switch import Switch
import tap

def blind(f):
	call, bob = f.talk()
	gone = f.c.ask("call.transfer", to="(415) 555-0101")
	tap.equal("a blind transfer ends the call", (gone["id"], gone["state"], gone["cause"], gone["transferred_to"]),
		(call, "ended", "transferred", EVE))
	eve = f.eve.wait_dialog(bob.followed.call_id)
	tap.check("customer and target hear each other", hears(bob.followed, EVES) and hears(eve, BOBS))
	s = f.c.ask("session.show")
	tap.equal("its disposition is owed, and no other", (s["state"], s["wrap_up"]["call_id"], s["owed"]), ("wrap_up", call, 1))
	attempt = f.attempts(call)
	tap.equal("the far end's call has a row", [(a["direction"], a["number"], a["customer_id"], a["cause"]) for a in attempt],
		[("outbound", EVE, f.eve_id, "transferred")])
	tap.equal("which counts toward the cap", f.c.ask("customer.show", id=f.eve_id)["calls_this_week"], 1)
	rows = [r for r in f.c.ask("audit.list", event="allowed")["items"] if r["number"] == EVE]
	tap.equal("and the gate's row", [(r["call_id"], r["customer_id"], r["detail"]) for r in rows],
		[(attempt[0]["id"], f.eve_id, "transfer")])
	told = [e["data"]["transfer"] for e in f.c.events if e["event"] == "call.changed" and e["data"].get("transfer")]
	tap.check("its progress was told", {"to": EVE, "code": 100} in told, told)
	f.dispose()
	bob.followed.bye()


def failing(f):
	"""Whatever goes wrong: the agent has the call, sound flows, and he is told why."""
	call, bob = f.talk()
	f.switch.place(SAM, f.eve, "code-486")
	f.c.ask("customer.add", name="Sam", phones=[SAM])
	for mode, to, why, cause in (("follow", SAM, "486", "busy"), ("fail", SAM, "486", "busy"), ("reject", SAM, "603", "not_sent"),
			("503", SAM, "503", "unavailable"), ("stop", SAM, "without a result", "no_answer")):
		f.bob.refer_mode = mode
		error = f.c.refused("call.transfer", to=to)
		tap.check(f"{mode}: not_answered, and why", error.code == "not_answered" and why in error.message, error.message)
		eventually(lambda: f.show(call)["state"] == "active", what="the call to be taken back")
		tap.check(f"{mode}: sound flows both ways", hears(bob, OURS) and bob.direction == "sendrecv", bob.direction)
		tap.equal(f"{mode}: the attempt's row", f.attempts(call)[-1]["cause"], cause)
		f.c.wait("notice", text=f"call {call} is not transferred to {SAM}, and is yours again: {error.message.split(': ', 1)[1]}")
	tap.equal("nothing of it stands in the call's row", (f.show(call)["transferred_to"], f.show(call)["transfer"]), (None, None))
	f.bob.refer_mode = "silent"
	number = f.c.send("call.transfer", {"to": SAM, "timeout": 1})
	eventually(lambda: f.show(call)["transfer"])
	tap.equal("only one transfer at a time", f.c.refused("call.transfer", to=SAM).code, "conflict")
	try:
		f.c.answer(number)
		tap.check("one that is never answered is given up", False)
	except Exception as error:
		tap.check("one that is never answered is given up", "no answer within 1 seconds" in str(error), error)
	tap.check("and the agent has the call", hears(bob, OURS))
	f.bob.refer_mode = "follow"
	f.end(call)


def caller_leaves(f):
	call, bob = f.talk()
	f.bob.refer_mode = "bye"
	error = f.c.refused("call.transfer", to=EVE)
	tap.equal("the far end leaves instead: conflict", error.code, "conflict")
	f.bob.refer_mode = "follow"
	ended = f.c.wait_call(call, "ended")
	tap.equal("its row says no more than is known", (ended["cause"], ended["transferred_to"]), ("remote_hangup", None))
	tap.equal("nor does the attempt's", f.attempts(call)[0]["cause"], "no_response")
	f.dispose()


def gated(f):
	call, bob = f.talk()
	f.c.ask("customer.set", id=f.eve_id, do_not_call=True, reason="asked")
	error = f.c.refused("call.transfer", to=EVE)
	tap.equal("a number that is blocked", (error.code, error.data["reasons"][0]["code"]), ("blocked", "do_not_call"))
	f.c.ask("customer.set", id=f.eve_id, do_not_call=False, reason="withdrawn")
	error = f.c.refused("call.transfer", to="nobody")
	tap.check("a name that nobody has", "no agent or station has this name" in error.message, error.message)
	error = f.c.refused("call.transfer", to=NOBODY)
	tap.equal("a number of nobody warns", (error.code, error.data["reasons"][0]["code"]), ("needs_ack", "unknown_customer"))
	tap.equal("nothing was asked of the far end", (len(f.attempts(call)), f.show(call)["state"]), (0, "active"))
	f.switch.place(NOBODY, f.eve, "answer-0")
	gone = f.c.ask("call.transfer", to=NOBODY, ack=error.data["ack_token"])
	tap.equal("acknowledged, it goes", gone["cause"], "transferred")
	attempt = f.attempts(call)[0]
	rows = f.c.ask("audit.list", forced=True)["items"]
	tap.equal("as forced", (attempt["forced"], [(r["call_id"], r["detail"].split(":")[0]) for r in rows]),
		(True, [(attempt["id"], "transfer")]))
	blocked = f.c.ask("audit.list", event="blocked")["items"]
	tap.check("the block stands there as well", blocked and blocked[0]["detail"].startswith("transfer: "), blocked)
	f.dispose()
	bob.followed.bye()


def consulted(f, wait_for=None):
	first, bob = f.talk()
	second = f.c.ask("call.transfer", to=EVE, consult=True, attended=True)
	eve = eventually(lambda: [d for d in f.eve.dialogs.values() if d.state == "up"], what="Eve")[-1]
	f.c.wait_call(second["id"], "active")
	return first, bob, second, eve


def attended(f):
	first, bob, second, eve = consulted(f)
	tap.equal("a consult is a call of its own, for the first", (second["number"], second["consults"]), (EVE, first))
	tap.equal("the first is on hold", f.show(first)["state"], "held")
	gone = f.c.ask("call.transfer", to=EVE, attended=True)
	tap.equal("attended: the first has gone", (gone["id"], gone["cause"], gone["transferred_to"]), (first, "transferred", EVE))
	ended = f.show(second["id"])
	tap.equal("and so has the second by then", (ended["state"], ended["cause"], ended["transferred_to"]), ("ended", "transferred", BOB))
	other = f.eve.wait_dialog(bob.followed.call_id)
	tap.check("the customer took our place", other.replaced is eve)
	tap.check("they hear each other", hears(bob.followed, EVES) and hears(other, BOBS))
	tap.equal("both owe their dispositions", f.c.ask("session.show")["owed"], 2)
	f.dispose()
	bob.followed.bye()


def attended_fails(f):
	first, bob, second, eve = consulted(f)
	f.bob.refer_mode = "fail"
	error = f.c.refused("call.transfer", to=EVE, attended=True)
	tap.equal("attended, refused", error.code, "not_answered")
	tap.equal("both calls are the agent's", (f.show(first)["state"], f.show(second["id"])["state"], bob.state, eve.state),
		("held", "active", "up", "up"))
	f.bob.refer_mode = "follow"
	f.end(second["id"])
	f.c.ask("call.resume", call=first)
	tap.check("and the first comes back", hears(bob, OURS))
	f.end(first)


def at_once(f):
	"""Attended with nobody called before: the transfer follows when he answers."""
	first, bob = f.talk()
	gone = f.c.ask("call.transfer", to=EVE, attended=True)
	tap.equal("dialled, answered, transferred", (gone["id"], gone["cause"]), (first, "transferred"))
	f.dispose()
	bob.followed.bye()
	first, bob = f.talk()
	error = f.c.refused("call.transfer", to=SAM, attended=True)
	tap.check("who is busy: not_answered", error.code == "not_answered" and "busy" in error.message, error.message)
	tap.check("and the customer is back", hears(bob, OURS))
	f.end(first)


def comes_in(f, phone, peer, number):
	"""A call to the phone by way of the switch, which the agent takes: (its id, the caller's side of it)."""
	seen = len(f.c.events)
	dialog = peer.place(peer.prepare(phone, (f.switch.ip, 5060), from_=f"<sip:{number}@{f.switch.ip}>"))
	call = eventually(lambda: next((e["data"]["id"] for e in f.c.events[seen:] if e["event"] == "call.changed" and
		e["data"]["state"] == "ringing" and e["data"]["direction"] == "inbound"), None), what="a call that rings")
	f.c.ask("call.answer", call=call)
	return call, dialog


def callers(f):
	"""A far end that knows no Replaces would call anew: only somebody whom the gate let pass is named to it."""
	first, bob = f.talk()
	second, eve = comes_in(f, bob.target, f.eve, EVE)
	before = f.switch.invites(EVE)
	gone = f.c.ask("call.transfer", call=first, to=EVE, attended=True)
	tap.equal("joined with somebody who came in", (gone["id"], *[f.c.wait_call(x, "ended")["cause"] for x in (first, second)]),
		(first, "transferred", "transferred"))
	tap.equal("who is told to take the place in the call that was dialled", (bob.refer_answer, hasattr(bob, "refer_to"), BOB in eve.refer_to),
		(None, False, True))
	tap.equal("and is not called", f.switch.invites(EVE), before)
	f.dispose()
	eve.followed.bye()
	one, anon = comes_in(f, bob.target, f.bob, "anonymous")
	other, eve = comes_in(f, bob.target, f.eve, EVE)
	f.c.ask("customer.set", id=f.eve_id, do_not_call=True, reason="asked")
	error = f.c.refused("call.transfer", call=one, to=EVE, attended=True)
	tap.equal("of two who came in, one who may not be called is not named", (error.code, error.data["reasons"][0]["code"]),
		("blocked", "do_not_call"))
	tap.equal("nothing was asked of the far ends", (hasattr(anon, "refer_to"), hasattr(eve, "refer_to")), (False, False))
	f.c.ask("customer.set", id=f.eve_id, do_not_call=False, reason="withdrawn")
	gone = f.c.ask("call.transfer", call=one, to=EVE, attended=True)
	rows = [r["call_id"] for r in f.c.ask("audit.list", event="allowed")["items"]]
	tap.equal("one who may be is, and the gate's row says so", (gone["cause"], rows.count(other)), ("transferred", 1))
	f.dispose()
	anon.followed.bye()


def phone_lost(f):
	call, bob = f.talk()
	f.bob.refer_mode = "silent"
	number = f.c.send("call.transfer", {"to": EVE})
	eventually(lambda: (f.show(call)["transfer"] or {}).get("code") == 202)
	f.engine.kill(f.engine.child("baresip"))
	try:
		f.c.answer(number)
		tap.check("the phone dies over a transfer: it is answered", False)
	except Exception as error:
		tap.equal("the phone dies over a transfer: it is answered", getattr(error, "code", error), "conflict")
	tap.equal("and the records say so", (f.show(call)["cause"], f.attempts(call)[0]["cause"]), ("phone_lost", "no_response"))
	f.dispose()
	tap.equal("nothing is open", [x["id"] for x in f.c.all("history.list") if not x["ended_at"]], [])


@tap.main
def test():
	with Switch() as switch, Engine() as engine:
		f = Floor(engine, switch)
		for part in (blind, failing, caller_leaves, gated, attended, attended_fails, at_once, callers, phone_lost):
			with tap.guard(part.__name__):
				part(f)
		tap.equal("no leg left unordered", f.c.ask("audit.list", event="ungated_leg")["items"], [])
