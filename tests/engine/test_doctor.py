#!/usr/bin/python3
"""spctl doctor: a healthy home is told as that, and each thing that is broken gives one finding with its fix and exit 1."""
import json
import os
import random
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time

from desk import BUILD, Desk, Engine, eventually, furnish, loopback
import tap

SPCTL = os.path.join(BUILD, "bin", "spctl")
AREAS = ["settings", "key", "database", "disk", "recordings", "clock", "baresip", "ports", "sound"]


def doctor(engine, *args, form="--json"):
	"""(exit status, findings) of spctl doctor at this engine's home."""
	env = {**os.environ, "SPCTL_HOME": engine.home}
	got = subprocess.run([SPCTL, "doctor", *args, form], capture_output=True, text=True, env=env, timeout=60, check=False)
	if form != "--json":
		return got.returncode, got.stdout
	try:
		return got.returncode, json.loads(got.stdout)
	except ValueError:
		raise AssertionError(f"{got.returncode}: {got.stdout!r} {got.stderr!r}") from None


def faults(findings):
	return [(f["area"], f["level"]) for f in findings if f["level"] != "ok"]


def finds(name, engine, area, level, words, *args, times=1):
	"""The doctor finds this and nothing else, says so with these words, knows a fix, and exits with 1."""
	status, findings = doctor(engine, *args)
	bad = [f for f in findings if f["level"] != "ok"]
	tap.check(name, status == 1 and faults(findings) == [(area, level)] * times and all(words in f["text"] and f["fix"] for f in bad),
		(status, bad))
	return bad


def healthy(name, engine, *args):
	status, findings = doctor(engine, *args)
	tap.check(name, status == 0 and not faults(findings), (status, faults(findings), findings))
	return findings


def write(path, text):
	with open(path, "w", encoding="utf-8") as file:
		file.write(text)


def sql(engine, text):
	"""Changes the file behind the engine's back."""
	base = sqlite3.connect(os.path.join(engine.home, "spctl.db"), timeout=10)
	base.executescript(text)
	base.close()


# ---- the home -------------------------------------------------------------------------------------------------------

def well(engine, c):
	findings = healthy("a healthy home: exit 0", engine)
	tap.equal("every area has a sentence", [a for a in AREAS if a not in [f["area"] for f in findings]], [])
	before = c.ask("tenant.show")
	for hours, cap, ring, wanted in (("08:00-21:00", 7, 15, []), ("07:59-21:01", 8, 14, [
			"tenant default: the gate warns outside of 07:59-21:01; 12 CFR 1006.6(b)(1) has 08:00-21:00",
			"tenant default: the gate warns from 8 calls a week on; 12 CFR 1006.14(b)(2) has 7",
			"tenant default: calls that nobody answers end after 14 seconds; 47 CFR 64.1200(a)(6) has 15"])):
		c.ask("tenant.set", hours=hours, max_calls_per_week=cap, ring_seconds=ring)
		told = [f["text"] for f in doctor(engine)[1] if " CFR " in f["text"]]
		tap.equal(f"{hours}, {cap} calls and {ring} seconds: it is told where the law differs", told, wanted)
	c.ask("tenant.set", **{key: before[key] for key in ("hours", "max_calls_per_week", "ring_seconds")})
	tap.equal("each finding has these fields", {tuple(sorted(f)) for f in findings}, {("area", "fix", "level", "text")})
	status, text = doctor(engine, form="--csv")
	tap.check("CSV has them too", status == 0 and text.startswith("area,level,text,fix\nsettings,ok,"), text[:80])
	env = {**os.environ, "SPCTL_HOME": engine.home}
	people = subprocess.run([SPCTL, "doctor"], capture_output=True, text=True, env=env, check=False).stdout
	tap.check("and people lines", re.search(r"(?m)^ok +database +\S+spctl\.db is whole", people), people)


def settings(engine, c):
	conf = os.path.join(engine.home, "spctl.conf")
	with open(conf, encoding="utf-8") as file:
		before = file.read()
	write(conf, before.replace("log.level = debug", "log.level = info"))
	finds("settings that changed since the start", engine, "settings", "warning", "log.level = info")
	write(conf, before + "log.level = loud\n")
	finds("settings with a mistake", engine, "settings", "error", "log.level")
	write(conf, before)
	os.chmod(conf, 0o666)
	finds("settings that others may write", engine, "settings", "error", "0666")
	os.chmod(conf, 0o600)
	healthy("and mended", engine)


