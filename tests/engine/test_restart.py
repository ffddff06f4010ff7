#!/usr/bin/python3
"""SIGKILL to the engine, the phone or the media process, and SIGTERM: what is found again afterwards."""
import os
import signal
import time

from desk import BOB, Desk, Engine, eventually, furnish, recorded
import spectrum
import tap


def dial_up(c):
	call = c.ask("call.dial", number=BOB)
	c.wait_call(call["id"], "active")
	return call["id"]


def before_the_sound(c, desk, engine):
	"""A call that is up before its sound process is ready, as on a busy machine, has one recording: that of the whole call."""
	c.ask("session.logout")
	eventually(lambda: not engine.children(), what="the children's end")
	login = c.send("session.login", {"user": "anna", "station": "s-anna"})
	while not (media := engine.children("spctl-media")):
		pass
	os.kill(media[0], signal.SIGSTOP)
	try:
		c.answer(login)
		call = dial_up(c)
	finally:
		os.kill(media[0], signal.SIGCONT)
	recorded(c, call, 0.5)
	c.ask("call.hangup")
	c.ask("dispo.save", code="completed")
	rows = eventually(lambda: (lambda r: r if all(x["ended_at"] for x in r) else None)(c.ask("call.show", call=call)["recordings"]))
	tap.equal("a call that is up before the sound: one recording, with its digest", [bool(row["sha256"]) for row in rows], [True])
	return c


def engine_killed_in_a_call(c, desk, engine):
	call = dial_up(c)
	recorded(c, call, 0.7)
	engine.kill()
	tap.check("the far end is told", eventually(lambda: all(d.state == "ended" for d in desk.dialogs.values())))
	c = engine.start().client()
	row = c.ask("call.show", call=call)
	tap.equal("the call is closed with its true cause", (row["state"], row["cause"]), ("ended", "engine_restart"))
	s = c.ask("session.show")
	tap.equal("the agent is back, and owes", (s["user"], s["state"], s["wrap_up"]["call_id"]), ("anna", "wrap_up", call))
	tap.equal("no dial", c.refused("call.dial", number=BOB).code, "conflict")
	tap.check("registered again", eventually(lambda: c.ask("session.show")["registered"]))
	# whoever still writes it is waited for, and its digest is computed beside the loop
	[recording] = eventually(lambda: (lambda all: all if all[0]["ended_at"] else None)(c.ask("call.show", call=call)["recordings"]),
		what="the recording's end")
	tap.check("the recording is closed", recording["sha256"], recording)
	samples, rate = spectrum.load(os.path.join(engine.home, "recordings", recording["path"]))
	tap.check("and can be heard", len(samples) > rate / 2, len(samples))
	c.ask("dispo.save", code="completed")
	call = dial_up(c)
	c.ask("call.hangup")
	c.ask("dispo.save", code="completed")
	return c


def engine_killed_in_wrap_up(c, desk, engine):
	call = dial_up(c)
	c.ask("call.hangup")
	engine.kill()
	c = engine.start().client()
	s = c.ask("session.show")
	tap.equal("still owed, for the same call", (s["state"], s["wrap_up"]["call_id"]), ("wrap_up", call))
	tap.equal("with its own cause", c.ask("call.show", call=call)["cause"], "agent_hangup")
	c.ask("dispo.save", code="completed")
	c.ask("session.pause", reason="Pause")
	engine.kill()
	c = engine.start().client()
	s = c.ask("session.show")
	tap.equal("a pause is kept", (s["state"], s["paused_reason"]), ("paused", "Pause"))
	c.ask("session.ready")
	eventually(lambda: c.ask("session.show")["registered"])
	return c


def phone_killed(c, desk, engine):
	call = dial_up(c)
	engine.kill(engine.child("baresip"))
	ended = c.wait_call(call, "ended")
	tap.equal("the call ends for that", ended["cause"], "phone_lost")
	tap.equal("owed", c.ask("session.show")["wrap_up"]["call_id"], call)
	tap.check("the phone registers again", eventually(lambda: c.ask("session.show")["registered"]))
	c.ask("dispo.save", code="other")
	for d in desk.dialogs.values():
		if d.state == "up":
			d.bye()
	return c


def media_killed(c, desk, engine):
	call = dial_up(c)
	dialog = [d for d in desk.dialogs.values() if d.state == "up"][-1]
	recorded(c, call, 1, hz=desk.tone)
	media = engine.child("spctl-media")
	engine.kill(media)
	eventually(lambda: engine.children("spctl-media") not in ([], [media]), what="a new media process")
	eventually(lambda: len(c.ask("call.show", call=call)["recordings"]) == 2, what="a second file")
	recorded(c, call, 1, hz=desk.tone)
	tap.equal("the call goes on", (c.ask("call.show", call=call)["state"], dialog.state), ("active", "up"))
	c.ask("call.hangup")
	c.ask("dispo.save", code="completed")
	recordings = eventually(lambda: (lambda r: r if all(x["ended_at"] for x in r) else None)(c.ask("call.show", call=call)["recordings"]))
	tap.equal("recorded in two files", len(recordings), 2)
	for recording in recordings:
		samples, rate = spectrum.load(os.path.join(engine.home, "recordings", recording["path"]))
		tap.check(f"{recording['path']} can be heard", spectrum.loudest(samples[:, 1], rate, desk.tone) > -30, len(samples))
	return c


def terminated(c, desk, engine):
	call = dial_up(c)
	children = engine.children()
	started = time.monotonic()
	tap.equal("SIGTERM: exit status", engine.terminate(), 0)
	took = time.monotonic() - started
	tap.check("soon", took < 8, took)       # a phone that does not go is killed after 3 s, and what is computed beside has 5
	tap.check("BYE was said", eventually(lambda: all(d.state == "ended" for d in desk.dialogs.values()), what="BYE"))
	tap.check("no child is left", not any(os.path.exists(f"/proc/{pid}") for pid in children))
	c = engine.start().client()
	tap.equal("the call was closed before the end", c.ask("call.show", call=call)["cause"], "engine_restart")
	tap.equal("owed", c.ask("session.show")["wrap_up"]["call_id"], call)
	c.ask("dispo.save", code="other")
	return c


@tap.main
def test():
	with Engine() as engine:
		desk = Desk()
		c = engine.client()
		furnish(c, f"sip:200@{desk.ip}", auth_user="200", password="s3cret")
		c.ask("tenant.set", max_calls_per_week=1000)
		c.ask("session.login", user="anna", station="s-anna")
		for part in (before_the_sound, engine_killed_in_a_call, engine_killed_in_wrap_up, phone_killed, media_killed, terminated):
			with tap.guard(part.__name__):
				c = part(c, desk, engine)
		tap.equal("nothing is owed or open", [x["id"] for x in c.ask("history.list")["items"] if not x["disposition"]], [])
		tap.check("the chain is whole", c.ask("audit.verify")["intact"])
