#!/usr/bin/python3
"""Conferences in the agent's mixer: by spectrum in every direction each hears the others and not himself, before and after
hold, mute, an announcement, comings and goings; participants, recordings, and what is left when a process dies."""
import datetime
import os
import re
import sys
import time

import numpy as np

from desk import BOB, ROOT, Engine, eventually
from parties import BOBS, EVE, HEARD_DB, SAM, TONES, UNHEARD_DB, Ears
from switch import Switch
sys.path.append(os.path.join(ROOT, "tests", "media"))
from card import Card          # noqa: E402
import spectrum
import tap

def three(f):
	first, bob = f.talk()
	conference = f.c.ask("call.conference_add", to=EVE)
	second = f.c.ask("call.list")["items"][-1]
	eve = f.eve_up()
	f.listens("Bob", bob)
	f.listens("Eve", eve)
	f.all_active(first, second["id"])
	tap.equal("a third party is dialled and joins", (conference["id"], conference["where"], conference["calls"]),
		(first, "mixer", [first, second["id"]]))
	tap.equal("both calls say that they are in it", (f.show(first)["conference"], second["conference"]), (first, first))
	tap.equal("the third's call was for the first", (second["number"], second["consults"]), (EVE, first))
	rows = [r["detail"] for r in f.c.ask("audit.list", event="allowed")["items"] if r["number"] == EVE]
	tap.equal("and passed the gate", rows, ["conference"])
	wanted = [("anna", None, None, False), (BOB, "Bob", first, False), (EVE, "Eve", second["id"], False)]
	tap.equal("its participants", f.parties(first), wanted)
	tap.equal("are those of the third's call as well", f.parties(second["id"]), wanted)
	tap.equal("and of the conference", len(f.c.ask("call.conference_show")["participants"]), 3)
	f.everybody("all three")
	return first, bob, second["id"], eve


def hold_and_mute(f, first, second):
	f.c.ask("call.hold", call=first)
	f.check("one on hold", the_agent={"Eve"}, Eve={"the agent"}, Bob=set())
	f.c.ask("call.resume", call=first)
	f.all_active(first, second)
	f.everybody("resumed")
	tap.equal("mute, of nobody in particular", f.c.ask("call.mute")["muted"], True)
	tap.equal("is mute to all", (f.show(first)["muted"], f.show(second)["muted"]), (True, True))
	f.check("muted", the_agent={"Bob", "Eve"}, Bob={"Eve"}, Eve={"Bob"})
	f.c.ask("call.unmute", call=second)
	tap.equal("unmuted in one call is unmuted in all", (f.show(first)["muted"], f.show(second)["muted"]), (False, False))
	f.everybody("unmuted")


def aside(f, first, second):
	"""Another call puts the whole conference on hold; it comes back whole."""
	f.switch.place(SAM, f.eve, "answer-0-1500")
	third = f.c.ask("call.dial", number=SAM, acknowledge=["unknown_customer"])["id"]
	f.c.wait_call(third, "active")
	tap.equal("a call beside it holds it", (f.show(first)["state"], f.show(second)["state"]), ("held", "held"))
	f.check("who is on hold", Bob=set(), Eve=set())
	f.c.ask("call.hangup", call=third)
	f.c.wait_call(third, "ended")
	f.c.ask("call.resume", call=second)
	f.all_active(first, second)
	f.everybody("taken back")


def how_it_ends(f, first, second):
	error = f.c.refused("call.hangup")
	tap.check("to hang up in a conference takes a word on how",
		error.code == "conflict" and "--how transfer" in error.message and "--how end" in error.message, error.message)
	tap.equal("nobody is in it twice", f.c.refused("call.conference_add", **{"with": second}).code, "conflict")
	tap.equal("nor is nobody added", f.c.refused("call.conference_add").code, "invalid")
	tap.equal("a call that is not there is not dropped", f.c.refused("call.conference_drop", call=99).code, "conflict")


def media_dies(f, first, second):
	media = f.engine.child("spctl-media")
	f.engine.kill(media)
	eventually(lambda: f.engine.children("spctl-media") not in ([], [media]), what="the sound process")
	f.everybody("the sound process was killed")


def one_leaves(f, first, bob, second, eve):
	eve.bye()
	f.c.wait_call(second, "ended")
	tap.equal("one leaves: the others go on", (f.show(first)["state"], f.show(first)["conference"]), ("active", None))
	tap.equal("and his going is written", [p[3] for p in f.parties(first)], [False, False, True])
	tap.equal("his call keeps which conference it was in", f.show(second)["conference"], first)
	f.check("the two others", the_agent={"Bob"}, Bob={"the agent"})
	again = f.c.ask("call.conference_add", to=EVE)
	second = again["calls"][-1]
	f.listens("Eve", f.eve_up())
	f.all_active(first, second)
	f.everybody("somebody comes again")
	tap.equal("as a new party", [p[3] for p in f.parties(first)], [False, False, True, False])
	bob.bye()
	f.c.wait_call(first, "ended")
	f.check("who came first leaves", the_agent={"Eve"}, Eve={"the agent"})
	tap.equal("an only call is hung up without a word", f.c.ask("call.hangup")["cause"], "agent_hangup")
	tap.check("everybody has gone, and when", all(p[3] for p in f.parties(first)), f.parties(first))
	f.dispose()


def levels(samples, rate, hz):
	"""Of that tone in each tenth of a second.  Where another one begins, or is broken on a busy machine, there is a little of every
	frequency: somebody who is not heard is not heard in most of them."""
	size = rate // 10
	return [spectrum.level_at(samples[i:i + size], rate, hz) for i in range(0, len(samples) - size + 1, size)]