def key(engine, c):
	path = os.path.join(engine.home, "master.key")
	c.ask("station.add", name="k", did="+14155550199", sip_uri="sip:k@127.0.0.1", password="s3cret")
	os.chmod(path, 0o644)
	finds("a key file that others may read", engine, "key", "error", "0644")
	os.chmod(path, 0o600)
	os.rename(path, path + ".away")
	finds("no key file", engine, "key", "error", "does not exist")
	write(path, "1 " + "ab" * 32 + "\n")
	os.chmod(path, 0o600)
	finds("another one's key file", engine, "key", "error", "put the right key file back")
	os.remove(path)
	os.symlink(path + ".away", path)
	finds("a link", engine, "key", "error", "symbolic link")
	os.remove(path)
	os.rename(path + ".away", path)
	healthy("and put back", engine)
	shutil.copy(path, path + ".new-Ab12cD")
	finds("what a rotation left that was cut off", engine, "key", "warning", path + ".new-Ab12cD, with keys in it")
	c.ask("key.rotate")
	healthy("the next one removes it", engine)


def database(engine, c):
	c.ask("customer.add", name="a", phones=["4155550101"])
	engine.terminate()
	base = sqlite3.connect(os.path.join(engine.home, "spctl.db"))
	base.execute("PRAGMA writable_schema = ON")
	(name, text, page), = base.execute("SELECT name, sql, rootpage FROM sqlite_schema WHERE name = 'customers_tenant'")
	base.execute("DELETE FROM sqlite_schema WHERE name = ?", (name,))
	base.commit()
	base.close()
	base = sqlite3.connect(os.path.join(engine.home, "spctl.db"))
	base.execute("INSERT INTO customers (tenant_id, name, do_not_call, created_at, updated_at) VALUES (1, 'b', 0, 0, 0)")
	base.execute("PRAGMA writable_schema = ON")
	base.execute("INSERT INTO sqlite_schema VALUES ('index', ?, 'customers', ?, ?)", (name, page, text))
	base.commit()
	base.close()
	engine.start()
	finds("a damaged index", engine, "database", "error", "missing from index customers_tenant")


def disk(engine, c):
	folder = os.path.join(engine.home, "recordings")
	if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m,mode=700", "none", folder], capture_output=True, check=False).returncode:
		tap.skip("a full disk", "nothing may be mounted here")
		return
	try:
		finds("a full disk", engine, "disk", "error", "MB left")
	finally:
		subprocess.run(["umount", folder], check=True)


def recordings(engine, c):
	furnish(c, "sip:a@127.0.0.1", register=False)
	now = int(time.time() * 1000)           # an old one would be deleted for its age
	sql(engine, f"""INSERT INTO softphone_call_logs (tenant_id, direction, number, user_id, station_id, state, forced, counts_toward_cap,
		started_at, ended_at, encrypted, owes_disposition) VALUES (1, 'outbound', '+1', 1, 1, 'ended', 0, 0, {now}, {now}, 0, 0);
		INSERT INTO softphone_recordings (tenant_id, call_id, path, started_at, ended_at, sha256)
		VALUES (1, 1, '1/77.flac', {now}, {now}, 'x')""")
	finds("a recording that is gone", engine, "recordings", "error", "1/77.flac is missing")
	folder = os.path.join(engine.home, "recordings", "1")
	os.makedirs(folder, mode=0o700, exist_ok=True)
	with open(os.path.join(folder, "77.flac"), "w", encoding="ascii") as file:
		file.write("x")
	finds("a recording that was changed", engine, "recordings", "error", "1/77.flac is not what was recorded")
	os.unlink(os.path.join(folder, "77.flac"))


