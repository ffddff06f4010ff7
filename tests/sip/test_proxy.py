#!/usr/bin/python3
"""The main job from the command line: kamailio as registrar and proxy with digest authentication, a stock baresip as
customer.

A station is set up, an agent registers, calls that customer for 30 s with sound both ways, and saves the call's
disposition; what the gate forbids sends nothing; passwords, registrars and certificates that are wrong are refused in
words.
"""
import os
import socket
import subprocess
import time

from floor import AGENT_PASSWORD, BOB, HERE, Customer, Home, Proxy, Thing, eventually, free_port, loopback, tone
from station import Witness
import spectrum
import tap

TALK = 30                       # seconds of the call whose sound is looked at
OURS_HZ, THEIRS_HZ = 437, 613           # no whole number of periods in a packet
GAP_MS = 20
HELD_MS = 40                    # where the machine keeps a process from running for longer,
PROCESSES = 3                   # each of those that the sound goes through, one of them the far end, may be kept that long
NOTES = "ruft zurück – Freitag"


def set_up(home, proxy):
	home.tenant()
	shown = home.station("s1", proxy.host, password=AGENT_PASSWORD)
	tap.equal("the station's password is not shown", (shown["has_password"], "password" in shown), (True, False))
	return home.ok("customer", "add", "--name", "Bob", "--phone", BOB)["id"]


def registration(home, proxy):
	home.station("wrong", proxy.host, password="guess")
	home.station("nobody", proxy.host, user="nobody", password=AGENT_PASSWORD)
	for station, code, reason in (("wrong", 401, "Unauthorized"), ("nobody", 403, "Unknown User")):
		for words in (("login", "anna", station), ("station", "test", station)):
			result = home.spctl(*words)
			name = f"{' '.join(words)}: status 69, and the registrar's answer {code}"
			tap.check(name, result.status == 69 and f"{code} {reason}" in result.err, result)
			tap.equal(f"{' '.join(words)}: in JSON as well", result.json["error"]["code"], "unavailable")
	tap.equal("nobody is logged in", home.ok("session", "list"), [])
	tap.equal("no phone is left", eventually(lambda: not home.phone()), True)
	tap.equal("station test of a good one", home.spctl("station", "test", "s1").status, 0)


def unreachable(home):
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
		silent.bind((loopback(), 0))
		ip, port = silent.getsockname()
		home.station("silent", f"{ip}:{port}", password=AGENT_PASSWORD)
		start = time.monotonic()
		result = home.spctl("login", "anna", "silent")
		took = time.monotonic() - start
		tap.check("a registrar that never answers: status 69 after ten seconds, in words",       # SIP itself gives up after 32
			result.status == 69 and took < 25 and "silent" in result.err, f"{took} s, {result}")
	ip = loopback()
	home.station("closed", f"{ip}:{free_port(ip)}", "--transport", "tcp", password=AGENT_PASSWORD)
	start = time.monotonic()
	result = home.spctl("login", "anna", "closed")
	took = time.monotonic() - start
	tap.check("one whose port is closed: status 69 at once, in words",
		result.status == 69 and took < 9 and "refused" in result.err.lower(), f"{took} s, {result}")


def sound(name, samples, rate, channel, hz, held_ms):
	"""A tone on one channel: there, clear, whole.  The announcement of the recording lies over its first second."""
	part = samples[2 * rate:-int(0.7 * rate), channel]
	found, level, clear = spectrum.strongest(part, rate)
	tap.check(f"{name}: the tone of {hz} Hz", found and abs(found - hz) < 5 and level > -25 and clear > 25,
		f"{found} Hz, {level} dB, {clear} dB clear")
	gap, seconds = spectrum.longest_gap(part, rate, hz), len(part) / rate
	longest = GAP_MS if held_ms < HELD_MS else PROCESSES * held_ms
	tap.check(f"{name}: no gap over {longest:.0f} ms", gap <= longest and seconds > TALK - 4, f"{gap} ms in {seconds} s")


def once(lines):
	"""Without those of a request that was sent again, since its answer took long."""
	return list(dict.fromkeys(lines))


