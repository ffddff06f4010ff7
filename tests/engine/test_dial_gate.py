#!/usr/bin/python3
"""Dialling goes through the gate: blocks, warnings, tokens, codes; what is written, and that nothing else leaves the phone."""
import os

from desk import Desk, Engine, Refused, furnish
import tap


def number(n):
	return f"+1415555{n:04d}"


def codes(decision):
	return [r["code"] for r in decision["reasons"]]


def blocks(c, desk):
	flags = ["cease_and_desist", "attorney_represented", "bankruptcy_filed", "do_not_call"]
	for n, flag in enumerate(flags):
		customer = c.ask("customer.add", name=f"Flag {n}", phones=[number(10 + n)], reason="test", **{flag: True})
		refusal = c.refused("call.dial", number=number(10 + n), acknowledge=[flag])
		tap.equal(f"{flag} blocks, acknowledged or not", (refusal.code, refusal.data["decision"], codes(refusal.data)),
			("blocked", "blocked", [flag]))
		tap.check(f"{flag}: no token", "ack_token" not in refusal.data)
		rows = c.ask("audit.list", event="blocked", customer_id=customer["id"])["items"]
		tap.equal(f"{flag}: its row", [(r["severity"], r["reason_code"], r["number"], r["user"], r["call_id"]) for r in rows],
			[("hard", flag, number(10 + n), "anna", None)])
	c.ask("customer.add", name="Late", phones=[number(14)], collections_status="deceased", reason="test")
	tap.equal("deceased blocks", codes(c.refused("call.dial", number=number(14)).data), ["deceased"])

	c.ask("customer.add", name="Same number", phones=[number(15)])
	c.ask("customer.add", name="Same number, flagged", phones=[number(15)], do_not_call=True, reason="test")
	for typed in (number(15), "415-555-0015", "(415) 555 0015", "1 415 555 0015", "tel:+14155550015"):
		tap.equal(f"blocked however typed: {typed}", c.refused("call.dial", number=typed).code, "blocked")
	tap.equal("naming a free customer does not help", c.refused("call.dial", number=number(16),
		customer_id=c.ask("customer.show", phone=number(10))["id"]).code, "blocked")
	tap.equal("no INVITE has left", desk.invites(), 0)
	tap.equal("no call's row either", c.ask("history.list")["items"], [])


def bad_numbers(c, desk):
	for typed in ("", "911x", "+1", "abc", "+12345678901234567", "sip:bob@example.org", "415-555-01"):
		tap.equal(f"no number: {typed!r}", c.refused("call.dial", number=typed).code, "invalid")
	tap.equal("no customer", c.refused("call.dial", number=number(30), customer_id=99999).code, "not_found")
	tap.equal("no such code", c.refused("call.dial", number=number(30), acknowledge=["nonsense"]).code, "invalid")
	tap.equal("no INVITE has left", desk.invites(), 0)


