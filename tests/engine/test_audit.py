#!/usr/bin/python3
"""The audit log against somebody who can write the database file, and knows how its hashes are made."""
import datetime
import hashlib
import json
import os
import sqlite3
import subprocess

from desk import BUILD, Engine, ROOT, in_order_of_answers
import tap

CHAINED = ("tenant_id", "at", "event", "severity", "reason_code", "forced", "user_id", "actor", "station_id", "customer_id", "number", "call_id",
	"detail")
OLD_ROWS = 4100                 # more than two slices of a check


def row_hash(previous, values):
	"""What engine/audit.c and crypto/chain.h say of a row's hash without a key, written once more."""
	text = b""
	for value in values:
		value = None if value is None else str(value).encode()
		text += b"-," if value is None else b"%d:%s," % (len(value), value)
	return hashlib.sha256(previous.encode() + b"\n" + text).hexdigest()


def database(engine):
	return sqlite3.connect(os.path.join(engine.home, "spctl.db"), isolation_level=None)


def add_rows(db, count):
	"""Chained rows, by whoever has no key."""
	db.execute("BEGIN")
	last = db.execute("SELECT hash FROM softphone_compliance_audit WHERE tenant_id = 1 ORDER BY id DESC LIMIT 1").fetchone()
	previous = last[0] if last else ""
	for i in range(count):
		values = (1, 1000 + i, "test", None, None, i % 2, None, f"uid {i}" if i % 5 else None, None, None, f"+1415555{i:04}", None,
			"grün" if i % 3 else None)
		previous = row_hash(previous, values)
		db.execute(f"INSERT INTO softphone_compliance_audit ({', '.join(CHAINED)}, hash) VALUES ({', '.join('?' * 14)})", values + (previous,))
	db.execute("COMMIT")


def chain_anew(db, first, last):
	"""Makes the hashes of these rows fit again, without a key."""
	[previous] = db.execute("SELECT hash FROM softphone_compliance_audit WHERE id = ?", (first - 1,)).fetchone()
	for row in db.execute(f"SELECT id, {', '.join(CHAINED)} FROM softphone_compliance_audit WHERE id BETWEEN ? AND ? ORDER BY id",
			(first, last)).fetchall():
		previous = row_hash(previous, row[1:])
		db.execute("UPDATE softphone_compliance_audit SET hash = ? WHERE id = ?", (previous, row[0]))


def old_database(engine):
	"""The database of the first schema, with a log whose hashes have no key."""
	db = database(engine)
	for name in ("001-base.sql", "001-base.sqlite.sql"):
		with open(os.path.join(ROOT, "src", "db", "schema", name), encoding="utf-8") as file:
			db.executescript(file.read())
	db.execute("PRAGMA application_id = 0x73706374")
	db.execute("PRAGMA user_version = 1")
	for name in ("default", "quiet"):
		db.execute("INSERT INTO softphone_tenants (name, timezone, acw_seconds, hours_start_minute, hours_end_minute, max_call_hours,"
			" max_calls_per_week, country_code, ring_seconds, unknown_customer, record_calls, created_at)"
			" VALUES (?, 'Etc/UTC', 30, 0, 1440, 6, 7, '1', 60, 'warn', 1, 1)", (name,))
	add_rows(db, OLD_ROWS)
	db.close()
	os.chmod(os.path.join(engine.home, "spctl.db"), 0o600)


class Tampered:
	"""As somebody would who has the file: the triggers go first.  Behind it the engine runs again, and .c asks it; then all is as before."""

	def __init__(self, engine, *changes):
		self.engine, self.changes = engine, changes

	def __enter__(self):
		self.engine.terminate()
		with open(os.path.join(self.engine.home, "spctl.db"), "rb") as file:
			self.kept = file.read()
		db = database(self.engine)
		triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'audit_%'").fetchall()
		for name, _ in triggers:
			db.execute(f"DROP TRIGGER {name}")
		for change in self.changes:
			if callable(change):
				change(db)
			else:
				db.execute(change)
		for _, sql in triggers:
			db.execute(sql)
		db.close()
		self.engine.start()
		self.c = self.engine.client()
		return self.c

	def __exit__(self, *_):
		self.c.close()
		self.engine.terminate()
		with open(os.path.join(self.engine.home, "spctl.db"), "wb") as file:
			file.write(self.kept)
		self.engine.start()