def main_job(home, proxy, far, customer):
	session = home.ok("login", "anna", "s1")
	tap.equal("logged in and registered", (session["state"], session["registered"]), ("ready", True))
	tap.check("the registrar saw the right user", proxy.seen(r"^REGISTER .* over udp auth=anna"))
	tap.equal("the gate allows the call", home.ok("call", "check", "(415) 555-0100")["decision"], "allowed")

	play = tone(home.path("ours.wav"), OURS_HZ, TALK + 5)
	with Witness() as witness:
		result = home.spctl("call", "dial", "(415) 555-0100", "--wait", "end", "--play", play, "--hangup-after", TALK)
		held_ms = witness.worst_ms()
	tap.note(f"a process had to wait for {held_ms:.0f} ms at worst")
	tap.equal("dialled, talked, hung up: status 0", result.status, 0)
	call = result.json
	tap.equal("to whom", (call["number"], call["customer_id"]), (BOB, customer))
	tap.equal("by whom", (call["user"], call["station"], call["forced"]), ("anna", "s1", False))
	tap.equal("how", (call["cause"], call["codec"]), ("agent_hangup", "PCMU/8000/1"))
	tap.check("as long as it was to be", TALK - 1 <= call["talk_seconds"] <= TALK + 1 + held_ms / 1000, call["talk_seconds"])
	tap.equal("the proxy asked for a password, and got it", once(line.split("auth=")[1] for line in proxy.seen("^INVITE")),
		["<null>", "anna"])

	samples, rate = spectrum.load(far.heard())
	sound("what the customer heard", samples, rate, 0, OURS_HZ, held_ms)
	copy = home.path("copy.flac")
	home.ok("history", "recording", call["id"], "-o", copy)
	tap.equal("the copy is private", os.stat(copy).st_mode & 0o777, 0o600)
	samples, rate = spectrum.load(copy)
	tap.equal("the recording has two channels", samples.shape[1], 2)
	sound("the recording's left", samples, rate, 0, OURS_HZ, held_ms)
	sound("the recording's right", samples, rate, 1, THEIRS_HZ, held_ms)
	return call


def after_call(home, proxy, call, customer):
	wrap_up = home.ok("session", "show")
	tap.equal("wrap-up", (wrap_up["state"], wrap_up["wrap_up"]["call_id"]), ("wrap_up", call["id"]))
	before = len(proxy.seen("^INVITE"))
	result = home.spctl("call", "dial", BOB)
	tap.check("the next dial is refused, and says how to go on",
		result.status == 65 and f"spctl dispo save CODE --call {call['id']}" in result.err, result)
	tap.equal("no INVITE left", len(proxy.seen("^INVITE")), before)
	tap.check("no logout either", home.spctl("logout").status != 0)
	saved = home.ok("dispo", "save", "callback", "--notes", NOTES)
	tap.equal("the disposition is saved", (saved["id"], saved["disposition"]), (call["id"], "callback"))
	tap.equal("ready again", home.ok("session", "show")["state"], "ready")
	rows = home.ok("history", "list")
	tap.equal("history", [(r["id"], r["number"], r["disposition"], r["notes"]) for r in rows],
		[(call["id"], BOB, "callback", NOTES)])
	rows = home.ok("audit", "list", "--customer", customer, "--event", "allowed")
	tap.equal("audit", [(r["event"], r["call_id"], r["number"], r["user"]) for r in rows],
		[("allowed", call["id"], BOB, "anna")])
	tap.check("an audit log that is whole", home.ok("audit", "verify")["intact"])


def gate(home, proxy, far, customer):
	before, heard = len(proxy.seen("^INVITE")), far.log().count("call: ")
	home.ok("customer", "set", customer, "--cease-and-desist", "on", "--reason", "letter of 3 May")
	result = home.spctl("call", "dial", BOB, "--wait", "end", "--acknowledge", "unknown_customer,outside_fdcpa_hours")
	tap.equal("a hard block: status 10", (result.status, result.json["error"]["code"]), (10, "blocked"))
	reason = result.json["error"]["data"]["reasons"][0]
	tap.check("with reason and authority", reason["code"] == "cease_and_desist" and "1692c(c)" in reason["authority"], reason)
	tap.equal("check says the same", home.spctl("call", "check", BOB).status, 10)
	home.ok("customer", "set", customer, "--cease-and-desist", "off", "--max-calls-per-week", 0, "--reason", "withdrawn")
	result = home.spctl("call", "dial", BOB, "--wait", "end")
	tap.equal("a soft warning: status 11", (result.status, result.json["error"]["code"]), (11, "needs_ack"))
	tap.equal("its code", [r["code"] for r in result.json["error"]["data"]["reasons"]], ["max_calls_per_week"])
	tap.equal("neither sent a packet: the proxy saw no INVITE, the customer no call",
		(len(proxy.seen("^INVITE")), far.log().count("call: ")), (before, heard))

	result = home.spctl("call", "dial", BOB, "--wait", "end", "--acknowledge", "max_calls_per_week", "--hangup-after", 1)
	tap.equal("acknowledged: status 0", result.status, 0)
	home.ok("dispo", "save", "completed")
	shown = home.ok("history", "show", result.json["id"])
	tap.check("the call is marked as forced", shown["forced"] is True and shown["talk_seconds"] >= 1, shown)
	rows = home.ok("audit", "list", "--forced")
	tap.equal("and so is its audit row", [(r["event"], r["reason_code"], r["call_id"], r["forced"]) for r in rows],
		[("forced", "max_calls_per_week", shown["id"], True)])
	rows = home.ok("audit", "list", "--severity", "hard")
	tap.equal("the block is there as well", [r["reason_code"] for r in rows if r["event"] == "blocked"], ["cease_and_desist"])
	home.ok("customer", "set", customer, "--max-calls-per-week", "1000", "--reason", "as before")


