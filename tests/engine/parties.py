"""parties.py - an agent with his engine, and parties of tests/module/peer.py whom he can call by number."""
import os

from desk import BOB, PATIENCE, eventually, furnish, loopback, tone
from rig import is_tone
from peer import Peer

EVE, SAM, NOBODY = "+14155550101", "+14155550102", "+14155550103"
OURS, BOBS, EVES = 443, 677, 887


class Floor:
	"""An agent, a customer, and somebody to transfer him to."""

	def __init__(self, engine, switch):
		self.engine, self.switch, self.c = engine, switch, engine.client()
		self.bob, self.eve = (Peer(loopback(), tone=hz) for hz in (BOBS, EVES))
		switch.place(BOB, self.bob, "answer-0")
		switch.place(EVE, self.eve, "answer-0")
		furnish(self.c, f"sip:anna@{switch.ip}", register=False)
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
