#!/usr/bin/python3
"""The PBX goes away in the middle of a call: the sound goes on, the agent sees that the station is not registered, and it
is again as soon as the PBX is back.  With a second registrar nothing of it is seen; calls follow the registration."""
import re
import time

from desk import BOB, Desk, Engine, eventually, furnish, peers
import tap


class Brief(Desk):
	"""A PBX that wants to hear of its phones every few seconds, and whose SIP can be off while its calls go on."""

	def on_register(self, headers, address):
		contact = re.sub(r"expires=[1-9]\d*", "expires=5", headers["contact"][0])
		self.registrations.append((True, 5))
		self.reply(headers, address, 200, "OK", f"Contact: {contact}\r\n", local_tag=peers.random_id())


def registered(c):
	return c.ask("session.show")["registered"]


def outage(c, desk):
	c.ask("session.login", user="anna", station="s-anna")
	call = c.ask("call.dial", number=BOB)
	c.wait_call(call["id"], "active")
	dialog = eventually(lambda: [d for d in desk.dialogs.values() if d.state == "up"])[0]
	desk.deaf = True
	eventually(lambda: not registered(c), 20, "the loss of the registration")
	shown = c.ask("session.show")
	tap.equal("the PBX is silent: the session shows it, in the middle of a call", (shown["state"], shown["registered"]), ("in_call", False))
	since = time.time()
	tap.check("the call goes on with its sound", eventually(lambda: len(dialog.heard.since(since)) > 2000, 5, "sound")
		and c.ask("call.show", call=call["id"])["state"] == "active")
	error = c.refused("call.dial", number=BOB)
	tap.check("a new call is refused, in words", "not registered" in error.message, error.message)
	desk.deaf = False
	tap.check("the PBX is back: registered within seconds", eventually(lambda: registered(c), 15, "the registration"))
	tap.equal("and the call was never interrupted", c.ask("call.show", call=call["id"])["state"], "active")
	c.ask("call.hangup")
	dialog.wait("ended")
	tap.equal("its end arrives", dialog.state, "ended")
	c.ask("dispo.save", code="completed")
	c.ask("session.logout")


def second(c, desk, other):
	c.ask("station.add", name="two", did=BOB, sip_uri="sip:200@pbx.test", auth_user="200", password="s3cret",
		registrars=f"sip:{desk.ip},sip:{other.ip}")
	c.ask("session.login", user="anna", station="two")
	desk.deaf, before = True, len(other.registrations)
	c.events.clear()
	eventually(lambda: len(other.registrations) > before, 20, "the second registrar")
	tap.check("the first is silent: the second has us, and the session shows no gap", registered(c) and
		not any(e["event"] == "session.changed" and not e["data"]["registered"] for e in c.events))
	call = c.ask("call.dial", number=BOB)
	c.wait_call(call["id"], "active")
	tap.check("a call goes to the second", other.received(f"^INVITE sip:{re.escape(BOB)}@pbx.test "))
	c.ask("call.hangup")
	c.ask("dispo.save", code="completed")
	dialog = other.ring()
	dialog.wait("ringing")
	tap.check("and comes from there", True)
	dialog.cancel()
	eventually(lambda: not c.ask("call.list")["items"], what="its end")
	desk.deaf = False
	c.ask("session.logout")


@tap.main
def test():
	desk, other = Brief(), Brief()
	with Engine() as engine:
		c = engine.client()
		furnish(c, f"sip:200@{desk.ip}", auth_user="200", password="s3cret")
		with tap.guard("outage"):
			outage(c, desk)
		with tap.guard("second"):
			second(c, desk, other)
