#!/usr/bin/python3
"""Who sits where: registration and its refusals, pausing, takeover, kicks, logging out, station.test."""
import os
import pwd
import resource
import signal
import sqlite3
import subprocess
import time

from desk import BOB, Client, Desk, Engine, Refused, eventually, furnish, recorded
import tap

SECRET = "p\"a;s<w>ö %s"


def registration(c, desk, engine):
	started = time.monotonic()
	s = c.ask("session.login", user="anna", station="s-anna")
	tap.equal("registered", (s["state"], s["registered"], s["registration"]), ("ready", True, None))
	took = time.monotonic() - started
	tap.check("quickly", took < 8, took)    # a login that waits for something gives it up after ten seconds
	tap.equal("with the right password", desk.registrations[-1][0], True)
	tap.equal("the station is in use", c.ask("station.show", name="s-anna")["in_use_by"], "anna")
	pid = engine.child("baresip")
	for what in ("environ", "cmdline"):
		with open(f"/proc/{pid}/{what}", "rb") as file:
			tap.check(f"no password in the phone's {what}", SECRET.encode() not in file.read())
	found = subprocess.run(["grep", "-rlF", "--", SECRET, engine.home], capture_output=True, text=True).stdout
	tap.equal("no password in any file of the home", found, "")
	with open(f"/proc/{pid}/limits") as file:
		tap.check("no core dumps", any(line.split()[4:6] == ["0", "0"] for line in file if line.startswith("Max core")))
	c.ask("session.logout")
	desk.wait_message(r"(?s)^REGISTER.*expires=0|^REGISTER.*Expires: 0")
	eventually(lambda: not engine.children(), what="the children's end")
	tap.check("logged out: unregistered, and no process left", True)
	tap.check("run holds the socket alone", eventually(lambda: os.listdir(os.path.join(engine.home, "run")) == ["spctld.sock"]))


def refusals(c, desk):
	c.ask("station.add", name="wrong", did=BOB, sip_uri=f"sip:200@{desk.ip}", auth_user="200", password="not it")
	refusal = c.refused("session.login", user="anna", station="wrong")
	tap.check("a wrong password is refused with the PBX's words", refusal.code == "unavailable" and "403 Nope" in refusal.message,
		refusal.message)
	tap.equal("and leaves no session", c.ask("session.list")["items"], [])
	desk.register_code, desk.reason = 503, "%s%n Closed\x01"
	refusal = c.refused("session.login", user="anna", station="s-anna")
	tap.check("503 with hostile words", refusal.code == "unavailable" and "503" in refusal.message, refusal.message)
	refusal = c.refused("station.test", name="s-anna")
	tap.check("station.test tells as much", refusal.code == "unavailable" and refusal.data["sip_code"] == 503, refusal.message)
	desk.register_code, desk.reason = None, "Nope"
	tap.equal("station.test, when all is well", c.ask("station.test", name="s-anna"), {"registered": True})
	desk.deaf = True
	started = time.monotonic()
	refusal = c.refused("session.login", user="anna", station="s-anna")
	tap.check("no answer at all: given up in ten seconds", refusal.code == "unavailable" and time.monotonic() - started < 25, refusal.message)     # SIP itself gives up after 32
	desk.deaf = False
	tap.equal("no session", c.ask("session.list")["items"], [])
	c.ask("station.add", name="lost", did=BOB, sip_uri="sip:200@no-such-host.invalid", auth_user="200", password="x")
	tap.equal("a host that does not exist", c.refused("session.login", user="anna", station="lost").code, "unavailable")
	for params, code in (({"user": "nobody", "station": "s-anna"}, "not_found"), ({"user": "anna", "station": "none"}, "not_found")):
		tap.equal(f"login {params}", c.refused("session.login", **params).code, code)