def seen(name, engine, problem, *changes, first_bad=None):
	with Tampered(engine, *changes) as c:
		result = c.ask("audit.verify")
		tap.check(f"{name}: seen", not result["intact"] and problem in (result["problem"] or ""), result)
		if first_bad:
			tap.equal(f"{name}: where", result["first_bad"], first_bad)


def whole(engine):
	c = engine.client()
	result = c.ask("audit.verify")
	tap.equal("a log from before it had a key is whole", (result["intact"], result["problem"], result["unkeyed_rows"]), (True, None, OLD_ROWS))
	[row] = c.ask("audit.list", event="audit_keyed")["items"]
	tap.check("the row from which it has one says so", str(OLD_ROWS) in row["detail"] and row["id"] == OLD_ROWS + 1, row)
	for i in range(20):
		c.ask("user.add", login=f"user{i}")
	noted = c.ask("audit.verify")
	tap.equal("it goes on", (noted["intact"], noted["rows"], noted["last_id"]), (True, OLD_ROWS + 21, OLD_ROWS + 21))
	quiet = c.ask("audit.verify", tenant="quiet")
	tap.equal("a tenant without rows", (quiet["intact"], quiet["rows"], quiet["last_hash"]), (True, 0, None))
	c.ask("key.rotate")
	c.ask("user.add", login="after", tenant="quiet")
	tap.check("it survives a change of keys", c.ask("audit.verify")["intact"])
	tap.equal("and a new log is keyed from its first row", {k: c.ask("audit.verify", tenant="quiet")[k] for k in ("intact", "rows", "unkeyed_rows")},
		{"intact": True, "rows": 1, "unkeyed_rows": 0})
	c.close()
	engine.terminate()
	engine.start()
	c = engine.client()
	tap.check("and a restart", c.ask("audit.verify")["intact"])
	words = f"{noted['rows']}:{noted['last_hash']}"
	tap.check("what was noted of it is still true", c.ask("audit.verify", noted=words)["intact"])
	tap.equal("a note that is none", c.refused("audit.verify", noted="12").code, "invalid")
	result = c.ask("audit.verify", noted=f"{noted['rows'] - 1}:{noted['last_hash']}")
	tap.check("a note that is not true", not result["intact"] and "noted" in result["problem"], result)
	result = c.ask("audit.verify", noted=f"{noted['rows'] + 100}:{noted['last_hash']}")
	tap.check("a note of more rows", not result["intact"] and "were noted" in result["problem"], result)
	for sql in ("UPDATE softphone_compliance_audit SET detail = 'x' WHERE id = 3", "DELETE FROM softphone_compliance_audit"):
		try:
			with database(engine) as db:
				db.execute(sql)
			tap.check(f"refused: {sql}", False)
		except sqlite3.IntegrityError as error:
			tap.check(f"refused: {sql}", "audit log" in str(error), str(error))
	c.close()


def exported(engine):
	"""Who has the export can compute the hashes without a key anew, and sees which have one."""
	c = engine.client()
	rows = c.all("audit.export")
	previous = ""
	for row in rows:
		if row["keyed"]:
			break
		with_ms = row["at"][:-1].split(".")
		at = int(datetime.datetime.fromisoformat(with_ms[0] + "+00:00").timestamp()) * 1000 + int(with_ms[1])
		previous = row_hash(previous, [at if k == "at" else int(row[k]) if k == "forced" else row[k] for k in CHAINED])
		if previous != row["hash"]:
			break
	tap.check("the export has what the hashes cover", row["id"] == OLD_ROWS + 1 and row["keyed"], row)
	tap.equal("all of it", len(rows), c.ask("audit.verify")["rows"])
	c.close()