def clock(engine, c):
	sql(engine, "UPDATE softphone_tenants SET timezone = 'Mars/Olympus'")
	finds("a time zone that nobody knows", engine, "clock", "error", "Mars/Olympus")
	sql(engine, """UPDATE softphone_tenants SET timezone = 'Etc/UTC'; INSERT INTO softphone_compliance_audit
		(tenant_id, at, event, forced, hash) VALUES (1, 4102444800000, 'login', 0, 'x')""")
	finds("a clock that was set back", engine, "clock", "error", "before the newest entry")


# ---- what belongs to it ---------------------------------------------------------------------------------------------

def without_guard(engine, c):
	"""An engine whose own files are not whole."""
	engine.terminate()
	tree = tempfile.mkdtemp(prefix="spctl-tree-")
	try:
		for part in ("bin", "lib", "share"):
			shutil.copytree(os.path.join(BUILD, part), os.path.join(tree, part))
		os.remove(os.path.join(tree, "lib", "spctl", "guard.so"))
		run_as(engine, [os.path.join(tree, "bin", "spctld")])
		status, findings = doctor(engine)
		bad = [f for f in findings if f["level"] != "ok"]
		# Where another spctl is installed its guard is found instead, and that is well.
		tap.check("guard.so is missing", os.path.exists("/usr/local/lib/spctl/guard.so") or
			status == 1 and faults(findings) == [("baresip", "error")] and "guard.so" in bad[0]["text"], (status, bad))
	finally:
		shutil.rmtree(tree)


def run_as(engine, command):
	"""Starts the engine by another command."""
	ours, theirs = os.pipe()
	with open(engine.log_path, "ab") as log:
		engine.process = subprocess.Popen([*command, "--private", "--ready-fd", str(theirs)], stdin=subprocess.DEVNULL, stdout=log,
			stderr=log, env={**os.environ, "SPCTL_HOME": engine.home}, pass_fds=[theirs])
	os.close(theirs)
	with os.fdopen(ours) as ready:
		said = ready.read()
	assert said.strip() == "ready", said