def pausing(c):
	c.ask("session.login", user="anna", station="s-anna")
	tap.equal("twice", c.refused("session.login", user="anna", station="s-anna").code, "conflict")
	tap.equal("another's station", c.refused("session.login", user="ben", station="s-anna").code, "conflict")
	s = c.ask("session.pause", reason="Mittag")
	tap.equal("paused", (s["state"], s["paused_reason"]), ("paused", "Mittag"))
	s = c.ask("session.ready")
	tap.equal("ready", (s["state"], s["paused_reason"]), ("ready", None))
	c.ask("session.login", user="ben", station="s-ben")
	tap.equal("two agents", [s["user"] for s in c.ask("session.list")["items"]], ["anna", "ben"])
	tap.equal("whom is meant is not guessed", c.refused("session.pause", reason="x").code, "conflict")
	tap.equal("the gate is asked for nobody in particular", c.ask("call.check", number=BOB)["number"], BOB)
	tap.equal("named", c.ask("session.pause", reason="x", **{"as": "ben"})["user"], "ben")
	tap.equal("a station in use is not removed", c.refused("station.rm", name="s-ben").code, "conflict")
	seen = len(c.events)
	tap.equal("kicked", c.ask("session.kick", user="ben", reason="shift is over")["state"], "offline")
	tap.check("the kick is audited", "shift is over" in c.wait("audit.added", event="kicked", user="ben")["detail"])
	tap.equal("and told with its reason", told_end(c, "ben", seen), {"by": None, "reason": "shift is over", "now_at": None})


def told_end(c, user, seen):
	"""What is told of the end of that user's session."""
	return c.wait("session.changed", after=seen, user=user, state="offline").get("ended")


def takeover(c, desk, engine):
	call = c.ask("call.dial", number=BOB)
	c.wait_call(call["id"], "active")
	tap.equal("it is hung up in nobody else's name", c.refused("call.hangup", call=call["id"], **{"as": "ben"}).code, "not_found")
	recorded(c, call["id"], 0.3)            # else nothing of it is there when it stops
	media = engine.child("spctl-media")
	seen = len(c.events)
	os.kill(media, signal.SIGSTOP)          # what she said last is not on the disk yet when her session ends
	try:
		s = c.ask("session.login", user="anna", station="s-ben", take_over=True)
	finally:
		os.kill(media, signal.SIGCONT)
	tap.equal("moved with her debt", (s["station"], s["state"], s["owed"], s["wrap_up"]["call_id"]), ("s-ben", "wrap_up", 1, call["id"]))
	tap.equal("her old place is told where she is", told_end(c, "anna", seen),
		{"by": "anna", "reason": "taken over", "now_at": "s-ben"})
	tap.equal("her call was ended", c.ask("call.show", call=call["id"])["cause"], "kicked")
	tap.equal("one session", len(c.ask("session.list")["items"]), 1)
	tap.check("the far end was told", eventually(lambda: all(d.state == "ended" for d in desk.dialogs.values())))
	eventually(lambda: all(r["ended_at"] for r in c.ask("recording.list")["items"]), what="the end of the recording")
	verdict = c.ask("recording.verify")
	tap.equal("its recording has the digest of the whole file", (verdict["files"], verdict["wrong"]), (1, 0))
	kicked = c.ask("audit.list", event="kicked", newest=True)["items"][0]
	tap.check("who took over is in the audit log", kicked["actor"].startswith(pwd.getpwuid(os.getuid()).pw_name + " "), kicked)
	tap.equal("no logout while she owes", c.refused("session.logout").code, "conflict")
	c.ask("session.kick", user="anna", reason="test")
	s = c.ask("session.login", user="anna", station="s-anna")
	tap.equal("a kick takes the debt along", (s["state"], s["owed"]), ("wrap_up", 1))
	tap.equal("no dial while she owes", c.refused("call.dial", number=BOB).code, "conflict")
	tap.equal("nor does another settle it in his name", c.refused("dispo.save", code="sale", call=call["id"], **{"as": "ben"}).code,
		"not_found")
	c.ask("dispo.save", code="sale")
	s = c.ask("session.login", user="ben", station="s-anna", take_over=True)
	tap.equal("his own state, not hers", (s["state"], s["dnd"]), ("ready", False))
	tap.equal("a supervisor takes another's place", s["user"], "ben")
	tap.equal("who is then offline", [s["user"] for s in c.ask("session.list")["items"]], ["ben"])
	c.ask("session.logout", user="ben")