def warnings(c, desk):
	sol = c.ask("customer.add", name="Old debt", phones=[number(40)], sol_date="2020-01-01", max_calls_per_week=0, reason="test")
	check = c.ask("call.check", number=number(40))
	tap.equal("call.check tells every warning", (check["decision"], codes(check)), ("needs_ack", ["max_calls_per_week", "sol_expired"]))
	refusal = c.refused("call.dial", number=number(40))
	tap.equal("needs acknowledgement", (refusal.code, codes(refusal.data)), ("needs_ack", ["max_calls_per_week", "sol_expired"]))
	rows = c.ask("audit.list", event="warned", customer_id=sol["id"])["items"]
	tap.equal("the warnings stand in the audit log", [r["reason_code"] for r in rows], ["max_calls_per_week", "sol_expired"])
	tap.equal("one code of two is not enough", c.refused("call.dial", number=number(40), acknowledge=["sol_expired"]).code, "needs_ack")
	tap.equal("a made-up token", c.refused("call.dial", number=number(40), ack="0" * 32).code, "needs_ack")

	other = c.ask("call.check", number=number(41))["ack_token"]
	tap.equal("another number's token", c.refused("call.dial", number=number(40), ack=other).code, "needs_ack")
	tap.equal("is used up by that", c.refused("call.dial", number=number(41), ack=other).code, "needs_ack")
	theirs = c.ask("call.check", number=number(40), **{"as": "ben"})["ack_token"]
	tap.equal("another agent's token", c.refused("call.dial", number=number(40), ack=theirs, **{"as": "anna"}).code, "needs_ack")
	before = c.ask("call.check", number=number(40))["ack_token"]
	c.ask("customer.add", name="Flatmate", phones=[number(40)], sol_date="2019-01-01", reason="test")
	tap.equal("a token from before another warning", c.refused("call.dial", number=number(40), ack=before).code, "needs_ack")
	tap.equal("no INVITE has left", desk.invites(), 0)

	token = c.ask("call.check", number=number(40))["ack_token"]
	call = c.ask("call.dial", number=number(40), ack=token)
	tap.check("a good token dials, and says that it was forced", call["forced"], call)
	c.wait_call(call["id"], "active")
	c.ask("call.hangup")
	c.ask("dispo.save", code="completed")
	rows = c.ask("audit.list", forced=True)["items"]
	tap.equal("a forced row for every warning", sorted((r["event"], r["reason_code"], r["call_id"]) for r in rows),
		[("forced", "max_calls_per_week", call["id"]), ("forced", "sol_expired", call["id"]), ("forced", "sol_expired", call["id"])])
	tap.equal("a token is good once", c.refused("call.dial", number=number(40), ack=token).code, "needs_ack")

	call = c.ask("call.dial", number=number(40), acknowledge=["sol_expired", "max_calls_per_week"])
	tap.check("all codes dial as well", call["forced"], call)
	c.wait_call(call["id"], "active")
	c.ask("call.hangup")
	c.ask("dispo.save", code="completed")


def cap_and_hours(c, desk):
	customer = c.ask("customer.add", name="Capped", phones=[number(50), number(51)], max_calls_per_week=2, reason="test")
	for n in (50, 51):
		call = c.ask("call.dial", number=number(n))
		c.wait_call(call["id"], "active")
		c.ask("call.hangup")
		c.ask("dispo.save", code="completed")
	tap.equal("both of his numbers count", codes(c.ask("call.check", number=number(50))), ["max_calls_per_week"])
	tap.equal("calls this week", c.ask("customer.show", id=customer["id"])["calls_this_week"], 2)
	c.ask("tenant.set", hours="00:00-00:01")
	tap.check("outside of hours", "outside_fdcpa_hours" in codes(c.ask("call.check", number=number(50))))
	c.ask("tenant.set", hours="00:00-24:00", unknown_customer="block")
	tap.equal("unknown customers blocked", c.refused("call.dial", number=number(60)).code, "blocked")
	free = c.ask("customer.add", name="Free", phones=[number(61)])["id"]
	tap.equal("naming somebody else makes nobody known", codes(c.refused("call.dial", number=number(60), customer_id=free).data),
		["unknown_customer"])
	c.ask("tenant.set", unknown_customer="warn")
	tap.equal("and where that warns, it warns", codes(c.ask("call.check", number=number(60), customer_id=free)), ["unknown_customer"])


def play_file(c, desk, engine):
	text = os.path.join(engine.home, "no.wav")
	with open(text, "w") as file:
		file.write("this is no sound, however long it goes on")
	for path in ("relative.wav", "/nonexistent.wav", text, engine.home, "/etc/shadow"):
		tap.equal(f"not played: {path}", c.refused("call.dial", number=number(70), play=path).code, "invalid")


@tap.main
def test():
	with Engine() as engine:
		desk = Desk()
		c = engine.client()
		furnish(c, f"sip:200@{desk.ip}", agents=("anna", "ben"), register=False)
		tap.equal("nobody is logged in: no dial", c.refused("call.dial", number=number(1)).code, "conflict")
		c.ask("session.login", user="anna", station="s-anna")
		for part in (blocks, bad_numbers, warnings, cap_and_hours):
			with tap.guard(part.__name__):
				part(c, desk)
		with tap.guard("play_file"):
			play_file(c, desk, engine)
		tap.equal("INVITEs and calls agree", desk.invites(), len(c.ask("history.list")["items"]))
		tap.check("the chain is whole", c.ask("audit.verify")["intact"])
