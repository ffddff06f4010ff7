#!/usr/bin/python3
"""How calls end: each odd answer of the far end leaves the right cause, code, debt and count, and the phone alive."""
import time

from desk import Desk, Engine, furnish
import tap


SIP_GIVES_UP = 30               # RFC 3261's timers B and F end at 32 s: what ends before, our own limit has ended


def number(n):
	return f"+1415555{n:04d}"


# What the far end does, and what the call's row says afterwards: cause, code, whether it counts toward the weekly cap.
ANSWERS = [
	("code-486", "busy", 486, False),
	("code-600", "busy", 600, False),
	("code-404", "not_found", 404, False),
	("code-480", "unavailable", 480, True),
	("code-408", "no_answer", 408, True),
	("code-503", "unavailable", 503, True),
	("code-603", "rejected", 603, True),
	("code-403", "rejected", 403, True),
	("code-500", "failed", 500, True),
	("decline-486", "busy", 486, False),
]


def counted(c, customer_id):
	return c.ask("customer.show", id=customer_id)["calls_this_week"]


def odd_answers(c, desk):
	for n, (does, cause, code, counts) in enumerate(ANSWERS):
		desk.does[number(n)] = does
		customer = c.ask("customer.add", name=f"Customer {n}", phones=[number(n)])
		call = c.ask("call.dial", number=number(n))
		ended = c.wait_call(call["id"], "ended")
		tap.equal(f"{does}: cause and code", (ended["cause"], ended["sip_code"], ended["sip_reason"]), (cause, code, "Nope"))
		tap.equal(f"{does}: the agent owes a disposition", c.ask("session.show")["state"], "wrap_up")
		c.ask("dispo.save", code="other")
		tap.equal(f"{does}: counts toward the cap", counted(c, customer["id"]), int(counts))


def hostile_words(c, desk):
	desk.does[number(20)] = "code-486"
	for words in ("%s%n%p%H", "a\"b\\c", "\udce4\udcff bad bytes", "x" * 3000):
		desk.reason = words
		call = c.ask("call.dial", number=number(20), acknowledge=["unknown_customer"])
		ended = c.wait_call(call["id"], "ended")
		tap.check(f"reason {words[:12]!r}: the row is right",
			(ended["cause"], ended["sip_code"]) == ("busy", 486) and "\n" not in (ended["sip_reason"] or ""), ended)
		c.ask("dispo.save", code="other")
	desk.reason = "Nope"


def redirect(c, desk):
	before = desk.invites()
	desk.does[number(21)] = "redirect-5061"
	call = c.ask("call.dial", number=number(21), acknowledge=["unknown_customer"])
	ended = c.wait_call(call["id"], "ended")
	tap.equal("302 is not followed", (ended["cause"], ended["sip_code"]), ("redirected", 302))
	row = c.wait("audit.added", event="ungated_leg", call_id=call["id"])
	tap.check("and stands in the audit log", "302" in row["detail"] and ":5061" in row["detail"], row)
	tap.equal("one INVITE left", desk.invites() - before, 1)
	c.ask("dispo.save", code="other")


def timeouts(c, desk):
	desk.does[number(22)] = "ring"
	call = c.ask("call.dial", number=number(22), timeout=2, acknowledge=["unknown_customer"])
	ended = c.wait_call(call["id"], "ended")
	tap.equal("180 for ever", ended["cause"], "no_answer")
	c.ask("dispo.save", code="no_answer")

	desk.does[number(23)] = "quiet"
	started = time.monotonic()
	call = c.ask("call.dial", number=number(23), timeout=12, acknowledge=["unknown_customer"])
	ended = c.wait_call(call["id"], "ended", timeout=SIP_GIVES_UP)
	tap.equal("100 and then silence", ended["cause"], "no_response")
	took = time.monotonic() - started
	tap.check("after the time given, not after ten seconds", 11.5 < took < SIP_GIVES_UP, took)
	c.ask("dispo.save", code="no_answer")

	desk.deaf = True
	started = time.monotonic()
	call = c.ask("call.dial", number=number(24), acknowledge=["unknown_customer"])
	ended = c.wait_call(call["id"], "ended", timeout=SIP_GIVES_UP)
	tap.equal("nothing at all", ended["cause"], "no_response")
	took = time.monotonic() - started
	tap.check("after ten seconds", 9.5 < took < SIP_GIVES_UP, took)
	desk.deaf = False
	c.ask("dispo.save", code="no_answer")