def without_standard_files(engine, c):
	"""Its database must not become its standard error."""
	engine.terminate()
	run_as(engine, ["sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-', os.path.join(BUILD, "bin", "spctld")])
	opened = [os.readlink(f"/proc/{engine.process.pid}/fd/{fd}") for fd in range(3)]
	tap.equal("standard files that were closed are nothing else", opened, ["/dev/null"] * 3)
	healthy("and the home is whole", engine)


def without_module(engine, c):
	"""In a name space of its own, where one of baresip's modules is not there."""
	folder = "/usr/lib/baresip/modules"
	hide = f"mount -t tmpfs none /mnt && cp {folder}/*.so /mnt && rm /mnt/opus.so && mount --bind /mnt {folder}"
	if subprocess.run(["unshare", "-m", "sh", "-c", hide], capture_output=True, check=False).returncode:
		tap.skip("a module of baresip that is missing", "nothing may be mounted here")
		return
	engine.terminate()
	run_as(engine, ["unshare", "-m", "sh", "-c", hide + ' && exec "$0" "$@"', os.path.join(BUILD, "bin", "spctld")])
	finds("a module of baresip that is missing", engine, "baresip", "warning", "opus")
	engine.client().ask("station.add", name="o", did="+14155550199", sip_uri="sip:o@127.0.0.1", codecs="opus", register=False)
	finds("and that a station needs", engine, "baresip", "error", "station o needs it")


def restarted(engine, text):
	"""With other settings."""
	engine.terminate()
	write(os.path.join(engine.home, "spctl.conf"), "sound.device = none\nlog.level = debug\n" + text)
	engine.start()


def ports_of_ours():
	"""(the first of 32 ports, sockets that have them all): none is another's, who might give it back.  The kernel gives none away
	above 60999, and nobody here takes sound from there."""
	while True:
		first, taken = 61000 + 32 * random.randrange(140), []
		try:
			for port in range(first, first + 32):
				taken.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
				taken[-1].bind(("0.0.0.0", port))
			return first, taken
		except OSError:
			for sock in taken:
				sock.close()


def ports(engine, c):
	restarted(engine, "recording.consent_table = /nonexistent/table\n")
	finds("no table of consent", engine, "settings", "warning", "/nonexistent/table: No such file")
	restarted(engine, "sip.rtp_ports = 20000-20003\n")
	finds("too few ports", engine, "ports", "warning", "room for 2 calls")
	restarted(engine, "sip.address = 192.0.2.7\n")
	finds("an address that is not ours", engine, "ports", "error", "192.0.2.7")
	first, taken = ports_of_ours()
	restarted(engine, f"sip.rtp_ports = {first}-{first + 31}\n")
	finds("ports that others have", engine, "ports", "error", "none of the ports")
	for sock in taken:
		sock.close()


def sound(engine, c):
	restarted(engine, "")
	c = engine.client()
	c.ask("station.add", name="d", did="+14155550199", sip_uri="sip:d@127.0.0.1", register=False)
	sql(engine, "UPDATE softphone_stations SET sound_device = 'plughw:NoSuchCard'")
	finds("a sound card that is not there", engine, "sound", "warning", "plughw:NoSuchCard")


def no_engine(engine, c):
	engine.terminate()
	write(os.path.join(engine.home, "spctl.conf"), "sound.device = none\nlog.level = loud\n")
	status, findings = doctor(engine)
	tap.check("without an engine that starts: what it said, with a fix", status == 1 and faults(findings) == [("engine", "error")] and
		"log.level" in findings[0]["text"], findings)
	write(os.path.join(engine.home, "spctl.conf"), "sound.device = none\n")
	os.chmod(os.path.join(engine.home, "master.key"), 0o644)
	status, findings = doctor(engine)
	tap.equal("and what the client sees by itself", (status, faults(findings)), (1, [("engine", "error"), ("key", "error")]))


# ---- stations -------------------------------------------------------------------------------------------------------

def openssl(*args):
	subprocess.run(["openssl", *args], capture_output=True, check=True)


def authority(folder, name, days=365):
	"""A CA's (certificate, key)."""
	pem, key_file = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
	openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name, "-days", "365",
		"-keyout", key_file, "-out", pem)
	if days != 365:
		openssl("x509", "-in", pem, "-signkey", key_file, "-days", str(days), "-out", pem)
	return pem, key_file


def certificate(ca, name, days, names):
	"""A server's (certificate, key), by a CA."""
	folder = os.path.dirname(ca[0])
	pem, key_file, extensions = (os.path.join(folder, f"{name}.{end}") for end in ("pem", "key", "ext"))
	openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
		"-keyout", key_file, "-out", pem + ".csr")
	write(extensions, f"subjectAltName={names}\n")
	openssl("x509", "-req", "-in", pem + ".csr", "-CA", ca[0], "-CAkey", ca[1], "-CAcreateserial", "-days", str(days),
		"-extfile", extensions, "-out", pem)
	return pem, key_file


