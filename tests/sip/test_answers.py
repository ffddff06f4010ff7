#!/usr/bin/python3
"""Odd answers and hostile words, by sipp, from the command line: each call's record is right, the phone stays the same
process, and a good call works after each of them."""
import re

from floor import Home, Sipp, eventually, free_port, loopback, socket
import tap

NUMBER = "+14155550123"
FORMATS = b"%s%n%p%s%n%p%x%H%r"
# What is put in place of a peer's words, and what the record has of it as reason phrase (None: anything that is clean).
PRINTED = [
	("formats", FORMATS, FORMATS.decode()),
	("bytes that are no UTF-8", b"No\xff\xfe\xc3(\xed\xa0\x80 way", None),
	("quotes and backslashes", b'a"b\\c\\"d', 'a"b\\c\\"d'),
	("escape sequences of a terminal", b"\x1b[2J\x1b]0;title\x07Busy", None),
	("700 bytes", b"n" * 700, None),
]
# These end the line, as a peer may: what follows is a header, or makes of it no SIP at all.
BREAKS = [
	("a CR", b"Busy\rX-Evil: 1", None),
	("a LF", b"Busy\nX-Evil: 1", None),
	("a folded line", b"Busy\r\n X-Evil: 1", None),
	("a header put in", b"Busy\r\nX-Evil: 1", None),
	("the end of the headers", b"Busy\r\n\r\nX-Evil: 1", None),
	("a second message", b"Busy\r\n\r\nSIP/2.0 200 OK\r\n\r\n", None),
]
# Scenario, its keys, what the command says: status; and what the record says: cause, SIP code.
ODD = [
	("refuse", {"status": "SIP/2.0 404 Not Found"}, 12, "not_found", 404),
	("refuse", {"status": "SIP/2.0 408 Request Timeout"}, 12, "no_answer", 408),
	("refuse", {"status": "SIP/2.0 486 Busy Here"}, 12, "busy", 486),
	("refuse", {"status": "SIP/2.0 480 Temporarily Unavailable"}, 12, "unavailable", 480),
	("refuse", {"status": "SIP/2.0 503 Service Unavailable"}, 12, "unavailable", 503),
	("refuse", {"status": "SIP/2.0 603 Decline"}, 12, "rejected", 603),
	("trying", {}, 12, "no_response", None),
	("ringing", {}, 12, "no_answer", None),
	("late", {}, 12, "no_response", None),
	("early", {}, 0, "agent_hangup", None),
]


def clean(text):
	"""Nothing in it that would move a terminal's cursor, end a line, or is no character."""
	return text is None or not re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", text)


def outcome(result, record):
	return result.status, record["cause"], record["sip_code"]


class Floor:
	"""An agent at a station whose PBX is sipp, one scenario after the other at the same address."""

	def __init__(self, home, transport="udp"):
		self.home, self.ip, self.transport = home, loopback(), transport
		home.station(transport, f"{self.ip}:5060", "--no-register", "--transport", transport)
		home.ok("login", "anna", transport, "--take-over")
		# Of a session that was taken over the phone is there for a while longer.
		self.phone = eventually(lambda: len(home.phone()) == 1 and home.phone(), what="one phone")

	def far(self, scenario, **more):
		return Sipp(scenario, self.ip, transport=self.transport, **more)

	def dial(self, scenario, words=b"", seconds=1, **keys):
		"""A call to sipp: (result of the command, its record, INVITEs that arrived, whether sipp was content)."""
		with self.far(scenario, words=words, **keys) as far:
			result = self.home.spctl("call", "dial", NUMBER, "--wait", "end", "--timeout", 2, "--hangup-after", seconds)
			content = far.wait(5)
			if not content and scenario != "hostile-answer":
				tap.note(far.trouble())
			record = self.home.ok("history", "list", "--newest", "--limit", 1)[0]
			self.home.ok("dispo", "save", "other", "--call", record["id"])
			return result, record, far.received("INVITE"), content

	def fine(self, after):
		"""The phone is the one that it was, and a good call works."""
		result, record, _, content = self.dial("answer", seconds=20)
		tap.equal(f"after {after}: the same phone, and a good call",
			(self.home.phone(), result.status, record["cause"], content), (self.phone, 0, "remote_hangup", True))


def odd(floor):
	for scenario, keys, status, cause, code in ODD:
		name = keys["status"] if keys else scenario
		reason = name.split(" ", 2)[2] if keys else None
		result, record, invites, content = floor.dial(scenario, **keys)
		tap.equal(f"{name}: status, cause, SIP code, reason", outcome(result, record) + (record["sip_reason"],),
			(status, cause, code, reason))
		tap.check(f"{name}: one INVITE, and the far end is content", invites == 1 and content, invites)
		if status == 12 and code:
			tap.check(f"{name}: the command says so", str(code) in result.err and cause in result.err, result)
		floor.fine(name)


def redirect(floor):
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
		elsewhere.bind((floor.ip, 0))
		port = elsewhere.getsockname()[1]
		result, record, invites, content = floor.dial("redirect", elsewhere=port)
		tap.equal("302: status, cause, SIP code, reason", outcome(result, record) + (record["sip_reason"],),
			(12, "redirected", 302, "Moved Temporarily"))
		tap.check("302: one INVITE, and the far end is content", invites == 1 and content)
		floor.fine("302")
		elsewhere.setblocking(False)
		try:
			followed = elsewhere.recv(65536)
		except BlockingIOError:
			followed = b""
		tap.equal("302: it was not followed", followed, b"")
	rows = floor.home.ok("audit", "list", "--event", "ungated_leg")
	tap.equal("302: the attempt stands in the audit log", [r["call_id"] for r in rows], [record["id"]])
	tap.check("302: with code and address", re.search(rf"302.*\+19005550100@{floor.ip}:{port}", rows[0]["detail"]), rows)


