#!/usr/bin/python3
"""A station's line is as safe as its settings say: certificates that are checked, or by an admin's order not; our own one
where the server asks for it; files and secrets that cannot be used end a login in words; a station that encrypts talks to
nobody in the clear, and the agent is told."""
import os
import shutil
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile

from desk import BOB, BUILD, Desk, Engine, eventually, furnish, loopback
from servers import StreamRegistrar
import tap

CERTIFICATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "module", "certificates")
MODULES = "/usr/lib/baresip/modules"


class Tls(StreamRegistrar):
	"""A registrar behind one certificate, which may ask for the phone's."""

	def __init__(self, ip, folder, certificate, asks=False):
		context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
		context.load_cert_chain(f"{folder}/{certificate}.pem")
		if asks:
			context.verify_mode = ssl.CERT_REQUIRED
			context.load_verify_locations(f"{folder}/ca.pem")
		super().__init__(ip, context)


def station(c, name, ip, server, folder, **more):
	c.ask("station.add", name=name, did=BOB, sip_uri=f"sip:200@{ip}:{server.port}", transport="tls",
		**{"tls_ca": f"{folder}/ca.pem", **more})


def log_in(c, name):
	"""Whether it registers; then the agent leaves again."""
	registered = c.ask("session.login", user="anna", station=name)["registered"]
	c.ask("session.logout")
	return registered


def verification(c, ip, folder):
	good, wrong = Tls(ip, folder, "good"), Tls(ip, folder, "selfsigned")
	station(c, "good", ip, good, folder)
	tap.check("a good certificate is taken", log_in(c, "good"))
	station(c, "wrong", ip, wrong, folder)
	error = c.refused("session.login", user="anna", station="wrong")
	tap.check("another one is refused, in words", error.code == "unavailable" and "certificate is not accepted: self-signed" in error.message,
		error.message)
	error = c.refused("station.test", name="wrong")
	tap.check("and by station.test", "self-signed" in error.message, error.message)
	tap.equal("nothing was sent", wrong.got, [])
	shown = c.ask("station.set", name="wrong", tls_verify=False)
	tap.equal("an admin may take the check off", shown["tls_verify"], False)
	rows = [r for r in c.all("audit.list") if r["event"] == "station.set" and "tls_verify" in (r["detail"] or "")]
	tap.equal("which the audit log keeps", len(rows), 1)
	tap.check("then it registers", log_in(c, "wrong"))
	c.ask("station.set", name="wrong", tls_verify=True)
	tap.equal("and no more when it is on again", c.refused("session.login", user="anna", station="wrong").code, "unavailable")


def udp_places(pid):
	files = f"/proc/{pid}/fd"
	mine = {os.readlink(os.path.join(files, fd)) for fd in os.listdir(files)}
	with open("/proc/net/udp") as table:
		rows = [line.split() for line in table.readlines()[1:]]
	return [(socket.inet_ntoa(bytes.fromhex(row[1][:8])[::-1]), int(row[1][9:], 16)) for row in rows if f"socket:[{row[9]}]" in mine]


def made_up_source(c, engine, ip, folder):
	"""A station of TLS hears an INVITE from its server's address, but by UDP, where anybody may write that."""
	station(c, "udp", ip, Tls(ip, folder, "good"), folder)
	c.ask("session.login", user="anna", station="udp")
	answers = []
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
		sock.bind((ip, 0))
		sock.settimeout(15)
		for place in udp_places(engine.child("baresip")):
			sdp = f"v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
			sock.sendto((f"INVITE sip:200@{ip} SIP/2.0\r\nVia: SIP/2.0/UDP {ip}:{sock.getsockname()[1]};branch=z9hG4bK1;rport\r\n"
				f"From: <sip:boss@{ip}>;tag=1\r\nTo: <sip:200@{ip}>\r\nCall-ID: made-up\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n"
				f"Contact: <sip:boss@{ip}>\r\nContent-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}").encode(), place)
		while not any(a[8:11] >= b"300" for a in answers):
			answers.append(sock.recv(65536))
	tap.check("an INVITE by UDP to a station of TLS is refused, whoever's address it bears", answers[-1].startswith(b"SIP/2.0 403"), answers)
	tap.equal("and rings nowhere", (c.ask("call.list")["items"], c.all("history.list")), ([], []))
	c.ask("session.logout")


