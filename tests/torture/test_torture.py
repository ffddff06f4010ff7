#!/usr/bin/python3
"""SIGKILL to spctld, a baresip or an spctl-media at random moments, while agents call and are called, on several lines, and
an admin enters customers.

KILLS says how many (100), SEED repeats the dice of a run.  After each kill, and the start of a killed engine:
  - whatever a client was told, by an answer or by an event, stands in the database: calls, ends and their causes,
    dispositions, customers, audit rows;
  - every call that is open is live; every one that is not has a cause that is true: what the far end did, what the
    agent ordered, or the process that was killed at that time;
  - who owed a disposition owes it, and an agent is in wrap-up exactly then;
  - no agent has two calls that are active: each but one is on hold, or rings;
  - no process of an engine that is gone stays.
At the end the audit log's chain is whole, no INVITE left without its row, and every debt and recording can be settled.
"""
import collections
import datetime
import glob
import os
import random
import signal
import sys
import threading
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "engine"))

from desk import PATIENCE, Desk, Engine, Refused, eventually, furnish        # noqa: E402
import tap        # noqa: E402

KILLS = int(os.environ.get("KILLS", "100"))
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 30))))
AGENTS = ["anna", "bert", "cleo"]
VICTIMS = ["engine"] * 5 + ["engine, and again while it starts"] + ["baresip"] * 2 + ["spctl-media"] * 2
LONGEST_PAUSE = 0.4             # seconds between two kills
ORPHAN_SECONDS = 15             # within which the children of a killed engine must be gone
KILL_IS_NEAR = 3.0              # seconds between a phone's kill and the end of its call
# What the far end does with a number, and the causes that may come of it by themselves.
BEHAVIOUR = [("answer", []), ("answer-30", []), ("early-30", []), ("ring", ["no_answer"]), ("quiet", ["no_response"]),
	     ("brief", ["remote_hangup"]), ("code-486", ["busy"]), ("code-503", ["unavailable"]), ("code-404", ["not_found"])]
TRUE_CAUSES = {}                # by number
CALLERS = [f"+1312555{n:04d}" for n in range(20)]
ACKNOWLEDGE = ["unknown_customer", "max_calls_per_week"]


class FarEnd(Desk):
	"""Every agent has numbers of his own.  "brief" answers, and hangs up."""

	def __init__(self):
		super().__init__()
		self.sent = collections.Counter()       # INVITEs by number
		self.phones = {}                        # Contact: address, of who registered; some are gone

	def on_register(self, headers, address):
		uri = headers.get("contact", ["<>"])[0].split("<")[1].split(">")[0].split(";")[0]
		self.phones[uri] = address
		super().on_register(headers, address)

	def ring_somebody(self, dice, number):
		"""Calls one of the phones there were; the dialog, or None."""
		with self.lock:
			if not self.phones:
				return None
			uri, address = dice.choice(list(self.phones.items())[-6:])
			dialog = self.prepare(uri, address, from_=f"<sip:{number}@pbx.example>")
			dialog.number = number
			return self.place(dialog)

	def let_go(self, dialog):
		with self.lock:
			if dialog.state == "up":
				dialog.bye()
			elif dialog.state in ("new", "ringing"):
				dialog.cancel()

	def behave(self, dialog, does, args):
		super().behave(dialog, "answer" if does == "brief" else does, args)
		if does == "brief":
			threading.Timer(0.05, self.hang_up, [dialog]).start()

	def hang_up(self, dialog):
		with self.lock:
			if dialog.state == "up":
				dialog.bye()
			elif dialog.state == "ringing":         # its answer comes late
				threading.Timer(0.05, self.hang_up, [dialog]).start()

	def tidy(self, live_numbers):
		"""Forgets calls that are over, and those of phones that were killed: nobody says BYE for them."""
		with self.lock:
			self.messages.clear()
			for call_id, dialog in list(self.dialogs.items()):
				if dialog.number not in live_numbers:
					self.sent[dialog.number] += dialog.number in self.does
					del self.dialogs[call_id]
					dialog.state, dialog.rtp_to = "ended", None
					dialog.rtp.close()


def everything(client, method, after=0, **params):
	"""All items of a list, page by page."""
	items = []
	while after is not None:
		page = client.ask(method, limit=0, after=after, **params)
		items += page["items"]
		after = page["next"]
	return items