def spctl(engine, *words, text=None):
	return subprocess.run([os.path.join(BUILD, "bin", "spctl"), *words], input=text, capture_output=True, text=True, timeout=60,
		env={**os.environ, "SPCTL_HOME": engine.home})


class Export:
	"""An export in a file, to be changed and checked."""

	def __init__(self, engine):
		self.engine, self.path = engine, os.path.join(engine.home, "export")
		self.rows = [json.loads(line) for line in spctl(engine, "audit", "export").stdout.splitlines()]

	def verify(self, rows, *words):
		with open(self.path, "w", encoding="utf-8") as file:
			file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
		return spctl(self.engine, "audit", "verify", "--file", self.path, *words)

	def right(self, what, rows, *said, words=()):
		got = self.verify(rows, *words)
		tap.check(f"an export {what} is right", got.returncode == 0 and all(s in got.stdout for s in said), (got.stdout, got.stderr))

	def wrong(self, what, rows, *said, faults=1, words=()):
		got = self.verify(rows, *words)
		tap.check(f"an export {what} is told", got.returncode == 1 and all(s in got.stderr for s in said)
			and f": {faults} fault" in got.stderr, (got.returncode, got.stderr))

	def changed(self, place, **values):
		"""With other values in the row at this place."""
		return self.rows[:place] + [{**self.rows[place], **values}] + self.rows[place + 1:]


def offline(engine):
	"""An export is checked by itself: each kind of tampering is told, with its row."""
	export = Export(engine)
	whole, before = export.rows, OLD_ROWS - 30
	c = engine.client()
	words = ("--noted", f"{len(whole)}:{whole[-1]['hash']}")
	export.right("as it is", whole, f"{len(whole)} rows", "all that the log has")
	export.right("cut at its beginning, with its end noted,", whole[before:], f"lacks {before} before", words=words)
	rows = export.rows = whole[before:]         # the rest is quicker without most of the old ones
	n, old, new = len(rows), 10, 40
	export.right("as was noted", rows, words=words)
	document = spctl(engine, "audit", "verify", "--file", "-", text=spctl(engine, "audit", "export", "--json").stdout)
	tap.check("one document on standard input, too", document.returncode == 0 and f"{len(whole)} rows" in document.stdout, document)
	for name, at in (("an old row", old), ("a row with a key", new)):
		number = rows[at]["id"]
		for field, value in (("event", "allowed"), ("at", "2020-01-01T00:00:00.000Z"), ("detail", "x"), ("number", None), ("forced", True),
				("user_id", 7), ("actor", "root (uid 0)"), ("severity", "hard"), ("reason_code", "x"), ("customer_id", 1), ("call_id", 1),
				("station_id", 1), ("hash", "0" * 64)):
			if rows[at][field] != value and (at == new or field in ("detail", "hash")):
				export.wrong(f"with another {field} in {name}", export.changed(at, **{field: value}), f"row {number} was changed", field)
	export.wrong("with two rows changed", [{**row, "detail": "x"} if i in (old, new) else row for i, row in enumerate(rows)], f"row {rows[old]['id']} was",
		f"row {rows[new]['id']} was", faults=2)
	export.wrong("without a row", rows[:new] + rows[new + 1:], "1 row of the log between", "missing")
	export.wrong("without many", rows[:5] + rows[35:], "30 rows of the log between", "missing")
	added = {**rows[new], "id": 10 ** 6, "detail": "made up"}
	copy = {**rows[new], "id": 10 ** 6}
	export.wrong("with a copy of a row under another number", rows[:new] + [copy] + rows[new:], f"row {rows[new]['id']} of the log", "twice", faults=2)
	export.wrong("with another number of a row", rows[:new] + [copy] + rows[new + 1:], f"is row {rows[new]['id']} of the log")
	export.wrong("with a row added", rows[:new] + [added] + rows[new:], "row 1000000 was added")
	export.wrong("with a row added at its end", rows + [added], "row 1000000 was added")
	export.wrong("with a row twice", rows[:new + 1] + rows[new:], "stands there twice")
	export.wrong("with a row moved", rows[:new] + [rows[new + 1], rows[new]] + rows[new + 2:], "is missing", "was moved", faults=2)
	export.wrong("with another tenant's row", rows[:new] + c.all("audit.export", tenant="quiet") + rows[new:], "is of tenant 2")
	export.wrong("of another tenant", c.all("audit.export", tenant="quiet"), "is of tenant 2")
	export.wrong("with a row that is none", rows[:new] + [{"id": 5}] + rows[new:], "none of an export")
	export.right("cut at its end is what was written, and", rows[:-3], f"{n - 3} rows", "3 behind")
	export.wrong("cut at its end, where its end was noted,", rows[:-3], "not with", words=words)
	csv = spctl(engine, "audit", "verify", "--file", "-", text="id,at\n1,2\n")
	tap.check("what is no export is refused", csv.returncode == 65 and "line 1" in csv.stderr, csv)
	c.ask("key.rotate")
	c.ask("user.add", login="rotated")
	export.right("from before a change of keys", rows, "2 behind")
	told = json.loads(spctl(engine, "audit", "verify", "--json", "--file", export.path).stdout)
	tap.equal("for programs", (told["rows"], told["intact"], told["faults"], told["later_rows"]), (n, True, [], 2))
	# The log is altered, and not the export: the key decides.
	lie = (f"UPDATE softphone_compliance_audit SET detail = 'lie' WHERE id = {rows[new]['id']}",)
	with Tampered(engine, *lie):
		export.wrong("that is right where the log is not", rows, f"row {rows[new]['id']} is as it was written, but the log")
	with Tampered(engine, f"DELETE FROM softphone_compliance_audit WHERE id = {rows[new]['id']}"):
		export.wrong("with a row that the log has lost", rows, f"row {rows[new]['id']} is as it was written, but the log in the database has lost it")
	c.close()


