"""phone.py - a call, codec by codec, and sound under load: spctl beside a stock baresip and linphonec.

The far end is a stock baresip that knows one codec, answers, and keeps what it hears.  The callers play a file:
  cost     memory (PSS) and CPU of all processes of the caller, ours with its recording
  glitches with two busy loops beside: the longest gap in the tone at the far end, and how often its phase jumps
linphonec (Debian: linphone-cli) has a folder and a loopback address of its own; without it its cells say so.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import wave

import numpy as np

import spectrum
from desk import BOB, Engine, FarEnd, eventually, furnish
from measure import cpu_seconds, memory_kb
from terminal import LINPHONEC, linphonec

CODECS = (("PCMU", "g711", 8000, 1), ("G722", "g722", 16000, 1), ("opus", "opus", 48000, 2))     # as each one wants its file
SECONDS = 15                    # weighed, and listened to
HZ = 613                        # no whole number of periods in a packet: a lost or doubled one shows
ANNOUNCED = 4                   # seconds in which the far end is told that the call is recorded
GOALS = {"memory": 30, "cpu": 2}


def weigh(pids):
	"""(MB, share of a core in %)"""
	time.sleep(2)
	before, start = sum(map(cpu_seconds, pids)), time.monotonic()
	time.sleep(SECONDS)
	used = sum(map(cpu_seconds, pids)) - before
	return sum(map(memory_kb, pids)) / 1024, used / (time.monotonic() - start) * 100


def tone(path, rate, channels):
	with wave.open(path, "wb") as file:
		file.setparams((channels, 2, rate, 0, "NONE", ""))
		t = np.arange(rate * (SECONDS + 20)) / rate
		file.writeframes(np.repeat(np.sin(2 * np.pi * HZ * t) * 8000, channels).astype("<i2").tobytes())
	return path


class Ours:
	"""An agent of ours in a recorded call."""

	name = "spctl"

	def __init__(self, far, codec, wav):
		self.engine = Engine()
		c = self.engine.client()
		furnish(c, f"sip:anna@{far.ip}", register=False, codecs=codec)
		c.ask("session.login", user="anna", station="s-anna")
		up = c.ask("call.dial", number=BOB, play=wav)
		c.wait_call(up["id"], "active")
		call = eventually(lambda: [x for x in [c.ask("call.show", call=up["id"])] if x["recordings"]], 10, "the recording")[0]
		if codec.lower() not in call["codec"].lower():
			raise RuntimeError(f"this is no call with {codec}: {call}")
		self.parts = [self.engine.process.pid, *self.engine.children("baresip"), *self.engine.children("spctl-media")]

	def pids(self):
		return self.parts

	def stop(self):
		self.engine.stop()


class Bare:
	"""A stock baresip that plays one file and writes another."""

	name = "baresip"

	def __init__(self, stock, far, module, wav):
		self.stock = stock(wav, module)
		self.stock.dial(f"sip:{BOB}@{far.ip}")
		eventually(lambda: "Call established" in far.log(), 10, "the stock baresip's call")

	def pids(self):
		return [self.stock.process.pid]

	def stop(self):
		self.stock.stop()


class Linphone:
	name = "linphonec"

	def __init__(self, far, wav):
		self.folder = tempfile.mkdtemp(prefix="spctl-bench-")
		self.terminal = linphonec(self.folder)
		self.terminal.wait("linphonec> ")
		for line in ("soundcard use files", "codec enable all", f"record {self.folder}/heard.wav", f"call sip:{BOB}@{far.ip}"):
			self.terminal.type(line + "\n")
		eventually(lambda: "Call established" in far.log(), 10, "linphonec's call")
		self.terminal.type(f"play {wav}\n")

	def pids(self):
		return [self.terminal.pid]

	def stop(self):
		self.terminal.close()
		shutil.rmtree(self.folder)


def callers(stock, codec, wav):
	yield lambda far: Ours(far, codec[0], wav)
	yield lambda far: Bare(stock, far, codec[1], wav)
	if LINPHONEC:
		yield lambda far: Linphone(far, wav)


def each(stock, codec, wav, look):
	"""What look(caller, far) says of each caller, by name."""
	found = {}
	for make in callers(stock, codec, wav):
		with FarEnd(modules=(codec[1],), rate=codec[2]) as far:
			caller = make(far)
			try:
				found[caller.name] = look(caller, far)
			finally:
				caller.stop()
	return found


def beside(found, text):
	return "; ".join(f"{name}: " + (text(found[name]) if name in found else "not installed") for name in ("baresip", "linphonec"))


def cost(row, stock, codec, wav):
	found = each(stock, codec, wav, lambda caller, far: weigh(caller.pids()))
	for i, what, unit in ((0, "memory", " MB"), (1, "cpu", " %")):
		ours, bare = found["spctl"][i], found["baresip"][i]
		row(f"{what} in a recorded call, {codec[0]}", f"{ours:.1f}{unit}", beside(found, lambda f: f"{f[i]:.1f}{unit}"),
			f"{ours - bare:.1f}{unit} above", f"≤ {GOALS[what]}{unit} above", ours - bare <= GOALS[what])


def listen(caller, far):
	time.sleep(SECONDS + ANNOUNCED + 2)
	samples, rate = spectrum.load(far.heard())
	heard = (samples[:, 0] if samples.ndim > 1 else samples)[rate * ANNOUNCED:rate * (ANNOUNCED + SECONDS)]
	return spectrum.longest_gap(heard, rate, HZ), spectrum.jumps(heard, rate, HZ)


def glitches(row, stock, wav):
	load = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
	try:
		found = each(stock, CODECS[0], wav, listen)
	finally:
		for process in load:
			process.kill()
			process.wait()
	text = lambda f: f"{f[0]:.0f} ms, {f[1]} jumps"
	row(f"longest gap in {SECONDS} s, two busy loops", text(found["spctl"]), beside(found, text))


def measure(row, stock):
	"""stock: makes the stock baresip that plays this file."""
	with tempfile.TemporaryDirectory(prefix="spctl-bench-") as folder:
		for codec in CODECS:
			wav = tone(os.path.join(folder, f"{codec[0]}.wav"), *codec[2:])
			cost(row, stock, codec, wav)
		glitches(row, stock, os.path.join(folder, "PCMU.wav"))
