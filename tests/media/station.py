"""station.py - spctl-media under test: the process and its control socket, a plugin that is played by the test, sound files.

BUILD names the folder of the build (default: build).
"""
import atexit
import ctypes
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import wave

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.path.join(ROOT, os.environ.get("BUILD", "build")))
LIB = os.path.join(BUILD, "lib", "spctl")
sys.path[1:1] = [os.path.join(ROOT, "tests", "lib"), os.path.join(ROOT, "tests", "module")]
sys.dont_write_bytecode = True
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None         # what is heard is not to wait for a disk
PATIENCE = 10.0             # seconds that anything expected may take on a busy machine


class Media:
	"""One spctl-media, driven as the engine drives it.  Use it in a with statement."""

	def __init__(self, device="none", audio=None, env=None, wrap=()):
		self.folder = tempfile.mkdtemp(prefix="spctl-media-", dir=MEMORY)
		self.audio = audio or os.path.join(self.folder, "audio")
		self.device, self.env, self.wrap = device, env or {}, list(wrap)
		self.log_path = os.path.join(self.folder, "log")
		self.changed = threading.Condition()
		self.sequence = 0
		self.start()
		atexit.register(self.stop)

	def start(self):
		"""Starts the process, also anew after kill()."""
		self.events, self.answers, self.closed = [], {}, False
		self.socket, theirs = socket.socketpair()
		with open(self.log_path, "ab") as log:
			self.process = subprocess.Popen(
				self.wrap + [os.path.join(BUILD, "bin", "spctl-media"), "--audio", self.audio, "--device", self.device],
				stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", pass_fds=[3], env=dict({"PATH": os.environ["PATH"]}, **self.env),
				preexec_fn=lambda: os.dup2(theirs.fileno(), 3))
		theirs.close()
		threading.Thread(target=self._read, args=(self.socket,), daemon=True).start()
		self.wait("ready")

	def list(self):
		"""The cards that a process of its own tells."""
		ours, theirs = socket.socketpair()
		with ours, theirs:
			subprocess.run([os.path.join(BUILD, "bin", "spctl-media"), "--list"], pass_fds=[3], check=True, timeout=PATIENCE,
				       env=dict({"PATH": os.environ["PATH"]}, **self.env), preexec_fn=lambda: os.dup2(theirs.fileno(), 3))
			return json.loads(ours.recv(1 << 20))["items"]

	def _read(self, sock):
		rest = b""
		while True:
			try:
				data = sock.recv(65536)
			except OSError:
				data = b""
			if not data:
				break
			*lines, rest = (rest + data).split(b"\n")
			for line in lines:
				message = json.loads(line)
				message["t"] = time.monotonic()
				with self.changed:
					if "re" in message:
						self.answers[message["re"]] = message
					else:
						self.events.append(message)
					self.changed.notify_all()
		with self.changed:
			self.closed = True
			self.changed.notify_all()

	def matching(self, name, /, **members):
		return [e for e in list(self.events) if e["event"] == name and all(e.get(k) == v for k, v in members.items())]

	def wait(self, name, /, nth=1, timeout=PATIENCE, **members):
		"""The nth such event, counted from the start of the process."""
		with self.changed:
			if not self.changed.wait_for(lambda: len(self.matching(name, **members)) >= nth, timeout):
				raise TimeoutError(f"no event {name} {members}; had {self.events[-6:]}; log: {self.log()[-500:]}")
			return self.matching(name, **members)[nth - 1]

	def send(self, what, /, **members):
		self.sequence += 1
		self.socket.sendall(json.dumps(dict(members, id=self.sequence, do=what)).encode() + b"\n")
		return self.sequence

	def answer(self, number, timeout=PATIENCE):
		with self.changed:
			if not self.changed.wait_for(lambda: number in self.answers or self.closed, timeout) or number not in self.answers:
				raise TimeoutError(f"no answer to {number}; log: {self.log()[-500:]}")
			return self.answers.pop(number)

	def ask(self, what, /, **members):
		return self.answer(self.send(what, **members))

	def do(self, what, /, **members):
		answer = self.ask(what, **members)
		assert answer["ok"], (what, members, answer)
		return answer

	def log(self):
		with open(self.log_path, errors="replace") as file:
			return file.read()

	def path(self, name):
		return os.path.join(self.folder, name)

	def cpu_seconds(self):
		with open(f"/proc/{self.process.pid}/stat") as file:
			fields = file.read().rsplit(")", 1)[1].split()
		return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

	def kill(self):
		"""As a crash would."""
		self.process.send_signal(signal.SIGKILL)
		self.process.wait()
		self.socket.close()

	def end(self, timeout=PATIENCE):
		"""The engine goes away; the exit status."""
		self.socket.shutdown(socket.SHUT_RDWR)
		return self.process.wait(timeout)

	def stop(self):
		if self.process.poll() is None:
			self.process.kill()
			self.process.wait()
		self.socket.close()
		shutil.rmtree(self.folder, ignore_errors=True)
		atexit.unregister(self.stop)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.stop()


def go_first():
	"""Before everybody else on the machine, with all that is started here, where that is allowed: for tests that are about
	sound, and not about a machine that has too much to do."""
	try:
		os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5))
	except PermissionError:
		print("# without the right to real-time scheduling", flush=True)


HELLO = struct.Struct("<4s5i")


def connect(path):
	sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
	sock.settimeout(PATIENCE)
	end = time.monotonic() + PATIENCE
	while True:
		try:
			sock.connect(path)
			return sock
		except BlockingIOError:         # its queue is full just now
			if time.monotonic() > end:
				raise
			time.sleep(0.001)


