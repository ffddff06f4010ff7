#!/usr/bin/python3
"""How a call sounds: figures live and in history, what nobody measured is null, sound that comes one way only is told."""
import threading
import time

from desk import Desk, Engine, FarEnd, eventually, furnish
import spectrum
import tap


def call_up(c, number="(415) 555-0100"):
	call = c.ask("call.dial", number=number)
	return c.wait_call(call["id"], "active")


def figures(c, call, condition=lambda q: q["mos"] is not None, timeout=20):
	"""The live figures once there are such."""
	return eventually(lambda: (lambda q: q and condition(q) and q)(c.ask("call.show", call=call["id"])["quality"]), timeout,
		f"quality of {call['id']}")


def hang_up(c, call):
	c.ask("call.hangup", call=call["id"])
	c.ask("dispo.save", code="completed")
	return c.ask("history.show", call=call["id"])["quality"]


class SilentDesk(Desk):
	"""Its calls send no sound."""

	def __init__(self):
		super().__init__()
		self.mute = True


def test_peer_with_rtcp(engine, c, far):
	started = time.monotonic()
	call = call_up(c)
	# A machine that stands still for a moment adds to a stretch's jitter and round trip; the next one shows what we measure.
	live = figures(c, call, lambda q: q["rtt_ms"] is not None and q["rtt_ms"] < 100 and q["jitter_ms"] < 100 and q["mos"] >= 4.2, 40)
	tap.check("a good call has a good score", live["mos"] >= 4.2, live)
	tap.check("its round trip is known from RTCP", 0 <= live["rtt_ms"] < 100, live)
	tap.check("no loss in, and the far end reports none out", live["loss_pct"] == 0 and live["loss_out_pct"] == 0, live)
	tap.check("its jitter is known", 0 <= live["jitter_ms"] < 100, live)
	tap.equal("sound comes both ways", live["one_way"], False)
	told = [e["data"]["quality"] for e in c.events if e["event"] == "call.changed" and e["data"]["quality"]]
	took = time.monotonic() - started
	tap.check("call.changed tells the figures", told)
	changes = 1 + sum(a != b for a, b in zip(told, told[1:]))
	tap.check("but at most every 5 seconds", changes <= took / 5 and len(told) <= took / 5 + 2, (changes, len(told), took))
	after = hang_up(c, call)
	tap.check("history has the figures of the whole call", after["mos"] > min(q["mos"] for q in told) - 0.1 and after["mos_low"] <= after["mos"] and
		after["loss_pct"] == 0 and after["rtt_ms"] is not None, after)


def test_peer_without_rtcp(engine, c, desk):
	desk.tone = 677                 # not a whole number of periods in a packet, so that one that is put in for another is heard
	call = call_up(c)
	dialog = eventually(lambda: next((d for d in desk.dialogs.values() if d.state == "up"), None))
	live = figures(c, call)
	tap.equal("round trip and outward loss are not known, not 0", (live["rtt_ms"], live["loss_out_pct"]), (None, None))
	tap.check("loss and jitter come from the packets themselves", live["loss_pct"] == 0 and live["jitter_ms"] is not None, live)
	clean = live["mos"]
	dialog.loses = 10
	bad = figures(c, call, lambda q: q["loss_pct"] and q["loss_pct"] > 8)           # of a stretch that was so from its beginning
	tap.check("a tenth lost is seen", 8 < bad["loss_pct"] < 12, bad)
	tap.check("and costs the score", bad["mos"] < clean - 0.6, (clean, bad))
	tap.equal("the lowest score is kept", bad["mos_low"] <= bad["mos"], True)
	after = hang_up(c, call)
	[recording] = eventually(lambda: (lambda all: all if all and all[0]["ended_at"] else None)(c.ask("call.show", call=call["id"])["recordings"]))
	samples, rate = spectrum.load(recording["path"])
	jumps = spectrum.jumps(samples[:, 1], rate, 677)
	# Another packet in its place would be heard twice, at its beginning and its end; a busy machine adds jumps of its own.
	tap.check("but what is lost is concealed", dialog.lost > 15 and jumps < 1.5 * dialog.lost, (jumps, dialog.lost))
	tap.check("the call's own loss lies between", 0 < after["loss_pct"] < 12, after)
	tap.check("and its score", after["mos_low"] < after["mos"] < clean, after)
	tap.equal("unknown stays unknown in history", (after["rtt_ms"], after["loss_out_pct"]), (None, None))