class Told:
	"""What clients were told.  The newest word on each thing."""

	def __init__(self):
		self.calls, self.ended, self.saved, self.customers, self.audit = {}, {}, {}, {}, {}
		self.hung_up = set()                    # calls that an agent ordered to be hung up
		self.kills = []                         # (UTC, victim)

	def take_events(self, client):
		with client.changed:
			events, client.events = client.events, []
		for e in events:
			data = e["data"]
			if e["event"] == "call.changed":
				self.calls[data["id"]] = data["number"]
				if data["state"] == "ended":
					self.ended[data["id"]] = data["cause"]
			elif e["event"] == "audit.added":
				self.audit[data["id"]] = data["event"]


class Worker(threading.Thread):
	"""Somebody at work, over a connection of his own, until the world stops."""

	def __init__(self, world, name):
		super().__init__(daemon=True)
		self.world, self.name, self.told = world, name, world.told
		self.dice = random.Random(f"{SEED} {name}")
		self.failed = None
		self.start()

	def run(self):
		try:
			while client := self.world.enter():
				try:
					while self.world.running:
						self.step(client)
				except (EOFError, OSError):
					pass
				finally:
					self.world.leave(client)
		except BaseException as error:
			self.failed = error
			raise

	def ask(self, client, method, **params):
		try:
			return client.ask(method, **params)
		except Refused as refusal:
			if refusal.code not in ("conflict", "unavailable", "not_found"):
				raise
			time.sleep(0.005)
			return None


class Agent(Worker):
	def numbers(self):
		return [n for n in TRUE_CAUSES if n[6] == str(AGENTS.index(self.name))]

	def step(self, client):
		s = self.ask(client, "session.show", **{"as": self.name})
		if not s:
			self.ask(client, "session.login", user=self.name, station="s-" + self.name)
		elif s["state"] == "wrap_up" and self.dice.random() < 0.1:
			self.note(self.ask(client, "call.redial", acknowledge=ACKNOWLEDGE, **{"as": self.name}))
		elif s["state"] == "wrap_up":
			self.save(client, s["wrap_up"]["call_id"])
		elif s["state"] in ("dialing", "ringing", "in_call"):
			self.talk(client)
		elif s["registered"] and self.dice.random() < 0.02:
			self.ask(client, "session.logout", user=self.name)
		elif s["registered"]:
			self.dial(client)
		else:
			time.sleep(0.01)

	def dial(self, client):
		self.note(self.ask(client, "call.dial", number=self.dice.choice(self.numbers()), timeout=1,
			acknowledge=ACKNOWLEDGE, **{"as": self.name}))

	def note(self, call):
		if call:
			self.told.calls[call["id"]] = call["number"]

	def talk(self, client):
		"""Something with one of the calls in progress; a debt of an earlier one is paid before another is placed."""
		order = self.dice.choice(["call.hangup", "call.hold", "call.resume", "call.swap", "call.answer", "call.answer", "dial"] + [None] * 6)
		calls = [x for x in client.ask("call.list")["items"] if x["user"] == self.name]
		if not order or not calls:
			time.sleep(0.02)
			return
		if order == "dial":
			for row in everything(client, "history.list", owed=True, user=self.name):
				self.save(client, row["id"])
			self.dial(client)
			return
		call = self.dice.choice(calls)["id"]
		if order == "call.hangup":
			self.told.hung_up.add(call)
		self.ask(client, order, call=call, **{"as": self.name})

	def save(self, client, call):
		code = self.dice.choice(["sale", "no_answer", "busy", "other"])
		notes = f"{self.name}: {self.dice.random()}"
		saved = self.ask(client, "dispo.save", code=code, notes=notes, call=call, **{"as": self.name})
		if saved:
			self.told.saved[saved["id"]] = (code, notes)


class Admin(Worker):
	"""Enters customers, and flags that stand in the audit log."""

	def step(self, client):
		flag = self.dice.random() < 0.5
		phone = f"+1212555{self.dice.randrange(10000):04d}"
		reason = {"cease_and_desist": True, "reason": "letter"} if flag else {}
		made = self.ask(client, "customer.add", name=f"C {self.dice.random()}", phones=[phone], **reason)
		if made:
			self.told.customers[made["id"]] = (made["name"], flag)
		time.sleep(0.02)


