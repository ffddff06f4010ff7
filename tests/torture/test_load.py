#!/usr/bin/python3
"""Many calls in a row, and many at once: memory stays flat, and no slot, file or process is left.

CALLS says how many in a row (60; 500 by hand), LINES how many at once (12; 40 by hand), on stations with six lines each.
Calls in a row end in every way: the agent hangs up, the far end does, it is busy, it does not exist.  Where they are many, they are
counted from the moment on when as many SIP transactions end as begin (RFC 3261 section 17.1.1.2: timer D, 32 s).
"""
import os
import sys
import threading
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "engine"))

from desk import Desk, Engine, eventually, furnish        # noqa: E402
from rig import comes_about, is_sanitized                  # noqa: E402
import tap                                                 # noqa: E402

CALLS = int(os.environ.get("CALLS", "60"))
LINES = int(os.environ.get("LINES", "12"))
STATION_LINES = 6
WARM_CALLS, WARM_SECONDS = 20, 35 if CALLS > 100 else 0
GROWTH_KB = {"engine": 2560, "phone": 1024, "sound": 1024}      # the engine's: 2 MB of the database's pages
CHECK = is_sanitized(os.path.join(os.environ.get("BUILD", "build"), "bin", "spctld"))
BEHAVIOUR = ["answer", "code-486", "brief", "code-404"]


class FarEnd(Desk):
	"""Does with a number what its last digit says; "brief" answers and hangs up."""

	def behave(self, dialog, does, args):
		super().behave(dialog, "answer" if does == "brief" else does, args)
		if does == "brief":
			threading.Timer(0.03, self.hang_up, [dialog]).start()

	def hang_up(self, dialog):
		with self.lock:
			if dialog.state == "up":
				dialog.bye()
			elif dialog.state == "ringing":         # its answer comes late
				threading.Timer(0.03, self.hang_up, [dialog]).start()


def processes(engine):
	return {"engine": [engine.process.pid], "phone": engine.children("baresip"), "sound": engine.children("spctl-media")}


def held(pids):
	"""(resident kB, open files) of all these."""
	kb = files = 0
	for pid in pids:
		with open(f"/proc/{pid}/status") as file:
			kb += next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
		files += len(os.listdir(f"/proc/{pid}/fd"))
	return kb, files


def census(engine):
	return {name: held(pids) for name, pids in processes(engine).items()}


def one_call(c, i):
	number = f"+1415555{i % 100:02d}{i % len(BEHAVIOUR):02d}"
	call = c.ask("call.dial", number=number, acknowledge=["unknown_customer", "max_calls_per_week"])
	if i % len(BEHAVIOUR) == 0:
		c.wait_call(call["id"], "active")
		c.ask("call.hangup", call=call["id"])
	ended = c.wait_call(call["id"], "ended")
	c.ask("dispo.save", code="completed", call=call["id"])
	return ended["cause"]


def calls_of(c, far, first, count, seconds=0):
	"""So many calls, and more until so many seconds are over; why they ended."""
	causes, until, i = set(), time.monotonic() + seconds, first
	while i < first + count or time.monotonic() < until:
		for digits, does in enumerate(BEHAVIOUR):
			far.does[f"+1415555{i % 100:02d}{digits:02d}"] = does
		causes.add(one_call(c, i))
		far.tidy()
		far.messages.clear()
		i += 1
	return causes


def in_a_row(c, far, engine):
	calls_of(c, far, 0, WARM_CALLS, WARM_SECONDS)
	before = census(engine)
	causes = calls_of(c, far, 0, CALLS)
	tap.equal(f"{CALLS} calls end for the causes that they had", causes, {"agent_hangup", "busy", "remote_hangup", "not_found"})
	eventually(lambda: not c.ask("call.list")["items"], 10, "an empty list of calls")
	comes_about(lambda: all(files <= before[name][1] for name, (_, files) in census(engine).items()))     # once what ended has gone
	after = census(engine)
	for name, (kb, files) in after.items():
		tap.check(f"the {name} has no file more open", files <= before[name][1], f"{before[name][1]} files, then {files}")
		if CHECK:
			tap.skip(f"the {name} has not grown", "memory is not weighed under the sanitizer")
		else:
			tap.check(f"the {name} has not grown: {before[name][0]} kB, then {kb} kB", kb - before[name][0] <= GROWTH_KB[name])


def at_once(c, far, engine, agents):
	before = census(engine)
	calls = []
	for i in range(LINES):
		far.does[f"+14155560{i:03d}"] = "answer"
		agent = agents[i // STATION_LINES]
		call = c.ask("call.dial", **{"as": agent}, number=f"+14155560{i:03d}", acknowledge=["unknown_customer"])
		c.wait_call(call["id"], "active", 20)
		calls.append(call["id"])
	up = c.all("call.list")
	tap.equal(f"{LINES} calls are up at once", len(up), LINES)
	tap.equal("each agent talks on one of his, the others are held", sorted(call["state"] for call in up),
		["active"] * len(agents) + ["held"] * (LINES - len(agents)))
	eventually(lambda: all(call["recordings"] for call in c.all("call.list")), 10, "a recording of each")
	refused = c.refused("call.dial", **{"as": agents[0]}, number="+14155569999", acknowledge=["unknown_customer"])
	tap.equal("a seventh line is refused", refused.code, "conflict")
	for call in calls:
		c.ask("call.hangup", call=call)
	for call in calls:
		c.wait_call(call, "ended", 20)
		c.ask("dispo.save", code="completed", call=call)
	far.tidy()
	tap.equal("every agent is ready again", {s["state"] for s in c.all("session.list")}, {"ready"})
	settled = lambda: {name: files for name, (_, files) in census(engine).items()} == {name: f for name, (_, f) in before.items()}
	tap.check("no file is left open", eventually(settled, 10, "as many files as before"))
	tap.equal("no process came to it", {name: len(pids) for name, pids in processes(engine).items()},
		{"engine": 1, "phone": len(agents), "sound": len(agents)})


def test():
	agents = [f"agent{i}" for i in range((LINES + STATION_LINES - 1) // STATION_LINES)]
	far = FarEnd()
	with Engine() as engine:
		c = engine.client()
		furnish(c, f"sip:200@{far.ip}", agents=agents, register=False)
		c.ask("tenant.set", max_calls_per_week=1000)
		c.ask("session.login", user=agents[0], station=f"s-{agents[0]}")
		in_a_row(c, far, engine)
		for agent in agents[1:]:
			c.ask("session.login", user=agent, station=f"s-{agent}")
		at_once(c, far, engine, agents)


tap.main(test)
