#!/usr/bin/python3
"""Recordings of calls: by setting and permission, announced, paused, without room, kept, checked and deleted."""
import base64
import hashlib
import os
import sqlite3
import subprocess
import sys
import time

import numpy as np

from desk import BOB, BUILD, Engine, FarEnd, PATIENCE, eventually, furnish, recorded, tone
from switch import Switch
import spectrum
import tap


def database(engine):
	return sqlite3.connect(os.path.join(engine.home, "spctl.db"), isolation_level=None)


def dial(c, **more):
	call = c.ask("call.dial", number=BOB, **more)
	return c.wait_call(call["id"], "active")


def done(c, call):
	"""Hangs up, saves, and gives the call with its recordings closed."""
	if c.ask("call.list")["items"]:
		c.ask("call.hangup")
	eventually(lambda: c.ask("call.show", call=call)["state"] == "ended", PATIENCE)
	c.ask("dispo.save", code="completed", call=call)
	return eventually(lambda: (lambda row: row if all(r["ended_at"] for r in row["recordings"]) else None)(c.ask("call.show", call=call)), PATIENCE)


def state(c, call):
	return c.ask("call.show", call=call).get("recording")


def by_setting(engine, far):
	c = engine.client()
	c.ask("tenant.set", record=False)
	call = dial(c)["id"]
	tap.equal("off by the tenant", state(c, call), "off")
	tap.equal("what is not recorded cannot be paused", c.refused("call.record_pause").code, "conflict")
	tap.equal("no recording", done(c, call)["recordings"], [])
	c.ask("station.set", name="s-anna", record="on")
	call = dial(c)["id"]
	eventually(lambda: state(c, call) == "recording", PATIENCE)
	[recording] = done(c, call)["recordings"]
	path = recording["path"]
	tap.equal("on by the station, named by the call", path, os.path.join(engine.home, "recordings", "1", f"{call}.flac"))
	tap.equal("nobody else reads it", (oct(os.stat(path).st_mode & 0o777), oct(os.stat(os.path.dirname(path)).st_mode & 0o777)), ("0o600", "0o700"))
	with open(path, "rb") as file:
		digest = hashlib.sha256(file.read()).hexdigest()
	tap.equal("with its digest and size", (recording["sha256"], recording["size_bytes"]), (digest, os.stat(path).st_size))
	c.ask("tenant.set", record=True)
	c.ask("station.set", name="s-anna", record="off")
	call = dial(c)["id"]
	tap.equal("off by the station", state(c, call), "off")
	done(c, call)
	c.ask("station.set", name="s-anna", record="tenant")
	call = dial(c, record=False)["id"]
	tap.equal("an admin has one go unrecorded", state(c, call), "off")
	tap.equal("which is audited", [r["call_id"] for r in c.ask("audit.list", event="recording_off")["items"]], [call])
	done(c, call)
	c.ask("tenant.set", record_required=True)
	refusal = c.refused("call.dial", number=BOB, record=False)
	tap.check("but not where every call must be recorded", refusal.code == "not_permitted" and "record_required" in refusal.message, refusal.message)
	c.ask("tenant.set", record_required=False)
	c.close()


def said(engine, call):
	"""Waits until the announcement of that call has been said."""
	eventually(lambda: f"call {call}: announce_end" in engine.log(), PATIENCE)


