#!/usr/bin/python3
"""A card whose microphone hears its speaker: what comes back to who is speaking, with echo cancellation and without."""
import numpy as np

from card import Card
from station import Far, Media, calmly, go_first
import tap

RATE = 8000


def speech(seconds=6):
	"""Something like a voice: harmonics of a gliding pitch, three syllables a second."""
	t = np.arange(seconds * RATE) / RATE
	phase = 2 * np.pi * np.cumsum(140 + 30 * np.sin(2 * np.pi * t / 3)) / RATE
	loud = np.maximum(0, np.sin(2 * np.pi * 3 * t))
	return 0.3 * loud * sum(np.sin(k * phase) / k for k in range(1, 18))


def level(samples):
	return 10 * np.log10(np.mean(np.square(samples)) + 1e-12)


def learned(far, plain):
	"""Levels of each second until it is 15 dB weaker for three in a row.  It learns the room in three seconds, and anew when a
	machine that is late has run the card dry."""
	left = []
	while len(left) < 20 and not (len(left) >= 3 and max(left[-3:]) <= plain - 15):
		left.append(level(far.listen(1, skip=0)))
	return left


@tap.main
def test():
	go_first()
	for what, settings in ("a card", {}), ("a card that hands over lumps", {"lump": 1024, "ppm": 100}):
		card = Card(tone=0, echo=60, **settings)
		with Media(device="auto", env=card.env) as media:
			media.wait("device", state="ok")
			far = Far(media, 0, 0, sound=speech())
			far.listen(1, skip=0)
			plain = level(calmly(lambda: far.listen(1, skip=0)))
			media.do("dsp", noise=False, gain=False, echo=True)
			left = learned(far, plain)
			tap.note(f"{what}: the echo is at {plain:.1f} dB, and of it are left {' '.join(f'{x:.1f}' for x in left)} dB")
			tap.check(f"{what}: without, it is heard", plain > -40, plain)
			tap.check(f"{what}: with, it is weaker by 15 dB at least", max(left[-3:]) <= plain - 15, (plain, left))
			media.do("dsp", noise=False, gain=False, echo=False)
			tap.check(f"{what}: turned off, it is heard again", abs(level(calmly(lambda: far.listen(1, skip=0.3))) - plain) < 3)
			far.close()