class Far:
	"""What the plugin is to spctl-media: the far end of one slot, which says a tone, or another sound again and again, and
	keeps what it hears."""

	def __init__(self, media, slot, tone, rate=8000, level=0.25, channels=1, block_ms=20, sound=None):
		self.tone, self.rate, self.level, self.channels = tone, rate, level, channels
		self.block = rate * block_ms // 1000
		self.sound = sound
		self.slot, self.said, self.packets, self.silent = slot, 0, [], False
		self.changed = threading.Condition()
		self.player = connect(media.audio)
		self.source = connect(media.audio)
		for sock, direction in (self.player, 0), (self.source, 1):
			sock.send(HELLO.pack(b"SP1\0", direction, slot, rate, channels, self.block))
		threading.Thread(target=self._play, daemon=True).start()
		threading.Thread(target=self._hear, daemon=True).start()

	def _play(self):
		try:
			while self.player.recv(16):
				at = self.said + np.arange(self.block)
				self.said += self.block
				if self.sound is None:
					said = np.sin(2 * np.pi * self.tone * at / self.rate) * self.level
				else:
					said = self.sound[at % len(self.sound)]
				block = np.repeat(said * 32767, self.channels)
				self.player.send((block * (not self.silent)).astype("<i2").tobytes())
		except OSError:
			pass

	def _hear(self):
		try:
			while data := self.source.recv(65536):
				with self.changed:
					self.packets.append((time.monotonic(), np.frombuffer(data, "<i2")[::self.channels] / 32768))
					self.changed.notify_all()
		except OSError:
			pass

	def count(self):
		"""Samples heard so far: a place to listen from."""
		return len(self.packets) * self.block

	def heard(self, start=0, samples=None):
		packets = [p for _, p in list(self.packets)]
		return np.concatenate(packets)[start:None if samples is None else start + samples] if packets else np.zeros(0)

	def listen(self, seconds=0.5, skip=0.1, timeout=PATIENCE):
		"""The next so many seconds, after skipping some."""
		start = self.count() + int(skip * self.rate)
		wanted = int(seconds * self.rate)
		with self.changed:
			if not self.changed.wait_for(lambda: self.count() >= start + wanted, timeout + seconds):
				raise TimeoutError(f"slot {self.slot} heard {self.count() - start} of {wanted} samples")
		return self.heard(start, wanted)

	def close(self):
		for sock in self.player, self.source:
			try:
				sock.shutdown(socket.SHUT_RDWR)
			except OSError:
				pass
			sock.close()


def write_wav(path, samples, rate):
	"""16 bit; samples of one channel, or of several as columns."""
	samples = np.asarray(samples)
	with wave.open(path, "wb") as file:
		file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
		file.setsampwidth(2)
		file.setframerate(rate)
		file.writeframes((samples * 32767).astype("<i2").tobytes())
	return path


def tone(freq, seconds, rate, level=0.25):
	return np.sin(2 * np.pi * freq * np.arange(int(seconds * rate)) / rate) * level


class Witness:
	"""Processes, one on each processor, that want to wake every 10 ms and note how late the machine lets them: what is later
	than that for all is no fault of ours."""

	def __init__(self):
		self.processes = [subprocess.Popen([sys.executable, "-Ic", WITNESS, str(cpu)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
						   text=True, bufsize=1) for cpu in sorted(os.sched_getaffinity(0))]
		for process in self.processes:
			process.stdout.readline()

	def worst_ms(self):
		"""The longest that one was kept waiting since the last time this was asked."""
		for process in self.processes:
			process.stdin.write("\n")
		return max(float(process.stdout.readline()) for process in self.processes)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		for process in self.processes:
			process.kill()
			process.wait()
			process.stdin.close()
			process.stdout.close()


CALM_MS = 20                # what the buffers on the way to a far end of ours hold, a Python process included
_witness = None


def calmly(measure, tries=4, good=lambda value: False):
	"""What measure() gives of a while in which the machine kept no process waiting, or of the last of so many: a gap in the sound
	of such a while is ours.  What is good is good in any while."""
	global _witness
	if not _witness:
		_witness = Witness()
		atexit.register(_witness.__exit__)
	for _ in range(tries):
		_witness.worst_ms()
		value = measure()
		worst = _witness.worst_ms()
		if worst < CALM_MS or good(value):
			break
		print(f"# a process had to wait for {worst:.0f} ms", flush=True)
	return value


def die_with_parent():
	ctypes.CDLL(None).prctl(1, signal.SIGKILL)              # PR_SET_PDEATHSIG: a loop without end must not outlive its test


class Load:
	"""`while :` loops beside, each in a session of its own as in another terminal."""

	def __init__(self, count=2):
		self.loops = [subprocess.Popen(["sh", "-c", "while :; do :; done"], start_new_session=True, preexec_fn=die_with_parent)
			      for _ in range(count)]

	def __enter__(self):
		return self

	def __exit__(self, *_):
		for loop in self.loops:
			loop.kill()
			loop.wait()


WITNESS = """
import os, select, sys, time
os.sched_setaffinity(0, [int(sys.argv[1])])
print('ready', flush=True)
worst, due = 0, time.monotonic()
while True:
	due += 0.01
	asked = select.select([0], [], [], max(0, due - time.monotonic()))[0]
	now = time.monotonic()
	worst, due = max(worst, now - due), max(due, now - 0.01)
	if asked:
		if not os.read(0, 99):
			break
		print(worst * 1000, flush=True)
		worst, due = 0, now
"""