def search(engine):
	"""Through many rows, in turns: others are answered meanwhile."""
	engine.terminate()
	db = database(engine)
	db.execute("INSERT INTO softphone_users (id, tenant_id, login, role, created_at) VALUES (1000, 1, 'far', 'agent', 1)")
	db.execute("INSERT INTO softphone_stations (id, tenant_id, name, did, sip_uri, transport, media_enc, register_line, created_at)"
		" VALUES (1000, 1, 'pod', '', '', 'udp', 'none', 0, 1)")
	db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150000)"
		" INSERT INTO softphone_call_logs (id, tenant_id, direction, number, user_id, station_id, state, forced, counts_toward_cap, started_at,"
		" ended_at, encrypted, owes_disposition, notes) SELECT i, 1, 'outbound', '+14155550100', 1000, 1000, 'ended', 0, 0, i, i, 0, 0,"
		" CASE WHEN i IN (20000, 40000, 60000) THEN 'something RARE' ELSE 'nothing of note' END FROM n")
	db.close()
	engine.start()
	c = engine.client()

	def found(**params):
		page = c.ask("history.list", search="rare", **params)
		return [call["id"] for call in page["items"]], page["next"]
	tap.equal("what lies far apart is found", found(), ([20000, 40000, 60000], None))
	tap.equal("the newest first", found(newest=True), ([60000, 40000, 20000], None))
	tap.equal("by the page", found(newest=True, limit=2), ([60000, 40000], 40000))
	tap.equal("and the next", found(newest=True, limit=2, after=40000), ([20000], None))
	tap.equal("of one user", found(user="far", limit=1, after=20000), ([40000], 40000))
	tap.equal("nothing", c.ask("history.list", search="no such text"), {"items": [], "next": None})
	other = engine.client()
	first = in_order_of_answers(c, ("history.list", {"search": "no such text", "limit": 0}), ("engine.status", {}))
	tap.equal("who asks while a search goes on is answered before it is over", [method for method, _ in first], ["engine.status", "history.list"])
	gone = engine.client()
	gone.socket.sendall(json.dumps({"jsonrpc": "2.0", "id": 99, "method": "history.list", "params": {"search": "no such text"}}).encode() + b"\n")
	gone.close()
	tap.check("one who leaves before his search is over harms nobody", other.ask("history.list", search="rare", limit=1)["items"])
	for client in (c, other):
		client.close()


