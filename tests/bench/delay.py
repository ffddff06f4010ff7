"""delay.py - from the mouth to the ear: spctl beside a stock baresip, both with a simulated sound card (tests/media/card.py).

The far end is a stock baresip with such a card, too.  Each microphone hears a burst at every full second, and each card
notes when it plays what, so that both directions are measured to the sample, all machines' clocks being one.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "media"))
from card import Card                                                   # noqa: E402
from desk import BOB, Engine, eventually, furnish, loopback             # noqa: E402

ROUNDS, SECONDS = 3, 12
GOAL_MS = 30                    # above a stock baresip


class Stock:
	"""A stock baresip at a card; as Debian configures it, but for the modules."""

	def __init__(self, card, dial=None):
		self.ip, self.folder = loopback(), tempfile.mkdtemp(prefix="spctl-bench-")
		with open(f"{self.folder}/config", "w") as file:
			file.write(f"""sip_listen {self.ip}:5060
net_interface {self.ip}
module_path /usr/lib/baresip/modules
audio_player alsa,default
audio_source alsa,default
audio_alert alsa,default
audio_buffer 20-160
jitter_buffer_delay 5-10
audio_path /nonexistent
ringback_disabled yes
statmode_default off
module g711.so
module alsa.so
module_app account.so
module_app menu.so
""")
		with open(f"{self.folder}/accounts", "w") as file:
			file.write(f"<sip:{BOB}@{self.ip}>;regint=0;answermode=auto\n")
		with open(f"{self.folder}/log", "w") as log:
			self.process = subprocess.Popen(["baresip", "-f", self.folder] + (["-e", f"/dial {dial}"] if dial else []),
				stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env={"PATH": os.environ["PATH"], **card.env})
		eventually(lambda: "baresip is ready" in self.log(), 10, "a stock baresip")

	def log(self):
		with open(f"{self.folder}/log", errors="replace") as file:
			return file.read()

	def stop(self):
		self.process.kill()
		self.process.wait()
		shutil.rmtree(self.folder, ignore_errors=True)


class Ours:
	def __init__(self, card, far):
		self.engine = Engine(device="auto", env=card.env)
		c = self.engine.client()
		furnish(c, f"sip:anna@{far.ip}", register=False, codecs="PCMU")
		c.ask("session.login", user="anna", station="s-anna")
		c.wait_call(c.ask("call.dial", number=BOB, record=False)["id"], "active")

	def stop(self):
		self.engine.stop()


def late(card, start):
	"""Milliseconds after the full second at which each burst is played."""
	when, samples = card.timeline()
	loud = when[(np.abs(samples) > 0.1) & (when > start)]
	onsets = loud[np.flatnonzero(np.diff(loud, prepend=0) > 0.3)]
	return onsets % 1 * 1000


def delays(make):
	"""Of each burst (from the caller's mouth to the far ear, from the far mouth to his), in ms."""
	near, there = Card(burst=100, lump=240, behind_plug=True), Card(burst=100, lump=240, behind_plug=True)
	far = Stock(there)
	caller = make(near, far)
	try:
		time.sleep(5)                   # until jitter buffers and cards have settled
		start = time.monotonic()
		time.sleep(SECONDS)
		found = late(there, start), late(near, start)
		if min(map(len, found)) < SECONDS * 0.8:
			raise RuntimeError(f"of {SECONDS} bursts {[len(f) for f in found]} were heard\n{far.log()[-2000:]}")
		return found
	finally:
		caller.stop()
		far.stop()


def go_first():
	"""Both, and all that they start, before other processes, where that is allowed: a busy machine is for phone.py."""
	try:
		os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5))
	except PermissionError:
		pass


def measure(row):
	found = {"bare": [], "ours": []}
	go_first()
	for _ in range(ROUNDS):
		found["bare"].append(delays(lambda card, far: Stock(card, f"sip:{BOB}@{far.ip}")))
		found["ours"].append(delays(Ours))
	os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
	for way, what in enumerate(("agent's mouth to far ear", "far mouth to agent's ear")):
		us, them = (float(np.median(np.concatenate([f[way] for f in found[who]]))) for who in ("ours", "bare"))
		row(what, f"{us:.0f} ms", f"baresip: {them:.0f} ms", f"{us - them:+.0f} ms", f"≤ {GOAL_MS} ms above", us - them <= GOAL_MS)
