#!/usr/bin/python3
"""Clients that mean harm, or are broken: garbage, lines without an end, silence, a reader who never reads, too many at once.
Whatever they do, the engine goes on and answers the others."""
import json
import os
import random
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from desk import Client, Engine, eventually  # noqa: E402
import tap  # noqa: E402

HELLO = b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"version":1,"client":"hostile"}}\n'
HELLO_SECONDS = 10
READS_ON = 1                    # seconds in which whoever reads nothing is left when the engine leaves
MIB = 1 << 20


def plug(engine, *lines):
	s = socket.socket(socket.AF_UNIX)
	s.connect(os.path.join(engine.home, "run", "spctld.sock"))
	s.settimeout(15)
	for line in lines:
		s.sendall(line)
	return s


def answers(s, count=1):
	"""That many lines, as JSON; fewer when the engine closes."""
	pieces = []
	try:
		while count > 0 and (more := s.recv(65536)):
			pieces.append(more)
			count -= more.count(b"\n")
	except ConnectionResetError:
		pass
	return [json.loads(line) for line in b"".join(pieces).splitlines()]


def closed(s):
	try:
		while s.recv(65536):
			pass
	except ConnectionResetError:
		pass
	except TimeoutError:
		return False
	return True


def code(message):
	return message["error"]["data"]["code"]


def garbage(engine, good):
	lines = [b"\n", b"\0\0\0\n", b"GET / HTTP/1.1\n", b"{}\n", b"[]\n", b"null\n", b'{"jsonrpc":"2.0"}\n', b"\xff\xfe\x80\n",
		 b'{"jsonrpc":"2.0","id":1,"id":2,"method":"hello","params":{}}\n', b"[" * 100000 + b"\n",
		 b'{"jsonrpc":"2.0","id":99999999999999999999999,"method":"hello","params":{}}\n',
		 b'{"jsonrpc":"2.0","id":1,"method":"%s%n","params":{}}\n', HELLO.replace(b"hello", b"h" * 5000),
		 b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"version":1,"client":"\\u0000"}}\n',
		 b'{"jsonrpc":"2.0","id":1,"result":{}}\n', b'{"jsonrpc":"2.0","id":1,"method":"station.list","params":{}}\n']
	with plug(engine, *lines) as s:
		got = answers(s, len(lines))
		tap.equal("each line of garbage has an answer", len(got), len(lines))
		tap.equal("and each is invalid", {code(m) for m in got}, {"invalid"})
		s.sendall(HELLO)
		tap.check("the connection goes on", "result" in answers(s)[0])
	seed = int.from_bytes(os.urandom(4), "big")
	tap.note(f"seed {seed}")
	chance = random.Random(seed)
	for _ in range(20):
		with plug(engine) as s:
			try:
				s.sendall(chance.randbytes(chance.randrange(1, 200000)))
			except (BrokenPipeError, ConnectionResetError):
				pass
	tap.equal("random bytes change nothing", good.ask("station.list")["items"], [])


def long_lines(engine):
	fits = b'{"jsonrpc":"2.0","id":2,"method":"engine.status","params":{%s}}\n'
	fits = fits % (b" " * (MIB - len(fits) + 2))
	with plug(engine, HELLO, fits) as s:
		tap.equal("a line of 1 MiB is taken", (len(fits), "result" in answers(s, 2)[1]), (MIB, True))
	for name, line in (("with an end", b"x" * MIB + b"\n"), ("without an end", b"x" * (MIB + 70000))):
		with plug(engine, HELLO) as s:
			answers(s)
			try:
				s.sendall(line)
			except (BrokenPipeError, ConnectionResetError):
				pass
			got = answers(s)
			tap.check(f"a longer line {name} is refused with a sentence", got and "longer than 1048576 bytes" in got[0]["error"]["message"], got)
			tap.check(f"and the connection is closed ({name})", closed(s))


def never_reads(engine, good):
	"""Who asks and asks and never reads is dropped before the answers fill the memory."""
	before = memory(engine)
	s = plug(engine, HELLO)
	ask = b"".join(b'{"jsonrpc":"2.0","id":%d,"method":"nothing.of.the.kind","params":{}}\n' % i for i in range(2000))
	sent = 0
	try:
		while sent < 200 * MIB:
			s.sendall(ask)
			sent += len(ask)
	except (BrokenPipeError, ConnectionResetError):
		pass
	tap.check("a client that never reads is dropped", sent < 200 * MIB, f"{sent} bytes were taken")
	s.close()
	tap.check("others are answered meanwhile", good.ask("engine.status")["pid"])
	tap.check("the engine's memory stays small", memory(engine) - before < 64 * 1024, f"{before} kB, then {memory(engine)} kB")


def none_reads(engine, good):
	"""Several clients of one account, each of which leaves less unread than one may: together they are too many."""
	for n in range(20):
		good.ask("station.add", name=f"s{n}", did="4155550100", sip_uri="sip:x@127.0.0.1", location="here" * 40)
	size = len(json.dumps(good.ask("station.list")))
	before, each = memory(engine), 6 * MIB // size
	lazy = [plug(engine, HELLO) for _ in range(12)]
	for s in lazy:
		s.sendall(b"".join(b'{"jsonrpc":"2.0","id":%d,"method":"station.list","params":{}}\n' % i for i in range(each)))
	tap.check("others are answered while twelve do not read", good.ask("engine.status")["pid"])
	eventually(lambda: good.ask("engine.status")["clients"] < 13, 20, "one of them to be dropped")
	tap.check("all of them together take little memory", memory(engine) - before < 56 * 1024, f"{before} kB, then {memory(engine)} kB")
	for s in lazy:
		s.close()
	for n in range(20):
		good.ask("station.rm", name=f"s{n}")


