#!/usr/bin/python3
"""spctl-media and sound cards: none, one that drifts and hands over lumps, one that is unplugged and comes back, ringing.

The cards are pcm_fakecard.c, which has a clock of its own; no sound hardware is needed."""
import os
import subprocess
import tempfile
import time

import numpy as np

from station import HERE, Far, Media, Witness, tone, write_wav
import spectrum
import tap

MIC, FAR = 613, 437
HELD_MS = 12                    # a machine that keeps processes waiting for longer may run a card dry
FOLDER = tempfile.TemporaryDirectory(prefix="spctl-card-")
PLUGIN = os.path.join(FOLDER.name, "libasound_module_pcm_fakecard.so")


class Card:
	"""A card, and the environment in which it is the default one."""

	def __init__(self, present=True, rate=48000, channels=2, **settings):
		self.rate, self.channels = rate, channels
		self.folder = tempfile.mkdtemp(dir=FOLDER.name)
		self.name = " ".join(f"{key} {value}" for key, value in settings.items()) + f" rate {rate}"
		settings = dict(settings, tone=MIC, rate=rate, channels=channels)
		conf = os.path.join(self.folder, "asound.conf")
		with open(conf, "w") as file:
			file.write(f'pcm_type.fakecard {{ lib "{PLUGIN}" }}\npcm.default {{ type fakecard folder "{self.folder}" '
					   + " ".join(f"{key} {value}" for key, value in settings.items()) + " }\n")
		self.env = {"ALSA_CONFIG_PATH": conf, "ALSA_PLUGIN_DIR": FOLDER.name}
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

	def wait_played(self, seconds):
		"""Waits until it has played so much more, and gives it."""
		start = len(self.played())
		end = time.monotonic() + seconds + 10
		while len(self.played()) < start + seconds * self.rate:
			assert time.monotonic() < end, "the card plays nothing"
			time.sleep(0.05)
		return self.played()[start:]


def loudness(tone_alone):
	"""dB of its peak, also where its pitch is not quite steady."""
	return 20 * np.log10(np.sqrt(2 * np.mean(tone_alone ** 2)))


def drift():
	"""Cards whose clocks differ from ours by more than any real one's, all at once."""
	cards = [Card(ppm=400, lump=480), Card(ppm=-400, lump=480), Card(ppm=200, lump=1024), Card(ppm=-300, lump=441, rate=44100, channels=1),
			 Card(ppm=100, lump=160, rate=16000, channels=1)]
	medias = [Media(device="auto", env=card.env) for card in cards]
	for media in medias:
		media.wait("device", state="ok")
	fars = [Far(media, 0, FAR) for media in medias]
	before = [media.cpu_seconds() for media in medias]
	fars[0].listen(3)
	starts = [(far.count(), len(card.played())) for far, card in zip(fars, cards)]
	with Witness() as witness:
		fars[0].listen(12, skip=0)
		worst = witness.worst_ms()
	tap.note(f"a process had to wait for {worst:.0f} ms at worst")
	gap_ms, most_jumps = (0, 0) if worst < HELD_MS else (100, 3)
	results = []
	for card, media, far, (start, start_played), cpu in zip(cards, medias, fars, starts, before):     # nothing is computed while they run
		results.append((card, far.heard(start), card.played()[start_played:], (media.cpu_seconds() - cpu) / 15 * 100, media.matching("device")))
		far.close()
	for media in medias:
		media.stop()
	for card, heard, played, cpu, said in results:
		name = card.name
		tap.note(f"{name}: {cpu:.1f} % of a core")
		for what, samples, rate, freq in ("the microphone", heard, 8000, MIC), ("the speaker", played, card.rate, FAR):
			told = spectrum.describe(samples, rate, freq)
			tap.check(f"{name}: {what} is heard with no gap over {gap_ms} ms and {most_jumps} jumps at most",
					  abs(told["hz"] - freq) < 2 and told["clear_db"] > 40 and told["gap_ms"] <= gap_ms and told["jumps"] <= most_jumps, told)
			tap.check(f"{name}: {what} is as loud as it was", abs(loudness(samples) + 12) < 0.3, loudness(samples))
		tap.check(f"{name}: the speaker played as long as the call took", abs(len(played) / card.rate - len(heard) / 8000) < 0.4,
				  (len(played) / card.rate, len(heard) / 8000))
		tap.equal(f"{name}: nothing more was said of it", len(said), 1)


