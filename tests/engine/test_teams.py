#!/usr/bin/python3
"""Teams: a number that is shown whoever of them calls, in the header that the station names; kept in the call's row."""
from desk import BOB, Desk, Engine, furnish
from peer import parse
import re
import tap

TEAM, OWN = "+14155550190", "+14155550199"
IDENTITIES = ("p-asserted-identity", "p-preferred-identity")


def nouns(c):
	added = c.ask("team.add", name="night shift", did="(415) 555-0190")
	tap.equal("a team is added", (added["name"], added["did"], added["stations"]), ("night shift", TEAM, 0))
	tap.equal("not twice", c.refused("team.add", name="night shift", did=BOB).code, "conflict")
	tap.check("its number must be one", "did" in c.refused("team.add", name="b", did="12").message)
	c.ask("team.add", name="day", did=BOB, dry_run=True)
	tap.equal("a dry run adds none", [t["name"] for t in c.ask("team.list")["items"]], ["night shift"])
	for login in ("anna", "ben"):
		c.ask("station.set", name="s-" + login, team="night shift")
	tap.equal("it counts its stations", c.ask("team.show", name="night shift")["stations"], 2)
	refused = c.refused("team.rm", name="night shift")
	tap.check("while a station names it, it cannot be removed", refused.code == "conflict" and "s-anna" in refused.message, refused.message)
	tap.equal("nor one that there is not", c.refused("team.set", name="nobody", did=BOB).code, "not_found")


def call(c, desk, login):
	"""Calls Bob: (the call, the From URI's user, {identity header: its URI's user})."""
	started = c.ask("call.dial", number=BOB, **{"as": login})
	c.wait_call(started["id"], "active")
	ended = c.ask("call.hangup", call=started["id"], **{"as": login})
	c.ask("dispo.save", code="completed", call=ended["id"], **{"as": login})
	_, headers, _ = parse(desk.received(r"^INVITE")[-1])
	user = lambda value: re.search(r"<sip:([^@]*)@" + re.escape(desk.ip) + "[:>]", value)[1]
	return ended, user(headers["from"][0]), {h: user(headers[h][0]) for h in IDENTITIES if h in headers}


def shown(c, desk):
	for login in ("anna", "ben"):
		c.ask("session.login", user=login, station="s-" + login)
		ended, sender, identity = call(c, desk, login)
		tap.equal(f"{login}: the team's number is preferred, the line is the sender", (sender, identity),
			("200", {"p-preferred-identity": TEAM}))
		tap.equal("the call's row holds what was shown", ended["did"], TEAM)
		tap.equal("and so does history", c.ask("history.list", newest=True)["items"][0]["did"], TEAM)
	for header, wanted in (("from", (TEAM, {})), ("pai", ("200", {"p-asserted-identity": TEAM}))):
		c.ask("station.set", name="s-ben", caller_id=header)
		tap.equal(f"caller_id {header}", call(c, desk, "ben")[1:], wanted)
	c.ask("team.set", name="night shift", did="4155550191")
	tap.equal("another number, from the next call on", call(c, desk, "anna")[2], {"p-preferred-identity": "+14155550191"})
	c.ask("station.set", name="s-anna", team="")
	ended, _, identity = call(c, desk, "anna")
	tap.equal("of no team: the station's own", (identity, ended["did"]), ({"p-preferred-identity": OWN}, OWN))
	c.ask("station.set", name="s-anna", team="unknown")
	tap.equal("of a team that there is not: the station's own", call(c, desk, "anna")[0]["did"], OWN)


def removed(c):
	c.ask("station.set", name="s-ben", team="")
	tap.equal("a team that nobody names is removed", c.ask("team.rm", name="night shift"), {"removed": "night shift"})
	tap.equal("and gone", c.refused("team.show", name="night shift").code, "not_found")
	tap.equal("its name is free", c.ask("team.add", name="night shift", did=BOB)["did"], BOB)
	events = [row["event"] for row in c.all("audit.list") if row["event"].startswith("team.")]
	tap.equal("every change is in the audit log", events, ["team.add", "team.set", "team.rm", "team.add"])


@tap.main
def test():
	with Engine() as engine:
		desk = Desk()
		c = engine.client()
		furnish(c, f"sip:200@{desk.ip}", agents=("anna", "ben"), auth_user="200", password="s3cret")
		c.ask("tenant.set", max_calls_per_week=1000)
		for part, args in ((nouns, (c,)), (shown, (c, desk)), (removed, (c,))):
			with tap.guard(part.__name__):
				part(*args)