def attacks(engine):
	last = OLD_ROWS + 21
	key = last + 1              # key.rotate's
	tap.check("untouched", engine.client().ask("audit.verify")["last_id"] == key)
	at = OLD_ROWS // 2 + 1000
	seen("an old row changed", engine, "does not follow", f"UPDATE softphone_compliance_audit SET detail = 'x' WHERE id = {at}", first_bad=at)
	seen("an old row removed", engine, "does not follow", f"DELETE FROM softphone_compliance_audit WHERE id = {at}", first_bad=at + 1)
	seen("an old row changed and all old hashes made anew", engine, "does not follow",
		f"UPDATE softphone_compliance_audit SET detail = 'x' WHERE id = {at}", lambda db: chain_anew(db, at, OLD_ROWS), first_bad=OLD_ROWS + 1)
	seen("a new row changed", engine, "does not follow", f"UPDATE softphone_compliance_audit SET detail = 'x' WHERE id = {last}", first_bad=last)
	seen("a new row changed and its hash made without the key", engine, "does not follow",
		f"UPDATE softphone_compliance_audit SET detail = 'x' WHERE id = {last}", lambda db: chain_anew(db, last, key), first_bad=last)
	seen("rows added without the key", engine, "does not follow", lambda db: add_rows(db, 3), first_bad=key + 2)
	seen("the newest row removed", engine, "1 of", f"DELETE FROM softphone_compliance_audit WHERE id = {key}")
	cut = (f"DELETE FROM softphone_compliance_audit WHERE id = {key}", "UPDATE softphone_audit_heads SET row_count = row_count - 1,"
		f" last_id = {last}, last_hash = (SELECT hash FROM softphone_compliance_audit WHERE id = {last}) WHERE tenant_id = 1")
	seen("the newest row removed and the head set back", engine, "head was altered", *cut)
	with Tampered(engine, *cut) as c:
		c.ask("user.add", login="later")
		result = c.ask("audit.verify")
		tap.check("rows that follow do not heal it", not result["intact"] and "altered" in result["problem"], result)
	everything = ("UPDATE softphone_audit_heads SET keyed_after = last_id WHERE tenant_id = 1",
		f"UPDATE softphone_compliance_audit SET detail = 'x' WHERE id = {at}", lambda db: chain_anew(db, at, key))
	seen("all hashes made anew without a key", engine, "head was altered", *everything)
	with Tampered(engine, "DELETE FROM softphone_audit_heads") as c:
		result = c.ask("audit.verify")
		tap.check("a head that is gone", not result["intact"] and "no head" in result["problem"], result)
		tap.equal("nothing is changed without one", c.refused("user.add", login="without").code, "config")
	with Tampered(engine, "UPDATE softphone_audit_heads SET key_sealed = (SELECT key_sealed FROM softphone_audit_heads WHERE tenant_id = 2)"
			" WHERE tenant_id = 1") as c:
		result = c.ask("audit.verify")
		tap.check("another tenant's key", not result["intact"] and result["problem"], result)
	with Tampered(engine, "UPDATE softphone_audit_heads SET key_sealed = NULL") as c:
		rows = c.ask("audit.list", event="audit_keyed")["items"]
		tap.check("a key that is made anew leaves a row", len(rows) >= 2, rows)
	tap.check("untouched again", engine.client().ask("audit.verify")["intact"])


@tap.main
def test():
	with Engine(start=False) as engine:
		old_database(engine)
		engine.start()
		for part in (whole, exported, attacks, offline, search):
			with tap.guard(part.__name__):
				part(engine)