def memory(engine):
	with open(f"/proc/{engine.process.pid}/status") as file:
		return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def crowd(engine, good):
	"""The engine has 256 places; who comes when they are taken is told so, and gets one when there is room."""
	eventually(lambda: good.ask("engine.status")["clients"] == 1, 10, "nobody else is there")
	others = 1
	all_of_them = [plug(engine) for _ in range(300)]
	eventually(lambda: good.ask("engine.status")["clients"] == 256, 10, "256 clients")
	refused = [answers(s) for s in all_of_them[256 - others:]]
	tap.equal("those above 256 are refused", {code(r[0]) for r in refused if r}, {"try_again"})
	tap.equal("each of them", sum(bool(r) for r in refused), 300 - 256 + others)
	some = all_of_them[:100]
	for s in some:
		s.sendall(HELLO)
	tap.check("the others are served", all("result" in answers(s)[0] for s in some))
	for s in all_of_them:
		s.close()
	eventually(lambda: good.ask("engine.status")["clients"] == others, 10, "the crowd is gone")
	with plug(engine, HELLO) as s:
		tap.check("there is room again", "result" in answers(s)[0])


def silence(engine, good):
	"""Silence, and half a line, before hello: dropped.  After hello silence is an agent who thinks."""
	others = 1
	eventually(lambda: good.ask("engine.status")["clients"] == others, 10, "nobody else is there")
	start = time.monotonic()
	dumb = {"silence": plug(engine), "half a line": plug(engine, HELLO[:40]), "garbage alone": plug(engine, b"x\n")}
	greeted = plug(engine, HELLO, b'{"jsonrpc":"2.0","id":2,"met')
	for name, s in dumb.items():
		got = answers(s, 2 if name == "garbage alone" else 1)
		took = time.monotonic() - start
		tap.check(f"{name} is told why it is dropped", got and "no hello came" in got[-1]["error"]["message"], got)
		tap.check(f"{name} is dropped after ten seconds", closed(s) and HELLO_SECONDS - 1 < took < HELLO_SECONDS + 5, took)
	eventually(lambda: good.ask("engine.status")["clients"] == others + 1, 5, "their places are free")
	greeted.sendall(b'hod":"engine.status","params":{}}\n')
	tap.equal("after hello a line may take its time", [m["id"] for m in answers(greeted, 2)], [1, 2])
	greeted.close()


def farewell(engine, good):
	"""What is owed to clients reaches them before the socket closes."""
	stuck = plug(engine, HELLO)                                     # reads nothing: it must not hold the engine up
	stuck.sendall(b'{"jsonrpc":"2.0","id":2,"method":"events.subscribe","params":{}}\n')
	listener = Client(os.path.join(engine.home, "run", "spctld.sock"))
	listener.ask("events.subscribe")
	tap.equal("engine.stop is answered", good.ask("engine.stop"), {})
	eventually(lambda: listener.gone, 10, "the connection's end")
	tap.equal("engine.stopping reaches who listens", [e["event"] for e in listener.events], ["engine.stopping"])
	tap.equal("the engine ends well", engine.process.wait(10), 0)
	stuck.close()


def many_unread(again):
	"""Megabytes that a slow reader has not read yet when the engine leaves.  False: the machine did not let us read."""
	with Engine() as engine:
		s = plug(engine, HELLO)
		count = 8000
		s.sendall(b"".join(b'{"jsonrpc":"2.0","id":%d,"method":"tenant.show","params":{}}\n' % (i + 2) for i in range(count)))
		s.sendall(b'{"jsonrpc":"2.0","id":1000000,"method":"engine.stop","params":{}}\n')
		pieces, longest = [b"-"], 0
		while pieces[-1]:
			start = time.monotonic()
			try:
				pieces.append(s.recv(1 << 20))
			except ConnectionResetError:
				pieces.append(b"")
			longest = max(longest, time.monotonic() - start)
		ended = engine.process.wait(20)
		lines = b"".join(pieces)[1:].splitlines()
		if len(lines) < count + 2 and longest > READS_ON / 2 and again:
			tap.note(f"we were held up for {longest:.1f} s, so that the engine took us for one who does not read")
			return False
		tap.check("a long queue is sent whole before the end", len(lines) == count + 2 and json.loads(lines[-1])["id"] == 1000000,
			(len(lines), lines[-1]))
		tap.equal("and the engine ends well", ended, 0)
		return True


@tap.main
def test():
	# A sanitizer keeps freed memory for a while, which is not the engine's.
	os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8"
	with Engine() as engine:
		good = Client(os.path.join(engine.home, "run", "spctld.sock"))
		garbage(engine, good)
		long_lines(engine)
		never_reads(engine, good)
		none_reads(engine, good)
		crowd(engine, good)
		silence(engine, good)
		farewell(engine, good)
	if not many_unread(True) and not many_unread(True):
		many_unread(False)
