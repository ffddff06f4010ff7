#!/usr/bin/python3
"""Calls between two agents, through a real proxy and through a PBX that makes calls of its own; no way around the gate."""
import os
import re
import sys

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "sip"))

from desk import BOB, PATIENCE, Desk, Engine, eventually, furnish        # noqa: E402
from floor import AGENT_PASSWORD, Proxy        # noqa: E402
import tap        # noqa: E402


def live(c, user):
	return [x for x in c.ask("call.list")["items"] if x["user"] == user]


def rings(c, user):
	return eventually(lambda: [x for x in live(c, user) if x["state"] == "ringing"], PATIENCE, f"a call at {user}'s")[0]


def state(c, user):
	return c.ask("session.show", **{"as": user})["state"]


def free(c, *users):
	for user in users:
		eventually(lambda: state(c, user) == "ready", PATIENCE, f"{user} to be ready")


def through_a_proxy(c):
	call = c.ask("call.dial", number="ben", **{"as": "anna"})
	tap.equal("the caller's side", (call["direction"], call["number"], call["placed"], call["customer_id"]),
		("internal", "ben", True, None))
	other = rings(c, "ben")
	tap.equal("the called side", (other["direction"], other["number"], other["placed"], other["did"]),
		("internal", "anna", False, "+14155550199"))
	tap.equal("answered", c.ask("call.answer", **{"as": "ben"})["state"], "active")
	eventually(lambda: live(c, "anna")[0]["state"] == "active", PATIENCE, "the answer")
	tap.equal("both are in a call", (state(c, "anna"), state(c, "ben")), ("in_call", "in_call"))
	c.ask("call.hangup", **{"as": "anna"})
	free(c, "anna", "ben")
	rows = c.ask("history.list")["items"]
	tap.equal("both rows, nothing owed", [(r["direction"], r["cause"]) for r in rows],
		[("internal", "agent_hangup"), ("internal", "remote_hangup")])
	audit = [r for r in c.ask("audit.list", event="internal")["items"]]
	tap.equal("the leg is in the audit log, and no gate", [(r["call_id"], r["user"]) for r in audit], [(call["id"], "anna")])
	tap.equal("no decision of a gate", c.ask("audit.list", event="allowed")["items"], [])

	call = c.ask("call.dial", number="s-anna", **{"as": "ben"})
	tap.equal("by the station's name", (call["direction"], call["number"]), ("internal", "anna"))
	rings(c, "anna")
	c.ask("call.reject", **{"as": "anna"})
	tap.equal("refused", eventually(lambda: c.ask("call.show", call=call["id"])["cause"]), "busy")
	free(c, "anna", "ben")

	c.ask("tenant.set", internal_disposition=True)
	call = c.ask("call.dial", number="ben", **{"as": "anna"})
	rings(c, "ben")
	c.ask("call.answer", **{"as": "ben"})
	c.ask("call.hangup", **{"as": "ben"})
	for user in ("anna", "ben"):
		eventually(lambda: state(c, user) == "wrap_up", PATIENCE, "a disposition that is owed")
		c.ask("dispo.save", code="completed", **{"as": user})
	tap.check("the tenant may want a disposition", True)
	c.ask("tenant.set", internal_disposition=False)


def whom(c):
	refusal = c.refused("call.dial", number="anna", **{"as": "anna"})
	tap.check("not oneself", refusal.code == "conflict" and "the one who calls" in refusal.message, refusal.message)
	refusal = c.refused("call.dial", number="carl", **{"as": "anna"})
	tap.check("who is not logged in is not called", "carl is not logged in" in refusal.message, refusal)
	refusal = c.refused("call.dial", number="dora", **{"as": "anna"})
	tap.check("nobody of that name", "no agent or station has this name" in refusal.message, refusal)
	c.ask("station.add", name="4155550100", did="+14155550198", sip_uri="sip:x@pbx.example")
	refusal = c.refused("call.dial", number="4155550100", **{"as": "anna"})
	tap.check("what is a number and a station is refused", f"dial {BOB}" in refusal.message, refusal)
	c.ask("station.rm", name="4155550100")
	missed = len(c.ask("history.list")["items"])
	c.ask("session.dnd", on=True, **{"as": "ben"})
	call = c.ask("call.dial", number="ben", **{"as": "anna"})
	tap.equal("do not disturb", eventually(lambda: c.ask("call.show", call=call["id"])["cause"]), "busy")
	rows = eventually(lambda: (lambda r: len(r) == 2 and r)(c.ask("history.list")["items"][missed:]), PATIENCE, "the missed call")
	tap.equal("missed, and internal", sorted((r["direction"], r["user"], r["sip_code"]) for r in rows),
		[("internal", "anna", 486), ("internal", "ben", 486)])
	c.ask("session.dnd", on=False, **{"as": "ben"})
	free(c, "anna", "ben")


