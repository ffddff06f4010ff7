"""card.py - simulated sound cards (pcm_fakecard.c), which have a clock of their own; no hardware is needed."""
import os
import subprocess
import tempfile
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
MIC = 613
# in memory where there is any: a card does not wait for a disk
FOLDER = tempfile.TemporaryDirectory(prefix="spctl-card-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
PLUGIN = os.path.join(FOLDER.name, "libasound_module_pcm_fakecard.so")


class Card:
	"""A card, and the environment in which it is the default one; behind ALSA's "plug", which takes any rate, or bare."""

	def __init__(self, present=True, rate=48000, channels=2, pcm="default", behind_plug=False, **settings):
		if not os.path.exists(PLUGIN):
			subprocess.run(["gcc", "-shared", "-fPIC", "-DPIC", "-O1", "-o", PLUGIN, os.path.join(HERE, "pcm_fakecard.c"),
					"-lasound", "-lm"], check=True)
		self.rate, self.channels, self.pcm, self.behind_plug = rate, channels, pcm, behind_plug
		self.folder = tempfile.mkdtemp(dir=FOLDER.name)
		self.name = " ".join(f"{key} {value}" for key, value in settings.items()) + f" rate {rate}"
		self.settings = {"tone": MIC, "rate": rate, "channels": channels, **settings}
		self.env = environment(self)
		self.plug(present)

	def plug(self, there=True):
		path = os.path.join(self.folder, "present")
		if there:
			open(path, "w").close()
		elif os.path.exists(path):
			os.unlink(path)

	def played(self):
		"""What its speaker has played, of one channel."""
		path = os.path.join(self.folder, "speaker")
		data = np.fromfile(path, "<i2") if os.path.exists(path) else np.zeros(0)
		return data[:len(data) // self.channels * self.channels:self.channels] / 32768

	def timeline(self):
		"""The same as (when: seconds of CLOCK_MONOTONIC, sample), two arrays."""
		samples = self.played()
		with open(os.path.join(self.folder, "when")) as file:
			starts = [(int(frame), int(ns) / 1e9) for frame, ns in map(str.split, file)]
		rate = self.rate * (1 + self.settings.get("ppm", 0) / 1e6)
		when = np.zeros(len(samples))
		for frame, second in starts:
			when[frame:] = second + np.arange(len(samples) - frame) / rate
		return when, samples

	def wait_played(self, seconds, start=None):
		"""Waits until it has played so much more, since it had played start samples where that is given, and gives it."""
		start = len(self.played()) if start is None else start
		end = time.monotonic() + seconds + 10
		while len(self.played()) < start + seconds * self.rate:
			assert time.monotonic() < end, "the card plays nothing"
			time.sleep(0.05)
		return self.played()[start:]


def environment(*cards):
	"""In which these are the cards of the machine."""
	path = os.path.join(cards[0].folder, "asound.conf")
	with open(path, "w") as file:
		file.write(f'pcm_type.fakecard {{ lib "{PLUGIN}" }}\n')
		for card in cards:
			bare = f'type fakecard folder "{card.folder}" ' + " ".join(f"{key} {value}" for key, value in card.settings.items())
			shown = f'hint {{ show on description "The {card.pcm}" }}'
			file.write(f"pcm.{card.pcm} {{ type plug slave.pcm {{ {bare} }} {shown} }}\n" if card.behind_plug
				   else f"pcm.{card.pcm} {{ {bare} {shown} }}\n")
	return {"ALSA_CONFIG_PATH": path, "ALSA_PLUGIN_DIR": FOLDER.name}