def absent():
	card = Card(present=False)
	with Media(device="auto", env=card.env) as media:
		event = media.wait("device")
		tap.check("a card that is not there is told once, with a sentence",
				  event["state"] == "none" and event["name"] == "default" and "No such device" in event["text"], event)
		wav = write_wav(media.path("agent.wav"), tone(853, 10, 8000), 8000)
		far = Far(media, 0, FAR)
		tap.check("a call has silence for a microphone", np.abs(far.listen(0.5)).max() == 0)
		media.do("play", slot=0, path=wav)
		tap.equal("and files are heard without a gap", spectrum.longest_gap(far.listen(3), 8000, 853), 0)
		tap.equal("looking for the card again is quiet", len(media.matching("device")), 1)
		media.do("call_start", slot=0)
		card.plug()
		event = media.wait("device", nth=2)
		tap.equal("plugged in, it is told", event["state"], "ok")
		tap.check("and heard", abs((spectrum.strongest(far.listen(0.5, skip=0.3), 8000)[0] or 0) - MIC) < 2)
		far.close()


def unplugged():
	card = Card(lump=480)
	with Media(device="auto", env=card.env) as media:
		far = Far(media, 0, FAR)
		tap.check("the microphone is heard", abs((spectrum.strongest(far.listen(0.5, skip=0.3), 8000)[0] or 0) - MIC) < 2)
		media.do("record_start", slot=0, path=media.path("call.flac"))
		for turn in 1, 2:
			card.plug(False)
			event = media.wait("device", nth=2 * turn)
			tap.check(f"unplugged ({turn}), it is told", event["state"] == "lost", event)
			tap.check(f"unplugged ({turn}), the far end hears silence", np.abs(far.listen(0.5, skip=0.3)).max() == 0)
			began = time.monotonic()
			card.plug()
			tap.equal(f"plugged in again ({turn}), it is told", media.wait("device", nth=2 * turn + 1)["state"], "ok")
			tap.check(f"plugged in again ({turn}), within three seconds", time.monotonic() - began < 3)
			tap.check(f"plugged in again ({turn}), the microphone is heard",
					  abs((spectrum.strongest(far.listen(0.5, skip=0.3), 8000)[0] or 0) - MIC) < 2)
			played = card.wait_played(1)[card.rate // 3:]
			tap.check(f"plugged in again ({turn}), the speaker plays", spectrum.longest_gap(played, card.rate, FAR) == 0)
		media.do("record_stop", slot=0)
		samples, rate = spectrum.load(media.path("call.flac"))
		part = samples[rate // 2:, 1]
		tap.equal("the far end's side of the recording has no gap and no jump",
				  (spectrum.longest_gap(part, rate, FAR), spectrum.jumps(part, rate, FAR)), (0, 0))
		far.close()


def ringing():
	card = Card()
	with Media(device="auto", env=card.env) as media:
		media.wait("device", state="ok")
		time.sleep(0.2)
		before = len(card.played())
		time.sleep(0.3)
		tap.equal("without a call the card is left alone", len(card.played()), before)
		far = Far(media, 0, FAR)
		far.silent = True
		media.do("play", slot=0, path=write_wav(media.path("silence.wav"), np.zeros(80000), 8000))
		media.do("ring", kind="ringback")
		played = card.wait_played(3)[card.rate // 2:]
		levels = [spectrum.level_at(played[:card.rate], card.rate, hz) for hz in (440, 480)]
		tap.check("the card rings with 440 and 480 Hz", all(abs(db + 22) < 2 for db in levels), levels)
		tap.check("then pauses", np.abs(played[-card.rate // 2:]).max() < 1e-3)
		tap.check("the far end hears nothing of it", np.abs(far.heard()).max() == 0)
		media.do("ring", kind="incoming")
		played = card.wait_played(1.5)[card.rate // 2:]
		tap.check("an incoming call rings otherwise", spectrum.level_at(played, card.rate, 660) > -30)
		media.do("ring", kind="off")
		tap.check("off is silent", np.abs(card.wait_played(1)[card.rate // 2:]).max() < 1e-3)
		media.do("call_stop", slot=0)
		far.close()
		media.do("ring", kind="ringback")
		tap.check("it rings without a call, too", spectrum.level_at(card.wait_played(1.5)[card.rate // 2:card.rate], card.rate, 440) > -30)


def standing_still():
	card = Card()
	with Media(device="auto", env=card.env) as media:
		far = Far(media, 0, FAR)
		far.listen(0.5)
		open(os.path.join(card.folder, "stuck"), "w").close()
		tap.equal("a card that stands still is given up", media.wait("device", state="lost", timeout=6)["state"], "lost")
		os.unlink(os.path.join(card.folder, "stuck"))
		media.wait("device", state="ok", nth=len(media.matching("device", state="ok")) + 1)
		tap.check("and used again when it runs", abs((spectrum.strongest(far.listen(0.5, skip=0.5), 8000)[0] or 0) - MIC) < 2)
		far.close()


@tap.main
def test():
	subprocess.run(["gcc", "-shared", "-fPIC", "-DPIC", "-O1", "-o", PLUGIN, os.path.join(HERE, "pcm_fakecard.c"), "-lasound", "-lm"], check=True)
	absent()
	unplugged()
	ringing()
	standing_still()
	drift()
