#!/usr/bin/python3
"""A call from end to end: login, dial, sound both ways, recording, hold, mute, digits, hang-up, wrap-up, disposition."""
import os

from desk import BOB, Engine, FarEnd, eventually, furnish, recorded, tone
import spectrum
import tap


def heard_hz(path, channel=0, start=0.5):
	samples, rate = spectrum.load(path)
	return spectrum.strongest(samples[int(start * rate):, channel], rate)[0]


@tap.main
def test():
	with Engine() as engine, FarEnd(hz=1000) as far:
		c = engine.client()
		customer = furnish(c, f"sip:anna@{far.ip}", register=False)
		s = c.ask("session.login", user="anna", station="s-anna")
		tap.equal("logged in at once, without a registration", (s["state"], s["registered"]), ("ready", False))

		play = tone(os.path.join(engine.home, "play.wav"), 440)
		call = c.ask("call.dial", number="(415) 555-0100", play=play)
		tap.equal("the call is there before anything came back", (call["state"], call["number"], call["customer_id"]),
			("dialing", BOB, customer["id"]))
		up = c.wait_call(call["id"], "active")
		tap.check("it rang first", c.wait_call(call["id"], "ringing"))
		tap.equal("codec", up["codec"], "PCMU/8000/1")
		tap.equal("the agent is in the call", c.ask("session.show")["state"], "in_call")
		tap.equal("call.list has it", [x["id"] for x in c.ask("call.list")["items"]], [call["id"]])
		recorded(c, call["id"], 3, hz=1000)

		held = c.ask("call.hold")
		tap.equal("held", held["state"], "held")
		tap.equal("held twice is refused", c.refused("call.hold").code, "conflict")
		tap.equal("resumed", c.ask("call.resume")["state"], "active")
		tap.equal("muted", c.ask("call.mute")["muted"], True)
		tap.equal("call.show tells that it is muted", c.ask("call.show", call=call["id"])["muted"], True)
		tap.equal("unmuted", c.ask("call.unmute")["muted"], False)
		tap.equal("digits", c.ask("call.dtmf", digits="12#")["id"], call["id"])
		tap.equal("bad digits", c.refused("call.dtmf", digits="12x").code, "invalid")
		tap.equal("no logout in a call", c.refused("session.logout").code, "conflict")
		tap.equal("no disposition in a call", c.refused("dispo.save", code="sale", call=call["id"]).code, "conflict")

		c.ask("call.mute")
		recorded(c, call["id"], recorded(c, call["id"], 0) + 1.5)               # of silence
		ended = c.ask("call.hangup")
		tap.equal("hung up", (ended["state"], ended["cause"]), ("ended", "agent_hangup"))
		tap.check("talk time", 4 <= ended["talk_seconds"] <= 20, ended)
		s = c.ask("session.show")
		tap.equal("wrap-up", (s["state"], s["wrap_up"]["call_id"], s["wrap_up"]["overdue"], s["owed"]), ("wrap_up", call["id"], False, 1))
		refusal = c.refused("call.dial", number=BOB)
		tap.check("the next dial is refused, and says how to go on",
			refusal.code == "conflict" and f"spctl dispo save CODE --call {call['id']}" in refusal.message, refusal.message)
		tap.equal("no logout while a disposition is owed", c.refused("session.logout").code, "conflict")
		tap.equal("an unknown disposition", c.refused("dispo.save", code="nonsense").code, "invalid")
		saved = c.ask("dispo.save", code="completed", notes="zahlt am Freitag – sicher")
		tap.equal("saved", (saved["disposition"], saved["notes"]), ("completed", "zahlt am Freitag – sicher"))
		tap.equal("a saved one is never changed", c.refused("dispo.save", code="sale", call=call["id"]).code, "conflict")
		tap.equal("ready again", c.ask("session.show")["state"], "ready")

		tap.equal("the far end heard the file", round(heard_hz(far.heard())), 440)
		recordings = eventually(lambda: [r for r in c.ask("call.show", call=call["id"])["recordings"] if r["ended_at"]])
		tap.equal("one recording, which is closed", len(recordings), 1)
		path = recordings[0]["path"]
		path = path if os.path.isabs(path) else os.path.join(engine.home, "recordings", path)
		samples, rate = spectrum.load(path)
		seconds = len(samples) / rate
		tap.check("as long as the call", abs(seconds - ended["talk_seconds"]) < 2, f"{seconds} {ended['talk_seconds']}")
		left = [spectrum.loudest(part[:, 0], rate, 440) for part in (samples[rate:3 * rate], samples[-rate:])]
		tap.check("the left channel is the agent, and nothing of him while he is muted", left[0] > -25 and left[1] < -60, left)
		tap.check("the right channel is the far end's tone", spectrum.loudest(samples[rate:3 * rate, 1], rate, 1000) > -25)

		audit = c.ask("audit.list", event="allowed")["items"]
		tap.equal("the decision stands in the audit log", [(a["call_id"], a["number"]) for a in audit], [(call["id"], BOB)])
		tap.check("the chain is whole", c.ask("audit.verify")["intact"])
		tap.equal("logged out", c.ask("session.logout")["state"], "offline")
		tap.equal("nobody is logged in", c.refused("session.show").code, "conflict")