class Server:
	"""openssl s_server on an address of its own, port 5061."""

	def __init__(self, ip, pair, *more):
		self.process = subprocess.Popen(["openssl", "s_server", "-accept", f"{ip}:5061", "-cert", pair[0], "-key", pair[1], "-quiet", *more],
			stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
		eventually(lambda: answers(ip), what="openssl s_server")

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.process.kill()
		self.process.wait()


def answers(ip):
	try:
		socket.create_connection((ip, 5061), 1).close()
		return True
	except OSError:
		return False


def said(findings):
	return [f["text"] for f in findings if f["area"] == "certificate"]


def ca_files(engine, c):
	ip, home = loopback(), engine.home
	good, soon, past = authority(home, "good"), authority(home, "soon", 10), authority(home, "past", -1)
	c.ask("station.add", name="t", did="+14155550199", sip_uri=f"sip:t@{ip}", transport="tls", tls_ca=good[0], register=False)
	with Server(ip, certificate(good, "pbx", 90, f"IP:{ip}")):
		healthy("a station with TLS", engine)
		c.ask("station.set", name="t", tls_ca=past[0])
		finds("a CA that has expired", engine, "certificate", "error", "has expired on")
		write(home + "/none", "nothing\n")
		c.ask("station.set", name="t", tls_ca=home + "/none")
		finds("a CA file without one", engine, "certificate", "error", "holds no certificate")
		c.ask("station.set", name="t", tls_ca=good[0], tls_cert=good[0])
		finds("a client certificate without its key", engine, "certificate", "error", "no private key", times=1)
		pair = os.path.join(home, "pair.pem")
		with open(good[0], encoding="utf-8") as a, open(good[1], encoding="utf-8") as b:
			write(pair, a.read() + b.read())
		os.chmod(pair, 0o644)
		c.ask("station.set", name="t", tls_cert=pair)
		finds("a private key that others may read", engine, "certificate", "warning", "0644")
		os.chmod(pair, 0o600)
		healthy("and kept from them", engine)
		c.ask("station.set", name="t", tls_verify=False)
		finds("a server that is not verified", engine, "certificate", "warning", "does not verify")
		c.ask("station.set", name="t", tls_verify=True, tls_ca=soon[0])
	with Server(ip, certificate(soon, "by-soon", 90, f"IP:{ip}")):
		finds("a CA that expires soon", engine, "certificate", "warning", "expires on")


def servers(engine, c):
	"""The certificate that the server presents."""
	ip, other, home = loopback(), loopback(), engine.home
	ca, stranger = authority(home, "our-ca"), authority(home, "stranger")
	c.ask("station.add", name="t", did="+14155550199", sip_uri=f"sip:t@{ip}", transport="tls", tls_ca=ca[0], register=False)
	c.ask("station.add", name="u", did="+14155550199", sip_uri=f"sip:u@{ip}", transport="tls", tls_ca=ca[0], register=False)
	both = "station t and 1 other: "
	with Server(ip, certificate(ca, "pbx", 90, f"IP:{ip}")):
		told = said(healthy("a good one", engine))
		tap.check("told once for all its stations, with who made it and when it expires", len(told) == 2 and
			f"{both}its server {ip} has a certificate for pbx by our-ca, which expires in 90 days, on 20" in told[1], told)
		tap.check("for one station", f"station u: its server {ip} has" in said(doctor(engine, "u")[1])[1])
	for name, maker, days, names, level, words in (
			("late", ca, 12, f"IP:{ip}", "warning", "for late by our-ca, which expires in 12 days, on 20"),
			("over", ca, -1, f"IP:{ip}", "error", "has expired: that of over, 1 day ago"),
			("elsewhere", ca, 90, "DNS:pbx.example,IP:192.0.2.9", "error", f"is for pbx.example, 192.0.2.9, not for {ip}"),
			("strange", stranger, 90, f"IP:{ip}", "error", f"is by stranger, and no CA in {ca[0]} vouches for it")):
		with Server(ip, certificate(maker, name, days, names)):
			bad = finds(f"one that is {name}", engine, "certificate", level, words)
			tap.check("of both stations", bad and bad[0]["text"].startswith(both), bad)
	with Server(ip, certificate(stranger, "all", -1, "DNS:pbx.example")):
		status, findings = doctor(engine)
		bad = [f["text"] for f in findings if f["level"] == "error"]
		tap.check("all that is wrong is told at once", status == 1 and len(bad) == 3 and "vouches" in bad[0] and "not for" in bad[1] and
			"expired" in bad[2], bad)
		c.ask("station.set", name="t", tls_verify=False)
		bad = finds("it is nothing to a station that does not verify", engine, "certificate", "warning", "does not verify", "t")
		c.ask("station.set", name="t", tls_verify=True)
	with Server(ip, certificate(ca, "asks", 90, f"IP:{ip}"), "-Verify", "1"):
		told = said(healthy("one that asks for a certificate", engine))
		tap.check("is told", "it asks for a certificate of the station, which has none" in told[1], told)
	with Server(ip, certificate(ca, "old", 90, f"IP:{ip}"), "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"):
		finds("a server of old", engine, "certificate", "error", "does not come to TLS with us")
	finds("nobody there", engine, "certificate", "error", f"its server {ip}, port 5061, cannot be reached: Connection refused")
	silent = socket.create_server((other, 5070))
	for name in ("t", "u"):
		c.ask("station.set", name=name, registrars=f"sip:{other}:5070")
	asked = threading.Thread(target=lambda: finds("a server that says nothing", engine, "certificate", "error",
		f"its server {other}, port 5070, does not come to TLS with us: no answer"))
	asked.start()
	held = silent.accept()
	for _ in range(20):
		c.ask("engine.status")
	tap.check("and others have their answers meanwhile", asked.is_alive())
	asked.join()
	held[0].close()
	silent.close()
	for name in ("t", "u"):
		c.ask("station.set", name=name, registrars="sip:no-such-host.invalid")
	finds("a name of nobody", engine, "certificate", "warning", "its server no-such-host.invalid has no address")


def registration(engine, c):
	desk = Desk(password="s3cret")
	furnish(c, f"sip:200@{desk.ip}", auth_user="200", password="s3cret")
	tap.equal("nobody sits there: not looked at unless asked", [f for f in doctor(engine)[1] if f["area"] == "registration"], [])
	findings = healthy("--register registers it", engine, "--register")
	tap.check("and says so", any(f["area"] == "registration" and "registers" in f["text"] for f in findings))
	status, findings = doctor(engine, "s-anna", "--trace")
	trace = next(f for f in findings if f["area"] == "registration")["trace"]
	text = "\n".join(m["text"] for m in trace)
	tap.check("the trace has the exchange", status == 0 and [m["sent"] for m in trace[:2]] == [True, False] and
		trace[0]["text"].startswith("REGISTER sip:") and "401" in trace[1]["text"].split("\n")[0], trace)
	tap.check("with the digest response masked", "response=***" in text and not re.search(r"response=.?[0-9a-f]", text) and
		"s3cret" not in text, text)
	people = doctor(engine, "s-anna", "--trace", form="--quiet")[1]
	tap.check("people see it as well", "> REGISTER sip:" in people and "< SIP/2.0 200" in people and "response=***" in people, people)
	c.ask("station.set", name="s-anna", password="wrong")
	finds("a wrong password", engine, "registration", "error", "40", "s-anna")
	c.ask("station.set", name="s-anna", password="s3cret")
	c.ask("session.login", user="anna", station="s-anna")
	findings = healthy("an agent sits there", engine, "s-anna", "--trace")
	tap.check("and is not disturbed", any("anna sits at it" in f["text"] for f in findings))
	tap.equal("a station that does not exist", doctor_fails(engine, "nowhere"), 65)


def doctor_fails(engine, *args):
	return subprocess.run([SPCTL, "doctor", *args], capture_output=True, env={**os.environ, "SPCTL_HOME": engine.home},
		check=False).returncode


def stun(engine, c):
	server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	server.bind(("127.0.0.1", 0))
	port = server.getsockname()[1]
	c.ask("station.add", name="n", did="+14155550199", sip_uri="sip:n@127.0.0.1", register=False, nat="stun",
		nat_server=f"stun:127.0.0.1:{port}")
	bad = finds("a STUN server that says nothing", engine, "stun", "error", "does not answer")
	tap.check("named", f"stun:127.0.0.1:{port}" in bad[0]["text"], bad)

	def answer():
		server.settimeout(0.05)
		try:
			while True:
				server.recv(100)        # what it was asked until now
		except socket.timeout:
			server.settimeout(20)
		data, who = server.recvfrom(100)
		server.sendto(b"nonsense", who)
		server.sendto(b"\x01\x01\x00\x0c" + data[4:20] + b"\x00\x20\x00\x08\x00\x01\x00\x00" + bytes(
			a ^ b for a, b in zip(b"\xc6\x33\x64\x07", b"\x21\x12\xa4\x42")), who)
	threading.Thread(target=answer, daemon=True).start()
	findings = healthy("a STUN server that answers", engine)
	tap.check("as who it sees us", any("198.51.100.7" in f["text"] for f in findings), findings)


def alone(part):
	with tap.guard(part.__name__), Engine() as engine:
		part(engine, engine.client())


@tap.main
def test():
	parts = [servers, ca_files, well, settings, key, database, disk, recordings, clock, without_guard, without_standard_files,
		without_module, ports, sound, no_engine, registration, stun]             # the longest first
	waiting, lock = list(parts), threading.Lock()

	def work():
		while True:
			with lock:
				if not waiting:
					return
				part = waiting.pop(0)
			alone(part)
	workers = [threading.Thread(target=work) for _ in range(4)]
	for worker in workers:
		worker.start()
	for worker in workers:
		worker.join()