def own_certificate(c, ip, folder):
	server = Tls(ip, folder, "good", asks=True)
	station(c, "own", ip, server, folder)
	error = c.refused("session.login", user="anna", station="own")
	tap.check("a server that asks for a certificate: its refusal is told", "the server asks for a certificate, and this station has none" in error.message, error.message)
	c.ask("station.set", name="own", tls_cert=f"{folder}/client.pem")
	tap.check("with one it registers", log_in(c, "own"))


def files(c, ip, folder):
	server = Tls(ip, folder, "good")
	station(c, "files", ip, server, folder)
	subprocess.run(["openssl", "rsa", "-aes128", "-passout", "pass:x", "-in", f"{folder}/server.key", "-out", f"{folder}/locked.key"],
		check=True, stderr=subprocess.DEVNULL)
	for name, parts in (("locked", ("client.crt", "locked.key")), ("pair", ("client.crt", "weak.key")), ("nokey", ("client.crt",)),
			("old", ("expired.crt", "server.key"))):
		with open(f"{folder}/{name}.pem", "w") as out:
			for part in parts:
				with open(f"{folder}/{part}") as file:
					out.write(file.read())
	for field, path, words in (("tls_cert", f"{folder}/gone.pem", "cannot be read: No such file"), ("tls_cert", f"{folder}/locked.pem", "locked by a password"),
			("tls_cert", f"{folder}/pair.pem", "is not that of its first certificate"), ("tls_cert", f"{folder}/nokey.pem", "holds no private key"),
			("tls_cert", f"{folder}/old.pem", "has expired"), ("tls_cert", f"{folder}/server.key", "holds no certificate"),
			("tls_ca", f"{folder}/gone.pem", "cannot be read: No such file"), ("tls_ca", f"{folder}/server.key", "holds no certificate")):
		c.ask("station.set", name="files", tls_cert="", tls_ca=f"{folder}/ca.pem")
		with open(path, "a"):           # it is there when it is set
			c.ask("station.set", name="files", **{field: path})
		if "gone" in path:
			os.unlink(path)
		error = c.refused("session.login", user="anna", station="files")
		tap.check(f"{field} {os.path.basename(path)}: a fault of the configuration, in words",
			error.code == "config" and words in error.message and path in error.message, f"{error.code}: {error.message}")
	tap.equal("nothing was sent", server.got, [])


def never_in_the_clear(c, desk):
	c.ask("station.add", name="secret", did=BOB, sip_uri=f"sip:200@{desk.ip}", auth_user="200", password="s3cret", media_enc="dtls")
	c.ask("session.login", user="anna", station="secret")
	dialog = desk.ring()
	dialog.wait("refused 488")
	notice = c.wait("notice", words="it offered no encrypted sound", level="warning")
	tap.check("a call without encryption is refused, and told", "dtls" in notice["text"], notice)
	missed = eventually(lambda: [row for row in c.all("history.list") if row["state"] == "ended"])[0]
	tap.equal("and is in history", (missed["direction"], missed["state"], missed["sip_code"]), ("inbound", "ended", 488))
	c.events.clear()
	desk.does[BOB] = "code-488"
	call = c.ask("call.dial", number=BOB)
	c.wait_call(call["id"], "ended")
	tap.check("INVITE offered encrypted media alone", "UDP/TLS/RTP/SAVP" in desk.received("^INVITE")[-1] and " RTP/AVP " not in desk.received("^INVITE")[-1])
	tap.check("a far end that refuses it: the agent is told", c.wait("notice", words="takes no encrypted sound (488)"))
	shown = c.ask("call.show", call=call["id"])
	tap.equal("and nothing was said", (shown["sip_code"], shown["encrypted"], shown["talk_seconds"]), (488, False, 0))
	c.ask("dispo.save", code="other")
	c.events.clear()
	desk.does[BOB] = "answer-0"
	call = c.ask("call.dial", number=BOB)
	c.wait_call(call["id"], "ended")
	tap.check("one that answers in the clear all the same: told as well", c.wait("notice", words="the far end's SDP offers sound that is not encrypted"))
	shown = c.ask("call.show", call=call["id"])
	tap.check("and why the call has ended stands in it", "not encrypted" in shown["sip_reason"] and not shown["encrypted"] and not shown["talk_seconds"], shown)
	c.ask("dispo.save", code="other")
	c.ask("session.logout")