def announced(engine, far):
	"""Who hears the announcement, a short tone here; the number is dialled without its country, so that no state of it is known."""
	c = engine.client()
	sound = tone(os.path.join(engine.home, "said.wav"), 700, 0.4)
	tap.equal("an announcement that is no WAV file", c.refused("tenant.set", announcement=engine.log_path).code, "invalid")
	tap.equal("or not there", c.refused("tenant.set", announcement=sound + ".none").code, "invalid")
	c.ask("tenant.set", announcement=sound)

	def one(name, wanted, why=""):
		rows = len(c.all("audit.list", event="not_announced"))
		call = dial(c)["id"]
		if wanted:
			said(engine, call)
		else:
			c.wait("audit.added", event="not_announced", call_id=call)
			time.sleep(0.3)         # in which it would be heard
		rows = c.all("audit.list", event="not_announced")[rows:]
		samples, rate = spectrum.load(done(c, call)["recordings"][0]["path"])
		heard = spectrum.loudest(samples[:, 0], rate, 700) > -30
		tap.equal(f"{name}: {'announced' if wanted else 'not announced'}", (heard, [why in r["detail"] for r in rows]), (wanted, [] if wanted else [True]))
		return call

	call = one("by default", True)
	for _ in range(3):              # a far end that is held up for as long as the tone lasts misses it
		level = spectrum.loudest(spectrum.load(far.heard(-1))[0][:, 0], 8000, 700)
		if level > -30:
			break
		one("by default, once more", True)
	tap.check("the far end hears it", level > -30, level)
	for _ in range(6):              # on a busy machine it may be over before the hold
		call = dial(c)["id"]
		c.ask("call.hold")
		if f"call {call}: announce_end" not in engine.log():
			break
		done(c, call)
	time.sleep(0.7)                 # in which it would be over
	tap.check("who is held does not hear it, so it waits", f"call {call}: announce_end" not in engine.log())
	c.ask("call.resume")
	said(engine, call)
	done(c, call)
	c.ask("tenant.set", announce=False)
	one("off, but nothing is known of the agents", True)
	c.ask("tenant.set", agent_states="tx, NM")
	tap.equal("states of agents", c.ask("tenant.show")["agent_states"], "TX,NM")
	tap.equal("no states", c.refused("tenant.set", agent_states="Texas").code, "invalid")
	one("off, but the customer's state is not known", True)
	c.ask("customer.set", id=1, state="TX")
	one("off, but his area code is of California", True)
	table = os.path.join(engine.home, "table.csv")
	with open(os.path.join(BUILD, "share", "spctl", "rules", "recording-consent.csv")) as file, open(table, "w") as out:
		out.write(file.read().replace(" 415 ", " "))
	with open(os.path.join(engine.home, "spctl.conf"), "a") as file:
		file.write(f"recording.consent_table = {table}\n")
	c.ask("session.logout")
	c.close()
	engine.terminate()
	engine.start()
	c = engine.client()
	c.ask("session.login", user="anna", station="s-anna")
	one("off, with everybody where one party's consent is enough", False, "consent of one")
	c.ask("customer.set", id=1, state="WA")
	one("off, but the customer is in Washington", True)
	c.ask("customer.set", id=1, state="TX")
	with open(table, "w") as file:
		file.write("nothing\n")
	one("off, but the table cannot be read", True)
	c.ask("tenant.set", announce=True, announcement="")
	c.close()


def paused(engine, far):
	c = engine.client()
	c.ask("tenant.set", record_pause_seconds=600)
	play = tone(os.path.join(engine.home, "play.wav"), 440)
	call = dial(c, play=play)["id"]
	said(engine, call)
	recorded(c, call, recorded(c, call, 0) + 1, hz=1000)    # of sound
	answer = c.ask("call.record_pause")
	tap.equal("paused", answer["recording"], "paused")
	tap.equal("paused twice is refused", c.refused("call.record_pause").code, "conflict")
	recorded(c, call, recorded(c, call, 0) + 1)             # of silence
	media = engine.child("spctl-media")
	engine.kill(media)
	eventually(lambda: engine.children("spctl-media") not in ([], [media]), PATIENCE)
	tap.equal("still paused after the sound process died", state(c, call), "paused")
	tap.check("which is told", c.wait("notice", words="sound process was lost", level="error"))
	c.wait("notice", text=f"call {call} is recorded again")
	recorded(c, call, 1, part=1)    # of silence, in a second file
	tap.equal("resumed", c.ask("call.record_resume")["recording"], "recording")
	tap.equal("resumed twice is refused", c.refused("call.record_resume").code, "conflict")
	recorded(c, call, recorded(c, call, 0, part=1) + 1, part=1)             # of sound
	c.ask("tenant.set", record_pause_seconds=5)
	c.ask("call.record_pause")
	c.wait("notice", text=f"the recording of call {call} goes on by itself")
	tap.equal("it goes on by itself", state(c, call), "recording")
	parts = done(c, call)["recordings"]
	rows = c.ask("audit.list", since="2020-01-01")["items"]
	tap.equal("each is audited", [(r["event"], r["user"], bool(r["actor"])) for r in rows if r["event"].startswith("recording_") and r["call_id"] == call],
		[("recording_paused", "anna", True), ("recording_resumed", "anna", True), ("recording_paused", "anna", True),
			("recording_resumed", "anna", False)])
	tap.equal("and the digest of each file", sorted(r["detail"].split()[-1] for r in rows if r["event"] == "recorded" and r["call_id"] == call),
		sorted(p["sha256"] for p in parts))
	tap.equal("two files", len(parts), 2)
	samples, rate = spectrum.load(parts[0]["path"])
	loud = np.flatnonzero(abs(samples).max(axis=1) >= 0.001)[-1]
	tap.check("the first ends in silence of both sides", len(samples) - loud > 0.25 * rate, (loud, len(samples)))
	before = spectrum.loudest(samples[:loud, 1], rate, 1000)
	tap.check("before it there is sound", before > -30, before)
	samples, rate = spectrum.load(parts[1]["path"])
	tap.check("the second begins with it", float(abs(samples[:int(0.5 * rate)]).max()) < 0.001, float(abs(samples[:int(0.5 * rate)]).max()))
	tap.check("and has sound again", spectrum.level_at(samples[:, 1], rate, 1000) > -40)
	c.close()
	return call


