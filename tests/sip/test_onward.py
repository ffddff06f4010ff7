#!/usr/bin/python3
"""Transfers between programs that are not ours: kamailio as the proxy, stock baresips as customer and target, a colleague's
phone, from the command line."""
import re
import threading

from floor import AGENT_PASSWORD, BOB, PATIENCE, Customer, Home, Proxy, eventually
import spectrum
import tap

EVE = "+14155550101"
BOBS, EVES = 613, 887


def hears(far, hz):
	"""Does the far end hear that tone, in the newest of its calls?"""
	def look():
		try:
			samples, rate = spectrum.load(far.heard(-1))
		except (OSError, IndexError):
			return False
		return len(samples) > rate // 2 and abs((spectrum.strongest(samples[-rate // 2:, 0], rate)[0] or 0) - hz) < 6
	return eventually(look, PATIENCE, f"{hz} Hz")


def calls_of(home, user):
	return [x for x in home.ok("call", "list") if x["user"] == user]


def talk(home):
	call = home.ok("call", "dial", BOB, "--wait", "answer", "--as", "anna")["id"]
	eventually(lambda: home.ok("call", "show", call)["state"] == "active", PATIENCE, "the answer")
	return call


def dispose(home):
	for user in ("anna", "ben"):
		while home.ok("session", "show", "--as", user)["owed"]:
			home.ok("dispo", "save", "completed", "--as", user)


def to_a_number(home, proxy, bob, eve):
	call = talk(home)
	gone = home.spctl("call", "transfer", EVE, "--as", "anna")
	tap.equal("blind to a number: status 0", (gone.status, gone.json["cause"], gone.json["transferred_to"]), (0, "transferred", EVE))
	tap.check("the two programs hear each other", hears(bob, EVES) and hears(eve, BOBS))
	shown = "^INVITE {0} from {1} .*auth={1}".format(re.escape(EVE), re.escape(BOB))
	tap.equal("the proxy saw the customer call her", len(set(proxy.seen(shown))), 1)
	dispose(home)


def nobody_there(home):
	call = talk(home)
	result = home.spctl("call", "transfer", "+14155550109", "--acknowledge", "unknown_customer", "--as", "anna")
	tap.equal("to a number that does not exist: status 12, in words", (result.status, "404" in result.err), (12, True))
	eventually(lambda: home.ok("call", "show", call)["state"] == "active", PATIENCE, "the customer to be back")
	return call


def to_a_colleague(home, call):
	results = []                    # the command waits for the colleague's answer
	asked = threading.Thread(target=lambda: results.append(home.spctl("call", "transfer", "ben", "--as", "anna")))
	asked.start()
	rings = eventually(lambda: [x for x in calls_of(home, "ben") if x["state"] == "ringing"], PATIENCE, "ben's phone")[0]
	tap.equal("a colleague sees the customer's call", (rings["direction"], rings["number"]), ("inbound", BOB))
	home.ok("call", "answer", "--as", "ben")
	asked.join()
	tap.equal("blind to a colleague", (results[0].status, results[0].json["transferred_to"]), (0, "ben"))
	rows = home.ok("audit", "list", "--event", "internal")
	tap.check("and the log has it", rows and rows[-1]["call_id"] == call and rows[-1]["detail"].startswith("transfer to ben"), rows)
	home.ok("call", "hangup", "--as", "ben")
	eventually(lambda: not calls_of(home, "ben"), PATIENCE, "the end")
	dispose(home)


def attended(home, bob, eve):
	call = talk(home)
	second = home.ok("call", "transfer", EVE, "--consult", "--as", "anna")["id"]
	eventually(lambda: home.ok("call", "show", second)["state"] == "active", PATIENCE, "her answer")
	gone = home.spctl("call", "transfer", EVE, "--attended", "--as", "anna")
	tap.equal("attended, by a phone that calls anew: status 0", (gone.status, gone.json["id"], gone.json["cause"]), (0, call, "transferred"))
	ended = eventually(lambda: (lambda x: x["state"] == "ended" and x)(home.ok("call", "show", second)), PATIENCE, "her call's end")
	tap.equal("and the second call has gone", (ended["cause"], ended["transferred_to"]), ("transferred", BOB))
	tap.check("the two hear each other", hears(bob, EVES) and hears(eve, BOBS))
	dispose(home)


def with_a_colleague(home, bob):
	"""A third party inside of the tenant: no gate, and he can take the customer over."""
	call = talk(home)
	results = []
	asked = threading.Thread(target=lambda: results.append(home.spctl("call", "conference", "add", "s-ben", "--as", "anna")))
	asked.start()
	rings = eventually(lambda: [x for x in calls_of(home, "ben") if x["state"] == "ringing"], PATIENCE, "ben's phone")[0]
	tap.equal("a colleague is called by his station's name", (rings["direction"], rings["number"]), ("internal", "anna"))
	home.ok("call", "answer", "--as", "ben")
	asked.join()
	conference = results[0].json
	tap.equal("and joins", (results[0].status, [p["party"] for p in conference["participants"]]), (0, ["anna", BOB, "ben"]))
	shown = home.ok("call", "conference", "show", "--as", "anna")
	tap.equal("shown", (shown["id"], len(shown["calls"])), (call, 2))
	result = home.spctl("call", "hangup", "--as", "anna")
	tap.check("hanging up takes a word on how: status 65", result.status == 65 and "--how transfer" in result.err, result)
	asked = threading.Thread(target=lambda: results.append(
		home.spctl("call", "conference", "end", "--how", "transfer", "--as", "anna")))
	asked.start()           # his phone knows no Replaces: the customer rings there
	rings = eventually(lambda: [x for x in calls_of(home, "ben") if x["state"] == "ringing"], PATIENCE, "the customer at ben's")[0]
	home.ok("call", "answer", rings["id"], "--as", "ben")
	asked.join()
	tap.equal("the agent leaves them with each other", results[1].status, 0)
	eventually(lambda: not calls_of(home, "anna"), PATIENCE, "the agent's calls to go")
	tap.equal("his calls have gone", home.ok("call", "show", call)["transferred_to"], "ben")
	tap.equal("the colleague has the customer", [(x["number"], x["direction"]) for x in calls_of(home, "ben") if x["state"] == "active"],
		[(BOB, "inbound")])
	home.ok("call", "hangup", rings["id"], "--as", "ben")
	eventually(lambda: not calls_of(home, "ben"), PATIENCE, "the end")
	dispose(home)


@tap.main
def test():
	with Proxy() as proxy, Home() as home:
		home.tenant()
		home.ok("user", "add", "ben")
		for login in ("anna", "ben"):
			home.station("s-" + login, proxy.host, user=login, password=AGENT_PASSWORD)
			home.ok("login", login, "s-" + login)
		home.ok("customer", "add", "--name", "Bob", "--phone", BOB)
		home.ok("customer", "add", "--name", "Eve", "--phone", EVE)
		with Customer(proxy, BOBS) as bob, Customer(proxy, EVES, EVE) as eve:
			with tap.guard("to a number"):
				to_a_number(home, proxy, bob, eve)
		with Customer(proxy, BOBS) as bob, Customer(proxy, EVES, EVE) as eve:
			with tap.guard("nobody, and a colleague"):
				to_a_colleague(home, nobody_there(home))
			with tap.guard("attended"):
				attended(home, bob, eve)
		with Customer(proxy, BOBS) as bob:
			with tap.guard("with a colleague"):
				with_a_colleague(home, bob)
		tap.equal("no leg left unordered", home.ok("audit", "list", "--event", "ungated_leg"), [])
