#!/usr/bin/python3
"""spctl-media and others at its socket: garbage, silence, floods, other users, a control socket that is not read."""
import os
import random
import time

from station import CALM_MS, HELLO, PATIENCE, Far, Media, Witness, connect
import spectrum
import tap

TONE, OTHER = 437, 613


def is_closed(sock):
	"""Waits for the end of a connection."""
	sock.settimeout(PATIENCE)
	try:
		while sock.recv(65536):
			pass
		return True
	except ConnectionResetError:
		return True
	except TimeoutError:
		return False


def hellos(media):
	good = (b"SP1\0", 0, 5, 8000, 1, 160)
	cases = [b"", b"x", b"GET / HTTP/1.0\r\n\r\n", HELLO.pack(*good)[:-1], HELLO.pack(*good) + b"x", bytes(60000), HELLO.pack(b"SP2\0", *good[1:])]
	for place, values in (1, (2, -1, 1 << 30)), (2, (8, -1, -(1 << 31))), (3, (0, -8000, 7999, 48001, 1 << 31 - 1)), (4, (0, 3, -1)), \
			(5, (0, -160, 1, 5761, 1 << 30)):
		for value in values:
			wrong = list(good)
			wrong[place] = value
			cases.append(HELLO.pack(*wrong))
	random.seed(7)
	cases += [random.randbytes(24) for _ in range(50)] + [b"SP1\0" + random.randbytes(20) for _ in range(50)]
	closed = []
	for case in cases:
		sock = connect(media.audio)
		sock.send(case)
		closed.append(is_closed(sock))
		sock.close()
	tap.equal("whatever is no hello closes its connection", closed.count(True), len(cases))
	tap.equal("and opens no slot", media.matching("stream_open", slot=5), [])


def streams(media):
	"""A plugin that breaks the rules after a good hello."""
	hello = HELLO.pack(b"SP1\0", 0, 4, 8000, 1, 160)
	for what, packet in ("an odd number of bytes", b"x" * 319), ("more than a block", bytes(322)), ("60 kB", bytes(60000)), ("an empty packet", b""):
		sock = connect(media.audio)
		sock.send(hello)
		sock.recv(1)
		sock.send(packet)
		tap.check(f"{what} closes the stream", is_closed(sock))
		sock.close()
	sock = connect(media.audio)
	sock.send(hello)
	for _ in range(40):
		try:
			sock.send(bytes(320))
		except OSError:
			break
	tap.check("blocks that nobody asked for close the stream", is_closed(sock))
	sock.close()
	sock = connect(media.audio)
	sock.send(HELLO.pack(b"SP1\0", 1, 4, 48000, 2, 960))
	time.sleep(3)
	stats = media.do("stats", slot=4)
	tap.check("who does not read loses blocks, and nothing waits for it", stats["capture"]["over"] > 0 or stats["capture"]["blocks"] < 160, stats)
	sock.close()


def silent_ones(media):
	"""Connections that say nothing do not keep the plugin out."""
	mute = [connect(media.audio) for _ in range(30)]
	far = Far(media, 6, TONE)
	tap.check("thirty that say nothing keep nobody out", len(far.listen(0.2)) > 0)
	far.close()
	for sock in mute:
		sock.close()


def other_user(media):
	if os.geteuid() != 0:
		tap.skip("another user's process is refused", "only root can become another user")
		return
	for path, mode in (media.folder, 0o755), (media.audio, 0o777):
		os.chmod(path, mode)
	got, put = os.pipe()
	child = os.fork()
	if not child:
		os.setgid(65534)
		os.setuid(65534)
		try:
			sock = connect(media.audio)
			sock.send(HELLO.pack(b"SP1\0", 0, 7, 8000, 1, 160))
			os.write(put, b"closed" if is_closed(sock) else b"let in")
		except ConnectionError:
			os.write(put, b"closed")
		finally:
			os._exit(0)
	os.close(put)
	os.waitpid(child, 0)
	tap.equal("another user's process is refused even where the socket's mode would let it in", os.read(got, 99), b"closed")
	tap.check("and the log says so", "another user" in media.log())


def deaf_engine():
	"""An engine that sends and never reads: spctl-media must end, not grow."""
	with Media() as media:
		with media.changed:             # the reading thread stands still from here on
			command = b'{"id":1,"do":"stats","slot":0}\n' * 1000
			media.socket.settimeout(PATIENCE)
			try:
				while True:
					media.socket.sendall(command)
			except OSError:
				pass
			status = media.process.wait(PATIENCE)
		tap.equal("an engine that does not read is taken for gone", status, 0)


def long_line():
	with Media() as media:
		try:
			media.socket.sendall(b"x" * (1 << 21))
		except OSError:
			pass
		tap.equal("a line without an end is the end", media.process.wait(PATIENCE), 0)


@tap.main
def test():
	with Media() as media, Witness() as witness:
		far = [Far(media, 0, TONE), Far(media, 1, OTHER)]
		media.do("bridge", slots=[0, 1])
		far[0].listen(0.3)
		start = far[0].count()
		witness.worst_ms()
		hellos(media)
		streams(media)
		silent_ones(media)
		other_user(media)
		far[0].listen(0.2)
		sound = far[0].heard(start)
		tap.note(f"{len(sound) / 8000:.1f} s of the call next to all that")
		worst, gap_ms, jumps = witness.worst_ms(), spectrum.longest_gap(sound, 8000, OTHER), spectrum.jumps(sound, 8000, OTHER)
		most = (0, 0) if worst < CALM_MS else (worst + 100, 5)
		tap.check(f"the call beside heard no gap over {most[0]:.0f} ms and {most[1]} jumps at most", gap_ms <= most[0] and jumps <= most[1], (gap_ms, jumps))
		tap.equal("it still ends well", media.end(), 0)
	deaf_engine()
	long_line()