def full_disk(c, desk, engine):
	"""Whoever can fill the disk loses no disposition by leaving a call while nothing can be written."""
	c.ask("session.login", user="anna", station="s-anna")
	call = c.ask("call.dial", number=BOB)
	c.wait_call(call["id"], "active")
	limits = resource.prlimit(engine.process.pid, resource.RLIMIT_FSIZE)
	resource.prlimit(engine.process.pid, resource.RLIMIT_FSIZE, (0, limits[1]))
	refusal = c.refused("session.login", user="anna", station="s-anna", take_over=True)
	tap.check("no room: her old session is gone, and there is no new one", "File too large" in refusal.message, refusal.message)
	tap.equal("the row of her call says nothing of its end yet", c.ask("history.show", call=call["id"])["ended_at"], None)
	resource.prlimit(engine.process.pid, resource.RLIMIT_FSIZE, limits)
	s = c.ask("session.login", user="anna", station="s-anna")
	tap.equal("room again: she owes", (s["state"], s["owed"]), ("wrap_up", 1))
	tap.equal("the call is over, and why", c.ask("call.show", call=call["id"])["cause"], "kicked")
	with sqlite3.connect(os.path.join(engine.home, "spctl.db")) as database:        # as if the clock had been set back since
		database.execute("UPDATE softphone_call_logs SET acw_started_at = acw_started_at + 3600000 WHERE id = ?", (call["id"],))
	tap.equal("no wrap-up lasts less than nothing", c.ask("dispo.save", code="sale")["acw_seconds"], 0)
	c.ask("session.logout")


def takes_along(c, engine):
	"""A pause and do-not-disturb go with who takes his own session over, be it at another station or at the same."""
	c.ask("session.login", user="anna", station="s-anna")
	c.ask("session.pause", reason="Mittag")
	c.ask("session.dnd", on=True)
	s = c.ask("session.login", user="anna", station="s-ben", take_over=True)
	tap.equal("to another station", (s["station"], s["state"], s["paused_reason"], s["dnd"]), ("s-ben", "paused", "Mittag", True))
	tap.check("told", c.wait("session.changed", station="s-ben", state="paused", paused_reason="Mittag", dnd=True))
	s = c.ask("session.login", user="anna", station="s-ben", take_over=True)
	tap.equal("at the same", (s["state"], s["paused_reason"], s["dnd"]), ("paused", "Mittag", True))
	engine.kill()
	c = engine.start().client()
	s = c.ask("session.show")
	tap.equal("and through a crash", (s["station"], s["state"], s["paused_reason"], s["dnd"]), ("s-ben", "paused", "Mittag", True))
	c.ask("session.ready")
	c.ask("session.dnd", on=False)
	c.ask("session.logout")
	s = c.ask("session.login", user="anna", station="s-anna")
	tap.equal("a log-in of its own begins afresh", (s["state"], s["dnd"]), ("ready", False))
	c.ask("session.logout")
	return c


def removed_meanwhile(c, desk):
	"""Two clients with opposite orders: one logs ben in, the other removes him, or the station, while the phone registers."""
	for noun, params in (("user", {"login": "cleo"}), ("station", {"name": "s-cleo"})):
		c.ask("user.add", login="cleo")
		c.ask("station.add", name="s-cleo", did=BOB, sip_uri=f"sip:200@{desk.ip}", auth_user="200", password=SECRET)
		with desk.lock:                 # it takes no REGISTER meanwhile
			login = c.send("session.login", {"user": "cleo", "station": "s-cleo"})
			c.ask(noun + ".rm", **params)
		try:
			tap.check(f"no session of a {noun} that was removed", False, c.answer(login))
		except Refused as refusal:
			tap.check(f"no session of a {noun} that was removed", refusal.code == "not_found" and noun in refusal.message,
				refusal.message)
		tap.equal("nobody is logged in", c.ask("session.list")["items"], [])
		for other, names in (("user", {"login": "cleo"}), ("station", {"name": "s-cleo"})):
			if other != noun:
				c.ask(other + ".rm", **names)