def hostile_refusals(floor):
	for name, words, reason in PRINTED + BREAKS:
		result, record, invites, _ = floor.dial("hostile-refuse", words=words)
		tap.equal(f"refused with {name}: status, cause, SIP code, INVITEs", outcome(result, record) + (invites,), (12, "busy", 486, 1))
		tap.check(f"refused with {name}: what is told of it is clean",
			clean(record["sip_reason"]) and clean(result.err.rstrip("\n")), f"{result} {record}")
		if reason:
			tap.equal(f"refused with {name}: as reason is text", record["sip_reason"], reason)
		floor.fine(f"refused with {name}")


def hostile_answers(floor):
	for name, words, _ in PRINTED:
		result, record, invites, content = floor.dial("hostile-answer", words=words)
		if name == "quotes and backslashes":
			# Such a Contact is no address that an ACK could go to: there is no call.
			wanted = (12, "failed", False)
		else:
			wanted = (0, "agent_hangup", True)
		tap.equal(f"answered with {name}: status, cause, far end content", (result.status, record["cause"], content), wanted)
		tap.check(f"answered with {name}: one INVITE, a clean record", invites == 1 and clean(record["sip_reason"]), f"{record} {invites}")
		floor.fine(name)


def long_headers(floor):
	"""Over TCP libre holds 64 kB that it has not read yet: a whole message, and up to 8 kB of the next that came with its end."""
	for size in (7000, 50000):
		result, record, invites, _ = floor.dial("refuse-long", words=b"x" * size)
		name = f"a header of {size} bytes over {floor.transport}"
		tap.equal(f"{name}: status, cause, SIP code, INVITEs", outcome(result, record) + (invites,), (12, "busy", 486, 1))
		floor.fine(name)


def longer_than_tcp(floor):
	"""libre reads no message over 64 kB: it drops the connection, and with it the answer."""
	result, record, invites, _ = floor.dial("refuse-long", words=b"x" * 200000)
	tap.equal("a header of 200,000 bytes over tcp: status, cause, SIP code, INVITEs", outcome(result, record) + (invites,),
		(12, "no_response", None, 1))
	floor.fine("a header of 200,000 bytes over tcp")


def incoming(floor):
	"""The station's PBX (the same address) calls with hostile words; the agent refuses."""
	with floor.far("answer") as far:        # the phone's own address is learnt from a call of its own
		floor.home.ok("call", "dial", NUMBER, "--wait", "end")
		far.wait()
		address = re.search(r"Contact: <sip:[^@>]*@([\d.]+:\d+)", far.messages())[1]
		floor.home.ok("dispo", "save", "other")
	for name, words, _ in PRINTED:
		with Sipp("hostile-call", floor.ip, free_port(floor.ip), target=address, words=words) as far:
			calls = eventually(lambda: floor.home.ok("call", "list"), what="a call that comes in")
			tap.equal(f"called with {name}: it rings", [(c["direction"], c["state"]) for c in calls], [("inbound", "ringing")])
			tap.check(f"called with {name}: what is told is clean", clean(calls[0]["number"]), calls)
			tap.equal(f"called with {name}: refused", floor.home.spctl("call", "reject").status, 0)
			tap.check(f"called with {name}: the caller got 486", far.wait(), far.trouble())
		record = floor.home.ok("history", "show", calls[0]["id"])
		tap.equal(f"called with {name}: the record",
			(record["direction"], record["state"], record["cause"], record["sip_code"]), ("inbound", "ended", "rejected", 486))
		floor.fine(name)
	for name, words, _ in BREAKS:           # some of these are no INVITE any more
		with Sipp("hostile-call", floor.ip, free_port(floor.ip), target=address, words=words) as far:
			eventually(lambda: "message sent" in far.messages(), what="sipp's INVITE")
			far.wait(0.5)
			refuse_all(floor, name)
		refuse_all(floor, name)         # one that was slow to ring
		floor.fine(name)


def refuse_all(floor, name):
	for call in floor.home.ok("call", "list"):
		tap.check(f"called with {name}: what is told is clean", clean(call["number"]), call)
		floor.home.spctl("call", "reject", "486", call["id"])           # its caller may just have gone


@tap.main
def test():
	with Home() as home:
		home.tenant()
		home.ok("customer", "add", "--name", "Sipp", "--phone", NUMBER)
		floor = Floor(home)
		for part in (odd, redirect, hostile_refusals, hostile_answers, long_headers, incoming):
			with tap.guard(part.__name__):
				part(floor)
		floor = Floor(home, "tcp")
		with tap.guard("tcp"):
			with floor.far("answer") as far:
				home.ok("call", "dial", NUMBER, "--wait", "end")
				far.wait()
				uri = re.search(r"INVITE (\S+)", far.messages())[1]
				tap.equal("the transport stands once in the address", uri, f"sip:{NUMBER}@{floor.ip}:5060;transport=tcp")
				home.ok("dispo", "save", "other")
			long_headers(floor)
			longer_than_tcp(floor)