class Caller(Worker):
	"""Somebody outside who calls agents, and does not wait for long."""

	def step(self, client):
		far_end = self.world.far_end
		dialog = far_end.ring_somebody(self.dice, self.dice.choice(CALLERS))
		time.sleep(0.02 + self.dice.random() * 0.4)
		if dialog:
			far_end.let_go(dialog)


class World:
	"""The engine, its far end, who works there; and what must be true of them whenever work rests."""

	def __init__(self, engine, far_end):
		self.engine, self.far_end, self.told = engine, far_end, Told()
		self.running, self.over = False, False
		self.inside = 0
		self.changed = threading.Condition()
		self.watcher = None                     # a client that hears all events
		self.settled = 0                        # calls up to this id were found right and do not change
		self.suspects = {}                      # orphans: (pid, start) to when they were first seen
		self.wrong = {}                         # what is wrong: when it was first seen

	# ---- rest and work ----

	def enter(self):
		"""A client when work goes on; None when all is over.  An engine that dies meanwhile is waited for."""
		while True:
			with self.changed:
				self.changed.wait_for(lambda: self.running or self.over)
				if self.over:
					return None
				self.inside += 1
			try:
				return self.engine.client()
			except (EOFError, OSError):
				self.leave(None)
				time.sleep(0.01)

	def leave(self, client):
		if client:
			self.told.take_events(client)
			try:
				client.close()
			except OSError:
				pass
		with self.changed:
			self.inside -= 1
			self.changed.notify_all()

	def rest(self):
		with self.changed:
			self.running = False
			if not self.changed.wait_for(lambda: not self.inside, 2 * PATIENCE):
				raise TimeoutError("a request is neither answered nor refused")

	def work(self, over=False):
		with self.changed:
			self.running, self.over = not over, over
			self.changed.notify_all()

	# ---- kills ----

	def strike(self, victim, dice):
		if not victim.startswith("engine"):
			pids = self.engine.children(victim)
			if pids:
				self.told.kills.append((time.time(), victim))
				os.kill(dice.choice(pids), signal.SIGKILL)
			self.rest()
			self.told.take_events(self.watcher)
			return
		ended_by_itself = self.engine.process.poll()
		self.engine.kill()
		self.told.kills.append((time.time(), "engine"))
		if ended_by_itself is not None:
			self.say(f"the engine had ended before, with status {ended_by_itself}")
		self.rest()
		self.told.take_events(self.watcher)
		if "again" in victim:
			self.kill_at_start(dice.random() * 0.04)
		self.engine.start()
		self.watcher = self.engine.client()

	def kill_at_start(self, delay):
		starter = threading.Thread(target=self.start_in_vain)
		starter.start()
		eventually(lambda: self.engine.process.poll() is None, PATIENCE, "a new engine")
		time.sleep(delay)
		self.engine.kill()
		starter.join()
		self.told.kills.append((time.time(), "engine"))

	def start_in_vain(self):
		try:
			self.engine.start()
		except RuntimeError:
			pass                            # killed before it was ready

	# ---- what must be true ----

	def say(self, text):
		self.wrong.setdefault(text, f"after kill {len(self.told.kills)} ({self.told.kills[-1][1]})")

	def look(self):
		"""Calls in progress and rows.  They are two questions: a call may end between them, so what contradicts is asked again."""
		c = self.watcher
		for _ in range(5):
			live = {r["id"]: r for r in c.ask("call.list")["items"]}
			rows = {r["id"]: r for r in everything(c, "history.list", self.settled)}
			if not any(bool(row["ended_at"]) == (row["id"] in live) for row in rows.values()):
				break
		return live, rows

	def check(self):
		c = self.watcher
		live, rows = self.look()
		owed = {r["id"] for r in everything(c, "history.list", owed=True)}
		sessions = {s["user"]: s for s in c.ask("session.list")["items"]}
		for row in rows.values():
			row["owed"] = row["id"] in owed
			self.check_row(row, row["id"] in live)
		self.check_told(rows)
		for name, n in collections.Counter(r["user"] for r in live.values() if r["state"] == "active").items():
			if n > 1:
				self.say(f"{name} has {n} calls that are active")
		for name in AGENTS:
			self.check_debt(name, sessions.get(name), rows, live)
		self.check_orphans(ORPHAN_SECONDS)
		self.far_end.tidy({r["number"] for r in live.values()})
		unsettled = [r["id"] for r in rows.values() if not r["ended_at"] or r["owed"]]
		self.settled = min(unsettled) - 1 if unsettled else max(rows, default=self.settled)

	def check_row(self, row, is_live):
		name = f"call {row['id']} to {row['number']}"
		if not row["ended_at"] and not is_live:
			self.say(f"{name} is open, and nobody holds it: {row['state']}")
		if not row["ended_at"]:
			return
		if is_live:
			self.say(f"{name} has ended, and is listed as live")
		if row["cause"] not in self.true_causes(row):
			told = " ".join(str(row[k]) for k in ("user", "started_at", "answered_at", "ended_at", "sip_reason"))
			self.say(f"{name} ended by {row['cause']}, and true would be {sorted(self.true_causes(row))}: {told}")
		owing = row["answered_at"] if row["direction"] == "inbound" else row["cause"] != "not_sent"
		if row["owed"] != (bool(owing) and not row["disposition"]):
			self.say(f"{name}: {row['cause']}, disposition {row['disposition']}, owed: {row['owed']}")

	def true_causes(self, row):
		began, ended = seconds(row["started_at"]), seconds(row["ended_at"])
		causes = set(TRUE_CAUSES[row["number"]])
		if row["id"] in self.told.hung_up:
			causes.add("agent_hangup" if row["answered_at"] else "rejected" if row["direction"] == "inbound" else "cancelled")
		for at, victim in self.told.kills:
			if victim == "engine" and at > began - 0.1:
				causes.add("engine_restart")
			elif victim == "baresip" and abs(ended - at) < KILL_IS_NEAR:
				causes |= {"phone_lost", "not_sent"}
		return causes

	def check_told(self, rows):
		for call, number in self.told.calls.items():
			if call > self.settled and (call not in rows or rows[call]["number"] != number):
				self.say(f"call {call} to {number} was told, and is lost")
		for call, cause in self.told.ended.items():
			if call in rows and rows[call]["cause"] != cause:
				self.say(f"call {call} was told to have ended by {cause}, now by {rows[call]['cause']}")
		for call, saved in self.told.saved.items():
			if call in rows and (rows[call]["disposition"], rows[call]["notes"]) != saved:
				self.say(f"the disposition of call {call} was told to be saved, and is lost")

	def check_debt(self, name, session, rows, live):
		owed = [r["id"] for r in rows.values() if r["user"] == name and r["owed"]]
		calls = [r["id"] for r in live.values() if r["user"] == name]
		if not session or calls:
			if not session and owed:
				self.say(f"{name} owes calls {owed}, and is logged out")
		elif (session["state"] == "wrap_up") != bool(owed):
			self.say(f"{name} owes calls {owed}, and is {session['state']}")
		elif owed and session["wrap_up"]["call_id"] != min(owed):
			self.say(f"{name} owes calls {owed}, and wraps up {session['wrap_up']['call_id']}")

	def check_orphans(self, patience):
		"""Processes of this home whose parent is another than the engine."""
		now, seen = time.monotonic(), {}
		for path in glob.glob("/proc/[0-9]*"):
			try:
				with open(path + "/cmdline", "rb") as file:
					command = file.read().replace(b"\0", b" ").decode()
				with open(path + "/stat") as file:
					fields = file.read().rpartition(")")[2].split()
			except OSError:
				continue
			if self.engine.home + "/run/" in command and int(fields[1]) != self.engine.process.pid:
				key = (path, fields[19])
				seen[key] = self.suspects.get(key, now)
				if now - seen[key] > patience:
					self.say(f"{path} is left: {command}")
		self.suspects = seen
		return not seen

	def open_recordings(self):
		rows = everything(self.watcher, "history.list")
		return [x for row in rows for x in row["recordings"] if not x["ended_at"]]

	def check_all(self):
		"""Everything from the beginning, once, at the end."""
		self.settled = 0
		self.check()
		customers = {r["id"]: r for r in everything(self.watcher, "customer.list")}
		for key, (name, flag) in self.told.customers.items():
			customer = customers.get(key, {})
			if (customer.get("name"), customer.get("cease_and_desist")) != (name, flag):
				self.say(f"customer {key} was told to be added, and is lost")
		audit = {r["id"]: r for r in everything(self.watcher, "audit.list")}
		for key, event in self.told.audit.items():
			if key not in audit or audit[key]["event"] != event:
				self.say(f"row {key} ({event}) of the audit log was told, and is lost")
		decided = {r["call_id"] for r in audit.values() if r["event"] in ("allowed", "forced")}
		rows = everything(self.watcher, "history.list")
		for row in rows:
			if row["direction"] == "outbound" and row["id"] not in decided:
				self.say(f"call {row['id']} has no decision in the audit log")
		for number, n in (self.far_end.sent - collections.Counter(r["number"] for r in rows)).items():
			self.say(f"{n} calls to {number} left without a row")
		return rows