def sealed():
	"""A password that no key opens, as after a wrong restore."""
	with Engine() as engine:
		c = engine.client()
		furnish(c, f"sip:200@{loopback()}", auth_user="200", password="s3cret")
		c.close()
		engine.terminate()
		with sqlite3.connect(os.path.join(engine.home, "spctl.db")) as db:
			blob = bytearray(db.execute("SELECT sip_credentials_encrypted FROM softphone_stations").fetchone()[0])
			blob[-1] ^= 1
			db.execute("UPDATE softphone_stations SET sip_credentials_encrypted = ?", (bytes(blob),))
		engine.start()
		ran = subprocess.run([os.path.join(BUILD, "bin", "spctl"), "login", "anna", "s-anna"], env={**os.environ, "SPCTL_HOME": engine.home},
			stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30)
		tap.check("a password that cannot be unsealed: status 78, in words",
			ran.returncode == 78 and "password cannot be read" in ran.stderr and "s3cret" not in ran.stderr, f"{ran.returncode}: {ran.stderr}")


def missing_module():
	"""In here baresip has no module srtp."""
	ip = loopback()
	with Engine() as engine:
		c = engine.client()
		furnish(c, f"sip:200@{ip}", auth_user="200", password="s3cret")
		for name, more in (("srtp", {"media_enc": "sdes", "transport": "tls"}), ("ice", {"nat": "ice"})):
			c.ask("station.add", name=name, did=BOB, sip_uri=f"sip:200@{ip}", **more)
			error = c.refused("session.login", user="anna", station=name)
			tap.check(f"module {name} is missing: status 78, naming it and its package",
				error.code == "config" and f"module {name} is missing" in error.message and "baresip-core" in error.message, error.message)


def without_modules():
	own = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
	with tempfile.TemporaryDirectory(prefix="spctl-modules-") as folder:
		for name in os.listdir(MODULES):
			if name not in ("srtp.so", "ice.so"):
				shutil.copy(os.path.join(MODULES, name), folder)
		script = 'mount --bind "$1" ' + MODULES + ' && exec "$2" "$3" missing'
		ran = subprocess.run([*own, "sh", "-c", script, "sh", folder, sys.executable, os.path.abspath(__file__)], capture_output=True, text=True, check=False)
		if "ok 1" not in ran.stdout:
			tap.skip("a missing module", f"no file system of its own can be had here: {ran.stderr[-200:]}")
		for line in ran.stdout.splitlines():
			if line.startswith(("ok ", "not ok ")):
				tap.check(line.partition(" - ")[2], line.startswith("ok"), ran.stdout)


@tap.main
def test():
	if sys.argv[1:] == ["missing"]:
		missing_module()
		return
	ip = loopback()
	with tempfile.TemporaryDirectory(prefix="spctl-tls-") as folder, Engine() as engine:
		subprocess.run([CERTIFICATES, folder, ip], check=True)
		c, desk = engine.client(), Desk()
		furnish(c, f"sip:200@{desk.ip}", auth_user="200", password="s3cret")
		for part in (verification, own_certificate, files):
			with tap.guard(part.__name__):
				part(c, ip, folder)
		with tap.guard("made up source"):
			made_up_source(c, engine, ip, folder)
		with tap.guard("never in the clear"):
			never_in_the_clear(c, desk)
	with tap.guard("sealed"):
		sealed()
	with tap.guard("without modules"):
		without_modules()
