#!/usr/bin/python3
"""The loop waits for nobody: while passwords are hashed, recordings read and one client asks much, others have their answers;
a digest that was cut off is computed at the next start; and what an engine takes along from whoever started it."""
import fcntl
import json
import os
import pwd
import signal
import sqlite3
import stat
import struct
import subprocess
import termios
import threading
import time

from desk import BUILD, Engine, eventually, furnish, in_order_of_answers
import tap

LARGE = 320 << 20           # bytes: some tenths of a second on the fastest machine
SPCTL = os.path.join(BUILD, "bin", "spctl")


def sql(engine, text):
	"""Changes the file behind the engine's back."""
	with sqlite3.connect(os.path.join(engine.home, "spctl.db"), timeout=10) as base:
		base.executescript(text)


def unread(client):
	"""Bytes that we have sent and the engine has not read yet."""
	return struct.unpack("i", fcntl.ioctl(client.socket, termios.TIOCOUTQ, bytes(4)))[0]


def stopped(pid):
	with open(f"/proc/{pid}/stat") as file:
		return file.read().rsplit(")", 1)[1].split()[0] == "T"


def passwords(engine, c, other):
	order = [method for method, _ in in_order_of_answers(c, *(("user.set", {"login": "anna", "password": f"secret {i}"}) for i in range(5)),
		("engine.status", {}))]
	tap.equal("a question is answered before five passwords are hashed", (order.index("engine.status") < 5, len(order)), (True, 6))
	tap.check("and all of them are", c.ask("user.show", login="anna")["has_password"])
	rows = c.ask("audit.list", event="user.set")["items"]
	tap.equal("with who did it", ({r["actor"].split()[0] for r in rows if r["actor"]}, len(rows)), ({pwd.getpwuid(os.getuid()).pw_name}, 5))


def both_asked(engine, c, other):
	"""Both have asked when the engine wakes, the one with much a moment before.  In which of his answers what the other adds stands."""
	line = json.dumps({"jsonrpc": "2.0", "id": 10000, "method": "station.list", "params": {}}) + "\n"
	numbers = range(10000, 13000)
	os.kill(engine.process.pid, signal.SIGSTOP)
	eventually(lambda: stopped(engine.process.pid), what="a stop")
	sender = threading.Thread(target=lambda: c.socket.sendall("".join(line.replace("10000", str(n)) for n in numbers).encode()))
	sender.start()
	eventually(lambda: unread(c) > 100000, what="much that is asked")
	added = other.send("station.add", {"name": "meanwhile", "did": "+14155550199", "sip_uri": "sip:m@127.0.0.1", "register": False})
	os.kill(engine.process.pid, signal.SIGCONT)
	other.answer(added)
	sender.join()
	names = [[station["name"] for station in c.answer(n, 60)["items"]] for n in numbers]
	tap.check("who asks 3000 things at once has all the answers", all(names))
	other.ask("station.rm", name="meanwhile")
	return ["meanwhile" in of_one for of_one in names]


def much_at_once(engine, c, other):
	for _ in range(5):              # the kernel may tell of the other one first, which proves nothing
		seen = both_asked(engine, c, other)
		if not seen[0]:
			break
	tap.check("and does not have the engine alone", seen[-1], f"{seen.count(False)} of {len(seen)} came before another's order")
	tap.note(f"{seen.count(False)} of {len(seen)} answers came before another's")


def recording(engine, number):
	"""The path of a recording that an engine before has left open; the call is over."""
	now = int(time.time() * 1000)           # an old one would be deleted for its age, a second after an engine's start
	sql(engine, f"""INSERT INTO softphone_call_logs (id, tenant_id, direction, number, user_id, station_id, state, forced,
		counts_toward_cap, started_at, ended_at, encrypted, owes_disposition)
		VALUES ({number}, 1, 'outbound', '+1', 1, 1, 'ended', 0, 0, {now}, {now}, 0, 0);
		INSERT INTO softphone_recordings (tenant_id, call_id, path, started_at) VALUES (1, {number}, '1/{number}.flac', {now})""")
	folder = os.path.join(engine.home, "recordings", "1")
	os.makedirs(folder, mode=0o700, exist_ok=True)
	return os.path.join(folder, f"{number}.flac")


def row(c, number):
	return c.ask("recording.list", call=number)["items"][0]


def closed(c, number):
	return eventually(lambda: (lambda r: r if r["ended_at"] else None)(row(c, number)), 60, "the digest")


def digest(path):
	return subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout.split()[0]