def recordings(f, first):
	"""Each call's file holds the agent left, and right all that its agent heard."""
	parts = [r["path"] for r in f.show(first)["recordings"]]
	tap.equal("the first call's recording, and what followed after the kill", len(parts), 2)
	for path in parts:
		samples, rate = spectrum.load(path)
		samples = samples[-6 * rate:]           # they were all there, and heard, a moment before its end
		right = [spectrum.loudest(samples[:, 1], rate, hz, 0.5) for hz in TONES.values()]
		left = spectrum.loudest(samples[:, 0], rate, TONES["the agent"], 0.5)
		own = levels(samples[:, 1], rate, TONES["the agent"])
		tap.check(f"{os.path.basename(path)}: both others are on its right, the agent on its left", left > -35 and right[1] > -40 and
			right[2] > -40 and np.median(own) < UNHEARD_DB and np.percentile(own, 75) < -45, (left, right, own))


def said_at(engine, call):
	"""When the announcement in that call was over, by the engine's log: seconds since 1970, None before."""
	line = re.search(rf"(?m)^(\S+)Z .*call {call}: announce_end$", engine.log())
	return line and datetime.datetime.fromisoformat(line[1] + "+00:00").timestamp()


def announced(f):
	"""Who was not recorded before hears the announcement, and the others do not hear him before its end."""
	first, bob = f.talk(record=False)
	f.listens("Bob", bob)
	f.check("not recorded", Bob={"the agent"})
	second, eve = f.talk(EVE, f.eve)
	f.listens("Eve", eve)
	start = time.time()
	f.c.ask("call.conference_add", **{"with": second})
	end = eventually(lambda: said_at(f.engine, first), what="the announcement's end")
	apart = levels(eve.heard.since(start, end) / 32768, 8000, BOBS)
	tap.check("while it is said to him the others do not hear him", len(apart) >= 5 and np.median(apart) < UNHEARD_DB and
		np.percentile(apart, 75) < HEARD_DB, apart)
	f.all_active(first, second)
	f.everybody("after it")
	return first, second, bob


def left_with_each_other(f, first, second, bob):
	left = f.c.ask("call.conference_end", how="transfer")
	tap.equal("the agent leaves them with each other", (left["id"], len(left["participants"])), (first, 3))
	gone, ended = f.show(first), f.show(second)
	tap.equal("his call to the one has gone by then", (gone["state"], gone["cause"], gone["transferred_to"]), ("ended", "transferred", EVE))
	tap.equal("and that to the other", (ended["state"], ended["cause"], ended["transferred_to"]), ("ended", "transferred", BOB))
	joined = bob.followed
	f.listens("Bob", joined)
	f.listens("Eve", f.eve.wait_dialog(joined.call_id))
	f.check("and they talk", Bob={"Eve"}, Eve={"Bob"})
	joined.bye()
	f.dispose()


def refused_to_leave(f):
	first, bob = f.talk()
	second = f.c.ask("call.conference_add", to=EVE)["calls"][-1]
	f.listens("Bob", bob)
	f.listens("Eve", f.eve_up())
	f.all_active(first, second)
	f.bob.refer_mode = "reject"
	tap.equal("who cannot leave is told", f.c.refused("call.conference_end", how="transfer").code, "not_answered")
	f.all_active(first, second)
	f.switch.place(SAM, f.eve, "code-486")
	error = f.c.refused("call.transfer", call=first, to=SAM, acknowledge=["unknown_customer"])
	tap.equal("nor is one of them transferred", error.code, "not_answered")
	f.bob.refer_mode = "follow"
	f.all_active(first, second)
	f.everybody("and the conference goes on")
	dropped = f.c.ask("call.conference_drop", call=second)
	tap.equal("one is dropped, and gone by then", (dropped["state"], dropped["cause"], f.show(first)["state"]),
		("ended", "agent_hangup", "active"))
	error = f.c.refused("call.conference_add", to=SAM, acknowledge=["unknown_customer"])
	tap.check("who is busy is not added", error.code == "not_answered" and "busy" in error.message, error.message)
	f.all_active(first)
	f.check("and the call goes on", Bob={"the agent"})
	second = f.c.ask("call.conference_add", to=EVE)["calls"][-1]
	f.all_active(first, second)
	f.c.ask("call.conference_end", how="end")
	over = [f.show(x) for x in (first, second)]
	tap.equal("ended: everybody is hung up by then", [(x["state"], x["cause"]) for x in over], [("ended", "agent_hangup")] * 2)
	f.dispose()


def phone_dies(f):
	first, _ = f.talk()
	second = f.c.ask("call.conference_add", to=EVE)["calls"][-1]
	f.engine.kill(f.engine.child("baresip"))
	tap.equal("the phone dies: both calls end", [f.c.wait_call(x, "ended")["cause"] for x in (first, second)], ["phone_lost"] * 2)
	tap.check("and everybody has left", all(p[3] for p in f.parties(first)), f.parties(first))
	tap.equal("there is no conference", f.c.refused("call.conference_show").code, "conflict")
	f.dispose()


@tap.main
def test():
	card = Card()
	with Switch() as switch, Engine(device="auto", env=card.env) as engine:
		f = Ears(engine, switch, card)
		first, bob, second, eve = three(f)
		hold_and_mute(f, first, second)
		aside(f, first, second)
		how_it_ends(f, first, second)
		media_dies(f, first, second)
		one_leaves(f, first, bob, second, eve)
		recordings(f, first)
		left_with_each_other(f, *announced(f))
		refused_to_leave(f)
		phone_dies(f)
		tap.equal("no leg left unordered", f.c.ask("audit.list", event="ungated_leg")["items"], [])
