#!/usr/bin/python3
"""A PBX that is reached over IPv6: registration, a call out with sound, hold and recording, a call in."""
import os
import random
import socket

from desk import BOB, Desk, Engine, eventually, furnish, tone
from rig import is_tone
import spectrum
import tap


def free_port():
	"""An even port of ::1, below those that the kernel gives away."""
	while True:
		port = random.randrange(20000, 32000, 2)
		with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
			try:
				probe.bind(("::1", port))
				return port
			except OSError:
				continue


def call_out(c, engine, desk):
	play = tone(os.path.join(engine.home, "play.wav"), 440)
	call = c.ask("call.dial", number=BOB, play=play)
	c.wait_call(call["id"], "active")
	dialog = eventually(lambda: [d for d in desk.dialogs.values() if d.state == "up"], what="a call at the PBX")[0]
	tap.check("the far end hears the agent", eventually(lambda: is_tone(dialog.heard.listen(), 440), what="the agent's tone"))
	tap.equal("on hold", c.ask("call.hold")["state"], "held")
	dialog.wait_direction("sendonly", "inactive")
	eventually(lambda: dialog.heard.is_silent(0.1), 2, "the end of what was under way")
	tap.check("it hears nothing", dialog.heard.is_silent())
	tap.equal("and resumed", c.ask("call.resume")["state"], "active")
	dialog.heard.listen(1.0)
	ended = c.ask("call.hangup")
	c.ask("dispo.save", code="completed", call=ended["id"])
	path = eventually(lambda: recorded(c, ended["id"]), what="a recording")
	samples, rate = spectrum.load(os.path.join(engine.home, "recordings", path))
	hz = spectrum.strongest(samples[:rate, 1], rate)[0]
	tap.check("the far end is in the recording", abs(hz - desk.tone) < 10, hz)


def recorded(c, call_id):
	files = c.ask("history.show", call=call_id)["recordings"]
	return files and files[0]["ended_at"] and files[0]["path"]


def call_in(c, desk):
	dialog = desk.ring(from_="<sip:+14155550100@pbx>")
	call = c.wait("call.changed", direction="inbound", state="ringing")
	c.ask("call.answer", call=call["id"])
	dialog.wait("up")
	tap.check("a call in is answered", True)
	c.ask("call.hangup", call=call["id"])
	dialog.wait("ended")


@tap.main
def test():
	with Engine() as engine:
		port = free_port()
		desk = Desk(ip="::1", port=port, tone=1000)
		c = engine.client()
		furnish(c, f"sip:200@[::1]:{port}", auth_user="200", password="s3cret")
		s = c.ask("session.login", user="anna", station="s-anna")
		tap.check("registered over IPv6", s["registered"], s)
		with tap.guard("a call out"):
			call_out(c, engine, desk)
		with tap.guard("a call in"):
			call_in(c, desk)