def large_recording(engine, c, other):
	for number, size in ((77, LARGE), (79, 3 * LARGE), (80, 9 * LARGE)):    # where we are kept waiting so long that it was read meanwhile
		path = recording(engine, number)
		with open(path, "wb") as file:
			file.truncate(size)
		engine.terminate()
		c = engine.start().client()
		at_ready = row(c, number)["ended_at"]
		for _ in range(20):
			c.ask("engine.status")
		later = row(c, number)["ended_at"]
		engine.kill()
		c = engine.start().client()
		after_kill = row(c, number)["ended_at"]
		done = closed(c, number)
		if (at_ready, later, after_kill) == (None, None, None):
			break
	tap.equal("an engine is ready before a large recording is read", at_ready, None)
	tap.equal("and answers while it is", later, None)
	tap.equal("killed over it: it is still open", after_kill, None)
	tap.equal("and closed by the next engine", (done["sha256"], done["size_bytes"]), (digest(path), size))
	(first, _), (last, verdict) = in_order_of_answers(c, ("recording.verify", {}), ("session.list", {}))
	tap.equal("others have answers while recordings are verified", (first, last), ("session.list", "recording.verify"))
	tap.equal("which finds nothing wrong", verdict["wrong"], 0)
	(first, _), (last, piece) = in_order_of_answers(c, ("history.recording", {"call": number}), ("session.list", {}))
	tap.equal("and while one is held against its digest", (first, last), ("session.list", "history.recording"))
	tap.equal("before its first piece is given", piece["size"], size)
	c.send("recording.verify", {})
	tap.equal("an engine that is told to stop meanwhile does: exit status", engine.terminate(), 0)
	engine.start()


def written_recording(engine, c, other):
	"""The media process of an engine that was killed may still be writing."""
	path = recording(engine, 78)
	with open(path, "wb") as file:
		file.write(b"some")
		file.flush()
		engine.terminate()
		c = engine.start().client()
		tap.equal("a file that somebody still writes is not read", row(c, 78)["ended_at"], None)
		file.write(b" more")
	done = closed(c, 78)
	tap.equal("when he is through it is", (done["sha256"], done["size_bytes"]), (digest(path), 9))


def surroundings(engine, c, other):
	"""Started by spctl itself, from a shell with secrets in its environment."""
	engine.terminate()
	env = {**os.environ, "SPCTL_HOME": engine.home, "AWS_SECRET_ACCESS_KEY": "hunter2", "LD_LIBRARY_PATH": "/nonexistent", "HOME": "/root"}
	subprocess.run(["nice", "-n", "3", SPCTL, "tenant", "show"], env=env, capture_output=True, preexec_fn=lambda: os.umask(0),
		cwd=engine.home, check=True)
	status = json.loads(subprocess.run([SPCTL, "engine", "status", "--json"], env=env, capture_output=True, check=True).stdout)
	proc = f"/proc/{status['pid']}"
	with open(f"{proc}/environ", "rb") as file:
		names = {entry.split(b"=")[0].decode() for entry in file.read().split(b"\0") if entry}
	tap.equal("of the environment it takes what it needs", names - {"ASAN_OPTIONS", "UBSAN_OPTIONS", "XDG_RUNTIME_DIR", "XDG_DATA_HOME",
		"XDG_CONFIG_HOME"}, {"PATH", "HOME", "SPCTL_HOME"})
	with open(f"{proc}/status", encoding="ascii") as file:
		lines = dict(line.rstrip("\n").split(":\t", 1) for line in file)
	tap.equal("its umask is its own", lines["Umask"], "0077")
	tap.equal("it has no signal blocked", int(lines["SigBlk"], 16), 0)
	tap.equal("it stands in no folder of anybody's", os.readlink(f"{proc}/cwd"), "/")
	open_files = [os.readlink(f"{proc}/fd/{n}") for n in os.listdir(f"{proc}/fd")]
	tap.check("nothing of the terminal's is open", not any(name.startswith(("/dev/pts", "/dev/tty")) for name in open_files), open_files)
	with open(os.path.join(engine.home, "run", "spctld.log"), encoding="utf-8") as file:
		tap.check("that it is nice is told", f"nice {min(19, os.nice(0) + 3)}," in file.read())
	tap.equal("its log is its owner's alone", stat.S_IMODE(os.stat(os.path.join(engine.home, "run", "spctld.log")).st_mode), 0o600)
	subprocess.run([SPCTL, "engine", "stop"], env=env, capture_output=True, check=True)


def hang_up(engine, c, other):
	engine.start()
	os.kill(engine.process.pid, 1)
	tap.equal("SIGHUP ends it in order", engine.process.wait(15), 0)


@tap.main
def test():
	with Engine() as engine:
		furnish(engine.client(), "sip:a@127.0.0.1", register=False)
		for part in (passwords, much_at_once, large_recording, written_recording, surroundings, hang_up):
			with tap.guard(part.__name__):
				alive = engine.process.poll() is None
				part(engine, engine.client() if alive else None, engine.client() if alive else None)