def one_way_notices(c, seen):
	return [e for e in c.events[seen:] if e["event"] == "notice" and "no sound has arrived" in e["data"]["text"]]


def one_way_notice(c, seen):
	return eventually(lambda: one_way_notices(c, seen),
		what="the notice")


def test_silent_peer(engine, c, desk):
	seen = len(c.events)
	started = time.monotonic()
	call = call_up(c)
	dialog = next(iter(desk.dialogs.values()))
	notice = one_way_notice(c, seen)
	took = time.monotonic() - started
	# Its counters are asked for each second.  The next figure that somebody might take for these 5 seconds is twice as long.
	tap.check("a far end that sends nothing is told about 5 seconds after the answer", 4.5 < took < 10, took)
	tap.check("in words, as a warning", notice[0]["data"]["level"] == "warning" and "far end" in notice[0]["data"]["text"], notice)
	tap.equal("the call carries a mark", c.ask("call.show", call=call["id"])["quality"]["one_way"], True)
	dialog.mute = False
	eventually(lambda: [e for e in c.events[seen:] if e["event"] == "notice" and "again" in e["data"]["text"]], what="sound again")
	tap.check("sound that comes after all is told too", True)
	tap.equal("told once", len(one_way_notice(c, seen)), 1)
	after = hang_up(c, call)
	tap.equal("the mark stays in history", after["one_way"], True)


def test_peer_that_stops(engine, c, desk):
	c.ask("tenant.set", one_way_seconds=5)
	seen = len(c.events)
	call = call_up(c)
	dialog = eventually(lambda: next((d for d in desk.dialogs.values() if d.state == "up"), None))
	eventually(lambda: dialog.heard.blocks, what="sound")
	time.sleep(1.5)
	c.ask("call.hold", call=call["id"])
	dialog.mute = True
	time.sleep(6.5)
	tap.equal("silence on hold is no fault", one_way_notices(c, seen), [])
	dialog.mute = False
	c.ask("call.resume", call=call["id"])
	time.sleep(1.5)
	dialog.mute = True
	one_way_notice(c, seen)
	tap.check("a far end that stops is told after the tenant's time", True)
	after = hang_up(c, call)
	tap.equal("and marked in history", after["one_way"], True)


def test_held_by_peer(engine, c, desk):
	seen = len(c.events)
	call = call_up(c)
	dialog = eventually(lambda: next((d for d in desk.dialogs.values() if d.state == "up"), None))
	codec = lambda what: c.ask(what + ".show", call=call["id"])["codec"]
	first = codec("call")
	desk.codec = "8"
	dialog.reinvite("sendonly")
	dialog.wait_direction("recvonly")
	eventually(lambda: codec("call") != first, 5, "another codec")
	tap.equal("a codec that a re-INVITE changes is told", (first, codec("call")), ("PCMU/8000/1", "PCMA/8000/1"))
	dialog.mute = True
	time.sleep(7)
	tap.equal("a far end that holds us may be silent", one_way_notices(c, seen), [])
	after = hang_up(c, call)
	tap.equal("no mark", after["one_way"], False)
	tap.equal("and history has the codec that was used last", codec("history"), "PCMA/8000/1")


def alone(part, far_end):
	"""A part with an engine, an agent and a far end of its own."""
	with tap.guard(part.__name__), Engine() as engine:
		far = far_end()
		c = engine.client()
		furnish(c, f"sip:anna@{far.ip}", register=False)
		c.ask("session.login", user="anna", station="s-anna")
		try:
			part(engine, c, far)
		finally:
			if isinstance(far, FarEnd):
				far.stop()


@tap.main
def test():
	parts = [threading.Thread(target=alone, args=(part, far_end)) for part, far_end in (
		(test_peer_with_rtcp, FarEnd), (test_peer_without_rtcp, Desk), (test_silent_peer, SilentDesk), (test_peer_that_stops, Desk),
		(test_held_by_peer, Desk))]
	for part in parts:
		part.start()
	for part in parts:
		part.join()
