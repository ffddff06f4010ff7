#!/usr/bin/python3
"""The sound of an agent's station: cards listed, chosen, tested and lost, the microphone's settings, level meters, and
what of it is there again when the sound process was killed."""
import os
import sys
import time

from desk import BOB, ROOT, Engine, FarEnd, eventually, furnish
sys.path.append(os.path.join(ROOT, "tests", "media"))
from card import MIC, Card, environment         # noqa: E402
import spectrum
import tap


def chosen(c, engine, headset):
	items = c.ask("sound.list")["items"]
	tap.equal("sound.list has the cards", [i["name"] for i in items], ["auto", "headset", "none"])
	tap.equal("before a login nobody has a card to choose", c.refused("sound.use", device="headset").code, "conflict")
	c.ask("session.login", user="anna", station="s-anna")
	tap.check("a login without a card says so", c.wait("notice", words="sound device"))
	used = c.ask("sound.use", device="headset")
	tap.equal("a card is chosen, and works", (used["station"], used["sound_device"], used["state"]), ("s-anna", "headset", "ok"))
	tap.equal("the station keeps it", c.ask("station.show", name="s-anna")["sound_device"], "headset")
	for name in "file:/tmp/x,raw", "no such", "":
		refusal = c.refused("sound.use", device=name)
		tap.check(f"the name {name!r} is refused", refusal.code == "invalid" and "device" in refusal.message, refusal.message)
	used = c.ask("sound.use", device="missing")
	tap.check("a card that is not there is chosen, and told", used["state"] == "none" and "missing" in used["text"], used)
	c.ask("sound.use", device="headset")
	[row, *_] = [r for r in c.all("audit.list") if r["event"] == "sound.use"]
	tap.check("the choice stands in the audit log", "headset" in row["detail"] and row["station"] == "s-anna", row)
	test = c.ask("sound.test")
	tap.equal("a test with a tone", (test["device"], test["kind"]), ("headset", "tone"))
	tap.check("tells the microphone's peak", abs(test["peak_dbfs"] + 12) <= 1, test)
	tap.check("and is heard", spectrum.loudest(headset.played(), headset.rate, 1000) > -22)


def microphone(c):
	before = c.ask("sound.set", noise_suppression=True, dry_run=True)
	tap.check("a dry run changes nothing", before["dry_run"] and not c.ask("station.show", name="s-anna")["noise_suppression"])
	now = c.ask("sound.set", noise_suppression=True, echo_cancellation=True)
	tap.equal("the microphone's settings", [now[k] for k in ("noise_suppression", "gain_control", "echo_cancellation")], [True, False, True])
	tap.equal("are the station's", c.ask("station.show", name="s-anna")["echo_cancellation"], True)
	c.ask("sound.set", noise_suppression=False, echo_cancellation=False)


def levels(c, engine, call):
	meters = engine.client()
	time.sleep(0.5)
	tap.equal("nobody asked: no levels", [e for e in c.events + meters.events if e["event"] == "call.level"], [])
	meters.ask("events.subscribe", levels=True)
	data = meters.wait("call.level", id=call["id"])
	tap.check("who asked is told how loud it is, both ways",
		  eventually(lambda: abs(meters.events[-1]["data"].get("sent", 0) + 12) <= 2 and -30 < meters.events[-1]["data"].get("heard", -90)), data)
	tap.equal("nobody else", [e for e in c.events if e["event"] == "call.level"], [])
	told = lambda: sum(e["event"] == "call.level" for e in meters.events)

	def pace():
		"""Levels a second, seen for a second; a machine that holds us or the engine up meanwhile spoils one look, not all."""
		count, start = told(), time.monotonic()
		eventually(lambda: told() >= count + 10, what="ten more levels")
		paces.append(10 / (time.monotonic() - start))
		return 7 <= paces[-1] <= 14
	paces = []
	try:
		eventually(pace, 5)
		tap.check("ten times a second", True)
	except TimeoutError:
		tap.check("ten times a second", False, paces)
	meters.close()


def in_call(c, engine, first, headset):
	call = c.ask("call.dial", number=BOB)
	c.wait_call(call["id"], "active")
	tap.equal("no test in a call", c.refused("sound.test").code, "unavailable")
	levels(c, engine, call)
	tap.check("the far side is heard at the chosen card", spectrum.level_at(headset.wait_played(1)[-headset.rate // 2:], headset.rate, 1000) > -30)
	headset.plug(False)
	tap.check("unplugged, the agent is told", eventually(lambda: [e for e in c.events if e["event"] == "notice" and "is gone" in e["data"]["text"]]))
	tap.equal("and the call goes on", c.ask("call.show", call=call["id"])["state"], "active")
	headset.plug()
	before = len(headset.played())
	tap.check("plugged in, it is used again", eventually(lambda: len(headset.played()) > before + headset.rate // 2))
	used = c.ask("sound.use", device="auto")
	tap.check("another card in the middle of the call", used["state"] == "none" and used["sound_device"] == "auto", used)
	c.ask("sound.use", device="headset")
	pid = engine.child("spctl-media")
	engine.kill(pid)
	eventually(lambda: engine.children("spctl-media") not in ([pid], []))
	before = len(headset.played())
	tap.check("the sound process killed: the new one uses the station's card", eventually(lambda: len(headset.played()) > before + headset.rate // 2))
	c.ask("call.hangup")


@tap.main
def test():
	first, headset = Card(present=False), Card(pcm="headset", tone=MIC)
	with Engine(device="auto", env=environment(first, headset)) as engine, FarEnd(hz=1000) as far:
		c = engine.client()
		furnish(c, f"sip:anna@{far.ip}", register=False)
		chosen(c, engine, headset)
		microphone(c)
		in_call(c, engine, first, headset)
