#!/usr/bin/python3
"""Dialling goes through the gate: blocks, warnings, tokens, codes; what is written, and that nothing else leaves the phone."""
import datetime
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
	forgotten = c.refused("call.dial", number="+4155550010", acknowledge=["unknown_customer"])
	tap.equal("a + without its 1, which many a PBX drops", (forgotten.code, codes(forgotten.data), forgotten.data["number"]),
		("blocked", ["cease_and_desist", "unknown_customer"], "+4155550010"))
	tap.equal("another country's number of ten digits is nobody's", codes(c.ask("call.check", number="+4722123456")), ["unknown_customer"])
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
	ahead = 12 - datetime.datetime.now(datetime.timezone.utc).hour
	noon = f"Etc/GMT{-ahead:+d}" if ahead else "Etc/UTC"
	c.ask("tenant.set", hours="10:00-15:00", timezone=noon)
	before = c.ask("call.check", number=number(50))
	tap.equal("within hours, where it is noon", codes(before), ["max_calls_per_week"])
	c.ask("tenant.set", hours="00:00-10:00")
	tap.equal("outside of hours", codes(c.ask("call.check", number=number(50))), ["outside_fdcpa_hours", "max_calls_per_week"])
	tap.equal("a token from before the hours were over", c.refused("call.dial", number=number(50), ack=before["ack_token"]).code, "needs_ack")
	c.ask("tenant.set", hours="00:00-24:00", timezone="Etc/UTC", unknown_customer="block")
	tap.equal("unknown customers blocked", c.refused("call.dial", number=number(60)).code, "blocked")
	free = c.ask("customer.add", name="Free", phones=[number(61)])["id"]
	tap.equal("naming somebody else makes nobody known", codes(c.refused("call.dial", number=number(60), customer_id=free).data),
		["unknown_customer"])
	c.ask("tenant.set", unknown_customer="warn")
	tap.equal("and where that warns, it warns", codes(c.ask("call.check", number=number(60), customer_id=free)), ["unknown_customer"])


def two_at_once(c, desk, engine):
	"""Two agents who call one person in the same moment: each has seen that there is room for one more call."""
	c.ask("session.login", user="ben", station="s-ben")
	c.ask("customer.add", name="Wanted", phones=[number(80), number(81)], max_calls_per_week=1, reason="test")
	others = [engine.client(), engine.client()]
	for other, user, n in zip(others, ("anna", "ben"), (80, 81)):
		tap.equal(f"{user} sees room for it", other.ask("call.check", number=number(n), **{"as": user})["decision"], "allowed")
	asked = [other.send("call.dial", {"number": number(n), "as": user}) for other, user, n in zip(others, ("anna", "ben"), (80, 81))]
	outcomes = []
	for other, request in zip(others, asked):
		try:
			outcomes.append(other.answer(request)["state"] and "placed")
		except Refused as error:
			outcomes.append((error.code, codes(error.data)))
	tap.equal("one call leaves, and the other one is warned of it, though it is still up", sorted(outcomes, key=str),
		sorted([("needs_ack", ["max_calls_per_week"]), "placed"], key=str))
	[call] = c.ask("call.list")["items"]
	token = c.ask("call.check", number=number(80), **{"as": "ben"})["ack_token"]
	for text, params in (("another customer's", {"customer_id": c.ask("customer.show", phone=number(10))["id"]}), ("a cut", {"ack": token[:-1]}),
			("another case of a", {"ack": token.swapcase() if token.swapcase() != token else "x"}), ("an empty", {"ack": ""})):
		refusal = c.refused("call.dial", **{"number": number(80), "ack": token, "as": "ben" if call["user"] == "anna" else "anna", **params})
		tap.check(f"{text} token dials nothing", refusal.code in ("needs_ack", "blocked", "invalid"), refusal)
	c.ask("call.hangup", call=call["id"], **{"as": call["user"]})
	c.wait_call(call["id"], "ended")
	c.ask("dispo.save", code="completed", **{"as": call["user"]})
	for other in others:
		other.close()
	c.ask("session.logout", user="ben")


def weakened(c, desk):
	"""What makes the gate milder stands in the log, with who did it and what it was."""
	for name, params in (("tenant.set", {"hours": "00:00-23:59"}), ("tenant.set", {"max_calls_per_week": 999}),
			("tenant.set", {"unknown_customer": "warn"}), ("station.set", {"name": "s-anna", "dial_prefix": "sip:9%s@192.0.2.1"}),
			("station.set", {"name": "s-anna", "conference_uri": "sip:room@192.0.2.1"})):
		key, value = list(params.items())[-1]
		before = len(c.all("audit.list", event=name))
		c.ask(name, **params)
		rows = c.all("audit.list", event=name)
		tap.check(f"{name} {key} has its row", len(rows) == before + 1 and rows[-1]["actor"] and key in (rows[-1]["detail"] or "") and
			str(value) in (rows[-1]["detail"] or ""), rows[-1])


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
		with tap.guard("two_at_once"):
			two_at_once(c, desk, engine)
		tap.equal("INVITEs and calls agree", desk.invites(), len(c.ask("history.list")["items"]))
		with tap.guard("weakened"):
			weakened(c, desk)
		tap.check("the chain is whole", c.ask("audit.verify")["intact"])
