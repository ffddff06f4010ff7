#!/usr/bin/python3
"""The last number again: from wrap-up and when free, through the gate, and what is owed then."""
from desk import BOB, PATIENCE, Desk, Engine, eventually, furnish
import tap

OTHER = "+12125550177"


def up(c, call):
	return eventually(lambda: c.ask("call.show", call=call["id"])["state"] == "active", PATIENCE, "an answer") and call["id"]


def owed(c):
	s = c.ask("session.show")
	return s["state"], s["owed"], s["wrap_up"] and s["wrap_up"]["call_id"]


def in_wrap_up(c, customer):
	tap.equal("nothing to make again", c.refused("call.redial").code, "not_found")
	first = up(c, c.ask("call.dial", number=BOB))
	c.ask("call.hangup")
	tap.equal("no other number in wrap-up", c.refused("call.dial", number=OTHER, acknowledge=["unknown_customer"]).code, "conflict")
	call = c.ask("call.redial")
	tap.equal("the same number and customer", (call["number"], call["customer_id"], call["redial_of"]), (BOB, customer["id"], first))
	second = up(c, call)
	tap.equal("in the call, the first is owed meanwhile", owed(c), ("in_call", 1, None))
	c.ask("call.hangup")
	tap.equal("both are owed, the oldest first", owed(c), ("wrap_up", 2, first))
	c.ask("dispo.save", code="no_answer")
	tap.equal("then the second", owed(c), ("wrap_up", 1, second))
	c.ask("dispo.save", code="completed")
	tap.equal("ready", owed(c), ("ready", 0, None))
	rows = [r["call_id"] for r in c.ask("audit.list", event="allowed")["items"]]
	tap.equal("each had its decision", rows, [first, second])


def through_the_gate(c, desk, customer):
	call = up(c, c.ask("call.dial", number=BOB))
	c.ask("call.hangup")
	before = desk.invites()
	c.ask("customer.set", id=customer["id"], max_calls_per_week=1, reason="test")
	refusal = c.refused("call.redial")
	tap.equal("a warning asks", (refusal.code, [r["code"] for r in refusal.data["reasons"]]), ("needs_ack", ["max_calls_per_week"]))
	tap.equal("still in wrap-up", owed(c), ("wrap_up", 1, call))
	again = c.ask("call.redial", ack=refusal.data["ack_token"])
	tap.check("acknowledged, it calls", again["forced"])
	up(c, again)
	c.ask("call.hangup")
	c.ask("customer.set", id=customer["id"], do_not_call=True, reason="he said so")
	refusal = c.refused("call.redial", acknowledge=["max_calls_per_week"])
	tap.equal("a flag that was set meanwhile blocks", refusal.code, "blocked")
	tap.equal("one INVITE for the one that was acknowledged", desk.invites(), before + 1)
	while c.ask("session.show")["owed"]:
		c.ask("dispo.save", code="do_not_call")


def when_free(c):
	old = c.ask("history.list", limit=1)["items"][0]["id"]
	call = c.ask("call.dial", number=OTHER, acknowledge=["unknown_customer"])
	up(c, call)
	c.ask("call.hangup")
	tap.equal("a call that owes nothing is not made again before others are settled", c.refused("call.redial", call=old).code, "conflict")
	c.ask("dispo.save", code="completed")
	again = c.ask("call.redial", acknowledge=["unknown_customer"])
	tap.equal("free: the last number", (again["number"], again["redial_of"]), (OTHER, call["id"]))
	up(c, again)
	c.ask("call.hangup")
	c.ask("dispo.save", code="completed")
	tap.equal("a named one, through the gate", c.refused("call.redial", call=old).code, "blocked")
	tap.equal("another agent's is not found", c.refused("call.redial", call=old, **{"as": "ben"}).code, "not_found")


class As:
	"""Acts for one agent where several are logged in."""

	def __init__(self, client, user):
		self.client, self.user = client, user

	def params(self, method, params):
		return params if method in ("history.list", "call.show") else {"as": self.user, **params}

	def ask(self, method, **params):
		return self.client.ask(method, **self.params(method, params))

	def refused(self, method, **params):
		return self.client.refused(method, **self.params(method, params))


@tap.main
def test():
	with Engine() as engine:
		desk = Desk()
		c = engine.client()
		customer = furnish(c, f"sip:200@{desk.ip}", agents=("anna", "ben"), register=False)
		c.ask("session.login", user="anna", station="s-anna")
		for part, args in ((in_wrap_up, (customer,)), (through_the_gate, (desk, customer))):
			with tap.guard(part.__name__):
				part(c, *args)
		with tap.guard("when_free"):
			c.ask("session.login", user="ben", station="s-ben")
			c.ask("session.pause", reason="listening", **{"as": "ben"})
			when_free(As(c, "anna"))