def no_way_around(c, proxy):
	"""An admin who gives a station a telephone number for an address opens no way past the gate."""
	c.ask("customer.set", id=c.ask("customer.show", phone=BOB)["id"], do_not_call=True, reason="test")
	c.ask("user.add", login="mallory")
	c.ask("station.add", name="s-mallory", did="+14155550198", sip_uri=f"sip:{BOB}@{proxy.host}", register=False)
	c.ask("session.login", user="mallory", station="s-mallory")
	before = len(proxy.seen(f"^INVITE {BOB[1:]}|^INVITE .{BOB[1:]}"))
	for name in ("mallory", "s-mallory"):
		refusal = c.refused("call.dial", number=name, **{"as": "anna"})
		tap.check(f"{name}: refused in words", "may be a telephone number" in refusal.message, refusal)
	rows = c.ask("audit.list", event="ungated_leg")["items"]
	tap.equal("each attempt is in the audit log", [(r["user"], r["number"]) for r in rows], [("anna", BOB)] * 2)
	for user in ("9*14155550100", "914155550100", "415-555-0100", "123456"):
		c.ask("station.set", name="s-mallory", sip_uri=f"sip:{user}@{proxy.host}")
		tap.equal(f"nor as {user}", c.refused("call.dial", number="mallory", **{"as": "anna"}).code, "conflict")
	tap.check("that the address changed is there as well", any("s-mallory" in (r["detail"] or "")
		for r in c.ask("audit.list", event="station.set")["items"]))
	tap.equal("the number itself is blocked", c.refused("call.dial", number=BOB, **{"as": "anna"}).code, "blocked")
	tap.equal("no INVITE has left", len(proxy.seen(f"^INVITE {BOB[1:]}|^INVITE .{BOB[1:]}")), before)
	c.ask("session.logout", user="mallory")


class Switch(Desk):
	"""A PBX that makes a call of its own to an extension's phone, with another Call-ID."""

	def is_right(self, given):
		return True

	def contact_of(self, user):
		message = [m for m in self.received(r"^REGISTER") if f"<sip:{user}@" in m][-1]
		contact = [line for line in message.split("\r\n") if line.startswith("Contact:")][-1]
		uri = contact[contact.index("<") + 1:contact.index(">")].split(";")[0]
		host, port = uri.split("@")[1].split(":")
		return uri, host, int(port)

	def ring_at(self, user, **more):
		uri, host, port = self.contact_of(user)
		return self.place(self.prepare(uri, (host, port), **more))


def another_call_id(c, desk):
	"""Told by the caller's address, and only while his call is on its way."""
	desk.does["201"] = "ring"
	stranger = desk.ring_at("201", from_="<sip:200@pbx.example>")
	call = rings(c, "ben")
	tap.equal("a colleague's address alone makes no internal call", (call["direction"], call["number"]), ("inbound", "200"))
	stranger.cancel()
	free(c, "ben")

	mine = c.ask("call.dial", number="ben", **{"as": "anna"})
	tap.equal("internal", mine["direction"], "internal")
	other = desk.ring_at("201", from_="<sip:+12125550000@pbx.example>")
	call = rings(c, "ben")
	tap.equal("somebody else who calls meanwhile is not taken for him", call["direction"], "inbound")
	other.cancel()
	free(c, "ben")
	half = desk.ring_at("201", from_="<sip:200@pbx.example>")
	call = rings(c, "ben")
	tap.equal("his own half is", (call["direction"], call["number"]), ("internal", "anna"))
	twice = desk.ring_at("201", from_="<sip:200@pbx.example>")
	second = eventually(lambda: [x for x in live(c, "ben") if x["id"] != call["id"]], PATIENCE, "the second call")[0]
	tap.equal("but only once", second["direction"], "inbound")
	for dialog in (half, twice):
		dialog.cancel()
	c.ask("call.hangup", **{"as": "anna"})
	free(c, "anna", "ben")