def pages(c):
	for login in ("anna", "ben"):
		c.ask("session.login", user=login, station="s-" + login)
	first = c.ask("session.list", limit=1)
	second = c.ask("session.list", limit=1, after=first["next"])
	tap.equal("a page ends at its limit, and the next goes on behind it", [s["user"] for s in first["items"] + second["items"]],
		["anna", "ben"])
	tap.equal("and ends the list", (second["next"], c.ask("session.list", limit=0)["next"]), (None, None))
	for login in ("anna", "ben"):
		c.ask("session.logout", user=login)


def overdue(c, desk):
	c.ask("tenant.set", acw_seconds=5)
	c.ask("session.login", user="anna", station="s-anna")
	desk.does[BOB] = "code-486"
	seen, started = len(c.events), time.monotonic()
	call = c.ask("call.dial", number=BOB)
	c.wait("session.changed", after=seen, state="wrap_up", owed=1)
	late = eventually(lambda: next((e["data"] for e in c.events[seen:] if e["event"] == "session.changed" and e["data"]["wrap_up"]
		and e["data"]["wrap_up"]["overdue"]), None), what="a wrap-up that is overdue")
	took = time.monotonic() - started
	tap.check("told when the allowance is used up", 5 <= took < 10, took)   # a refused call takes some hundredths of a second
	tap.equal("of that call", late["wrap_up"]["call_id"], call["id"])
	tap.equal("and still wrap-up", late["state"], "wrap_up")
	c.ask("dispo.save", code="busy")
	c.ask("session.logout")
	del desk.does[BOB]


def one_tenants_events(c, engine):
	c.ask("tenant.add", name="other")
	listener = Client(os.path.join(engine.home, "run", "spctld.sock"))
	listener.ask("events.subscribe", tenant="other")
	c.ask("station.add", name="here", did="+14155550100", sip_uri="sip:1@pbx.example")
	c.ask("station.add", tenant="other", name="there", did="+14155550100", sip_uri="sip:1@pbx.example")
	there = listener.wait("audit.added", event="station.add")
	tap.check("who asks for one tenant's events gets no others", "there" in there["detail"]
		and [e["event"] for e in listener.events] == ["audit.added"])
	listener.close()


def lost_registration(c, desk, engine):
	c.ask("session.login", user="anna", station="s-anna")
	before, seen = len(desk.registrations), len(c.events)
	with desk.lock:                 # no phone registers meanwhile, however quickly it comes again
		engine.kill(engine.child("baresip"))
		c.wait("session.changed", after=seen, registered=False, state="ready")
		tap.equal("the phone was killed: no dial meanwhile", c.refused("call.dial", number=BOB).code, "unavailable")
	tap.check("and comes back by itself", eventually(lambda: c.ask("session.show")["registered"] and len(desk.registrations) > before))
	call = c.ask("call.dial", number=BOB)
	tap.check("a call as before", c.wait_call(call["id"], "active"))
	c.ask("call.hangup")
	c.ask("dispo.save", code="completed")
	c.ask("session.logout")


@tap.main
def test():
	with Engine() as engine:
		desk = Desk(password=SECRET)
		c = engine.client()
		furnish(c, f"sip:200@{desk.ip}", agents=("anna", "ben"), auth_user="200", password=SECRET)
		for part, args in ((registration, (desk, engine)), (refusals, (desk,)), (pausing, ()), (takeover, (desk, engine)), (full_disk, (desk, engine)),
				(removed_meanwhile, (desk,)), (pages, ()), (overdue, (desk,)), (one_tenants_events, (engine,)),
				(lost_registration, (desk, engine))):
			with tap.guard(part.__name__):
				part(c, *args)
		with tap.guard("takes_along"):
			takes_along(c, engine)