def seconds(rfc3339):
	return datetime.datetime.fromisoformat(rfc3339.replace("Z", "+00:00")).timestamp()


def settle(world):
	"""Ends what is up, and pays what is owed."""
	c = world.watcher
	for call in c.ask("call.list")["items"]:
		world.told.hung_up.add(call["id"])
		try:
			c.ask("call.hangup", call=call["id"], **{"as": call["user"]})
		except Refused:
			pass
	eventually(lambda: not c.ask("call.list")["items"], what="the end of all calls")
	for row in everything(c, "history.list", owed=True):
		c.ask("dispo.save", code="other", call=row["id"], **{"as": row["user"]})


@tap.main
def test():
	dice = random.Random(SEED)
	tap.note(f"{KILLS} kills, SEED={SEED}")
	started = time.monotonic()
	with Engine() as engine:
		far_end = FarEnd()
		world = World(engine, far_end)
		world.watcher = engine.client()
		for i in range(len(AGENTS)):
			for n, (does, causes) in enumerate(BEHAVIOUR):
				number = f"+14155{i}5{n:04d}"
				far_end.does[number], TRUE_CAUSES[number] = does, causes
		furnish(world.watcher, f"sip:200@{far_end.ip}", AGENTS, auth_user="200", password="s3cret")
		TRUE_CAUSES.update((number, ["cancelled", "remote_hangup", "busy"]) for number in CALLERS)
		workers = [Agent(world, name) for name in AGENTS] + [Admin(world, "admin"), Caller(world, "caller")]
		victims = collections.Counter()
		while len(world.told.kills) < KILLS and len(world.wrong) < 10:
			victim = dice.choice(VICTIMS)
			world.work()
			time.sleep(dice.random() * LONGEST_PAUSE)
			world.strike(victim, dice)
			world.check()
			victims[victim] += 1
			for worker in workers:
				if worker.failed:
					raise worker.failed
		world.work(over=True)
		settle(world)
		rows = world.check_all()
		for what, when in list(world.wrong.items())[:20]:
			tap.note(f"{when}: {what}")
		causes = collections.Counter(r["cause"] for r in rows)
		tap.note(f"{dict(victims)} in {time.monotonic() - started:.0f} s; {len(rows)} calls: {dict(causes)}; "
			 f"{len(world.told.saved)} dispositions, {len(world.told.customers)} customers")
		tap.check("what was told is there, causes are true, debts are owed, no call is left open", not world.wrong)
		tap.check("there was work", len(world.told.saved) > KILLS, len(world.told.saved))
		tap.check("kills hit calls", causes["engine_restart"] > KILLS / 20, causes)
		inbound = collections.Counter("missed" if not r["answered_at"] else "answered" for r in rows if r["direction"] == "inbound")
		tap.check("agents were called as well", inbound["answered"] > KILLS / 20 and inbound["missed"], inbound)
		tap.check("of phones as well", causes["phone_lost"] or KILLS < 100, causes)
		said = [line for line in engine.log().splitlines() if "Sanitizer" in line or "runtime error" in line]
		tap.equal("no sanitizer said anything", said, [])
		tap.check("the audit log's chain is whole", world.watcher.ask("audit.verify")["intact"])
		tap.equal("every debt can be paid", world.watcher.ask("history.list", owed=True)["items"], [])
		eventually(lambda: world.check_orphans(ORPHAN_SECONDS), ORPHAN_SECONDS + 5, "the end of all orphans")
		tap.check("no process is left", True)
		eventually(lambda: not any(world.open_recordings()), what="the end of every recording")
		tap.check("every recording is closed", True)