def another_from(c, desk):
	"""A PBX that changes Call-ID and From, but passes on what begins with X-."""
	c.ask("call.dial", number="ben", **{"as": "anna"})
	token = re.search(r"(?m)^X-Spctl-Call: *([0-9a-f]{32})\r$", desk.received("^INVITE sip:201@")[-1])[1]
	other = "0" if token[0] != "0" else "1"
	for given, wanted in ((other + token[1:], ("inbound", "+12125550000")), (token, ("internal", "anna")), (token, ("inbound", "+12125550000"))):
		before = [x["id"] for x in live(c, "ben")]
		dialog = desk.ring_at("201", from_="<sip:+12125550000@pbx.example>", extra=f"X-Spctl-Call: {given}\r\n")
		call = eventually(lambda: [x for x in live(c, "ben") if x["id"] not in before], PATIENCE, "a call")[0]
		tap.equal(f"{'its' if given == token else 'no'} token: {wanted[0]}", (call["direction"], call["number"]), wanted)
		dialog.cancel()
		free(c, "ben")
	c.ask("call.hangup", **{"as": "anna"})
	free(c, "anna", "ben")


def intercom(c, desk):
	auto = "Alert-Info: <http://pbx.example>;info=alert-autoanswer\r\n"
	for on, marked, placed, answers in ((True, True, True, True), (True, False, True, False), (True, True, False, False),
		(False, True, True, False)):
		c.ask("station.set", name="s-ben", intercom=on)
		mine = placed and c.ask("call.dial", number="ben", **{"as": "anna"})
		half = desk.ring_at("201", from_="<sip:200@pbx.example>", extra=auto if marked else "")
		wanted = "active" if answers else "ringing"
		what = f"intercom {'on' if on else 'off'}, {'marked' if marked else 'not marked'}, {'a colleague' if placed else 'a stranger'}"
		eventually(lambda: [x for x in live(c, "ben") if x["state"] == wanted], PATIENCE, what)
		tap.check(f"{what}: {wanted}", True)
		if answers:
			half.wait("up")
			half.bye()
		else:
			half.cancel()
		if mine:
			c.ask("call.hangup", **{"as": "anna"})
		free(c, "anna", "ben")


@tap.main
def test():
	with Proxy() as proxy, Engine() as engine:
		c = engine.client()
		c.ask("user.add", login="carl")
		furnish(c, f"sip:x@{proxy.host}", agents=("anna", "ben"), password=AGENT_PASSWORD)
		for login in ("anna", "ben"):
			c.ask("station.set", name="s-" + login, sip_uri=f"sip:{login}@{proxy.host}")
			c.ask("session.login", user=login, station="s-" + login)
		for part, args in ((through_a_proxy, ()), (whom, ()), (no_way_around, (proxy,))):
			with tap.guard(part.__name__):
				part(c, *args)
	with Engine() as engine:
		c = engine.client()
		desk = Switch()
		furnish(c, f"sip:x@{desk.ip}", agents=("anna", "ben"), password="s3cret")
		for login, user in (("anna", "200"), ("ben", "201")):
			c.ask("station.set", name="s-" + login, sip_uri=f"sip:{user}@{desk.ip}")
			c.ask("session.login", user=login, station="s-" + login)
		for part in (another_call_id, another_from, intercom):
			with tap.guard(part.__name__):
				part(c, desk)
