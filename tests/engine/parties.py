"""parties.py - an agent with his engine, and parties of tests/module/peer.py whom he can call by number."""
import os

from desk import BOB, PATIENCE, eventually, furnish, loopback, tone
from rig import is_tone
from peer import Peer
import spectrum
import tap

EVE, SAM, NOBODY = "+14155550101", "+14155550102", "+14155550103"
OURS, BOBS, EVES = 443, 677, 887


class Floor:
	"""An agent, a customer, and somebody to transfer him to."""

	def __init__(self, engine, switch, **station):
		self.engine, self.switch, self.c = engine, switch, engine.client()
		self.bob, self.eve = (Peer(loopback(), tone=hz) for hz in (BOBS, EVES))
		switch.place(BOB, self.bob, "answer-0")
		switch.place(EVE, self.eve, "answer-0")
		furnish(self.c, f"sip:anna@{switch.ip}", register=False, **station)
		self.eve_id = self.c.ask("customer.add", name="Eve", phones=[EVE])["id"]
		self.play = tone(os.path.join(engine.home, "play.wav"), OURS)
		self.c.ask("tenant.set", max_calls_per_week=1000)
		self.c.ask("session.login", user="anna", station="s-anna")

	def talk(self, number=BOB, peer=None):
		"""A call that is up: (its id, the far end's side of it)."""
		peer = peer or self.bob
		before = set(peer.dialogs)
		call = self.c.ask("call.dial", number=number, play=self.play)["id"]
		self.c.wait_call(call, "active")
		return call, peer.dialogs[next(iter(set(peer.dialogs) - before))]

	def show(self, call):
		return self.c.ask("call.show", call=call)

	def dispose(self):
		while self.c.ask("session.show")["owed"]:
			self.c.ask("dispo.save", code="completed")

	def attempts(self, call):
		"""The rows of far ends' calls for a transfer of this one."""
		return [x for x in self.c.all("history.list") if x["consults"] == call]

	def end(self, call):
		self.c.ask("call.hangup", call=call)
		self.c.wait_call(call, "ended")
		self.dispose()


def hears(dialog, hz):
	return eventually(lambda: is_tone(dialog.heard.listen(0.3), hz), PATIENCE, f"{hz} Hz")


TONES = {"the agent": 613, "Bob": BOBS, "Eve": EVES}
HEARD_DB, UNHEARD_DB = -30, -50


def tones(samples, rate):
	"""Whose tones are heard; None while one is neither heard nor unheard."""
	levels = {who: spectrum.level_at(samples, rate, hz) for who, hz in TONES.items()}
	if any(UNHEARD_DB < level < HEARD_DB for level in levels.values()):
		return None
	return {who for who, level in levels.items() if level >= HEARD_DB}


class Ears(Floor):
	"""The floor, with a card at the agent's, and who hears whom by their tones."""

	def __init__(self, engine, switch, card, **station):
		super().__init__(engine, switch, **station)
		self.card = card
		self.ears = {"the agent": lambda: (card.wait_played(0.3), card.rate)}

	def listens(self, who, dialog):
		self.ears[who] = lambda: (dialog.heard.listen(0.3, timeout=0.7) / 32768, 8000)

	def check(self, name, **wanted):
		"""Who hears whom.  The names' spaces are underscores."""
		for who, others in wanted.items():
			who = who.replace("_", " ")
			got = []

			def hears_them():
				got.append(tones(*self.ears[who]()))
				return got[-1] == set(others)
			try:
				eventually(hears_them)
				tap.check(f"{name}: {who} hears {' and '.join(sorted(others)) or 'nobody'}", True)
			except TimeoutError:
				tap.check(f"{name}: {who} hears {' and '.join(sorted(others)) or 'nobody'}", False, got[-3:])

	def everybody(self, name):
		self.check(name, the_agent={"Bob", "Eve"}, Bob={"the agent", "Eve"}, Eve={"the agent", "Bob"})

	def talk(self, number=BOB, peer=None, **more):
		before = set((peer or self.bob).dialogs)
		call = self.c.ask("call.dial", number=number, **more)["id"]
		self.c.wait_call(call, "active")
		return call, (peer or self.bob).dialogs[next(iter(set((peer or self.bob).dialogs) - before))]

	def parties(self, call):
		return [(p["party"], p["name"], p["call_id"], bool(p["left_at"])) for p in self.show(call)["participants"]]

	def eve_up(self):
		return eventually(lambda: [d for d in self.eve.dialogs.values() if d.state == "up"], what="Eve")[-1]

	def all_active(self, *calls):
		eventually(lambda: all(self.show(call)["state"] == "active" for call in calls), PATIENCE, "all to be active")
