#!/usr/bin/python3
"""The database under a running engine: backups, and what is refused at a start."""
import os
import resource
import sqlite3
import subprocess

from desk import BUILD, Client, Engine
import tap

def database(engine):
	return sqlite3.connect(os.path.join(engine.home, "spctl.db"), isolation_level=None)


def spctld(engine, home=None):
	"""Starts an engine that must not come up; gives its status, its sentence, and what it told its starter."""
	ours, theirs = os.pipe()
	run = subprocess.run([os.path.join(BUILD, "bin", "spctld"), "--private", "--ready-fd", str(theirs)], pass_fds=[theirs], timeout=30,
		stdin=subprocess.DEVNULL, capture_output=True, text=True, env={"PATH": os.environ["PATH"], "SPCTL_HOME": home or engine.home})
	os.close(theirs)
	with os.fdopen(ours) as ready:
		return run.returncode, run.stderr, ready.read()


def backups(c, engine):
	path = os.path.join(engine.home, "copy.db")
	c.ask("user.add", login="anna")
	answer = c.ask("db.backup", path=path)
	tap.equal("a backup tells path and size", answer, {"path": path, "size_bytes": os.stat(path).st_size})
	tap.equal("it is the owner's alone", os.stat(path).st_mode & 0o777, 0o600)
	with sqlite3.connect(path) as copy:
		tap.equal("it has the rows", copy.execute("SELECT login FROM softphone_users").fetchall(), [("anna",)])
	refusal = c.refused("db.backup", path=path)
	tap.check("it overwrites nothing", refusal.code == "conflict" and path in refusal.message, refusal.message)
	tap.equal("a folder that is not there", c.refused("db.backup", path=path + "/x").code, "cannot_create")
	tap.equal("a relative path", c.refused("db.backup", path="copy.db").code, "invalid")
	rows = c.ask("audit.list", event="db.backup")["items"]
	tap.equal("one row in the audit", [path in r["detail"] for r in rows], [True])


def told(c):
	c.ask("station.add", name="pod1", did="+14155550199", sip_uri="sip:100@127.0.0.1", password="not for the log")
	row = c.wait("audit.added", event="station.add")
	tap.check("a change is told with its audit row", "pod1" in row["detail"] and "not for" not in row["detail"], row)
	c.ask("station.add", name="pod2", did="+14155550199", sip_uri="sip:100@127.0.0.1", dry_run=True)
	c.ask("dispo.add", code="late", label="Late")
	c.wait("audit.added", event="dispo.add")
	tap.check("a dry run leaves none", not [e for e in c.events if "pod2" in str(e)])


def found_in_memory(pid, secret):
	"""Where the engine's memory holds it: what it allocated, its stacks, its own data."""
	places = []
	with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
		for line in maps:
			span, rights, _, _, inode, *name = line.split()
			start, end = (int(address, 16) for address in span.split("-"))
			if rights[:2] != "rw" or end - start > 1 << 28:         # that large is only what nothing is written to
				continue
			try:
				memory.seek(start)
				at = memory.read(end - start).find(secret)
			except OSError:
				continue
			if at >= 0:
				places.append((*name, hex(start + at)))
	return places


def forgotten(c, engine):
	"""A password is wiped once it is sealed, hashed, or handed to the phone."""
	sip, nat, login = "Trillian-4711-in-the-clear", "Marvin-4712-in-the-clear", "Slartibartfast-4713-in-the-clear"
	pid = engine.process.pid
	try:
		open(f"/proc/{pid}/mem", "rb", 0).close()
	except PermissionError:
		tap.skip("what memory keeps of passwords", "this process may not read that of another")
		return
	c.ask("dispo.add", code="Trillian-4711".lower(), label="Trillian-4711-is-found")
	tap.check("what the engine holds is found there", found_in_memory(pid, b"Trillian-4711-is-found"))
	c.ask("user.add", login="ford", password=login)
	c.ask("station.add", name="bar", did="+14155550198", sip_uri="sip:100@127.0.0.1:9", register=False, password=sip, nat="ice",
		nat_server="turn:127.0.0.1:9", nat_user="ford", nat_password=nat)
	tap.equal("a password that was set is gone", [found_in_memory(pid, s.encode()) for s in (sip, nat, login)], [[], [], []])
	c.ask("session.login", user="ford", station="bar", password=login)
	tap.equal("and while its phone is open", [found_in_memory(pid, s.encode()) for s in (sip, nat, login)], [[], [], []])
	c.ask("session.logout", user="ford")


def no_room(engine):
	c = engine.client()
	tap.check("a user while there is room", c.ask("user.add", login="before")["id"])
	limits = resource.prlimit(engine.process.pid, resource.RLIMIT_FSIZE)
	resource.prlimit(engine.process.pid, resource.RLIMIT_FSIZE, (0, limits[1]))
	refusal = c.refused("user.add", login="without")
	tap.check("no room: a clear refusal", refusal.code == "failed" and "cannot be written" in refusal.message, refusal.message)
	refusal = c.refused("db.backup", path=os.path.join(engine.home, "full.db"))
	tap.check("no room for a backup", refusal.code == "failed", refusal.message)
	tap.check("no half of one stays", not [n for n in os.listdir(engine.home) if n.startswith("full")], os.listdir(engine.home))
	refusal = c.refused("key.rotate")
	tap.check("no room for a key", refusal.code in ("failed", "cannot_create"), refusal.message)
	resource.prlimit(engine.process.pid, resource.RLIMIT_FSIZE, limits)
	tap.equal("reading went on", [u["login"] for u in c.ask("user.list")["items"]][-1], "before")
	tap.check("and there is room again", c.ask("user.add", login="after")["login"] == "after")
	tap.equal("the keys too", len(c.ask("key.rotate")["keys"]), 1)
	c.close()