def deliver(c, call, **more):
	data, offset = b"", 0
	while offset is not None:
		piece = c.ask("history.recording", call=call, offset=offset, **more)
		data, offset = data + base64.b64decode(piece["data"]), piece["next"]
	return data


def kept(engine, far, call):
	"""Changed and missing files are told; what is past its retention goes."""
	c = engine.client()
	first, second = c.ask("call.show", call=call)["recordings"]
	result = c.ask("recording.verify")
	tap.check("all are what was recorded", result["files"] >= 2 and not result["wrong"], result)
	with open(first["path"], "rb") as file:
		tap.check("a part is given", deliver(c, call) == file.read())
	joined = os.path.join(engine.home, "joined.flac")
	run = subprocess.run([os.path.join(BUILD, "bin", "spctl"), "history", "recording", str(call), "--all", "-o", joined], capture_output=True,
		text=True, env={"PATH": os.environ["PATH"], "SPCTL_HOME": engine.home}, timeout=30)
	tap.equal("all parts become one file", (run.returncode, run.stderr), (0, ""))
	whole, rate = spectrum.load(joined)
	lengths = [len(spectrum.load(part["path"])[0]) for part in (first, second)]
	row = c.ask("call.show", call=call)
	tap.check("as long as they are, and the gap between them", sum(lengths) < len(whole) < (row["talk_seconds"] + 2) * rate,
		(len(whole), lengths, row))
	tap.check("with the last part at its end", abs(whole[-rate // 2:] - spectrum.load(second["path"])[0][-rate // 2:]).max() == 0)
	with open(os.path.join(engine.home, "empty.flac"), "wb") as empty:
		run = subprocess.run([os.path.join(BUILD, "bin", "spctl-media"), "--join", joined, empty.name, "0", first["path"], "1000"],
			capture_output=True, text=True, timeout=30)
	tap.equal("a part that a full disk left empty is passed over", (run.returncode, run.stderr, len(spectrum.load(joined)[0])),
		(0, "", rate + lengths[0]))
	with open(second["path"], "r+b") as file:
		file.seek(-1, os.SEEK_END)
		last = file.read(1)
		file.seek(-1, os.SEEK_END)
		file.write(bytes([last[0] ^ 1]))
	refusal = c.refused("history.recording", call=call, part=2)
	tap.check("a changed one is not", refusal.code == "invalid" and "not what was recorded" in refusal.message, refusal.message)
	os.rename(first["path"], first["path"] + ".away")
	refusal = c.refused("history.recording", call=call)
	tap.check("nor one that is missing", refusal.code == "unavailable" and "is missing" in refusal.message, refusal.message)
	result = c.ask("recording.verify")
	tap.equal("verify tells both", (result["wrong"], sorted(f["text"].split(" ", 1)[1] for f in result["faults"])),
		(2, ["is missing", "is not what was recorded"]))
	os.rename(first["path"] + ".away", first["path"])
	total = len(c.ask("recording.list")["items"])
	tap.equal("nothing is old enough", c.ask("recording.prune", dry_run=True)["pruned"], 0)
	c.close()
	engine.terminate()
	with database(engine) as db:            # three years, and a day less
		db.execute("DROP TRIGGER call_logs_facts")
		for number, days in ((call, 1097), (call - 1, 1095)):
			for table, column in (("softphone_call_logs", "id"), ("softphone_recordings", "call_id")):
				db.execute(f"UPDATE {table} SET ended_at = ended_at - ? WHERE {column} = ?", (days * 86400000, number))
	engine.start()
	c = engine.client()
	rows = eventually(lambda: (lambda r: r if len(r) == 2 else None)(c.ask("audit.list", event="recording_pruned")["items"]), PATIENCE)
	tap.check("what is older than three years goes by itself, each audited", all(r["call_id"] == call and r["actor"] is None and
		"SHA-256" in r["detail"] for r in rows), rows)
	tap.check("the files are gone", not os.path.exists(first["path"]) and not os.path.exists(second["path"]))
	row = c.ask("call.show", call=call)["recordings"]
	tap.check("the rows stay, and say so", len(row) == 2 and all(r["pruned_at"] and r["sha256"] for r in row), row)
	refusal = c.refused("history.recording", call=call)
	tap.check("who asks for one is told", refusal.code == "not_found" and "retention" in refusal.message, refusal.message)
	tap.equal("no other went", (len(c.ask("recording.list")["items"]), c.ask("recording.prune")["pruned"]), (total, 0))
	tap.equal("a day less is kept", c.ask("recording.list", call=call - 1)["items"][0]["pruned_at"], None)
	tap.equal("retention below three years is refused", c.refused("tenant.set", retention_days=1094).code, "invalid")
	c.close()


def together():
	"""In a conference each file has all of them: all pause together, and all are told where one must be."""
	eve = "+12065550100"
	with Engine() as engine, FarEnd(hz=1000) as far, FarEnd(number=eve, hz=1400) as other:
		switch = Switch()
		switch.place(BOB, far)
		switch.place(eve, other)
		c = engine.client()
		furnish(c, f"sip:anna@{switch.ip}", register=False)
		table = os.path.join(engine.home, "table.csv")
		with open(os.path.join(BUILD, "share", "spctl", "rules", "recording-consent.csv")) as file, open(table, "w") as out:
			out.write(file.read().replace(" 415 ", " "))
		with open(os.path.join(engine.home, "spctl.conf"), "a") as file:
			file.write(f"recording.consent_table = {table}\n")
		c.ask("customer.add", name="Eve", phones=[eve], state="WA")
		c.ask("customer.set", id=1, state="TX")
		c.ask("tenant.set", announce=False, agent_states="TX", announcement=tone(os.path.join(engine.home, "said.wav"), 700, 0.4))
		c.close()
		engine.terminate()
		engine.start()
		c = engine.client()
		c.ask("session.login", user="anna", station="s-anna")
		first = dial(c)["id"]
		c.wait("audit.added", event="not_announced", call_id=first)
		c.ask("call.conference_add", to=eve)
		[second] = [x["id"] for x in c.ask("call.list")["items"] if x["id"] != first]
		said(engine, second)
		said(engine, first)
		tap.check("who went without is told when somebody joins who must be", True)
		eventually(lambda: state(c, second) == "recording", PATIENCE)
		c.ask("call.record_pause", call=second)
		tap.equal("both pause", (state(c, first), state(c, second)), ("paused", "paused"))
		tap.equal("each is audited", sorted(r["call_id"] for r in c.ask("audit.list", event="recording_paused")["items"]), [first, second])
		c.ask("call.record_resume", call=first)
		tap.equal("both go on", (state(c, first), state(c, second)), ("recording", "recording"))
		c.ask("call.record_pause", call=first)
		c.ask("call.conference_end", how="end")
		for call in (first, second):
			c.wait_call(call, "ended")
		for call in (first, second):
			done(c, call)
		with tap.guard("taken away"):
			taken_away(c)
		c.close()


def taken_away(c):
	"""A file that goes while it is written: that is told, and its row stays."""
	call = dial(c)["id"]
	eventually(lambda: state(c, call) == "recording", PATIENCE)
	[recording] = c.ask("call.show", call=call)["recordings"]
	os.unlink(recording["path"])
	notice = c.wait("notice", words=f"call {call} is not recorded", level="error")["text"]
	tap.check("a file that is taken away is told at once", "was taken away" in notice, notice)
	row = done(c, call)["recordings"][0]
	tap.equal("its row stays, without a digest", (row["path"], row["sha256"]), (recording["path"], None))
	faults = [f["text"] for f in c.ask("recording.verify")["faults"]]
	tap.check("and the file is missed", f"1/{call}.flac is missing" in faults, faults)


def heard(engine, far):
	"""Who may see a call may hear it, at a station."""
	c = engine.client()
	call = dial(c)["id"]
	eventually(lambda: state(c, call) == "recording", PATIENCE)
	done(c, call)
	refusal = c.refused("recording.play", call=call, part=2)
	tap.check("a part that there is not", refusal.code == "not_found" and "has 1, not 2" in refusal.message, refusal.message)
	tap.equal("a recording is played", c.ask("recording.play", call=call), {})
	tap.equal("and stopped", c.ask("recording.stop"), {})
	c.close()


def fill(folder):
	fd = os.open(os.path.join(folder, "ballast"), os.O_WRONLY | os.O_CREAT)
	try:
		while os.write(fd, b"\0" * 65536):
			pass
	except OSError:
		os.close(fd)


def test_in_own_mounts():
	"""The recordings folder is a file system of its own, and small."""
	with Engine(start=False) as engine, FarEnd(hz=1000) as far:
		folder = os.path.join(engine.home, "recordings")
		os.mkdir(folder, 0o700)
		subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m,mode=700", "none", folder], check=True)
		engine.start()
		c = engine.client()
		furnish(c, f"sip:anna@{far.ip}", register=False)
		c.ask("session.login", user="anna", station="s-anna")
		call = dial(c)["id"]
		eventually(lambda: state(c, call) == "recording", PATIENCE)
		fill(folder)
		notice = c.wait("notice", words="is not recorded", level="error")
		tap.check("a full disk is told at once", "space" in notice["text"].lower(), notice)
		tap.equal("the call goes on", (c.ask("call.show", call=call)["state"], state(c, call)), ("active", "failed"))
		os.unlink(os.path.join(folder, "ballast"))
		c.wait("notice", text=f"call {call} is recorded again")
		tap.equal("with room it is recorded again", state(c, call), "recording")
		recorded(c, call, 0.3)
		parts = done(c, call)["recordings"]     # with one more for each time that there was no room yet
		tap.check("in another file", len({p["path"] for p in parts}) == len(parts) >= 2 and parts[-1]["sha256"] and parts[-1]["size_bytes"], parts)

		c.ask("tenant.set", record_required=True)
		call = dial(c)["id"]
		eventually(lambda: state(c, call) == "recording", PATIENCE)
		fill(folder)
		ended = c.wait_call(call, "ended")
		tap.equal("where it must be recorded it is ended", ended["cause"], "not_recorded")
		done(c, call)
		refusal = c.refused("call.dial", number=BOB)
		tap.check("and none is placed", refusal.code == "cannot_create" and "cannot be recorded" in refusal.message, refusal.message)
		os.unlink(os.path.join(folder, "ballast"))
		done(c, dial(c)["id"])
		c.close()
		engine.stop()
		subprocess.run(["umount", folder], check=False)


def full_disk():
	run = subprocess.run(["unshare", "-m", "--propagation", "private", sys.executable, os.path.abspath(__file__), "full-disk"], capture_output=True,
		text=True, timeout=100)
	for line in run.stdout.splitlines():
		if line.startswith(("ok", "not ok")):
			tap.check(line.split(" - ", 1)[1], line.startswith("ok"), run.stdout[-3000:] + run.stderr[-3000:])
	if run.returncode or "1.." not in run.stdout:
		tap.check("the part with a full disk ends well", False, run.stdout[-3000:] + run.stderr[-3000:])


@tap.main
def test():
	if sys.argv[1:] == ["full-disk"]:
		test_in_own_mounts()
		return
	with Engine() as engine, FarEnd(hz=1000) as far:
		c = engine.client()
		furnish(c, f"sip:anna@{far.ip}", register=False)
		c.ask("tenant.set", max_calls_per_week=1000)
		c.ask("session.login", user="anna", station="s-anna")
		c.close()
		with tap.guard("by_setting"):
			by_setting(engine, far)
		with tap.guard("heard"):
			heard(engine, far)
		with tap.guard("announced"):
			announced(engine, far)
		with tap.guard("paused"):
			kept(engine, far, paused(engine, far))
	with tap.guard("together"):
		together()
	if os.geteuid():
		tap.skip("a full disk", "only root makes a file system of its own")
	else:
		with tap.guard("full disk"):
			full_disk()
