#!/usr/bin/python3
"""Calls that come in: who may take them, what is written of those that nobody takes."""
from desk import BOB, Desk, Engine, eventually, furnish, loopback
import peer
import tap

CALLER = f"<sip:{BOB}@pbx.example>"


def ring(c, desk, **more):
	"""Lets the phone ring; the dialog and the call."""
	seen = len(c.events)
	dialog = desk.ring(**{"from_": CALLER, **more})

	def find():
		return next((e["data"] for e in c.events[seen:] if e["event"] == "call.changed" and e["data"]["state"] == "ringing"), None)
	return dialog, eventually(find, what="a call that rings")


def answered(c, desk, customer):
	dialog, call = ring(c, desk)
	tap.equal("inbound, from a customer", (call["direction"], call["number"], call["customer_id"]), ("inbound", BOB, customer["id"]))
	tap.equal("the agent's state", c.ask("session.show")["state"], "ringing")
	tap.equal("hold does not fit", c.refused("call.hold").code, "conflict")
	c.ask("call.answer")
	up = c.wait_call(call["id"], "active")
	dialog.wait("up")
	tap.equal("in the call", (c.ask("session.show")["state"], up["codec"]), ("in_call", "PCMU/8000/1"))
	c.ask("call.hangup")
	dialog.wait("ended")
	tap.equal("an answered call owes a disposition", c.ask("session.show")["state"], "wrap_up")
	busy = desk.ring(from_=CALLER)
	busy.wait("refused 486")
	tap.check("wrap-up: 486", True)
	rows = missed(c, call["id"])
	tap.equal("its row", [(x["direction"], x["cause"], x["sip_code"], x["state"]) for x in rows], [("inbound", "busy", 486, "ended")])
	tap.equal("it owes nothing", c.refused("dispo.save", code="sale", call=rows[0]["id"]).code, "conflict")
	c.ask("dispo.save", code="completed")
	tap.equal("one recording", len(c.ask("call.show", call=call["id"])["recordings"]), 1)


def not_answered(c, desk):
	dialog, call = ring(c, desk)
	dialog.cancel()
	ended = c.wait_call(call["id"], "ended")
	tap.equal("the caller gives up", (ended["cause"], ended["answered_at"]), ("cancelled", None))
	tap.equal("ready again, nothing owed", (c.ask("session.show")["state"], c.ask("session.show")["owed"]), ("ready", 0))

	dialog, call = ring(c, desk)
	ended = c.ask("call.reject", code=603)
	tap.equal("rejected", (ended["cause"], ended["sip_code"]), ("rejected", 603))
	dialog.wait("refused 603")
	tap.equal("ready again", c.ask("session.show")["state"], "ready")

	c.ask("tenant.set", ring_seconds=5)
	dialog, call = ring(c, desk)
	tap.equal("nobody takes it", c.wait_call(call["id"], "ended")["cause"], "no_answer")
	dialog.wait("refused 480")
	c.ask("tenant.set", ring_seconds=60)

	c.ask("session.pause", reason="lunch")
	desk.ring(from_=CALLER).wait("refused 486")
	tap.check("paused: 486", True)
	c.ask("session.ready")


def missed(c, after):
	"""The rows of calls after that one, once they are over."""
	return eventually(lambda: [x for x in c.ask("history.list", newest=True)["items"] if x["id"] > after and x["state"] == "ended"],
		what="the missed call's row")


def do_not_disturb(c, desk, engine):
	last = c.ask("history.list", newest=True, limit=1)["items"][0]["id"]
	c.ask("tenant.set", busy_code=480)
	tap.equal("do not disturb", c.ask("session.dnd", on=True)["dnd"], True)
	desk.ring(from_=CALLER).wait("refused 480")
	row = missed(c, last)[0]
	tap.equal("the tenant's code; missed, in the history", (row["direction"], row["cause"], row["sip_code"], row["number"]),
		("inbound", "busy", 480, BOB))
	c.ask("session.pause", reason="lunch")
	engine.terminate()
	engine.start()
	c = engine.client()
	eventually(lambda: c.ask("session.show")["registered"], what="the phone after a restart")
	s = c.ask("session.show")
	tap.equal("kept over a restart, and so is the pause", (s["dnd"], s["state"], s["paused_reason"]), (True, "paused", "lunch"))
	c.ask("session.ready")
	desk.ring(from_=CALLER).wait("refused 480")
	c.ask("session.dnd", on=False)
	c.ask("tenant.set", busy_code=486)
	dialog, call = ring(c, desk)
	tap.check("calls ring again", True)

	refusal = c.refused("call.voicemail")
	tap.check("no voicemail at this station", refusal.code == "conflict" and "--voicemail-code" in refusal.message, refusal.message)
	c.ask("station.set", name="s-anna", voicemail_code=487)
	ended = c.ask("call.voicemail")
	tap.equal("to voicemail", (ended["cause"], ended["sip_code"]), ("voicemail", 487))
	dialog.wait("refused 487")
	tap.equal("nothing is owed", (c.ask("session.show")["state"], c.ask("session.show")["owed"]), ("ready", 0))


def odd_callers(c, desk):
	for words in ("anonymous", "%s%n%p", "200", "\udcff\udcfe"):
		dialog, call = ring(c, desk, from_=f'"{words}" <sip:{words}@x>')
		tap.check(f"caller {words!r}: a row", call["customer_id"] is None, call)
		dialog.cancel()
		c.wait_call(call["id"], "ended")


def strangers(c, desk):
	user, ip, port = desk.contact_of_phone()
	other = peer.Peer(loopback(), user="mallory")
	before = len(c.ask("history.list", limit=0)["items"])
	dialog = other.place(other.prepare(f"sip:{user}@{ip}:{port}", (ip, port)))
	eventually(lambda: dialog.state.startswith("refused"), what="a refusal")
	tap.check("somebody who is not the PBX is refused", dialog.state.startswith("refused 4"), dialog.state)
	tap.equal("and leaves no row", len(c.ask("history.list", limit=0)["items"]), before)
	tap.equal("nor a trace in the agent's state", c.ask("session.show")["state"], "ready")


@tap.main
def test():
	with Engine() as engine:
		desk = Desk()
		c = engine.client()
		customer = furnish(c, f"sip:200@{desk.ip}", auth_user="200", password="s3cret")
		c.ask("session.login", user="anna", station="s-anna")
		phone = engine.children("baresip")
		for part, args in ((answered, (customer,)), (not_answered, ()), (odd_callers, ()), (strangers, ())):
			with tap.guard(part.__name__):
				part(c, desk, *args)
		tap.equal("the phone is the same as before", engine.children("baresip"), phone)
		with tap.guard("do_not_disturb"):
			do_not_disturb(c, desk, engine)