def refused_starts(engine):
	status, sentence, told_starter = spctld(engine)
	tap.check("two engines on one home", status in (65, 69) and str(engine.process.pid) in sentence, (status, sentence))
	tap.check("the starter is told", told_starter.startswith("error conflict "), told_starter)
	c = engine.client()
	tap.check("the first goes on", c.ask("db.status")["schema"] >= 1)
	c.close()
	engine.kill()
	engine.start()
	tap.check("a killed engine's lock holds nobody up", engine.client().ask("engine.status")["pid"] == engine.process.pid)
	engine.terminate()

	with database(engine) as db:
		[schema] = db.execute("PRAGMA user_version").fetchone()
		db.execute("PRAGMA user_version = 999")
	status, sentence, _ = spctld(engine)
	tap.check("a newer schema", status == 78 and "999" in sentence, (status, sentence))
	with database(engine) as db:
		tap.equal("is left alone", db.execute("PRAGMA user_version").fetchone(), (999,))
		db.execute(f"PRAGMA user_version = {schema}")

	key = os.path.join(engine.home, "master.key")
	with open(key) as file:
		kept = file.read()
	number, digits = kept.split()
	for name, text in (("another key", f"{number} {digits[::-1]}\n"), ("a key of another id", f"9999 {digits}\n"), ("no key", "\n")):
		with open(key, "w") as file:
			file.write(text)
		status, sentence, _ = spctld(engine)
		tap.check(f"{name} in the key file", status == 78 and key in sentence and digits not in sentence, (status, sentence))
	os.unlink(key)
	status, sentence, _ = spctld(engine)
	tap.check("no key file, and none is made", status == 78 and key in sentence and not os.path.exists(key), (status, sentence))
	with open(key, "w") as file:
		file.write(kept)
	os.chmod(key, 0o600)
	engine.start()
	tap.check("with its own again all is well", engine.client().ask("station.show", name="pod1")["has_password"])


def no_preset_tenant(engine):
	"""Several tenants, none of them "default": who names one is served, also by a connection that is new."""
	c = engine.client()
	c.ask("tenant.set", name="first")
	c.ask("tenant.add", name="second")
	c.ask("tenant.set", tenant="second", timezone="Etc/UTC")
	c = Client(os.path.join(engine.home, "run", "spctld.sock"))
	tap.equal("a tenant that is named", c.ask("tenant.show", tenant="second")["timezone"], "Etc/UTC")
	tap.equal("all of them", [t["name"] for t in c.ask("tenant.list")["items"]], ["first", "second"])
	refusal = c.refused("tenant.show")
	tap.check("none named", refusal.code == "invalid" and "(first, second): name one" in refusal.message, refusal.message)


def fresh_home_without_room(engine):
	"""A start that fails leaves no database behind that a later one would take for whole."""
	home = os.path.join(engine.home, "fresh")
	program = "ulimit -f 8; exec \"$0\" --private"
	run = subprocess.run(["sh", "-c", program, os.path.join(BUILD, "bin", "spctld")], timeout=30, stdin=subprocess.DEVNULL, capture_output=True,
		text=True, env={"PATH": os.environ["PATH"], "SPCTL_HOME": home})
	tap.check("a start without room", run.returncode == 1 and "cannot be written" in run.stderr, (run.returncode, run.stderr))
	tap.check("leaves no database", not os.path.exists(os.path.join(home, "spctl.db")), os.listdir(home))


def stays(engine):
	"""For as long as an engine would need to leave: it has nothing to wait for."""
	try:
		return engine.process.wait(0.3) is None
	except subprocess.TimeoutExpired:
		return True


def leaves_by_itself():
	"""A private engine with no time to linger: it waits for whom it was started, for its clients, and for who is logged in."""
	with Engine(settings="engine.linger_seconds = 0") as engine:
		tap.check("it waits for the client for whom it was started", stays(engine))
		c = engine.client()
		c.ask("station.add", name="pod1", did="+14155550199", sip_uri="sip:100@127.0.0.1", register=False)
		c.ask("user.add", login="anna")
		c.ask("session.login", user="anna", station="pod1")
		c.close()
		tap.check("it stays while somebody is logged in", stays(engine))
		c = engine.client()
		c.ask("session.logout", user="anna")
		c.close()
		tap.equal("it leaves behind the last", engine.process.wait(20), 0)


@tap.main
def test():
	with Engine() as engine:
		c = engine.client()
		backups(c, engine)
		told(c)
		forgotten(c, engine)
		no_room(engine)
		refused_starts(engine)
		fresh_home_without_room(engine)
		no_preset_tenant(engine)
	leaves_by_itself()