def endings(c, desk):
	desk.does[number(25)] = "ring"
	call = c.ask("call.dial", number=number(25), acknowledge=["unknown_customer"])
	c.wait_call(call["id"], "ringing")
	ended = c.ask("call.hangup")
	tap.equal("the agent gives up", (ended["state"], ended["cause"], ended["answered_at"]), ("ended", "cancelled", None))
	c.ask("dispo.save", code="no_answer")

	call = c.ask("call.dial", number=number(26), acknowledge=["unknown_customer"])
	c.wait_call(call["id"], "active")
	dialog = [d for d in desk.dialogs.values() if d.state == "up"][-1]
	dialog.bye()
	tap.equal("the far end hangs up", c.wait_call(call["id"], "ended")["cause"], "remote_hangup")
	c.ask("dispo.save", code="completed")

	call = c.ask("call.dial", number=number(26), hangup_after=1, acknowledge=["unknown_customer"])
	ended = c.wait_call(call["id"], "ended")
	# a busy machine ends it later; nobody else would
	tap.check("hangup_after", ended["cause"] == "agent_hangup" and 1 <= ended["talk_seconds"] <= 4, ended)
	c.ask("dispo.save", code="completed")

	desk.does[number(27)] = "early-300"
	call = c.ask("call.dial", number=number(27), acknowledge=["unknown_customer"])
	tap.check("early media", c.wait_call(call["id"], "early"))
	c.wait_call(call["id"], "active")
	desk.reinvite_code = 488
	c.ask("call.hold")
	tap.check("a refused hold is told", c.wait("notice", words="488", level="warning"))
	tap.equal("and it is on hold all the same, by the mixer", c.ask("call.show", call=call["id"])["state"], "held")
	desk.reinvite_code = 200
	c.ask("call.hangup")
	c.ask("dispo.save", code="completed")


def refer(c, desk):
	call = c.ask("call.dial", number=number(28), acknowledge=["unknown_customer"])
	c.wait_call(call["id"], "active")
	dialog = [d for d in desk.dialogs.values() if d.state == "up"][-1]
	before = desk.invites()
	dialog.refer(f"<sip:premium@{desk.ip}>")
	tap.check("a REFER is refused and audited", c.wait("audit.added", event="ungated_leg", call_id=None))
	for _ in range(30):
		dialog.refer(f"<sip:premium@{desk.ip}>")
	desk.wait_message(r"^SIP/2.0 501(.*\r\n)*CSeq: \d+ REFER", nth=31)
	c.ask("call.dtmf", call=call["id"], digits="1")         # the phone has told all of them before it answers this
	tap.equal("a flood of them leaves one row", len(c.ask("audit.list", event="ungated_leg", search="REFER")["items"]), 1)
	tap.equal("nothing was dialled", desk.invites() - before, 0)
	tap.equal("the call goes on", c.ask("call.show", call=call["id"])["state"], "active")
	c.ask("call.hangup")
	c.ask("dispo.save", code="completed")


@tap.main
def test():
	with Engine() as engine:
		desk = Desk()
		c = engine.client()
		furnish(c, f"sip:200@{desk.ip}", register=False)
		c.ask("session.login", user="anna", station="s-anna")
		phone = engine.children("baresip")
		for part in (odd_answers, hostile_words, redirect, endings, refer, timeouts):
			with tap.guard(part.__name__):
				part(c, desk)
		tap.equal("the phone is the same as before", engine.children("baresip"), phone)
		tap.equal("every call has its disposition", [x["id"] for x in c.ask("history.list", owed=True)["items"]], [])
