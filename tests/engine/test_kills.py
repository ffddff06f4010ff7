#!/usr/bin/python3
"""SIGKILL to the engine, the phone or the media process at random moments of an agent's work.

KILLS says how many (100).  SEED repeats a run.  After each: no row is lost, what was saved stays saved, who owed a disposition owes it,
nothing is open that nobody holds; at the end: no INVITE without its row, and the audit log's chain is whole.
"""
import collections
import os
import random
import threading
import time

from desk import Desk, Engine, Refused, eventually, furnish
import tap

KILLS = int(os.environ.get("KILLS", "100"))
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 30))))
NUMBERS = {f"+1415555{n:04d}": does for n, does in enumerate(["answer", "answer-50", "early-50", "ring", "quiet", "code-486", "code-503"])}
VICTIMS = ["engine"] * 6 + ["baresip"] * 2 + ["spctl-media"] * 2


class Agent:
	"""Works as fast as she can, and remembers every answer that the engine gave her."""

	def __init__(self, dice):
		self.dice = dice
		self.calls, self.saved = {}, {}         # id: number; id: disposition

	def step(self, c):
		s = c.ask("session.show")
		try:
			if s["state"] == "wrap_up":
				code = self.dice.choice(["sale", "no_answer", "busy", "other"])
				call = c.ask("dispo.save", code=code, call=s["wrap_up"]["call_id"])
				self.saved[call["id"]] = code
			elif s["state"] in ("dialing", "in_call"):
				self.dice.choice([lambda: c.ask("call.hangup"), lambda: c.ask("call.hold"), lambda: c.ask("call.resume"),
					lambda: time.sleep(0.02)])()
			elif s["registered"]:
				call = c.ask("call.dial", number=self.dice.choice(list(NUMBERS)), acknowledge=["unknown_customer"])
				self.calls[call["id"]] = call["number"]
			else:
				time.sleep(0.01)
		except Refused as refusal:
			if refusal.code not in ("conflict", "unavailable"):
				raise


def check(c, agent):
	"""What must hold whenever the engine answers.  A list of what does not."""
	wrong = []
	live = {r["id"] for r in c.ask("call.list")["items"]}           # first: a call may end between the two
	rows = {r["id"]: r for r in c.all("history.list")}
	s = c.ask("session.show")
	for call, number in agent.calls.items():
		if call not in rows or rows[call]["number"] != number:
			wrong.append(f"call {call} to {number} is lost")
	for call, code in agent.saved.items():
		if rows.get(call, {}).get("disposition") != code:
			wrong.append(f"the disposition {code} of call {call} is lost")
	for call, row in rows.items():
		if not row["ended_at"] and call not in live:
			wrong.append(f"call {call} is open, and nobody holds it: {row['state']}")
		if row["ended_at"] and not row["cause"]:
			wrong.append(f"call {call} ended without a cause")
	owed = [r["id"] for r in c.all("history.list", owed=True)]
	if owed and not live and s["state"] != "wrap_up":
		wrong.append(f"calls {owed} are owed, and the agent is {s['state']}")
	if owed and s["state"] == "wrap_up" and s["wrap_up"]["call_id"] != min(owed):
		wrong.append(f"wrap-up is for {s['wrap_up']}, owed are {owed}")
	unpaid = [r["id"] for r in rows.values() if r["ended_at"] and not r["disposition"] and r["cause"] != "not_sent" and r["id"] not in owed]
	if unpaid:
		wrong.append(f"calls {unpaid} have neither a disposition nor a debt")
	return wrong


def work_until_killed(c, agent, engine, victim, delay):
	"""True when the engine itself is gone."""
	done = threading.Event()

	def strike():
		done.wait(delay)
		pids = [engine.process.pid] if victim == "engine" else engine.children(victim)
		if pids:
			engine.kill(pids[0] if victim != "engine" else None)
		done.set()
	killer = threading.Thread(target=strike)
	killer.start()
	try:
		while not done.is_set():
			agent.step(c)
	except (EOFError, OSError):
		pass
	killer.join()
	return victim == "engine"


@tap.main
def test():
	dice = random.Random(SEED)
	tap.note(f"{KILLS} kills, SEED={SEED}")
	with Engine() as engine:
		desk = Desk()
		desk.does.update(NUMBERS)
		c = engine.client()
		furnish(c, f"sip:200@{desk.ip}", auth_user="200", password="s3cret")
		c.ask("tenant.set", record=True)
		c.ask("session.login", user="anna", station="s-anna")
		agent = Agent(dice)
		wrong, killed = [], collections.Counter()
		for n in range(KILLS):
			victim = dice.choice(VICTIMS)
			killed[victim] += 1
			if work_until_killed(c, agent, engine, victim, dice.random() * 0.5):
				c.close()
				c = engine.start().client()
			desk.tidy()
			wrong += [f"after kill {n} ({victim}): {w}" for w in check(c, agent)]
			if len(wrong) > 10:
				break
		tap.note(f"{dict(killed)}; {len(agent.calls)} calls, {len(agent.saved)} dispositions")
		tap.equal("nothing was lost", wrong, [])
		tap.check("there was work", len(agent.saved) > KILLS // 4, len(agent.saved))

		rows = collections.Counter(r["number"] for r in c.all("history.list"))
		sent = collections.Counter(d.number for d in desk.dialogs.values())
		tap.equal("no INVITE without its row", {k: v for k, v in (sent - rows).items()}, {})
		tap.check("the audit log's chain is whole", c.ask("audit.verify")["intact"])
		for d in desk.dialogs.values():
			if d.state in ("up", "ringing", "early"):
				d.state = "ended"               # of phones that were killed: nobody says BYE for them
		eventually(lambda: c.ask("session.show")["registered"])
		for _ in range(500):                            # of steps
			if c.ask("session.show")["state"] == "ready":
				break
			agent.step(c)
		tap.equal("in the end everything can be settled", c.ask("session.show")["owed"], 0)
		eventually(lambda: all(x["ended_at"] for r in c.all("history.list") for x in r["recordings"]),
			what="every recording's end")
		tap.check("every recording is closed", True)
