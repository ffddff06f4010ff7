#!/usr/bin/python3
"""Stations of several kinds: codecs in their order, encryption that is never left out, a prefix before the number."""
from desk import BOB, PATIENCE, Desk, Engine, FarEnd, eventually, furnish, loopback, recorded
import spectrum
import tap


def talk(c, station, **dial):
	"""One call at that station until it is up, or over; the call."""
	c.ask("session.login", user="anna", station=station)
	call = c.ask("call.dial", number=BOB, **dial)
	with c.changed:
		c.changed.wait_for(lambda: any(e["event"] == "call.changed" and e["data"]["id"] == call["id"] and
			e["data"]["state"] in ("active", "ended") for e in c.events), PATIENCE)
	return c.ask("call.show", call=call["id"])


def done(c):
	if c.ask("call.list")["items"]:
		c.ask("call.hangup")
	c.ask("dispo.save", code="completed")
	c.ask("session.logout")


def codecs(c):
	# RFC 3551 section 4.5.2: G.722 is called 8000 in SDP, and has 16000 samples a second.
	for name, wanted, module, rate in (("PCMA,PCMU", "PCMA/8000/1", "g711", 8000), ("G722", "G722/8000/1", "g722", 16000),
			("opus,PCMU", "opus/48000/2", "opus", 48000)):
		with FarEnd(modules=dict.fromkeys((module, "g711")), rate=rate) as far:
			station = name.lower().replace(",", "-")
			c.ask("station.add", name=station, did=BOB, sip_uri=f"sip:a@{far.ip}", codecs=name, register=False)
			call = talk(c, station)
			tap.equal(f"codec of {name}", (call["state"], call["codec"]), ("active", wanted))
			recorded(c, call["id"], 1, hz=1000)
			done(c)
			recording = eventually(lambda: [r for r in c.ask("call.show", call=call["id"])["recordings"] if r["ended_at"]])[0]
			samples, rate = spectrum.load(recording["path"])
			hz, _, _ = spectrum.strongest(samples[-rate // 2:, 1], rate)
			tap.check(f"{name}: the far end is heard", hz and abs(hz - 1000) < 5, hz)


def encryption(c):
	with FarEnd(modules=("g711", "dtls_srtp"), answer="auto;mediaenc=dtls_srtp") as far:
		c.ask("station.add", name="dtls", did=BOB, sip_uri=f"sip:a@{far.ip}", media_enc="dtls", register=False)
		call = talk(c, "dtls")
		tap.equal("answered", call["state"], "active")
		tap.check("encrypted", c.wait("call.changed", id=call["id"], encrypted=True))
		done(c)
	with FarEnd() as far:
		c.ask("station.set", name="dtls", sip_uri=f"sip:a@{far.ip}")
		call = talk(c, "dtls")
		tap.equal("a far end that cannot encrypt is not talked to in the clear", (call["state"], call["encrypted"]), ("ended", False))
		done(c)


def prefix(c):
	with FarEnd(number="9" + BOB) as far:
		c.ask("station.add", name="prefix", did=BOB, sip_uri="sip:a@192.0.2.1", dial_prefix=f"sip:9%s@{far.ip}", register=False)
		call = talk(c, "prefix")
		tap.equal("dial_prefix", call["state"], "active")
		done(c)


def address():
	desk, ours = Desk(), loopback()
	with Engine(settings=f"sip.address = {ours}") as engine:
		c = engine.client()
		furnish(c, f"sip:200@{desk.ip}", auth_user="200", password="s3cret")
		c.ask("session.login", user="anna", station="s-anna")
		tap.equal("sip.address is where the phone is", desk.contact_of_phone()[1], ours)


@tap.main
def test():
	with tap.guard("address"):
		address()
	with Engine() as engine:
		c = engine.client()
		furnish(c, "sip:a@127.0.0.1", register=False)
		c.ask("tenant.set", max_calls_per_week=1000)
		for part in (codecs, encryption, prefix):
			with tap.guard(part.__name__):
				part(c)