def transports(home, proxy, certificates):
	tls = ("--transport", "tls", "--tls-ca", f"{certificates}/ca.pem")
	for name, port, options in (("tcp", proxy.port, ("--transport", "tcp")), ("tls", proxy.tls["good"], tls)):
		home.station(name, f"{proxy.ip}:{port}", *options, password=AGENT_PASSWORD)
		session = home.ok("login", "anna", name, "--take-over")
		tap.check(f"{name}: registered", session["registered"] and proxy.seen(f"^REGISTER .* {name} auth=anna"), session)
		result = home.spctl("call", "dial", BOB, "--wait", "end", "--hangup-after", 1)
		tap.equal(f"{name}: a call", result.status, 0)
		tap.check(f"{name}: by that transport", proxy.seen(f"^INVITE .* {name} auth=anna") and
			eventually(lambda: proxy.seen(f"^BYE .* {name} "), what="BYE at the proxy"))
		home.ok("dispo", "save", "completed")
	# The domain has no address here: everything goes by the outbound proxy, and within a call by Record-Route.
	home.ok("station", "add", "domain", "--did", "+14155550199", "--sip-uri", "sip:anna@pbx.test", "--outbound-proxy",
		f"sip:{proxy.host}", "--password-file", home.write("secret", AGENT_PASSWORD + "\n"))
	session = home.ok("login", "anna", "domain", "--take-over")
	before = proxy.seen("^BYE")
	result = home.spctl("call", "dial", BOB, "--wait", "end", "--hangup-after", 1)
	tap.check("by an outbound proxy: registered, and a call", session["registered"] and result.status == 0, result)
	tap.check("its end goes that way as well", eventually(lambda: len(proxy.seen("^BYE")) > len(before), what="BYE at the proxy"))
	home.ok("dispo", "save", "completed")
	home.ok("logout")
	eventually(lambda: not home.phone())            # it unregisters first
	before = proxy.seen("^REGISTER .* from anna")
	for name, words in (("wronghost", "mismatch"), ("strangerca", "certificate")):
		home.station(name, f"{proxy.ip}:{proxy.tls[name]}", *tls, password=AGENT_PASSWORD)
		result = home.spctl("login", "anna", name)
		tap.check(f"certificate {name} is refused, in words", result.status == 69 and words in result.err, result)
	tap.equal("and no REGISTER, with or without a password, was sent there", proxy.seen("^REGISTER .* from anna"), before)


def secrets(home):
	found = []
	for folder, _, names in os.walk(home.folder):
		for path in (os.path.join(folder, name) for name in names if name != "secret"):
			if os.path.isfile(path):
				with open(path, "rb") as file:
					found += [path] if AGENT_PASSWORD.encode() in file.read() else []
	tap.equal("the SIP password stands in no file of the home", found, [])


def work(home, proxy, far, certificates):
	customer = set_up(home, proxy)
	with tap.guard("registration"):
		registration(home, proxy)
	with tap.guard("unreachable"):
		unreachable(home)
	with tap.guard("main job"):
		call = main_job(home, proxy, far, customer)
		after_call(home, proxy, call, customer)
	with tap.guard("gate"):
		gate(home, proxy, far, customer)
	with tap.guard("transports"):
		transports(home, proxy, certificates)
	secrets(home)


@tap.main
def test():
	ip = loopback()
	with Thing("certs") as certificates:
		subprocess.run([f"{HERE}/../module/certificates", certificates.folder, ip], check=True)
		with Proxy(ip, certificates.folder, ("good", "wronghost", "strangerca")) as proxy:
			with Customer(proxy, THEIRS_HZ) as far, Home() as home:
				work(home, proxy, far, certificates.folder)
			tap.equal("kamailio ran through", proxy.process.poll(), None)
