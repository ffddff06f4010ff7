#!/usr/bin/python3
"""Hold by the mixer alone, where the station says so and where the far end refuses; digits by INFO."""
import os

import numpy as np

from desk import BOB, PATIENCE, Desk, Engine, eventually, furnish, tone
import tap

AGENT, MUSIC, PARTY, OTHER = 440, 700, 1000, 1500


def heard(dialog, seconds=0.3):
	"""Which of the tones in question this party hears now: over so long, or over less when no more comes."""
	x = dialog.heard.listen(seconds, timeout=seconds + (0.3 if seconds < 1 else PATIENCE)) / 32768
	t = np.arange(len(x)) / 8000
	return {hz for hz in (AGENT, MUSIC, PARTY, OTHER)
		if abs(np.dot(x, np.exp(-2j * np.pi * hz * t))) * 2 > 0.01 * max(len(x), 1)}


def hears(dialog, *hz):
	"""Those tones and no others, at last."""
	return eventually(lambda: heard(dialog) == set(hz), PATIENCE, f"{hz} at the far end")


def talk(c, desk, engine, **more):
	desk.does[BOB] = f"answer-0-{PARTY}"
	call = c.ask("call.dial", number=BOB, play=tone(os.path.join(engine.home, "agent.wav"), AGENT), **more)
	eventually(lambda: c.ask("call.show", call=call["id"])["state"] == "active", PATIENCE, "an answer")
	dialog = list(desk.dialogs.values())[-1]
	hears(dialog, AGENT)
	return call["id"], dialog


def rings(c):
	return eventually(lambda: [x for x in c.ask("call.list")["items"] if x["state"] == "ringing"], PATIENCE, "a second call")[0]


def over(c):
	for call in c.ask("call.list")["items"]:
		c.ask("call.hangup", call=call["id"])
	while c.ask("session.show")["owed"]:
		c.ask("dispo.save", code="completed")


def local(c, desk, engine, music):
	path = tone(os.path.join(engine.home, "music.wav"), MUSIC, 1)
	c.ask("station.set", name="s-anna", hold="local", hold_music=path if music else "")
	call, dialog = talk(c, desk, engine)
	offers = len(dialog.offers)
	tap.equal("held", c.ask("call.hold")["state"], "held")
	played = [MUSIC] if music else []
	tap.check("the party hears " + ("music, which begins anew" if music else "silence"),
		hears(dialog, *played) and (not music or heard(dialog, 1.5) == {MUSIC}))
	tap.equal("no digits meanwhile", c.refused("call.dtmf", digits="1").code, "conflict")
	other = desk.ring(freq=OTHER)
	second = rings(c)
	c.ask("call.answer")
	tap.check("nobody hears the other party", PARTY not in heard(other) and OTHER not in heard(dialog))
	c.ask("call.swap")
	tap.check("swapped: the agent is heard again", hears(dialog, AGENT))
	tap.check("and the other one hears " + ("the music" if music else "nothing"), hears(other, *played))
	tap.equal("neither was asked anything by SIP", (len(dialog.offers), len(other.offers)), (offers, 1))
	other.bye()
	eventually(lambda: c.ask("call.show", call=second["id"])["state"] == "ended", PATIENCE, "its end")
	over(c)


def refused(c, desk, engine):
	c.ask("station.set", name="s-anna", hold="sip", hold_music=tone(os.path.join(engine.home, "music.wav"), MUSIC, 1))
	desk.reinvite_code = 488
	call, dialog = talk(c, desk, engine)
	c.ask("call.hold")
	c.wait("notice", text=f"call {call} is held by spctl alone, for its hold was refused: the far end refused (488)")
	tap.equal("held all the same", c.ask("call.show", call=call)["state"], "held")
	tap.check("the party hears the music instead of the agent", hears(dialog, MUSIC))
	tap.equal("resumed", c.ask("call.resume")["state"], "active")
	tap.check("and the agent is heard again", hears(dialog, AGENT))
	other = desk.ring(freq=OTHER)
	rings(c)
	c.ask("call.answer")
	tap.check("answering another call cuts him off as well", hears(dialog, MUSIC) and PARTY not in heard(other))
	desk.reinvite_code = 200
	over(c)


def media_crash(c, desk, engine):
	"""The mixer forgets everything when it dies; the call is on hold afterwards as before."""
	c.ask("station.set", name="s-anna", hold="local")
	call, dialog = talk(c, desk, engine)
	c.ask("call.hold")
	hears(dialog, MUSIC)
	media = engine.child("spctl-media")
	engine.kill(media)
	eventually(lambda: engine.children("spctl-media") not in ([], [media]), PATIENCE, "the mixer again")
	tap.check("on hold again after a crash of the mixer, with music", hears(dialog, MUSIC))
	c.ask("call.resume")
	tap.equal("and taken back", c.ask("call.show", call=call)["state"], "active")
	over(c)


def digits(c, desk, engine):
	c.ask("station.set", name="s-anna", dtmf="info")
	call, dialog = talk(c, desk, engine)
	c.ask("call.dtmf", digits="1#")
	eventually(lambda: len(dialog.infos) == 2, PATIENCE, "two INFOs")
	tap.equal("digits by INFO", ([b.split("\r\n")[0] for _, b in dialog.infos], dialog.digits), (["Signal=1", "Signal=#"], ""))
	desk.info_code = 415
	c.ask("call.dtmf", digits="2")
	eventually(lambda: any("the digit 2 was not taken (415" in e["data"].get("text", "") for e in c.events), PATIENCE, "a notice")
	tap.check("a digit that is refused is told", True)
	c.ask("station.set", name="s-anna", dtmf="rtp")
	c.ask("call.dtmf", digits="3")
	eventually(lambda: dialog.digits == "3", PATIENCE, "a digit by RTP")
	tap.equal("by RTP at once when the station says so", len(dialog.infos), 3)
	over(c)


@tap.main
def test():
	with Engine() as engine:
		desk = Desk()
		c = engine.client()
		furnish(c, f"sip:200@{desk.ip}", auth_user="200", password="s3cret")
		c.ask("session.login", user="anna", station="s-anna")
		for part, args in ((local, (False,)), (local, (True,)), (refused, ()), (media_crash, ()), (digits, ())):
			with tap.guard(part.__name__):
				part(c, desk, engine, *args)
			desk.tidy()
